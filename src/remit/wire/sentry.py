"""Sentry envelopes: errors, sessions, requests, logs and feedback are records; all other items are skipped."""

import dataclasses
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import msgspec

from remit.policy.columns import Batch
from remit.policy.model import App
from remit.policy.plan import Plan
from remit.policy.words import Item, Kind, Value
from remit.wire import client_reports, limits
from remit.wire.decoder import (
    PATH_CHARACTERS_MAX,
    UNREADABLE,
    VALUES_SIZE_MAX,
    TooMuch,
    escaped,
    leaf,
    message_id,
    nodes,
    opened,
    size,
)
from remit.wire.envelope import Header, first_line, header, items, lines
from remit.wire.errors import Errors
from remit.wire.feedback import Feedback, UserReports
from remit.wire.logs import Logs
from remit.wire.origins import Origin, own, within
from remit.wire.parts import About, ItemReader, ToldRecord
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
from remit.wire.sampled import Seen, always, seen, under
from remit.wire.sentry_published import PUBLISHED
from remit.wire.sessions import Aggregated, Ended
from remit.wire.spans import SpanItems, Transactions

_ENVELOPES, _EVENTS = posted(
    "`X-Sentry-Auth`, else `?sentry_key=`, else `dsn` of the envelope; and the number of the path",
    "/**/api/{id}/envelope",
    "/**/api/{id}/store",
)
_AUTH_KEY = re.compile(r"sentry_key=([^,\s]+)")
_AUTH_CLIENT = re.compile(r"sentry_client=([^,\s]+)")

PARTS: Mapping[str, Callable[[Plan], ItemReader]] = {
    "event": Errors,
    "session": Ended,
    "sessions": Aggregated,
    "transaction": Transactions,
    "span": SpanItems,
    "log": Logs,
    "feedback": Feedback,
    "user_report": UserReports,
}
"""Types of the items that are records."""
_REPORT = "client_report"
READ = frozenset({*PARTS, _REPORT})
"""Types of the items that are read."""
_HEADER: Mapping[str, str] = {
    "event_id": "tells a repeat",
    "dsn": "says whose it is",
    "sdk.name": "says what a session's did is",
}
_ITEM: Mapping[str, str] = {"type": "says what the item is", "length": "says where it ends"}
_STATUS = statuses(unknown_key=403)
_LATER = LATER | {Rejection.NO_ROOM: {"retry-after": "60"}}


class Sentry(Protocol):
    """Envelopes, as every Sentry SDK sends them, and single events, as old ones did."""

    name = "sentry"
    routes = (_ENVELOPES, _EVENTS)
    PUBLISHED = PUBLISHED

    def key(self, request: Request) -> AppKey | None:
        """The public key of the DSN and the project number of the path; nobody's where a request says two of them."""
        parts = _ENVELOPES.parts(request.path) or _EVENTS.parts(request.path)
        number = int(parts["id"]) if parts else None
        auth = _AUTH_KEY.search(_auth(request))
        said = {key for key in (auth and auth[1], request.query.get("sentry_key")) if key}
        try:
            dsn = urlsplit(_header(request).dsn or "") if b'"dsn"' in first_line(request.body) else None
        except UNREADABLE:
            return None
        if dsn is not None and dsn.username:
            said.add(dsn.username)
            if dsn.path.rpartition("/")[2] != str(number):
                return None
        return AppKey(key=said.pop(), number=number) if len(said) == 1 else None

    def decoder(self, plan: Plan) -> Decode:
        """Structs for each type of item that know only what the plan needs."""
        return _Decoder(self, plan).decode

    def refusal(self, rejection: Rejection) -> Reply:
        """``{"detail"}``; the SDKs drop what was refused, and wait where they are told how long."""
        body = msgspec.json.encode({"detail": rejection.value.replace("_", " ")})
        return Reply(_STATUS[rejection], body, JSON | OPEN | _LATER.get(rejection, {}))

    def stopping(self, plan: Plan) -> Stopping:
        """Adds the limit that stops what nothing needs."""
        limit = {limits.HEADER: limits.header(plan)}
        return lambda reply: msgspec.structs.replace(reply, headers={**reply.headers, **limit})

    def seen(self, request: Request, plan: Plan) -> Iterator[Seen | None]:
        """Those of the header and of the items that are read; other items by their type."""
        about, parts = _about(request, _header(request)), _parts(plan)
        if not _is_event(request):
            head = first_line(request.body)
            yield from under("header", seen(head, always(*_HEADER)))
        for kind, payload, line in _lines(request):
            yield from under("item_header", seen(line, always(*_ITEM)))
            if kind in parts:
                yield from parts[kind].seen(payload, about)
            elif kind == _REPORT:
                yield from client_reports.seen(payload)
            else:
                yield Seen(f"item.{escaped(kind)}"[:PATH_CHARACTERS_MAX], is_needed=False)

    def origins(self, request: Request, plan: Plan) -> list[Origin]:
        """The paths of the header, of item headers, and of the items that are read."""
        about, parts, rows = _about(request, _header(request)), _parts(plan), Counter[Kind]()
        if _is_event(request):
            node = msgspec.json.decode(request.body)
            return list(parts["event"].origins(node, about, rows, place=within("")))
        found = list(own(_HEADER.items(), within("header")))
        for i, (kind, payload, _) in enumerate(lines(request.body)):
            found += own(_ITEM.items(), within(f"items[{i}].header"))
            place = within(f"items[{i}].{kind}")
            if kind in parts:
                found += parts[kind].origins(msgspec.json.decode(payload), about, rows, place=place)
            elif kind == _REPORT:
                found += client_reports.origins(msgspec.json.decode(payload), place=place)
        return found

    def nodes(self, request: Request) -> Iterator[tuple[str, object]]:
        """Those of the header, of item headers, and of the items that are read; any other item is one leaf."""
        if _is_event(request):
            yield from nodes(msgspec.json.decode(request.body), positions=True)
            return
        yield from nodes(msgspec.json.decode(first_line(request.body)), "header", positions=True)
        for i, (kind, payload, line) in enumerate(lines(request.body)):
            yield from nodes(msgspec.json.decode(line), f"items[{i}].header", positions=True)
            place = f"items[{i}].{escaped(kind)}"
            if kind in READ:
                yield from nodes(msgspec.json.decode(payload), place, positions=True)
            else:
                yield place, f"{len(payload)} bytes"

    def example_path(self, body: bytes, app: App) -> str | None:
        """An envelope has a header line of its own."""
        _, newline, _ = body.partition(b"\n")
        try:
            header(body)
            next(items(body), None)
        except UNREADABLE:
            return None
        return f"/api/{app.number}/envelope/" if newline else None


def _is_event(request: Request) -> bool:
    """Whether the body is one event, and no envelope."""
    return _EVENTS.parts(request.path) is not None


def _header(request: Request) -> Header:
    return Header() if _is_event(request) else header(request.body)


def _lines(request: Request) -> Iterator[tuple[str, bytes, bytes]]:
    return iter([("event", request.body, b"{}")]) if _is_event(request) else lines(request.body)


def _auth(request: Request) -> str:
    """What a client says of itself in the head: its own header, or the standard one as old clients have it."""
    return request.headers.get("x-sentry-auth") or request.headers.get("authorization", "")


def _about(request: Request, head: Header) -> About:
    """What is known around the items; the name of the SDK says what the distinct ids of its sessions are."""
    auth = _AUTH_CLIENT.search(_auth(request))
    client = auth[1] if auth else request.query.get("sentry_client") or str(leaf(opened(head.sdk).get("name")) or "")
    return About(client, head.event_id, request.peer)


def _parts(plan: Plan) -> dict[str, ItemReader]:
    return {kind: part(plan) for kind, part in PARTS.items()}


@dataclass(slots=True)
class _Rows:
    """Records of one kind as they are found in an envelope."""

    kind: Kind
    values: list[Mapping[Item, Value | None]] = dataclasses.field(default_factory=list)
    messages: list[str] = dataclasses.field(default_factory=list)
    weights: list[int] = dataclasses.field(default_factory=list)

    def batch(self, needed: frozenset[Item]) -> Batch:
        present = {item for row in self.values for item, value in row.items() if value is not None} & needed
        return Batch(
            kind=self.kind,
            size=len(self.values),
            columns={item: [row.get(item) for row in self.values] for item in sorted(present)},
            messages=self.messages,
            weights=self.weights,
        )


class _Found:
    """What the items of an envelope came to."""

    def __init__(self) -> None:
        self.rows: dict[Kind, _Rows] = {}
        self.skipped, self.discarded = Counter[Skip](), Counter[tuple[str, str]]()
        self._size = 0

    def add(self, one: ToldRecord) -> None:
        self._size += size(one.values.values())
        if self._size > VALUES_SIZE_MAX:
            raise TooMuch
        rows = self.rows.setdefault(one.kind, _Rows(one.kind))
        rows.values.append(one.values)
        rows.messages.append(message_id(one.message))
        rows.weights.append(one.weight)

    def first_id(self) -> str:
        crashes = self.rows.get(Kind.CRASH)
        return crashes.messages[0] if crashes else ""


class _Decoder:
    def __init__(self, protocol: Sentry, plan: Plan) -> None:
        self._protocol, self._plan = protocol, plan
        self._parts = _parts(plan)

    def decode(self, request: Request, _received: int) -> Decoded:
        """Records of one envelope, by kind."""
        found = _Found()
        try:
            if not _is_event(request):
                self._protocol.text(first_line(request.body))
            about = _about(request, _header(request))
            for kind, payload, _ in _lines(request):
                self._read(found, kind, payload, about=about)
        except TooMuch:
            raise self._protocol.refuse(Rejection.TOO_LARGE) from None
        except UNREADABLE as error:
            raise self._protocol.refuse(Rejection.MALFORMED) from error
        known = about.event_id or found.first_id()
        reply = Reply(200, msgspec.json.encode({"id": known} if known else {}), JSON | OPEN)
        batches = [rows.batch(self._plan.tables[kind].items) for kind, rows in found.rows.items()]
        skipped = found.skipped if batches or found.skipped else {Skip.EMPTY: 1}
        return Decoded(batches, reply, skipped, found.discarded)

    def _read(self, found: _Found, kind: str, payload: bytes, *, about: About) -> None:
        part, records = self._parts.get(kind), 0
        if part is not None:
            for one in part.told(self._protocol.text(payload), about):
                found.add(one)
                records += 1
        elif kind == _REPORT:
            found.discarded.update(client_reports.discarded(self._protocol.text(payload)))
        if not records:
            found.skipped[Skip.NO_RECORD if kind in READ else Skip.UNREAD] += 1
