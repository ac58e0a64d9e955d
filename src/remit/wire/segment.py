"""The Segment HTTP tracking API, as its own, RudderStack's and Jitsu's clients speak it."""

import base64
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from remit.policy.model import App
from remit.policy.plan import Plan
from remit.policy.words import Kind, Value
from remit.wire.around import Around
from remit.wire.composed import Composed
from remit.wire.decoder import UNREADABLE, Field, Leaf, TooMuch, walk
from remit.wire.happening import TIMES
from remit.wire.message_columns import MessageColumns
from remit.wire.messages import (
    ADDRESSES,
    DEVICE_TYPE,
    GAID,
    KINDS,
    OF_THE_GROUP,
    SENT,
    TRACKING,
    Messages,
    Sorted,
    beside,
    composed_of,
    consents,
    fields_of,
    is_googles,
)
from remit.wire.origins import Origin, Place, Record, instead, own, taken, within
from remit.wire.protocol import (
    JSON,
    LATER,
    OPEN,
    AppKey,
    Decode,
    Decoded,
    Opener,
    Protocol,
    Read,
    Rejection,
    Shared,
    Skip,
    statuses,
)
from remit.wire.request import Reply, Request
from remit.wire.route import fetched, posted
from remit.wire.sampled import Seen, always, seen, seen_around

_OPERATIONS = ("track", "page", "screen", "identify", "group", "alias")
_BATCHES = frozenset({"batch", "import", "b"})
"""Last parts of the paths to which several messages go at once; the second is that of older clients of devices."""
_LETTERS = {
    "t": "track",
    "p": "page",
    "s": "screen",
    "i": "identify",
    "g": "group",
    "a": "alias",
}
_WHOSE = ("writeKey", "says whose it is")
_WORTH = "says what other values are worth"
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
    context.direct context.device.attTrackingStatus
    context.traits.createdAt context.traits.firstName context.traits.lastName context.traits.address.city
    context.traits.address.country context.traits.address.postalCode context.traits.address.state
    context.traits.address.street context.traits.email context.traits.phone context.traits.name context.traits.address
    """.split()
)
_STATUS = statuses(unknown_key=401)
_LATER = LATER | {Rejection.TOO_MANY: {"retry-after": "60", "x-ratelimit-reset": "60"}}
_OK = Reply(200, b'{"success":true}', JSON | OPEN)


_OF_THE_HEAD = "Basic user, else what stands before the colon of `X-Write-Key`, else `?writeKey=`"
(_SETTINGS,) = fetched("the path; nothing is kept of who asks for settings", "/v1/projects/{key}/settings")
HEADS_REMEMBERED = 256
"""The clients of an app have the same path and credentials again and again."""
_HOST = re.compile(r"[\w.-]{1,253}(:\d{1,5})?|\[[0-9a-fA-F:]{2,39}\](:\d{1,5})?", re.ASCII)


class _Key(msgspec.Struct):
    writeKey: str | None = None  # noqa: N815 -- the vendor's name


class _Messages(msgspec.Struct):
    batch: msgspec.Raw


class _Named(msgspec.Struct):
    type: Leaf = None


class Segment(Protocol):
    """Segment, and what speaks like it."""

    name = "segment"
    routes = (
        *posted(
            f"{_OF_THE_HEAD}, else `writeKey` of the body",
            *(f"/v1/{name}" for name in ("batch", "import", *_OPERATIONS, "b", *_LETTERS)),
            "/beacon/v1/batch",
            *(f"/api/s/{name}" for name in ("batch", *_OPERATIONS)),
        ),
        _SETTINGS,
    )
    PUBLISHED = PUBLISHED

    def key(self, request: Request) -> AppKey | None:
        """The write key: of the path, the head, the query or the body."""
        if request.method == "GET":
            asked = _SETTINGS.parts(request.path)
            return AppKey(key=asked["key"]) if asked else None
        scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic":
            user = _user(credentials)
            if user is None:
                return None
            if user:
                return AppKey(key=user)
        key: str | None = request.headers.get("x-write-key", "").partition(":")[0] or request.query.get("writeKey")
        if not key:
            try:
                key = _KEY.decode(request.body).writeKey
            except UNREADABLE:
                return None
        return AppKey(key=key) if key else None

    def answer(self, request: Request, plan: Plan) -> Reply | None:
        """The settings of the browser's client: this house alone, which does not send on to anybody else."""
        if request.method != "GET":
            return None
        settings = {"apiKey": plan.app.key}
        host = request.headers.get("host", "")
        if _HOST.fullmatch(host):
            # Without it the client would send to the vendor.
            settings["apiHost"] = f"{host}/v1"
        return Reply(200, msgspec.json.encode({"integrations": {"Segment.io": settings}}), JSON | OPEN)

    def decoder(self, plan: Plan) -> Decode:
        """One struct for all kinds of message; a batch is decoded at once."""
        return self.opener(plan).whole

    def opener(self, plan: Plan) -> Opener:
        """One struct for all kinds, and columns of however many requests come together."""
        return _Opener(self, plan)

    def refusal(self, rejection: Rejection) -> Reply:
        """``{"code", "message"}``, as the clients parse it."""
        body = msgspec.json.encode({"code": rejection.value, "message": rejection.value.replace("_", " ")})
        return Reply(_STATUS[rejection], body, JSON | OPEN | _LATER.get(rejection, {}))

    def seen(self, request: Request, plan: Plan) -> Iterator[Seen | None]:
        """Leaves of each message that its kind of record does not need, and of what stands around them.

        The context of a batch counts once, however many messages it is lent to: what one of them needs is needed.
        """
        operation = _operation(request.path)
        if operation != "batch":
            yield from seen(request.body, always("writeKey", *_needed(plan, operation)))
            return
        batch = _MESSAGES.decode(request.body).batch
        messages = [(one, _type(one)) for one in _LIST.decode(batch)]
        needed = {named: _needed(plan, named) for named in {named for _, named in messages}}
        around = {path for paths in needed.values() for path in paths if path.startswith("context.") or path == SENT}
        yield from seen_around(request.body, always("writeKey", *around), key="batch", part=batch)
        for message, named in messages:
            yield from seen(message, always(*needed[named]))

    def origins(self, request: Request, plan: Plan) -> list[Origin]:
        """The paths of each message, and of the context around them."""
        whole: dict[str, Any] = msgspec.json.decode(request.body)
        found, rows = list(own([_WHOSE], within(""))), Counter[Kind]()
        operation = _operation(request.path)
        batched = operation == "batch"
        outer = whole.get("context") if batched else None
        timed = False
        for i, message in enumerate(whole["batch"] if batched else [whole]):
            place = within(f"batch[{i}]") if batched else within("")
            found += own([*_MESSAGE, *((path, "says what somebody refuses") for path in consents(plan))], place)
            named = walk(message, "type") if batched else operation
            if named in KINDS:
                record = Record(KINDS[str(named)], rows[KINDS[str(named)]])
                rows[record.kind] += 1
                told = _Told(message, outer if isinstance(outer, dict) else {}, group=named == "group", place=place)
                fields = fields_of(plan, record.kind)
                timed = timed or any(one.item in TIMES for one in fields)
                found += told.origins(fields, composed_of(plan, record.kind), record)
        return found + [Origin(SENT, _WORTH)] * (timed and batched)

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


@lru_cache(maxsize=HEADS_REMEMBERED)
def _user(credentials: str) -> str | None:
    """The user of Basic credentials (RFC 7617); None where they are none."""
    try:
        return base64.b64decode(credentials, validate=True).decode().partition(":")[0]
    except ValueError:
        return None


def _needed(plan: Plan, operation: object) -> frozenset[str]:
    kind = KINDS.get(operation) if isinstance(operation, str) else None
    if kind is None:
        return frozenset({"type", "messageId"})  # of a message of no known type nothing else is read
    fields = fields_of(plan, kind)
    several: tuple[Field | Composed, ...] = (*fields, *composed_of(plan, kind))
    paths = {path for one in several for path in one.paths} | {"type", "messageId", *consents(plan), *beside(fields)}
    paths |= {path for one in ADDRESSES if one.item in plan.tables[kind].items for path in one.paths}
    return frozenset(path for path in paths if operation != "group" or not path.startswith(OF_THE_GROUP))


@lru_cache(maxsize=HEADS_REMEMBERED)
def _operation(path: str) -> str:
    name = path.rstrip("/").rpartition("/")[2]
    return "batch" if name in _BATCHES else _LETTERS.get(name, name)


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

    def origins(self, fields: Sequence[Field], composed: Sequence[Composed], record: Record) -> Iterator[Origin]:
        """What was taken for this record, and why the rest of what its fields name was not."""
        yield from (Origin(self._at(path), _WORTH) for path in beside(fields))
        found = list[Origin]()
        for one in fields:
            barred, allowed = self._barred(one)
            yield from barred
            found += self._addressed(allowed, record) if one.item == ADDRESSES[0].item else self._read(allowed, record)
        yield from found
        told = {one.item: one.path for one in found if not one.why}
        for made in composed:
            barred, allowed = self._barred(made)
            yield from barred
            for origin in self._parts(made._replace(paths=allowed.paths), record, told.get(made.item)):
                if not origin.why:
                    told[made.item] = origin.path
                yield origin

    def _barred(self, one: Field | Composed) -> tuple[list[Origin], Field]:
        """What may not be read as the person's, and the field without it."""
        barred = [path for path in one.paths if self._group and path.startswith(OF_THE_GROUP)]
        told = [Origin(self._at(path), "a group's own traits are nobody's", one.item) for path in barred]
        return told, Field(one.item, tuple(path for path in one.paths if path not in barred))

    def _read(self, one: Field, record: Record) -> Iterator[Origin]:
        for origin in taken(self._whole, [one], record, place=self._at):
            mine = one.item != GAID or is_googles(walk(self._whole, TRACKING), walk(self._whole, DEVICE_TYPE))
            yield origin if mine else origin._replace(why="it was not sent as an id of Google's to be used")

    def _addressed(self, one: Field, record: Record) -> Iterator[Origin]:
        """Each address, in one text or in parts; the first is taken."""
        told: str | None = None
        for path, address in zip(one.paths, ADDRESSES[-len(one.paths) :] if one.paths else (), strict=True):
            whole = Field(one.item, (path,))
            found = [*taken(self._whole, [whole], record, place=self._at), *self._parts(address, record, None)]
            for origin in found:
                yield origin if told is None else origin._replace(why=instead(one.item, told))
            told = told or next((origin.path for origin in found if not origin.why), None)
        if self._group:
            for path in ADDRESSES[0].paths:
                yield Origin(self._at(path), "a group's own traits are nobody's", one.item)

    def _parts(self, one: Composed, record: Record, told: str | None) -> Iterator[Origin]:
        """Of the values that stand at its paths the first that counts was taken, unless another path had told."""
        for path in one.paths:
            value, place = walk(self._whole, path), self._at(path)
            if value is None:
                continue
            if not one.counts(value):
                yield Origin(place, f"it tells nothing of {one.item}", one.item, record)
                continue
            yield Origin(place, "" if told is None else f"{one.beside} {told}", one.item, record)
            told = told or place

    def _at(self, path: str) -> str:
        """An entry of the context that the message itself lacks stands around the batch."""
        top, _, below = path.partition(".")
        return path if top == "context" and below.partition(".")[0] in self._lent else self._place(path)


class _Opener(Opener):
    def __init__(self, protocol: Segment, plan: Plan) -> None:
        self._protocol, self._messages = protocol, Messages(plan)
        self._columns = MessageColumns(plan, self._messages)

    def read(self, request: Request, received: int) -> Read:
        """The messages of a body, by kind."""
        operation = _operation(request.path)
        try:
            text = self._protocol.text(request.body)
            sent = self._messages.batch(text) if operation == "batch" else self._messages.single(text)
        except TooMuch:
            raise self._protocol.refuse(Rejection.TOO_LARGE) from None
        except UNREADABLE as error:
            raise self._protocol.refuse(Rejection.MALFORMED) from error
        told = self._messages.sorted(sent.messages, None if operation == "batch" else operation)
        size = sum(map(len, told.values()))
        around = Around(request.peer, request.headers.get("user-agent", ""), received, sent.at)
        return Read(Sorted(told, around), size, _taken(len(sent.messages), size))

    def columns(self, reads: Sequence[Read]) -> list[Shared]:
        """Columns by kind, in the order in which kinds first occur."""
        return self._columns.of([read.content for read in reads])


_WHOLLY = Decoded([], _OK, {})
"""Of most requests."""


def _taken(sent: int, read: int) -> Decoded:
    if read == sent > 0:
        return _WHOLLY
    return Decoded([], _OK, {Skip.UNREAD: sent - read} if sent else {Skip.EMPTY: 1})


_LIST = msgspec.json.Decoder(list[msgspec.Raw])
_MESSAGES = msgspec.json.Decoder(_Messages)
_NAMED = msgspec.json.Decoder(_Named)


def _type(message: msgspec.Raw) -> Value | None:
    """What ``walk`` finds there, without opening the rest."""
    try:
        return _NAMED.decode(message).type
    except msgspec.ValidationError:
        return None
