"""Segment's messages and their variants: what is not read as it stands, whose it is, and what is asked before."""

import base64
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from wide import PEER, planned, request, spoken

from remit.policy.values import moment
from remit.policy.words import Item, Value
from remit.wire.composed import flags
from remit.wire.happening import LATE_DAYS_MAX, NO_TIME, clock, each_happened, happened
from remit.wire.protocol import AppKey
from remit.wire.request import Request
from remit.wire.routes import protocol_for
from remit.wire.segment import Segment

PLAN = planned()
DAY_MS = 86_400_000
RECEIVED = 1_795_489_205_000
"""2026-11-24T03:00:05Z."""


def told(message: dict[str, Any], path: str = "/v1/batch", **around: Any) -> dict[str, Any]:
    """What one message brings, in a batch or alone."""
    body = {"batch": [message], **around} if path.endswith("batch") else message | around
    (batch,) = spoken(path).decoder(PLAN)(request(path, body, user_agent="Example/1"), RECEIVED).batches
    return {item: column[0] for item, column in batch.columns.items() if column[0] is not None}


IDENTIFY = {"type": "identify", "userId": "u1"}


@pytest.mark.parametrize(
    ("traits", "name"),
    [
        ({"name": "Ada", "firstName": "A", "lastName": "B"}, "Ada"),
        ({"firstName": "Ada ", "lastName": "Lovelace"}, "Ada Lovelace"),
        ({"firstName": "", "lastName": "Lovelace"}, "Lovelace"),
        ({"firstName": 7, "lastName": " "}, None),
        ({"firstName": "a" * 1500, "lastName": "b" * 1500}, ""),
    ],
)
@pytest.mark.parametrize("place", ["traits", "context.traits"])
def test_a_name_may_stand_in_parts(traits: dict[str, Any], name: str | None, place: str) -> None:
    """The full name wins; without it, first and last name make one, and what is too long for one is of no type."""
    message = {"traits": traits} if place == "traits" else {"context": {"traits": traits}}

    assert name == told(IDENTIFY | message).get(Item("name"))


@pytest.mark.parametrize(
    ("address", "text"),
    [
        ("1 Example Street", "1 Example Street"),
        (
            {"city": "Berlin", "street": "1 Example Street", "country": "DE", "other": "x"},
            "1 Example Street, Berlin, DE",
        ),
        ({"other": "x"}, None),
        ([{"street": "1 Example Street"}], None),
    ],
)
def test_an_address_may_stand_in_parts(address: Any, text: str | None) -> None:
    """Wherever traits may stand, also around a batch, and in a fixed order, whatever order they are sent in."""
    places: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"traits": {"address": address}}, {}),
        ({"context": {"traits": {"address": address}}}, {}),
        ({}, {"context": {"traits": {"address": address}}}),
    ]
    for own, around in places:
        assert text == told(IDENTIFY | own, **around).get(Item("shipping_address"))


@pytest.mark.parametrize(
    ("network", "connection"),
    [
        ({"wifi": True, "cellular": True}, "wifi"),
        ({"wifi": False, "cellular": True}, "cellular"),
        ({"bluetooth": True}, "bluetooth"),
        ({"wifi": False, "cellular": False}, None),
        ({"wifi": "true"}, None),
    ],
)
def test_the_connection_is_the_first_that_is_there(network: dict[str, Any], connection: str | None) -> None:
    """Only what is said to be there is; that all are not there says nothing of a wire."""
    assert connection == told(IDENTIFY | {"context": {"network": network}}).get(Item("network.connection"))


@pytest.mark.parametrize(
    ("device", "is_read"),
    [
        ({"adTrackingEnabled": True, "type": "android"}, True),
        ({"adTrackingEnabled": True}, True),
        ({"adTrackingEnabled": True, "type": "ios"}, False),
        ({"adTrackingEnabled": False, "type": "android"}, False),
        ({"type": "android"}, False),
    ],
)
def test_an_advertising_id_is_read_as_googles_alone(device: dict[str, Any], is_read: bool) -> None:
    """Sent on purpose, and by no device of Apple's, whose ids are others."""
    context = {"device": {"advertisingId": "123e4567-e89b-42d3-a456-426614174000", **device}}

    assert is_read is (Item("device.gaid") in told(IDENTIFY | {"context": context}))


@pytest.mark.parametrize(
    ("says", "ip"),
    [
        ({}, PEER),
        ({"channel": "mobile"}, PEER),
        ({"channel": "server"}, None),
        ({"context": {"channel": "server"}}, None),
        ({"context": {"library": {"name": "analytics-python"}}}, None),
        ({"context": {"library": {"name": "@segment/analytics-node"}, "direct": True}}, PEER),
        ({"channel": "server", "context": {"direct": True}}, PEER),
        ({"channel": "server", "context": {"ip": "192.0.2.77"}}, "192.0.2.77"),
    ],
)
def test_a_server_lends_nobody_its_address(says: dict[str, Any], ip: str | None) -> None:
    """What a server's connection tells is that server's; of a client that sends directly it is the person's."""
    found = told(IDENTIFY | says)

    assert ip == found.get(Item("net.ip"))
    assert (ip == PEER) is (Item("net.user_agent") in found)


def test_each_message_of_a_batch_says_for_itself_where_it_came_from() -> None:
    """A server and a device may share a batch: the connection is that of the second alone."""
    messages = [IDENTIFY | {"channel": "server"}, IDENTIFY, IDENTIFY | {"context": {"library": {"name": "x"}}}]
    sent = request("/v1/batch", {"batch": messages}, user_agent="Example/1")
    (batch,) = spoken("/v1/batch").decoder(PLAN)(sent, RECEIVED).batches

    assert [None, PEER, PEER] == batch.columns[Item("net.ip")]
    assert [None, "Example/1", "Example/1"] == batch.columns[Item("net.user_agent")]


@pytest.mark.parametrize(
    ("message", "around", "before"),
    [
        ({"timestamp": "2026-11-24T02:59:00Z"}, {"sentAt": "2026-11-24T03:00:00Z"}, 60_000),
        ({"timestamp": "2025-01-01T00:00:00Z"}, {"sentAt": "2025-01-01T00:01:00Z"}, 60_000),
        ({"timestamp": "2031-01-01T00:00:00+02:00"}, {"sentAt": "2030-12-31T22:00:01Z"}, 1_000),
        ({"originalTimestamp": "2026-11-24T02:00:00Z", "timestamp": "2026-11-24T02:30:00Z"}, {}, 3_605_000),
        (
            {"timestamp": "2026-11-24T02:59:00Z", "sentAt": "2026-11-24T02:59:30Z"},
            {"sentAt": "2001-01-01T00:00:00Z"},
            30_000,
        ),
        ({"timestamp": RECEIVED - 5}, {"sentAt": "no time"}, 5),
        ({"timestamp": "2026-11-25T00:00:00Z"}, {}, 0),
    ],
)
def test_a_time_is_put_right_by_the_vendors_formula(
    message: dict[str, Any], around: dict[str, Any], before: int
) -> None:
    """As long before receipt as it was before sending, whatever the clock; never later than receipt."""
    for path in ("/v1/batch", "/v1/track"):
        found = told(
            {"type": "track", "event": "x"} | (around | message if path == "/v1/track" else message),
            path,
            **(around if path == "/v1/batch" else {}),
        )
        assert RECEIVED - before == found[Item("account.active")]
        assert Item("account.accessed") not in found


def test_who_somebody_is_tells_of_an_access() -> None:
    """The time of an account record is the access time, and no activity."""
    found = told(IDENTIFY | {"timestamp": "2026-11-24T03:00:00Z", "traits": {"createdAt": "2024-05-01T08:00:00Z"}})

    assert RECEIVED - 5_000 == found[Item("account.accessed")]
    assert "2024-05-01T08:00:00Z" == found[Item("account.registered")]
    assert Item("account.active") not in found


def test_a_time_is_believed_for_a_month() -> None:
    """Earlier than that, and what is no time at all, is of no type; nothing told is nothing."""
    edge = RECEIVED - LATE_DAYS_MAX * DAY_MS

    assert edge == happened(edge, None, RECEIVED)
    assert NO_TIME == happened(edge - 1, None, RECEIVED)
    assert NO_TIME == happened("yesterday", None, RECEIVED)
    assert None is happened(None, "2026-11-24T03:00:00Z", RECEIVED)


TOLD = st.sampled_from(
    [None, True, "soon", 1e300, RECEIVED, RECEIVED - 5, RECEIVED + 5, RECEIVED - LATE_DAYS_MAX * DAY_MS - 1,
     "2026-11-24T03:00:00.000Z", "2026-11-24T04:00:00+01:00", "2026-10-24T03:00:00.000Z", "2026-11-25T03:00:00.000Z"]
)  # fmt: skip


def as_said(told: Value | None, sent: Value | None, received: int) -> Value | None:
    """The rule in its own words."""
    if told is None:
        return None
    at, clock = moment(told), None if sent is None else moment(sent)
    if at is None:
        return NO_TIME
    at += 0 if clock is None else received - clock
    return NO_TIME if received - at > LATE_DAYS_MAX * DAY_MS else min(at, received)


@given(st.lists(st.tuples(TOLD, TOLD, st.sampled_from([RECEIVED, RECEIVED + 99])), min_size=1, max_size=5))
def test_times_of_many_are_found_as_that_of_each(told: list[tuple[Value | None, Value | None, int]]) -> None:
    """Of one clock or of several, whatever stands beside."""
    times, sent, received = zip(*told, strict=True)

    assert [as_said(*one) for one in told] == each_happened(times, sent, received)
    assert [as_said(one, sent[0], received[0]) for one in times] == clock(sent[0], received[0])(times)


@pytest.mark.parametrize("path", ["/v1/batch", "/v1/import", "/v1/b", "/beacon/v1/batch", "/api/s/batch"])
def test_a_batch_has_several_paths(path: str) -> None:
    """Those of older and newer clients, and those of the other vendors."""
    body = {"batch": [IDENTIFY, {"type": "page"}]}

    assert 2 == len(spoken(path).decoder(PLAN)(request(path, body), RECEIVED).batches)


@pytest.mark.parametrize(
    ("headers", "query", "body", "key"),
    [
        ({"authorization": "Basic " + base64.b64encode(b"basic:").decode(), "x-write-key": "own:s"}, {}, {}, "basic"),
        ({"x-write-key": "own:secret"}, {"writeKey": "query"}, {"writeKey": "body"}, "own"),
        ({}, {"writeKey": "query"}, {"writeKey": "body"}, "query"),
        ({"authorization": "Bearer token"}, {}, {"writeKey": "body"}, "body"),
        ({}, {}, {}, None),
    ],
)
def test_whose_a_request_is(
    headers: dict[str, str], query: dict[str, str], body: dict[str, str], key: str | None
) -> None:
    """Basic user, the header of Jitsu's clients, the query of RudderStack's for browsers, the body; in this order."""
    sent = Request(
        method="POST", path="/api/s/track", query=query, headers=headers, peer=PEER, body=json.dumps(body).encode()
    )

    assert (key and AppKey(key=key)) == Segment().key(sent)


def asked(**headers: str) -> Request:
    """A browser's client that asks for its settings."""
    return Request(method="GET", path="/v1/projects/k/settings", query={}, headers=headers, peer=PEER, body=b"")


def test_settings_name_this_house_alone() -> None:
    """One destination, at the host that was asked, with the app's key; a host that is none is not repeated."""
    protocol = protocol_for("GET", "/v1/projects/k/settings")
    assert protocol is not None
    for host, told in (
        ("data.shop.example:8080", "data.shop.example:8080/v1"),
        ("[::1]:8080", "[::1]:8080/v1"),
        ("a b", None),
    ):
        reply = protocol.answer(asked(host=host), PLAN)
        assert reply is not None
        settings = msgspec.json.decode(reply.body)["integrations"]
        assert {"Segment.io": {"apiKey": "k"} | ({"apiHost": told} if told else {})} == settings
    assert AppKey(key="k") == protocol.key(asked())
    assert None is protocol.answer(request("/v1/batch", {}), PLAN)


def _several() -> list[tuple[Request, int]]:
    """Requests from different places at different times, of every kind, some of which a server sends."""
    server, when = {"context": {"library": {"name": "analytics-ruby"}}}, "2026-11-24T02:59:00.000Z"
    timed = {"timestamp": when, "sentAt": "2026-11-24T03:00:00.000Z"}
    bodies: list[tuple[str, dict[str, Any]]] = [
        ("/v1/page", {"anonymousId": "a", **timed}),
        ("/v1/track", {"anonymousId": "b", "event": "bought", "timestamp": when}),
        ("/v1/page", {"userId": "c", "timestamp": when, **server}),
        ("/v1/batch", {"batch": [{"type": "page", "userId": "d", **timed}, {"type": "track"}, {"type": "?"}]}),
        ("/v1/batch", {"batch": [{"type": "page", "timestamp": when}], "sentAt": "2026-11-24T02:59:30.000Z"}),
        ("/v1/group", {"userId": "e", "traits": {"phone": "+15550100"}}),
        ("/v1/batch", {"batch": []}),
    ]
    return [
        (
            msgspec.structs.replace(request(path, body, user_agent=f"Example/{n}"), peer=f"192.0.2.{n}"),
            RECEIVED + n * 1000,
        )
        for n, (path, body) in enumerate(bodies)
    ]


def test_requests_that_are_read_together_are_read_as_each_alone() -> None:
    """Each record has the address, the agent and the clock of its own request, and each request its own records."""
    opener, asked = spoken("/v1/batch").opener(PLAN), _several()
    alone = [opener.whole(one, received) for one, received in asked]
    together = opener.columns([opener.read(one, received) for one, received in asked])

    for batch, requests in together:
        starts = [sum(requests[:number]) for number in range(len(requests))]
        for number, (start, n) in enumerate(zip(starts, requests, strict=True)):
            mine = [one for one in alone[number].batches if one.kind is batch.kind]
            assert n == sum(one.size for one in mine)
            for one in mine:
                found = batch.only(range(start, start + n))
                columns = {item: column for item, column in found.columns.items() if any(v is not None for v in column)}
                assert (one.columns, one.messages) == (columns, found.messages)
    assert sum(batch.size for batch, _ in together) == sum(one.size for each in alone for one in each.batches)


def test_each_message_has_its_own_connection() -> None:
    """That one is not there is told of nobody, also where it is there for another message of the request."""
    networks: list[dict[str, bool | int]] = [{"wifi": True}, {"wifi": False, "cellular": True}, {"wifi": 1}, {}]
    columns = flags("network.connection", {"wifi": "wifi", "cellular": "cellular"})
    told = columns.column([[one.get(key) for one in networks] for key in ("wifi", "cellular")])

    assert ["wifi", "cellular", None, None] == told
