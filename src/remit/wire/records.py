"""remit's own protocol: records whose values bear the names of the catalogue, in one JSON text or one record a line.

A record is ``{"kind": "page_visit", "id": "m1", "items": {"page.url": "/cart"}}``; ``id`` tells it from its repeats,
``n`` says for how many happenings it stands, and ``choice`` is the choice token of whose it is. A body is one record,
``{"key", "records": [...]}``, or NDJSON.

A client that asks, by the header ``Remit-Needed`` with the tag of what it knows, is told which items of which kinds
something needs, whenever that is something else; so it can leave out the rest before it sends.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from typing import Any

import msgspec

from remit.policy.catalogue import CATALOGUE
from remit.policy.columns import Batch
from remit.policy.model import App
from remit.policy.plan import Plan
from remit.policy.words import Item, Kind, Value
from remit.wire.decoder import UNREADABLE, Row, escaped, message_id, named, nodes, opened, short, walk
from remit.wire.origins import Origin, Record, own, within
from remit.wire.protocol import (
    JSON,
    LATER,
    OPEN,
    AppKey,
    Decode,
    Decoded,
    Protocol,
    Rejection,
    Skip,
    Stopping,
    statuses,
)
from remit.wire.request import Reply, Request
from remit.wire.route import posted
from remit.wire.sampled import Seen, always, seen, seen_around

PATH = "/remit/v1/records"
NEEDED = "remit-needed"
"""The header by which a client says what it knows, and by which it is told."""
_CHOICE = "choice"
UNREAD = "?"
"""What stands for a choice token that is no text."""
RECORDS_MAX = 5_000
WEIGHT_MAX = 2**31
_OWN = (
    ("kind", "says what the record tells of"),
    ("id", "tells a record from its repeats"),
    ("n", "says for how many happenings it stands"),
    (_CHOICE, "says what whose it is chose"),
)
_IP, _AGENT = Item("net.ip"), Item("net.user_agent")
_STATUS = statuses(unknown_key=401)
_LATER = LATER | {Rejection.BUSY: {"retry-after": "5"}}


class Records(Protocol):
    """``POST /remit/v1/records``, for makers of SDKs, servers and scripts."""

    name = "remit"
    routes = posted("`Authorization: Bearer`, else `?key=`, else `key` of the body", PATH)
    PUBLISHED = frozenset({"key", *(name for name, _ in _OWN), *(f"items.{escaped(item)}" for item in CATALOGUE)})

    def key(self, request: Request) -> AppKey | None:
        """``Authorization: Bearer``, else ``key`` of the query, else of the body."""
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and given.strip():
            return AppKey(key=given.strip())
        key = request.query.get("key")
        if key is None:
            try:
                key = _KEY.decode(request.body).key
            except UNREADABLE:
                return None
        return AppKey(key=key) if key else None

    def decoder(self, plan: Plan) -> Decode:
        """A struct of the items that some kind of record needs."""
        return _Decoder(self, plan).decode

    def refusal(self, rejection: Rejection) -> Reply:
        """``{"problem", "message"}``."""
        body = msgspec.json.encode({"problem": rejection.value, "message": _WORDS[rejection]})
        return Reply(_STATUS[rejection], body, JSON | OPEN | _LATER.get(rejection, {}))

    def stopping(self, plan: Plan) -> Stopping:
        """The same; of whoever asked, with the tag of what is needed, and with that itself where it is not known."""
        needed = msgspec.json.encode({kind: sorted(table.items) for kind, table in plan.tables.items() if table.needed})
        tag = blake2b(needed, digest_size=8).hexdigest()

        def told(reply: Reply) -> Reply:
            known = reply.headers.get(NEEDED)
            if known is None:
                return reply
            body = reply.body if known == tag else reply.body[:-1] + b',"needed":' + needed + b"}"
            return msgspec.structs.replace(reply, body=body, headers={**reply.headers, NEEDED: tag})

        return told

    def seen(self, request: Request, plan: Plan) -> Iterator[Seen | None]:
        """Leaves of each record that its kind does not need, and of what stands around them."""

        def needed(record: object) -> frozenset[str]:
            kind = _kind_read(record)
            items = plan.tables[kind].items if kind else ()
            return frozenset({name for name, _ in _OWN} | {f"items.{escaped(item)}" for item in items})

        try:
            part = _SEVERAL.decode(request.body).records
        except msgspec.ValidationError:
            raise
        except msgspec.DecodeError:
            for line in _lines(request.body):
                yield from seen(line, needed)
            return
        if not bytes(part):
            yield from seen(request.body, lambda record: needed(record) | {"key"})
            return
        yield from seen_around(request.body, always("key"), key="records", part=part)
        for record in _LIST.decode(part):
            yield from seen(record, needed)

    def origins(self, request: Request, plan: Plan) -> list[Origin]:
        """The items of each record, by their own names."""
        around, records = _parts(request.body)
        found, rows = [Origin("key", "says whose it is")] if "key" in around else [], Counter[Kind]()
        for place, record in records:
            found += own(_OWN, within(place))
            kind = _kind_read(record)
            if kind is None:
                continue
            told = Record(kind, rows[kind])
            rows[kind] += 1
            items = record.get("items")
            for item in sorted(plan.tables[kind].items):
                if isinstance(items, dict) and isinstance(items.get(item), str | int | float | bool):
                    found.append(Origin(within(place)(f"items.{escaped(item)}"), "", item, told))
        return found

    def nodes(self, request: Request) -> Iterator[tuple[str, object]]:
        """Those of lines stand below their numbers: ``[0].items``."""
        node, lines = _parsed(request.body)
        return nodes(lines if node is None else node, positions=True)

    def example_path(self, body: bytes, app: App) -> str | None:
        """Something with records that have items."""
        del app
        try:
            _, records = _parts(body)
        except UNREADABLE:
            return None
        return PATH if any(isinstance(one, dict) and isinstance(one.get("items"), dict) for _, one in records) else None


_WORDS = {
    Rejection.UNKNOWN_KEY: "no app of the policy has this key, or it does not take this protocol",
    Rejection.MALFORMED: 'send {"key": ..., "records": [{"kind": ..., "items": {...}}]}, or one record a line',
    Rejection.TOO_LARGE: f"send less at once: at most 1 MiB and {RECORDS_MAX:,} records",
    Rejection.TOO_MANY: "wait, and send again",
    Rejection.NO_ROOM: "the journal cannot be written: send again later",
    Rejection.BUSY: "others hold all memory there is for bodies: send again later",
}


class _Key(msgspec.Struct):
    key: str | None = None


_KEY = msgspec.json.Decoder(_Key)
_LINES = b"\n"


def _parsed(body: bytes) -> tuple[dict[str, Any] | None, list[Any]]:
    """The one object that a body is, or None and its lines. Raises UNREADABLE."""
    try:
        node = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return None, msgspec.json.decode(b"[" + b",".join(_lines(body)) + b"]")
    if not isinstance(node, dict):
        raise msgspec.ValidationError("a body is an object, or one a line")
    return node, []


def _lines(body: bytes) -> list[bytes]:
    return [line for line in body.split(_LINES) if line.strip()]


def _parts(body: bytes) -> tuple[dict[str, Any], list[tuple[str, Any]]]:
    """What stands around the records, and each record with its place. Raises UNREADABLE."""
    node, lines = _parsed(body)
    if node is None:
        return {}, [(f"[{i}]", one) for i, one in enumerate(lines)]
    records = node.pop("records", None)
    if isinstance(records, list):
        return node, [(f"records[{i}]", one) for i, one in enumerate(records)]
    key = {"key": node.pop("key")} if "key" in node else {}
    return key, [("", node)]


def _kind_read(record: object) -> Kind | None:
    """The kind of a record that is read."""
    if not isinstance(record, dict) or _weight(walk(record, "n") if record.get("n") is not None else None) is None:
        return None
    return _kind(record.get("kind"))


def _kind(value: object) -> Kind | None:
    return _KINDS.get(value) if isinstance(value, str) else None


_KINDS = {kind.value: kind for kind in Kind}


class _Decoder:
    """Reads what the plan needs; bodies with a value of a wrong type go through a walk of the same."""

    def __init__(self, protocol: Records, plan: Plan) -> None:
        self._protocol = protocol
        self._wanted = {kind: plan.tables[kind].items for kind in Kind}
        self._items = named(sorted({item for items in self._wanted.values() for item in items}))
        self._own = named([name for name, _ in _OWN])
        record = msgspec.defstruct(
            "Record",
            [
                *((name, str | int | float | bool | None, None) for name, _ in _OWN),
                ("items", self._items.struct, self._items.struct()),
            ],
            gc=False,
            frozen=True,
        )
        several: Any = list[record]  # type: ignore[valid-type]  # a struct made at run time
        body = msgspec.defstruct("Body", [("records", several)], gc=False)
        self._several: msgspec.json.Decoder[Any] = msgspec.json.Decoder(body)

    def decode(self, request: Request, _received: int) -> Decoded:
        """Columns by kind, in the order in which kinds first occur."""
        try:
            rows = self._rows(self._protocol.text(request.body))
        except UNREADABLE as error:
            raise self._protocol.refuse(Rejection.MALFORMED) from error
        by_kind: dict[Kind, list[tuple[Row, Row]]] = {}
        skipped = Counter[Skip]() if rows else Counter({Skip.EMPTY: 1})
        for row in rows:
            kind = _kind(row[0][0])
            if kind is not None and _weight(row[0][2]) is not None:
                by_kind.setdefault(kind, []).append(row)
            else:
                skipped[Skip.UNREAD] += 1
        taken = sum(map(len, by_kind.values()))
        reply = msgspec.json.encode({"taken": taken, "unread": len(rows) - taken})
        batches = [self._batch(kind, found, request) for kind, found in by_kind.items()]
        asked = {NEEDED: request.headers[NEEDED]} if NEEDED in request.headers else {}
        return Decoded(batches, Reply(200, reply, JSON | OPEN | asked), skipped)

    def _rows(self, body: bytes) -> list[tuple[Row, Row]]:
        try:
            rows = [self._read(one) for one in self._several.decode(body).records]
        except msgspec.DecodeError:  # another form, or a value of a wrong type
            rows = [self._walked(one) for one in self._opened(body)]
        if len(rows) > RECORDS_MAX:
            raise self._protocol.refuse(Rejection.TOO_LARGE)
        return rows

    def _read(self, record: Any) -> tuple[Row, Row]:
        return (record.kind, record.id, record.n, record.choice), self._items.read(record.items)

    def _opened(self, body: bytes) -> Iterator[msgspec.Raw]:
        """Each record, of a body of any form."""
        try:
            whole = _WHOLE.decode(body)
        except msgspec.ValidationError:
            raise
        except msgspec.DecodeError:
            yield from map(msgspec.Raw, self._lined(body))
            return
        if "records" in whole:
            yield from _LIST.decode(whole["records"])
        else:
            yield msgspec.Raw(body)

    def _lined(self, body: bytes) -> Sequence[bytes]:
        lines = _lines(body)
        if not lines:
            raise msgspec.DecodeError("there is nothing")
        for line in lines:
            _WHOLE.decode(line)  # a line that is cut off is not passed over in silence
        return lines

    def _walked(self, record: msgspec.Raw) -> tuple[Row, Row]:
        here = opened(record)
        *own, choice = self._own.walk(here)
        if choice is None and here.get(_CHOICE, msgspec.Raw(b"null")) != msgspec.Raw(b"null"):
            choice = UNREAD  # an object or a list is no token, and stands there for one
        return (*own, choice), self._items.walk(opened(here.get("items")))

    def _batch(self, kind: Kind, rows: Sequence[tuple[Row, Row]], request: Request) -> Batch:
        around = {_IP: request.peer or None, _AGENT: request.headers.get("user-agent")}
        columns: dict[Item, list[Value | None]] = {}
        for at, key in enumerate(self._items.paths):
            item = Item(key)
            if item in self._wanted[kind]:
                told = short(around.get(item))
                column = [told if row[1][at] is None else short(row[1][at]) for row in rows]
                if any(value is not None for value in column):
                    columns[item] = column
        weights = [_weight(row[0][2]) or 0 for row in rows]
        choices = [None if row[0][3] in (None, "") else str(row[0][3]) for row in rows]
        return Batch(
            kind=kind,
            size=len(rows),
            columns=columns,
            messages=[message_id(row[0][1]) for row in rows],
            weights=weights if set(weights) != {1} else None,
            choices=choices if any(choices) else None,
        )


class _Several(msgspec.Struct):
    records: msgspec.Raw = msgspec.Raw(b"")


_SEVERAL = msgspec.json.Decoder(_Several)
_WHOLE = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LIST = msgspec.json.Decoder(list[msgspec.Raw])


def _weight(n: Value | None) -> int | None:
    """For how many happenings a record stands; None where that is no number of any."""
    if n is None:
        return 1
    return n if isinstance(n, int) and not isinstance(n, bool) and 0 < n <= WEIGHT_MAX else None
