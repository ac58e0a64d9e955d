"""Umami: what is read of its events, what is refused, and what its trackers are told."""

import json
from dataclasses import replace
from typing import Any

import pytest
from bodies import ODD, SCALAR, node, spots, tree
from hypothesis import example, given, settings
from hypothesis import strategies as st
from test_origins import agrees, misses_nothing
from test_refusals import BROKEN, DEEP, HUGE
from test_trial import POLICIES, tells
from test_ways import at, same
from wide import PEER, SITE, keeping, leaves_of, planned, request, spoken, undeclared

from remit.policy.plan import Plan
from remit.policy.words import Item, Kind, Value
from remit.wire.decoder import JSON_BYTES_MAX
from remit.wire.protocol import AppKey, Refused, Rejection, Skip
from remit.wire.umami import EVENTS_MAX, FIELDS, Umami

PLAN = planned()
OTHER_SITE = "2f5e2f5c-3b1c-4d0e-9a51-6a3c1f0f7a10"
PAYLOAD = tree(
    [path.removeprefix("payload.") for fields in FIELDS.values() for one in fields for path in one.paths]
    + ["title", "data.plan"]
)
SCREENS = st.sampled_from(["1920x1080", "0x0", "1920x", "x", "1x2x3", "123456x1", "-1x5", "1920X1080", "\u0663x1", 7])
SITES = st.sampled_from([SITE, SITE.upper(), OTHER_SITE])


def events(*, typed: bool) -> st.SearchStrategy[Any]:
    """Events of this site and of others, of each type and of none."""
    around = {"website": SITES, "screen": SCREENS, "name": st.sampled_from(["bought", "", None])}
    payload = st.tuples(node(PAYLOAD, typed=typed), st.fixed_dictionaries({}, optional=around))
    made = payload.map(lambda both: both[0] | both[1] if isinstance(both[0], dict) else both[0])
    called = st.sampled_from(["event", "identify", "performance"]) | (st.nothing() if typed else ODD)
    return st.fixed_dictionaries({"type": called, "payload": made}, optional={"x": SCALAR})


def first(**payload: object) -> dict[str, Any]:
    """An event of this site, by which a list is known."""
    return {"type": "event", "payload": {"website": SITE, **payload}}


def sent(body: object, path: str = "/api/batch", **headers: str) -> Any:
    """What comes out of a body."""
    return spoken(path).decoder(PLAN)(request(path, body, **headers), 0)


def by_hand(event: Any) -> tuple[Kind, dict[str, Value]] | None:
    """The record that an event is, read from the untyped body; None where it is none of this site's."""
    if str(at(event, "payload.website") or "").lower() != SITE or at(event, "type") not in ("event", "identify"):
        return None
    named = at(event, "payload.name") not in (None, "")
    kind = Kind.ACCOUNT if at(event, "type") == "identify" else Kind.EVENT if named else Kind.PAGE_VISIT
    found = {one.item: at(event, one.paths[0]) for one in FIELDS[kind]}
    screen = str(at(event, "payload.screen"))
    width, _, height = screen.partition("x")
    if all(one.isdecimal() and len(one) < 6 for one in (width, height)):
        found |= {Item("screen.width"): int(width), Item("screen.height"): int(height)}
    told = {Item("net.ip"): PEER} | {item: value for item, value in found.items() if value is not None}
    return kind, {item: same(value) for item, value in told.items()}


@settings(max_examples=150, deadline=None)
@given(st.lists(events(typed=True), max_size=3) | st.lists(events(typed=False) | ODD, max_size=3))
def test_events_are_read_as_by_hand(several: list[Any]) -> None:
    """Whichever way a list takes, its columns are what a plain reading gives; what is no record is counted."""
    several = [first(), *several]
    decoded = sent(several)
    rows: list[tuple[Kind, dict[str, Value]]] = [
        (batch.kind, {item: same(column[i]) for item, column in batch.columns.items() if column[i] is not None})
        for batch in decoded.batches
        for i in range(batch.size)
    ]
    expected = [by_hand(event) for event in json.loads(json.dumps(several))]
    there = [one for one in expected if one is not None]
    order = [*dict.fromkeys(kind for kind, _ in there)]

    assert sorted(there, key=lambda one: order.index(one[0])) == rows
    assert {Skip.UNREAD: len(expected) - len(there)} == {Skip.UNREAD: decoded.skipped[Skip.UNREAD]}
    told = json.loads(decoded.reply.body)
    assert (len(expected), len(there)) == (told["size"], told["processed"])


@settings(max_examples=100, deadline=None)
@given(st.lists(events(typed=True) | events(typed=False), max_size=2))
@example([{"type": "event", "payload": {"website": SITE, "screen": "1920x1080", "id": "u1"}}])
def test_origins_of_events(several: list[Any]) -> None:
    """Which path gave what, of a list and of an event alone; what nobody needs is what has no origin."""
    for one in (request("/api/batch", [first(), *several]), request("/api/send", (several or [first()])[0])):
        if at(json.loads(one.body), "payload.website") or isinstance(json.loads(one.body), list):
            assert spots(json.loads(one.body)) == leaves_of(one)
            agrees(one)
            misses_nothing(one, shared=False)


@settings(max_examples=40, deadline=None)
@given(events(typed=True))
def test_every_leaf_of_an_event_is_told_of(event: dict[str, Any]) -> None:
    """A trial shows them in their order."""
    body = json.dumps([first(), event]).encode()

    tells(body, spots(json.loads(body)), POLICIES[1:])


HOSTILE = BROKEN | {
    "no payload": b'{"type":"event"}',
    "a payload that is a list": b'{"type":"event","payload":[]}',
    "no web site": b'{"type":"event","payload":{"website":"","url":"/"}}',
    "a web site that is an object": b'{"type":"event","payload":{"website":{"a":1}}}',
    "an address that is deep": b'{"type":"event","payload":{"website":"s","url":' + DEEP + b"}}",
    "half a surrogate in an address": b'{"type":"event","payload":{"website":"s","url":"\\ud800"}}',
    "5000 digits in an address": b'{"type":"event","payload":{"website":"s","url":' + HUGE + b"}}",
    "not UTF-8 where nothing is read": b'{"type":"event","payload":{"website":"s","title":"\xff"}}',
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("path", ["/api/send", "/api/batch"])
def test_what_cannot_be_read_is_malformed(name: str, path: str) -> None:
    """Broken, deep, cut off, of nobody: 400, and nothing else escapes on the way to it."""
    body = HOSTILE[name] if path == "/api/send" else b"[" + HOSTILE[name] + b"]"
    one = request(path, body)
    protocol = spoken(path)
    protocol.key(one)
    undeclared(one, PLAN)
    protocol.example_path(body, PLAN.app)
    with pytest.raises(Refused) as refused:
        protocol.decoder(PLAN)(one, 0)

    assert (Rejection.MALFORMED, 400) == (refused.value.rejection, refused.value.reply.status)


def test_a_list_holds_so_many_events() -> None:
    """One more is too large, whichever way the list takes; and so is a text that is."""
    for odd in (None, 7):
        events = [first(url=odd)] * EVENTS_MAX
        assert EVENTS_MAX == sent(events).batches[0].size
        for body in ([*events, first()], [first(title="t" * JSON_BYTES_MAX)]):
            with pytest.raises(Refused, match="too_large"):
                sent(body)


@pytest.mark.parametrize(
    ("path", "body", "key"),
    [
        ("/api/send", first(), AppKey(website=SITE)),
        ("/api/send", {"type": "event", "payload": {"website": SITE.upper()}}, AppKey(website=SITE)),
        ("/api/batch", [first(), {"type": "event", "payload": {"website": OTHER_SITE}}], AppKey(website=SITE)),
        ("/api/batch", [], None),
        ("/api/batch", first(), None),
        ("/api/send", [first()], None),
        ("/api/send", {"type": "event", "payload": {"website": 7}}, None),
        ("/api/send", {"type": "event", "payload": {"link": SITE}}, None),
    ],
)
def test_a_request_is_of_its_web_site(path: str, body: object, key: AppKey | None) -> None:
    """In any spelling of its id; what several send in a list is of the first."""
    assert key == spoken(path).key(request(path, body))


def test_a_reply_gives_a_tracker_nothing_to_remember() -> None:
    """Two visitors are told the same, and no session or cache with it."""
    bodies = [first(id=who, vid=who, url=f"/{who}") for who in ("ada", "bob")]
    replies = [sent(body, "/api/send", x_umami_cache="x").reply for body in bodies]

    assert replies[0] == replies[1]
    assert b"{}" == replies[0].body


def stopped(plan: Plan) -> list[bool]:
    """Whether a tracker is told to stop, by what it sent."""
    replies = [sent(first(), "/api/send").reply, sent([first()]).reply]
    told = [json.loads(Umami().stopping(plan)(reply).body) for reply in replies]
    assert 1 == told[1]["size"]
    return [one.get("disabled", False) for one in told]


def test_trackers_are_told_to_stop_where_nothing_needs_what_they_send() -> None:
    """A policy of crashes alone needs none of it; one item that they bear is enough to go on."""
    assert [True, True] == stopped(planned([Item("crash.message")]))
    assert [False, False] == stopped(planned([Item("locale")]))
    assert [False, False] == stopped(PLAN)


def test_who_refuses_all_purposes_is_told_to_stop() -> None:
    """The plan that is left of what a request's own signals refuse decides, not the policy alone."""
    policy = keeping()
    assert [True, True] == stopped(replace(PLAN).without((1 << len(policy.purposes)) - 1))
