"""What a policy takes: by each of its rules, and of each kind of record."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

from remit.policy.explanation import Explanation, Sentence, explanation
from remit.policy.model import App, Collect, Count, Fact, Policy
from remit.policy.offers import served, unserved
from remit.policy.phrases import capital, listed, plain, ruled, titles
from remit.policy.plan import Table, Use, hears_choices, is_refusable, tables_by_kind, told_by_sdks
from remit.policy.protocols import CARRIED, SENT
from remit.policy.statistic_explanations import shown
from remit.policy.words import INTRINSIC, RECORDS, SDK_SOURCES, Basis, Item, Kind, Way


def rule_explained(policy: Policy, rule: Collect, items: Sequence[Item], *, named: bool = False) -> Sentence:
    """A collection rule, of some of its items; they are told unless they were ``named`` just before."""
    what = "" if named else f"{titles(policy, items)}: "
    says = f"{capital(what + ruled(policy, rule))}. {_freedom(policy, rule, items)}{_through(policy, rule)}"
    return Sentence(f"collect[{rule.index}]", says, rule.line)


def _through(policy: Policy, rule: Collect) -> str:
    """Of which apps the rule takes nothing: they offer none of the services for which its purpose is there."""
    idle = [name for name, purposes in unserved(policy).items() if rule.purpose in purposes]
    if not idle or rule.source not in SDK_SOURCES:
        return ""
    return f" Nothing is taken of what {listed(idle)} sends: no service that needs it is offered there."


def _freedom(policy: Policy, rule: Collect, items: Sequence[Item]) -> str:
    fixed = [item for item in items if not is_refusable(policy, item, rule.purpose)]
    if not fixed:
        unheard = "" if hears_choices(policy) else " No choice is known of it: nothing that is sent names a person."
        return f"It may be refused.{unheard}"
    which = "it" if len(fixed) == len(items) else titles(policy, fixed)
    if rule.required is not None:
        return f"A choice does not stop {which}: {plain(rule.required)}."
    if policy.purposes[rule.purpose].basis is Basis.CONTRACT:
        return f"A choice alone does not stop {which}, since a service needs it."
    return f"A choice does not stop {which}."


def kind_explained(policy: Policy, kind: Kind) -> Explanation:
    """What becomes of the records of one kind."""
    ways = {app.name: _ways(app, kind) for app in policy.apps.values()}
    bearing = _bearing(policy, {name for names in ways.values() for name in names})
    senders = [app for app in policy.apps.values() if ways[app.name]]
    table = tables_by_kind(policy, frozenset().union(*(served(policy, app) for app in senders)))[kind]
    brought = [Sentence(app.name, f"{app.name}, by {listed(ways[app.name], 'or')}.", app.line) for app in senders]
    taken = [*_taken(policy, table, bearing)]
    fed = [*_fed(policy, table, bearing)] if brought else []
    return explanation(
        "kind of record",
        kind,
        says=f"It tells {RECORDS[kind]}.",
        parts=[
            ("Apps that may send it", brought or [Sentence(kind, "None: no app takes a protocol that brings it.")]),
            ("What is taken of it, where it bears that", taken),
            ("Statistics that it feeds", fed),
            ("Read of it besides, and then gone", _read(policy, table, bearing) if taken or fed else ()),
            ("The rest", [Sentence(kind, _rest(done=bool(taken or fed)))]),
        ],
    )


def _ways(app: App, kind: Kind) -> list[str]:
    """The protocols by which an app may send a record of the kind."""
    known = {"plausible": app.domain, "umami": app.website}
    return [name for name in CARRIED if kind in SENT[name] and app.takes(name) and known.get(name, app.key)]


def _bearing(policy: Policy, protocols: AbstractSet[str]) -> frozenset[Item]:
    """What records that came by these protocols can bear; remit's own brings the items that a policy adds, too."""
    found = frozenset[Item]().union(*(CARRIED[name] for name in protocols))
    return found | (policy.catalogue.keys() - INTRINSIC) if "remit" in protocols else found


def _taken(policy: Policy, table: Table, bearing: AbstractSet[Item]) -> Iterator[Sentence]:
    """Rules that keep something of such a record, or take it for a statistic that the record feeds."""
    kept = {keep.rule.index for keep in table.keeps}
    for rule in told_by_sdks(policy):
        items = tuple(
            item
            for item in rule.items
            if item in bearing and (rule.index in kept or _serves(rule, table.uses.get(item, ())))
        )
        if items:
            yield rule_explained(policy, rule, items)


def _serves(rule: Collect, uses: Sequence[Use]) -> bool:
    """Whether something that is not kept is made use of for the rule's purpose."""
    return any(use.purpose == rule.purpose and use.way is not Way.KEEP for use in uses)


def _fed(policy: Policy, table: Table, bearing: AbstractSet[Item]) -> Iterator[Sentence]:
    for feed in table.feeds:
        if feed.counts:
            yield _shows(policy, feed.fact)
        elif measured := [one.item for one in feed.measures if one.item in bearing]:
            says = f"{feed.fact.name} takes {titles(policy, measured)} from it, and does not count it."
            yield Sentence(feed.fact.name, says, feed.fact.line)
    yield from (_shows(policy, poll.count) for poll in table.polls if not bearing.isdisjoint(poll.count.of))


def _shows(policy: Policy, owner: Fact | Count) -> Sentence:
    return Sentence(owner.name, f"{owner.name} shows {shown(policy, owner)}.", owner.line)


def _read(policy: Policy, table: Table, bearing: AbstractSet[Item]) -> Iterator[Sentence]:
    for items, why in ((table.names, "whose choices hold"), (table.region, "which law holds")):
        if read := [item for item in items if item in bearing and item not in table.uses]:
            yield Sentence("choices", f"{capital(titles(policy, read))}, to know {why}.")


def _rest(*, done: bool) -> str:
    if done:
        return "Whatever else it bears is passed over, and reaches no store."
    return "Nothing is done with it: where a client sends it, it is passed over, and reaches no store."
