"""Which uses of which records are barred, as two masks of purposes per record.

narrow (at intake) and decide (at the divider) judge with the same words: a use is barred if any
subject of the record refused its purpose, or if its basis is consent and no subject gave it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from remit.policy.choices import Choices
from remit.policy.columns import Batch
from remit.policy.plan import Plan
from remit.policy.split import Name


@dataclass(frozen=True, slots=True)
class Masks:
    """One bit per purpose, in policy order, for each record."""

    refused: Sequence[int]
    unasked: Sequence[int]


def names_in(plan: Plan, batch: Batch) -> list[tuple[Name, ...]]:
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


def masks(plan: Plan, batch: Batch, names: Sequence[tuple[Name, ...]], choices: Choices) -> Masks:
    """What is barred now, and what was barred when the record arrived: bits are only ever added."""
    consent = plan.consent_mask
    said: dict[tuple[Name, ...], tuple[int, int]] = {}
    for key in set(names):
        answers = [choices.said(name.item, name.form) for name in key]
        refused = granted = 0
        for answer in answers:
            refused |= answer.refused
            granted |= answer.granted
        said[key] = refused, consent & ~granted
    before_refused = batch.refused or [0] * batch.size
    before_unasked = batch.unasked or [0] * batch.size
    return Masks(
        refused=[said[key][0] | old for key, old in zip(names, before_refused, strict=True)],
        unasked=[said[key][1] | old for key, old in zip(names, before_unasked, strict=True)],
    )
