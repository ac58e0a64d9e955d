"""Protocols: disjoint, compiled as the tolerant walk says, and knowing only what the plan needs."""

import contextlib
import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remit.policy.compile import compiled
from remit.policy.model import Policy
from remit.policy.plan import Plan, plan
from remit.policy.words import Item, Kind
from remit.wire.decoder import shape, walk
from remit.wire.envelope import items
from remit.wire.messages import FIELDS
from remit.wire.protocol import AppKey, Refused
from remit.wire.request import Request
from remit.wire.routes import protocol_for

EXAMPLE = Path(__file__).resolve().parents[2] / "examples/device-maker/remit.yaml"
PATHS = ("a", "b.c", "b.d.e", "f")


@pytest.fixture(scope="module")
def shop() -> Plan:
    policy = compiled(EXAMPLE.read_text(encoding="utf-8"), EXAMPLE.name)
    assert isinstance(policy, Policy)
    return plan(policy, policy.apps["shop-android"])


def request(path: str, body: object, **headers: str) -> Request:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Request(method="POST", path=path, query={}, headers=headers, peer="192.0.2.9", body=data)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda below: st.lists(below, max_size=2) | st.dictionaries(st.sampled_from("abcdefg"), below, max_size=4),
    max_leaves=8,
)


@settings(max_examples=400, deadline=None)
@given(st.dictionaries(st.sampled_from("abcdefg"), JSON, max_size=5))
def test_the_compiled_way_equals_the_tolerant_walk(body: dict[str, object]) -> None:
    """Whatever the compiled structs accept, they read as the walk does."""
    compiled_shape = shape(PATHS)
    data = json.dumps(body).encode()
    try:
        row = compiled_shape.read(msgspec.json.Decoder(compiled_shape.struct).decode(data))
    except msgspec.ValidationError:
        return  # the body goes through the walk itself
    assert tuple(walk(msgspec.json.decode(data), path) for path in PATHS) == row


MESSAGE = st.fixed_dictionaries(
    {"type": st.sampled_from(["identify", "page", "track", "screen", "alias", "strange"]), "messageId": st.just("m")},
    optional={
        "userId": st.just("u") | JSON,
        "traits": st.fixed_dictionaries({"email": st.just("a@example.org") | JSON}) | JSON,
        "context": st.fixed_dictionaries({"device": JSON, "ip": st.just("192.0.2.1")}) | JSON,
        "properties": st.fixed_dictionaries({"url": st.just("/cart")}) | JSON,
    },
)


@settings(max_examples=200, deadline=None)
@given(messages=st.lists(MESSAGE, max_size=3), odd=st.booleans())
def test_one_odd_message_does_not_change_how_others_are_read(
    shop: Plan, messages: list[dict[str, object]], odd: bool
) -> None:
    """A batch that has to take the slow way gives the columns of its messages read one by one."""
    extra: list[dict[str, object]] = [{"type": "page", "context": "not an object"}] if odd else []
    segment = protocol_for("POST", "/v1/batch")
    assert segment is not None
    decode = segment.decoder(shop)
    whole = decode(request("/v1/batch", {"batch": [*messages, *extra]}), 0)
    alone = [b for m in [*messages, *extra] for b in decode(request("/v1/batch", {"batch": [m]}), 0).batches]
    for batch in whole.batches:
        same = [one for one in alone if one.kind is batch.kind]
        assert batch.size == len(same)
        for item in {item for one in same for item in one.columns}:
            assert [one.columns.get(item, [None])[0] for one in same] == list(batch.columns[item])


def test_decoders_know_only_what_the_plan_needs(shop: Plan) -> None:
    """No column comes out for an item that the policy does not use for that kind of record."""
    message = {
        "userId": "u",
        "context": {"device": {"name": "n", "model": "m"}, "screen": {"width": 1}, "timezone": "UTC"},
    }
    segment = protocol_for("POST", "/v1/batch")
    assert segment is not None
    for kind in ("identify", "page", "track", "screen"):
        (batch,) = segment.decoder(shop)(request("/v1/batch", {"batch": [{"type": kind, **message}]}), 0).batches
        assert set(batch.columns) <= shop.tables[batch.kind].items
        assert Item("timezone") not in batch.columns
    assert set(FIELDS) == {Kind.ACCOUNT, Kind.PAGE_VISIT, Kind.SCREEN_VISIT, Kind.EVENT}


def test_an_advertising_id_needs_the_flag_beside_it(shop: Plan) -> None:
    """A client that passes the id of somebody who limited tracking is not believed."""
    segment = protocol_for("POST", "/v1/identify")
    assert segment is not None
    gaid = "123e4567-e89b-42d3-a456-426614174000"
    for flag, expected in ((True, [gaid]), (False, [None]), (None, [None])):
        device = {"advertisingId": gaid, "adTrackingEnabled": flag}
        body = {"type": "identify", "userId": "u", "context": {"device": device}}
        (batch,) = segment.decoder(shop)(request("/v1/identify", body), 0).batches
        assert expected == list(batch.columns[Item("device.gaid")])


KEYS: tuple[tuple[str, bytes, dict[str, str], AppKey | None], ...] = (
    ("/v1/batch", b'{"writeKey":"k","batch":[]}', {}, AppKey(key="k")),
    ("/v1/batch", b"{}", {"authorization": "Basic azo="}, AppKey(key="k")),
    ("/v1/batch", b"{}", {"authorization": "Basic !"}, None),
    (
        "/api/7/envelope/",
        b"{}\n",
        {"x-sentry-auth": "Sentry sentry_key=k, sentry_version=7"},
        AppKey(key="k", number=7),
    ),
    ("/api/7/envelope/", b'{"dsn":"http://k@192.0.2.1/7"}\n', {}, AppKey(key="k", number=7)),
    ("/api/7/envelope/", b"{}\n", {}, None),
    ("/api/event", b'{"n":"pageview","u":"https://a.example/","d":"shop.example"}', {}, AppKey(domain="shop.example")),
    ("/api/event", b'{"n":"pageview","u":"https://shop.example/x"}', {}, AppKey(domain="shop.example")),
    ("/api/event", b"[]", {}, None),
)


@pytest.mark.parametrize(("path", "body", "headers", "key"), KEYS)
def test_each_protocol_says_whose_request_it_is(path: str, body: bytes, headers: dict[str, str], key: AppKey) -> None:
    """Header, query, envelope or body: the key is found without reading the records."""
    protocol = protocol_for("POST", path)
    assert protocol is not None
    assert key == protocol.key(request(path, body, **headers))


ENVELOPES: tuple[tuple[bytes, list[tuple[str, bytes]]], ...] = (
    (b"{}", []),
    (b"{}\n", []),
    (b'{}\n{"type":"event"}\n{"a":1}\n', [("event", b'{"a":1}')]),
    (b'{}\n{"type":"a","length":3}\n1\n2\n{"type":"b"}\nx', [("a", b"1\n2"), ("b", b"x")]),
    (b'{}\n{"type":"a","length":0}\n\n{"type":"b"}\n', [("a", b""), ("b", b"")]),
)


@pytest.mark.parametrize(("body", "expected"), ENVELOPES)
def test_envelopes_are_cut_as_the_grammar_says(body: bytes, expected: list[tuple[str, bytes]]) -> None:
    """Exactly ``length`` bytes where it is given, the rest of the line where it is not."""
    assert expected == list(items(body))


@settings(max_examples=300, deadline=None)
@given(path=st.sampled_from(["/v1/batch", "/v1/page", "/api/1/envelope/", "/api/event"]), body=st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(shop: Plan, path: str, body: bytes) -> None:
    """No body escapes as anything but the protocol's own refusal."""
    protocol = protocol_for("POST", path)
    assert protocol is not None
    protocol.key(request(path, body))
    protocol.sampled(request(path, body), shop)
    with contextlib.suppress(Refused):
        assert protocol.decoder(shop)(request(path, body), 0).reply.status < 300
