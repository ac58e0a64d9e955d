"""The Segment HTTP tracking API, as its own, RudderStack's and Jitsu's clients speak it."""

import base64
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from remit.policy.columns import Batch
from remit.policy.model import App
from remit.policy.plan import Plan
from remit.policy.words import Item, Kind, Value
from remit.wire.decoder import (
    UNREADABLE,
    VALUES_SIZE_MAX,
    Field,
    Leaf,
    Node,
    Row,
    always,
    columns,
    field,
    lent,
    message_id,
    opened,
    shape,
    short,
    size,
    unneeded,
    unneeded_around,
    walk,
)
from remit.wire.origins import Origin, Place, Record, own, taken, within
from remit.wire.protocol import JSON, OPEN, AppKey, Decode, Decoded, Protocol, Rejection, Skip
from remit.wire.request import Reply, Request

EVENTS_PER_BATCH_MAX = 2500
_PATH = re.compile(r"/v1/(batch|b|track|t|page|p|screen|s|identify|i|group|g|alias|a)/?")
_LETTERS = {
    "b": "batch",
    "t": "track",
    "p": "page",
    "s": "screen",
    "i": "identify",
    "g": "group",
    "a": "alias",
}
KINDS = {
    "identify": Kind.ACCOUNT,
    "group": Kind.ACCOUNT,
    "alias": Kind.ACCOUNT,
    "page": Kind.PAGE_VISIT,
    "screen": Kind.SCREEN_VISIT,
    "track": Kind.EVENT,
}

_COMMON = (
    field("account.id", "userId"),
    field("device.installation", "anonymousId"),
    field("device.android_id", "context.device.id"),
    field("device.gaid", "context.device.advertisingId"),
    field("device.manufacturer", "context.device.manufacturer"),
    field("device.model", "context.device.model"),
    field("device.name", "context.device.name"),
    field("os.name", "context.os.name"),
    field("os.version", "context.os.version"),
    field("network.operator", "context.network.carrier"),
    field("screen.width", "context.screen.width"),
    field("screen.height", "context.screen.height"),
    field("locale", "context.locale"),
    field("timezone", "context.timezone"),
    field("app.version", "context.app.version"),
    field("campaign.name", "context.campaign.name"),
    field("campaign.source", "context.campaign.source"),
    field("net.ip", "context.ip"),
    field("net.user_agent", "context.userAgent"),
)
_TRAITS = (
    field("email", "traits.email", "context.traits.email"),
    field("phone", "traits.phone", "context.traits.phone"),
    field("name", "traits.name", "context.traits.name"),
    field("shipping_address", "traits.address", "context.traits.address"),
)
_PAGE = (
    field("page.url", "context.page.url", "properties.url", "properties.path", "context.page.path"),
    field("page.referrer", "context.page.referrer", "properties.referrer"),
)
FIELDS: dict[Kind, tuple[Field, ...]] = {
    Kind.ACCOUNT: _COMMON + _TRAITS,
    Kind.PAGE_VISIT: _COMMON + _PAGE,
    Kind.SCREEN_VISIT: (*_COMMON, field("screen.name", "name", "properties.name")),
    Kind.EVENT: (*_COMMON, field("event.name", "event"), *_PAGE),
}
_TRACKING = "context.device.adTrackingEnabled"
_OF_THE_GROUP = "traits."
"""What a group call's own traits describe is the group: a company's telephone names none of its people."""
_OWN = ("type", "messageId", _TRACKING)
_WHOSE = ("writeKey", "says whose it is")
_MESSAGE = (("type", "says what the message tells of"), ("messageId", "tells a repeat"))
_GAID, _IP, _AGENT = Item("device.gaid"), Item("net.ip"), Item("net.user_agent")

PUBLISHED = frozenset(
    """
    type userId anonymousId event name category groupId previousId messageId timestamp sentAt
    originalTimestamp writeKey channel integrations traits.email traits.phone traits.name
    traits.firstName traits.lastName traits.age traits.avatar traits.birthday traits.company
    traits.createdAt traits.description traits.gender traits.id traits.title traits.username
    traits.website traits.address traits.address.city traits.address.country traits.address.postalCode
    traits.address.state traits.address.street properties.title properties.url properties.path
    properties.referrer properties.search properties.name properties.revenue properties.currency
    properties.value context.active context.app.name context.app.version context.app.build
    context.app.namespace context.campaign.name context.campaign.source context.campaign.medium
    context.campaign.term context.campaign.content context.device.id context.device.advertisingId
    context.device.adTrackingEnabled context.device.manufacturer context.device.model
    context.device.name context.device.type context.device.token context.device.version context.ip
    context.library.name context.library.version context.locale context.network.bluetooth
    context.network.carrier context.network.cellular context.network.wifi context.os.name
    context.os.version context.page.path context.page.referrer context.page.search context.page.title
    context.page.url context.referrer.id context.referrer.type context.referrer.name
    context.referrer.url context.referrer.link context.screen.width context.screen.height
    context.screen.density context.timezone context.groupId context.userAgent context.channel
    context.direct context.traits.email context.traits.phone context.traits.name context.traits.address
    """.split()
)
_STATUS = {
    Rejection.UNKNOWN_KEY: 401,
    Rejection.MALFORMED: 400,
    Rejection.TOO_LARGE: 413,
    Rejection.TOO_MANY: 429,
    Rejection.NO_ROOM: 503,
    Rejection.BUSY: 503,
}
_LATER = {
    Rejection.TOO_MANY: {"retry-after": "60", "x-ratelimit-reset": "60"},
    Rejection.NO_ROOM: {"retry-after": "5"},
    Rejection.BUSY: {"retry-after": "10"},
}
_OK = Reply(200, b'{"success":true}', JSON | OPEN)


class _Key(msgspec.Struct):
    writeKey: str | None = None  # noqa: N815 -- the vendor's name


class _Messages(msgspec.Struct):
    batch: msgspec.Raw


class _Named(msgspec.Struct):
    type: Leaf = None


class Segment(Protocol):
    """Segment, and what speaks like it."""

    name = "segment"
    PUBLISHED = PUBLISHED

    def matches(self, method: str, path: str) -> bool:
        """POST below /v1."""
        return method == "POST" and _PATH.fullmatch(path) is not None

    def key(self, request: Request) -> AppKey | None:
        """The write key: Basic user, else ``writeKey`` of the body."""
        scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic":
            try:
                user = base64.b64decode(credentials, validate=True).decode().partition(":")[0]
            except ValueError:
                return None
            if user:
                return AppKey(key=user)
        try:
            key = _KEY.decode(request.body).writeKey
        except UNREADABLE:
            return None
        return AppKey(key=key) if key else None

    def decoder(self, plan: Plan) -> Decode:
        """One struct for all kinds of message; a batch is decoded at once."""
        return _Decoder(self, plan).decode

    def refusal(self, rejection: Rejection) -> Reply:
        """``{"code", "message"}``, as the clients parse it."""
        body = msgspec.json.encode({"code": rejection.value, "message": rejection.value.replace("_", " ")})
        return Reply(_STATUS[rejection], body, JSON | OPEN | _LATER.get(rejection, {}))

    def unread(self, request: Request, plan: Plan) -> Iterator[str | None]:
        """Leaves of each message that its kind of record does not need, and of what stands around them.

        The context of a batch counts once, however many messages it is lent to: what one of them needs is needed.
        """
        operation = _operation(request.path)
        if operation != "batch":
            yield from unneeded(request.body, always("writeKey", *_needed(plan, operation)))
            return
        batch = _MESSAGES.decode(request.body).batch
        messages = [(one, _type(one)) for one in _LIST.decode(batch)]
        needed = {named: _needed(plan, named) for named in {named for _, named in messages}}
        around = {path for paths in needed.values() for path in paths if path.startswith("context.")}
        yield from unneeded_around(request.body, always("writeKey", *around), key="batch", part=batch)
        for message, named in messages:
            yield from unneeded(message, always(*needed[named]))

    def origins(self, request: Request, plan: Plan) -> list[Origin]:
        """The paths of each message, and of the context around them."""
        whole: dict[str, Any] = msgspec.json.decode(request.body)
        found, rows = list(own([_WHOSE], within(""))), Counter[Kind]()
        operation = _operation(request.path)
        batched = operation == "batch"
        outer = whole.get("context") if batched else None
        for i, message in enumerate(whole["batch"] if batched else [whole]):
            place = within(f"batch[{i}]") if batched else within("")
            found += own(_MESSAGE, place)
            named = walk(message, "type") if batched else operation
            if named in KINDS:
                record = Record(KINDS[str(named)], rows[KINDS[str(named)]])
                rows[record.kind] += 1
                told = _Told(message, outer if isinstance(outer, dict) else {}, group=named == "group", place=place)
                found += told.origins(_fields(plan, record.kind), record)
        return found

    def example_path(self, body: bytes, app: App) -> str | None:
        """A batch, or a message that says its type."""
        del app
        try:
            node = msgspec.json.decode(body)
        except UNREADABLE:
            return None
        if isinstance(node, dict) and isinstance(node.get("batch"), list):
            return "/v1/batch"
        kind = walk(node, "type")
        return f"/v1/{kind}" if kind in KINDS else None


_KEY = msgspec.json.Decoder(_Key)


def _fields(plan: Plan, kind: Kind) -> tuple[Field, ...]:
    return tuple(one for one in FIELDS[kind] if one.item in plan.tables[kind].items)


def _needed(plan: Plan, operation: object) -> frozenset[str]:
    kind = KINDS.get(operation) if isinstance(operation, str) else None
    if kind is None:
        return frozenset({"type", "messageId"})  # of a message of no known type nothing else is read
    fields = _fields(plan, kind)
    paths = {path for one in fields for path in one.paths} | {"type", "messageId"}
    if any(one.item == _GAID for one in fields):
        paths.add(_TRACKING)
    return frozenset(path for path in paths if operation != "group" or not path.startswith(_OF_THE_GROUP))


def _operation(path: str) -> str:
    found = _PATH.fullmatch(path)
    name = found[1] if found else "batch"
    return _LETTERS.get(name, name)


def _merged(message: Mapping[str, Any], outer: Mapping[str, Any]) -> dict[str, Any]:
    """A message with the context of its batch: its own entries win."""
    inner = message.get("context")
    return {**message, "context": {**outer, **inner} if isinstance(inner, dict) else {**outer}}


class _Told:
    """One message and what its batch lends it, as they stand in the body."""

    def __init__(self, message: Mapping[str, Any], outer: Mapping[str, Any], *, group: bool, place: Place) -> None:
        inner = message.get("context")
        self._lent = frozenset(outer) - frozenset(inner if isinstance(inner, dict) else ())
        self._whole = _merged(message, outer) if outer else message
        self._group, self._place = group, place

    def origins(self, fields: Sequence[Field], record: Record) -> Iterator[Origin]:
        """What was taken for this record, and why the rest of what its fields name was not."""
        if any(one.item == _GAID for one in fields):
            yield Origin(self._at(_TRACKING), "says whether device.gaid may be read")
        for one in fields:
            barred = [path for path in one.paths if self._group and path.startswith(_OF_THE_GROUP)]
            yield from (Origin(self._at(path), "a group's own traits are nobody's", one.item) for path in barred)
            allowed = Field(one.item, tuple(path for path in one.paths if path not in barred))
            for origin in taken(self._whole, [allowed], record, place=self._at):
                limited = one.item == _GAID and walk(self._whole, _TRACKING) is not True
                yield origin._replace(why="adTrackingEnabled is not true beside it") if limited else origin

    def _at(self, path: str) -> str:
        """An entry of the context that the message itself lacks stands around the batch."""
        top, _, below = path.partition(".")
        return path if top == "context" and below.partition(".")[0] in self._lent else self._place(path)


class _Decoder:
    def __init__(self, protocol: Segment, plan: Plan) -> None:
        self._protocol = protocol
        self._fields = {kind: _fields(plan, kind) for kind in set(KINDS.values())}
        paths = [path for fields in self._fields.values() for one in fields for path in one.paths]
        self._shape = shape([*_OWN, *paths])
        self._of_the_group = frozenset(i for i, path in enumerate(self._shape.paths) if path.startswith(_OF_THE_GROUP))
        rows: Any = list[self._shape.struct]  # type: ignore[name-defined]  # a struct made at run time
        batch = msgspec.defstruct("Batch", [("batch", rows), ("context", msgspec.Raw | None, None)], gc=False)
        self._batch: msgspec.json.Decoder[Any] = msgspec.json.Decoder(batch)
        self._single = msgspec.json.Decoder(self._shape.struct)

    def decode(self, request: Request, _received: int) -> Decoded:
        """Columns by kind, in the order in which kinds first occur."""
        operation = _operation(request.path)
        try:
            rows = self._rows(self._protocol.text(request.body), operation)
        except UNREADABLE as error:
            raise self._protocol.refuse(Rejection.MALFORMED) from error
        by_kind: dict[Kind, list[Row]] = {}
        skipped = Counter[Skip]() if rows else Counter({Skip.EMPTY: 1})
        for row in rows:
            named = operation if operation != "batch" else row[0]
            kind = KINDS.get(named) if isinstance(named, str) else None
            if kind is not None:
                by_kind.setdefault(kind, []).append(self._of_the_person(row) if named == "group" else row)
            else:
                skipped[Skip.UNREAD] += 1
        return Decoded([self._one(kind, found, request) for kind, found in by_kind.items()], _OK, skipped)

    def _rows(self, body: bytes, operation: str) -> list[Row]:
        """The fast way where it is open. A wrong type anywhere sends the whole body through the tolerant walk."""
        try:
            return self.fast(body, operation)
        except msgspec.ValidationError:
            return self.tolerant(body, operation)

    def fast(self, body: bytes, operation: str) -> list[Row]:
        """Raises ValidationError for what is not of the declared types."""
        if operation != "batch":
            return [self._shape.read(self._single.decode(body))]
        node = self._batch.decode(body)
        self._bound(len(node.batch))
        if node.context is not None:
            raise msgspec.ValidationError("the context of a batch is merged by the tolerant walk")
        return [self._shape.read(row) for row in node.batch]

    def tolerant(self, body: bytes, operation: str) -> list[Row]:
        """The same of any body; a message that is no object is an empty one, which is of no type."""
        whole = _OBJECT.decode(body)
        if operation != "batch":
            return [self._shape.walk(whole)]
        outer = lent(whole.get("context"), self._shape.tree["context"] or {})
        messages = _LIST.decode(whole.get("batch", b"null"))
        self._bound(len(messages))
        rows, held = list[Row](), 0
        for one in messages:
            is_object = bytes(one).startswith(b"{")
            rows.append(self._shape.walk(_with_context(opened(one), outer) if is_object else {}))
            held += size(rows[-1])
            if held > VALUES_SIZE_MAX:
                raise self._protocol.refuse(Rejection.TOO_LARGE)
        return rows

    def _bound(self, size: int) -> None:
        if size > EVENTS_PER_BATCH_MAX:
            raise self._protocol.refuse(Rejection.TOO_LARGE)

    def _of_the_person(self, row: Row) -> Row:
        return tuple(None if i in self._of_the_group else value for i, value in enumerate(row))

    def _one(self, kind: Kind, rows: Sequence[Row], request: Request) -> Batch:
        found = columns(self._fields[kind], self._shape.paths, rows)
        if _GAID in found:
            # The id is only sent on purpose: without this flag a client may pass what the person limited.
            found[_GAID] = [value if row[2] is True else None for value, row in zip(found[_GAID], rows, strict=True)]
        _fill(found, self._fields[kind], _IP, value=request.peer, n=len(rows))
        _fill(found, self._fields[kind], _AGENT, value=request.headers.get("user-agent", ""), n=len(rows))
        messages = [message_id(row[1]) for row in rows]
        return Batch(kind=kind, size=len(rows), columns=found, messages=messages)


_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LIST = msgspec.json.Decoder(list[msgspec.Raw])
_MESSAGES = msgspec.json.Decoder(_Messages)
_NAMED = msgspec.json.Decoder(_Named)


def _type(message: msgspec.Raw) -> Value | None:
    """What ``walk`` finds there, without opening the rest."""
    try:
        return _NAMED.decode(message).type
    except msgspec.ValidationError:
        return None


def _with_context(message: Mapping[str, Node], outer: Mapping[str, Node]) -> Mapping[str, Node]:
    return {**message, "context": {**outer, **opened(message.get("context"))}} if outer else message


def _fill(found: dict[Item, list[Value | None]], fields: Sequence[Field], item: Item, *, value: str, n: int) -> None:
    """What the connection itself tells, where the body does not and the plan needs it."""
    if value and any(one.item == item for one in fields):
        column, told = found.get(item, [None] * n), short(value)
        found[item] = [told if one is None else one for one in column]
