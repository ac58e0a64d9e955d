"""A trial tells of every leaf of a body, at its own path, what would become of it: and that is what becomes of it."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from bodies import PAGE, envelopes, messages, spots
from hypothesis import given, settings
from hypothesis import strategies as st
from wide import envelope, keeping, request

from remit.flows.trial import BECAUSE, FROM_CONNECTION, NODES_MAX, TRIAL_AGENT, TRIAL_PEER, Line, trial
from remit.policy.choices import NO_CHOICES
from remit.policy.compile import compiled
from remit.policy.decide import decide
from remit.policy.model import Policy
from remit.policy.plan import plan
from remit.policy.words import Fate, Reason
from remit.wire.request import Request
from remit.wire.routes import protocol_for
from remit.wire.sentry import READ

EXAMPLE = Path(__file__).resolve().parents[2] / "examples/device-maker/remit.yaml"
NOW = 1_700_000_000_000


def shop() -> Policy:
    """The example policy."""
    policy = compiled(EXAMPLE.read_text(encoding="utf-8"), EXAMPLE.name)
    assert isinstance(policy, Policy)
    return policy


SHOP = shop()
POLICIES = ((SHOP, "shop-android"), (SHOP, "shop-web"), (keeping(), "shop"))


def shown(body: bytes, policy: Policy = SHOP, app: str = "shop-android") -> list[Line]:
    """What a trial tells."""
    return trial(policy, app, body, received=NOW)


def tells(body: bytes, leaves: list[tuple[str, Any]], senders: Sequence[tuple[Policy, str]] = POLICIES) -> None:
    """Under every policy, the paths are exactly those of the leaves, in order, and no line is without its words."""
    for policy, app in senders:
        lines = shown(body, policy, app)
        own = [line for line in lines if line.path not in FROM_CONNECTION.values()]

        assert [*dict.fromkeys(path for path, _ in leaves)] == [*dict.fromkeys(line.path for line in own)]
        assert lines[: len(own)] == own
        assert len(lines) == len(set(lines))
        assert [] == [line for line in lines if not line.detail or line.fate not in set(Fate)]
        assert [] == [line for line in lines if line.fate == Fate.DROPPED and not line.reason]


@settings(max_examples=80, deadline=None)
@given(st.lists(messages(typed=True) | messages(typed=False), max_size=3), st.booleans())
def test_every_leaf_of_a_segment_batch_is_told_of(batch: list[Any], lent: bool) -> None:
    """Of several messages, of messages that are none, and of the context around them."""
    body = json.dumps({"batch": batch, "sentAt": "x", **({"context": {"locale": "en"}} if lent else {})}).encode()

    tells(body, spots(json.loads(body)))


@settings(max_examples=80, deadline=None)
@given(PAGE)
def test_every_leaf_of_a_plausible_event_is_told_of(event: dict[str, Any]) -> None:
    """Of both spellings, and of what the tracker adds."""
    body = json.dumps(event).encode()

    tells(body, spots(json.loads(body)), POLICIES[1:])


@pytest.mark.parametrize(
    ("body", "app", "whose"),
    [
        ({"n": "pageview", "u": "https://shop.example/"}, "shop-android", "shop-web"),
        ({"writeKey": "demo-web", "batch": [{"type": "track", "userId": "u"}]}, "shop-android", "shop-web"),
        ({"key": "demo-android", "records": [{"kind": "event", "items": {}}]}, "shop-web", "shop-android"),
    ],
)
def test_a_body_of_another_app_is_not_judged_as_this_ones(body: dict[str, Any], app: str, whose: str) -> None:
    """The gateway would take it for that app's, so a trial would tell what never happens."""
    with pytest.raises(ValueError, match=f"it is {whose}'s"):
        shown(json.dumps(body).encode(), app=app)


def test_a_body_with_nothing_in_it_is_said_to_be_one() -> None:
    """An empty table would leave open what was read."""
    with pytest.raises(ValueError, match="there is no value in this body"):
        shown(b'{"batch":[]}')


@settings(max_examples=120, deadline=None)
@given(envelopes())
def test_every_leaf_of_a_sentry_envelope_is_told_of(found: list[tuple[str, Any]]) -> None:
    """Of its header, of the headers of items, and of what they bear; an item that nothing reads is one leaf."""
    leaves = [("header.event_id", "e")]
    for i, (kind, payload) in enumerate(found):
        leaves += [(f"items[{i}].header.{key}", "") for key in ("type", "length")]
        read = kind in READ
        leaves += spots(json.loads(json.dumps(payload)), f"items[{i}].{kind}") if read else [(place(i, kind), "")]

    tells(envelope(*found, event_id="e") + b"\n", leaves)


def place(i: int, kind: str) -> str:
    """Where an item that nothing reads stands."""
    return f"items[{i}]." + (kind.replace(".", "\\.") or '""')


@settings(max_examples=80, deadline=None)
@given(messages(typed=False).filter(lambda one: isinstance(one, dict) and one.get("type") != "strange"))
def test_what_is_told_is_what_decide_does(message: dict[str, Any]) -> None:
    """Line by line: as many uses of each item end in each fate, for each reason, as the tally has."""
    body = json.dumps(message).encode()
    sent = request(f"/v1/{message['type']}", body, user_agent=TRIAL_AGENT)
    sent = Request(method="POST", path=sent.path, query={}, headers=sent.headers, peer=TRIAL_PEER, body=body)
    protocol, app_plan = protocol_for("POST", sent.path), plan(SHOP, SHOP.apps["shop-android"])
    assert protocol is not None
    (batch,) = protocol.decoder(app_plan)(sent, NOW).batches
    tally = decide(app_plan, batch, choices=NO_CHOICES, received=NOW).tally
    expected = Counter[tuple[str, str, str | None]]()
    for key, n in tally.items():
        expected[key.item, key.fate, key.reason] += n

    assert expected == Counter((line.item, line.fate, line.reason) for line in shown(body) if line.line is not None)


def told(lines: list[Line], path: str) -> list[tuple[str | None, str, str | None]]:
    """Item, fate and reason of each line of one path."""
    return [(line.item, line.fate, line.reason) for line in lines if line.path == path]


GAID = "123e4567-e89b-42d3-a456-426614174000"


def test_a_batch_is_told_path_by_path() -> None:
    """Several records, several uses, a fallback, a choice, the protocol's own, the connection's: each says why."""
    device = {"advertisingId": GAID, "adTrackingEnabled": True, "name": "Ada's"}
    batch = [
        {"type": "identify", "userId": "ada", "messageId": "m1", "traits": {"email": "ada@example.org"}},
        {"type": "page", "userId": "ada", "properties": {"url": "/cart?x=1"}, "context": {"page": {"url": "/cart"}}},
        {"type": "track", "anonymousId": "d1", "event": "Pay", "context": {"device": device}},
    ]
    lines = shown(json.dumps({"batch": batch}).encode())
    rules = [line.line for line in lines if line.path == "batch[0].traits.email"]

    assert [("email", "kept", None)] * 3 == told(lines, "batch[0].traits.email")
    assert [True] * 3 == ["email" in EXAMPLE.read_text("utf-8").splitlines()[(line or 0) - 1] for line in rules]
    assert [("account.id", "kept", None), ("account.id", "counted", None)] == told(lines, "batch[0].userId")
    assert [(None, "dropped", "protocol")] == told(lines, "batch[0].messageId")
    assert [("page.url", "reduced", None)] == told(lines, "batch[1].context.page.url")
    assert [("page.url", "dropped", "not_needed")] == told(lines, "batch[1].properties.url")
    assert [("device.gaid", "dropped", "no_consent")] == told(lines, "batch[2].context.device.advertisingId")
    assert [(None, "dropped", "undeclared")] == told(lines, "batch[2].context.device.name")
    assert {("net.ip", "kept", None)} == set(told(lines, "(connection) address"))
    (gaid,) = (line for line in lines if line.item == "device.gaid")
    assert "it takes a yes" in gaid.detail


def test_an_envelope_is_told_path_by_path() -> None:
    """The exception and the frame that count are those of the decoder; the others say that they do not."""
    frames = [
        {"module": "shop.pay", "function": "pay", "in_app": True},
        {"module": "lib", "function": "call", "in_app": False},
    ]
    values = [{"type": "KeyError"}, {"type": "PayError", "module": "shop.errors", "stacktrace": {"frames": frames}}]
    event = {"user": {"id": "ada", "ip_address": "{{auto}}"}, "exception": {"values": values}, "level": "error"}
    session = {"status": "exited", "errors": 1, "did": "ada", "sid": "s", "attrs": {"release": "shop@1.4.2"}}
    lines = shown(envelope(("event", event), ("session", session), ("attachment", "x"), event_id="e"))
    last = "items[0].event.exception.values[1]"

    assert [("crash.type", "dropped", "not_needed")] == told(lines, "items[0].event.exception.values[0].type")
    assert [("crash.type", "reduced", None)] == told(lines, f"{last}.type")
    assert [("crash.module", "dropped", "not_needed")] == told(lines, f"{last}.module")
    assert [("crash.module", "reduced", None)] == told(lines, f"{last}.stacktrace.frames[0].module")
    assert [("crash.function", "dropped", "not_needed")] == told(lines, f"{last}.stacktrace.frames[1].function")
    assert [(None, "dropped", "protocol")] == told(lines, f"{last}.stacktrace.frames[1].in_app")
    assert [(None, "dropped", "protocol")] == told(lines, "items[0].event.user.ip_address")
    assert [("net.ip", "kept", None)] == told(lines, "(connection) address")
    assert [("session.status", "reduced", None)] == told(lines, "items[1].session.status")
    assert ["reduced to 'errored' in session.status"] == [
        line.detail for line in lines if line.path == "items[1].session.status"
    ]
    assert [(None, "dropped", "protocol")] == told(lines, "items[1].session.errors")
    assert ("account.id", "counted", None) in told(lines, "items[1].session.did")
    assert [(None, "dropped", "undeclared")] == told(lines, "items[2].attachment")


def test_a_page_is_told_path_by_path() -> None:
    """What a tracker sends is reduced, needed by the protocol, or needed by nobody."""
    event = {"n": "engagement", "d": "shop.example", "u": "/help/delivery", "e": 3000, "sd": 40, "url": "/other"}
    lines = shown(json.dumps(event).encode(), app="shop-web")
    details = {line.path: line.detail for line in lines}

    assert ["n", "d", "u", "e", "sd", "url", "(connection) address", "(connection) user-agent"] == list(details)
    assert "reduced to '/help/*' in page_visit.page" == details["u"]
    assert "reduced to bucket 6 (2.83 to 3.36) in page_visit.seconds" == details["e"]
    assert "not read: page.url was read from u" == details["url"]
    assert [("net.ip", "dropped", "no_subject")] == told(lines, "(connection) address")


def test_a_body_without_a_record_is_told_of_too() -> None:
    """A session that goes on is no record, and yet every value of it has its line."""
    lines = shown(envelope(("session", {"status": "ok", "did": "d1"})))

    assert [(None, "dropped", "protocol")] == told(lines, "items[0].session.status")
    assert [(None, "dropped", "undeclared")] == told(lines, "items[0].session.did")


CANNOT = {
    b"hello": "no protocol can read this",
    b'{"n":"pageview","u":"/","p":1e999}': "no protocol can read this",
    b'{}\n{"type":"event"}\n{"exception":[{"type":"E"}],"x":1e999}': "cannot be read as JSON",
    b'{"batch":[],"x":[' + b"1," * NODES_MAX + b"1]}": "more than 10,000 values",
    b'{"batch":[],"x":[' + b"[]," * NODES_MAX + b"1]}": "more than 10,000 values, lists and objects",
}


@pytest.mark.parametrize("body", CANNOT, ids=range(len(CANNOT)))
def test_what_cannot_be_told_of_is_answered_in_words(body: bytes) -> None:
    """No traceback, no half of a table: the reason, and what to do."""
    with pytest.raises(ValueError, match=CANNOT[body]):
        shown(body)


def test_a_trial_looks_at_no_more_of_a_body_than_it_may_tell() -> None:
    """Behind the last node that may be told nothing is opened: not even what could not be."""
    crash = '{"type":"event"}\n{"exception":[{"type":"E"}],"x":'
    behind = f"\n{crash}1e999}}"
    for n, words in ((1, "cannot be read as JSON"), (NODES_MAX, "more than 10,000 values")):
        with pytest.raises(ValueError, match=words):
            shown(f"{{}}\n{crash}{json.dumps([[]] * n)}}}{behind}".encode())


def test_every_reason_has_its_words() -> None:
    """Whatever decide may answer, a trial can say it to a person."""
    assert set(Reason) == set(BECAUSE)
