"""What is released of a count with several grouping sets: neither a number nor a difference tells of fewer than k."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import combinations, pairwise, product
from operator import mul
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remit.policy.grouping import Ballot, Group, Mask, coarsened
from remit.policy.release import released
from remit.policy.words import ALL, OTHER, Period

PAGE = Path(__file__).resolve().parents[2] / "docs/policy.md"
CHAINS: Sequence[Sequence[Mask]] = (
    ((False, False, False), (True, False, False), (True, True, False), (True, True, True)),
    ((False, False, False), (False, True, True), (True, True, True)),
    ((True, False, False), (True, False, True), (True, True, True)),
    ((False, False, False), (True, True, True)),
    ((True, True, True),),
)
VALUES = st.sampled_from(["a", "b", "c", OTHER])
Voted = dict[int, list[Group]]
"""Who, by number, voted with which values."""

ONE_EACH = st.dictionaries(st.integers(0, 40), st.lists(st.tuples(VALUES, VALUES, VALUES), min_size=1, max_size=1))
SEVERAL = st.dictionaries(st.integers(0, 30), st.lists(st.tuples(VALUES, VALUES, VALUES), min_size=1, max_size=3))
K = st.integers(1, 6)
ANALYSED_MAX = 4
"""Of more groups there are too many ways to try them all."""


def who(voted: Voted, chain: Sequence[Mask]) -> dict[Group, set[int]]:
    """Everybody of each group of each set."""
    found: dict[Group, set[int]] = {}
    ballot = Ballot([Period.DAY], chain)
    for one, groups in voted.items():
        for group in groups:
            for place in ballot.places(group):
                found.setdefault(place.group, set()).add(one)
    return found


def numbers(voted: Voted, chain: Sequence[Mask], k: int) -> dict[Group, int]:
    people = who(voted, chain)

    def together(some: Sequence[Group]) -> int:
        return len(set[int]().union(*(people[group] for group in some)))

    return released({group: len(some) for group, some in people.items()}, together, k)


def mask(group: Group) -> Mask:
    return tuple(value != ALL for value in group)


def within(told: dict[Group, int], chain: Sequence[Mask]) -> Iterator[tuple[Group, list[Group]]]:
    """Each group that is shown with a number, and the groups of the next set within it that are."""
    for before, after in pairwise(chain):
        for group in [group for group, size in told.items() if size and mask(group) == before]:
            yield group, [one for one in told if mask(one) == after and coarsened(one, before) == group]


@given(voted=SEVERAL, chain=st.sampled_from(CHAINS), k=K)
def test_no_number_is_small(voted: Voted, chain: Sequence[Mask], k: int) -> None:
    """Every number is nothing or at least k, and nothing only in the coarsest set."""
    told = numbers(voted, chain, k)

    assert all(size == 0 or size >= k for size in told.values())
    assert all(size for group, size in told.items() if mask(group) != chain[0])


@given(voted=ONE_EACH, chain=st.sampled_from(CHAINS), k=K)
def test_no_difference_is_small(voted: Voted, chain: Sequence[Mask], k: int) -> None:
    """Where everybody is in one group of a set, no shown total less any of its groups is between nothing and k."""
    told = numbers(voted, chain, k)
    for group, groups in within(told, chain):
        for some in (some for n in range(len(groups) + 1) for some in combinations(groups, n)):
            difference = told[group] - sum(told[one] for one in some)
            assert difference == 0 or difference >= k


@given(voted=SEVERAL, chain=st.sampled_from(CHAINS), k=K)
def test_no_group_leaves_few(voted: Voted, chain: Sequence[Mask], k: int) -> None:
    """Where somebody may be in several, those of a total who are not in one shown group are none, or at least k."""
    told = numbers(voted, chain, k)
    for group, groups in within(told, chain):
        assert all(told[group] - told[one] == 0 or told[group] - told[one] >= k for one in groups)


@cache
def never_negative(n: int) -> list[tuple[int, ...]]:
    """What may be added and subtracted of a total and n groups that cover it, so that nobody counts less than nothing.

    The first weight is of the total, the others are of the groups.
    """
    people = [(1, *groups) for groups in product((0, 1), repeat=n) if any(groups)]
    ways = product(range(-2, 3), *[(-1, 0, 1)] * n)
    return [way for way in ways if all(sum(map(mul, way, one)) >= 0 for one in people)]


@given(voted=SEVERAL, chain=st.sampled_from(CHAINS), k=K)
def test_nothing_that_an_analyst_computes_is_small(voted: Voted, chain: Sequence[Mask], k: int) -> None:
    """Where somebody may be in several groups, a total and its groups, added and subtracted in any way that leaves
    nobody out below nothing, are nothing or at least k: neither those in one alone, nor those in both, can be made out.
    """
    told = numbers(voted, chain, k)
    for group, groups in within(told, chain):
        if not 0 < len(groups) <= ANALYSED_MAX:
            continue
        figures = [told[group], *(told[one] for one in groups)]
        found = {sum(map(mul, way, figures)) for way in never_negative(len(groups))}
        assert all(one == 0 or one >= k for one in found)


@given(voted=SEVERAL, chain=st.sampled_from(CHAINS), k=K)
def test_what_groups_have_more_than_their_total_is_not_small(voted: Voted, chain: Sequence[Mask], k: int) -> None:
    """Of any number of groups: nobody is in two of them, or so many people, or in so many, that it comes to k."""
    told = numbers(voted, chain, k)
    for group, groups in within(told, chain):
        more = sum(told[one] for one in groups) - told[group]
        assert not groups or more == 0 or more >= k


def test_few_who_are_in_two_groups_are_not_told() -> None:
    """Fifteen and eight of twenty are three in both: together they are twenty. Five in both may be told."""
    chain = ((False, False, False), (True, False, False))

    def both(n: int) -> dict[Group, int]:
        voted: Voted = {one: [("a", "x", "y")] for one in range(12)}
        voted |= {12 + one: [("b", "x", "y")] for one in range(5)}
        voted |= {17 + one: [("a", "x", "y"), ("b", "x", "y")] for one in range(n)}
        return numbers(voted, chain, 5)

    total, a, b, other = ((value, ALL, ALL) for value in (ALL, "a", "b", OTHER))
    assert both(0) == {total: 17, a: 12, b: 5}
    assert both(3) == {total: 20, other: 20}
    assert both(5) == {total: 22, a: 17, b: 10}


@given(voted=SEVERAL, chain=st.sampled_from(CHAINS), k=K)
def test_shown_groups_cover_what_is_shown(voted: Voted, chain: Sequence[Mask], k: int) -> None:
    """Each shown group has its true number, and (other) is how many are in it or in any of those that are not shown."""
    told, people = numbers(voted, chain, k), who(voted, chain)
    finer = dict(within(sizes(people), chain))
    for group, groups in within(told, chain):
        assert groups or OTHER in group
        if not groups:
            continue
        hidden = [one for one in finer[group] if one not in groups]
        for one in groups:
            counted = {one, *hidden} & people.keys() if one == other(group, one) else {one}
            assert told[one] == len(set[int]().union(*(people[each] for each in counted)))
        assert not hidden or any(one == other(group, one) for one in groups)


def other(above: Group, group: Group) -> Group:
    """What (other) is called beside a group."""
    return tuple(OTHER if value == ALL and mine != ALL else value for value, mine in zip(above, group, strict=True))


def sizes(people: dict[Group, set[int]]) -> dict[Group, int]:
    return {group: len(some) for group, some in people.items()}


@given(voted=SEVERAL, chain=st.sampled_from(CHAINS))
def test_with_nothing_to_hide_everything_is_shown(voted: Voted, chain: Sequence[Mask]) -> None:
    """Where one is enough, each group of each set has its own number."""
    assert sizes(who(voted, chain)) == numbers(voted, chain, 1)


@pytest.mark.parametrize(
    ("there", "told"),
    [
        pytest.param({"a": 9, "b": 7}, {"a": 9, "b": 7}, id="all stand alone"),
        pytest.param({"a": 9, "b": 7, "c": 6, "d": 1}, {"a": 9, "b": 7, OTHER: 7}, id="one is small"),
        pytest.param({"a": 9, "b": 2, "c": 3}, {"a": 9, OTHER: 5}, id="the small are enough together"),
        pytest.param({"a": 9, "b": 2}, {OTHER: 11}, id="nothing else is left"),
        pytest.param({"a": 9, OTHER: 6}, {"a": 9, OTHER: 6}, id="what the reduction calls other"),
        pytest.param({"a": 9, OTHER: 6, "b": 1}, {"a": 9, OTHER: 7}, id="it takes in what is small"),
        pytest.param({"a": 9, "b": 6, OTHER: 1}, {"a": 9, OTHER: 7}, id="or is small itself"),
    ],
)
def test_what_may_not_stand_alone_is_counted_together(there: dict[str, int], told: dict[str, int]) -> None:
    """Below five, with the smallest that stand alone, as far as it takes."""
    voted: Voted = {}
    for value, size in there.items():
        for _ in range(size):
            voted[len(voted)] = [(value, "x", "y")]
    chain = ((False, False, False), (True, False, False))

    assert {(ALL, ALL, ALL): sum(there.values())} | {(value, ALL, ALL): n for value, n in told.items()} == numbers(
        voted, chain, 5
    )


def test_the_examples_of_the_page_are_so() -> None:
    """Each row of its table: how many there are in all and in each group, and what is shown of them."""
    rows = re.findall(r"^\| (in all [^|]+) \| ([^|]+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(rows) == 3
    for there, shown in rows:
        voted: Voted = {}
        for value, size in sizes_told(there).items():
            for _ in range(size):
                voted[len(voted)] = [(value, "x", "y")]
        told = numbers(voted, CHAINS[0][:2], 5)
        expected = sizes_told(there) if shown == "all of it" else sizes_told(shown)
        assert {(ALL, ALL, ALL): len(voted)} | {(value, ALL, ALL): n for value, n in expected.items()} == told
        assert there.startswith(f"in all {len(voted)};")


def sizes_told(row: str) -> dict[str, int]:
    return {value: int(size) for value, size in re.findall(r"`?([a-z()]+)`? (\d+)", row.partition(";")[2])}


def test_nothing_finer_is_shown_within_what_is_hidden() -> None:
    """Neither within a small group nor within (other) that took one in, however large what lies there."""
    values: list[Group] = [*[("a", "x", "y")] * 20, *[(OTHER, "x", "y")] * 20, ("b", "x", "y")]
    voted: Voted = {one: [group] for one, group in enumerate(values)}
    told = numbers(voted, CHAINS[0], 5)

    assert {"a"} == {group[0] for group in told if mask(group) == CHAINS[0][2]}
    assert 21 == told[OTHER, ALL, ALL]
    shown = numbers({one: groups for one, groups in voted.items() if one != 40}, CHAINS[0], 5)
    assert {"a", OTHER} == {group[0] for group in shown if mask(group) == CHAINS[0][2]}
