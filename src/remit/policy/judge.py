"""Which uses of which records are barred: a law and two masks of purposes per record.

narrow (at intake) and decide (at the divider) judge with the same words: a use is barred if the law that may hold for
the record forbids its item, or bars it from that purpose, if any subject of the record refused its purpose, or if it
needs a yes and no subject gave it.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from remit.policy.choices import SILENT, Choices, Said
from remit.policy.columns import Batch, Column, is_one
from remit.policy.plan import Plan, Use
from remit.policy.regions import UNKNOWN, Law, country_told
from remit.policy.split import Name
from remit.policy.values import Form
from remit.policy.words import Item, Reason


class Bar(NamedTuple):
    """What is barred of records that are judged alike: their names, strongest first, their law, a bit per purpose.

    Behind those of the purposes ``unasked`` has the bits of the plan's ``readings``. ``outweighed`` are purposes that a
    signal refuses, and that a choice, which was proved and names them, had granted. ``chosen`` is whether the ledger
    has a choice of any of the names.
    """

    names: tuple[Name, ...]
    law: Law
    refused: int
    unasked: int
    outweighed: int = 0
    chosen: bool = False

    def owners(self) -> tuple[Name, ...]:
        """The names under which something may be kept, strongest first."""
        forbidden = self.law.forbidden
        return tuple(name for name in self.names if name.item not in forbidden) if forbidden else self.names

    def of(self, use: Use) -> Reason | None:
        """Why this use may not happen; None when it may."""
        law = self.law
        if use.item in law.forbidden or (law.barred and (use.item, use.purpose) in law.barred):
            return Reason.FORBIDDEN
        return use.barred(self.refused, self.unasked)


class Bars(NamedTuple):
    """The bars of a batch, and which of them each record has: one device sends many records that differ in none."""

    bars: Sequence[Bar]
    which: Sequence[int]

    @property
    def laws(self) -> list[Law]:
        """Each record's law."""
        return [self.bars[at].law for at in self.which]

    @property
    def refused(self) -> list[int]:
        """Each record's mask of purposes that one of its subjects refused."""
        return self._each([bar.refused for bar in self.bars])

    @property
    def unasked(self) -> list[int]:
        """Each record's mask of what needs a yes and has none."""
        return self._each([bar.unasked for bar in self.bars])

    def _each(self, masks: Sequence[int]) -> list[int]:
        return [*masks] * len(self.which) if len(masks) == 1 else [masks[at] for at in self.which]

    def alike(self) -> Iterator[tuple[Bar, Sequence[int]]]:
        """One of the bars that differ in nothing but names, and the positions of their records.

        A server sends for many, of whom few chose anything: what bars nothing else is looked at once.
        """
        first: dict[tuple[int, int, int, int], int] = {}
        group = [
            first.setdefault((bar.law.number, bar.refused, bar.unasked, bar.outweighed), number)
            for number, bar in enumerate(self.bars)
        ]
        if len(first) == 1:
            yield self.bars[0], range(len(self.which))
            return
        found: dict[int, list[int]] = {number: [] for number in first.values()}
        for i, at in enumerate(self.which):
            found[group[at]].append(i)
        yield from ((self.bars[number], alike) for number, alike in found.items())

    @property
    def owners(self) -> list[tuple[Name, ...]]:
        """The names under which something of each record may be kept, strongest first."""
        owners = [bar.owners() for bar in self.bars]
        return [owners[at] for at in self.which]

    def ownerless(self, use: Use) -> list[Reason | None]:
        """Why this use of each record may not keep anything, beyond what its own rule says. There is nothing more."""
        del use
        return [None] * len(self.which)

    def reasons(self, use: Use) -> list[Reason | None]:
        """Why this use of each record may not happen; None when it may."""
        reasons = [bar.of(use) for bar in self.bars]
        return reasons * len(self.which) if len(reasons) == 1 else [reasons[at] for at in self.which]


def countries_in(plan: Plan, batch: Batch) -> Sequence[str]:
    """Each record's country, as it was when it arrived: what told it may not have travelled."""
    if batch.countries is not None or not plan.laws.abroad:
        return batch.countries or [UNKNOWN] * batch.size
    columns = {item: batch.columns[item] for item in plan.tables[batch.kind].region if item in batch.columns}
    if all(map(is_one, columns.values())):
        keys, times = [tuple(column[0] for column in columns.values())], batch.size
    else:
        keys, times = list(zip(*columns.values(), strict=True)), 1
    told = {}
    for key in dict.fromkeys(keys):
        record = {item: value for item, value in zip(columns, key, strict=True) if value is not None}
        told[key] = country_told(plan.catalogue, columns, record)
    return [told[key] for key in keys] * times


def bars(plan: Plan, batch: Batch, choices: Choices, *, general: int = 0) -> Bars:
    """What is barred now, and what was barred when the record arrived: bits are only ever added.

    ``general`` are purposes that the request refuses by signals that choices may outweigh.
    """
    items = [item for item in plan.tables[batch.kind].names if item in batch.columns]
    none = [0] * batch.size
    masks = [
        countries_in(plan, batch),
        *(mask or none for mask in (batch.refused, batch.unasked, batch.granted, batch.signals)),
    ]
    names = [batch.columns[item] for item in items]
    alike = batch.size and all(map(is_one, names))
    if alike and all(mask is none or mask.count(mask[0]) == batch.size for mask in masks):
        keys = [tuple(column[0] for column in (*masks, *names))]
    else:
        keys = _told_apart(names, masks)
    found = list(dict.fromkeys(keys))
    if len(found) == 1:
        which = none
    else:
        at = {key: number for number, key in enumerate(found)}
        which = [at[key] for key in keys]
    forms = [(item, plan.catalogue[item].type.form) for item in items]
    return Bars([_bar(plan, forms, (general, *key), choices=choices) for key in found], which)


def _told_apart(names: Sequence[Column], masks: Sequence[Sequence[Any]]) -> list[tuple[Any, ...]]:
    """Of each record its masks and identifiers; and their types, where some are no texts: True == 1, which is none."""
    texts = {str, type(None)}
    if all(texts.issuperset(map(type, column)) for column in names):
        return list(zip(*masks, *names, strict=True))
    return list(zip(*masks, *names, *(map(type, column) for column in names), strict=True))


def _bar(plan: Plan, forms: Sequence[tuple[Item, Form]], key: tuple[Any, ...], *, choices: Choices) -> Bar:
    general, country, refused, unasked, granted, signals, *values = key
    told = zip(forms, values, strict=False)
    names = tuple([Name(item, text) for (item, form), value in told if value is not None and (text := form(value))])
    law, said = plan.laws.of(country), _said(names, choices)
    granted |= said.granted
    outweighed = 0 if law.final else general & granted & ~said.refused
    refused |= said.refused | signals | general & ~outweighed
    unasked |= plan.consents[law.number] & ~_agreed(plan, granted)
    return Bar(names, law, refused, unasked, outweighed, said != SILENT)


def _said(names: Sequence[Name], choices: Choices) -> Said:
    """What was said under any of these names: any refusal wins, one grant is enough."""
    refused = granted = 0
    for name in names:
        answer = choices.said(name.item, name.form)
        refused |= answer.refused
        granted |= answer.granted
    return Said(granted, refused) if granted or refused else SILENT


def _agreed(plan: Plan, granted: int) -> int:
    """Purposes with a yes, and the readings of devices that wait for one."""
    return granted | sum(reading for bit, reading in plan.readings if granted & bit) if granted else 0
