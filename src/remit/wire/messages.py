"""The messages of the Segment protocol: which of their paths bear which item, and how many are read at once."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

import msgspec

from remit.policy.columns import Batch, is_borne
from remit.policy.plan import Plan
from remit.policy.words import Item, Kind, Value
from remit.wire.around import SENDER, TELLS, Around, Surrounded, are_servers, told
from remit.wire.composed import Composed, flags, joined
from remit.wire.decoder import (
    VALUES_SIZE_MAX,
    Field,
    Node,
    Row,
    Short,
    TooMuch,
    field,
    leaf,
    lent,
    message_id,
    opened,
    shape,
    short,
    size,
)
from remit.wire.happening import TIMES, clock, happened
from remit.wire.protocol import Shared

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
    field("screen.density", "context.screen.density"),
    field("locale", "context.locale"),
    field("timezone", "context.timezone"),
    field("app.version", "context.app.version"),
    field("campaign.name", "context.campaign.name"),
    field("campaign.source", "context.campaign.source"),
    field("campaign.medium", "context.campaign.medium"),
    field("campaign.term", "context.campaign.term"),
    field("campaign.content", "context.campaign.content"),
    field("net.ip", "context.ip"),
    field("net.user_agent", "context.userAgent"),
)
_TRAITS = (
    field("email", "traits.email", "context.traits.email"),
    field("phone", "traits.phone", "context.traits.phone"),
    field("name", "traits.name", "context.traits.name"),
    field("shipping_address", "traits.address", "context.traits.address"),
    field("account.registered", "traits.createdAt", "context.traits.createdAt"),
)
_TIME = ("originalTimestamp", "timestamp")
_ACTIVE = field("account.active", *_TIME)
_PAGE = (
    field("page.url", "context.page.url", "properties.url", "properties.path", "context.page.path"),
    field("page.referrer", "context.page.referrer", "properties.referrer"),
)
FIELDS: dict[Kind, tuple[Field, ...]] = {
    Kind.ACCOUNT: (*_COMMON, *_TRAITS, field("account.accessed", *_TIME)),
    Kind.PAGE_VISIT: (*_COMMON, *_PAGE, _ACTIVE),
    Kind.SCREEN_VISIT: (*_COMMON, field("screen.name", "name", "properties.name"), _ACTIVE),
    Kind.EVENT: (*_COMMON, field("event.name", "event"), *_PAGE, _ACTIVE),
}
CONNECTION = flags(
    "network.connection",
    {f"context.network.{word}": word for word in ("wifi", "cellular", "bluetooth")},
)
_NAMES = [
    joined("name", f"{traits}.firstName", f"{traits}.lastName", by=" ") for traits in ("traits", "context.traits")
]
COMPOSED: dict[Kind, tuple[Composed, ...]] = dict.fromkeys(FIELDS, (CONNECTION,)) | {
    Kind.ACCOUNT: (CONNECTION, *_NAMES)
}
"""Where no path of ``FIELDS`` bears the item."""
ADDRESSES = [
    joined(
        "shipping_address",
        *(f"{path}.{part}" for part in ("street", "city", "state", "postalCode", "country")),
        by=", ",
    )
    for path in ("traits.address", "context.traits.address")
]
"""An address in its parts, in place of the text."""
SENT = "sentAt"
"""When the request was sent, by that clock: in a message, else around it."""
TRACKING = "context.device.adTrackingEnabled"
OF_THE_GROUP = "traits."
"""What a group call's own traits describe is the group: a company's telephone names none of its people."""
_CATEGORY = "context.consent.categoryPreferences."
_OWN = ("type", "messageId")
GAID = Item("device.gaid")
_ADDRESS = Item("shipping_address")
DEVICE_TYPE = "context.device.type"
BESIDE: Mapping[Item, tuple[str, ...]] = {
    GAID: (TRACKING, DEVICE_TYPE),
    **dict.fromkeys(TELLS, SENDER),
    **dict.fromkeys(TIMES, (SENT,)),
}
"""What is read to know what an item's value is worth."""


def is_googles(limited: Value | None, device: Value | None) -> bool:
    """Whether an advertising id may be read as Google's: sent on purpose, and by no device of Apple's."""
    # Without this flag a client may pass what the person limited.
    return limited is True and not (isinstance(device, str) and device.casefold() in ("ios", "ipados", "tvos"))


def fields_of(plan: Plan, kind: Kind) -> tuple[Field, ...]:
    """What the plan needs of messages of one kind."""
    return tuple(one for one in FIELDS[kind] if one.item in plan.tables[kind].items)


def composed_of(plan: Plan, kind: Kind) -> tuple[Composed, ...]:
    """The same of what is made of several paths."""
    return tuple(one for one in COMPOSED[kind] if one.item in plan.tables[kind].items)


def beside(fields: Iterable[Field]) -> list[str]:
    """What is read beside these, each once."""
    return list(dict.fromkeys(path for one in fields for path in BESIDE.get(one.item, ())))


def consents(plan: Plan) -> list[str]:
    """Where a message's consent object tells what the policy hears of it."""
    return [_CATEGORY + name for name in plan.signals.categories]


class Sorted(NamedTuple):
    """The messages of one request by kind, and what stands around them."""

    messages: Mapping[Kind, Sequence[Any]]
    around: Around


class Sending(NamedTuple):
    """The messages of a body, and when it says that it was sent."""

    messages: list[Any]
    at: Value | None = None


class Messages:
    """Reads the messages of bodies, as structs that know only what the plan needs.

    What is of the declared types goes the fast way; a wrong type or a long text sends the whole body through a
    tolerant walk of the same paths.
    """

    def __init__(self, plan: Plan) -> None:
        self._fields = {kind: fields_of(plan, kind) for kind in set(KINDS.values())}
        self._composed = {kind: composed_of(plan, kind) for kind in self._fields}
        fields = [one for listed in self._fields.values() for one in listed]
        paths = [path for one in fields for path in one.paths]
        composed = [one for listed in self._composed.values() for one in listed]
        paths += [path for one in composed for path in one.paths]
        said = consents(plan)
        self._shape = shape([*_OWN, *said, *paths, *beside(fields)], Short)
        self._types, self._ids = (self._shape.column([path]) for path in _OWN)
        self._beside = {path: self._shape.column([path]) for path in beside(fields)}
        self._parts = {path: self._shape.column([path]) for one in composed for path in one.paths}
        self._spelt = _with_addresses if any(one.item == _ADDRESS for one in fields) else _as_it_is
        self._columns = {
            kind: [(one.item, self._shape.column(one.paths)) for one in listed] for kind, listed in self._fields.items()
        }
        masks = plan.signals.categories.values()
        self._refusals = [(self._shape.column([path]), mask) for path, mask in zip(said, masks, strict=True)]
        messages: Any = list[self._shape.struct]  # type: ignore[name-defined]  # a struct made at run time
        around = [(name, msgspec.Raw | None, None) for name in ("context", SENT)]
        batch = msgspec.defstruct("Batch", [("batch", messages), *around], gc=False)
        self._batch: msgspec.json.Decoder[Any] = msgspec.json.Decoder(batch)
        self._single = msgspec.json.Decoder(self._shape.struct)

    def single(self, body: bytes) -> Sending:
        """The one message that a body is. Raises UNREADABLE."""
        try:
            return Sending([self._single.decode(body)])
        except msgspec.ValidationError:
            return Sending([self._built(self._shape.walk(self._spelt(_OBJECT.decode(body))))])

    def batch(self, body: bytes) -> Sending:
        """The messages of a batch. Raises UNREADABLE or TooMuch."""
        try:
            return self.fast(body)
        except msgspec.ValidationError:
            return self.tolerant(body)

    def fast(self, body: bytes) -> Sending:
        """Raises ValidationError for what is not of the declared types."""
        node = self._batch.decode(body)
        messages: list[Any] = node.batch
        _bound(messages)
        if node.context is not None:
            raise msgspec.ValidationError("the context of a batch is merged by the tolerant walk")
        return Sending(messages, short(leaf(node.sentAt)))

    def tolerant(self, body: bytes) -> Sending:
        """The same of any body; a message that is no object is an empty one, which is of no type."""
        whole = _OBJECT.decode(body)
        outer = lent(self._spelt(whole).get("context"), self._shape.tree.get("context") or {})
        messages = _LIST.decode(whole.get("batch", b"null"))
        _bound(messages)
        found, held = list[Any](), 0
        for one in messages:
            is_object = bytes(one).startswith(b"{")
            row = self._shape.walk(self._spelt(_with_context(opened(one), outer)) if is_object else {})
            held += size(row)
            if held > VALUES_SIZE_MAX:
                raise TooMuch
            found.append(self._built(row))
        return Sending(found, short(leaf(whole.get(SENT))))

    def sorted(self, messages: list[Any], named: str | None) -> dict[Kind, list[Any]]:
        """The messages by kind, in the order in which kinds first occur, without those that are of none.

        ``named`` is what all are, where they do not say it themselves.
        """
        types = self._types(messages) if named is None else [named] * len(messages)
        if "group" in types:
            messages = [
                self._of_the_person(one) if its == "group" else one for one, its in zip(messages, types, strict=True)
            ]
        kinds = {one: KINDS.get(one) if isinstance(one, str) else None for one in dict.fromkeys(types)}
        told = [kind for kind in dict.fromkeys(kinds.values()) if kind is not None]
        if len(kinds) == 1:
            return dict.fromkeys(told, messages)
        return {kind: [one for one, its in zip(messages, types, strict=True) if kinds[its] is kind] for kind in told}

    def columns(self, asked: Sequence[Sorted]) -> list[Shared]:
        """The records of these requests, in the order in which their kinds first occur."""
        kinds = dict.fromkeys(chain.from_iterable(one.messages for one in asked))
        return [self._shared(kind, asked) for kind in kinds]

    def _built(self, row: Row) -> Any:
        return self._shape.build(tuple(map(short, row)))

    def _of_the_person(self, message: Any) -> Any:
        row = zip(self._shape.paths, self._shape.read(message), strict=True)
        return self._shape.build(tuple(None if path.startswith(OF_THE_GROUP) else value for path, value in row))

    def _shared(self, kind: Kind, asked: Sequence[Sorted]) -> Shared:
        parts = [one.messages.get(kind, ()) for one in asked]
        requests = list(map(len, parts))
        messages = parts[0] if len(parts) == 1 else list(chain.from_iterable(parts))
        around = [(one.around, n) for one, n in zip(asked, requests, strict=True) if n]
        return Shared(self._records(kind, messages, around), requests)

    def _records(self, kind: Kind, messages: Sequence[Any], around: Sequence[Surrounded]) -> Batch:
        found: dict[Item, list[Value | None]] = {}
        for item, read in self._columns[kind]:
            column = read(messages)
            if is_borne(column):
                found[item] = column
        if GAID in found:
            may = map(is_googles, self._beside[TRACKING](messages), self._beside[DEVICE_TYPE](messages))
            found[GAID] = [value if one else None for value, one in zip(found[GAID], may, strict=True)]
        for item in TIMES & set(found):
            found[item] = self._happened(found[item], messages, around)
        for one in self._composed[kind]:
            parts = [self._parts[path](messages) for path in one.paths]
            if any(map(is_borne, parts)):
                _fill(found, one.item, one.column(parts))
        lent = [item for item, _ in self._columns[kind] if item in TELLS]
        if lent:
            direct, *channels, library = (self._beside[path](messages) for path in SENDER)
            servers = are_servers(direct, channels, library)
            for item in lent:
                _fill(found, item, told(item, around, servers))
        ids = [one if type(one) is str else message_id(one) for one in self._ids(messages)]
        return Batch(kind=kind, size=len(messages), columns=found, messages=ids, signals=self._signals(messages))

    def _happened(
        self, told: Sequence[Value | None], messages: Sequence[Any], around: Sequence[Surrounded]
    ) -> list[Value | None]:
        """Times by the clock of whoever sends, which a message tells for itself or its batch for all."""
        sent = self._beside[SENT](messages)
        if len(around) == 1 and not is_borne(sent):
            ((only, _),) = around
            return clock(only.sent, only.received)(told)
        each = [one for one, n in around for _ in range(n)]
        return [
            happened(at, one.sent if own is None else own, one.received)
            for at, own, one in zip(told, sent, each, strict=True)
        ]

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


def _fill(found: dict[Item, list[Value | None]], item: Item, made: list[Value | None]) -> None:
    """A column that has these values where the body itself bears none."""
    column = found.get(item)
    filled = made if column is None else [told if one is None else one for one, told in zip(column, made, strict=True)]
    if is_borne(filled):
        found[item] = filled


def _as_it_is(message: Mapping[str, Node]) -> Mapping[str, Node]:
    return message


def _with_addresses(message: Mapping[str, Node]) -> Mapping[str, Node]:
    """The message with a text in place of each address in parts."""
    for one in ADDRESSES:
        *above, _ = one.paths[0].split(".")
        message = opened(_spelt(message, above, one))
    return message


def _spelt(node: Node, above: Sequence[str], address: Composed) -> Node:
    here = opened(node)
    if not above:
        text = address.make([leaf(here.get(path.rpartition(".")[2])) for path in address.paths])
        return node if text is None else msgspec.Raw(msgspec.json.encode(text))
    key, *below = above
    return {**here, key: _spelt(here[key], below, address)} if key in here else node
