"""A policy that needs every item, one that needs some, and requests to judge by them."""

import json
from collections.abc import Iterable
from datetime import timedelta

from remit.policy.catalogue import CATALOGUE
from remit.policy.model import App, Collect, Controller, Policy, Purpose
from remit.policy.plan import Plan, plan
from remit.policy.words import INTRINSIC, Basis, Item, PurposeKey, Source
from remit.wire.protocol import Protocol
from remit.wire.request import Request
from remit.wire.routes import protocol_for

PEER = "192.0.2.9"
LEARN = PurposeKey("learn")
SITE = "6f3a1d0e-52c7-4b8e-9d14-c0a7e8b25f31"
"""The app's id at Umami."""
EVERY = tuple(item for item in CATALOGUE if item not in INTRINSIC)


def planned(items: Iterable[Item] = EVERY) -> Plan:
    """The plan of an app whose policy keeps these items for a day."""
    policy = keeping(items)
    return plan(policy, policy.apps["shop"])


def keeping(items: Iterable[Item] = EVERY) -> Policy:
    """A policy with one app, and one rule that keeps these items for a day."""
    app = App(name="shop", number=1, key="k", domain="shop.example", website=SITE, services=(), routes=("/",), line=1)
    rule = Collect(
        index=0, items=tuple(items), source=Source.DEVICE, purpose=LEARN, keep=timedelta(days=1), line=1
    )  # fmt: skip
    return Policy(
        version=1,
        controller=Controller(name="Example", contact="privacy@example.org", country="NL"),
        timezone="UTC",
        k=5,
        catalogue=CATALOGUE,
        purposes={LEARN: Purpose(key=LEARN, says="to test", basis=Basis.LEGITIMATE_INTEREST, dpv="X", line=1)},
        services={},
        apps={"shop": app},
        collect=(rule,),
        facts={},
        counts={},
    )


def request(path: str, body: object, **headers: str) -> Request:
    """A request from ``PEER``; underscores in header names stand for hyphens."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request(method="POST", path=path, query={}, headers=named, peer=PEER, body=data)


def envelope(*items: tuple[str, object], **header: object) -> bytes:
    """An envelope of JSON items, each with its length."""
    lines = [json.dumps(header).encode()]
    for kind, payload in items:
        text = json.dumps(payload).encode()
        lines += [json.dumps({"type": kind, "length": len(text)}).encode(), text]
    return b"\n".join(lines)


def spoken(path: str) -> Protocol:
    """The protocol of a path."""
    protocol = protocol_for("POST", path)
    assert protocol is not None, path
    return protocol


def undeclared(sent: Request, plan: Plan) -> list[str]:
    """Paths of a sampled body that nothing needs."""
    return [leaf.path for leaf in spoken(sent.path).sampled(sent, plan) if not leaf.is_needed]


def leaves_of(sent: Request) -> list[tuple[str, object]]:
    """What a trial tells of a body, in its order."""
    return [(path, value) for path, value in spoken(sent.path).nodes(sent) if value is not None]
