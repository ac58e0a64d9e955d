"""The messages of the Segment protocol: which of their paths bear which item, and how many are read at once."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from remit.policy.columns import Batch, is_borne
from remit.policy.plan import Plan
from remit.policy.words import Item, Kind, Value
from remit.wire.decoder import (
    VALUES_SIZE_MAX,
    Field,
    Node,
    Row,
    Short,
    TooMuch,
    field,
    lent,
    message_id,
    opened,
    shape,
    short,
    size,
)
from remit.wire.request import Request

EVENTS_PER_BATCH_MAX = 2500
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
TRACKING = "context.device.adTrackingEnabled"
OF_THE_GROUP = "traits."
"""What a group call's own traits describe is the group: a company's telephone names none of its people."""
_CATEGORY = "context.consent.categoryPreferences."
_OWN = ("type", "messageId", TRACKING)
GAID, _IP, _AGENT = Item("device.gaid"), Item("net.ip"), Item("net.user_agent")


def fields_of(plan: Plan, kind: Kind) -> tuple[Field, ...]:
    """What the plan needs of messages of one kind."""
    return tuple(one for one in FIELDS[kind] if one.item in plan.tables[kind].items)


def consents(plan: Plan) -> list[str]:
    """Where a message's consent object tells what the policy hears of it."""
    return [_CATEGORY + name for name in plan.signals.categories]


class Messages:
    """Reads the messages of bodies, as structs that know only what the plan needs.

    What is of the declared types goes the fast way; a wrong type or a long text sends the whole body through a
    tolerant walk of the same paths.
    """

    def __init__(self, plan: Plan) -> None:
        self._fields = {kind: fields_of(plan, kind) for kind in set(KINDS.values())}
        paths = [path for fields in self._fields.values() for one in fields for path in one.paths]
        said = consents(plan)
        self._shape = shape([*_OWN, *said, *paths], Short)
        self._types, self._ids, self._tracking = (self._shape.column([path]) for path in _OWN)
        self._columns = {
            kind: [(one.item, self._shape.column(one.paths)) for one in fields] for kind, fields in self._fields.items()
        }
        self._pairs = {kind: self._shape.pairs(fields) for kind, fields in self._fields.items()}
        self._told = {
            item: {kind for kind, fields in self._fields.items() if any(one.item == item for one in fields)}
            for item in (_IP, _AGENT)
        }
        masks = plan.signals.categories.values()
        self._refusals = [(self._shape.column([path]), mask) for path, mask in zip(said, masks, strict=True)]
        messages: Any = list[self._shape.struct]  # type: ignore[name-defined]  # a struct made at run time
        batch = msgspec.defstruct("Batch", [("batch", messages), ("context", msgspec.Raw | None, None)], gc=False)
        self._batch: msgspec.json.Decoder[Any] = msgspec.json.Decoder(batch)
        self._single = msgspec.json.Decoder(self._shape.struct)

    def single(self, body: bytes) -> list[Any]:
        """The one message that a body is. Raises UNREADABLE."""
        try:
            return [self._single.decode(body)]
        except msgspec.ValidationError:
            return [self._built(self._shape.walk(_OBJECT.decode(body)))]

    def batch(self, body: bytes) -> list[Any]:
        """The messages of a batch. Raises UNREADABLE or TooMuch."""
        try:
            return self.fast(body)
        except msgspec.ValidationError:
            return self.tolerant(body)

    def fast(self, body: bytes) -> list[Any]:
        """Raises ValidationError for what is not of the declared types."""
        node = self._batch.decode(body)
        messages: list[Any] = node.batch
        _bound(messages)
        if node.context is not None:
            raise msgspec.ValidationError("the context of a batch is merged by the tolerant walk")
        return messages

    def tolerant(self, body: bytes) -> list[Any]:
        """The same of any body; a message that is no object is an empty one, which is of no type."""
        whole = _OBJECT.decode(body)
        outer = lent(whole.get("context"), self._shape.tree["context"] or {})
        messages = _LIST.decode(whole.get("batch", b"null"))
        _bound(messages)
        found, held = list[Any](), 0
        for one in messages:
            is_object = bytes(one).startswith(b"{")
            row = self._shape.walk(_with_context(opened(one), outer) if is_object else {})
            held += size(row)
            if held > VALUES_SIZE_MAX:
                raise TooMuch
            found.append(self._built(row))
        return found

    def records(self, messages: list[Any], named: str | None, request: Request) -> tuple[list[Batch], int]:
        """One batch for each kind, in the order in which they first occur, and how many messages are of none.

        ``named`` is what all are, where they do not say it themselves.
        """
        types = self._types(messages) if named is None else [named] * len(messages)
        if "group" in types:
            messages = [
                self._of_the_person(one) if its == "group" else one for one, its in zip(messages, types, strict=True)
            ]
        kinds = {one: KINDS.get(one) if isinstance(one, str) else None for one in dict.fromkeys(types)}
        batches, unread = list[Batch](), 0
        for kind in dict.fromkeys(kinds.values()):
            found = messages
            if len(kinds) > 1:
                found = [one for one, its in zip(messages, types, strict=True) if kinds[its] is kind]
            if kind is None:
                unread = len(found)
            else:
                batches.append(self._records(kind, found, request))
        return batches, unread

    def _built(self, row: Row) -> Any:
        return self._shape.build(tuple(map(short, row)))

    def _of_the_person(self, message: Any) -> Any:
        row = zip(self._shape.paths, self._shape.read(message), strict=True)
        return self._shape.build(tuple(None if path.startswith(OF_THE_GROUP) else value for path, value in row))

    def _records(self, kind: Kind, messages: Sequence[Any], request: Request) -> Batch:
        found: dict[Item, list[Value | None]] = {}
        if len(messages) == 1:
            found = {item: [value] for item, value in self._pairs[kind](messages[0]) if value is not None}
        else:
            columns = ((item, read(messages)) for item, read in self._columns[kind])
            found = {item: column for item, column in columns if is_borne(column)}
        if GAID in found:
            # The id is only sent on purpose: without this flag a client may pass what the person limited.
            may = self._tracking(messages)
            found[GAID] = [value if one is True else None for value, one in zip(found[GAID], may, strict=True)]
        if kind in self._told[_IP]:
            _fill(found, _IP, value=request.peer, n=len(messages))
        if kind in self._told[_AGENT]:
            _fill(found, _AGENT, value=request.headers.get("user-agent", ""), n=len(messages))
        ids = [one if type(one) is str else message_id(one) for one in self._ids(messages)]
        return Batch(kind=kind, size=len(messages), columns=found, messages=ids, signals=self._signals(messages))

    def _signals(self, messages: Sequence[Any]) -> list[int] | None:
        """Of each message the purposes that its consent object refuses; what is not said refuses nothing."""
        masks = [0] * len(messages)
        for read, mask in self._refusals:
            masks = [old | mask if may is False else old for old, may in zip(masks, read(messages), strict=True)]
        return masks if any(masks) else None


_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LIST = msgspec.json.Decoder(list[msgspec.Raw])


def _bound(messages: Sequence[Any]) -> None:
    if len(messages) > EVENTS_PER_BATCH_MAX:
        raise TooMuch


def _with_context(message: Mapping[str, Node], outer: Mapping[str, Node]) -> Mapping[str, Node]:
    return {**message, "context": {**outer, **opened(message.get("context"))}} if outer else message


def _fill(found: dict[Item, list[Value | None]], item: Item, *, value: str, n: int) -> None:
    """What the connection itself tells, where the body does not."""
    if value:
        column, told = found.get(item, [None] * n), short(value)
        found[item] = [told if one is None else one for one in column]
