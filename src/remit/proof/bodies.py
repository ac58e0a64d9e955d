"""Two bodies that grow together, for each protocol, and every leaf of them that can bear a value of somebody."""

import json
from collections.abc import Callable, Sequence
from typing import NamedTuple

from remit.policy.catalogue import CATALOGUE
from remit.policy.model import App, Policy
from remit.policy.words import INTRINSIC, Item, Kind, Value
from remit.proof import analytics, exports, segments, sentry_bodies
from remit.proof.loom import Bodies, Leaf, Loom, Woven
from remit.wire import plausible, records
from remit.wire.routes import PROTOCOLS

FEATURE = "Sign up"
"""A feature used, as a web page tells of it."""


def _plausible_event(loom: Loom, app: App) -> Woven:
    bodies = Bodies()
    name = loom.dice.choice([*plausible.KINDS, FEATURE])
    bodies.put("n", (name, name))
    bodies.put("d", (app.domain, app.domain))
    bodies.put("u", loom.said(("plausible", name, "u"), Item("page.url")))
    for path in ("r", "p"):
        bodies.put(path, loom.value(("plausible", name, path), Item("page.referrer") if path == "r" else None))
    bodies.put("e", loom.value(("plausible", name, "e"), Item("page.duration"), 1000))
    return "/api/event", {}, (json.dumps(bodies.left).encode(), json.dumps(bodies.right).encode())


def _record(loom: Loom) -> Bodies:
    bodies = Bodies()
    kind = loom.dice.choice(list(Kind)).value
    bodies.put("kind", (kind, kind))
    if loom.chance(0.9):
        bodies.put("id", loom.message(("remit", "record", "id")))
    n = loom.dice.randrange(1, 4)
    bodies.put("n", (n, n))
    both: tuple[dict[str, Value], dict[str, Value]] = {}, {}
    for item in _BY_NAME:
        if loom.chance(_NAMED):
            for side, value in zip(both, loom.value(("remit", "record", item), item), strict=True):
                side[item] = value
    for side, value in zip(both, loom.value(("remit", "record", "undeclared"), None), strict=True):
        side["undeclared"] = value
    bodies.put("items", both)
    return bodies


def _records(loom: Loom, app: App) -> Woven:
    several = [_record(loom) for _ in range(loom.dice.randrange(1, 6))]
    sides = ([one.left for one in several], [one.right for one in several])
    if loom.chance(0.5):
        left, right = ("\n".join(map(json.dumps, side)).encode() for side in sides)
        return records.PATH, {"authorization": f"Bearer {app.key}"}, (left, right)
    left, right = (json.dumps({"key": app.key, "records": side}).encode() for side in sides)
    return records.PATH, {}, (left, right)


_BY_NAME = tuple(item for item in CATALOGUE if item not in INTRINSIC)
_NAMED = 0.4
"""How often one of the many items of the catalogue is there."""


class Speaks(NamedTuple):
    """A way to send by one protocol."""

    protocol: str
    weave: Callable[[Loom, App], Woven]

    def __call__(self, loom: Loom, app: App) -> Woven:
        """A request's path, headers, and its two bodies."""
        return self.weave(loom, app)


SPEAKS: Sequence[Speaks] = (
    *[Speaks("segment", segments.batch)] * 5,
    Speaks("segment", segments.single),
    *(Speaks("sentry", way) for way in sentry_bodies.WAYS),
    *[Speaks("plausible", _plausible_event)] * 9,
    *[Speaks("umami", analytics.umami)] * 7,
    *[Speaks("posthog", analytics.posthog)] * 8,
    *[Speaks("remit", _records)] * 2,
    *[Speaks("otlp", exports.spans)] * 2,
    *[Speaks("otlp", exports.points)] * 2,
    *[Speaks("otlp", exports.events)] * 3,
)
"""Ways to send, so often that every leaf comes about as often."""


def speaks(app: App) -> Sequence[Speaks]:
    """The ways to send that reach an app."""
    ids = {"plausible": app.domain, "umami": app.website}
    return [one for one in SPEAKS if app.takes(one.protocol) and ids.get(one.protocol, app.key)]


def unspoken(policy: Policy) -> tuple[str, ...]:
    """What apps take and nothing here can send: of that, no pair tells anything."""
    spoken = {one.protocol for one in SPEAKS}
    never = [protocol.name for protocol in PROTOCOLS if protocol.name not in spoken]
    silent = [app.name for app in policy.apps.values() if not speaks(app)]
    return (
        *(f"protocol {name}" for name in never if any(app.takes(name) for app in policy.apps.values())),
        *(f"app {name}" for name in silent),
    )


Door = tuple[str, str]
"""An app, and a protocol that it takes."""


def doors(policy: Policy) -> list[Door]:
    """Every app by every protocol that can reach it: a proof must have sent something through each of them."""
    found = [(app.name, one.protocol) for app in policy.apps.values() for one in speaks(app)]
    return list(dict.fromkeys(found))


def leaves_that_bear(policy: Policy) -> set[Leaf]:
    """Every leaf that can bear a value of somebody to some app: a proof must have varied each of them."""
    spoken = {protocol for _, protocol in doors(policy)}
    return {leaf for leaf in _leaves() if leaf[0] in spoken | {"connection"}}


def _leaves() -> set[Leaf]:
    found = {*sentry_bodies.leaves()}
    found |= {("plausible", name, path) for name in (*plausible.KINDS, FEATURE) for path in ("u", "r", "e", "p")}
    found |= segments.leaves() | analytics.leaves()
    found |= {("remit", "record", path) for path in ("id", *_BY_NAME)}
    found |= exports.leaves()
    return found | {("connection", "any", part) for part in ("peer", "user-agent", "cookie")}
