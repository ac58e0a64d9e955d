"""What items of Sentry's clients tell, and what these are told: requests, errors, reports, and limits."""

import json
from typing import Any

import pytest
from wide import envelope, planned, request

from remit.policy.reduce import REDUCTIONS
from remit.policy.words import Item, Kind, Value
from remit.wire.client_reports import discarded
from remit.wire.limits import UNREAD, limited
from remit.wire.protocol import Decoded
from remit.wire.request import Reply
from remit.wire.sentry import Sentry

SENTRY, ENVELOPE = Sentry(), "/api/1/envelope/"
STOPPABLE = {"error", "log_item", "transaction", "span", "feedback", "user_report", "user_report_v2", "session"}


def decoded(kind: str, payload: Any) -> Decoded:
    """What is read of one item under a policy that needs every item."""
    return SENTRY.decoder(planned())(request(ENVELOPE, envelope((kind, payload))), 0)


def values(found: Decoded, kind: Kind) -> list[dict[str, Value | None]]:
    """The records of one kind."""
    return [
        {str(item): column[i] for item, column in batch.columns.items()}
        for batch in found.batches
        for i in range(batch.size)
        if batch.kind is kind
    ]


@pytest.mark.parametrize(
    ("item", "goes_on"),
    [
        ("crash.type", {"error"}),
        ("log.line", {"error", "log_item"}),
        ("request.url", {"transaction", "span"}),
        ("message.text", {"feedback", "user_report", "user_report_v2"}),
        ("session.status", {"session"}),
        ("device.imei", set()),
    ],
)
def test_a_client_goes_on_with_what_something_needs(item: str, goes_on: set[str]) -> None:
    """And is told to stop the rest, on a reply that took everything; what nobody can read, always."""
    plan = planned([Item(item)])
    reply = SENTRY.stopping(plan)(Reply(200, b"{}", {"content-type": "application/json"}))
    seconds, categories, scope, _ = reply.headers["x-sentry-rate-limits"].split(":")

    assert (STOPPABLE - goes_on) | set(UNREAD) == set(limited(plan)) == set(categories.split(";"))
    assert (200, "key", True) == (reply.status, scope, int(seconds) > 0)


@pytest.mark.parametrize(
    ("op", "status", "went", "failed"),
    [
        ("http.client", 404, "ok", 1),
        ("http.server", 404, "not_found", 0),
        ("http.server", "503", "ok", 1),
        ("http.client", None, "internal_error", 1),
        ("http.client", "soon", "ok", 0),
        ("http.server", None, "cancelled", 0),
    ],
)
def test_a_status_says_whether_a_request_failed(op: str, status: object, went: str, failed: int) -> None:
    """From 400 on for who asked, from 500 on for who answered; where there is none, the span's own word."""
    span = {
        "op": op, "span_id": "s", "status": went, "start_timestamp": 10.0, "timestamp": 10.25,
        "data": {"url": "https://shop.example/cart", "http.response.status_code": status},
    }  # fmt: skip
    (told,) = values(decoded("transaction", {"spans": [span, {"op": "db", "span_id": "t"}]}), Kind.REQUEST)

    assert (failed, 1, 0.25) == (told["request.errors"], told["request.count"], told["request.duration"])


def test_what_shows_where_a_message_was_sent_from_is_no_error() -> None:
    """A client may put a made exception beside a message; the message stays a line."""
    made = {"value": "x", "mechanism": {"synthetic": True, "type": "generic"}}
    found = decoded("event", {"message": "hello", "exception": {"values": [made]}})

    assert [Kind.LOG] == [batch.kind for batch in found.batches]
    assert "hello" == values(found, Kind.LOG)[0]["log.line"]


FRAMES = [
    {"in_app": False, "module": "lib.http", "function": "send"},
    {"in_app": True, "module": "shop.pay", "function": "charge", "lineno": 12},
    {"in_app": True, "module": "shop.cart", "function": "buy", "lineno": 40},
    {"in_app": False, "module": "lib.json", "function": "load"},
]


@pytest.mark.parametrize(
    ("fingerprint", "expected"),
    [
        (None, "KeyError <- shop.cart.buy <- shop.pay.charge"),
        (["{{ default }}"], "KeyError <- shop.cart.buy <- shop.pay.charge"),
        (["shop.checkout"], "shop.checkout"),
        (["shop.checkout", "{{ default }}"], "shop.checkout <- KeyError <- shop.cart.buy <- shop.pay.charge"),
        (["ada@example.org paid"], "KeyError <- shop.cart.buy <- shop.pay.charge"),
    ],
)
def test_errors_are_told_apart_by_names_in_programs(fingerprint: list[str] | None, expected: str) -> None:
    """Of our own frames, or of the fingerprint where that is made of such names; never by what somebody wrote."""
    error = {"type": "KeyError", "value": "ada@example.org", "stacktrace": {"frames": FRAMES}}
    event = {"exception": {"values": [error]}} | ({"fingerprint": fingerprint} if fingerprint else {})
    (told,) = values(decoded("event", event), Kind.CRASH)

    assert (expected, "shop.cart", "buy", 40) == tuple(
        told[f"crash.{part}"] for part in ("stack", "module", "function", "line")
    )
    digest = REDUCTIONS["digest"].of(expected, planned().app)
    assert (12, True) == (len(str(digest)), set(str(digest)) <= set("0123456789abcdef"))
    assert "(other)" == REDUCTIONS["digest"].of(f"{expected} <- ada@example.org paid", planned().app)


def test_a_report_counts_by_closed_words() -> None:
    """What a client did not send has a reason and a category of lists; any other word is no word."""
    report = [
        {"reason": "ratelimit_backoff", "category": "transaction", "quantity": 5},
        {"reason": "ratelimit_backoff", "category": "transaction", "quantity": 2},
        {"reason": "ada@example.org", "category": "ada", "quantity": 1},
        {"reason": "before_send", "category": "error", "quantity": -3},
        {"reason": "before_send", "category": "error", "quantity": True},
    ]
    expected = {("ratelimit_backoff", "transaction"): 7, ("other", "other"): 1}

    assert expected == discarded(json.dumps({"discarded_events": report}).encode())
    assert expected == decoded("client_report", {"discarded_events": report}).discarded
    assert {} == discarded(b'{"discarded_events": 7}')
