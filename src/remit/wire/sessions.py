"""Release health, as Sentry's session items tell it: how sessions ended, and whose they were."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from remit.policy.catalogue import CATALOGUE
from remit.policy.values import TYPES
from remit.policy.words import Item, Value
from remit.wire.decoder import Leaf, field, walk

SESSIONS_MAX = 1000
WEIGHT_MAX = 1_000_000

FIELDS = (
    field("session.duration", "duration"),
    field("net.ip", "attrs.ip_address"),
    field("net.user_agent", "attrs.user_agent"),
    field("app.version", "attrs.release"),
)
"""Beside these: ``session.status`` by ``end``, and one of ``NAMES`` by ``named``."""
STATUS, RELEASE = Item("session.status"), Item("app.version")
INSTALLATION, ACCOUNT, EMAIL, IP = Item("device.installation"), Item("account.id"), Item("email"), Item("net.ip")
NAMES = frozenset({INSTALLATION, ACCOUNT, EMAIL, IP})
"""What ``did`` may be."""

ENDS: Mapping[str, str] = {
    "exited": "exited",
    "errored": "errored",
    "unhandled": "errored",  # in a browser: an error that nobody caught, which the page survived
    "abnormal": "abnormal",
    "crashed": "crashed",
}
"""Last statuses of sessions, and keys of aggregates -> how a session ended."""

_OF_THE_INSTALLATION = ("sentry.cocoa", "sentry.java.android", "sentry.dotnet", "sentry.dart")
"""Clients whose ``did`` is an id that they made at their installation, whoever is signed in."""
_OF_EITHER = "sentry.native"
"""Its ``did`` is the user's id, and only where there is none that of the installation: a UUID."""


class Sessions(NamedTuple):
    """Sessions of one aggregate that ended alike."""

    values: Mapping[Item, Value | None]
    n: int


def end(status: Leaf, errors: Leaf) -> str | None:
    """How a session ended, as Sentry counts it; None while it goes on.

    A crash or an abrupt end is that, whatever else went wrong before; an orderly end after errors is ``errored``.
    """
    if not isinstance(status, str) or status == "ok":
        return None
    if status == "exited" and isinstance(errors, int | float) and errors > 0:
        return "errored"
    return ENDS.get(status, status)


def named(did: Leaf, client: str) -> Item:
    """What kind of identifier the distinct id of a session is, by who sends it and by its own type.

    Clients that do not keep an id of their installation put there what they know of the user: an id, else an
    e-mail address, else a name.
    """
    if did is None or client.startswith(_OF_THE_INSTALLATION):
        return INSTALLATION
    if client.startswith(_OF_EITHER) and TYPES["uuid"].fits(did):
        return INSTALLATION
    return next((item for item in (EMAIL, IP) if CATALOGUE[item].fits(did)), ACCOUNT)


def aggregated(payload: bytes, client: str) -> Iterator[Sessions]:
    """The sessions of an item of aggregates, by their start, their distinct id and their end."""
    node = msgspec.json.decode(payload)
    release = walk(node, "attrs.release")
    for one in aggregates(node):
        did = walk(one, "did")
        for key, ended in ENDS.items():
            n = walk(one, key)
            if isinstance(n, int) and not isinstance(n, bool) and 0 < n <= WEIGHT_MAX:
                yield Sessions({STATUS: ended, RELEASE: release, named(did, client): did}, n)


def aggregates(node: object) -> list[Any]:
    """The aggregates of an untyped item that are read."""
    found = node.get("aggregates") if isinstance(node, dict) else None
    return found[:SESSIONS_MAX] if isinstance(found, list) else []


def dids(node: object) -> list[Value]:
    """The distinct ids of a session, or of aggregates, as an untyped item."""
    found = [walk(one, "did") for one in (node, *aggregates(node))]
    return [did for did in found if did is not None]
