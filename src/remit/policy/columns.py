"""Records of one kind as columns: what a decoder makes, and what narrow, decide and the journal pass on."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, repeat
from typing import Any, TypeVar

import msgspec

from remit.policy.words import Item, Kind, Value

T = TypeVar("T")
_COMPARED = {str, int, tuple}

Column = Sequence[Value | None]
"""One item's values, one per record; None where the record does not bear it."""


def is_borne(column: Column) -> bool:
    """Whether some record bears a value. The first tells mostly; to compare texts with None takes its time."""
    return column[0] is not None or column.count(None) < len(column)


def is_one(column: Column) -> bool:
    """Whether all records bear the same text, or none does; of numbers True equals 1, so of them nothing is said."""
    first = column[0] if column else 0
    return (first is None or type(first) is str) and column.count(first) == len(column)


def each(column: Sequence[Any], made: Callable[[Any], T]) -> list[T | None]:
    """What is made of each value, None of None; made once of values that are the same.

    Only of texts, whole numbers and tuples: of others, such as True and 1, equal ones need not be the same.
    """
    if column and type(column[0]) is str and is_one(column):
        return [made(column[0])] * len(column)
    types = set(map(type, column)) - {type(None)}
    if len(types) > 1 or not types <= _COMPARED:
        return [None if value is None else made(value) for value in column]
    found = {value: None if value is None else made(value) for value in dict.fromkeys(column)}
    return [found[value] for value in column]


class Rows(msgspec.Struct, frozen=True):
    """``size`` records' values as columns. A column of one text stands for all; what none bears has no column."""

    size: int
    columns: Mapping[Item, Column]

    @classmethod
    def of(cls, columns: Mapping[Item, Column], size: int) -> "Rows":
        """The rows of columns, each of which has ``size`` entries."""
        told = {item: column[:1] if is_one(column) else column for item, column in columns.items() if is_borne(column)}
        return cls(size, told)

    @classmethod
    def made(cls, rows: Sequence[Mapping[Item, Value]]) -> "Rows":
        """The rows of records, each by itself."""
        items = dict.fromkeys(chain.from_iterable(rows))
        return cls.of({item: [row.get(item) for row in rows] for item in items}, len(rows))

    def __len__(self) -> int:
        return self.size

    def __iter__(self) -> Iterator[dict[Item, Value]]:
        columns = self.columns.values()
        whole = [column if len(column) == self.size else repeat(column[0], self.size) for column in columns]
        for row in zip(*whole, strict=True) if whole else repeat((), self.size):
            yield {item: value for item, value in zip(self.columns, row, strict=True) if value is not None}


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """``size`` records of one kind from one request; every column has ``size`` entries.

    ``messages`` are the protocol's message ids ('' where it has none). ``weights`` say how many
    happenings each record stands for (1, but for aggregates): its measures are those of each of them. ``refused`` and
    ``unasked`` hold one bit per purpose, in policy order (and the second those of the plan's ``readings``): what had
    been refused, and what had no consent, when the record arrived; a later judgement may add bits, never clear them.
    ``granted`` are masks of purposes that choice tokens grant. ``countries`` are codes, '' where it is not known.
    ``signals`` are masks of purposes that the records themselves refuse, and ``choices`` their own choice tokens, None
    where one has none; both are heard at intake, and do not travel. None stands for a column of the neutral value.
    """

    kind: Kind
    size: int
    columns: Mapping[Item, Column]
    messages: Sequence[str] | None = None
    weights: Sequence[int] | None = None
    refused: Sequence[int] | None = None
    unasked: Sequence[int] | None = None
    granted: Sequence[int] | None = None
    countries: Sequence[str] | None = None
    signals: Sequence[int] | None = None
    choices: Sequence[str | None] | None = None

    def only(self, indices: Sequence[int]) -> "Batch":
        """The records at these positions, in this order."""

        def pick(column: Sequence[T] | None) -> list[T] | None:
            return None if column is None else [column[i] for i in indices]

        return Batch(
            kind=self.kind,
            size=len(indices),
            columns={item: [column[i] for i in indices] for item, column in self.columns.items()},
            messages=pick(self.messages),
            weights=pick(self.weights),
            refused=pick(self.refused),
            unasked=pick(self.unasked),
            granted=pick(self.granted),
            countries=pick(self.countries),
            signals=pick(self.signals),
            choices=pick(self.choices),
        )


def joined(batches: Sequence[Batch]) -> Batch:
    """The records of several batches of one kind, in their order."""
    if len(batches) == 1:
        return batches[0]
    items = dict.fromkeys(chain.from_iterable(batch.columns for batch in batches))
    return Batch(
        kind=batches[0].kind,
        size=sum(batch.size for batch in batches),
        columns={item: _end_to_end([batch.columns.get(item) for batch in batches], batches, None) for item in items},
        messages=_joined([batch.messages for batch in batches], batches, ""),
        weights=_joined([batch.weights for batch in batches], batches, 1),
        refused=_joined([batch.refused for batch in batches], batches, 0),
        unasked=_joined([batch.unasked for batch in batches], batches, 0),
        granted=_joined([batch.granted for batch in batches], batches, 0),
        countries=_joined([batch.countries for batch in batches], batches, ""),
        signals=_joined([batch.signals for batch in batches], batches, 0),
        choices=_joined([batch.choices for batch in batches], batches, None),
    )


def _joined(parts: Sequence[Sequence[T] | None], batches: Sequence[Batch], neutral: T) -> list[T] | None:
    return _end_to_end(parts, batches, neutral) if any(part is not None for part in parts) else None


def _end_to_end(parts: Sequence[Sequence[T] | None], batches: Sequence[Batch], neutral: T) -> list[T]:
    whole: list[T] = []
    for part, batch in zip(parts, batches, strict=True):
        whole.extend([neutral] * batch.size if part is None else part)
    return whole
