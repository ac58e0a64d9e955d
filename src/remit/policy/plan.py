"""What one app's records are needed for: per kind of record, item -> uses.

The plan is the only table that decoders, narrow and decide look at. An item that is in no use
and names no subject is not in the plan, so no decoder knows it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from remit.policy.catalogue import Catalogue
from remit.policy.items import CLUES
from remit.policy.model import App, Collect, Count, Fact, Grant, Policy, Purpose
from remit.policy.offers import Purposes, served
from remit.policy.regions import Law, Laws, laws
from remit.policy.signals import Hearing, hearing
from remit.policy.split import Name
from remit.policy.words import (
    INTRINSIC,
    MEASURED_BY,
    RECEIVED,
    SDK_SOURCES,
    WHILE_ACCOUNT,
    Basis,
    DeviceAccess,
    Item,
    Kind,
    Label,
    PurposeKey,
    Reason,
    Way,
)

REFUSABLE_BASES = frozenset({Basis.CONSENT, Basis.LEGITIMATE_INTEREST, Basis.CONTRACT})
"""Bases under which a fact or count as a whole may be refused."""


@dataclass(frozen=True, slots=True)
class Use:
    """One declared use of an item. ``target`` names the rule, fact column or count it feeds.

    ``bit`` is the purpose's bit in masks of this version; ``asks`` are those that a mask of what had no yes may not
    have. ``refusable`` follows from the basis (consent and legitimate interest always, contract where no service
    needs the item).
    """

    item: Item
    way: Way
    target: str
    purpose: PurposeKey
    bit: int
    asks: int
    refusable: bool
    line: int

    def barred(self, refused: int, unasked: int) -> Reason | None:
        """Why this use may not happen for a record with these masks; None when it may."""
        if self.refusable and refused & self.bit:
            return Reason.REFUSED
        return Reason.NO_CONSENT if unasked & self.asks else None


@dataclass(frozen=True, slots=True)
class Keep:
    """One collection rule, as far as it is about items of this kind of record.

    ``accounts`` are the names of which a record must bear one, where what it keeps ends with an account. ``clues``
    are what rules for the same purpose keep of clues: nothing may lead to a block for which it was not collected.
    """

    rule: Collect
    uses: tuple[Use, ...]
    accounts: frozenset[Item] | None
    clues: tuple["Keep", ...] = ()

    def ownerless(self, names: Sequence[Name]) -> Reason | None:
        """Why nothing of a record with these names can be kept; None when it can."""
        if not names:
            return Reason.NO_SUBJECT
        held = self.accounts is None or any(name.item in self.accounts for name in names)
        return None if held else Reason.NO_ACCOUNT


@dataclass(frozen=True, slots=True)
class Feed:
    """One fact that this kind of record feeds; ``counts`` is False where it only adds measures.

    ``gate`` says whether the record as such may be counted for the fact's purpose.
    """

    fact: Fact
    counts: bool
    gate: Use
    dimensions: tuple[Use | None, ...]
    measures: tuple[Use, ...]


@dataclass(frozen=True, slots=True)
class Poll:
    """One count that this kind of record votes in; ``dimensions`` are its group's columns."""

    count: Count
    gate: Use
    votes: tuple[Use, ...]
    dimensions: tuple[Use | None, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """All that one kind of record of one app is needed for.

    ``uses`` counts every declared use once; ``names`` are the items that name a subject, strongest
    first, which are decoded even where nothing else needs them, because choices hang on them; ``region``
    are those on which the law hangs.
    """

    kind: Kind
    keeps: tuple[Keep, ...]
    feeds: tuple[Feed, ...]
    polls: tuple[Poll, ...]
    names: tuple[Item, ...]
    region: tuple[Item, ...]
    uses: Mapping[Item, tuple[Use, ...]]
    items: frozenset[Item] = field(init=False)
    """What a decoder must know, and nothing else."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "items", frozenset((*self.uses, *self.names, *self.region)))

    @property
    def needed(self) -> bool:
        """Whether anything is done with such a record: it is kept, fed to a fact or counted."""
        return bool(self.keeps or self.feeds or self.polls)

    def needs_any(self, items: Iterable[Item]) -> bool:
        """Whether anything is done with a record that can bear only these items."""
        return bool(self.feeds) or any(item in self.uses for item in items)

    def without(self, refused: int) -> "Table":
        """The same, less all that whoever refuses these purposes can refuse."""
        keeps = tuple(replace(keep, uses=uses) for keep in self.keeps if (uses := tuple(_left(keep.uses, refused))))
        feeds = tuple(feed for feed in self.feeds if feed.gate.barred(refused, 0) is None)
        polls = tuple(poll for poll in self.polls if poll.gate.barred(refused, 0) is None)
        return replace(self, keeps=keeps, feeds=feeds, polls=polls, uses=_by_item(keeps, feeds, polls))


@dataclass(frozen=True, slots=True)
class Plan:
    """One app under one version of the policy.

    ``serves`` are the purposes for which something may be taken of what it sends; ``tables`` have no other uses.
    ``consents`` are the bits of what needs a yes, by law: of purposes, and of ``readings``. Those are purposes that
    need none, for which a device is read only with one: each with its bit, and with that of the reading.
    """

    version: int
    app: App
    serves: Purposes
    purposes: tuple[Purpose, ...]
    catalogue: Catalogue
    laws: Laws
    consents: tuple[int, ...]
    readings: tuple[tuple[int, int], ...]
    rules: int
    signals: Hearing
    tables: Mapping[Kind, Table]

    def without(self, refused: int) -> "Plan":
        """What is left to do for somebody who refuses these purposes: what clients are told to send no more of."""
        if not refused:
            return self
        return replace(self, tables={kind: table.without(refused) for kind, table in self.tables.items()})


def _left(uses: Iterable[Use], refused: int) -> Iterator[Use]:
    return (use for use in uses if use.barred(refused, 0) is None)


def plan(policy: Policy, app: App) -> Plan:
    """The plan of one app: a table for every kind of record there is."""
    serves = served(policy, app)
    return _plan(policy, app, serves, tables=tables_by_kind(policy, serves))


def plans(policy: Policy) -> dict[str, Plan]:
    """Every app's plan, by app name. Apps that serve the same purposes share their tables."""
    serving = {name: served(policy, app) for name, app in policy.apps.items()}
    tables = {serves: tables_by_kind(policy, serves) for serves in {*serving.values()}}
    return {name: _plan(policy, policy.apps[name], one, tables=tables[one]) for name, one in serving.items()}


def _plan(policy: Policy, app: App, serves: Purposes, *, tables: Mapping[Kind, Table]) -> Plan:
    idle = frozenset(
        Grant(item, rule.purpose) for rule in policy.collect if rule.purpose not in serves for item in rule.items
    )
    found, readings = laws(policy, idle), _readings(policy)
    bits = _bits(policy)
    return Plan(
        version=policy.version,
        app=app,
        serves=serves,
        purposes=tuple(policy.purposes.values()),
        catalogue=policy.catalogue,
        laws=found,
        consents=tuple(_consents(policy, law) | sum(readings.values()) for law in found.all),
        readings=tuple((bits[key], reading) for key, reading in readings.items()),
        rules=len(policy.collect),
        signals=hearing(policy),
        tables=tables,
    )


def _bits(policy: Policy) -> dict[PurposeKey, int]:
    return {key: 1 << place for place, key in enumerate(policy.purposes)}


def _consents(policy: Policy, law: Law) -> int:
    asked = {key for key, purpose in policy.purposes.items() if purpose.basis is Basis.CONSENT} | law.consent
    return sum(bit for key, bit in _bits(policy).items() if key in asked)


def _readings(policy: Policy) -> dict[PurposeKey, int]:
    """Bits behind those of the purposes: a yes that only a statistic waits for bars nothing else of its purpose."""
    own = [key for key in reading_with_a_yes(policy) if policy.purposes[key].basis is not Basis.CONSENT]
    return {key: 1 << len(policy.purposes) + place for place, key in enumerate(own)}


def reading_with_a_yes(policy: Policy) -> tuple[PurposeKey, ...]:
    """The purposes for which some fact or count reads devices of those alone who said yes."""
    owners: list[Fact | Count] = [*policy.facts.values(), *policy.counts.values()]
    return tuple(dict.fromkeys(one.purpose for one in owners if one.access is DeviceAccess.CONSENT))


def tables_by_kind(policy: Policy, serves: Purposes) -> dict[Kind, Table]:
    """A table for every kind of record, of what is taken for these purposes.

    They differ in the facts that a record feeds, and in nothing else. Names are all there are: somebody's choice holds
    under each, whatever else is taken.
    """
    uses, rules = _Uses(policy), told_by_sdks(policy)
    keeps = uses.keeps([rule for rule in rules if rule.purpose in serves])
    polls = tuple(uses.poll(count) for count in policy.counts.values() if count.purpose in serves)
    names = _names(policy, rules)
    facts = [fact for fact in policy.facts.values() if fact.purpose in serves]
    found = {}
    for kind in Kind:
        feeds = tuple(_feeds(facts, kind, uses))
        found[kind] = Table(kind, keeps, feeds, polls, names, policy.region, _by_item(keeps, feeds, polls))
    return found


def told_by_sdks(policy: Policy) -> tuple[Collect, ...]:
    """The collection rules under which something that an SDK sends can be taken."""
    return tuple(rule for rule in policy.collect if rule.source in SDK_SOURCES)


def names_of(policy: Policy) -> tuple[Item, ...]:
    """Declared items that name a subject, strongest first."""
    return _names(policy, policy.collect)


def _names(policy: Policy, rules: Sequence[Collect]) -> tuple[Item, ...]:
    declared = {item for rule in rules for item in rule.items}
    ranked = [entry for entry in policy.catalogue.values() if entry.rank is not None and entry.key in declared]
    return tuple(entry.key for entry in sorted(ranked, key=lambda entry: entry.rank or 0))


def hears_choices(policy: Policy) -> bool:
    """Whether anything that is sent names a subject: else nobody's yes or no is known of any record."""
    return bool(_names(policy, told_by_sdks(policy)))


def clues_of(policy: Policy) -> tuple[Item, ...]:
    """Items that some rule keeps, and that lead to what was kept with them."""
    kept = {item for rule in policy.collect if rule.keep is not None for item in rule.items}
    return tuple(sorted(kept & {Item(item) for item in CLUES}))


def accounts_of(policy: Policy) -> frozenset[Item]:
    """Declared items that name a person: under each of them an account can be forgotten."""
    return frozenset(item for item in names_of(policy) if policy.catalogue[item].label is Label.DIRECTLY)


def is_refusable(policy: Policy, item: Item, purpose: PurposeKey) -> bool:
    """Whether a subject may refuse this item for this purpose and lose only what truly needed it."""
    match policy.purposes[purpose].basis:
        case Basis.CONSENT | Basis.LEGITIMATE_INTEREST:
            return True
        case Basis.CONTRACT:
            return not any(
                not need.degrades and (item, purpose) in need.grants
                for service in policy.services.values()
                for need in service.needs
            )
        case _:
            return False


def bound(policy: Policy, purpose: PurposeKey) -> tuple[Item, ...]:
    """What is collected for a purpose and cannot be refused for it."""
    items = dict.fromkeys(item for rule in policy.collect if rule.purpose == purpose for item in rule.items)
    return tuple(item for item in items if not is_refusable(policy, item, purpose))


class _Uses:
    """Makes uses of one policy: knows each purpose's bit and what may be refused."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._bits = _bits(policy)
        self._readings = _readings(policy)
        self._refusable: dict[tuple[Item, PurposeKey], bool] = {}

    def make(self, item: Item, way: Way, target: str, *, of: Collect | Fact | Count, line: int) -> Use:
        pair = item, of.purpose
        if pair not in self._refusable:
            self._refusable[pair] = is_refusable(self._policy, item, of.purpose)
        return self._use(item, way, target, of=of, refusable=self._refusable[pair], line=line)

    def _use(  # noqa: PLR0913 -- the parts of a use that its owner does not know, by name but for the first three
        self, item: Item, way: Way, target: str, *, of: Collect | Fact | Count, refusable: bool, line: int
    ) -> Use:
        bit = self._bits[of.purpose]
        asks = not isinstance(of, Collect) and of.access is DeviceAccess.CONSENT
        reading = self._readings.get(of.purpose, 0) if asks else 0
        return Use(item, way, target, of.purpose, bit, bit | reading, refusable, line)

    def keeps(self, rules: Sequence[Collect]) -> tuple[Keep, ...]:
        keeps = [self._keep(rule) for rule in rules if rule.keep is not None]
        leading = [
            replace(keep, uses=uses) for keep in keeps if (uses := tuple(use for use in keep.uses if use.item in CLUES))
        ]
        return tuple(
            replace(keep, clues=tuple(one for one in leading if one.rule.purpose == keep.rule.purpose))
            for keep in keeps
        )

    def _keep(self, rule: Collect) -> Keep:
        target = f"collect[{rule.index}]"
        return Keep(
            rule,
            tuple(self.make(item, Way.KEEP, target, of=rule, line=rule.line) for item in rule.items),
            accounts_of(self._policy) if rule.keep == WHILE_ACCOUNT else None,
        )

    def dimensions(self, owner: Fact | Count) -> tuple[Use | None, ...]:
        return tuple(
            None
            if column.item in INTRINSIC
            else self.make(column.item, Way.DIMENSION, f"{owner.name}.{column.name}", of=owner, line=column.line)
            for column in owner.dimensions
        )

    def feed(self, fact: Fact, *, counts: bool) -> Feed:
        measures = tuple(
            self.make(m.item, Way.MEASURE, f"{fact.name}.{m.name}", of=fact, line=m.line) for m in fact.measures
        )
        return Feed(fact, counts, self._gate(fact), self.dimensions(fact), measures)

    def poll(self, count: Count) -> Poll:
        votes = tuple(self.make(item, Way.VOTE, count.name, of=count, line=count.line) for item in count.of)
        return Poll(count, self._gate(count), votes, self.dimensions(count))

    def _gate(self, owner: Fact | Count) -> Use:
        """The use of a record as such: a fact counts it, even where it bears no value."""
        refusable = self._policy.purposes[owner.purpose].basis in REFUSABLE_BASES
        return self._use(RECEIVED, Way.DIMENSION, owner.name, of=owner, refusable=refusable, line=owner.line)


def _feeds(facts: Iterable[Fact], kind: Kind, uses: _Uses) -> Iterator[Feed]:
    for fact in facts:
        if kind in fact.kinds or (fact.measures and MEASURED_BY.get(kind) in fact.kinds):
            yield uses.feed(fact, counts=kind in fact.kinds)


def _by_item(keeps: Sequence[Keep], feeds: Sequence[Feed], polls: Sequence[Poll]) -> dict[Item, tuple[Use, ...]]:
    uses = (
        *(use for keep in keeps for use in keep.uses),
        *(use for feed in feeds for use in (*feed.dimensions, *feed.measures)),
        *(use for poll in polls for use in (*poll.votes, *poll.dimensions)),
    )
    found: dict[Item, list[Use]] = {}
    for use in uses:
        if use is not None:
            found.setdefault(use.item, []).append(use)
    return {item: tuple(of_item) for item, of_item in found.items()}
