"""How a Sentry session ended, and whose it was: the table of both, and who is asked."""

import msgspec
import pytest
from wide import envelope, planned, request, spoken, undeclared

from remit.policy.words import Item
from remit.wire.decoder import Leaf
from remit.wire.sessions import NAMES, end, named

PATH = "/api/1/envelope/"
UUID = "11111111-2222-4333-8444-555555555555"
SESSION = {"sid": UUID, "status": "exited", "did": "d1", "attrs": {"release": "1.0"}}

ENDS: tuple[tuple[Leaf, Leaf, str | None], ...] = (
    ("ok", 0, None), ("ok", 7, None), (None, 7, None), (3, 0, None),
    ("exited", None, "exited"), ("exited", 0, "exited"), ("exited", "2", "exited"), ("exited", 2, "errored"),
    ("errored", 0, "errored"), ("unhandled", 1, "errored"),
    ("abnormal", 0, "abnormal"), ("abnormal", 2, "abnormal"), ("crashed", 0, "crashed"), ("crashed", 2, "crashed"),
    ("not invented yet", 2, "not invented yet"),
)  # fmt: skip


@pytest.mark.parametrize(("status", "errors", "told"), ENDS)
def test_a_session_ended_as_sentry_counts_it(status: Leaf, errors: Leaf, told: str | None) -> None:
    """Errors make an orderly end an errored one; a crash and an abrupt end stay what they are; ``ok`` is no end."""
    assert told == end(status, errors)


WHOSE: tuple[tuple[Leaf, str, str], ...] = (
    ("u1", "", "account.id"), ("u1", "sentry.python/2.75.0", "account.id"),
    (UUID, "sentry.javascript.node/11.12.0", "account.id"), (7, "sentry.rust/0.42", "account.id"),
    ("ada@example.org", "sentry.python/2.75.0", "email"), ("192.0.2.1", "sentry.javascript.browser/11", "net.ip"),
    ("2001:db8::1", "", "net.ip"),
    ("d1", "sentry.cocoa/8.49", "device.installation"), ("d1", "sentry.cocoa.flutter/8", "device.installation"),
    ("d1", "sentry.java.android.react-native/8", "device.installation"), ("d1", "sentry.java/8", "account.id"),
    ("d1", "sentry.dotnet.maui/5", "device.installation"), ("d1", "sentry.dart.flutter", "device.installation"),
    (UUID, "sentry.native/0.12", "device.installation"), ("u1", "sentry.native.unreal/0.12", "account.id"),
    ("ada@example.org", "sentry.native/0.12", "email"),
)  # fmt: skip


@pytest.mark.parametrize(("did", "client", "item"), WHOSE)
def test_the_distinct_id_is_what_its_client_puts_there(did: Leaf, client: str, item: str) -> None:
    """Mobile clients send their installation's id, others the user's id, address or name."""
    assert Item(item) == named(did, client)


SAID: tuple[tuple[dict[str, str], str, object, str], ...] = (
    ({"x_sentry_auth": "Sentry sentry_key=k, sentry_client=sentry.cocoa/8"}, "sentry.python", "sentry.python", "did"),
    ({"x_sentry_auth": "Sentry sentry_key=k"}, "sentry.cocoa/8", "sentry.python", "did"),
    ({}, "", "sentry.cocoa", "did"),
    ({}, "", "sentry.python", "user"),
    ({}, "", {"a": 1}, "user"),
    ({}, "", None, "user"),
)


@pytest.mark.parametrize(("headers", "query", "name", "whose"), SAID)
def test_the_client_is_the_one_that_the_request_names(
    headers: dict[str, str], query: str, name: object, whose: str
) -> None:
    """The auth header counts before the query, the query before the envelope, and an odd name is none."""
    body = envelope(("session", SESSION), sdk={"name": name} if name is not None else 7)
    sent = msgspec.structs.replace(request(PATH, body, **headers), query={"sentry_client": query} if query else {})
    (batch,) = spoken(PATH).decoder(planned())(sent, 0).batches

    assert {Item("device.installation" if whose == "did" else "account.id")} == NAMES & set(batch.columns)


def test_a_distinct_id_is_read_only_for_a_policy_that_names_its_kind() -> None:
    """A policy that needs installation ids gets no user out of a session, and says that nobody needs it."""
    narrow = planned([Item("device.installation")])
    session = {**SESSION, "did": "ada"}
    for kind, payload in (("session", session), ("sessions", {"aggregates": [{"did": "ada", "exited": 2}]})):
        sent = request(PATH, envelope((kind, payload)), x_sentry_auth="Sentry sentry_client=sentry.python/2")
        (batch,) = spoken(PATH).decoder(narrow)(sent, 0).batches
        missing = undeclared(sent, narrow)

        assert {} == dict(batch.columns)
        assert [True] == [path.endswith("did") for path in missing if "did" in path]


def test_aggregates_are_read_for_their_release_alone() -> None:
    """An address beside aggregates is nobody's, so it is not read, and said to be needed by nobody."""
    payload = {"aggregates": [{"exited": 2}], "attrs": {"release": "a@1.0", "ip_address": "192.0.2.1"}}
    sent = request(PATH, envelope(("sessions", payload)))
    (batch,) = spoken(PATH).decoder(planned())(sent, 0).batches

    assert {"app.version", "session.status"} == set(batch.columns)
    assert ["attrs.ip_address"] == undeclared(sent, planned())
