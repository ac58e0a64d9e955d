"""Which of a body's own paths gave which item of which record: to be shown, never on the way of a record."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from remit.policy.words import Item, Kind
from remit.wire.decoder import Field, walk


class Record(NamedTuple):
    """The ``row``-th record of its kind among what was decoded."""

    kind: Kind
    row: int


class Origin(NamedTuple):
    """What one path of a body was read for.

    With a record, the path bears this item of it, and was taken, unless ``why`` says for what it was passed over.
    Without a record, ``why`` says what the protocol itself reads there, or, where an item is named, why it may not.
    """

    path: str
    why: str = ""
    item: Item | None = None
    record: Record | None = None


Place = Callable[[str], str]
"""From a path as a protocol's table spells it to the body's own."""


def within(place: str) -> Place:
    """The place of what stands in one part of a body; '' is the body itself."""
    return lambda path: f"{place}.{path}" if place else path


def own(words: Iterable[tuple[str, str]], place: Place) -> Iterator[Origin]:
    """What a protocol needs for itself, by path."""
    for path, why in words:
        yield Origin(place(path), why)


def taken(node: object, fields: Sequence[Field], record: Record, *, place: Place) -> Iterator[Origin]:
    """Of each field, the first path that bears a value was taken; the others were passed over."""
    for one in fields:
        present = [place(path) for path in one.paths if walk(node, path) is not None]
        for path in present:
            yield Origin(path, "" if path == present[0] else instead(one.item, present[0]), one.item, record)


def instead(item: Item, path: str) -> str:
    """Why a path was passed over."""
    return f"{item} was read from {path}"
