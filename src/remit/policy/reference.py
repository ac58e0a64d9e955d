"""The decision for one record, slow and obvious: the specification of narrow and decide.

Reads the policy itself, not the plan, one record as a plain dict at a time.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from remit.policy.choices import Choices
from remit.policy.items import CLUES
from remit.policy.model import App, Collect, Count, Dimension, Fact, Measure, Policy
from remit.policy.plan import MEASURED_BY, is_refusable
from remit.policy.reduce import REDUCTIONS, bucket
from remit.policy.regions import UNKNOWN, country_told, laws, ruling
from remit.policy.split import Block, Cell, CellKey, Clue, Name, Split, TallyKey, Vote
from remit.policy.words import (
    APP_NAME,
    INTRINSIC,
    NONE,
    WHILE_ACCOUNT,
    Basis,
    DeviceAccess,
    Fate,
    Item,
    Kind,
    Label,
    PurposeKey,
    Reason,
    Source,
    Value,
)

Record = Mapping[Item, Value]
SDKS = (Source.YOU, Source.DEVICE, Source.LOG)


@dataclass(frozen=True, slots=True)
class Told:
    """One record of one kind, as it arrived: ``weight`` happenings, received at ``received`` ms."""

    kind: Kind
    values: Record
    received: int
    weight: int = 1


def decide_one(policy: Policy, app: App, told: Told, choices: Choices) -> Split:
    """What decide must make of this one record."""
    split = Split()
    judge = _Judge(policy, app, told, choices)
    for rule in policy.collect:
        if rule.keep is not None and rule.source in SDKS:
            _keep(judge, rule, split)
    for fact in policy.facts.values():
        counts = told.kind in fact.kinds
        if counts or (fact.measures and MEASURED_BY.get(told.kind) in fact.kinds):
            _fact(judge, fact, split, counts=counts)
    for count in policy.counts.values():
        _count(judge, count, split)
    return split


class _Judge:
    def __init__(self, policy: Policy, app: App, told: Told, choices: Choices) -> None:
        self.policy, self.app, self.told = policy, app, told
        told_outside = (Source.PROVIDER, Source.SOMEONE_ELSE)
        declared = {item for rule in policy.collect if rule.source not in told_outside for item in rule.items}
        ranked = sorted((entry.rank, entry) for entry in policy.catalogue.values() if entry.rank is not None)
        self.names = tuple(
            Name(entry.key, entry.form(told.values[entry.key]))
            for _, entry in ranked
            if entry.key in declared and entry.key in told.values and entry.fits(told.values[entry.key])
        )
        country = country_told(policy.catalogue, policy.region, told.values)
        self.law = laws(policy).of(country)
        reach = [one for one in policy.jurisdictions.values() if country == UNKNOWN or country in one.countries]
        self.forbidden = {item for one in reach for item in one.forbid}
        self.owners = tuple(name for name in self.names if name.item not in self.forbidden)
        self.asked = {purpose for one in reach for purpose in one.consent}
        self.said = [choices.said(name.item, name.form) for name in self.names]

    def place(self, rule: Collect) -> int:
        return ruling(rule.index, self.law, len(self.policy.collect))

    def refusal(self, purpose: PurposeKey, *, refusable: bool) -> Reason | None:
        bit = 1 << list(self.policy.purposes).index(purpose)
        if refusable and any(said.refused & bit for said in self.said):
            return Reason.REFUSED
        needs_yes = self.policy.purposes[purpose].basis is Basis.CONSENT or purpose in self.asked
        return Reason.NO_CONSENT if needs_yes and not self.agreed(purpose) else None

    def whole(self, owner: Fact | Count) -> Reason | None:
        bases = {Basis.CONSENT, Basis.LEGITIMATE_INTEREST, Basis.CONTRACT}
        reason = self.refusal(owner.purpose, refusable=self.policy.purposes[owner.purpose].basis in bases)
        if reason is None and owner.access is DeviceAccess.CONSENT and not self.agreed(owner.purpose):
            return Reason.NO_CONSENT
        return reason

    def agreed(self, purpose: PurposeKey) -> bool:
        bit = 1 << list(self.policy.purposes).index(purpose)
        return any(said.granted & bit for said in self.said)

    def value(self, item: Item, purpose: PurposeKey, shut: Reason | None = None) -> Reason | None:
        if item in self.forbidden:
            return Reason.FORBIDDEN
        reason = shut or self.refusal(purpose, refusable=is_refusable(self.policy, item, purpose))
        if reason is None and not self.policy.catalogue[item].fits(self.told.values[item]):
            return Reason.MALFORMED
        return reason

    def group(self, dimensions: tuple[Dimension, ...], purpose: PurposeKey) -> tuple[str | int, ...]:
        group: list[str | int] = []
        for dimension in dimensions:
            if dimension.item == APP_NAME:
                group.append(self.app.name)
            elif dimension.item in INTRINSIC:
                group.append(REDUCTIONS[dimension.reduction or "hour"].of(self.told.received, self.app))
            elif dimension.item not in self.told.values or self.value(dimension.item, purpose) is not None:
                group.append(NONE)
            else:
                group.append(REDUCTIONS[dimension.reduction or ""].of(self.told.values[dimension.item], self.app))
        return tuple(group)

    def end(self, split: Split, item: Item, purpose: PurposeKey, end: Fate | Reason) -> None:
        if isinstance(end, Reason):
            split.tally[TallyKey(self.app.name, item, purpose, Fate.DROPPED, end)] += 1
        else:
            split.tally[TallyKey(self.app.name, item, purpose, end, None)] += 1


def _ownerless(judge: _Judge, rule: Collect) -> Reason | None:
    if not judge.owners:
        return Reason.NO_SUBJECT
    accounts = [name for name in judge.owners if judge.policy.catalogue[name.item].label is Label.DIRECTLY]
    return Reason.NO_ACCOUNT if rule.keep == WHILE_ACCOUNT and not accounts else None


def _keep(judge: _Judge, rule: Collect, split: Split) -> None:
    row: dict[Item, Value] = {}
    for item in rule.items:
        if item in judge.told.values:
            reason = judge.value(item, rule.purpose) or _ownerless(judge, rule)
            judge.end(split, item, rule.purpose, reason or Fate.KEPT)
            if reason is None:
                row[item] = judge.told.values[item]
    if row:
        place = judge.policy.version, judge.place(rule), judge.told.received
        split.blocks.append(Block(judge.owners, *place, (row,), _clues(judge, rule.purpose)))


def _clues(judge: _Judge, purpose: PurposeKey) -> tuple[Clue, ...]:
    return tuple(
        Clue(item, judge.policy.catalogue[item].form(judge.told.values[item]), judge.place(rule))
        for rule in judge.policy.collect
        if rule.purpose == purpose and rule.keep is not None and rule.source in SDKS
        if _ownerless(judge, rule) is None
        for item in rule.items
        if item in CLUES and item in judge.told.values and judge.value(item, purpose) is None
    )


def _fact(judge: _Judge, fact: Fact, split: Split, *, counts: bool) -> None:
    shut = judge.whole(fact)
    values = judge.told.values
    buckets = {
        measure.name: bucket(float(values[measure.item]))
        for measure in fact.measures
        if measure.item in values and judge.value(measure.item, fact.purpose) is None
    }
    idle = None if counts or buckets else Reason.NOT_NEEDED
    columns: tuple[Dimension | Measure, ...] = (*fact.dimensions, *fact.measures)
    for column in columns:
        if column.item in values:
            reason = judge.value(column.item, fact.purpose, shut) or idle
            judge.end(split, column.item, fact.purpose, reason or Fate.REDUCED)
    if shut is None and idle is None:
        key = CellKey(fact.name, judge.group(fact.dimensions, fact.purpose))
        n = judge.told.weight if counts else 0
        split.cells[key] = Cell(n, {name: Counter({b: 1}) for name, b in buckets.items()})


def _count(judge: _Judge, count: Count, split: Split) -> None:
    shut = judge.whole(count)
    voted = False
    for item in count.of:
        if item in judge.told.values:
            reason = judge.value(item, count.purpose, shut) or (Reason.NOT_NEEDED if voted else None)
            judge.end(split, item, count.purpose, reason or Fate.COUNTED)
            if reason is None:
                voted = True
                group = judge.group(count.dimensions, count.purpose)
                form = judge.policy.catalogue[item].form(judge.told.values[item])
                split.votes.append(Vote(count.name, group, item, form))
    for dimension in count.dimensions:
        if dimension.item in judge.told.values:
            reason = judge.value(dimension.item, count.purpose, shut)
            idle = None if voted else Reason.NOT_NEEDED
            judge.end(split, dimension.item, count.purpose, reason or idle or Fate.REDUCED)
