"""What stands in an export of OpenTelemetry, found the slow way, in either coding: what its decoders must find."""

import base64
import json
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from google.protobuf import json_format
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from remit.policy.reduce import bucket
from remit.policy.words import Item, Kind, Value
from remit.wire.coding import LOGS, METRICS, TRACES, Export, camel, export_of
from remit.wire.conventions import FIELDS
from remit.wire.request import Request

MESSAGES: Mapping[Export, Any] = {
    TRACES: ExportTraceServiceRequest,
    METRICS: ExportMetricsServiceRequest,
    LOGS: ExportLogsServiceRequest,
}
Found = dict[Item, Value]
Told = tuple[Kind, Found, str, int]
"""A kind of record, its values, its message id and its weight."""
Attributes = Mapping[str, Value]
Read = Callable[[Any], Iterator[tuple[float, int]]]

_IDS = ("traceId", "spanId", "parentSpanId")
_CALLS = ("http.request.method", "http.method")
_OF_ONE = ("http.", "url.", "server.", "error.", "exception.", "net.", "app.screen.")
"""What a resource says of a request, an error or a screen is said of no record."""
_UNITS = {
    f"http.{side}.{name}": unit
    for side in ("client", "server")
    for name, unit in (("request.duration", 1.0), ("duration", 0.001))
}


def plain(request: Request) -> Any:
    """The export as JSON says it, its attributes by their names."""
    return _named(_json(request))


def exported(request: Request) -> Iterator[Told]:
    """The records of an export, in its order within each kind."""
    of, body = export_of(request.path), plain(request)
    reads = {TRACES: _span, METRICS: _metric, LOGS: _event}[of]
    number = 0
    for resource in body.get(camel(of.resources), []):
        told = resource.get("resource", {}).get("attributes", {})
        lent = {name: value for name, value in told.items() if not name.startswith(_OF_ONE)}
        for scope in resource.get(camel(of.scopes), []):
            for record in scope.get(camel(of.records), []):
                number += 1
                yield from reads(record, lent, number)


def _json(request: Request) -> Any:
    if request.body[:1] == b"{":
        return json.loads(request.body)
    message = MESSAGES[export_of(request.path)].FromString(request.body)
    return hexed(json_format.MessageToDict(message, use_integers_for_enums=True))


def hexed(node: Any, *, back: bool = False) -> Any:
    """The same with its ids in hexadecimal, in which JSON has them here, and not in base64; or the reverse."""
    if isinstance(node, list):
        return [hexed(one, back=back) for one in node]
    if not isinstance(node, dict):
        return node
    found = {key: hexed(value, back=back) for key, value in node.items()}
    for key in set(_IDS) & set(found):
        raw = bytes.fromhex(found[key]) if back else base64.b64decode(found[key])
        found[key] = base64.b64encode(raw).decode() if back else raw.hex()
    return found


def _named(node: Any) -> Any:
    if isinstance(node, list):
        return [_named(one) for one in node]
    if not isinstance(node, dict):
        return node
    found = {key: _named(value) for key, value in node.items() if key != "attributes"}
    if "attributes" in node:
        pairs = {one["key"]: _scalar(one.get("value", {})) for one in node["attributes"]}
        found["attributes"] = {key: value for key, value in pairs.items() if value is not None}
    return found


def _scalar(node: Mapping[str, Any]) -> Value | None:
    for kind, value in node.items():
        match kind:
            case "stringValue" | "boolValue":
                return value  # type: ignore[no-any-return]  # a scalar of JSON
            case "intValue":
                return int(value)
            case "doubleValue":
                return float(value)
    return None


def _first(kind: Kind, own: Attributes, lent: Attributes) -> Found:
    at = {**lent, **own}
    found = {one.item: [at[path] for path in one.paths if path in at] for one in FIELDS[kind]}
    taken = {item: values[0] for item, values in found.items() if values}
    words: dict[Value, Value] = {"wired": "ethernet", "cell": "cellular", "unavailable": "none"}
    if Item("network.connection") in taken:
        told = taken[Item("network.connection")]
        taken[Item("network.connection")] = words.get(told, told)
    return taken


def _span(node: Any, lent: Attributes, _number: int) -> Iterator[Told]:
    own = node.get("attributes", {})
    if node.get("kind") not in (2, 3) or not set(_CALLS) & set(own):
        return
    failed = node.get("status", {}).get("code") == 2 or "error.type" in own
    found = _first(Kind.REQUEST, own, lent) | {Item("request.count"): 1, Item("request.errors"): int(failed)}
    begun, ended = int(node.get("startTimeUnixNano", 0)), int(node.get("endTimeUnixNano", 0))
    if ended:
        found[Item("request.duration")] = (ended - begun) / 1e9
    yield Kind.REQUEST, found, node["traceId"] + node["spanId"], 1


def _metric(node: Any, lent: Attributes, number: int) -> Iterator[Told]:
    unit = _UNITS.get(node["name"])
    histogram = node.get("histogram") or node.get("exponentialHistogram")
    if unit is None or not histogram or histogram.get("aggregationTemporality") != 1:
        return
    for place, point in enumerate(histogram["dataPoints"]):
        own = point.get("attributes", {})
        status = own.get("http.status_code")
        failed = "error.type" in own or (isinstance(status, int) and status >= 500)
        found = _first(Kind.REQUEST, own, lent) | {Item("request.count"): 1, Item("request.errors"): int(failed)}
        read = _exponential if "histogram" not in node else _explicit if "bucketCounts" in point else None
        times = [str(point.get(key, "")) for key in ("startTimeUnixNano", "timeUnixNano", "count", "sum")]
        for i, (seconds, n) in enumerate(_buckets(point, read, unit)):
            told: Found = {} if seconds is None else {Item("request.duration"): seconds}
            message = " ".join([str(number), str(place), *times, str(i)]) if "sum" in point else ""
            yield Kind.REQUEST, found | told, message, n


def _buckets(point: Any, read: Read | None, unit: float) -> Iterator[tuple[float | None, int]]:
    """What stands for each bucket, and how many are in it; those that fall into one of ours are one."""
    found: dict[int, tuple[float, int]] = {}
    if read is None:
        yield None, int(point["count"])
        return
    for middle, n in read(point):
        seconds = middle * unit
        first, before = found.get(bucket(seconds), (seconds, 0))
        found[bucket(seconds)] = first, before + n
    yield from found.values()


def _explicit(point: Any) -> Iterator[tuple[float, int]]:
    ends = point["explicitBounds"]
    for i, n in enumerate(map(int, point["bucketCounts"])):
        if not n:
            continue
        if i == 0:
            yield ends[0] / 2, n
        elif i == len(ends):
            yield ends[-1], n
        else:
            yield math.sqrt(ends[i - 1]) * math.sqrt(ends[i]), n


def _exponential(point: Any) -> Iterator[tuple[float, int]]:
    if int(point.get("zeroCount", 0)):
        yield 0.0, int(point["zeroCount"])
    positive = point.get("positive", {})
    for i, n in enumerate(map(int, positive.get("bucketCounts", []))):
        if n:
            yield math.pow(2, (positive.get("offset", 0) + i + 0.5) / 2 ** point.get("scale", 0)), n


def _event(node: Any, lent: Attributes, _number: int) -> Iterator[Told]:
    own = node.get("attributes", {})
    name = node.get("eventName", own.get("event.name", ""))
    record = own.get("log.record.uid", "")
    if name == "session.end":
        found = _first(Kind.SESSION, own, lent) | {Item("session.status"): "exited"}
        yield Kind.SESSION, found, str(own.get("session.id", "")), 1
    elif name == "app.crash" or (own.get("exception.type") and name != "session.start"):
        found = _first(Kind.CRASH, own, lent) | _place(own)
        if name == "app.crash":
            found[Item("crash.handled")] = False
        yield Kind.CRASH, found, str(own.get("app.crash.id", record)), 1
    elif name and name != "session.start":
        yield Kind.EVENT, _first(Kind.EVENT, own, lent) | {Item("event.name"): name}, str(record), 1


def _place(own: Attributes) -> Found:
    if "code.function" in own:
        return {Item("crash.module"): own["code.namespace"], Item("crash.function"): own["code.function"]}
    if "exception.stacktrace" in own:
        called = str(own["exception.stacktrace"]).splitlines()[1].strip().removeprefix("at ").partition("(")[0]
        module, _, function = called.rpartition(".")
        return {Item("crash.module"): module, Item("crash.function"): function}
    return {}
