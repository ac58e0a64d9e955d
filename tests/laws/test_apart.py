"""L5: two traces that are alike leave the same bytes outside the personal side, through journal and divider."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from disk import OnDisk
from everything import everything

from remit.policy.compile import compiled
from remit.policy.model import Policy
from remit.policy.words import Kind
from remit.proof.bodies import SPEAKS, doors, leaves_that_bear, unspoken
from remit.proof.loom import Leaf
from remit.proof.pairs import Pair, Weaver
from remit.proof.prover import Prover, prove
from remit.proof.trace import Sent
from remit.proof.walked import walked
from remit.wire.routes import PROTOCOLS

EXAMPLE = Path(__file__).resolve().parents[2] / "examples/device-maker/remit.yaml"
PAIRS_PER_LEAF_MIN, PAIRS_MAX = 100, 1_300


def example() -> Policy:
    """The policy that is shipped."""
    found = compiled(EXAMPLE.read_text(encoding="utf-8"), EXAMPLE.name)
    assert isinstance(found, Policy)
    return found


@pytest.mark.parametrize("made", [example, everything])
def test_alike_traces_leave_the_same_bytes_outside(
    made: Callable[[], Policy], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Facts, figures, tallies, metrics, replies and logs are equal, and every leaf of every protocol was tried."""
    policy, journals = made(), OnDisk(tmp_path)
    prover = Prover(policy, journals)
    weaver = prover.weaver
    left_to_try, varied, seed = leaves_that_bear(policy), Counter[Leaf](), 1
    while left_to_try and seed < PAIRS_MAX:
        pair = weaver.pair(seed)
        assert ([], seed) == (weaver.unlike(pair), seed)
        if prover.differences(pair, seed):
            raise AssertionError(prover.counterexample(pair, seed))
        varied.update(set(pair.varied))
        left_to_try = {leaf for leaf in left_to_try if varied[leaf] < PAIRS_PER_LEAF_MIN}
        seed += 1
    journals.close()

    assert {} == {leaf: varied[leaf] for leaf in left_to_try}
    assert "" == prover.outside(weaver.pair(1).left, 1).said
    assert ("", "") == tuple(capfd.readouterr())


def test_what_is_not_alike_is_seen() -> None:
    """A control: another page, person, hour or verdict is found by the walk, and mostly in the facts."""
    policy = example()
    weaver = Weaver(policy)
    told = [weaver.unlike(Pair(weaver.pair(seed).left, weaver.pair(seed + 1).left, Counter())) for seed in range(1, 20)]
    assert all(told)

    seed, pair = next((seed, pair) for seed in range(1, 99) for pair in [weaver.pair(seed)] if _visit(pair) is not None)
    at = _visit(pair)
    assert at is not None
    step = pair.right[at]
    assert isinstance(step, Sent)
    pair.right[at] = Sent(step.request, step.app, step.received + 3_600_000)
    assert ["another app, route or hour"] == weaver.unlike(pair)
    assert Prover(policy).differences(pair, seed)


def _visit(pair: Pair) -> int | None:
    """Where a page is visited."""
    for at, step in enumerate(pair.right):
        if isinstance(step, Sent) and any(
            record.kind is Kind.PAGE_VISIT for record in walked(step.request, step.received)
        ):
            return at
    return None


def test_every_protocol_can_be_spoken() -> None:
    """Of a protocol that nothing here can send, no pair would tell anything."""
    assert {protocol.name for protocol in PROTOCOLS} == {one.protocol for one in SPEAKS}


def test_a_proof_tells_what_it_did_not_try() -> None:
    """Too few pairs leave leaves untried, and an app that nothing reaches is named; neither counts as proved."""
    policy = example()
    few = prove(policy, seed=1, pairs=1)
    assert not few.holds
    known = {" ".join(leaf) for leaf in leaves_that_bear(policy)} | {f"app {a} by {by}" for a, by in doors(policy)}
    assert set(few.untried) < known

    web = policy.apps["shop-web"]
    deaf = replace(policy, apps={"shop-web": replace(web, domain=None, protocols=frozenset({"plausible"}))})
    assert ("app shop-web",) == unspoken(deaf)
    assert not prove(deaf, seed=1, pairs=1).holds


def test_what_an_app_does_not_take_is_not_asked_for() -> None:
    """Leaves are those of the protocols that some app takes."""
    policy = example()
    narrow = {name: replace(app, protocols=frozenset({"segment"})) for name, app in policy.apps.items()}

    assert {"segment", "connection"} == {leaf[0] for leaf in leaves_that_bear(replace(policy, apps=narrow))}
