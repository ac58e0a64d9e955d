"""Bad input: the vendor's own words, in time and memory that do not grow with malice, and never a traceback."""

import time
from collections.abc import Mapping

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wide import envelope, planned, request, spoken, undeclared

from remit.policy.words import Item
from remit.wire.decoder import JSON_BYTES_MAX
from remit.wire.envelope import items
from remit.wire.messages import EVENTS_PER_BATCH_MAX
from remit.wire.protocol import Refused, Rejection
from remit.wire.records import RECORDS_MAX
from remit.wire.routes import PROTOCOLS, preflight, protocol_for

PLAN = planned()
DEEP = b"[" * 50_000 + b"]" * 50_000
HUGE = b"9" * 5_000
BROKEN = {
    "nothing": b"",
    "no JSON": b"hello",
    "cut off": b'{"batch":[{"type":"page","userId":"u',
    "deep, undeclared": b'{"n":"pageview","u":"/","batch":[],"x":' + DEEP + b"}",
    "deep, declared": b'{"n":' + DEEP + b',"u":"/","batch":' + DEEP + b"}",
    "half a surrogate": b'{"n":"pageview","u":"\\ud800","batch":[{"type":"page","userId":"\\ud800"}]}',
    "not UTF-8, undeclared": b'{"n":"pageview","u":"/","batch":[],"x":"\xff"}',
    "not UTF-8, a key": b'{"n":"pageview","u":"/","batch":[],"\xff":1}',
    "not UTF-8, declared": b'{"n":"pageview","u":"\xff","batch":[{"type":"page","userId":"\xff"}]}',
    "5000 digits": b'{"n":"pageview","u":' + HUGE + b',"batch":[{"type":"page","userId":' + HUGE + b"}]}",
    "beyond a float": b'{"n":"pageview","u":1e999,"batch":[{"type":"page","userId":1e999}]}',
    "not a number": b'{"n":"pageview","u":NaN,"batch":[{"type":"page","userId":NaN}]}',
    "a list": b"[]",
    "a number": b"7",
    "nothing of the protocol": b"{}",
}
ENVELOPES = {
    "nothing": b"",
    "no JSON": b"hello\n{}",
    "header is a list": b"[]\n",
    "header is deep": DEEP + b"\n",
    "header is not UTF-8": b'{"sent_at":"\xff"}\n',
    "item header is no JSON": b"{}\nhello\n{}",
    "item is shorter than it says": b'{}\n{"type":"event","length":99}\n{}',
    "item is longer than it says": b'{}\n{"type":"event","length":1}\n{}',
    "negative length": b'{}\n{"type":"event","length":-1}\n{}',
    "event is no JSON": b'{}\n{"type":"event"}\nhello',
    "event is cut off": b'{}\n{"type":"event"}\n{"exception":{"values":[{"type":"E',
    "event is deep": b'{}\n{"type":"event"}\n{"x":' + DEEP + b"}",
    "event is not UTF-8": b'{}\n{"type":"event"}\n{"x":"\xff"}',
    "5000 digits": b'{}\n{"type":"event"}\n{"exception":[{"type":' + HUGE + b"}]}",
    "too many items": b"{}" + b'\n{"type":"x"}\n{}' * 300,
}
RECORDS = {
    "nothing": b"",
    "blank lines": b" \n\n",
    "no JSON": b"hello",
    "a list": b"[]",
    "a number": b"7",
    "no list of records": b'{"records":{}}',
    "cut off": b'{"records":[{"kind":"event"',
    "a line that is cut off": b'{"kind":"event"}\n{"kind":"ev',
    "a line that is a list": b'{"kind":"event"}\n[]',
    "deep, undeclared": b'{"records":[],"x":' + DEEP + b"}",
    "deep, declared": b'{"records":[{"kind":"event","items":{"event.name":' + DEEP + b"}}]}",
    "not UTF-8": b'{"records":[{"kind":"event","items":{"event.name":"\xff"}}]}',
    "half a surrogate": b'{"records":[{"kind":"event","items":{"event.name":"\\ud800"}}]}',
    "5000 digits": b'{"records":[{"kind":"event","items":{"event.name":' + HUGE + b"}}]}",
}
CASES = [
    *(pytest.param("/v1/batch", body, id=f"batch {name}") for name, body in BROKEN.items()),
    *(pytest.param("/api/event", body, id=f"event {name}") for name, body in BROKEN.items()),
    *(pytest.param("/remit/v1/records", body, id=f"records {name}") for name, body in RECORDS.items()),
    *(pytest.param("/api/1/envelope/", body, id=f"envelope {name}") for name, body in ENVELOPES.items()),
]  # fmt: skip


@pytest.mark.parametrize(("path", "body"), CASES)
def test_what_cannot_be_read_is_malformed(path: str, body: bytes) -> None:
    """Broken, deep, cut off, out of bounds: the protocol's 400, and nothing else escapes on the way to it."""
    protocol, sent = spoken(path), request(path, body)
    protocol.key(sent)
    undeclared(sent, PLAN)
    protocol.example_path(body, PLAN.app)
    with pytest.raises(Refused) as refused:
        protocol.decoder(PLAN)(sent, 0)

    assert Rejection.MALFORMED is refused.value.rejection
    assert 400 == refused.value.reply.status
    assert "malformed" == str(refused.value)


@pytest.mark.parametrize("path", ["/v1/batch", "/v1/page", "/api/event", "/api/1/envelope/", "/remit/v1/records"])
def test_a_text_above_the_bound_is_too_large(path: str) -> None:
    """JSON that is decoded is bounded, so that a body of empty objects cannot become a gigabyte."""
    text = b'{"batch":[' + b"{}," * (JSON_BYTES_MAX // 3) + b"{}]}"
    body = b'{}\n{"type":"event"}\n' + text if "envelope" in path else text
    with pytest.raises(Refused) as refused:
        spoken(path).decoder(PLAN)(request(path, body), 0)

    assert 413 == refused.value.reply.status


@pytest.mark.parametrize("extra", [b"", b',"context":{"locale":"en"}'])
def test_a_batch_holds_as_many_events_as_segment_takes(extra: bytes) -> None:
    """2,500 events are taken and one more is not, whichever way the batch takes."""
    decode = spoken("/v1/batch").decoder(PLAN)
    for n in (EVENTS_PER_BATCH_MAX, EVENTS_PER_BATCH_MAX + 1):
        body = b'{"batch":[' + b",".join([b'{"type":"page"}'] * n) + b"]" + extra + b"}"
        if n == EVENTS_PER_BATCH_MAX:
            assert n == decode(request("/v1/batch", body), 0).batches[0].size
        else:
            with pytest.raises(Refused, match="too_large"):
                decode(request("/v1/batch", body), 0)


@pytest.mark.parametrize("lines", [True, False])
def test_a_body_holds_as_many_records_as_the_docs_say(lines: bool) -> None:
    """5,000 records are taken and one more is not, in one text or one a line."""
    decode = spoken("/remit/v1/records").decoder(PLAN)
    for n in (RECORDS_MAX, RECORDS_MAX + 1):
        records = [b'{"kind":"event"}'] * n
        body = b"\n".join(records) if lines else b'{"records":[' + b",".join(records) + b"]}"
        if n == RECORDS_MAX:
            assert n == decode(request("/remit/v1/records", body), 0).batches[0].size
        else:
            with pytest.raises(Refused, match="too_large"):
                decode(request("/remit/v1/records", body), 0)


def test_an_envelope_of_line_ends_is_passed_over_in_one_go() -> None:
    """Blank lines cost their number, not its square: ten million of them end at once, with what comes after."""
    began = time.process_time()
    found = list(items(b"{}\n" + b"\n" * 10_000_000 + b'{"type":"x"}\n1'))

    assert [("x", b"1")] == found
    assert time.process_time() - began < 2


def test_items_that_nobody_reads_may_be_large_and_binary() -> None:
    """An attachment beside an event is skipped by its length; the event is read."""
    event = b'{"exception":[{"type":"E"}]}'
    blob = b"\xff\n" * JSON_BYTES_MAX
    body = b'{}\n{"type":"attachment","length":%d}\n%s\n{"type":"event"}\n%s' % (len(blob), blob, event)
    (batch,) = spoken("/api/1/envelope/").decoder(PLAN)(request("/api/1/envelope/", body), 0).batches

    assert ["E"] == list(batch.columns[Item("crash.type")])


HEADERS: tuple[tuple[str, Mapping[str, str], bytes], ...] = (
    ("/v1/batch", {"authorization": "Basic \xe9"}, b"{}"),
    ("/v1/batch", {"authorization": "Basic /w=="}, b"{}"),
    ("/v1/batch", {"authorization": "Basic"}, b"{}"),
    ("/v1/batch", {"authorization": "Bearer x"}, b'{"writeKey":7}'),
    ("/v1/batch", {}, b'{"writeKey":"\xff"}'),
    ("/api/1/envelope/", {"x-sentry-auth": "Sentry"}, b'{"dsn":"http://[/1"}\n'),
    ("/api/1/envelope/", {}, b'{"dsn":7}\n'),
    ("/api/event", {}, b'{"u":"http://[/"}'),
    ("/api/event", {}, b'{"d":"\xff"}'),
    ("/remit/v1/records", {"authorization": "Bearer"}, b"{}"),
    ("/remit/v1/records", {"authorization": "Basic x"}, b'{"key":7}'),
    ("/remit/v1/records", {}, b'{"key":""}'),
    ("/remit/v1/records", {}, b'{"key":"\xff"}'),
)


@pytest.mark.parametrize(("path", "headers", "body"), HEADERS)
def test_a_key_that_cannot_be_read_is_no_key(path: str, headers: Mapping[str, str], body: bytes) -> None:
    """Before anybody is known, nothing in a header or body can do more than name nobody."""
    assert spoken(path).key(request(path, body, **headers)) is None


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["/v1/batch", "/v1/g", "/api/event", "/api/1/envelope/"]), st.binary(max_size=80), st.booleans())
def test_no_bytes_escape_as_an_error(path: str, noise: bytes, framed: bool) -> None:
    """Noise in place of a body, or inside one, is read or refused."""
    body = b'{}\n{"type":"event"}\n' + noise if framed and "envelope" in path else noise
    protocol, sent = spoken(path), request(path, body, authorization=noise.decode("latin-1"))
    protocol.key(sent)
    undeclared(sent, PLAN)
    protocol.example_path(body, PLAN.app)
    try:
        reply = protocol.decoder(PLAN)(sent, 0).reply
    except Refused as refused:
        reply = refused.reply
    assert reply.status in (200, 202, 400)


STATUS = {
    "posthog": {"unknown_key": 401, "malformed": 400, "too_large": 413, "too_many": 429, "no_room": 503, "busy": 503},
    "umami": {"unknown_key": 400, "malformed": 400, "too_large": 413, "too_many": 429, "no_room": 503, "busy": 503},
    "segment": {"unknown_key": 401, "malformed": 400, "too_large": 413, "too_many": 429, "no_room": 503, "busy": 503},
    "sentry": {"unknown_key": 403, "malformed": 400, "too_large": 413, "too_many": 429, "no_room": 503, "busy": 503},
    "plausible": {"unknown_key": 400, "malformed": 400, "too_large": 413, "too_many": 429, "no_room": 503, "busy": 503},
    "otlp": {"unknown_key": 401, "malformed": 400, "too_large": 413, "too_many": 429, "no_room": 503, "busy": 503},
    "remit": {"unknown_key": 401, "malformed": 400, "too_large": 413, "too_many": 429, "no_room": 503, "busy": 503},
}
WORDS = {
    "posthog": {"type", "code", "detail"},
    "umami": {"error"},
    "segment": {"code", "message"},
    "sentry": {"detail"},
    "plausible": {"errors"},
    "otlp": {"code", "message"},
    "remit": {"problem", "message"},
}


def test_refusals_are_in_the_vendors_own_shape() -> None:
    """Status and body of each rejection are what that vendor's clients understand; to wait, they are told how long."""
    for protocol in PROTOCOLS:
        replies = {rejection: protocol.refusal(rejection) for rejection in Rejection}
        assert STATUS[protocol.name] == {rejection.value: reply.status for rejection, reply in replies.items()}
        assert all(WORDS[protocol.name] == set(msgspec.json.decode(reply.body)) for reply in replies.values())
        waiting = {rejection for rejection, reply in replies.items() if reply.headers.get("retry-after", "").isdigit()}
        assert {Rejection.TOO_MANY, Rejection.NO_ROOM, Rejection.BUSY} == waiting


def test_browsers_may_send_and_no_cookie_is_ever_set() -> None:
    """Any page may send, sees the limits it is given, and is given nothing to remember."""
    replies = [preflight(), *(protocol.refusal(rejection) for protocol in PROTOCOLS for rejection in Rejection)]
    replies.append(spoken("/v1/page").decoder(PLAN)(request("/v1/page", {}), 0).reply)
    for reply in replies:
        assert "*" == reply.headers["access-control-allow-origin"]
        assert "x-sentry-rate-limits, retry-after, remit-dropped" == reply.headers["access-control-expose-headers"]
        assert not {"set-cookie", "access-control-allow-credentials"} & {name.lower() for name in reply.headers}
    assert {"content-type", "remit-choice"} <= {*preflight().headers["access-control-allow-headers"].split(", ")}


def test_what_claims_another_type_is_read_all_the_same() -> None:
    """Content types of real SDKs are often wrong, so none is believed."""
    for claim in ("text/plain", "application/x-www-form-urlencoded", "image/png", ""):
        sent = request("/v1/page", {"userId": "u"}, content_type=claim)
        assert ["u"] == list(spoken("/v1/page").decoder(PLAN)(sent, 0).batches[0].columns[Item("account.id")])


def test_an_item_that_the_plan_lacks_is_never_decoded() -> None:
    """A decoder of a narrow plan makes no column of anything else, whatever the body bears."""
    narrow = planned([Item("os.name")])
    context = {"os": {"name": "Android", "version": "14"}, "ip": "192.0.2.1", "device": {"model": "E1"}}
    event = {"contexts": context, "user": {"id": "u"}, "exception": [{"type": "E", "value": "secret"}]}
    page = {"n": "pageview", "u": "https://shop.example/"}
    bodies = {
        "/v1/page": request("/v1/page", {"userId": "u", "context": context}),
        "/api/1/envelope/": request("/api/1/envelope/", envelope(("event", event))),
        "/api/event": request("/api/event", page, user_agent="Example/1"),
    }
    found = {path: spoken(path).decoder(narrow)(sent, 0).batches[0].columns for path, sent in bodies.items()}

    assert {
        "/v1/page": {"os.name": ["Android"]},
        "/api/1/envelope/": {"os.name": ["Android"]},
        "/api/event": {},
    } == found


def test_a_method_or_path_of_nobody_has_no_protocol() -> None:
    """Only POST, and only the documented paths; digits are digits."""
    assert [None] * 6 == [
        protocol_for(method, path)
        for method, path in (
            ("GET", "/v1/batch"), ("PUT", "/api/event"), ("POST", "/v1/x"), ("POST", "/v1/batch//"),
            ("POST", "/api/\u0663/envelope/"), ("POST", "/api/1/minidump/"),
        )
    ]  # fmt: skip
