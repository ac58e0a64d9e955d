"""Sentry envelopes: errors as crashes, release-health sessions as sessions; all other items are skipped."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import msgspec

from remit.policy.columns import Batch
from remit.policy.model import App
from remit.policy.plan import Plan
from remit.policy.words import Item, Kind, Value
from remit.wire.decoder import Shape, bounded, leaves, shape, walk
from remit.wire.protocol import JSON, OPEN, AppKey, Decode, Decoded, Problem, Protocol
from remit.wire.request import Reply, Request

ITEMS_MAX = 200
SESSIONS_MAX = 1000
WEIGHT_MAX = 1_000_000
_PATH = re.compile(r"(?:/[\w-]+)*/api/(\d{1,18})/envelope/?")
_AUTH_KEY = re.compile(r"sentry_key=([^,\s]+)")
ENDED = frozenset({"exited", "crashed", "abnormal", "errored"})
AGGREGATES = ("exited", "errored", "abnormal", "crashed")

CRASH: Mapping[str, tuple[str, ...]] = {
    "account.id": ("user.id",),
    "email": ("user.email",),
    "net.ip": ("user.ip_address",),
    "os.name": ("contexts.os.name",),
    "os.version": ("contexts.os.version",),
    "device.manufacturer": ("contexts.device.manufacturer",),
    "device.model": ("contexts.device.model",),
    "device.name": ("contexts.device.name",),
    "app.version": ("release",),
}
SESSION: Mapping[str, tuple[str, ...]] = {
    "device.installation": ("did",),
    "session.duration": ("duration",),
    "net.ip": ("attrs.ip_address",),
    "net.user_agent": ("attrs.user_agent",),
    "app.version": ("attrs.release",),
}
DERIVED = ("crash.type", "crash.module", "crash.function", "crash.handled", "crash.message")
"""Items that are found by looking for the last in-app frame, not at a fixed path."""

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
    aggregates.abnormal aggregates.crashed
    """.split()
)
_STATUS = {Problem.UNKNOWN_KEY: 403, Problem.MALFORMED: 400, Problem.TOO_LARGE: 413, Problem.NO_ROOM: 503}


class _Header(msgspec.Struct):
    event_id: str | None = None
    dsn: str | None = None


class _ItemHeader(msgspec.Struct):
    type: str = ""
    length: int | None = None


class _Frame(msgspec.Struct):
    module: str | None = None
    function: str | None = None
    in_app: bool | None = None


class _Frames(msgspec.Struct):
    frames: list[_Frame] = []


class _Mechanism(msgspec.Struct):
    handled: bool | None = None


class _Exception(msgspec.Struct):
    type: str | None = None
    value: str | None = None
    module: str | None = None
    mechanism: _Mechanism | None = None
    stacktrace: _Frames | None = None


class _Exceptions(msgspec.Struct):
    values: list[_Exception] = []


class _Event(msgspec.Struct):
    event_id: str | None = None
    exception: _Exceptions | list[_Exception] | None = None


class _Session(msgspec.Struct):
    sid: str | None = None
    status: str = "ok"


_HEADER = msgspec.json.Decoder(_Header)
_ITEM_HEADER = msgspec.json.Decoder(_ItemHeader)
_EVENT = msgspec.json.Decoder(_Event)
_SESSION = msgspec.json.Decoder(_Session)


class Sentry(Protocol):
    """Envelopes, as every Sentry SDK sends them."""

    name = "sentry"
    PUBLISHED = PUBLISHED

    def matches(self, method: str, path: str) -> bool:
        """POST to a project's envelope endpoint."""
        return method == "POST" and _PATH.fullmatch(path) is not None

    def key(self, request: Request) -> AppKey | None:
        """The public key of the DSN and the project number of the path."""
        found = _PATH.fullmatch(request.path)
        number = int(found[1]) if found else None
        auth = _AUTH_KEY.search(request.headers.get("x-sentry-auth", ""))
        key = auth[1] if auth else request.query.get("sentry_key")
        if not key:
            try:
                key = urlsplit(_HEADER.decode(request.body.partition(b"\n")[0]).dsn or "").username
            except (msgspec.DecodeError, RecursionError, ValueError):
                return None
        return AppKey(key=key, number=number) if key else None

    def decoder(self, plan: Plan) -> Decode:
        """Structs for events and sessions that know only what the plan needs."""
        return _Decoder(self, plan).decode

    def refusal(self, problem: Problem) -> Reply:
        """``{"detail"}``, and never a code that makes a client retry for ever."""
        again = {"retry-after": "60"} if problem is Problem.NO_ROOM else {}
        body = msgspec.json.encode({"detail": problem.value.replace("_", " ")})
        return Reply(_STATUS[problem], body, JSON | OPEN | again)

    def undeclared(self, request: Request, plan: Plan) -> list[str]:
        """Leaves of events and sessions that their kind of record does not need."""
        found = []
        try:
            for kind, payload in items(request.body):
                needed = _NEEDED.get(kind)
                if needed is not None:
                    record, paths = needed
                    known = {p for i, ps in paths.items() if Item(i) in plan.tables[record].items for p in ps}
                    found += [path for path in leaves(msgspec.json.decode(payload)) if path not in known]
        except (msgspec.DecodeError, RecursionError, ValueError):
            return []
        return found

    def example_path(self, body: bytes, app: App) -> str | None:
        """An envelope has a header line of its own."""
        head, newline, rest = body.partition(b"\n")
        try:
            _HEADER.decode(head)
            _ITEM_HEADER.decode(rest.partition(b"\n")[0])
        except (msgspec.DecodeError, RecursionError):
            return None
        return f"/api/{app.number}/envelope/" if newline else None


_NEEDED: Mapping[str, tuple[Kind, Mapping[str, tuple[str, ...]]]] = {
    "event": (Kind.CRASH, CRASH),
    "session": (Kind.SESSION, SESSION),
    "sessions": (Kind.SESSION, SESSION),
}


def items(body: bytes) -> Iterator[tuple[str, bytes]]:
    """Type and payload of each item. Raises ValueError or DecodeError where the envelope is broken."""
    _, newline, rest = body.partition(b"\n")
    count = 0
    while newline and rest.strip():
        if rest.startswith(b"\n"):
            rest = rest[1:]
            continue
        head, newline, rest = rest.partition(b"\n")
        header = _ITEM_HEADER.decode(head)
        if header.length is None:
            payload, newline, rest = rest.partition(b"\n")
        else:
            if header.length < 0 or header.length > len(rest):
                raise ValueError("an item is shorter than it says")
            payload, rest = rest[: header.length], rest[header.length :]
            if rest and not rest.startswith(b"\n"):
                raise ValueError("an item is longer than it says")
            newline, rest = b"\n", rest[1:]
        count += 1
        if count > ITEMS_MAX:
            raise ValueError("too many items")
        yield header.type, payload


@dataclass(slots=True)
class _Rows:
    """Records of one kind as they are found in an envelope."""

    kind: Kind
    values: list[dict[str, Value]]
    messages: list[str]
    weights: list[int]

    def add(self, values: Mapping[str, Value | None], message: str, weight: int = 1) -> None:
        self.values.append({item: value for item, one in values.items() if (value := bounded(one)) is not None})
        self.messages.append(message)
        self.weights.append(weight)

    def batch(self, needed: frozenset[Item]) -> Batch:
        present = {item for row in self.values for item in row if Item(item) in needed}
        return Batch(
            kind=self.kind,
            size=len(self.values),
            columns={Item(item): [row.get(item) for row in self.values] for item in sorted(present)},
            messages=self.messages,
            weights=self.weights,
        )


class _Table:
    """One kind's fixed paths, compiled, with the tolerant walk beside them."""

    def __init__(self, plan: Plan, kind: Kind, paths: Mapping[str, tuple[str, ...]]) -> None:
        self._paths = {item: ps[0] for item, ps in paths.items() if Item(item) in plan.tables[kind].items}
        self._shape: Shape = shape(self._paths.values())
        self._decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(self._shape.struct)

    def read(self, payload: bytes) -> dict[str, Value | None]:
        try:
            row = self._shape.read(self._decoder.decode(payload))
        except msgspec.ValidationError:
            node = msgspec.json.decode(payload)
            row = tuple(walk(node, path) for path in self._shape.paths)
        at = dict(zip(self._shape.paths, row, strict=True))
        return {item: at[path] for item, path in self._paths.items()}


class _Decoder:
    def __init__(self, protocol: Sentry, plan: Plan) -> None:
        self._protocol, self._plan = protocol, plan
        self._crash = _Table(plan, Kind.CRASH, CRASH)
        self._session = _Table(plan, Kind.SESSION, SESSION)
        self._derives = any(Item(item) in plan.tables[Kind.CRASH].items for item in DERIVED)

    def decode(self, request: Request, _received: int) -> Decoded:
        """Crashes and ended sessions of one envelope."""
        crashes, sessions = _Rows(Kind.CRASH, [], [], []), _Rows(Kind.SESSION, [], [], [])
        try:
            header = _HEADER.decode(request.body.partition(b"\n")[0])
            for kind, payload in items(request.body):
                match kind:
                    case "event":
                        self._add_crash(crashes, payload, header, peer=request.peer)
                    case "session":
                        self._add_session(sessions, payload, peer=request.peer)
                    case "sessions":
                        self._add_aggregates(sessions, payload)
                    case _:
                        pass
        except (msgspec.DecodeError, RecursionError, ValueError) as error:
            raise self._protocol.refuse(Problem.MALFORMED) from error
        batches = [rows.batch(self._plan.tables[rows.kind].items) for rows in (crashes, sessions) if rows.values]
        body = msgspec.json.encode({"id": header.event_id} if header.event_id else {})
        return Decoded(batches, Reply(200, body, JSON | OPEN))

    def _add_crash(self, rows: _Rows, payload: bytes, header: _Header, *, peer: str) -> None:
        try:
            event = _EVENT.decode(payload)
        except msgspec.ValidationError:
            msgspec.json.decode(payload)
            event = _Event()
        exceptions = event.exception.values if isinstance(event.exception, _Exceptions) else event.exception
        if not exceptions:
            return  # a message is free text: nothing of it can become a fact
        values = self._crash.read(payload)
        if self._derives:
            values |= _derived(exceptions[-1])
        _connection(values, peer)
        rows.add(_released(values), header.event_id or event.event_id or "")

    def _add_session(self, rows: _Rows, payload: bytes, *, peer: str) -> None:
        try:
            session = _SESSION.decode(payload)
        except msgspec.ValidationError:
            msgspec.json.decode(payload)
            return
        if session.status not in ENDED:
            return
        values = self._session.read(payload) | {"session.status": session.status}
        _connection(values, peer)
        rows.add(_released(values), session.sid or "")

    def _add_aggregates(self, rows: _Rows, payload: bytes) -> None:
        node = msgspec.json.decode(payload)
        release = walk(node, "attrs.release")
        found = node.get("aggregates") if isinstance(node, dict) else None
        for one in (found if isinstance(found, list) else [])[:SESSIONS_MAX]:
            for status in AGGREGATES:
                n = one.get(status) if isinstance(one, dict) else None
                if isinstance(n, int) and not isinstance(n, bool) and 0 < n <= WEIGHT_MAX:
                    values = {
                        "session.status": status,
                        "app.version": release,
                        "device.installation": walk(one, "did"),
                    }
                    rows.add(_released(values), "", n)


def _derived(last: _Exception) -> dict[str, Value | None]:
    frames = last.stacktrace.frames if last.stacktrace else []
    # Frames are oldest first, so the last in-app one is where our own program was.
    frame = next((one for one in reversed(frames) if one.in_app), frames[-1] if frames else _Frame())
    return {
        "crash.type": last.type,
        "crash.message": last.value,
        "crash.module": frame.module or last.module,
        "crash.function": frame.function,
        "crash.handled": last.mechanism.handled if last.mechanism else None,
    }


def _connection(values: dict[str, Value | None], peer: str) -> None:
    """``{{auto}}`` asks for the sender's address."""
    if values.get("net.ip") == "{{auto}}":
        values["net.ip"] = peer or None


def _released(values: Mapping[str, Value | None]) -> Mapping[str, Value | None]:
    """``name@1.2.3`` is how Sentry writes a release; the version is what stands after the sign."""
    release = values.get("app.version")
    return {**values, "app.version": release.rpartition("@")[2]} if isinstance(release, str) else values
