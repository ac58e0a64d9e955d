"""Exports of OpenTelemetry for tests: written once, sent in either coding."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from google.protobuf import json_format
from wide import PEER

from remit.proof.exports_walked import MESSAGES, hexed
from remit.wire.coding import Export, camel
from remit.wire.request import Request

CODINGS = ("json", "protobuf")
TYPES = {"json": "application/json", "protobuf": "application/x-protobuf"}


def attributes(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A list of attributes as JSON has it."""
    return [{"key": name, "value": value_of(value)} for name, value in told.items()]


def value_of(value: Any) -> dict[str, Any]:
    """An ``AnyValue``; a list becomes one of texts."""
    match value:
        case bool():
            return {"boolValue": value}
        case int():
            return {"intValue": str(value)}
        case float():
            return {"doubleValue": value}
        case list():
            return {"arrayValue": {"values": [value_of(one) for one in value]}}
        case _:
            return {"stringValue": value}


def body(of: Export, records: Sequence[Any], resource: Mapping[str, Any] = {}) -> dict[str, Any]:
    """One export of one resource and one scope."""
    scope = {"scope": {"name": "example"}, camel(of.records): list(records)}
    return {camel(of.resources): [{"resource": {"attributes": attributes(resource)}, camel(of.scopes): [scope]}]}


def written(of: Export, whole: Any, coding: str) -> bytes:
    """The bytes of an export."""
    if coding == "json":
        return json.dumps(whole).encode()
    message = json_format.ParseDict(hexed(whole, back=True), MESSAGES[of]())
    return bytes(message.SerializeToString())


def sent(of: Export, whole: Any, coding: str, **headers: str) -> Request:
    """The request that an SDK makes of it."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request(
        method="POST",
        path=of.path,
        query={},
        headers={"content-type": TYPES[coding], **named},
        peer=PEER,
        body=written(of, whole, coding),
    )


def span(told: Mapping[str, Any], **rest: Any) -> dict[str, Any]:
    """A span of a client that lasted half a second."""
    times = {"startTimeUnixNano": "1760000000000000000", "endTimeUnixNano": "1760000000500000000"}
    return {"kind": 3, "traceId": "ab" * 16, "spanId": "cd" * 8, **times, "attributes": attributes(told), **rest}


def histogram(*points: Any, name: str = "http.client.request.duration", new: int = 1) -> dict[str, Any]:
    """A metric with explicit bounds, of what is new."""
    return {"name": name, "histogram": {"aggregationTemporality": new, "dataPoints": list(points)}}


def exponential(*points: Any, new: int = 1) -> dict[str, Any]:
    """A metric whose buckets grow by a factor."""
    kind = {"aggregationTemporality": new, "dataPoints": list(points)}
    return {"name": "http.client.request.duration", "exponentialHistogram": kind}


def point(told: Mapping[str, Any] | None = None, **rest: Any) -> dict[str, Any]:
    """A data point with its times."""
    times = {"startTimeUnixNano": "1", "timeUnixNano": "2"}
    return {**times, "attributes": attributes(told or {"http.request.method": "GET"}), **rest}
