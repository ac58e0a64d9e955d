"""Law L5 for one policy: alike traces leave the same bytes outside the personal side, or two are shown that do not."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from remit.policy.model import Policy
from remit.ports import Chance
from remit.proof.bodies import doors, leaves_that_bear, unspoken
from remit.proof.loom import Leaf
from remit.proof.outside import Divergence, Outside, differences, listening
from remit.proof.pairs import Pair, Weaver
from remit.proof.small import Coins, Journal, SmallHouse, in_memory
from remit.proof.trace import HOUR_MS, Choosing, Sent, Step
from remit.proof.walked import texts

SEED_MAX = (1 << 31) - 1
"""Message ids grow out of the seed, and renamed ones begin far above those of the largest."""


@dataclass(frozen=True, slots=True)
class Unlikeness:
    """One thing that two traces do not have in common; ``step`` counts from 1."""

    step: int
    of: str
    path: str
    left: object
    right: object


@dataclass(frozen=True, slots=True)
class Counterexample:
    """Two alike traces that leave different bytes outside. ``leaves`` are those that leak alone."""

    seed: int
    leaves: tuple[Leaf, ...]
    fields: tuple[Unlikeness, ...]
    differences: tuple[Divergence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What came of it: how many pairs were tried, and how often each leaf that can bear a value was another."""

    pairs: int
    varied: Counter[Leaf]
    untried: tuple[str, ...]
    unlike: tuple[str, ...] = ()
    counterexample: Counterexample | None = None

    @property
    def holds(self) -> bool:
        """Whether the law was tried at every leaf and every door, and nothing spoke against it."""
        return self.pairs > 0 and not (self.untried or self.unlike or self.counterexample)


def prove(policy: Policy, *, seed: int, pairs: int, tried: Callable[[], object] = lambda: None) -> Proof:
    """Try so many pairs, of the seeds from ``seed`` on, and end at the first that differs."""
    prover, leaves = Prover(policy), leaves_that_bear(policy)
    varied: Counter[Leaf] = Counter(dict.fromkeys(leaves, 0))
    shut = dict.fromkeys(doors(policy))
    if not prover.weaver.weaves:
        return Proof(pairs=0, varied=varied, untried=unspoken(policy))
    for number in range(pairs):
        pair = prover.weaver.pair(seed + number)
        if unlike := prover.weaver.unlike(pair):
            return Proof(pairs=number, varied=varied, untried=(), unlike=(f"seed {seed + number}", *unlike))
        if prover.differences(pair, seed + number):
            found = prover.counterexample(pair, seed + number)
            return Proof(pairs=number + 1, varied=varied, untried=(), counterexample=found)
        varied.update(leaves & set(pair.varied))
        shut = dict.fromkeys(door for door in shut if door not in pair.through)
        tried()
    never = sorted(" ".join(leaf) for leaf in leaves if not varied[leaf])
    never += [f"app {app} by {protocol}" for app, protocol in shut]
    return Proof(pairs=pairs, varied=varied, untried=(*never, *unspoken(policy)))


class Prover:
    """Runs both traces of a pair, each in a house of its own, from the same coins."""

    def __init__(self, policy: Policy, journal: Callable[[Chance], Journal] = in_memory) -> None:
        self.weaver, self._policy, self._journal = Weaver(policy), policy, journal

    def differences(self, pair: Pair, seed: int) -> list[Divergence]:
        """What of all that got outside differs; empty where nothing does."""
        left, right = (self.outside(trace, seed) for trace in (pair.left, pair.right))
        return list(differences(left, right, (pair.left, pair.right)))

    def outside(self, trace: list[Step], seed: int) -> Outside:
        """All that gets outside when a trace happens to a new house."""
        coins = Coins(random.Random(seed))  # noqa: S311 -- the coins of a proof can be thrown again
        # Told from one on, every number is outside; from two on, some are put together first.
        house = SmallHouse(self._policy, coins=coins, journal=self._journal(coins), k=1 + seed % 2)
        with listening(house.outside):
            house.live(trace)
        return house.outside

    def counterexample(self, pair: Pair, seed: int) -> Counterexample:
        """What the pair of a seed that differs comes down to: one leaf, where one leaks alone, and few steps."""
        leaking: list[Leaf] = []
        if self._leaks(seed, frozenset()):  # no leaf at all: a moment, or a choice's identifier
            pair = self.weaver.pair(seed, frozenset())
        elif leaking := [leaf for leaf in sorted(pair.varied) if self._leaks(seed, frozenset({leaf}))]:
            pair = self.weaver.pair(seed, frozenset(leaking[:1]))
        pair = self._shorter(self._at_one_time(pair, seed), seed)
        return Counterexample(seed, tuple(leaking), tuple(_fields(pair)), tuple(self.differences(pair, seed)))

    def _leaks(self, seed: int, only: frozenset[Leaf]) -> bool:
        pair = self.weaver.pair(seed, only)
        return not self.weaver.unlike(pair) and bool(self.differences(pair, seed))

    def _at_one_time(self, pair: Pair, seed: int) -> Pair:
        """The same without other minutes, unless it is they that tell the traces apart."""
        right = [
            replace(other, received=one.received) if isinstance(one, Sent) and isinstance(other, Sent) else other
            for one, other in zip(pair.left, pair.right, strict=True)
        ]
        still = replace(pair, right=right)
        return still if self.differences(still, seed) else pair

    def _shorter(self, pair: Pair, seed: int) -> Pair:
        """The same without the steps that it does not take; what is left of two alike traces is alike."""
        for at in reversed(range(len(pair.left))):
            left, right = (side[:at] + side[at + 1 :] for side in (pair.left, pair.right))
            fewer = replace(pair, left=left, right=right)
            if self.differences(fewer, seed):
                pair = fewer
        return pair


def _fields(pair: Pair) -> Iterator[Unlikeness]:
    """Where the two traces differ, step by step and value by value."""
    for number, (left, right) in enumerate(zip(pair.left, pair.right, strict=True), 1):
        match left, right:
            case Sent(), Sent():
                values = zip(_values(left), _values(right), strict=True)
                of = left.request.path
                yield from (Unlikeness(number, of, path, a, b) for (path, a), (_, b) in values if repr(a) != repr(b))
            case Choosing(), Choosing() if left != right:
                yield Unlikeness(number, f"choice of {left.purpose}", left.item, left.identifier, right.identifier)


def _values(sent: Sent) -> Iterator[tuple[str, object]]:
    yield "(clock) milliseconds after the hour", sent.received % HOUR_MS
    yield "(connection) address", sent.request.peer
    yield from ((f"(connection) {name}", value) for name, value in sent.request.headers.items())
    yield from texts(sent.request)
