"""L5: two traces that are alike leave the same bytes outside the personal side, through journal and divider."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from everything import everything
from fakes import MemoryDesk
from pairs import Leaf, Pair, Sent, Step, Weaver, leaves_that_bear
from small import Coins, Outside, SmallHouse
from walked import walked

from remit.policy.compile import compiled
from remit.policy.model import Policy
from remit.policy.words import Kind
from remit.wire.request import Reply

EXAMPLE = Path(__file__).resolve().parents[2] / "examples/device-maker/remit.yaml"
PAIRS_PER_LEAF_MIN, PAIRS_MAX = 100, 800


def example() -> Policy:
    """The policy that is shipped."""
    found = compiled(EXAMPLE.read_text(encoding="utf-8"), EXAMPLE.name)
    assert isinstance(found, Policy)
    return found


@dataclass(frozen=True, slots=True)
class Prover:
    """Runs both traces of a pair, each in a house of its own, from the same coins."""

    policy: Policy
    folder: Path

    def difference(self, pair: Pair, seed: int) -> str:
        """What of all that got outside differs; empty where nothing does."""
        left, right = (self._outside(trace, seed, side) for side, trace in (("l", pair.left), ("r", pair.right)))
        if left.sums != right.sums:
            return f"metrics: {left.sums} != {right.sums}"
        if left.handed != right.handed:
            return f"facts: {left.halves()} != {right.halves()}"
        mine, others = (_without_own_ids(one.replies, trace) for one, trace in ((left, pair.left), (right, pair.right)))
        return "" if mine == others else f"replies: {mine} != {others}"

    def _outside(self, trace: list[Step], seed: int, side: str) -> Outside:
        coins = Coins(random.Random(seed))
        with SmallHouse(self.policy, self.folder / f"{seed}-{side}", desk=MemoryDesk(), coins=coins) as house:
            return house.live(trace)


def _without_own_ids(replies: list[Reply], trace: list[Step]) -> list[tuple[int, bytes, dict[str, str]]]:
    """A reply may repeat the message id of its own request, which a renaming renames, and nothing else."""
    sent = [step.request for step in trace if isinstance(step, Sent)]
    return [
        (reply.status, b"own" if _id(reply) and _id(reply) in request.body else reply.body, dict(reply.headers))
        for reply, request in zip(replies, sent, strict=True)
    ]


def _id(reply: Reply) -> bytes:
    return reply.body.removeprefix(b'{"id":"').removesuffix(b'"}') if reply.body.startswith(b'{"id":"') else b""


@pytest.mark.parametrize("made", [example, everything])
def test_alike_traces_leave_the_same_bytes_outside(
    made: Callable[[], Policy], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Facts, figures, tallies, metrics, replies and logs are equal, and every leaf of every protocol was tried."""
    policy = made()
    weaver, prover = Weaver(policy), Prover(policy, tmp_path)
    left_to_try, varied, seed = leaves_that_bear(), Counter[Leaf](), 1
    while left_to_try and seed < PAIRS_MAX:
        pair = weaver.pair(seed)
        assert ([], seed) == (weaver.unlike(pair), seed)
        if difference := prover.difference(pair, seed):
            raise AssertionError(f"seed {seed}, leaves {culprits(weaver, prover, seed, pair)}: {difference}")
        varied.update(set(pair.varied))
        left_to_try = {leaf for leaf in left_to_try if varied[leaf] < PAIRS_PER_LEAF_MIN}
        seed += 1

    assert {} == {leaf: varied[leaf] for leaf in left_to_try}
    assert ("", "") == tuple(capfd.readouterr())


def culprits(weaver: Weaver, prover: Prover, seed: int, pair: Pair) -> list[Leaf]:
    """The leaves that leak alone."""
    found = []
    for number, leaf in enumerate(sorted(pair.varied)):
        alone = weaver.pair(seed, frozenset({leaf}))
        again = Prover(prover.policy, prover.folder / f"alone-{number}")
        if not weaver.unlike(alone) and again.difference(alone, seed):
            found.append(leaf)
    return found


def test_what_is_not_alike_is_seen(tmp_path: Path) -> None:
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
    assert Prover(policy, tmp_path).difference(pair, seed)


def _visit(pair: Pair) -> int | None:
    """Where a page is visited."""
    for at, step in enumerate(pair.right):
        if isinstance(step, Sent) and any(record.kind is Kind.PAGE_VISIT for record in walked(step.request)):
            return at
    return None
