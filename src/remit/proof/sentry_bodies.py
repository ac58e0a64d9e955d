"""Two envelopes that grow together, for each type of item that becomes a record."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence

from remit.policy.model import App
from remit.policy.words import Item
from remit.proof.loom import BORNE, Bodies, Leaf, Loom, Woven
from remit.proof.pools import one_of
from remit.proof.sentry_walked import SaidOfSpan, failed, nobody_is_signed_in, stack_of, status_of
from remit.wire import errors, events, exceptions, feedback, logs, sessions, spans
from remit.wire.decoder import Field
from remit.wire.parts import MEGABYTE

CLIENTS: Mapping[str, tuple[Item, ...]] = {
    "sentry.python/2.75": (Item("account.id"), Item("email")),
    "sentry.cocoa/8.1": (Item("device.installation"),),
}
"""Sentry's clients, and what each may put for the distinct id of a session."""
_SCALE = {Item("hardware.memory"): MEGABYTE, Item("hardware.storage"): MEGABYTE}


def envelope(made: Callable[[Loom], tuple[str, Bodies]]) -> Callable[[Loom, App], Woven]:
    """A way to send one item by itself."""

    def woven(loom: Loom, app: App) -> Woven:
        loom.client = loom.dice.choice([*CLIENTS])
        kind, payload = made(loom)
        return _envelope(loom, app, kind=kind, payload=payload)

    return woven


def _envelope(loom: Loom, app: App, *, kind: str, payload: Bodies) -> Woven:
    header = Bodies()
    if kind in ("event", "transaction", "feedback"):
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


def _around(loom: Loom, kind: str, without: Sequence[str] = ()) -> Bodies:
    """What every event tells beside what happened."""
    bodies = Bodies()
    for one in events.AROUND:
        if one.item not in without:
            _put(loom, bodies, kind, fields=[one])
    _signed_in(loom, bodies, kind)
    for path in ("tags.colour", "breadcrumbs.values"):
        bodies.put(path, loom.value(("sentry", kind, path), None))
    return bodies


def _put(loom: Loom, bodies: Bodies, kind: str, *, fields: Sequence[Field]) -> None:
    for one in fields:
        for path in one.paths:
            if loom.chance(BORNE):
                bodies.put(path, loom.value(("sentry", kind, path), one.item, _SCALE.get(one.item, 1)))


def _signed_in(loom: Loom, bodies: Bodies, kind: str) -> None:
    """Somebody is signed in on both sides, or on neither: a verdict that follows from two identifiers being equal."""
    installation = Item("device.installation")
    if loom.chance(0.1):
        both = loom.identifier(("sentry", kind, "contexts.device.id"), installation)
        bodies.put("user.id", both)
        bodies.put("contexts.device.id", both)
    while nobody_is_signed_in(bodies.left) != nobody_is_signed_in(bodies.right):
        both = loom.value(("sentry", kind, "contexts.device.id"), installation)
        bodies.put("contexts.device.id", both)


_EXCEPTION, _FRAME = "exception.values[].", "exception.values[].stacktrace.frames[]."
_OF_THE_EXCEPTION = {
    "type": "crash.type", "value": "crash.message", "module": "crash.module", "mechanism.handled": "crash.handled"
}  # fmt: skip
_OF_THE_FRAME = {"module": "crash.module", "function": "crash.function", "lineno": "crash.line"}
_FINGERPRINT = "fingerprint[]"


def crash(loom: Loom) -> tuple[str, Bodies]:
    """An error, and what caused it."""
    bodies = _around(loom, "event")
    cause = Bodies()
    cause.put("value", loom.value(("sentry", "event", _EXCEPTION + "value of the cause"), None))

    def thrown() -> Bodies:
        made, last = Bodies(), _exception(loom)
        made.put("exception.values", ([cause.left, last.left], [cause.right, last.right]))
        if loom.chance(0.6):
            left, right = loom.value(("sentry", "event", _FINGERPRINT), Item("crash.type"))
            usual = ["{{ default }}"] * loom.chance(0.5)
            made.put("fingerprint", ([left, *usual], [right, *usual]))
        return made

    def alike(made: Bodies) -> bool:
        left, right = stack_of(made.left), stack_of(made.right)
        if left is None or right is None:
            return left is right
        return loom.sight.of(exceptions.STACK, left) == loom.sight.of(exceptions.STACK, right)

    told = loom.settled(thrown, alike)
    for key in told.left:
        bodies.put(key, (told.left[key], told.right[key]))
    return "event", bodies


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


def line(loom: Loom) -> tuple[str, Bodies]:
    """A message, which is a line of a log."""
    bodies = _around(loom, "event")
    bodies.put("message", loom.said(("sentry", "event", "message"), Item("log.line")))
    _put(loom, bodies, "event", fields=errors.LINE)
    return "event", bodies


def lines(loom: Loom) -> tuple[str, Bodies]:
    """Some lines of logs."""
    several = [Bodies() for _ in range(loom.dice.randrange(1, 4))]
    for one in several:
        _put(loom, one, "log", fields=logs.FIELDS)
    return "log", _listed("items", several)


def _listed(key: str, several: Sequence[Bodies]) -> Bodies:
    bodies = Bodies()
    bodies.put(key, ([one.left for one in several], [one.right for one in several]))
    return bodies


def _span(loom: Loom, kind: str, at: spans.Where, *, fields: Sequence[Field]) -> Bodies:
    """A span of a form, which may be a request; it failed on both sides, or on neither."""
    said = Bodies()
    op = loom.dice.choice([spans.CLIENT, spans.CLIENT, spans.SERVER, "db"])
    said.put(at.op, (op, op))
    went = loom.dice.choice(["ok", "internal_error"])
    said.put(at.status, (went, went))
    said.put(at.began, (0, 0))
    said.put(at.ended, loom.value(("sentry", kind, at.ended), spans.DURATION))
    if at is not spans.ROOT:
        said.put(at.message, loom.message(("sentry", kind, at.message)))

    def told() -> Bodies:
        made = Bodies()
        _put(loom, made, kind, fields=fields)
        return made

    what = SaidOfSpan(op, went, 0, 0)
    made = loom.settled(
        told, lambda one: len({failed(what, status_of(fields, side)) for side in (one.left, one.right)}) == 1
    )
    return _joined(said, made)


def _joined(one: Bodies, other: Bodies) -> Bodies:
    for into, more in ((one.left, other.left), (one.right, other.right)):
        _merge(into, more)
    return one


def _merge(into: dict[str, object], more: Mapping[str, object]) -> None:
    for key, value in more.items():
        below = into.get(key)
        if isinstance(below, dict) and isinstance(value, dict):
            _merge(below, value)
        else:
            into[key] = value


def transaction(loom: Loom) -> tuple[str, Bodies]:
    """A transaction with some spans within it."""
    kind = "transaction"
    root = _joined(_around(loom, kind), _span(loom, kind, spans.ROOT, fields=spans.ROOT_FIELDS))
    inner = [_span(loom, "spans", spans.CHILD, fields=spans.CHILD_FIELDS) for _ in range(loom.dice.randrange(3))]
    return kind, _joined(root, _listed("spans", inner))


def alone(loom: Loom) -> tuple[str, Bodies]:
    """Some spans of the second version."""
    several = [_span(loom, "span", spans.ALONE, fields=spans.ALONE_FIELDS) for _ in range(loom.dice.randrange(1, 4))]
    return "span", _listed("items", several)


def wrote(loom: Loom) -> tuple[str, Bodies]:
    """What somebody wrote: when, the client says in seconds."""
    bodies = _around(loom, "feedback", without=["email"])
    fields = [one for one in feedback.FEEDBACK if one.item != feedback.SENT]
    _put(loom, bodies, "feedback", fields=fields)
    at = loom.dice.randrange(1_700_000_000, 1_800_000_000)
    loom.varied["sentry", "feedback", "timestamp"] += 1
    bodies.put("timestamp", (at, at + 1.5))
    return "feedback", bodies


def report(loom: Loom) -> tuple[str, Bodies]:
    """The same, as older clients send it."""
    bodies = Bodies()
    bodies.put("event_id", loom.message(("sentry", "user_report", "event_id")))
    _put(loom, bodies, "user_report", fields=feedback.REPORT)
    return "user_report", bodies


def session(loom: Loom) -> tuple[str, Bodies]:
    """A session that may have ended."""
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


def aggregates(loom: Loom) -> tuple[str, Bodies]:
    """Sessions that ended, in sums."""
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


WAYS: Sequence[Callable[[Loom, App], Woven]] = (
    *[envelope(crash)] * 4,
    *[envelope(session)] * 2,
    envelope(aggregates),
    *[envelope(line)] * 2,
    *[envelope(lines)] * 2,
    *[envelope(transaction)] * 3,
    *[envelope(alone)] * 2,
    *[envelope(wrote)] * 2,
    *[envelope(report)] * 2,
)
"""Ways to send, so often that every leaf comes about as often."""


def leaves() -> Iterator[Leaf]:
    """Every leaf that can bear a value of somebody."""
    tables: Mapping[str, Sequence[Field]] = {
        "event": (*events.AROUND, *errors.LINE),
        "session": sessions.FIELDS,
        "transaction": (*events.AROUND, *spans.ROOT_FIELDS),
        "spans": spans.CHILD_FIELDS,
        "span": spans.ALONE_FIELDS,
        "log": logs.FIELDS,
        "feedback": (*(one for one in events.AROUND if one.item != "email"), *feedback.FEEDBACK),
        "user_report": feedback.REPORT,
    }
    yield from (("sentry", kind, path) for kind, fields in tables.items() for one in fields for path in one.paths)
    yield from (("sentry", "event", _EXCEPTION + path) for path in _OF_THE_EXCEPTION)
    yield from (("sentry", "event", _FRAME + path) for path in _OF_THE_FRAME)
    yield from (("sentry", kind, "event_id") for kind in ("event", "transaction", "feedback", "user_report"))
    yield ("sentry", "event", _FINGERPRINT)
    yield from (("sentry", "session", path) for path in ("sid", "did", "status"))
    yield ("sentry", "sessions", "aggregates[].did")
    for kind, at in (("transaction", spans.ROOT), ("spans", spans.CHILD), ("span", spans.ALONE)):
        yield ("sentry", kind, at.ended)
        if at is not spans.ROOT:
            yield ("sentry", kind, at.message)
