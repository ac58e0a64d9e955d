"""L4: a need means what it says, in every shape that the language has."""

import json
from collections.abc import Iterator
from itertools import combinations, permutations
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from remit.policy.compile import compiled
from remit.policy.model import Grant, Policy
from remit.policy.services import State, standing
from remit.policy.words import Item, PurposeKey

ITEMS = ("email", "name", "phone", "shipping_address")
PURPOSES = ("deliver", "help")
UNIVERSE = [Grant(Item(item), PurposeKey(purpose)) for item in ITEMS for purpose in PURPOSES]
SETS = [frozenset(some) for size in range(len(UNIVERSE) + 1) for some in combinations(UNIVERSE, size)]
TEXT = """
version: 1
controller: {{name: Example Shop, contact: privacy@example.org, country: NL}}
purposes:
  deliver: {{says: to deliver what you buy, basis: contract, dpv: DeliveryOfGoods}}
  help: {{says: to answer what you ask, basis: legitimate-interest, dpv: CustomerCare}}
services: {{shop: {{says: buy things, needs: {needs}}}}}
apps: {{web: {{id: 1, key: shop-web, services: [shop]}}}}
collect:
  - {{items: [email, name, phone, shipping_address], from: you, for: deliver, keep: 2y}}
  - {{items: [email, name, phone, shipping_address], from: you, for: help, keep: 2y}}
automated: none
"""

purposes = st.sampled_from(PURPOSES)
items = st.sampled_from(ITEMS)


def leaves() -> st.SearchStrategy[Any]:
    """An item: a word, or a part that says what for."""
    return items | st.fixed_dictionaries({"item": items}, optional={"for": purposes})


def several(word: str, of: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """A part that holds several."""
    listed = st.lists(of, min_size=1, max_size=3)
    return st.fixed_dictionaries({word: listed}, optional={"for": purposes})


def needs() -> st.SearchStrategy[dict[str, Any]]:
    """Every shape of a need: an item, any of items or of all of some, all of items or of any of some."""
    shapes = [
        st.fixed_dictionaries({"item": items}),
        several("any", leaves() | several("all", leaves())),
        several("all", leaves() | several("any", leaves())),
    ]
    return st.builds(lambda need, purpose: {**need, "for": purpose}, st.one_of(shapes), purposes)


def answered(need: Any, granted: frozenset[Grant], around: str = "") -> bool:
    """The law in its own words, straight from what is written."""
    if isinstance(need, str):
        return Grant(Item(need), PurposeKey(around)) in granted
    purpose = need.get("for", around)
    for word, enough in (("any", any), ("all", all)):
        if word in need:
            return enough(answered(one, granted, purpose) for one in need[word])
    return answered(need["item"], granted, purpose)


def grants(need: Any, around: Any) -> Iterator[tuple[str, int]]:
    """Every item of a need, with the place (by identity) of the part whose purpose it has."""
    place = need if isinstance(need, dict) and "for" in need else around
    if isinstance(need, str) or "item" in need:
        yield need if isinstance(need, str) else need["item"], id(place)
    else:
        for one in need.get("any", need.get("all")):
            yield from grants(one, place)


def said(need: Any) -> Iterator[int]:
    """The places where a purpose is said."""
    if isinstance(need, dict):
        yield from [id(need)] * ("for" in need)
        for one in (*need.get("any", ()), *need.get("all", ())):
            yield from said(one)


def idle(written: list[dict[str, Any]]) -> bool:
    """Whether a purpose is said that no item takes."""
    return any(set(said(need)) - {place for _, place in grants(need, None)} for need in written)


def dominated(written: list[dict[str, Any]]) -> bool:
    """Whether an alternative answers only where another does: it could as well not be there."""
    for need in written:
        for part in need.get("all", [need]):
            if isinstance(part, dict) and "any" in part:
                around = part.get("for", need["for"])
                works = [{some for some in SETS if answered(one, some, around)} for one in part["any"]]
                if any(one <= other for one, other in permutations(works, 2)):
                    return True
    return False


@settings(deadline=None, max_examples=150)
@given(st.lists(needs(), min_size=1, max_size=2))
def test_a_service_works_where_its_needs_are_answered_as_they_are_written(written: list[dict[str, Any]]) -> None:
    """Under each of 256 sets of grants, a service works where its text says so, and nowhere else."""
    found = compiled(TEXT.format(needs=json.dumps(written)), "remit.yaml")
    faults = {code for code, wrong in (("P100", idle(written)), ("P101", dominated(written))) if wrong}
    if not isinstance(found, Policy):
        assert faults == {one.code for one in found}
        return
    service = found.services["shop"]
    works = {granted for granted in SETS if standing(service, granted).state is State.WORKS}

    assert not faults
    assert works == {granted for granted in SETS if all(answered(need, granted) for need in written)}
