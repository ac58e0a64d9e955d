"""Which uses of which records are barred: a law and two masks of purposes per record.

narrow (at intake) and decide (at the divider) judge with the same words: a use is barred if the law that may hold for
the record forbids its item, if any subject of the record refused its purpose, or if it needs a yes and no subject
gave it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from remit.policy.choices import Choices, Said
from remit.policy.columns import Batch, Column
from remit.policy.plan import Plan, Use
from remit.policy.regions import UNKNOWN, Law, country_told
from remit.policy.split import Name
from remit.policy.words import Reason, Value


@dataclass(frozen=True, slots=True)
class Bars:
    """For each record its names, strongest first, its law, and one bit per purpose, in policy order.

    Behind those of the purposes ``unasked`` has the bits of the plan's ``readings``.
    """

    names: Sequence[tuple[Name, ...]]
    laws: Sequence[Law]
    refused: Sequence[int]
    unasked: Sequence[int]

    def alike(self) -> dict[tuple[int, int, int], Sequence[int]]:
        """The positions of the records that are judged alike, by the number of their law and their masks."""
        keys = list(zip([law.number for law in self.laws], self.refused, self.unasked, strict=True))
        if len(set(keys)) == 1:
            return {keys[0]: range(len(keys))}
        found: dict[tuple[int, int, int], list[int]] = {}
        for i, key in enumerate(keys):
            found.setdefault(key, []).append(i)
        return dict(found)

    def owners(self, i: int) -> tuple[Name, ...]:
        """The names under which something of record ``i`` may be kept, strongest first."""
        forbidden = self.laws[i].forbidden
        return tuple(name for name in self.names[i] if name.item not in forbidden) if forbidden else self.names[i]

    def ownerless(self, use: Use, i: int) -> Reason | None:
        """Why this use of record ``i`` may not keep anything, beyond what its own rule says. There is nothing more."""

    def of(self, use: Use, i: int) -> Reason | None:
        """Why this use of record ``i`` may not happen; None when it may."""
        if use.item in self.laws[i].forbidden:
            return Reason.FORBIDDEN
        return use.barred(self.refused[i], self.unasked[i])


def _names_in(plan: Plan, batch: Batch) -> tuple[list[tuple[Name, ...]], Sequence[int]]:
    """The identifiers that records bear together, strongest first and well-formed; and which of these each has."""
    columns = {item: batch.columns[item] for item in plan.tables[batch.kind].names if item in batch.columns}
    if not columns:
        return [()], [0] * batch.size
    keys = _told_apart(list(columns.values()))
    found: dict[tuple[Name, ...], int] = {}
    which: dict[tuple[Any, ...], int] = {}
    for key in dict.fromkeys(keys):
        told = [(item, value) for item, value in zip(columns, key, strict=False) if value is not None]
        names = tuple(Name(item, form) for item, value in told if (form := plan.catalogue[item].form(value)))
        which[key] = found.setdefault(names, len(found))
    return list(found), [which[key] for key in keys]


def _told_apart(columns: Sequence[Column]) -> list[tuple[Any, ...]]:
    """Each record's values; behind them their types, where some are no texts: True == 1, yet one is an identifier."""
    texts = {str, type(None)}
    if all(texts.issuperset(map(type, column)) for column in columns):
        return list(zip(*columns, strict=True))
    return list(zip(*columns, *(map(type, column) for column in columns), strict=True))


def countries_in(plan: Plan, batch: Batch) -> Sequence[str]:
    """Each record's country, as it was when it arrived: what told it may not have travelled."""
    if batch.countries is not None or not plan.laws.abroad:
        return batch.countries or [UNKNOWN] * batch.size
    columns = {item: batch.columns[item] for item in plan.tables[batch.kind].region if item in batch.columns}
    told: dict[tuple[Value | None, ...], str] = {}
    for key in zip(*columns.values(), strict=True):
        if key not in told:
            record = {item: value for item, value in zip(columns, key, strict=True) if value is not None}
            told[key] = country_told(plan.catalogue, columns, record)
    return [told[key] for key in zip(*columns.values(), strict=True)] or [UNKNOWN] * batch.size


def bars(plan: Plan, batch: Batch, choices: Choices) -> Bars:
    """What is barred now, and what was barred when the record arrived: bits are only ever added."""
    names, which = _names_in(plan, batch)
    laws = [plan.laws.of(country) for country in countries_in(plan, batch)]
    said = [_said(plan, one, choices) for one in names]
    before_refused = batch.refused or [0] * batch.size
    before_unasked = batch.unasked or [0] * batch.size
    return Bars(
        names=[names[at] for at in which],
        laws=laws,
        refused=[said[at].refused | old for at, old in zip(which, before_refused, strict=True)],
        unasked=[
            plan.consents[law.number] & ~said[at].granted | old
            for at, law, old in zip(which, laws, before_unasked, strict=True)
        ],
    )


def _said(plan: Plan, names: Sequence[Name], choices: Choices) -> Said:
    """What was said under any of these names: any refusal wins, one grant is enough."""
    refused = granted = 0
    for name in names:
        answer = choices.said(name.item, name.form)
        refused |= answer.refused
        granted |= answer.granted
    return Said(granted | sum(reading for bit, reading in plan.readings if granted & bit), refused)
