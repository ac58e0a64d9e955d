"""Unmodified client packages, sending to loopback: what they really send is read as it was said."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import sentry_sdk
from loopback import PEER, listening
from segment.analytics.client import Client
from wide import planned, spoken

from remit.policy.columns import Batch
from remit.policy.words import Item, Kind
from remit.wire.request import Request
from remit.wire.sessions import NAMES

PLAN = planned()


def read(seen: list[Request]) -> list[Batch]:
    """All batches of all requests."""
    return [batch for sent in seen for batch in spoken(sent.path).decoder(PLAN)(sent, 0).batches]


@pytest.mark.parametrize("gzip", [False, True])
def test_the_segment_package(gzip: bool) -> None:
    """Six calls of the package are six records of the kinds that they mean, under its write key and message ids."""
    with listening() as (host, seen):
        client = Client("demo", host=f"http://{host}", sync_mode=True, gzip=gzip)
        client.identify("u1", {"email": "a@example.org"})
        client.page("u1", "Shop", "Cart", {"url": "https://shop.example/cart"})
        client.screen("u1", "Shop", "Cart")
        client.track("u1", "Order Completed", {"total": 3})
        client.group("u1", "g1", {"phone": "+4930901821"})
        client.alias("anon", "u1")
    keys = {(key := spoken(sent.path).key(sent)) and key.key for sent in seen}
    batches = read(seen)

    assert {"demo"} == keys
    assert [
        Kind.ACCOUNT, Kind.PAGE_VISIT, Kind.SCREEN_VISIT, Kind.EVENT, Kind.ACCOUNT, Kind.ACCOUNT,
    ] == [batch.kind for batch in batches]  # fmt: skip
    assert [["u1"]] * 6 == [list(batch.columns[Item("account.id")]) for batch in batches]
    assert ["a@example.org"] == list(batches[0].columns[Item("email")])
    assert ["https://shop.example/cart"] == list(batches[1].columns[Item("page.url")])
    assert ["Cart"] == list(batches[2].columns[Item("screen.name")])
    assert ["Order Completed"] == list(batches[3].columns[Item("event.name")])
    assert Item("phone") not in batches[4].columns
    assert 6 == len({message for batch in batches for message in batch.messages or []} - {""})


@pytest.fixture
def sentry() -> Iterator[tuple[str, list[Request]]]:
    """A server that the Sentry package sends to; the package forgets it afterwards."""
    with listening() as heard, sentry_sdk.isolation_scope():
        yield heard
        sentry_sdk.get_client().close()
        sentry_sdk.init()


def start(host: str, **options: Any) -> None:
    """Begin as an application would."""
    sentry_sdk.init(dsn=f"http://demo@{host}/42", release="shop@1.4.2", **options)


@pytest.mark.parametrize("personal", [False, True])
def test_the_sentry_package_tells_of_an_exception(sentry: tuple[str, list[Request]], personal: bool) -> None:
    """A handled error with its type, function, release and user; the sender's address where the package asks for it."""
    host, seen = sentry
    start(host, send_default_pii=personal)
    sentry_sdk.set_user({"id": "u1", "ip_address": "{{auto}}"})

    def pay() -> None:
        raise KeyError("total")

    try:
        pay()
    except KeyError as error:
        event = sentry_sdk.capture_exception(error)
    sentry_sdk.flush()
    crashes = [batch for batch in read(seen) if batch.kind is Kind.CRASH]
    columns = {item: column[0] for item, column in crashes[0].columns.items()}

    assert [[event]] == [batch.messages for batch in crashes]
    assert {("demo", 42)} == {(key.key, key.number) for sent in seen if (key := spoken(sent.path).key(sent))}
    assert {
        "account.id": "u1", "app.version": "1.4.2", "crash.type": "KeyError", "crash.handled": True,
        "crash.module": __name__, "crash.function": pay.__qualname__.rpartition(".")[2], "crash.message": "'total'",
        "crash.line": pay.__code__.co_firstlineno + 1, "crash.in_app": True,
        "crash.stack": f"KeyError <- {__name__}.pay <- {__name__}.test_the_sentry_package_tells_of_an_exception",
        **({"net.ip": PEER} if personal else {}),
    } == columns  # fmt: skip
    replies = [spoken(sent.path).decoder(PLAN)(sent, 0).reply.body.decode() for sent in seen]
    assert f'{{"id":"{event}"}}' in replies


def sessions(seen: list[Request]) -> list[Batch]:
    """The sessions among what was read."""
    return [batch for batch in read(seen) if batch.kind is Kind.SESSION]


def test_the_sentry_package_tells_of_sessions(sentry: tuple[str, list[Request]]) -> None:
    """A session of an application ends once; sessions of requests come as one record with a weight."""
    host, seen = sentry
    start(host, auto_session_tracking=False)
    scope = sentry_sdk.get_isolation_scope()
    scope.set_user({"id": "u1"})
    scope.start_session(session_mode="application")
    scope.end_session()
    for _ in range(3):
        scope.start_session(session_mode="request")
        scope.end_session()
    sentry_sdk.flush()
    ended = [
        (status, weight)
        for batch in sessions(seen)
        for status, weight in zip(batch.columns[Item("session.status")], batch.weights or [], strict=True)
    ]

    assert [("exited", 1), ("exited", 3)] == sorted(ended)
    assert {"1.4.2"} == {release for batch in sessions(seen) for release in batch.columns[Item("app.version")]}


NOBODY: Mapping[str, str] = {"name": "without any of the three"}


@pytest.mark.parametrize(
    ("user", "names"),
    [
        ({"id": "u1", "email": "ada@example.org", "username": "ada"}, {"account.id": "u1"}),
        ({"email": "ada@example.org", "username": "ada"}, {"email": "ada@example.org"}),
        ({"username": "ada"}, {"account.id": "ada"}),
        (NOBODY, {}),
    ],
)
def test_the_sentry_package_names_the_user_of_a_session(
    sentry: tuple[str, list[Request]], user: Mapping[str, str], names: Mapping[str, str]
) -> None:
    """What this package calls a distinct id is what it knows of the user, so it is never taken for a device's."""
    host, seen = sentry
    start(host, auto_session_tracking=False)
    scope = sentry_sdk.get_isolation_scope()
    scope.start_session(session_mode="application")
    scope.set_user(dict(user))
    sentry_sdk.capture_exception(KeyError("total"))
    scope.end_session()
    sentry_sdk.flush()
    (batch,) = sessions(seen)

    assert names == {item: batch.columns[item][0] for item in NAMES & set(batch.columns)}


@pytest.mark.parametrize(("mode", "weight"), [("application", 1), ("request", 2)])
@pytest.mark.parametrize(("handled", "told"), [(True, "errored"), (False, "crashed")])
def test_the_sentry_package_tells_how_badly_a_session_went(
    sentry: tuple[str, list[Request]], handled: bool, told: str, mode: str, weight: int
) -> None:
    """An error that was handled makes a session errored, though it ends in order; one that was not, crashed."""
    host, seen = sentry
    start(host, auto_session_tracking=False)
    scope = sentry_sdk.get_isolation_scope()
    for _ in range(weight):
        scope.start_session(session_mode=mode)
        for one in (True, handled):
            mechanism = {"type": "test", "handled": one}
            values = [{"type": "KeyError", "value": "total", "mechanism": mechanism}]
            sentry_sdk.capture_event({"exception": {"values": values}})
        scope.end_session()
    sentry_sdk.flush()
    (batch,) = sessions(seen)

    assert [told] == list(batch.columns[Item("session.status")])
    assert [weight] == list(batch.weights or [])
