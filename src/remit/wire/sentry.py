"""Sentry envelopes: errors as crashes, release-health sessions as sessions; all other items are skipped."""

import dataclasses
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import msgspec

from remit.policy.columns import Batch
from remit.policy.model import App
from remit.policy.plan import Plan
from remit.policy.words import Item, Kind, Value
from remit.wire import exceptions, sessions
from remit.wire.decoder import (
    PATH_CHARACTERS_MAX,
    UNREADABLE,
    VALUES_SIZE_MAX,
    Field,
    Leaf,
    Row,
    TooMuch,
    always,
    columns,
    escaped,
    field,
    leaf,
    message_id,
    nodes,
    opened,
    shape,
    short,
    size,
    unneeded,
    walk,
)
from remit.wire.envelope import Header, header, items, lines
from remit.wire.origins import Origin, Place, Record, own, taken, within
from remit.wire.protocol import JSON, LATER, OPEN, AppKey, Decode, Decoded, Protocol, Rejection, Skip, statuses
from remit.wire.request import Reply, Request
from remit.wire.route import posted

(_ENVELOPES,) = posted(
    "`X-Sentry-Auth`, else `?sentry_key=`, else `dsn` of the envelope; and the number of the path",
    "/**/api/{id}/envelope",
)
_AUTH_KEY = re.compile(r"sentry_key=([^,\s]+)")
_AUTH_CLIENT = re.compile(r"sentry_client=([^,\s]+)")

_ADDRESS, _USER, _DEVICE = "user.ip_address", "user.id", "contexts.device.id"
CRASH = (
    field("account.id", _USER),
    field("email", "user.email"),
    field("device.installation", _DEVICE, "contexts.app.device_app_hash"),
    field("net.ip", _ADDRESS),
    field("os.name", "contexts.os.name"),
    field("os.version", "contexts.os.version"),
    field("device.manufacturer", "contexts.device.manufacturer"),
    field("device.model", "contexts.device.model"),
    field("device.name", "contexts.device.name"),
    field("app.version", "release"),
)
"""Beside these, ``exceptions.PATHS``: items for which one must look for the right exception and frame."""
_READ = ("event", "session", "sessions")
"""Types of the items that are read."""
_OWN: Mapping[str, str] = {"event_id": "tells a repeat"}
"""What the protocol itself needs of an event, and what for."""
_HEADER: Mapping[str, str] = {
    "event_id": "tells a repeat",
    "dsn": "says whose it is",
    "sdk.name": "says what a session's did is",
}
_ITEM: Mapping[str, str] = {"type": "says what the item is", "length": "says where it ends"}
PUBLISHED = frozenset(
    """
    event_id timestamp platform level release dist environment server_name transaction logger message
    logentry.message logentry.params exception.values.type exception.values.value
    exception.values.module exception.values.thread_id exception.values.mechanism.type
    exception.values.mechanism.handled exception.values.stacktrace.frames.filename
    exception.values.stacktrace.frames.abs_path exception.values.stacktrace.frames.function
    exception.values.stacktrace.frames.module exception.values.stacktrace.frames.lineno
    exception.values.stacktrace.frames.colno exception.values.stacktrace.frames.context_line
    exception.values.stacktrace.frames.pre_context exception.values.stacktrace.frames.post_context
    exception.values.stacktrace.frames.in_app user.id user.email user.username user.ip_address
    request.url request.method request.query_string contexts.os.name contexts.os.version
    contexts.device.manufacturer contexts.device.model contexts.device.name contexts.runtime.name
    contexts.runtime.version contexts.trace.trace_id contexts.trace.span_id
    contexts.trace.parent_span_id sdk.name sdk.version sdk.packages.name sdk.packages.version
    sdk.integrations sid did seq init started duration status errors attrs.release attrs.environment
    attrs.ip_address attrs.user_agent aggregates.started aggregates.exited aggregates.errored
    aggregates.abnormal aggregates.unhandled aggregates.crashed aggregates.did abnormal_mechanism
    contexts.device.id contexts.app.device_app_hash
    contexts.device.device_unique_identifier contexts.app.app_version
    header.sent_at header.sdk.name header.sdk.version header.trace.trace_id header.trace.environment
    header.trace.release header.trace.public_key header.trace.sample_rate header.trace.sample_rand
    header.trace.sampled header.trace.transaction header.trace.org_id
    item.transaction item.span item.log item.client_report item.attachment item.check_in item.profile
    item.profile_chunk item.replay_event item.replay_recording item.feedback item.user_report item.statsd
    item.trace_metric item_header.content_type item_header.item_count item_header.filename
    item_header.attachment_type item_header.platform
    """.split()
)
_STATUS = statuses(unknown_key=403)
_LATER = LATER | {Rejection.NO_ROOM: {"retry-after": "60"}}


class Sentry(Protocol):
    """Envelopes, as every Sentry SDK sends them."""

    name = "sentry"
    routes = (_ENVELOPES,)
    PUBLISHED = PUBLISHED

    def key(self, request: Request) -> AppKey | None:
        """The public key of the DSN and the project number of the path."""
        parts = _ENVELOPES.parts(request.path)
        number = int(parts["id"]) if parts else None
        auth = _AUTH_KEY.search(request.headers.get("x-sentry-auth", ""))
        key = auth[1] if auth else request.query.get("sentry_key")
        if not key:
            try:
                key = urlsplit(header(request.body).dsn or "").username
            except UNREADABLE:
                return None
        return AppKey(key=key, number=number) if key else None

    def decoder(self, plan: Plan) -> Decode:
        """Structs for events and sessions that know only what the plan needs."""
        return _Decoder(self, plan).decode

    def refusal(self, rejection: Rejection) -> Reply:
        """``{"detail"}``; the SDKs drop what was refused, and wait where they are told how long."""
        body = msgspec.json.encode({"detail": rejection.value.replace("_", " ")})
        return Reply(_STATUS[rejection], body, JSON | OPEN | _LATER.get(rejection, {}))

    def unread(self, request: Request, plan: Plan) -> Iterator[str | None]:
        """Leaves of the header, of events and of sessions that nothing needs; other items by their type."""
        head = request.body.partition(b"\n")[0]
        yield from (path and "header." + path for path in unneeded(head, always(*_HEADER)))
        client = _client(request, header(request.body))
        for kind, payload, line in lines(request.body):
            yield from (path and "item_header." + path for path in unneeded(line, always(*_ITEM)))
            yield from _unneeded(kind, payload, plan, client=client)

    def origins(self, request: Request, plan: Plan) -> list[Origin]:
        """The paths of the header, of item headers, and of the items that are read."""
        found = list(own(_HEADER.items(), within("header")))
        told = _Told(plan, _client(request, header(request.body)))
        for i, (kind, payload, _) in enumerate(lines(request.body)):
            found += own(_ITEM.items(), within(f"items[{i}].header"))
            found += told.origins(kind, payload, place=within(f"items[{i}].{kind}"))
        return found

    def nodes(self, request: Request) -> Iterator[tuple[str, object]]:
        """Those of the header, of item headers, and of the items that are read; any other item is one leaf."""
        yield from nodes(msgspec.json.decode(request.body.partition(b"\n")[0]), "header", positions=True)
        for i, (kind, payload, line) in enumerate(lines(request.body)):
            yield from nodes(msgspec.json.decode(line), f"items[{i}].header", positions=True)
            place = f"items[{i}].{escaped(kind)}"
            if kind in _READ:
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


def _fields(plan: Plan, kind: Kind) -> tuple[Field, ...]:
    fields = CRASH if kind is Kind.CRASH else sessions.FIELDS
    return tuple(one for one in fields if one.item in plan.tables[kind].items)


def _client(request: Request, head: Header) -> str:
    """The name of the SDK: it says what the distinct ids of its sessions are."""
    auth = _AUTH_CLIENT.search(request.headers.get("x-sentry-auth", ""))
    if auth:
        return auth[1]
    return request.query.get("sentry_client") or str(leaf(opened(head.sdk).get("name")) or "")


class _Told:
    """What the paths of an envelope's items were read for, item by item, in their order."""

    def __init__(self, plan: Plan, client: str) -> None:
        self._plan, self._client = plan, client
        self._rows: Counter[Kind] = Counter()

    def origins(self, kind: str, payload: bytes, *, place: Place) -> Iterator[Origin]:
        if kind not in _READ:
            return
        node, row = msgspec.json.decode(payload), self._rows[Kind.SESSION]
        wanted = self._plan.tables[Kind.SESSION].items
        if kind == "event" and exceptions.crash(payload) is not None:
            yield from self._of_crash(node, Record(Kind.CRASH, self._rows[Kind.CRASH]), place=place)
            self._rows[Kind.CRASH] += 1
        elif kind == "session" and sessions.end(walk(node, "status"), None) is not None:
            yield from sessions.origins(node, self._client, wanted, row=row, place=place)
            self._rows[Kind.SESSION] += 1
        elif kind == "session":
            yield Origin(place("status"), "says that the session goes on")
        elif kind == "sessions":
            found = list(sessions.aggregated(node, self._client))
            yield from sessions.origins_of_aggregates(node, found, wanted, row=row, place=place)
            self._rows[Kind.SESSION] += len(found)

    def _of_crash(self, node: object, record: Record, *, place: Place) -> Iterator[Origin]:
        asks, named = walk(node, _ADDRESS) == sessions.AUTO, _names_account(self._plan)
        nobody = named and _is_nobody(walk(node, _USER), walk(node, _DEVICE))
        yield from own([*_OWN.items(), *([(_ADDRESS, sessions.ASKS)] if asks else [])], place)
        yield from own([(_DEVICE, "says whether user.id is of an account")] if named else [], place)
        if nobody:
            yield Origin(place(_USER), f"nobody is signed in: {place(_DEVICE)} is the same", sessions.ACCOUNT, record)
        passed = [sessions.IP] * asks + [sessions.ACCOUNT] * nobody
        fields = [one for one in _fields(self._plan, Kind.CRASH) if one.item not in passed]
        yield from taken(node, fields, record, place=place)
        yield from exceptions.origins(node, record, self._plan.tables[Kind.CRASH].items, place=place)


def _unneeded(kind: str, payload: bytes, plan: Plan, *, client: str) -> Iterator[str | None]:
    if kind not in _READ:
        return iter([f"item.{escaped(kind)}"[:PATH_CHARACTERS_MAX]])
    if kind == "event":
        return unneeded(payload, always(*_needed_of_event(plan) if exceptions.crash(payload) else ()))
    needed = sessions.needed if kind == "session" else sessions.needed_of_aggregates
    return unneeded(payload, lambda node: needed(node, client, plan.tables[Kind.SESSION].items))


def _needed_of_event(plan: Plan) -> frozenset[str]:
    wanted = plan.tables[Kind.CRASH].items
    paths = [path for item, below in exceptions.PATHS.items() if item in wanted for path in below]
    own = [*_OWN, *([_DEVICE] * _names_account(plan))]
    return frozenset([*own, *paths, *(path for one in _fields(plan, Kind.CRASH) for path in one.paths)])


def _names_account(plan: Plan) -> bool:
    return sessions.ACCOUNT in plan.tables[Kind.CRASH].items


def _is_nobody(user: Leaf, device: Leaf) -> bool:
    """Android's client puts its installation's id, which names the device, also where no user is set."""
    return isinstance(user, str) and user == device


@dataclass(slots=True)
class _Rows:
    """Records of one kind as they are found in an envelope."""

    kind: Kind
    values: list[Mapping[Item, Value | None]] = dataclasses.field(default_factory=list)
    messages: list[str] = dataclasses.field(default_factory=list)
    weights: list[int] = dataclasses.field(default_factory=list)
    size: int = 0

    def add(self, values: Mapping[Item, Value | None], message: object, weight: int = 1) -> None:
        self.size += size(values.values())
        if self.size > VALUES_SIZE_MAX:
            raise TooMuch
        self.values.append(values)
        self.messages.append(message_id(message))
        self.weights.append(weight)

    def batch(self, needed: frozenset[Item]) -> Batch:
        present = {item for row in self.values for item, value in row.items() if item in needed and value is not None}
        return Batch(
            kind=self.kind,
            size=len(self.values),
            columns={item: [row.get(item) for row in self.values] for item in sorted(present)},
            messages=self.messages,
            weights=self.weights,
        )


@dataclass(slots=True)
class _Found:
    """What the items of an envelope came to."""

    crashes: _Rows = dataclasses.field(default_factory=lambda: _Rows(Kind.CRASH))
    ended: _Rows = dataclasses.field(default_factory=lambda: _Rows(Kind.SESSION))
    records: int = 0
    skipped: Counter[Skip] = dataclasses.field(default_factory=Counter)

    def end_of_item(self, kind: str) -> None:
        records = len(self.crashes.values) + len(self.ended.values)
        if records == self.records:
            self.skipped[Skip.NO_RECORD if kind in _READ else Skip.UNREAD] += 1
        self.records = records

    def batches(self, plan: Plan) -> list[Batch]:
        return [rows.batch(plan.tables[rows.kind].items) for rows in (self.crashes, self.ended) if rows.values]

    def skips(self) -> Mapping[Skip, int]:
        return self.skipped if self.records or self.skipped else {Skip.EMPTY: 1}


class _Table:
    """One kind's paths, compiled, with the tolerant walk beside them. ``own`` are read first, for the protocol."""

    def __init__(self, fields: Sequence[Field], own: Sequence[str]) -> None:
        self._fields = fields
        self._shape = shape([*own, *(path for one in fields for path in one.paths)])
        self._decoder = msgspec.json.Decoder(self._shape.struct)

    def read(self, payload: bytes) -> tuple[Row, dict[Item, Value | None]]:
        try:
            row = self._shape.read(self._decoder.decode(payload))
        except msgspec.ValidationError:
            row = self._shape.walk(msgspec.Raw(payload))
        return row, {item: column[0] for item, column in columns(self._fields, self._shape.paths, [row]).items()}


class _Decoder:
    def __init__(self, protocol: Sentry, plan: Plan) -> None:
        self._protocol, self._plan = protocol, plan
        self._named = bool(sessions.NAMES & plan.tables[Kind.SESSION].items)
        self._crash = _Table(_fields(plan, Kind.CRASH), ("event_id", *([_USER, _DEVICE] * _names_account(plan))))
        self._session = _Table(_fields(plan, Kind.SESSION), ("sid", "status", "errors", *(["did"] * self._named)))

    def decode(self, request: Request, _received: int) -> Decoded:
        """Crashes and ended sessions of one envelope."""
        found = _Found()
        try:
            head = header(self._protocol.text(request.body.partition(b"\n")[0]))
            for kind, payload in items(request.body):
                match kind:
                    case "event":
                        self._add_crash(found.crashes, self._protocol.text(payload), head.event_id, peer=request.peer)
                    case "session":
                        text = self._protocol.text(payload)
                        self._add_session(found.ended, text, _client(request, head), peer=request.peer)
                    case "sessions":
                        node = msgspec.json.decode(self._protocol.text(payload))
                        for one in sessions.aggregated(node, _client(request, head)):
                            found.ended.add(_mended(one.values, ""), None, one.n)
                found.end_of_item(kind)
        except TooMuch:
            raise self._protocol.refuse(Rejection.TOO_LARGE) from None
        except UNREADABLE as error:
            raise self._protocol.refuse(Rejection.MALFORMED) from error
        known = head.event_id or next(iter(found.crashes.messages), "")
        reply = Reply(200, msgspec.json.encode({"id": known} if known else {}), JSON | OPEN)
        return Decoded(found.batches(self._plan), reply, found.skips())

    def _add_crash(self, rows: _Rows, payload: bytes, event_id: str | None, *, peer: str) -> None:
        happened = exceptions.crash(payload)
        if happened is None:
            return  # a message is free text: nothing of it can become a fact
        (own_id, *who), values = self._crash.read(payload)
        if _names_account(self._plan) and _is_nobody(*who[:2]):
            del values[sessions.ACCOUNT]
        rows.add(_mended(values | happened, peer), event_id or own_id)

    def _add_session(self, rows: _Rows, payload: bytes, client: str, *, peer: str) -> None:
        (sid, status, errors, *rest), values = self._session.read(payload)
        told = sessions.end(status, errors)
        if told is not None:
            did = rest[0] if self._named else None
            # An address that the session states for itself counts before one that stands for a name.
            rows.add(_mended({sessions.named(did, client): did, **values, sessions.STATUS: told}, peer), sid)


def _mended(values: Mapping[Item, Value | None], peer: str) -> Mapping[Item, Value | None]:
    """``{{auto}}`` asks for the sender's address; of a release ``name@1.2.3`` the version stands after the sign."""
    mended = {item: short(value) for item, value in values.items()}
    if mended.get(sessions.IP) == sessions.AUTO:
        mended[sessions.IP] = peer or None
    release = mended.get(sessions.RELEASE)
    if isinstance(release, str):
        mended[sessions.RELEASE] = release.rpartition("@")[2]
    return mended
