"""L4: what a refusal costs, held to brute force over every set of grants."""

from collections.abc import Set as AbstractSet
from itertools import combinations

import pytest
from generated import DENSE, dense, policies
from hypothesis import given, settings
from hypothesis import strategies as st

from remit.policy.compile import adopted
from remit.policy.model import Grant, Need, Service
from remit.policy.regions import laws
from remit.policy.services import State, meant, offered, refusal, standing, withheld
from remit.policy.words import Basis, Item, PurposeKey

DEMANDED = {Basis.LEGAL_OBLIGATION, Basis.VITAL_INTEREST, Basis.PUBLIC_INTEREST}
"""Grounds that do not hang on what the person says."""

ITEMS = tuple(Item(f"item{number}") for number in range(6))
PURPOSES = (PurposeKey("deliver"), PurposeKey("help"))
UNIVERSE = tuple(Grant(item, purpose) for item in ITEMS for purpose in PURPOSES)
"""Twelve grants, so 4,096 sets of them."""
SETS = [frozenset(grant for bit, grant in enumerate(UNIVERSE) if mask >> bit & 1) for mask in range(1 << len(UNIVERSE))]


def services(needs_max: int = 6) -> st.SearchStrategy[Service]:
    """Services that need any of some ways, each all of some items for a purpose each; some needs only degrade."""
    way = st.lists(st.sampled_from(UNIVERSE), min_size=1, max_size=3, unique=True).map(tuple)
    needs = st.builds(
        Need,
        any_of=st.lists(way, min_size=1, max_size=4, unique=True).map(tuple),
        line=st.just(1),
        degrades=st.booleans(),
    )
    return st.builds(
        Service, key=st.just("shop"), says=st.just("buy"), needs=st.lists(needs, max_size=needs_max).map(tuple),
        line=st.just(1),
    )  # fmt: skip


def reads(need: Need, granted: AbstractSet[Grant]) -> bool:
    """Whether the reads that this need stands for succeed: in some way, each item may be used for its purpose."""
    return any(all(grant in granted for grant in way) for way in need.any_of)


def expected(service: Service, granted: AbstractSet[Grant]) -> State:
    """The law in its own words."""
    if all(reads(need, granted) for need in service.needs):
        return State.WORKS
    if all(reads(need, granted) for need in service.needs if not need.degrades):
        return State.DEGRADES
    return State.STOPS


def fewest(service: Service, granted: AbstractSet[Grant]) -> int:
    """The size of the smallest set of further grants under which the service works, by trying all."""
    return next(
        size
        for size in range(len(UNIVERSE) + 1)
        for more in combinations(UNIVERSE, size)
        if expected(service, granted | set(more)) is State.WORKS
    )


@settings(deadline=None, max_examples=60)
@given(services())
def test_the_state_is_what_brute_force_says(service: Service) -> None:
    """Under each of the 4,096 sets of twelve grants, works, degrades and stops are what the reads say."""
    assert [] == [granted for granted in SETS if standing(service, granted).state is not expected(service, granted)]


@settings(deadline=None, max_examples=200)
@given(services(), st.sampled_from(SETS), st.sampled_from(SETS))
def test_granting_more_never_stops_a_service(
    service: Service, some: AbstractSet[Grant], more: AbstractSet[Grant]
) -> None:
    """More grants leave a service as it is, or better; and its missing needs are among those that were missing."""
    order = [State.STOPS, State.DEGRADES, State.WORKS]
    before, after = standing(service, some), standing(service, some | more)

    assert order.index(before.state) <= order.index(after.state)
    assert set(after.missing) <= set(before.missing)


@settings(deadline=None, max_examples=100)
@given(services(), st.sampled_from(SETS))
def test_what_restores_is_a_smallest_set_that_does(service: Service, granted: AbstractSet[Grant]) -> None:
    """With the set the service works; no smaller one of all there are would do; nothing in it is granted already."""
    found = standing(service, granted)

    assert found.restores is not None
    assert expected(service, granted | set(found.restores)) is State.WORKS
    assert len(found.restores) == fewest(service, granted)
    assert granted.isdisjoint(found.restores)


@settings(deadline=None, max_examples=100)
@given(services(), st.sampled_from(SETS), st.sampled_from(SETS))
def test_what_a_law_withholds_is_not_there_and_brings_nothing_back(
    service: Service, granted: AbstractSet[Grant], withheld: AbstractSet[Grant]
) -> None:
    """A service does as without what is withheld; a smallest set restores it from the rest, or nothing does."""
    found, free = standing(service, granted, withheld), set(UNIVERSE) - withheld

    assert found.state is expected(service, granted - withheld)
    if expected(service, free) is not State.WORKS:
        assert found.restores is None
    else:
        assert found.restores is not None
        assert withheld.isdisjoint(found.restores)
        assert expected(service, granted - withheld | set(found.restores)) is State.WORKS
        smaller = combinations(sorted(free), max(len(found.restores) - 1, 0))
        assert not found.restores or not any(
            expected(service, granted - withheld | set(more)) is State.WORKS for more in smaller
        )


@settings(deadline=None, max_examples=60)
@given(st.data(), st.sampled_from([None, 12, 16]))
def test_a_law_withholds_what_it_forbids_and_the_consents_of_the_young(data: st.DataObject, age: int | None) -> None:
    """Under each law, a grant cannot be had if it is barred, or a consent of somebody too young."""
    policy = data.draw(policies())
    for law in laws(policy).all:
        parts = [policy.jurisdictions[key] for key in law.jurisdictions]
        lost = {
            grant
            for grant in offered(policy)
            if law.bars(grant)
            or any(
                age is not None and age < rule.minimum_age for rule in policy.collect if rule.purpose == grant.purpose
            )
            or (
                any(age is not None and age < one.minimum_age for one in parts)
                and (
                    policy.purposes[grant.purpose].basis is Basis.CONSENT
                    or any(grant.purpose in one.consent for one in parts)
                )
            )
        }

        assert lost == withheld(policy, law, age)


@pytest.mark.parametrize(
    ("country", "age", "lost"),
    [
        ("US", None, set()),
        ("US", 16, set()),
        ("US", 15, {"ads", "learn"}),
        ("NL", 15, {"page.duration", "os.name"}),
        ("NL", None, {"page.duration", "os.name"}),
        ("JP", 15, set()),
        ("", 16, {"page.duration", "os.name"}),
        ("", 15, {"page.duration", "os.name", "ads", "learn"}),
    ],
)
def test_a_law_withholds_by_item_and_by_age(country: str, age: int | None, lost: set[str]) -> None:
    """Item by item what is forbidden; from the young what asks for a yes, by its ground or by that law, and no more."""
    was = "forbid: [device.installation, {item: os.name, for: learn}, {item: net.ip, for: ads}]"
    of_a_rule = ", countries: [US, DE], minimum-age: 18"
    assert was in DENSE
    assert of_a_rule in DENSE
    policy = adopted(DENSE.replace(was, "consent: [learn], minimum-age: 16").replace(of_a_rule, ""))

    assert {grant for grant in offered(policy) if lost & set(grant)} == withheld(policy, laws(policy).of(country), age)


@settings(deadline=None, max_examples=200)
@given(services(), st.sampled_from(SETS))
def test_what_is_named_missing_is_missing(service: Service, granted: AbstractSet[Grant]) -> None:
    """Each named need reads nothing, all that is not named reads, and all other grants together would not do."""
    found = standing(service, granted)

    for need in found.missing:
        without = set(UNIVERSE) - set(need.grants)
        assert not reads(need, granted)
        assert expected(service, without) is (State.DEGRADES if need.degrades else State.STOPS) or any(
            not reads(other, without) and not other.degrades for other in service.needs
        )
    assert all(reads(need, granted) for need in service.needs if need not in found.missing)


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_a_refusal_takes_what_may_be_taken_and_nothing_else(data: st.DataObject) -> None:
    """Services do as under all that is offered but the refused and the withheld; what the law demands stands."""
    policy = data.draw(policies() | st.just(dense()))
    needed = [grant.item for service in policy.services.values() for need in service.needs for grant in need.grants]
    word = data.draw(st.sampled_from([*policy.purposes, *sorted({item for item, _ in offered(policy)}), *needed * 9]))
    said = {grant for grant in offered(policy) if word in grant}
    lost = data.draw(st.sets(st.sampled_from(sorted(offered(policy)))))
    found = refusal(policy, meant(policy, word), lost)
    demanded = {grant for grant in said if policy.purposes[grant.purpose].basis in DEMANDED}

    assert said == meant(policy, word)
    assert demanded == set(found.futile)
    assert said - demanded == set(found.refused)
    for key, service in policy.services.items():
        assert expected(service, offered(policy) - set(found.refused) - lost) is found.standings[key].state
