"""The messages of the Segment protocol: which of their paths bear which item, and how many are read at once."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from remit.policy.plan import Plan
from remit.policy.words import Item, Kind, Value
from remit.wire.around import SENDER, TELLS, Around
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
    opened,
    shape,
    short,
    size,
)
from remit.wire.happening import TIMES
from remit.wire.repeating import Repeating

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
    tolerant walk of the same paths. ``shape`` is that of a message; ``context`` reads what most of a batch have alike.
    """

    def __init__(self, plan: Plan) -> None:
        kinds = set(KINDS.values())
        fields = [one for kind in kinds for one in fields_of(plan, kind)]
        several: list[Field | Composed] = [*fields, *(one for kind in kinds for one in composed_of(plan, kind))]
        paths = [path for one in several for path in one.paths]
        self.shape = shape([*_OWN, *consents(plan), *paths, *beside(fields)], Short)
        self.context = Repeating(self.shape, "context") if "context" in self.shape.tree else None
        self._types = self.shape.column(["type"])
        self._spelt = _with_addresses if any(one.item == _ADDRESS for one in fields) else _as_it_is
        self._batch = batch_of(self.shape.struct)
        self._batch_of_one = batch_of((self.context or self.shape).struct)
        self._single = msgspec.json.Decoder(self.shape.struct)

    def single(self, body: bytes) -> Sending:
        """The one message that a body is. Raises UNREADABLE."""
        try:
            return Sending([self._single.decode(body)])
        except msgspec.ValidationError:
            return Sending([self._built(self.shape.walk(self._spelt(_OBJECT.decode(body))))])

    def batch(self, body: bytes) -> Sending:
        """The messages of a batch. Raises UNREADABLE or TooMuch."""
        try:
            return self.fast(body)
        except msgspec.ValidationError:
            return self.tolerant(body)

    def fast(self, body: bytes) -> Sending:
        """Raises ValidationError for what is not of the declared types."""
        context = self.context if self.context is not None and self.context.is_expected() else None
        node = (self._batch if context is None else self._batch_of_one).decode(body)
        messages: list[Any] = node.batch
        _bound(messages)
        if node.context is not None:
            raise msgspec.ValidationError("the context of a batch is merged by the tolerant walk")
        if context is not None:
            context.fill(messages)
        return Sending(messages, short(leaf(node.sentAt)))

    def tolerant(self, body: bytes) -> Sending:
        """The same of any body; a message that is no object is an empty one, which is of no type."""
        whole = _OBJECT.decode(body)
        outer = lent(self._spelt(whole).get("context"), self.shape.tree.get("context") or {})
        messages = _LIST.decode(whole.get("batch", b"null"))
        _bound(messages)
        found, held = list[Any](), 0
        for one in messages:
            is_object = bytes(one).startswith(b"{")
            row = self.shape.walk(self._spelt(_with_context(opened(one), outer)) if is_object else {})
            held += size(row)
            if held > VALUES_SIZE_MAX:
                raise TooMuch
            found.append(self._built(row))
        return Sending(found, short(leaf(whole.get(SENT))))

    def sorted(self, messages: list[Any], named: str | None) -> dict[Kind, list[Any]]:
        """The messages by kind, in the order in which kinds first occur, without those that are of none.

        ``named`` is what all are, where they do not say it themselves.
        """
        if named is not None and named != "group":
            return {KINDS[named]: messages} if named in KINDS else {}
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

    def _built(self, row: Row) -> Any:
        return self.shape.build(tuple(map(short, row)))

    def _of_the_person(self, message: Any) -> Any:
        row = zip(self.shape.paths, self.shape.read(message), strict=True)
        return self.shape.build(tuple(None if path.startswith(OF_THE_GROUP) else value for path, value in row))


_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LIST = msgspec.json.Decoder(list[msgspec.Raw])


def batch_of(message: Any) -> msgspec.json.Decoder[Any]:
    """Reads a batch of these structs, and leaves what stands around them as it was sent."""
    around = [(name, msgspec.Raw | None, None) for name in ("context", SENT)]
    return msgspec.json.Decoder(msgspec.defstruct("Batch", [("batch", list[message]), *around], gc=False))


def _bound(messages: Sequence[Any]) -> None:
    if len(messages) > EVENTS_PER_BATCH_MAX:
        raise TooMuch


def _with_context(message: Mapping[str, Node], outer: Mapping[str, Node]) -> Mapping[str, Node]:
    return {**message, "context": {**outer, **opened(message.get("context"))}} if outer else message


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
