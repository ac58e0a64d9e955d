"""Pairs of traces that are alike on purpose: woven side by side, leaf by leaf, from values with siblings."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from remit.policy.model import App, Policy
from remit.policy.plan import names_of
from remit.policy.words import Choice, Item
from remit.proof.alike import unlike
from remit.proof.bodies import Door, Speaks, doors, speaks
from remit.proof.loom import Leaf, Loom
from remit.proof.pools import Sight
from remit.proof.trace import HOUR_MS, START, Choosing, Sent, Step, Turned
from remit.wire.request import Request


@dataclass(frozen=True, slots=True)
class Pair:
    """Two traces, how often each leaf differs between them, and through which doors requests came."""

    left: list[Step]
    right: list[Step]
    varied: Counter[Leaf]
    through: set[Door] = field(default_factory=set)


class Weaver:
    """Makes pairs for one policy: a pair for every seed (from 1). So often does a message id come again.

    What comes first in a pair comes through the next door: as many pairs in a row as there are doors leave none out.
    """

    def __init__(self, policy: Policy, repeats: float = 0.1) -> None:
        self._policy, self._repeats = policy, repeats
        self._sights = {app.name: Sight(policy, app) for app in policy.apps.values()}
        self._senders = [(app, speaks(app)) for app in policy.apps.values() if speaks(app)]
        self._doors = doors(policy)

    @property
    def weaves(self) -> bool:
        """Whether any app takes what can be woven here."""
        return bool(self._senders)

    def pair(self, seed: int, only: frozenset[Leaf] | None = None) -> Pair:
        """Two alike traces. ``only`` leaves all other leaves equal, to find the one that leaks."""
        loom = Loom(seed, self._policy.catalogue, repeats=self._repeats, only=only)
        left: list[Step] = []
        right: list[Step] = []
        through: set[Door] = set()
        for number in range(loom.dice.randrange(8, 14)):
            app, ways = loom.dice.choice(self._senders) if number else self._next(seed)
            way = loom.dice.choice(ways)
            through.add((app.name, way.protocol))
            loom.sight = self._sights[app.name]
            both = _steps(loom, self._policy, (app, way), at=START + number * HOUR_MS)
            left += both[0]
            right += both[1]
        end = Turned(START + 24 * HOUR_MS)
        return Pair([*left, end], [*right, end], loom.varied, through)

    def _next(self, seed: int) -> tuple[App, Sequence[Speaks]]:
        name, protocol = self._doors[seed % len(self._doors)]
        app = self._policy.apps[name]
        return app, [one for one in speaks(app) if one.protocol == protocol]

    def unlike(self, pair: Pair) -> list[str]:
        """Where the two traces are not alike, found by an independent walk; empty for what the law is about."""
        return unlike(self._policy, self._sights, (pair.left, pair.right))


Sender = tuple[App, Speaks]
"""An app, and the way in which it sends."""


def _steps(loom: Loom, policy: Policy, sender: Sender, *, at: int) -> tuple[list[Step], list[Step]]:
    """What happens in one hour: perhaps a choice, one request, perhaps a turn. Minutes may differ."""
    left: list[Step] = []
    right: list[Step] = []
    named = names_of(policy)
    if named and loom.chance(0.4):
        item = loom.dice.choice(named)
        ids = loom.identifier(("ledger", "choice", item), item)
        purpose, choice = loom.dice.choice(list(policy.purposes)), loom.dice.choice(list(Choice))
        left.append(Choosing(item, ids[0], purpose, choice, at))
        right.append(Choosing(item, ids[1], purpose, choice, at))
    moments = sorted(loom.dice.randrange(HOUR_MS - 60_000) for _ in range(2))
    for steps, request, moment in zip((left, right), _request(loom, sender), moments, strict=True):
        steps.append(Sent(request, sender[0].name, at + moment))
    if loom.chance(0.5):
        left.append(Turned(at + HOUR_MS - 1))
        right.append(Turned(at + HOUR_MS - 1))
    return left, right


def _request(loom: Loom, sender: Sender) -> tuple[Request, Request]:
    app, way = sender
    path, headers, bodies = way(loom, app)
    peers = loom.value(("connection", "any", "peer"), Item("net.ip"))
    agents = loom.said(("connection", "any", "user-agent"), Item("net.user_agent"))
    cookies = loom.value(("connection", "any", "cookie"), None)
    left, right = (
        Request(
            method="POST",
            path=path,
            query={},
            headers={**headers, "user-agent": str(agent), "cookie": str(cookie)},
            peer=str(peer),
            body=body,
        )
        for body, peer, agent, cookie in zip(bodies, peers, agents, cookies, strict=True)
    )
    return left, right
