"""L9 for every protocol: what is sent again under its own id is there once, by any worker and after a restart."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from running import House, stopped

UUID = "11111111-2222-4333-8444-{:012}"


class Sent(NamedTuple):
    """A request, and the question how often it is there."""

    path: str
    body: bytes
    headers: Mapping[str, str]
    sql: str


def told(path: str, body: object, sql: str, **headers: str) -> Sent:
    """A request of one JSON text."""
    return Sent(path, json.dumps(body).encode(), headers, sql)


def page(name: str) -> str:
    """How often a page was visited."""
    return f"SELECT sum(n) AS n FROM page_visit WHERE page = '{name}'"


def envelope(kind: str, payload: dict[str, Any], sql: str, **head: str) -> Sent:
    """An envelope of one item, as Sentry's clients send it."""
    lines = [json.dumps(one).encode() for one in (head, {"type": kind}, payload)]
    return Sent("/api/1/envelope/", b"\n".join(lines), {"x-sentry-auth": "Sentry sentry_key=demo-android"}, sql)


RAISED = {"exception": {"values": [{"type": "KeyError"}]}}
BY_ID = {
    "segment": told(
        "/v1/batch",
        {"writeKey": "demo-android", "batch": [{"type": "page", "messageId": "m1", "properties": {"url": "/cart"}}]},
        page("/cart"),
    ),
    "jitsu": told(
        "/api/s/page",
        {"messageId": "m2", "properties": {"url": "/search"}},
        page("/search"),
        **{"x-write-key": "demo-android:s"},
    ),
    "sentry's errors": envelope("event", RAISED, "SELECT sum(n) AS n FROM crash", event_id="0" * 31 + "1"),
    "sentry's sessions": envelope(
        "session",
        {"sid": UUID.format(1), "status": "exited", "init": True, "errors": 0},
        "SELECT sum(n) AS n FROM session WHERE status = 'exited'",
    ),
    "posthog": told(
        "/batch",
        {
            "api_key": "demo-android",
            "batch": [
                {
                    "event": "$pageview",
                    "uuid": UUID.format(2),
                    "distinct_id": "u",
                    "properties": {"$current_url": "/account"},
                }
            ],
        },
        page("/account"),
    ),
    "remit": told(
        "/remit/v1/records",
        {"key": "demo-android", "kind": "page_visit", "id": "m3", "items": {"page.url": "/checkout"}},
        page("/checkout"),
    ),
}
WITHOUT = {
    "plausible": told(
        "/api/event", {"n": "pageview", "d": "shop.example", "u": "https://shop.example/help"}, page("/help")
    ),
    "umami": told(
        "/api/send",
        {"type": "event", "payload": {"website": "6f3a1d0e-52c7-4b8e-9d14-c0a7e8b25f31", "url": "/help/a"}},
        page("/help/*"),
    ),
    "sentry's aggregates": envelope(
        "sessions",
        {"aggregates": [{"started": "2026-11-03T09:30:00Z", "crashed": 1}], "attrs": {"release": "shop@1.4.2"}},
        "SELECT sum(n) AS n FROM session WHERE status = 'crashed'",
    ),
}
TIMES = 4
"""Through each of two workers, before a restart and after it."""


@pytest.fixture(scope="module")
def stood(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house of two workers to which everything was sent as often."""
    house = House(Path(tmp_path_factory.mktemp("once")), workers=2).start()
    through_each(house)
    house.stop()
    house.start()
    through_each(house)
    yield house
    house.stop()


def through_each(house: House) -> None:
    """Every request, through each worker alone."""
    workers = house.intakes()
    assert 2 == len(workers)
    for other in workers:
        with stopped(other):
            for one in (BY_ID | WITHOUT).values():
                answer = house.post(one.path, one.body, **one.headers)
                assert answer.status_code < 300, (one.path, answer.text)


@pytest.mark.parametrize("name", BY_ID)
def test_what_bears_an_id_is_there_once(stood: House, name: str) -> None:
    """However often, through whichever worker, and whatever was restarted meanwhile."""
    assert [{"n": 1}] == stood.facts(BY_ID[name].sql)


@pytest.mark.parametrize("name", WITHOUT)
def test_what_bears_none_is_there_as_often_as_it_came(stood: House, name: str) -> None:
    """Two equal page views are two: nothing in the request tells a repeat from another visit."""
    assert [{"n": TIMES}] == stood.facts(WITHOUT[name].sql)


def test_no_id_is_left_in_the_facts_or_at_the_desk(stood: House) -> None:
    """A repeat is known by a keyed hash; no message id stands anywhere in the data folder."""
    stood.stop()
    ids = (b"11111111-2222-4333-8444-00000000000", b"0" * 31 + b"1")

    assert [] == [
        file for file in stood.data.rglob("*") if file.is_file() and any(one in file.read_bytes() for one in ids)
    ]
