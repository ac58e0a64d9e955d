"""L10: what is said of a kind of record is what becomes of its records, and all of it."""

from collections.abc import Iterator
from dataclasses import replace

from generated import policies, worlds
from hypothesis import given, settings
from hypothesis import strategies as st

from remit.policy.collection_explanations import kind_explained
from remit.policy.decide import decide
from remit.policy.model import App, Policy
from remit.policy.plan import plan
from remit.policy.protocols import CARRIED, SENT
from remit.policy.words import INTRINSIC, SDK_SOURCES, Basis, Item, Kind, PurposeKey

TAKEN, FED, SENDERS = "What is taken of it, where it bears that", "Statistics that it feeds", "Apps that may send it"


def named(policy: Policy, kind: Kind, heading: str) -> set[str]:
    """What the sentences under a heading are about."""
    parts = {part.heading: part for part in kind_explained(policy, kind).parts}
    return {one.about for one in parts[heading].sentences} if heading in parts else set()


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_whatever_becomes_of_a_record_is_told_of_its_kind(data: st.DataObject) -> None:
    """Each rule that keeps something of a batch, and each fact and count that it feeds, is named."""
    policy, batch, table = data.draw(worlds())
    split = decide(plan(policy, policy.apps["shop"]), batch, choices=table, received=1_764_000_000_000)
    rules = {f"collect[{block.rule % len(policy.collect)}]" for block in split.blocks}
    fed = {key.fact for key in split.cells} | {vote.count for vote in split.votes}

    assert rules <= named(policy, batch.kind, TAKEN)
    assert fed <= named(policy, batch.kind, FED)


def bearing(policy: Policy, app: App, kind: Kind) -> set[Item]:
    """All that a record of the kind can bear that reaches remit from an app, protocol by protocol."""
    every = set(policy.catalogue) - INTRINSIC
    found: set[Item] = set()
    for name, items in CARRIED.items():
        if kind in SENT[name] and app.takes(name) and (name != "plausible" or app.domain) and name != "umami":
            found |= every if name == "remit" else items
    return found


def offered(policy: Policy, app: App, purpose: PurposeKey) -> bool:
    """Whether a purpose is there for the app: it stands on no agreement, or no other service alone needs it."""
    needing = {key for key, one in policy.services.items() if any(purpose in need.purposes for need in one.needs)}
    on_agreement = policy.purposes[purpose].basis is Basis.CONTRACT
    return not (on_agreement and needing and app.services) or bool(needing & {*app.services})


def used_for(policy: Policy, kind: Kind, item: Item) -> Iterator[str]:
    """The purposes for which some statistic that a record of the kind feeds takes an item."""
    for fact in policy.facts.values():
        told_apart = [*(one.item for one in fact.dimensions), *(one.item for one in fact.measures)]
        measures = kind is Kind.PAGE_LEAVE and Kind.PAGE_VISIT in fact.kinds and fact.measures
        if item in told_apart and (kind in fact.kinds or measures):
            yield fact.purpose
    for count in policy.counts.values():
        if item in (*count.of, *(one.item for one in count.dimensions)):
            yield count.purpose


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_nothing_is_told_of_a_kind_that_cannot_become_of_it(data: st.DataObject) -> None:
    """A rule is named for a kind if, and only if, an item of it can come with the kind, and is kept or made use of."""
    policy, kind = data.draw(policies()), data.draw(st.sampled_from(Kind))
    protocols = data.draw(st.frozensets(st.sampled_from([*CARRIED]), max_size=3))
    app = replace(policy.apps["shop"], protocols=protocols, domain=data.draw(st.sampled_from([None, "shop.example"])))
    policy = replace(policy, apps={"shop": app})
    there = bearing(policy, app, kind)

    assert named(policy, kind, TAKEN) == {
        f"collect[{rule.index}]"
        for rule in policy.collect
        for item in rule.items
        if rule.source in SDK_SOURCES and item in there and offered(policy, app, rule.purpose)
        if rule.keep is not None or rule.purpose in used_for(policy, kind, item)
    }
    assert named(policy, kind, SENDERS) == ({"shop"} if there else {kind.value})
    told = named(policy, kind, FED)
    facts = {name for name, fact in policy.facts.items() if offered(policy, app, fact.purpose)}
    counts = {name for name, count in policy.counts.items() if offered(policy, app, count.purpose)}
    assert {name for name in facts if there and kind in policy.facts[name].kinds} <= told
    assert told & policy.facts.keys() <= facts
    assert {name for name in counts if there & set(policy.counts[name].of)} == told & policy.counts.keys()
