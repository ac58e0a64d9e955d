"""The decision for one record, slow and obvious: the specification of narrow and decide.

Reads the policy itself, not the plan, one record as a plain dict at a time.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from remit.policy.choices import Choices
from remit.policy.columns import Rows
from remit.policy.compare import outgrown
from remit.policy.items import CLUES
from remit.policy.model import App, Collect, Count, Dimension, Fact, Jurisdiction, Measure, Policy
from remit.policy.plan import is_refusable
from remit.policy.reduce import REDUCTIONS, bucket
from remit.policy.regions import UNKNOWN, country_told, laws, ruling
from remit.policy.split import Block, Cell, CellKey, Clue, Name, Split, TallyKey, Vote
from remit.policy.words import (
    APP_NAME,
    INTRINSIC,
    MEASURED_BY,
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
    """One record of one kind, as it arrived: ``weight`` happenings, received at ``received`` ms.

    ``general`` and ``specific`` are purposes that its request or itself refuses by signals and choice tokens, and
    ``granted`` those that such a token grants.
    """

    kind: Kind
    values: Record
    received: int
    weight: int = 1
    general: frozenset[PurposeKey] = frozenset()
    specific: frozenset[PurposeKey] = frozenset()
    granted: frozenset[PurposeKey] = frozenset()


@dataclass(frozen=True, slots=True)
class Later:
    """The version in force when a record is divided, and what was said, in its purposes."""

    policy: Policy
    choices: Choices


def decide_one(policy: Policy, app: App, told: Told, choices: Choices, *, later: Later | None = None) -> Split:
    """What decide must make of this one record, written down under a policy and divided under a later one."""
    split = Split()
    judge = _Judge(policy, app, told, choices=choices)
    judge.since = _Since(judge, later) if later is not None else _NOTHING_SINCE
    for rule in policy.collect:
        if rule.keep is not None and rule.source in SDKS and rule.purpose not in judge.idle:
            _keep(judge, rule, split)
    for fact in policy.facts.values():
        counts = told.kind in fact.kinds
        fed = counts or (fact.measures and MEASURED_BY.get(told.kind) in fact.kinds)
        if fed and fact.purpose not in judge.idle:
            _fact(judge, fact, split, counts=counts)
    for count in policy.counts.values():
        if count.purpose not in judge.idle:
            _count(judge, count, split)
    return split


def _idle(policy: Policy, app: App) -> set[PurposeKey]:
    """What the agreement needs for services alone that the app does not offer, where it says which it does."""
    if not app.services:
        return set()
    needing = {
        key: {service.key for service in policy.services.values() for need in service.needs if key in need.purposes}
        for key, purpose in policy.purposes.items()
        if purpose.basis is Basis.CONTRACT
    }
    return {key for key, services in needing.items() if services and not services & {*app.services}}


class _Judge:
    def __init__(self, policy: Policy, app: App, told: Told, *, choices: Choices, country: str | None = None) -> None:
        self.policy, self.app, self.told = policy, app, told
        told_outside = (Source.PROVIDER, Source.SOMEONE_ELSE)
        declared = {item for rule in policy.collect if rule.source not in told_outside for item in rule.items}
        ranked = sorted((entry.rank, entry) for entry in policy.catalogue.values() if entry.rank is not None)
        self.names = tuple(
            Name(entry.key, entry.form(told.values[entry.key]))
            for _, entry in ranked
            if entry.key in declared and entry.key in told.values and entry.fits(told.values[entry.key])
        )
        if country is None:
            country = country_told(policy.catalogue, policy.region, told.values)
        self.country = country
        self.law = laws(policy).of(country)
        self.idle = _idle(policy, app)
        reach = [one for one in policy.jurisdictions.values() if country == UNKNOWN or country in one.countries]
        self.barred = {grant for one in reach for grant in one.barred} | {
            (item, rule.purpose)
            for rule in policy.collect
            if (rule.countries and country not in rule.countries) or rule.purpose in self.idle
            for item in rule.items
        }
        taken = {(item, rule.purpose) for rule in policy.collect if rule.source in SDKS for item in rule.items}
        self.forbidden = {item for one in reach for item in one.forbid} | {
            item for item, _ in self.barred if not any(other == item for other, _ in taken - self.barred)
        }
        self.owners = tuple(name for name in self.names if name.item not in self.forbidden)
        self.asked = {purpose for one in reach for purpose in one.consent}
        self.said = [choices.said(name.item, name.form) for name in self.names]
        self.refused_before = {*told.specific, *(key for key in told.general if not self.outweighed(key, reach))}
        self.since: _NothingSince = _NOTHING_SINCE

    def forbids(self, item: Item, purpose: PurposeKey) -> bool:
        return item in self.forbidden or (item, purpose) in self.barred

    def place(self, rule: Collect) -> int:
        return ruling(rule.index, self.law.number, len(self.policy.collect))

    def refusal(self, purpose: PurposeKey, *, refusable: bool) -> Reason | None:
        bit = 1 << list(self.policy.purposes).index(purpose)
        if refusable and (purpose in self.refused_before or any(said.refused & bit for said in self.said)):
            return Reason.REFUSED
        needs_yes = self.policy.purposes[purpose].basis is Basis.CONSENT or purpose in self.asked
        return Reason.NO_CONSENT if needs_yes and not self.agreed(purpose) else None

    def whole(self, owner: Fact | Count) -> Reason | None:
        bases = {Basis.CONSENT, Basis.LEGITIMATE_INTEREST, Basis.CONTRACT}
        reason = self.refusal(owner.purpose, refusable=self.policy.purposes[owner.purpose].basis in bases)
        return reason or self.unread(owner)

    def unread(self, owner: Fact | Count | None) -> Reason | None:
        reads = owner is not None and owner.access is DeviceAccess.CONSENT
        return Reason.NO_CONSENT if owner is not None and reads and not self.agreed(owner.purpose) else None

    def outweighed(self, purpose: PurposeKey, reach: list[Jurisdiction]) -> bool:
        """A signal that names no purpose yields to a choice that does, unless it is final there."""
        bit = 1 << list(self.policy.purposes).index(purpose)
        refused = any(said.refused & bit for said in self.said)
        return self.agreed(purpose) and not refused and not any(one.final for one in reach)

    def agreed(self, purpose: PurposeKey) -> bool:
        bit = 1 << list(self.policy.purposes).index(purpose)
        return purpose in self.told.granted or any(said.granted & bit for said in self.said)

    def opening(self, owner: Fact | Count) -> Reason | None:
        return self.whole(owner) or self.since.opening(owner)

    def value(
        self, item: Item, purpose: PurposeKey, shut: Reason | None = None, *, since: Reason | None = None
    ) -> Reason | None:
        if self.forbids(item, purpose):
            return Reason.FORBIDDEN
        reason = self.refusal(purpose, refusable=is_refusable(self.policy, item, purpose)) or since
        reason = reason if reason is Reason.FORBIDDEN else shut or reason
        if reason is None and not self.policy.catalogue[item].fits(self.told.values[item]):
            return Reason.MALFORMED
        return reason

    def column(self, owner: Fact | Count, column: Dimension | Measure, shut: Reason | None = None) -> Reason | None:
        return self.value(
            column.item, owner.purpose, shut, since=self.unread(owner) or self.since.column(owner, column)
        )

    def group(self, owner: Fact | Count) -> tuple[str | int, ...]:
        group: list[str | int] = []
        for dimension in owner.dimensions:
            if dimension.item == APP_NAME:
                group.append(self.app.name)
            elif dimension.item in INTRINSIC:
                group.append(REDUCTIONS[dimension.reduction or "hour"].of(self.told.received, self.app))
            elif dimension.item not in self.told.values or self.column(owner, dimension) is not None:
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
    owners = judge.since.owners(judge.owners)
    if not owners:
        return Reason.NO_SUBJECT
    accounts = [name for name in owners if judge.policy.catalogue[name.item].label is Label.DIRECTLY]
    return Reason.NO_ACCOUNT if rule.keep == WHILE_ACCOUNT and not accounts else None


def _keep(judge: _Judge, rule: Collect, split: Split) -> None:
    row: dict[Item, Value] = {}
    for item in rule.items:
        if item in judge.told.values:
            reason = _kept(judge, item, rule)
            judge.end(split, item, rule.purpose, reason or Fate.KEPT)
            if reason is None:
                row[item] = judge.told.values[item]
    if row:
        place = judge.policy.version, judge.place(rule), judge.told.received
        split.blocks.append(
            Block(judge.since.owners(judge.owners), *place, Rows.made([row]), _clues(judge, rule.purpose))
        )


def _kept(judge: _Judge, item: Item, rule: Collect) -> Reason | None:
    reason = judge.value(item, rule.purpose, since=judge.since.kept(item, rule.purpose))
    return reason or _ownerless(judge, rule) or judge.since.ownerless(item, rule.purpose)


def _clues(judge: _Judge, purpose: PurposeKey) -> tuple[Clue, ...]:
    return tuple(
        Clue(item, judge.policy.catalogue[item].form(judge.told.values[item]), judge.place(rule))
        for rule in judge.policy.collect
        if rule.purpose == purpose and rule.keep is not None and rule.source in SDKS
        for item in rule.items
        if item in CLUES and item in judge.told.values and _kept(judge, item, rule) is None
    )


def _fact(judge: _Judge, fact: Fact, split: Split, *, counts: bool) -> None:
    shut = judge.opening(fact)
    values = judge.told.values
    buckets = {
        measure.name: bucket(float(values[measure.item]))
        for measure in fact.measures
        if measure.item in values and judge.column(fact, measure) is None
    }
    idle = None if counts or buckets else Reason.NOT_NEEDED
    columns: tuple[Dimension | Measure, ...] = (*fact.dimensions, *fact.measures)
    for column in columns:
        if column.item in values:
            reason = judge.column(fact, column, shut) or idle
            judge.end(split, column.item, fact.purpose, reason or Fate.REDUCED)
    if shut is None and idle is None:
        key = CellKey(fact.name, judge.group(fact))
        weight = judge.told.weight
        split.cells[key] = Cell(weight if counts else 0, {name: Counter({b: weight}) for name, b in buckets.items()})


def _count(judge: _Judge, count: Count, split: Split) -> None:
    shut = judge.opening(count)
    voted = False
    for item in count.of:
        if item in judge.told.values:
            reason = judge.value(item, count.purpose, shut, since=judge.unread(count) or judge.since.vote(count, item))
            reason = reason or (Reason.NOT_NEEDED if voted else None)
            judge.end(split, item, count.purpose, reason or Fate.COUNTED)
            if reason is None:
                voted = True
                form = judge.policy.catalogue[item].form(judge.told.values[item])
                split.votes.append(Vote(count.name, judge.group(count), item, form))
    for dimension in count.dimensions:
        if dimension.item in judge.told.values:
            reason = judge.column(count, dimension, shut)
            idle = None if voted else Reason.NOT_NEEDED
            judge.end(split, dimension.item, count.purpose, reason or idle or Fate.REDUCED)


class _NothingSince:
    """No other version came in force: nothing more is barred."""

    def owners(self, names: tuple[Name, ...]) -> tuple[Name, ...]:
        return names

    def kept(self, item: Item, purpose: PurposeKey) -> Reason | None: ...

    def ownerless(self, item: Item, purpose: PurposeKey) -> Reason | None: ...

    def opening(self, owner: Fact | Count) -> Reason | None: ...

    def column(self, owner: Fact | Count, column: Dimension | Measure) -> Reason | None: ...

    def vote(self, count: Count, item: Item) -> Reason | None: ...


_NOTHING_SINCE = _NothingSince()


class _Since(_NothingSince):
    """What the later version bars of a record, and what it does not have."""

    def __init__(self, old: _Judge, later: Later) -> None:
        self.old, self.policy = old, later.policy
        app = later.policy.apps.get(old.app.name)
        noted = any(rule.countries for rule in old.policy.collect)
        noted |= any(one.countries for one in old.policy.jurisdictions.values())
        country = old.country if noted else UNKNOWN
        told = replace(old.told, granted=old.told.granted - outgrown(old.policy, later.policy))
        judge = None if app is None else _Judge(later.policy, app, told, choices=later.choices, country=country)
        self.new = judge
        if judge is not None:  # a refusal goes on under a name that the later version no longer collects
            bits = {key: 1 << n for n, key in enumerate(old.policy.purposes) if self._stated(key)}
            judge.refused_before = {key for key in bits if any(one.refused & bits[key] for one in old.said)}

    def owners(self, names: tuple[Name, ...]) -> tuple[Name, ...]:
        return () if self.new is None else tuple(name for name in names if name in self.new.owners)

    def kept(self, item: Item, purpose: PurposeKey) -> Reason | None:
        return self._value(item, purpose, has=bool(self._rules(item, purpose)))

    def ownerless(self, item: Item, purpose: PurposeKey) -> Reason | None:
        assert self.new is not None, "nothing is kept where the later version has no such app"
        reasons = [_ownerless(self.new, rule) for rule in self._rules(item, purpose)]
        return None if None in reasons else reasons[0]

    def opening(self, owner: Fact | Count) -> Reason | None:
        twin = self._twin(owner)
        if self.new is None or twin is None or not self._has(owner):
            return Reason.SUPERSEDED
        return self.new.whole(twin)

    def column(self, owner: Fact | Count, column: Dimension | Measure) -> Reason | None:
        twin = self._twin(owner)
        measures = twin.measures if isinstance(twin, Fact) else ()
        columns: tuple[Dimension | Measure, ...] = () if twin is None else (*twin.dimensions, *measures)
        same = any(_described(one) == _described(column) for one in columns)
        reason = self._value(column.item, owner.purpose, has=same and self._has(owner))
        return reason or self._unread(twin)

    def vote(self, count: Count, item: Item) -> Reason | None:
        twin = self.policy.counts.get(count.name)
        has = self._has(count) and twin is not None and item in twin.of
        return self._value(item, count.purpose, has=has) or self._unread(twin)

    def _unread(self, twin: Fact | Count | None) -> Reason | None:
        assert self.new is not None
        return self.new.unread(twin)

    def _value(self, item: Item, purpose: PurposeKey, *, has: bool) -> Reason | None:
        if self.new is None or not has:
            return Reason.SUPERSEDED
        if self.new.forbids(item, purpose):
            return Reason.FORBIDDEN
        return self.new.refusal(purpose, refusable=is_refusable(self.policy, item, purpose))

    def _rules(self, item: Item, purpose: PurposeKey) -> list[Collect]:
        rules = [rule for rule in self.policy.collect if rule.source in SDKS and rule.keep is not None]
        same = purpose in self.policy.purposes and self._stated(purpose) and not self._is_idle(purpose)
        return [rule for rule in rules if same and rule.purpose == purpose and item in rule.items]

    def _twin(self, owner: Fact | Count) -> Fact | Count | None:
        facts, counts = self.policy.facts, self.policy.counts
        return facts.get(owner.name) if isinstance(owner, Fact) else counts.get(owner.name)

    def _has(self, owner: Fact | Count) -> bool:
        """Whether the later version counts this kind of record in the same fact or count, for the same purpose."""
        twin, kind = self._twin(owner), self.old.told.kind
        if twin is None or twin.purpose != owner.purpose or not self._stated(owner.purpose):
            return False
        if self._is_idle(owner.purpose):
            return False
        if isinstance(owner, Count) or isinstance(twin, Count):
            return isinstance(owner, Count) and isinstance(twin, Count) and bool({*owner.every} & {*twin.every})
        measures = kind not in owner.kinds and bool(twin.measures) and MEASURED_BY.get(kind) in twin.kinds
        return kind in twin.kinds or measures

    def _is_idle(self, purpose: PurposeKey) -> bool:
        return self.new is None or purpose in self.new.idle

    def _stated(self, purpose: PurposeKey) -> bool:
        old, new = self.old.policy.purposes[purpose], self.policy.purposes.get(purpose)
        return new is not None and (old.says.split(), old.dpv) == (new.says.split(), new.dpv)


def _described(column: Dimension | Measure) -> tuple[object, ...]:
    return column.name, column.item, column.reduction if isinstance(column, Dimension) else type(column)
