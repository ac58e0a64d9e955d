"""What intake may do: drop what need not travel. It never adds, and never says yes.

A value goes when every use of it is barred; a record goes when nothing in it is left to do. The uses
that end here are tallied here; all others are tallied by decide, so that each is counted once.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import msgspec

from remit.policy.choices import NO_CHOICES, Choices
from remit.policy.columns import Batch, Column, is_borne
from remit.policy.judge import Bar, Bars, bars, countries_in
from remit.policy.plan import Plan, Table
from remit.policy.signals import SILENCE, Heard
from remit.policy.split import Tally, TallyKey
from remit.policy.words import Fate, Item, Kind, Reason, Value

REMEMBERED_MAX = 1_000
"""For how many combinations of masks the ends are remembered: people choose alike, so few are met."""


NOTHING: Mapping[Reason, int] = MappingProxyType({})
"""Of most requests nothing ends at intake."""


class Narrowed(NamedTuple):
    """What travels on (None when nothing does), and the ends of what does not.

    ``told`` is of each request how many uses of values ended, by reason, as they would if nobody had chosen anything:
    all that a reply may tell. ``outweighed`` is of how many records a choice outweighed a signal.
    """

    batch: Batch | None
    tally: Tally
    told: Sequence[Mapping[Reason, int]]
    outweighed: int


class _Ends(NamedTuple):
    """What may happen to records under one law and masks: whether they count as such, and which items go on.

    ``ends`` are the ends of the items that do not, one for each of their uses.
    """

    counts: bool
    ends: dict[Item, tuple[TallyKey, ...]]


class _Part(NamedTuple):
    """Records of a batch that are barred alike, what then ends of them, and those in which something is left to do."""

    bar: Bar
    ends: _Ends
    alike: Sequence[int]
    going: Sequence[int]


class Narrower:
    """Narrows the batches of one plan, and remembers what masks mean for it."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._known: dict[tuple[Kind, int, int, int], _Ends] = {}

    def narrow(
        self, batch: Batch, choices: Choices, heard: Heard = SILENCE, *, requests: Sequence[int] | None = None
    ) -> Narrowed:
        """The batch with fewer columns, values and records, and what was barred written beside it.

        ``requests`` says how many of the records are of each request, in their order; without it, all are of one.
        """
        plan, requests = self._plan, requests or [batch.size]
        known = {item: column for item, column in batch.columns.items() if item in plan.tables[batch.kind].items}
        countries = countries_in(plan, batch) if plan.laws.abroad else batch.countries
        signals, granted = _with(heard.specific, batch.signals, batch), _with(heard.granted, batch.granted, batch)
        batch = msgspec.structs.replace(batch, columns=known, countries=countries, signals=signals, granted=granted)
        barred = strangers = bars(plan, batch, choices, general=heard.general)
        if any(bar.chosen for bar in barred.bars):
            strangers = bars(plan, batch, NO_CHOICES, general=heard.general)
        parts = self._parts(batch, barred)
        kept, tally = self._left(batch, barred, parts)
        told = self._told(batch, parts if strangers is barred else self._parts(batch, strangers), requests)
        return Narrowed(kept, tally, told, sum(len(part.alike) for part in parts if part.bar.outweighed))

    def _parts(self, batch: Batch, barred: Bars) -> list[_Part]:
        parts = []
        for bar, alike in barred.alike():
            ends = self._ends(batch.kind, bar)
            parts.append(_Part(bar, ends, alike, _going(batch.columns, ends, alike)))
        return parts

    def _told(self, batch: Batch, parts: Sequence[_Part], requests: Sequence[int]) -> Sequence[Mapping[Reason, int]]:
        told = dict[int, Counter[Reason]]()
        names = self._plan.tables[batch.kind].names
        whose = [number for number, n in enumerate(requests) for _ in range(n)] if len(requests) > 1 else None
        for _, ends, alike, going in parts:
            for item in batch.columns.keys() & ends.ends.keys():
                reasons = [one.reason for one in ends.ends[item] if one.reason]
                gone = _gone(batch.columns[item], alike, going if item in names else ())
                by_request = {0: len(gone)} if whose is None else Counter([whose[i] for i in gone])
                for number, n in by_request.items() if gone else ():
                    of = told.setdefault(number, Counter())
                    for reason in reasons:
                        of[reason] += n
        return [told.get(number, NOTHING) for number in range(len(requests))]

    def _left(self, batch: Batch, barred: Bars, parts: Sequence[_Part]) -> tuple[Batch | None, Tally]:
        table, tally = self._plan.tables[batch.kind], Tally()
        columns, travelling = dict(batch.columns), list[int]()
        for _, ends, alike, going in parts:
            travelling += going
            for item in [one for one in columns if one in ends.ends]:
                # A name stays while its record travels: the divider asks the ledger again, and needs to know whom.
                stay = going if item in table.names else ()
                columns[item], n = _without(columns[item], alike, stay)
                for one in ends.ends[item] if n else ():
                    tally[one] += n
        if not travelling:
            return None, tally
        kept = msgspec.structs.replace(
            batch,
            columns={item: column for item, column in columns.items() if is_borne(column)},
            refused=barred.refused if any(bar.refused for bar in barred.bars) else None,
            unasked=barred.unasked if any(bar.unasked for bar in barred.bars) else None,
            granted=batch.granted if batch.granted and any(batch.granted) else None,
            signals=None,
            choices=None,
        )
        return kept.only(sorted(travelling)) if len(travelling) < batch.size else kept, tally

    def _ends(self, kind: Kind, bar: Bar) -> _Ends:
        key = kind, bar.law.number, bar.refused, bar.unasked
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= REMEMBERED_MAX:
                self._known.clear()
            found = self._known[key] = _made(self._plan, self._plan.tables[kind], bar)
        return found


def _with(mask: int, masks: Sequence[int] | None, batch: Batch) -> Sequence[int] | None:
    """Each record's mask, and that of its request."""
    return [mask | one for one in masks or [0] * batch.size] if mask else masks


def _made(plan: Plan, table: Table, bar: Bar) -> _Ends:
    ends = {}
    for item in table.items:
        uses = table.uses.get(item, ())
        reasons = [bar.of(use) for use in uses]
        if None not in reasons:
            ends[item] = tuple(
                TallyKey(plan.app.name, item, use.purpose, Fate.DROPPED, reason)
                for use, reason in zip(uses, reasons, strict=True)
            )
    return _Ends(any(feed.counts and bar.of(feed.gate) is None for feed in table.feeds), ends)


def _going(known: Mapping[Item, Column], ends: _Ends, alike: Sequence[int]) -> Sequence[int]:
    """Those of these records in which something is left to do."""
    left = [column for item, column in known.items() if item not in ends.ends]
    if ends.counts or any(None not in column for column in left):
        return alike
    return [i for i in alike if any(column[i] is not None for column in left)]


def _gone(column: Column, alike: Sequence[int], stay: Sequence[int]) -> Sequence[int]:
    """Where a value goes: of those of these records that bear one, all but those that stay."""
    if len(stay) == len(alike):
        return ()
    stays = frozenset(stay)
    return [i for i in alike if column[i] is not None and i not in stays]


def _without(column: Column, those: Sequence[int], stay: Sequence[int]) -> tuple[Column, int]:
    """The column without the values of those records, less the ones that stay, and how many values went."""
    if len(those) == len(column) and not stay:
        return [None] * len(column), len(column) - column.count(None)
    going = set(those).difference(stay)
    n = sum(column[i] is not None for i in going)
    if not n:
        return column, 0
    left: list[Value | None] = [None if i in going else value for i, value in enumerate(column)]
    return left, n
