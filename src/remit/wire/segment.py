"""The Segment HTTP tracking API, as its own, RudderStack's and Jitsu's clients speak it."""

import base64
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from remit.policy.model import App
from remit.policy.plan import Plan
from remit.policy.words import Kind, Value
from remit.wire.decoder import UNREADABLE, Field, Leaf, TooMuch, always, unneeded, unneeded_around, walk
from remit.wire.messages import GAID, KINDS, OF_THE_GROUP, TRACKING, Messages, consents, fields_of
from remit.wire.origins import Origin, Place, Record, own, taken, within
from remit.wire.protocol import JSON, LATER, OPEN, AppKey, Decode, Decoded, Protocol, Rejection, Skip, statuses
from remit.wire.request import Reply, Request
from remit.wire.route import posted

_LETTERS = {
    "b": "batch",
    "t": "track",
    "p": "page",
    "s": "screen",
    "i": "identify",
    "g": "group",
    "a": "alias",
}
_WHOSE = ("writeKey", "says whose it is")
_MESSAGE = (("type", "says what the message tells of"), ("messageId", "tells a repeat"))
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
_STATUS = statuses(unknown_key=401)
_LATER = LATER | {Rejection.TOO_MANY: {"retry-after": "60", "x-ratelimit-reset": "60"}}
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
    routes = posted(
        "Basic user, else `writeKey` of the body", *(f"/v1/{name}" for name in (*_LETTERS.values(), *_LETTERS))
    )
    PUBLISHED = PUBLISHED

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
            found += own([*_MESSAGE, *((path, "says what somebody refuses") for path in consents(plan))], place)
            named = walk(message, "type") if batched else operation
            if named in KINDS:
                record = Record(KINDS[str(named)], rows[KINDS[str(named)]])
                rows[record.kind] += 1
                told = _Told(message, outer if isinstance(outer, dict) else {}, group=named == "group", place=place)
                found += told.origins(fields_of(plan, record.kind), record)
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


def _needed(plan: Plan, operation: object) -> frozenset[str]:
    kind = KINDS.get(operation) if isinstance(operation, str) else None
    if kind is None:
        return frozenset({"type", "messageId"})  # of a message of no known type nothing else is read
    fields = fields_of(plan, kind)
    paths = {path for one in fields for path in one.paths} | {"type", "messageId", *consents(plan)}
    if any(one.item == GAID for one in fields):
        paths.add(TRACKING)
    return frozenset(path for path in paths if operation != "group" or not path.startswith(OF_THE_GROUP))


def _operation(path: str) -> str:
    name = path.rstrip("/").rpartition("/")[2]
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
        if any(one.item == GAID for one in fields):
            yield Origin(self._at(TRACKING), "says whether device.gaid may be read")
        for one in fields:
            barred = [path for path in one.paths if self._group and path.startswith(OF_THE_GROUP)]
            yield from (Origin(self._at(path), "a group's own traits are nobody's", one.item) for path in barred)
            allowed = Field(one.item, tuple(path for path in one.paths if path not in barred))
            for origin in taken(self._whole, [allowed], record, place=self._at):
                limited = one.item == GAID and walk(self._whole, TRACKING) is not True
                yield origin._replace(why="adTrackingEnabled is not true beside it") if limited else origin

    def _at(self, path: str) -> str:
        """An entry of the context that the message itself lacks stands around the batch."""
        top, _, below = path.partition(".")
        return path if top == "context" and below.partition(".")[0] in self._lent else self._place(path)


class _Decoder:
    def __init__(self, protocol: Segment, plan: Plan) -> None:
        self._protocol, self._messages = protocol, Messages(plan)

    def decode(self, request: Request, _received: int) -> Decoded:
        """Columns by kind, in the order in which kinds first occur."""
        operation = _operation(request.path)
        try:
            text = self._protocol.text(request.body)
            messages = self._messages.batch(text) if operation == "batch" else self._messages.single(text)
        except TooMuch:
            raise self._protocol.refuse(Rejection.TOO_LARGE) from None
        except UNREADABLE as error:
            raise self._protocol.refuse(Rejection.MALFORMED) from error
        batches, unread = self._messages.records(messages, None if operation == "batch" else operation, request)
        skipped = {skip: n for skip, n in ((Skip.EMPTY, not messages), (Skip.UNREAD, unread)) if n}
        return Decoded(batches, _OK, skipped)


_LIST = msgspec.json.Decoder(list[msgspec.Raw])
_MESSAGES = msgspec.json.Decoder(_Messages)
_NAMED = msgspec.json.Decoder(_Named)


def _type(message: msgspec.Raw) -> Value | None:
    """What ``walk`` finds there, without opening the rest."""
    try:
        return _NAMED.decode(message).type
    except msgspec.ValidationError:
        return None
