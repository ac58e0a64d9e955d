"""Which uses of which records are barred: a law and two masks of purposes per record.

narrow (at intake) and decide (at the divider) judge with the same words: a use is barred if the law that may hold for
the record forbids its item, if any subject of the record refused its purpose, or if it needs a yes and no subject
gave it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from remit.policy.choices import Choices
from remit.policy.columns import Batch
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


def _names_in(plan: Plan, batch: Batch) -> list[tuple[Name, ...]]:
    """Each record's well-formed identifiers, strongest first."""
    found: list[list[Name]] = [[] for _ in range(batch.size)]
    for item in plan.tables[batch.kind].names:
        entry, column = plan.catalogue[item], batch.columns.get(item)
        if column is None:
            continue
        forms: dict[object, str] = {}
        for names, value in zip(found, column, strict=True):
            if value is None:
                continue
            key = (type(value), value)  # True == 1, yet only one of them is an identifier
            if key not in forms:
                forms[key] = entry.form(value)
            if forms[key]:
                names.append(Name(item, forms[key]))
    return [tuple(names) for names in found]


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
    names = _names_in(plan, batch)
    laws = [plan.laws.of(country) for country in countries_in(plan, batch)]
    said: dict[tuple[Name, ...], tuple[int, int]] = {}
    for key in set(names):
        answers = [choices.said(name.item, name.form) for name in key]
        refused = granted = 0
        for answer in answers:
            refused |= answer.refused
            granted |= answer.granted
        granted |= sum(reading for bit, reading in plan.readings if granted & bit)
        said[key] = refused, granted
    before_refused = batch.refused or [0] * batch.size
    before_unasked = batch.unasked or [0] * batch.size
    return Bars(
        names=names,
        laws=laws,
        refused=[said[key][0] | old for key, old in zip(names, before_refused, strict=True)],
        unasked=[
            plan.consents[law.number] & ~said[key][1] | old
            for key, law, old in zip(names, laws, before_unasked, strict=True)
        ],
    )
