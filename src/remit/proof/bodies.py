"""Two bodies that grow together, for each protocol, and every leaf of them that can bear a value of somebody."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from remit.policy.catalogue import CATALOGUE
from remit.policy.model import App, Policy
from remit.policy.words import INTRINSIC, Item, Kind, Value
from remit.proof import analytics, exports, segments
from remit.proof.loom import BORNE, Bodies, Leaf, Loom, Woven
from remit.proof.pools import one_of
from remit.proof.walked import nobody_is_signed_in
from remit.wire import exceptions, plausible, records, sentry, sessions
from remit.wire.routes import PROTOCOLS

CLIENTS: Mapping[str, tuple[Item, ...]] = {
    "sentry.python/2.75": (Item("account.id"), Item("email")),
    "sentry.cocoa/8.1": (Item("device.installation"),),
}
"""Sentry's clients, and what each may put for the distinct id of a session."""

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


def _sentry(made: Callable[[Loom], tuple[str, Bodies]]) -> Callable[[Loom, App], Woven]:
    def envelope(loom: Loom, app: App) -> Woven:
        loom.client = loom.dice.choice([*CLIENTS])
        kind, payload = made(loom)
        return _envelope(loom, app, kind=kind, payload=payload)

    return envelope


def _envelope(loom: Loom, app: App, *, kind: str, payload: Bodies) -> Woven:
    header = Bodies()
    if kind == "event":
        header.put("event_id", loom.message(("sentry", kind, "event_id")))
    header.put("sent_at", loom.value(("sentry", kind, "sent_at"), None))
    item = json.dumps({"type": kind}).encode()
    auth = f"Sentry sentry_key={app.key}, sentry_client={loom.client}"
    sides = ((header.left, payload.left), (header.right, payload.right))
    left, right = (b"\n".join([json.dumps(top).encode(), item, json.dumps(body).encode()]) for top, body in sides)
    return (
        f"/api/{app.number}/envelope/",
        {"x-sentry-auth": auth},
        (left, right),
    )


_EXCEPTION, _FRAME = "exception.values[].", "exception.values[].stacktrace.frames[]."
_OF_THE_EXCEPTION = {
    "type": "crash.type", "value": "crash.message", "module": "crash.module", "mechanism.handled": "crash.handled"
}  # fmt: skip
_OF_THE_FRAME = {"module": "crash.module", "function": "crash.function"}
_CRASH_LEAVES = {_EXCEPTION + path for path in _OF_THE_EXCEPTION} | {_FRAME + path for path in _OF_THE_FRAME}


def _crash(loom: Loom) -> tuple[str, Bodies]:
    bodies = Bodies()
    for one in sentry.CRASH:
        for path in one.paths:
            if loom.chance(BORNE):
                bodies.put(path, loom.value(("sentry", "event", path), one.item))
    _signed_in(loom, bodies)
    for path in ("message", "tags.colour"):
        bodies.put(path, loom.value(("sentry", "event", path), None))
    cause = Bodies()
    cause.put("value", loom.value(("sentry", "event", _EXCEPTION + "value of the cause"), None))
    last = _exception(loom)
    bodies.put("exception.values", ([cause.left, last.left], [cause.right, last.right]))
    return "event", bodies


def _signed_in(loom: Loom, bodies: Bodies) -> None:
    """Somebody is signed in on both sides, or on neither: a verdict that follows from two identifiers being equal."""
    installation = Item("device.installation")
    if loom.chance(0.1):
        both = loom.identifier(("sentry", "event", "contexts.device.id"), installation)
        bodies.put("user.id", both)
        bodies.put("contexts.device.id", both)
    while nobody_is_signed_in(bodies.left) != nobody_is_signed_in(bodies.right):
        both = loom.value(("sentry", "event", "contexts.device.id"), installation)
        bodies.put("contexts.device.id", both)


def _exception(loom: Loom) -> Bodies:
    exception, mine, other = Bodies(), Bodies(), Bodies()
    for path, item in _OF_THE_EXCEPTION.items():
        if loom.chance(BORNE):
            exception.put(path, loom.value(("sentry", "event", _EXCEPTION + path), Item(item)))
    for path, item in _OF_THE_FRAME.items():
        if loom.chance(BORNE):
            mine.put(path, loom.value(("sentry", "event", _FRAME + path), Item(item)))
            other.put(path, loom.value(("sentry", "event", _FRAME + path + " of others"), None))
    mine.put("vars.secret", loom.value(("sentry", "event", _FRAME + "vars.secret"), None))
    mine.put("in_app", (True, True))
    other.put("in_app", (False, False))
    frames = ([other.left, mine.left, other.left], [other.right, mine.right, other.right])
    exception.put("stacktrace.frames", frames)
    return exception


def _session(loom: Loom) -> tuple[str, Bodies]:
    bodies = Bodies()
    status = one_of(loom.dice, ["ok", "exited", "crashed", "abnormal"])
    drawn = loom.value(("sentry", "session", "status"), Item("session.status"))
    bodies.put("status", (status, status) if loom.chance(1 - BORNE) else drawn)
    bodies.put("sid", loom.message(("sentry", "session", "sid")))
    for one in sessions.FIELDS:
        for path in one.paths:
            if path != "status" and loom.chance(0.7):
                bodies.put(path, loom.value(("sentry", "session", path), one.item))
    bodies.put("did", loom.identifier(("sentry", "session", "did"), loom.dice.choice(CLIENTS[loom.client])))
    errors = loom.dice.randrange(3)
    bodies.put("errors", (errors, errors))
    bodies.put("attrs.environment", loom.value(("sentry", "session", "attrs.environment"), None))
    return "session", bodies


def _aggregates(loom: Loom) -> tuple[str, Bodies]:
    bodies = Bodies()
    groups = []
    for _ in range(loom.dice.randrange(1, 4)):
        group, n = Bodies(), loom.dice.randrange(1, 9)
        group.put(loom.dice.choice([*sessions.ENDS]), (n, n))
        group.put("started", loom.value(("sentry", "sessions", "aggregates[].started"), None))
        if loom.chance(0.7):
            group.put(
                "did",
                loom.identifier(("sentry", "sessions", "aggregates[].did"), loom.dice.choice(CLIENTS[loom.client])),
            )
        groups.append(group)
    bodies.put("aggregates", ([one.left for one in groups], [one.right for one in groups]))
    bodies.put("attrs.release", loom.value(("sentry", "sessions", "attrs.release"), Item("app.version")))
    return "sessions", bodies


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
    *[Speaks("sentry", _sentry(_crash))] * 3,
    *[Speaks("sentry", _sentry(_session))] * 2,
    Speaks("sentry", _sentry(_aggregates)),
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


def leaves_that_bear(policy: Policy) -> set[Leaf]:
    """Every leaf that can bear a value of somebody to some app: a proof must have varied each of them."""
    spoken = {one.protocol for app in policy.apps.values() for one in speaks(app)}
    return {leaf for leaf in _leaves() if leaf[0] in spoken | {"connection"}}


def _leaves() -> set[Leaf]:
    found = {("sentry", "event", path) for one in sentry.CRASH for path in one.paths}
    found |= {
        ("sentry", "event", path) for paths in exceptions.PATHS.values() for path in paths if path in _CRASH_LEAVES
    }
    found |= {("sentry", "event", "event_id"), ("sentry", "session", "sid"), ("sentry", "sessions", "aggregates[].did")}
    found |= {("sentry", "session", path) for one in sessions.FIELDS for path in one.paths}
    found |= {("sentry", "session", "did"), ("sentry", "session", "status")}
    found |= {("plausible", name, path) for name in (*plausible.KINDS, FEATURE) for path in ("u", "r", "e", "p")}
    found |= segments.leaves() | analytics.leaves()
    found |= {("remit", "record", path) for path in ("id", *_BY_NAME)}
    found |= exports.leaves()
    return found | {("connection", "any", part) for part in ("peer", "user-agent", "cookie")}
