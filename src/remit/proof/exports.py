"""Two exports of OpenTelemetry that grow together, in either coding."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from google.protobuf import json_format

from remit.policy.model import App
from remit.policy.words import Item, Kind, Value
from remit.proof.exports_walked import MESSAGES, hexed
from remit.proof.loom import BORNE, Both, Leaf, Loom, Woven
from remit.wire.coding import LOGS, METRICS, TRACES, Export, camel
from remit.wire.conventions import FIELDS, HISTOGRAMS, LENT, OLD_STATUS, paths

Sides = tuple[dict[str, Any], dict[str, Any]]
BOUNDS = (0.005, 0.01, 0.025, 0.1, 0.5, 1.0, 10.0)
_SPAN, _POINT, _RESOURCE = "span", "point", "resource"
_BEGAN = 1_760_000_000_000_000_000
_LASTS_MAX = 5e9
_BORNE = 0.4
"""How often a resource has one of the many attributes that it may lend."""
_OTHERS = ("service.name", "session.previous_id", "deployment.environment.name")
"""Attributes that no policy needs."""


def spans(loom: Loom, app: App) -> Woven:
    """Spans of requests, and some of something else."""
    return _export(loom, app, TRACES, records=[_span(loom) for _ in range(loom.dice.randrange(2, 5))])


def points(loom: Loom, app: App) -> Woven:
    """Histograms of both kinds, most of them of what is new."""
    return _export(loom, app, METRICS, records=[_metric(loom) for _ in range(loom.dice.randrange(1, 4))])


def events(loom: Loom, app: App) -> Woven:
    """Crashes, sessions, features used, and lines of a log."""
    ways = (_crash, _crash, _session, _session, _feature, _feature, _line)
    return _export(loom, app, LOGS, records=[loom.dice.choice(ways)(loom) for _ in range(loom.dice.randrange(3, 7))])


def leaves() -> set[Leaf]:
    """Every leaf that can bear a value of somebody."""
    kinds = {"crash": Kind.CRASH, "session": Kind.SESSION, "event": Kind.EVENT, _SPAN: Kind.REQUEST}
    found = {("otlp", name, path) for name, kind in kinds.items() for path in paths(FIELDS[kind])}
    found |= {("otlp", _POINT, path) for path in paths(FIELDS[Kind.REQUEST]) if path != OLD_STATUS}
    found |= {("otlp", _RESOURCE, path) for path in LENT}
    found |= {("otlp", _SPAN, path) for path in ("traceId", "endTimeUnixNano")} | {("otlp", _POINT, "sum")}
    found |= {("otlp", "crash", path) for path in ("app.crash.id", "code.namespace", "code.function")}
    return found | {
        ("otlp", "session", "session.id"),
        ("otlp", "event", "eventName"),
        ("otlp", "event", "log.record.uid"),
    }


def _export(loom: Loom, app: App, of: Export, *, records: Sequence[Sides]) -> Woven:
    lent = _Attributes(loom, _RESOURCE)
    for one in FIELDS[Kind.REQUEST]:
        for path in one.paths:
            if path in LENT and loom.chance(_BORNE):
                lent.put(path, loom.value(("otlp", _RESOURCE, path), one.item))
    told = loom.dice.choice(("bearer", "header", "resource"))
    if told == "resource":
        lent.put("remit.key", (app.key, app.key))
    headers = {"bearer": {"authorization": f"Bearer {app.key}"}, "header": {"x-remit-key": app.key}}.get(told, {})
    is_binary = loom.chance(0.5)
    sides = tuple(
        _written(of, {"attributes": attributes}, [record[side] for record in records], is_binary=is_binary)
        for side, attributes in enumerate(lent.sides)
    )
    return of.path, headers, (sides[0], sides[1])


def _written(of: Export, resource: Any, records: Sequence[Any], *, is_binary: bool) -> bytes:
    scope = {"scope": {"name": "example"}, camel(of.records): records}
    body = {camel(of.resources): [{"resource": resource, camel(of.scopes): [scope]}]}
    if not is_binary:
        return json.dumps(body).encode()
    message = json_format.ParseDict(hexed(body, back=True), MESSAGES[of]())
    return bytes(message.SerializeToString())


class _Attributes:
    """Attributes of one record, or of one resource, on both sides; each has one that nobody needs."""

    def __init__(self, loom: Loom, called: str) -> None:
        self._loom, self._called = loom, called
        self.sides: tuple[list[Any], list[Any]] = ([], [])
        other = loom.dice.choice(_OTHERS)
        self.put(other, loom.value(("otlp", called, other), None))

    def put(self, name: str, both: Both) -> None:
        for side, value in zip(self.sides, both, strict=True):
            side.append({"key": name, "value": _any(value)})

    def of(self, kind: Kind, *without: str) -> "_Attributes":
        """With those that bear the items of a kind of record."""
        for one in FIELDS[kind]:
            for path in one.paths:
                if path not in without and self._loom.chance(BORNE):
                    self.put(path, self._loom.value(("otlp", self._called, path), one.item))
        return self

    def beside(self, rest: Mapping[str, object]) -> Sides:
        """Both sides of a record that has these attributes, and the rest alike."""
        left, right = ({**rest, "attributes": side} for side in self.sides)
        return left, right


def _any(value: Value) -> dict[str, object]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    return {"doubleValue": value} if isinstance(value, float) else {"stringValue": value}


def _span(loom: Loom) -> Sides:
    attributes = _Attributes(loom, _SPAN).of(Kind.REQUEST)
    if loom.chance(0.3):
        attributes.put("error.type", loom.value(("otlp", _SPAN, "error.type"), None))
    code = loom.dice.randrange(3)
    sides = attributes.beside({"kind": loom.dice.choice((1, 2, 3, 3)), "status": {"code": code}})
    lasted = loom.value(("otlp", _SPAN, "endTimeUnixNano"), Item("request.duration"))
    traces, names = loom.message(("otlp", _SPAN, "traceId")), loom.value(("otlp", _SPAN, "name"), None)
    for side, seconds, trace, name in zip(sides, lasted, traces, names, strict=True):
        end = _BEGAN + round(min(float(seconds), _LASTS_MAX) * 1e9)
        times = {"startTimeUnixNano": str(_BEGAN), "endTimeUnixNano": str(end)}
        side.update({"traceId": trace, "spanId": "00000000000000aa", "name": str(name), **times})
    return sides


def _metric(loom: Loom) -> Sides:
    name = loom.dice.choice((*HISTOGRAMS, "http.client.active_requests"))
    several = [_point(loom) for _ in range(loom.dice.randrange(1, 3))]
    kind, new = loom.dice.choice(("histogram", "exponentialHistogram")), 1 if loom.chance(0.85) else 2
    left, right = (
        {
            "name": name,
            kind: {"aggregationTemporality": new, "dataPoints": [_of_kind(one[side], kind) for one in several]},
        }
        for side in (0, 1)
    )
    return left, right


def _of_kind(point: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """Each point is woven with the buckets of both kinds, and keeps its own."""
    explicit = ("bucketCounts", "explicitBounds")
    exponential = ("scale", "zeroCount", "positive")
    other = exponential if kind == "histogram" else explicit
    return {name: value for name, value in point.items() if name not in other}


def _point(loom: Loom) -> Sides:
    attributes = _Attributes(loom, _POINT).of(Kind.REQUEST, OLD_STATUS)
    if loom.chance(0.3):
        status = loom.dice.choice((200, 503))
        attributes.put(OLD_STATUS, (status, status))
    if loom.chance(0.3):
        attributes.put("error.type", loom.value(("otlp", _POINT, "error.type"), None))
    counts = [loom.dice.randrange(3) for _ in range(len(BOUNDS) + 1)]
    counts[1] += 1
    buckets = {
        "bucketCounts": [str(n) for n in counts],
        "explicitBounds": list(BOUNDS),
        "scale": loom.dice.choice((0, 2, 5)),
        "zeroCount": str(counts[0]),
        "positive": {"offset": loom.dice.randrange(-40, 40), "bucketCounts": [str(n) for n in counts[1:]]},
    }
    sides = attributes.beside({**buckets, "timeUnixNano": str(_BEGAN), "count": str(sum(counts))})
    for side, told in zip(sides, loom.message(("otlp", _POINT, "sum")), strict=True):
        # A sum is a number of which no two points have the same, as an id is a text.
        side["sum"] = float(int(told, 16) % (1 << 80)) + (0.5 if int(told, 16) >> 80 else 0.0)
    return sides


def _crash(loom: Loom) -> Sides:
    attributes = _Attributes(loom, "crash").of(Kind.CRASH, "exception.type")
    attributes.put("exception.type", loom.said(("otlp", "crash", "exception.type"), Item("crash.type")))
    attributes.put("app.crash.id", loom.message(("otlp", "crash", "app.crash.id")))
    if loom.chance(0.7):
        for path, item in (("code.namespace", "crash.module"), ("code.function", "crash.function")):
            attributes.put(path, loom.said(("otlp", "crash", path), Item(item)))
    else:
        below = loom.value(("otlp", "crash", "exception.stacktrace"), None)
        left, right = (f"Error: {one}\n\tat shop.Cart.total(Cart.kt:3)\n\tat {one}" for one in below)
        attributes.put("exception.stacktrace", (left, right))
    return attributes.beside({"eventName": loom.dice.choice(("app.crash", ""))})


def _session(loom: Loom) -> Sides:
    attributes = _Attributes(loom, "session").of(Kind.SESSION)
    attributes.put("session.id", loom.message(("otlp", "session", "session.id")))
    return attributes.beside({"eventName": loom.dice.choice(("session.end", "session.end", "session.start"))})


def _feature(loom: Loom) -> Sides:
    attributes = _Attributes(loom, "event").of(Kind.EVENT)
    attributes.put("log.record.uid", loom.message(("otlp", "event", "log.record.uid")))
    sides = attributes.beside({})
    for side, name in zip(sides, loom.said(("otlp", "event", "eventName"), Item("event.name")), strict=True):
        side["eventName"] = name
    return sides


def _line(loom: Loom) -> Sides:
    sides = _Attributes(loom, "line").of(Kind.SESSION).beside({"severityNumber": 9})
    for side, text in zip(sides, loom.value(("otlp", "line", "body"), None), strict=True):
        side["body"] = {"stringValue": str(text)}
    return sides
