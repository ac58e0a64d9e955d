"""What an older version of a policy and the one in force allow together: the stricter wins.

A record is written down under the version that its worker knew, and divided when another may be in force. It keeps
the purposes and rules of its own version; of its uses those happen that both versions declare, and that neither
bars. An item, a purpose, a fact or a count is the same in both if it has the same key and means the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import NamedTuple

import msgspec

from remit.policy.choices import Choices
from remit.policy.columns import Batch, each
from remit.policy.compare import outgrown
from remit.policy.judge import Bars, bars
from remit.policy.model import Collect, Count, Fact, Policy
from remit.policy.offers import Purposes
from remit.policy.phrases import plain
from remit.policy.places import COUNTRIES
from remit.policy.plan import Feed, Keep, Plan, Poll, Table, Use, told_by_sdks
from remit.policy.regions import UNKNOWN, Law, laws, rulings
from remit.policy.split import Name
from remit.policy.words import WHILE_ACCOUNT, Item, Kind, PurposeKey, Reason

MS = timedelta(milliseconds=1)


def same_purpose(one: Policy, other: Policy, key: PurposeKey) -> bool:
    """Whether both have this purpose and say the same of it: under other words it is another purpose."""
    if key not in one.purposes or key not in other.purposes:
        return False
    this, that = one.purposes[key], other.purposes[key]
    return (plain(this.says), this.dpv) == (plain(that.says), that.dpv)


def same_item(one: Policy, other: Policy, item: Item) -> bool:
    """Whether both know this item, and take the same for it."""
    if item not in one.catalogue or item not in other.catalogue:
        return False
    # Its rank follows from how many items a policy adds, and says nothing of what it is.
    return replace(one.catalogue[item], rank=None) == replace(other.catalogue[item], rank=None)


@dataclass(frozen=True, slots=True)
class Twin:
    """An older version's use as the version in force has it; ``keeps`` are the rules under which it would keep."""

    use: Use
    keeps: tuple[Keep, ...] = ()


Twins = Mapping[Use, Twin]


@dataclass(frozen=True, slots=True)
class Bridge:
    """From an app's plan under an older version to that of the version in force (None where it has no such app)."""

    plan: Plan | None
    twins: Mapping[Kind, Twins]
    bits: tuple[int, ...]
    """For each purpose of the older version its bit in the version in force; 0 where it is no more."""
    covered: tuple[int, ...]
    """The same; 0 also where a yes to the older version does not cover the version in force."""

    def translated(self, mask: int) -> int:
        """A mask of the older version's purposes as one of the version in force."""
        return _translated(mask, self.bits)

    def agreed(self, mask: int) -> int:
        """The same of a mask of what was granted, as far as that holds for the version in force."""
        return _translated(mask, self.covered)


def _translated(mask: int, bits: Sequence[int]) -> int:
    return sum({bit for i, bit in enumerate(bits) if mask >> i & 1})


class Since(NamedTuple):
    """What the version in force says of a record that was written down under an older one."""

    bridge: Bridge
    choices: Choices


def bridges(old: Policy, new: Policy, *, plans: Mapping[str, Plan], newer: Mapping[str, Plan]) -> dict[str, Bridge]:
    """The bridge of each app of the older version, by name; ``plans`` and ``newer`` are those of the two."""
    order = list(new.purposes)
    bits = tuple(1 << order.index(key) if same_purpose(old, new, key) else 0 for key in old.purposes)
    anew = outgrown(old, new)
    covered = tuple(0 if key in anew else bit for key, bit in zip(old.purposes, bits, strict=True))
    like = _Likeness(old, new)
    found: dict[str, Bridge] = {}
    twins: dict[tuple[Purposes, Purposes], Mapping[Kind, Twins]] = {}
    for name, plan in plans.items():
        later = newer.get(name)
        if later is None:
            found[name] = Bridge(None, {}, bits, covered)
            continue
        both = plan.serves, later.serves  # apps that serve the same purposes have the same tables
        if both not in twins:
            twins[both] = {kind: like.twins(table, later.tables[kind]) for kind, table in plan.tables.items()}
        found[name] = Bridge(later, twins[both], bits, covered)
    return found


class _Likeness:
    """Finds the uses of one version in another."""

    def __init__(self, old: Policy, new: Policy) -> None:
        self._old, self._new = old, new

    def twins(self, old: Table, new: Table) -> Twins:
        found = dict[Use, Twin]()
        for use in (use for keep in old.keeps for use in keep.uses):
            kept = [(keep, one) for keep in new.keeps for one in keep.uses if self._same(use, one)]
            if kept:
                found[use] = Twin(kept[0][1], tuple(keep for keep, _ in kept))
        feeds = {feed.fact.name: feed for feed in new.feeds}
        for feed in old.feeds:
            found.update(self._of_feed(feed, feeds.get(feed.fact.name)))
        polls = {poll.count.name: poll for poll in new.polls}
        for poll in old.polls:
            found.update(self._of_poll(poll, polls.get(poll.count.name)))
        return found

    def _of_feed(self, old: Feed, new: Feed | None) -> Iterator[tuple[Use, Twin]]:
        if new is None or not self._same(old.gate, new.gate) or (old.counts and not new.counts):
            return
        yield old.gate, Twin(new.gate)
        yield from self._columns(old, new)
        measures = {use.target: use for use in new.measures}
        for use in old.measures:
            if use.target in measures and self._same(use, measures[use.target]):
                yield use, Twin(measures[use.target])

    def _of_poll(self, old: Poll, new: Poll | None) -> Iterator[tuple[Use, Twin]]:
        if new is None or not self._same(old.gate, new.gate) or not {*old.count.every} & {*new.count.every}:
            return
        yield old.gate, Twin(new.gate)
        yield from self._columns(old, new)
        votes = {use.item: use for use in new.votes}
        for use in old.votes:
            if use.item in votes and self._same(use, votes[use.item]):
                yield use, Twin(votes[use.item])

    def _columns(self, old: Feed | Poll, new: Feed | Poll) -> Iterator[tuple[Use, Twin]]:
        reductions = {
            use.target: (use, dimension.reduction)
            for use, dimension in zip(new.dimensions, _owner(new).dimensions, strict=True)
            if use is not None
        }
        for use, dimension in zip(old.dimensions, _owner(old).dimensions, strict=True):
            if use is not None and use.target in reductions:
                one, reduction = reductions[use.target]
                if reduction == dimension.reduction and self._same(use, one):
                    yield use, Twin(one)

    def _same(self, old: Use, new: Use) -> bool:
        return (
            (old.item, old.purpose) == (new.item, new.purpose)
            and same_item(self._old, self._new, old.item)
            and same_purpose(self._old, self._new, old.purpose)
        )


def _owner(of: Feed | Poll) -> Fact | Count:
    return of.fact if isinstance(of, Feed) else of.count


@dataclass(frozen=True, slots=True)
class Stricter:
    """What either version bars of a batch's records: it answers as the bars of one version do."""

    old: Bars
    new: Bars | None
    twins: Twins

    @property
    def laws(self) -> Sequence[Law]:
        """The older version's, under which a block says how long it stays."""
        return self.old.laws

    @property
    def owners(self) -> list[tuple[Name, ...]]:
        """The names under which both would keep something of each record."""
        return [
            tuple(name for name in names if name in later)
            for names, later in zip(self.old.owners, self._later, strict=True)
        ]

    @property
    def _later(self) -> list[tuple[Name, ...]]:
        return self.new.owners if self.new is not None else [()] * len(self.old.which)

    def ownerless(self, use: Use) -> list[Reason | None]:
        """Why no rule of the version in force that has this use can keep anything of each record."""
        twin = self.twins.get(use)
        keeps = twin.keeps if twin is not None else ()

        def reason(names: tuple[Name, ...]) -> Reason | None:
            reasons = [keep.ownerless(names) for keep in keeps]
            return None if None in reasons else next(iter(reasons), None)

        return each(self._later, reason)

    def reasons(self, use: Use) -> list[Reason | None]:
        """Why this use of each record may not happen; None when both versions let it."""
        twin, before = self.twins.get(use), self.old.reasons(use)
        if twin is None or self.new is None:
            return [one or Reason.SUPERSEDED for one in before]
        return [one or other for one, other in zip(before, self.new.reasons(twin.use), strict=True)]


def bars_since(plan: Plan, batch: Batch, *, choices: Choices, since: Since | None) -> Bars | Stricter:
    """What is barred by the version under which the batch was written down, and by the one in force since."""
    old = bars(plan, batch, choices)
    if since is None:
        return old
    bridge = since.bridge
    if bridge.plan is None:
        return Stricter(old, None, {})
    refused = None if batch.refused is None else [bridge.translated(mask) for mask in batch.refused]
    granted = None if batch.granted is None else [bridge.agreed(mask) for mask in batch.granted]
    # Who had not been asked is barred by the older one. Where it had no laws of places, nobody noted the country.
    countries = batch.countries or [UNKNOWN] * batch.size
    later = msgspec.structs.replace(batch, refused=refused, unasked=None, granted=granted, countries=countries)
    return Stricter(old, bars(bridge.plan, later, since.choices), bridge.twins.get(batch.kind, {}))


def expiries(versions: Sequence[Policy]) -> dict[tuple[int, int], int]:
    """How long each rule of each version keeps under each law what is kept from now on, in ms; the last is in force.

    What waited when a version was adopted stays as long as both allow. Only rules that keep are named.
    """
    return {
        (policy.version, number): min(keep, _longest(rule, law, old=policy, new=versions[-1]) or keep) // MS
        for policy in versions
        for number, rule, law in rulings(policy)
        if (keep := law.keep(rule)) is not None
    }


def _longest(rule: Collect, law: Law, *, old: Policy, new: Policy) -> timedelta | None:
    """How long the newer version keeps, at most, all that a rule kept where its law held; None where it keeps none."""
    if old is new:
        return None
    laws_since = _laws_since(law, old, new)
    items = (_keeping(item, rule.purpose, old=old, new=new) for item in rule.items)
    found = [
        max(keep for one in rules if (keep := later.keep(one)) is not None)
        for rules in items
        if rules
        for later in laws_since
    ]
    return min(found, default=None)


def _keeping(item: Item, purpose: PurposeKey, *, old: Policy, new: Policy) -> list[Collect]:
    """The newer version's rules that keep an item for a purpose. A rule that needs an account stands for none else."""
    if not same_purpose(old, new, purpose) or not same_item(old, new, item):
        return []
    rules = [one for one in told_by_sdks(new) if one.keep is not None and one.purpose == purpose and item in one.items]
    return [one for one in rules if one.keep != WHILE_ACCOUNT] or rules


def _laws_since(law: Law, old: Policy, new: Policy) -> list[Law]:
    """The newer version's laws of all places where the older had this one."""
    before, after = laws(old), laws(new)
    places = [country for country in (*COUNTRIES, UNKNOWN) if before.of(country).number == law.number]
    return list({one.number: one for one in map(after.of, places)}.values())
