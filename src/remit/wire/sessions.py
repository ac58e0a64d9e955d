"""Release health, as Sentry's session items tell it: how sessions ended, and whose they were."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from remit.policy.catalogue import CATALOGUE
from remit.policy.values import TYPES
from remit.policy.words import Item, Kind, Value
from remit.wire.decoder import Leaf, field, walk
from remit.wire.origins import Origin, Place, Record, instead, own, taken

SESSIONS_MAX = 1000
WEIGHT_MAX = 1_000_000

_ADDRESS = "attrs.ip_address"
FIELDS = (
    field("session.duration", "duration"),
    field("net.ip", _ADDRESS),
    field("net.user_agent", "attrs.user_agent"),
    field("app.version", "attrs.release"),
)
"""Beside these: ``session.status`` by ``end``, and one of ``NAMES`` by ``named``."""
STATUS, RELEASE = Item("session.status"), Item("app.version")
INSTALLATION, ACCOUNT, EMAIL, IP = Item("device.installation"), Item("account.id"), Item("email"), Item("net.ip")
NAMES = frozenset({INSTALLATION, ACCOUNT, EMAIL, IP})
"""What ``did`` may be."""

OWN: Mapping[str, str] = {
    "sid": "tells a repeat",
    "status": "says whether the session ended",
    "errors": "says whether it ended well",
}
"""What the protocol itself needs of a session, and what for."""
ENDED_SO = "says how many sessions ended so"
AUTO, ASKS = "{{auto}}", "asks for the sender's address"
"""What a client writes in place of an address, and what it means by it."""

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
    """Sessions of one aggregate that ended alike, and where it says so."""

    values: Mapping[Item, Value | None]
    n: int
    place: str
    key: str


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


def aggregated(node: object, client: str) -> Iterator[Sessions]:
    """The sessions of an untyped item of aggregates, by their start, their distinct id and their end."""
    release = walk(node, "attrs.release")
    for i, one in enumerate(aggregates(node)):
        did = walk(one, "did")
        for key, ended in ENDS.items():
            n = walk(one, key)
            if isinstance(n, int) and not isinstance(n, bool) and 0 < n <= WEIGHT_MAX:
                yield Sessions({STATUS: ended, RELEASE: release, named(did, client): did}, n, f"aggregates[{i}]", key)


def aggregates(node: object) -> list[Any]:
    """The aggregates of an untyped item that are read."""
    found = node.get("aggregates") if isinstance(node, dict) else None
    return found[:SESSIONS_MAX] if isinstance(found, list) else []


def needed(node: object, client: str, wanted: frozenset[Item]) -> frozenset[str]:
    """Paths of a session that are read."""
    if end(walk(node, "status"), None) is None:
        return frozenset({"status"})
    paths = [path for one in FIELDS if one.item in wanted for path in one.paths]
    return frozenset([*OWN, *paths, *(["did"] if named(walk(node, "did"), client) in wanted else [])])


def needed_of_aggregates(node: object, client: str, wanted: frozenset[Item]) -> frozenset[str]:
    """Paths of aggregates that are read; where not every ``did`` is, none is said to be."""
    found = list(aggregated(node, client))
    paths = {f"aggregates[].{key}" for key in ENDS}
    paths |= {"attrs.release"} if found and RELEASE in wanted else set()
    counted = {one.place for one in found if NAMES & wanted & one.values.keys()}
    with_did = {f"aggregates[{i}]" for i, one in enumerate(aggregates(node)) if walk(one, "did") is not None}
    return frozenset(paths | ({"aggregates[].did"} if with_did <= counted else set()))


def origins(node: object, client: str, wanted: frozenset[Item], *, row: int, place: Place) -> Iterator[Origin]:
    """What each path of a session that ended was read for; it is the ``row``-th record."""
    record, asks = Record(Kind.SESSION, row), walk(node, _ADDRESS) == AUTO
    yield from own([*OWN.items(), *([(_ADDRESS, ASKS)] if asks else [])], place)
    if STATUS in wanted:
        yield Origin(place("status"), "", STATUS, record)
    fields = [one for one in FIELDS if one.item in wanted and not (asks and one.item == IP)]
    yield from taken(node, fields, record, place=place)
    did = walk(node, "did")
    item = named(did, client)
    if did is not None and item in wanted:
        stated = item == IP and walk(node, _ADDRESS) is not None
        yield Origin(place("did"), instead(IP, place(_ADDRESS)) if stated else "", item, record)


def origins_of_aggregates(
    node: object, found: Sequence[Sessions], wanted: frozenset[Item], *, row: int, place: Place
) -> Iterator[Origin]:
    """What each path of aggregates was read for; their records begin with the ``row``-th."""
    counts = [f"aggregates[{i}].{key}" for i, _ in enumerate(aggregates(node)) for key in ENDS]
    yield from own(((path, ENDED_SO) for path in counts), place)
    for n, one in enumerate(found, row):
        paths = dict.fromkeys(NAMES, f"{one.place}.did")
        paths |= {STATUS: f"{one.place}.{one.key}", RELEASE: "attrs.release"}
        for item, value in one.values.items():
            if value is not None and item in wanted:
                yield Origin(place(paths[item]), "", item, Record(Kind.SESSION, n))
