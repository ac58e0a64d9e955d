"""Exports that nobody means: refused in their own coding, in memory that does not grow with malice."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from exports import TYPES, body, histogram, point, sent
from hypothesis import given, settings
from hypothesis import strategies as st
from wide import PEER, planned, undeclared

from remit.wire.coding import EXPORTS, METRICS, PARTS_MAX, TRACES
from remit.wire.histograms import BUCKETS_MAX, COUNT_MAX
from remit.wire.otlp import Otlp
from remit.wire.otlp_binary import BODY_BYTES_MAX
from remit.wire.protocol import Refused, Rejection, Skip
from remit.wire.request import Request

OTLP, PLAN = Otlp(), planned()
MEGABYTES_MAX = 120
"""What the worst export of the largest size may take beside itself."""


def varint(n: int) -> bytes:
    """A number as protobuf writes it."""
    out = b""
    while n > 127:
        out, n = out + bytes([n & 127 | 128]), n >> 7
    return out + bytes([n])


def field(number: int, data: bytes) -> bytes:
    """A field of bytes, of a text or of a message."""
    return varint(number << 3 | 2) + varint(len(data)) + data


def spans(data: bytes) -> bytes:
    """An export with one resource and one scope of these bytes."""
    return field(1, field(2, data))


def nested(depth: int) -> bytes:
    """A list in a list in a list."""
    data = b""
    for _ in range(depth):
        data = field(5, field(1, data))
    return data


BROKEN = {
    "cut off": spans(field(2, b"\x08\x01"))[:-1],
    "a lying length": b"\x0a\xff\xff\xff\xff\x0f" + b"x" * 100,
    "a length of eleven bytes": b"\x0a" + b"\xff" * 11,
    "groups in groups": b"\x13" * 100_000,
    "a group without an end": spans(b"\x1b"),
    "an end without a group": spans(b"\x1c"),
    "a field of number 0": b"\x02\x00",
    "a wire type that there is not": b"\x0f\x00",
    "a resource that is broken": field(1, field(1, b"\x0a\xff")),
    "a span that is broken": spans(field(2, b"\x4a\x05")),
    "a key that is no text": spans(field(2, field(9, field(1, b"\xff\xfe")))),
    "a value that is no text": spans(field(2, field(9, field(1, b"a") + field(2, field(1, b"\xff"))))),
    "no text at all": b"hello",
}
JSONS = {
    "cut off": b'{"resourceSpans":[{"scopeSpans":[',
    "deep": b'{"resourceSpans":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    "not UTF-8": b'{"resourceSpans":[],"x":"\xff"}',
    "no list": b'{"resourceSpans":{}}',
    "a name for a kind": b'{"resourceSpans":[{"scopeSpans":[{"spans":[{"kind":"SPAN_KIND_CLIENT"}]}]}]}',
    "an envelope": b'{"dsn":"x"}\n{"type":"event"}\n{}',
}
LARGE = {
    "spans of nothing": spans(b"\x12\x00" * (PARTS_MAX + 1)),
    "scopes of nothing": field(1, b"\x12\x00" * (PARTS_MAX + 1)),
    "resources of nothing": b"\x0a\x00" * (PARTS_MAX + 1),
    "too many bytes": spans(field(2, b"")) + b" " * BODY_BYTES_MAX,
}


def asked(data: bytes, path: str = "/v1/traces", content: str = TYPES["protobuf"]) -> Request:
    """A request with this body."""
    return Request(method="POST", path=path, query={}, headers={"content-type": content}, peer=PEER, body=data)


def refused(request: Request) -> Rejection:
    """Why it is not taken; on the way to it nothing else escapes."""
    OTLP.key(request)
    undeclared(request, PLAN)
    OTLP.example_path(request.body, PLAN.app)
    with pytest.raises(Refused) as found:
        OTLP.decoder(PLAN)(request, 0)
    assert request.headers["content-type"] == found.value.reply.headers["content-type"]
    return found.value.rejection


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_protobuf_is_malformed(name: str) -> None:
    """Broken, cut off, lying, or grouped without end."""
    assert Rejection.MALFORMED is refused(asked(BROKEN[name]))


@pytest.mark.parametrize("name", JSONS)
def test_what_is_no_json_is_malformed(name: str) -> None:
    """The same of the other coding."""
    assert Rejection.MALFORMED is refused(asked(JSONS[name], content=TYPES["json"]))


@pytest.mark.parametrize("name", LARGE)
def test_what_is_too_much_is_too_large(name: str) -> None:
    """How much there is, is known before any of it is opened."""
    assert Rejection.TOO_LARGE is refused(asked(LARGE[name]))


def test_what_nests_without_end_is_passed_over() -> None:
    """A value that is a list of lists is no scalar, however deep, and its span is read."""
    for depth in (10, 5_000):
        method = field(9, field(1, b"http.request.method") + field(2, field(1, b"GET")))
        deep = field(9, field(1, b"user.id") + field(2, nested(depth)))
        request = asked(spans(field(2, b"\x30\x03" + method + deep)))
        (batch,) = OTLP.decoder(PLAN)(request, 0).batches

        undeclared(request, PLAN)
        assert 1 == batch.size
        assert "account.id" not in batch.columns


@pytest.mark.parametrize("coding", TYPES)
def test_points_that_cannot_be_read_are_counted(coding: str) -> None:
    """Counts that do not fit their bounds, too many buckets, more requests than there are, a scale of nobody."""
    points = [
        point(count=1, bucketCounts=["1", "2"], explicitBounds=[]),
        point(count=1, bucketCounts=["1"] * (BUCKETS_MAX + 1), explicitBounds=[1.0] * BUCKETS_MAX),
        point(count=1, bucketCounts=[str(COUNT_MAX + 1)]),
        point(count=COUNT_MAX + 1),
        point(count=1, bucketCounts=["1", "0"], explicitBounds=["NaN"]),
        point(count=0),
    ]
    wild: dict[str, Any] = {"scale": 1 << 30, "positive": {"bucketCounts": ["1"]}}
    far: dict[str, Any] = {"scale": -10, "positive": {"offset": (1 << 31) - 1, "bucketCounts": ["1"]}}
    kind = {"aggregationTemporality": 1, "dataPoints": [point(count=1, **one) for one in (wild, far)]}
    metrics = [histogram(*points), {"name": "http.client.duration", "exponentialHistogram": kind}]
    found = OTLP.decoder(PLAN)(sent(METRICS, body(METRICS, metrics), coding), 0)

    assert {Skip.UNREAD: 5, Skip.NO_RECORD: 1} == found.skipped
    assert [2] == [batch.size for batch in found.batches]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([*EXPORTS]), st.binary(max_size=80), st.integers(0, 3), st.sampled_from([*TYPES.values()]))
def test_no_bytes_of_an_export_escape_as_an_error(path: str, noise: bytes, level: int, content: str) -> None:
    """Noise in place of a body, or at any level of one, is read or refused."""
    data = noise
    for number in (2, 2, 1)[:level][::-1]:
        data = field(number, data)
    request = asked(data, path, content)
    OTLP.key(request)
    OTLP.example_path(data, PLAN.app)
    try:
        reply = OTLP.decoder(PLAN)(request, 0).reply
    except Refused as found:
        reply = found.reply
    else:
        undeclared(request, PLAN)
        OTLP.origins(request, PLAN)
    assert reply.status in (200, 400, 413)


def bombs() -> dict[str, bytes]:
    """Exports of the largest size whose bytes come to as many objects as can be."""
    room = BODY_BYTES_MAX - 1000
    attribute = b"".join(field(9, field(1, varint(n))) for n in range(room // 8))
    pack = field(6, b"\x01" * (room // 8 * 8))
    metric = field(1, b"http.client.request.duration") + field(9, field(1, pack) + b"\x10\x01")
    return {
        "spans": spans(b"\x12\x00" * (room // 2)),
        "attributes": spans(field(2, attribute[: len(attribute) // 9 * 9])),
        "resources": b"\x0a\x00" * (room // 2),
        "points": field(1, field(2, field(2, field(1, b"http.client.duration") + field(9, b"\x0a\x00" * (room // 2))))),
        "buckets": field(1, field(2, field(2, metric))),
    }


MEASURED = """
import resource, sys
sys.path[:0] = [{here!r}]
from test_hostile_exports import *
for path in EXPORTS:
    try:
        OTLP.decoder(PLAN)(asked(spans(b""), path), 0)
    except Refused:
        pass
data = bombs()[sys.argv[1]]
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
path = "/v1/metrics" if sys.argv[1] in ("points", "buckets") else "/v1/traces"
try:
    OTLP.key(asked(data, path))
    OTLP.decoder(PLAN)(asked(data, path), 0)
except Refused:
    pass
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.parametrize("name", bombs())
def test_a_bomb_takes_little_memory(name: str) -> None:
    """The most that a process ever held grows by a bounded part of it, whatever the bytes are."""
    source = MEASURED.format(here=str(Path(__file__).parent))
    done = subprocess.run([sys.executable, "-c", source, name], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert MEGABYTES_MAX >= int(done.stdout)


@pytest.mark.parametrize("coding", TYPES)
def test_an_export_holds_as_many_parts_as_the_docs_say(coding: str) -> None:
    """With its resource and its scope they are 5,000, and one more is not taken."""
    few = {"kind": 3, "attributes": [{"key": "http.method", "value": {"stringValue": "GET"}}]}
    (batch,) = OTLP.decoder(PLAN)(sent(TRACES, body(TRACES, [few] * (PARTS_MAX - 2)), coding), 0).batches

    assert PARTS_MAX - 2 == batch.size
    assert Rejection.TOO_LARGE is refused(sent(TRACES, body(TRACES, [few] * (PARTS_MAX - 1)), coding))
