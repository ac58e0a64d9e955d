"""A house that leaks is caught, and what it leaks is shown field by field, with little else."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from test_apart import example

from remit.policy.compile import adopted
from remit.policy.model import Policy
from remit.policy.reduce import REDUCTIONS
from remit.policy.values import TYPES
from remit.proof.apart import comparison
from remit.proof.bodies import doors
from remit.proof.closed import WORDS, closed
from remit.proof.pairs import Pair, Weaver
from remit.proof.prover import Counterexample, Proof, Prover, prove
from remit.proof.trace import Sent

CASE = Path(__file__).parents[1] / "policy" / "cases" / "P051-symbol-of-what-people-write.yaml"
PAIRS = 40


@cache
def leak() -> Counterexample:
    """What a house shows that runs a policy with pages, to whoever thinks that it has none."""
    told = example()
    prover = Prover(told)
    prover.weaver = Weaver(replace(told, facts={name: one for name, one in told.facts.items() if name != "page_visit"}))
    for seed in range(1, PAIRS):
        pair = prover.weaver.pair(seed)
        # A page may stand at two leaves of one message, and then neither leaks by itself.
        if prover.differences(pair, seed) and (found := prover.counterexample(pair, seed)).leaves:
            return found
    raise AssertionError("no pair showed it")


def test_a_counterexample_names_the_leaf_that_leaks_and_shows_both_sides() -> None:
    """Of whole traces remain the steps that it takes, one field of each side, and what differs outside."""
    found = leak()

    assert found.leaves
    assert [] == [leaf for leaf in found.leaves if not leaf[2].endswith(("url", "path", "u", "duration", "e"))]
    assert {found.leaves[0][2].rpartition(".")[2]} == {one.path.rpartition(".")[2] for one in found.fields}
    assert [] == [one for one in found.fields if one.left == one.right]
    assert {"facts, cells"} <= {one.where for one in found.differences}
    assert all(one.left != one.right for one in found.differences)


def test_a_counterexample_is_told_in_lines_and_bounded() -> None:
    """The seed, the leaf, what was sent and what came out stand in the words; a proof with one does not hold."""
    found = leak()
    proof = Proof(pairs=1, varied=Prover(example()).weaver.pair(1).varied, untried=(), counterexample=found)
    words = comparison(proof, 1).found

    assert not proof.holds
    assert not comparison(proof, 1).holds
    assert f"of seed {found.seed}" in words[0]
    assert " ".join(found.leaves[0]) in words[0]
    assert repr(found.fields[0].left) in words[1]
    assert 1 == sum(one.startswith("sent,") for one in words) == sum(one.startswith("outside,") for one in words)


def test_every_reduction_that_takes_words_is_tried_for_repeating_one() -> None:
    """A reduction of a new type of value needs a way to write a word in it, unless none of the known ways fits."""
    taken = {kind for reduction in REDUCTIONS.values() for kind in reduction.accepts}
    ways = [way.format(*["5eed" * 4] * way.count("{")) for known in WORDS.values() for way in known]

    assert {"flag", "clock", "http_method", "http_status", "line", "measure"} == taken - set(WORDS)
    assert [] == [(kind, value) for kind in taken - set(WORDS) for value in ways if TYPES[kind].fits(value)]
    assert closed(example(), 1).holds
    assert 1 < int(closed(example(), 1).told.split()[0])


@pytest.mark.parametrize("seed", range(5))
def test_a_column_that_shows_names_of_people_is_seen(seed: int) -> None:
    """In a policy from before it was checked: that a plain word comes out, and that a digest tells two words apart."""
    found = closed(adopted(CASE.read_text(encoding="utf-8")), seed).found

    assert {"who", "nick", "did", "saw", "said"} == {one.partition(": ")[0].rpartition(".")[2] for one in found}


def many(apps: int) -> Policy:
    """The example with so many apps, each of which takes two protocols."""
    policy = example()
    web = replace(policy.apps["shop-web"], protocols=frozenset({"remit", "plausible"}))
    made = {f"shop-{n}": replace(web, name=f"shop-{n}", number=n, key=f"k{n}", domain=f"{n}.org") for n in range(apps)}
    return replace(policy, apps=made)


def test_an_app_that_no_pair_reached_is_named() -> None:
    """Fewer requests than there are apps leave some out: each is named with its protocol, and nothing is proved."""
    policy = many(40)
    weaver = Prover(policy).weaver
    reached = {door for seed in (5, 6) for door in weaver.pair(seed).through}
    proof = prove(policy, seed=5, pairs=2)

    assert 80 == len(doors(policy))
    assert 2 <= len(reached) < 40
    assert not proof.holds
    assert {f"app {app} by {protocol}" for app, protocol in {*doors(policy)} - reached} == {
        one for one in proof.untried if one.startswith("app ")
    }


def test_as_many_pairs_as_there_are_doors_leave_none_out() -> None:
    """Whatever is drawn by lot besides, each app is reached by each protocol in its turn."""
    policy = many(9)
    weaver, every = Prover(policy).weaver, doors(policy)

    for first in (1, 1_000):
        firsts = [_first(weaver.pair(seed)) for seed in range(first, first + len(every))]
        assert {*every} == {*firsts}


def _first(pair: Pair) -> tuple[str, str]:
    """The door through which the first request of a pair came."""
    sent = next(step for step in pair.left if isinstance(step, Sent))
    return sent.app, "plausible" if sent.request.path == "/api/event" else "remit"
