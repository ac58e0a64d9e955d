"""What holds for every request, however odd: judged by a house in memory that collects all it can."""

import json
import random
from base64 import b64decode
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from wide import PEER, SITE, keeping

from remit.flows.trial import NODES_MAX
from remit.policy.compile import compiled
from remit.policy.model import Policy
from remit.policy.plan import plan
from remit.proof.small import Coins, SmallHouse
from remit.proof.trace import Sent, Turned
from remit.wire.decoder import UNREADABLE
from remit.wire.protocol import Decode, Refused
from remit.wire.request import Request
from remit.wire.routes import protocol_for

TESTS = Path(__file__).resolve().parents[1]
EXAMPLE = TESTS.parent / "examples/device-maker/remit.yaml"
APP, RECEIVED = "shop", 1_795_489_205_000
REQUESTS_MAX = 200
"""A house that has taken so many makes place for a new one: it keeps what it takes in memory."""


@dataclass(frozen=True, slots=True)
class Way:
    """Where a body is sent, and with which headers."""

    path: str
    headers: tuple[tuple[str, str], ...]

    def request(self, body: bytes) -> Request:
        """The body, sent there."""
        return Request(method="POST", path=self.path, query={}, headers=dict(self.headers), peer=PEER, body=body)


def seeds(protocol: str) -> list[tuple[Way, bytes]]:
    """Bodies of a protocol as its SDKs send them, with their ways."""
    found = []
    for file in sorted((TESTS / "wire/golden").glob("*.json")):
        case = json.loads(file.read_text(encoding="utf-8"))
        sent = case["request"]
        if case["told"]["protocol"] == protocol:
            body = b64decode(sent["base64"]) if "base64" in sent else sent["body"].encode()
            found.append((Way(sent["path"], tuple(sorted(sent["headers"].items()))), body))
    return found


def example() -> Policy:
    """The example policy, with one app that says the names which the bodies do."""
    policy = compiled(EXAMPLE.read_text(encoding="utf-8"), EXAMPLE.name)
    assert isinstance(policy, Policy)
    app = replace(
        policy.apps["shop-android"],
        name=APP,
        number=1,
        key="k",
        domain="shop.example",
        website=SITE,
        protocols=frozenset(),
    )
    return replace(policy, apps={app.name: app})


class Houses:
    """Two houses, of which one reduces and counts, and one keeps everything."""

    def __init__(self) -> None:
        self._policies = (example(), keeping())
        self._plans = [plan(policy, next(iter(policy.apps.values()))) for policy in self._policies]
        self._decoders: dict[tuple[str, int], Decode] = {}
        self._taken = 0
        self._move_in()

    def _move_in(self) -> None:
        coins = [Coins(random.Random(number), sample_all=True) for number in range(len(self._policies))]
        self._houses = [SmallHouse(one, coins=coin) for one, coin in zip(self._policies, coins, strict=True)]

    def hold(self, request: Request) -> None:
        """The request is answered and divided, and a trial can tell of it. Raises whatever does not hold."""
        self._taken += 1
        if self._taken % REQUESTS_MAX == 0:
            self._move_in()
        for house in self._houses:
            house.live([Sent(request, APP, RECEIVED), Turned(RECEIVED)])
            status = house.outside.replies[-1].status
            assert 200 <= status < 500, f"no reason for {status}"
        self._tried(request)

    def _tried(self, request: Request) -> None:
        protocol = protocol_for(request.method, request.path)
        assert protocol is not None, "every way has a protocol"
        for number, one in enumerate(self._plans):
            protocol.example_path(request.body, one.app)
            if (protocol.name, number) not in self._decoders:
                self._decoders[protocol.name, number] = protocol.decoder(one)
            try:
                self._decoders[protocol.name, number](request, RECEIVED)
                nodes = list(islice(protocol.nodes(request), NODES_MAX + 1))
                if len(nodes) <= NODES_MAX:
                    protocol.origins(request, one)
            except (Refused, *UNREADABLE):
                continue
