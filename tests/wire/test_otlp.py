"""Exports of OpenTelemetry: both codings say the same, histograms merge exactly, a reply is in its request's words."""

import json
import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
from exports import CODINGS, TYPES, attributes, body, exponential, histogram, point, sent, span, written
from google.protobuf import json_format
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from wide import planned, request, spoken, undeclared

from remit.policy.reduce import BUCKET_MIN, bucket
from remit.policy.words import Item, Kind
from remit.wire.coding import EXPORTS, LOGS, METRICS, TRACES, Export
from remit.wire.conventions import FIELDS, METHODS, NAMES, paths
from remit.wire.decoder import VALUES_SIZE_MAX
from remit.wire.otlp import WORDS_CHARACTERS_MAX, Otlp
from remit.wire.protocol import Decoded, Refused, Rejection, Skip
from remit.wire.request import Request

PLAN = planned()
OTLP = Otlp()
GET = {"http.request.method": "GET"}
DURATION, COUNT, ERRORS = Item("request.duration"), Item("request.count"), Item("request.errors")


def decoded(of: Export, records: list[Any], coding: str = "json", resource: Mapping[str, Any] | None = None) -> Decoded:
    """What is read of one export under a policy that needs every item."""
    return OTLP.decoder(PLAN)(sent(of, body(of, records, resource or {}), coding), 0)


def told(one: Decoded) -> list[Any]:
    """Everything that was read, to be compared."""
    return [(b.kind, {k: list(c) for k, c in b.columns.items()}, b.messages, b.weights) for b in one.batches]


WHOLE = st.integers(-(2**63), 2**63 - 1)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.text(max_size=5) | st.booleans() | WHOLE | FLOATS | st.just(["a"])
NAMED = st.sampled_from([*paths(FIELDS[Kind.REQUEST]), "error.type", "custom.thing"])
ATTRIBUTES = st.dictionaries(NAMED, VALUES, max_size=6)
SPANS = st.builds(
    lambda told, kind, code, times: span(told, kind=kind, status={"code": code}, **times),
    ATTRIBUTES,
    st.integers(0, 5),
    st.integers(0, 2),
    st.sampled_from([{}, {"endTimeUnixNano": "0"}, {"startTimeUnixNano": 7, "endTimeUnixNano": 5}]),
)
EVENTS = st.builds(
    lambda told, more, name: {"attributes": attributes(told | more), **name},
    st.dictionaries(st.sampled_from(paths(FIELDS[Kind.CRASH])), VALUES, max_size=5),
    st.dictionaries(
        st.sampled_from("event.name exception.type code.function code.namespace session.id log.record.uid".split()),
        VALUES,
        max_size=4,
    ),
    st.sampled_from([{}, {"eventName": ""}, *({"eventName": name} for name in ("app.crash", "session.end", "opened"))]),
)
COUNTS = st.lists(st.integers(0, 5), min_size=1, max_size=12)
POINTS = st.builds(
    lambda told, counts, rest: point(
        told,
        count=sum(counts),
        bucketCounts=[str(n) for n in counts],
        explicitBounds=[0.01 * 2**i for i in range(len(counts) - 1)],
        **rest,
    ),
    ATTRIBUTES,
    COUNTS,
    st.sampled_from([{}, {"sum": 1.5}, {"sum": 0.0, "min": 0.02, "max": 3.0}, {"flags": 1}]),
)
EXPORTED = {TRACES: SPANS, METRICS: st.lists(POINTS, max_size=3).map(lambda found: histogram(*found)), LOGS: EVENTS}


@pytest.mark.parametrize("of", EXPORTS.values(), ids=lambda of: of.records)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_both_codings_of_an_export_say_the_same(of: Export, data: st.DataObject) -> None:
    """Columns, ids, weights and what becomes no record are equal, and so are the paths of what nobody needs."""
    records, resource = data.draw(st.lists(EXPORTED[of], max_size=4)), data.draw(ATTRIBUTES)
    text, binary = (sent(of, body(of, records, resource), coding) for coding in CODINGS)
    one, other = (OTLP.decoder(PLAN)(request, 0) for request in (text, binary))

    assert told(one) == told(other)
    assert one.skipped == other.skipped
    # Protobuf does not write what is 0 or empty.
    assert set(undeclared(binary, PLAN)) <= set(undeclared(text, PLAN))


@pytest.mark.parametrize("coding", CODINGS)
@settings(max_examples=150, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=40), st.integers(-40, 40), st.integers(2, 8))
def test_an_exponential_histogram_merges_exactly(coding: str, counts: list[int], offset: int, scale: int) -> None:
    """Of a scale of 2 or more, each of its buckets lies in one of ours, and the numbers add up there."""
    positive = {"offset": offset, "bucketCounts": [str(n) for n in counts]}
    one = point(count=sum(counts) + 2, scale=scale, zeroCount="2", positive=positive)
    found = decoded(METRICS, [exponential(one)], coding)
    expected: Counter[int] = Counter({BUCKET_MIN: 2})
    for i, n in enumerate(counts):
        expected[max(BUCKET_MIN, (offset + i) >> (scale - 2))] += n
    (batch,) = found.batches
    merged = Counter[int]()
    for seconds, n in zip(batch.columns[DURATION], batch.weights or [], strict=True):
        assert isinstance(seconds, float)
        merged[bucket(seconds)] += n

    assert +expected == merged
    assert batch.size == len(merged)


BOUNDED = [
    ([0.5], ["3", "0"], {}, [(0.25, 3)]),
    ([0.5, 2.0], ["0", "3", "1"], {}, [(1.0, 3), (2.0, 1)]),
    ([0.5, 2.0], ["0", "3", "1"], {"min": 1.5, "max": 8.0}, [(math.sqrt(3), 3), (4.0, 1)]),
    ([0.5, 2.0], ["0", "1", "0"], {"min": 0.7, "max": 0.7}, [(0.7, 1)]),
    ([1.0, 1.01, 1.02], ["0", "1", "2", "0"], {}, [(math.sqrt(1.01), 3)]),
    ([], ["4"], {}, [(0.0, 4)]),
    ([], [], {}, [(None, 7)]),
]


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize(("bounds", "counts", "rest", "expected"), BOUNDED)
def test_what_stands_for_a_bucket(
    coding: str, bounds: list[float], counts: list[str], rest: dict[str, Any], expected: list[tuple[Any, int]]
) -> None:
    """The middle by factors of what a bucket can hold, with its number; buckets that are one of ours are one record."""
    one = point(count=7, explicitBounds=bounds, bucketCounts=counts, **rest)
    (batch,) = decoded(METRICS, [histogram(one)], coding).batches
    seconds = batch.columns.get(DURATION, [None] * batch.size)

    assert [pytest.approx(n) for n, _ in expected] == list(seconds)
    assert [n for _, n in expected] == batch.weights
    assert [1] * batch.size == list(batch.columns[COUNT])


@pytest.mark.parametrize("coding", CODINGS)
def test_a_cumulative_histogram_is_not_counted(coding: str) -> None:
    """Its points repeat those before: each is counted as such, and the client hears how to send what is new."""
    points = [point(count=1, bucketCounts=["1"]), point(count=2, bucketCounts=["2"])]
    found = decoded(METRICS, [histogram(*points, new=2), histogram(*points), {"name": "other", "sum": {}}], coding)
    reply = _reply(found.reply.body, coding, ExportMetricsServiceResponse())

    assert [1, 2] == [n for batch in found.batches for n in batch.weights or []]
    assert {Skip.CUMULATIVE: 2, Skip.UNREAD: 1} == found.skipped
    assert 2 == reply.partial_success.rejected_data_points
    assert "TEMPORALITY_PREFERENCE=delta" in reply.partial_success.error_message


def _fields(data: bytes) -> dict[str, Any]:
    """The two fields of a small ``google.rpc.Status``: a number, and a text of under 128 bytes."""
    assert (data[0], data[2], data[3], data[1] < 128) == (1 << 3, 2 << 3 | 2, len(data) - 4, True)
    return {"code": data[1], "message": data[4:].decode()}


def _reply(data: bytes, coding: str, message: Any) -> Any:
    return json_format.Parse(data, message) if coding == "json" else message.FromString(data)


@pytest.mark.parametrize("coding", CODINGS)
def test_what_comes_again_has_the_ids_it_had(coding: str) -> None:
    """Spans, points and events are told from their repeats, and two that differ have two ids; some have none."""
    crash = {"eventName": "app.crash", "attributes": attributes({"app.crash.id": "c", "exception.type": "E"})}
    ended = [{"eventName": "session.end", "attributes": attributes({"session.id": one})} for one in ("s", "t")]
    bare = {"eventName": "opened"}
    points = [point(count=3, sum=total, bucketCounts=["1", "2"], explicitBounds=[1]) for total in (0.5, 0.5, 0.6)]
    exports: dict[Export, list[Any]] = {
        TRACES: [span(GET), span(GET, spanId="ef" * 8)],
        METRICS: [histogram(*points)],
        LOGS: [crash, *ended, bare],
    }
    for of, records in exports.items():
        first, again = (decoded(of, records, coding) for _ in range(2))
        ids = [one for batch in first.batches for one in batch.messages or []]

        assert ids == [one for batch in again.batches for one in batch.messages or []]
        assert len(ids) == len(set(ids))
    assert ["c", "s", "t", ""] == ids
    without = decoded(METRICS, [histogram(point(count=1, bucketCounts=["1"]))], coding)
    assert [[""]] == [batch.messages for batch in without.batches]
    assert [[""]] == [b.messages for b in decoded(TRACES, [span(GET, spanId="")], coding).batches]


@pytest.mark.parametrize("coding", CODINGS)
def test_an_id_of_a_point_says_nothing_of_its_attributes(coding: str) -> None:
    """What nothing needs, and who it is about, leave no trace in it."""
    both = [
        decoded(METRICS, [histogram(point(GET | {"user.id": who}, count=1, sum=0.5, bucketCounts=["1"]))], coding)
        for who in ("ada", "bob")
    ]
    assert both[0].batches[0].messages == both[1].batches[0].messages


@pytest.mark.parametrize("coding", CODINGS)
def test_a_resource_lends_what_a_record_does_not_say(coding: str) -> None:
    """Device, application and person, and nothing of a request; its size counts in every record."""
    resource = {"user.id": "ada", "os.name": "Android", "url.full": "/of/nobody", "http.request.method": "PUT"}
    (batch,) = decoded(TRACES, [span(GET), span(GET | {"user.id": "bob"}), span({})], coding, resource).batches

    assert ["ada", "bob"] == list(batch.columns[Item("account.id")])
    assert ["Android", "Android"] == list(batch.columns[Item("os.name")])
    assert Item("request.url") not in batch.columns
    each = "x" * 2000
    many = VALUES_SIZE_MAX // len(each) + 1
    with pytest.raises(Refused, match="too_large"):
        decoded(TRACES, [span(GET)] * many, coding, {"user.id": each})


WAYS: Mapping[str, tuple[Mapping[str, str], Mapping[str, str], str | None]] = {
    "bearer": ({"authorization": "Bearer k1"}, {"remit.key": "k3"}, "k1"),
    "bearer in small letters": ({"authorization": "bearer  k1 "}, {}, "k1"),
    "header": ({"x_remit_key": "k2"}, {"remit.key": "k3"}, "k2"),
    "resource": ({}, {"remit.key": "k3"}, "k3"),
    "another scheme": ({"authorization": "Basic azo="}, {"remit.key": "k3"}, "k3"),
    "nothing": ({}, {"service.name": "shop"}, None),
    "an empty one": ({"authorization": "Bearer", "x_remit_key": ""}, {"remit.key": ""}, None),
}


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("way", WAYS)
def test_an_export_says_whose_it_is(way: str, coding: str) -> None:
    """By a header, else by an attribute of a resource."""
    headers, resource, expected = WAYS[way]
    key = OTLP.key(sent(TRACES, body(TRACES, [span(GET)], resource), coding, **headers))

    assert expected == (key and key.key)


@pytest.mark.parametrize("rejection", Rejection)
@pytest.mark.parametrize("coding", CODINGS)
def test_a_refusal_is_in_the_coding_of_its_request(coding: str, rejection: Rejection) -> None:
    """A google.rpc.Status that its client can read, from the head alone too."""
    for data in (b"", written(TRACES, body(TRACES, [span(GET)]), coding)):
        asked = Request(
            method="POST", path="/v1/traces", query={}, headers={"content-type": TYPES[coding]}, peer="", body=data
        )
        reply = OTLP.refusing(rejection, asked)
        status = json.loads(reply.body) if coding == "json" else _fields(reply.body)

        assert TYPES[coding] == reply.headers["content-type"]
        assert rejection.value.replace("_", " ") == status["message"]
        assert 0 < status["code"] <= 16


@pytest.mark.parametrize("coding", CODINGS)
def test_the_coding_is_what_the_bytes_are(coding: str) -> None:
    """Whatever the client claims; a reply to what was taken is an empty message of the same."""
    for claim in (*TYPES.values(), "text/plain", ""):
        asked = sent(TRACES, body(TRACES, [span(GET)]), coding, content_type=claim)
        found = OTLP.decoder(PLAN)(asked, 0)

        assert (200, TYPES[coding]) == (found.reply.status, found.reply.headers["content-type"])
        assert (b"{}" if coding == "json" else b"") == found.reply.body
        assert [1] == [batch.size for batch in found.batches]


@pytest.mark.parametrize("coding", CODINGS)
def test_a_client_is_told_published_names_that_nothing_needs(coding: str) -> None:
    """Nothing is rejected, and the words follow from the policy alone: none that it needs, none of the body."""
    narrow = planned([Item("request.url"), Item("account.id")])
    secret = {"zqcanaryzq": "zqcanaryzq", **GET}
    reply = OTLP.decoder(narrow)(sent(TRACES, body(TRACES, [span(secret)]), coding), 0).reply
    words = _reply(OTLP.stopping(narrow)(reply).body, coding, ExportTraceServiceResponse()).partial_success
    named = set(words.error_message.removeprefix("no purpose needs: ").split(", ")[:-1])

    assert 0 == words.rejected_spans
    assert len(words.error_message) <= WORDS_CHARACTERS_MAX + 60
    assert {"user.email", "client.address", "exception.message", "url.query"} <= named <= set(NAMES)
    assert not named & {"user.id", "url.full", "http.route", *METHODS}
    cumulative = OTLP.decoder(narrow)(sent(METRICS, body(METRICS, [histogram(point(), new=2)]), coding), 0).reply
    assert cumulative == OTLP.stopping(narrow)(cumulative)


def test_only_what_the_plan_needs_is_told_apart() -> None:
    """Under a plan without requests' durations and errors, times and status are nobody's either."""
    narrow = planned([Item("request.url")])
    failed = span(GET | {"url.full": "/", "user.id": "ada"}, status={"code": 2})
    asked = sent(TRACES, body(TRACES, [failed]), "protobuf")
    (batch,) = OTLP.decoder(narrow)(asked, 0).batches

    assert {Item("request.url")} == set(batch.columns)
    assert {"spans.startTimeUnixNano", "spans.status.code", "spans.attributes.user\\.id"} <= set(
        undeclared(asked, narrow)
    )


def test_a_large_part_is_not_opened_for_a_sample() -> None:
    """A span of many attributes is one path, and its neighbours are told of as ever."""
    large = span({f"custom.{n}": n for n in range(9000)})
    for coding in CODINGS:
        paths = Counter(undeclared(sent(TRACES, body(TRACES, [large, span({})]), coding), PLAN))
        assert 1 == paths["(too many values to look at)"]
        assert 1 == paths["spans.traceId"]


def test_an_example_leads_to_its_endpoint() -> None:
    """A body in a file is known by what it has, in either coding; of another protocol it is not."""
    metric = histogram(point(count=1, bucketCounts=["1"]))
    records: dict[Export, Any] = {TRACES: span(GET), METRICS: metric, LOGS: {"eventName": "opened"}}
    for of, record in records.items():
        for coding in CODINGS:
            assert of.path == OTLP.example_path(written(of, body(of, [record]), coding), PLAN.app)
    for other in (b"{}", b"hello", b'{"batch":[]}', b'{}\n{"type":"event"}\n{}', json.dumps(body(TRACES, [])).encode()):
        assert OTLP.example_path(other, PLAN.app) is None


def test_the_three_paths_are_of_this_protocol_alone() -> None:
    """Segment has /v1/t, and is asked for nothing else below /v1."""
    for path in ("/v1/traces", "/v1/metrics", "/v1/logs"):
        assert "otlp" == spoken(path).name == spoken(path + "/").name
    assert "segment" == spoken("/v1/t").name
    assert request("/v1/traces", {}).body


@pytest.mark.parametrize("coding", CODINGS)
def test_texts_that_are_too_long_are_short_in_both(coding: str) -> None:
    """What is of no type costs nothing in any record; a stack trace, which is never carried, is read all the same."""
    trace = "java.lang.Error\n\tat shop.Cart.total(Cart.kt:3)\n" + "\tat shop.Main.run(Main.kt:1)\n" * 1000
    thrown = {"exception.type": "x" * 3000, "exception.stacktrace": trace}
    (batch,) = decoded(LOGS, [{"eventName": "app.crash", "attributes": attributes(thrown)}], coding).batches

    assert [""] == list(batch.columns[Item("crash.type")])
    assert ["shop.Cart"] == list(batch.columns[Item("crash.module")])
    assert ["total"] == list(batch.columns[Item("crash.function")])
