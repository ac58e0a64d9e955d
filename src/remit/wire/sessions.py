"""Release health, as Sentry's session items tell it: how sessions ended, and whose they were."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from remit.policy.catalogue import CATALOGUE
from remit.policy.plan import Plan
from remit.policy.values import TYPES
from remit.policy.words import Item, Kind, Value
from remit.wire import parts
from remit.wire.decoder import Leaf, field, short, walk
from remit.wire.origins import Origin, Place, instead, own
from remit.wire.parts import (
    ACCOUNT,
    EMAIL,
    INSTALLATION,
    IP,
    RELEASE,
    About,
    FieldTable,
    ItemReader,
    ToldRecord,
    begun,
    mended,
    paths,
    wanted,
)
from remit.wire.sampled import Seen, seen

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
STATUS = Item("session.status")
NAMES = frozenset({INSTALLATION, ACCOUNT, EMAIL, IP})
"""What ``did`` may be."""

OWN: Mapping[str, str] = {
    "sid": "tells a repeat",
    "status": "says whether the session ended",
    "errors": "says whether it ended well",
}
"""What the protocol itself needs of a session, and what for."""
ENDED_SO = "says how many sessions ended so"

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


class Ended(ItemReader):
    """Items of type ``session``: a record once the session has ended."""

    def __init__(self, plan: Plan) -> None:
        self._wanted = plan.tables[Kind.SESSION].items
        self._named = bool(NAMES & self._wanted)
        self._fields = wanted(FIELDS, self._wanted)
        self._table = FieldTable(self._fields, (*OWN, *(["did"] if self._named else [])))

    def told(self, payload: bytes, about: About) -> Iterator[ToldRecord]:
        """One record, or none while the session goes on."""
        (sid, status, errors, *rest), values = self._table.read(payload)
        ended = end(status, errors)
        if ended is not None:
            did = short(rest[0]) if self._named else None
            # An address that the session states for itself counts before one that stands for a name.
            found = {named(did, about.client): did, **values, STATUS: short(ended)}
            yield ToldRecord(Kind.SESSION, mended(found, about.peer), sid)

    def seen(self, payload: bytes, about: About) -> Iterator[Seen | None]:
        """Of a session that goes on, only its status is needed."""

        def needed(node: object) -> frozenset[str]:
            if end(walk(node, "status"), None) is None:
                return frozenset({"status"})
            did = ["did"] if named(walk(node, "did"), about.client) in self._wanted else []
            return frozenset([*OWN, *paths(self._fields), *did])

        return seen(payload, needed)

    def origins(self, node: Any, about: About, rows: Counter[Kind], *, place: Place) -> Iterator[Origin]:
        """What each path of a session that ended was read for."""
        if end(walk(node, "status"), None) is None:
            yield Origin(place("status"), "says that the session goes on")
            return
        record = begun(rows, Kind.SESSION)
        yield from own(OWN.items(), place)
        if STATUS in self._wanted:
            yield Origin(place("status"), "", STATUS, record)
        yield from parts.origins(node, self._fields, record, place=place)
        did = walk(node, "did")
        item = named(did, about.client)
        if did is not None and item in self._wanted:
            stated = item == IP and walk(node, _ADDRESS) is not None
            yield Origin(place("did"), instead(IP, place(_ADDRESS)) if stated else "", item, record)


class Aggregated(ItemReader):
    """Items of type ``sessions``: records that stand for several."""

    def __init__(self, plan: Plan) -> None:
        self._wanted = plan.tables[Kind.SESSION].items

    def told(self, payload: bytes, about: About) -> Iterator[ToldRecord]:
        """A record for each start, distinct id and end."""
        for one in aggregated(msgspec.json.decode(payload), about.client):
            values = {item: short(value) for item, value in one.values.items()}
            yield ToldRecord(Kind.SESSION, mended(values, ""), None, one.n)

    def seen(self, payload: bytes, about: About) -> Iterator[Seen | None]:
        """Where not every ``did`` is read, none is said to be."""

        def needed(node: object) -> frozenset[str]:
            found = list(aggregated(node, about.client))
            read = {f"aggregates[].{key}" for key in ENDS}
            read |= {"attrs.release"} if found and RELEASE in self._wanted else set()
            counted = {one.place for one in found if NAMES & self._wanted & one.values.keys()}
            with_did = {f"aggregates[{i}]" for i, one in enumerate(aggregates(node)) if walk(one, "did") is not None}
            return frozenset(read | ({"aggregates[].did"} if with_did <= counted else set()))

        return seen(payload, needed)

    def origins(self, node: Any, about: About, rows: Counter[Kind], *, place: Place) -> Iterator[Origin]:
        """What each path of aggregates was read for."""
        counts = [f"aggregates[{i}].{key}" for i, _ in enumerate(aggregates(node)) for key in ENDS]
        yield from own(((path, ENDED_SO) for path in counts), place)
        for one in aggregated(node, about.client):
            record = begun(rows, Kind.SESSION)
            at = dict.fromkeys(NAMES, f"{one.place}.did")
            at |= {STATUS: f"{one.place}.{one.key}", RELEASE: "attrs.release"}
            for item, value in one.values.items():
                if value is not None and item in self._wanted:
                    yield Origin(place(at[item]), "", item, record)
