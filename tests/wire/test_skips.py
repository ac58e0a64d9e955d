"""Every part of a request that was taken is a record, or is counted as none."""

from collections.abc import Mapping

import pytest
from wide import envelope, planned, request, spoken

from remit.wire.protocol import Skip

PLAN = planned()
CRASH = ("event", {"exception": [{"type": "E"}]})
DATABASE = {"items": [{"attributes": {"sentry.op": {"value": "db"}}}]}
SKIPS: dict[str, tuple[str, object, int, Mapping[Skip, int]]] = {
    "a page": ("/v1/batch", {"batch": [{"type": "page"}]}, 1, {}),
    "no message": ("/v1/batch", {"batch": []}, 0, {Skip.EMPTY: 1}),
    "a message of no known type": ("/v1/batch", {"batch": [{"type": "x"}, {"type": "page"}]}, 1, {Skip.UNREAD: 1}),
    "no messages at all": ("/v1/batch", {"batch": [1, None, {}]}, 0, {Skip.UNREAD: 3}),
    "no messages, in a context": ("/v1/batch", {"batch": [[]], "context": {"locale": "en"}}, 0, {Skip.UNREAD: 1}),
    "a crash": ("/api/1/envelope/", envelope(CRASH), 1, {}),
    "no item": ("/api/1/envelope/", envelope(), 0, {Skip.EMPTY: 1}),
    "items of other types": ("/api/1/envelope/", envelope(("replay_event", {}), CRASH, ("x", [])), 1, {Skip.UNREAD: 2}),
    "a message": ("/api/1/envelope/", envelope(("event", {"message": "m"})), 1, {}),
    "no event": ("/api/1/envelope/", envelope(("event", [])), 0, {Skip.NO_RECORD: 1}),
    "a transaction without a request": ("/api/1/envelope/", envelope(("transaction", {})), 0, {Skip.NO_RECORD: 1}),
    "spans of a database": ("/api/1/envelope/", envelope(("span", DATABASE)), 0, {Skip.NO_RECORD: 1}),
    "no lines": ("/api/1/envelope/", envelope(("log", {"items": []})), 0, {Skip.NO_RECORD: 1}),
    "two lines": ("/api/1/envelope/", envelope(("log", {"items": [{"body": "a"}, {"body": "b"}]})), 2, {}),
    "a report of a client": ("/api/1/envelope/", envelope(("client_report", {})), 0, {Skip.NO_RECORD: 1}),
    "a session that goes on": ("/api/1/envelope/", envelope(("session", {"status": "ok"})), 0, {Skip.NO_RECORD: 1}),
    "no aggregates": ("/api/1/envelope/", envelope(("sessions", {})), 0, {Skip.NO_RECORD: 1}),
    "a page view": ("/api/event", {"n": "pageview", "u": "https://shop.example/"}, 1, {}),
    "a page that is data": ("/api/event", {"n": "pageview", "u": "data:,x"}, 0, {Skip.NO_RECORD: 1}),
}


@pytest.mark.parametrize("name", SKIPS)
def test_what_becomes_no_record_is_counted(name: str) -> None:
    """Taken without a record, a request says why; with one, so does each of its parts that is none."""
    path, body, records, skipped = SKIPS[name]
    decoded = spoken(path).decoder(PLAN)(request(path, body), 0)

    assert (records, dict(skipped)) == (sum(batch.size for batch in decoded.batches), dict(decoded.skipped))
