"""What messages of the Segment protocol tell, column by column, however many requests they came in."""

from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Any, NamedTuple

from remit.policy.columns import Batch, is_borne
from remit.policy.plan import Plan
from remit.policy.words import Item, Kind, Value
from remit.wire.around import SENDER, TELLS, Surrounded, are_servers, told
from remit.wire.decoder import message_id
from remit.wire.happening import TIMES, clock, each_happened
from remit.wire.messages import (
    DEVICE_TYPE,
    GAID,
    KINDS,
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
from remit.wire.protocol import Shared


class _Reading(NamedTuple):
    """Reads a column of messages; ``of_context`` is whether all its paths are below their contexts."""

    read: Callable[[Sequence[Any]], list[Value | None]]
    of_context: bool


class _Alike(NamedTuple):
    """Messages of one kind, and whether they have one context among them all."""

    messages: Sequence[Any]
    have_one_context: bool

    def column(self, reading: _Reading) -> list[Value | None]:
        """Of each message what is read; of one context it is read once."""
        if self.have_one_context and reading.of_context:
            return reading.read(self.messages[:1]) * len(self.messages)
        return reading.read(self.messages)


class MessageColumns:
    """Makes the columns of messages that were read for a plan."""

    def __init__(self, plan: Plan, read: Messages) -> None:
        self._shape, self._context = read.shape, read.context
        fields = {kind: fields_of(plan, kind) for kind in KINDS.values()}
        self._composed = {kind: composed_of(plan, kind) for kind in fields}
        self._columns = {
            kind: [(one.item, self._reading(one.paths)) for one in listed] for kind, listed in fields.items()
        }
        self._of_context = {
            kind: self._shape.pairs([one for one in listed if _is_of_context(one.paths)])
            for kind, listed in fields.items()
        }
        self._beside = {path: self._reading([path]) for path in beside(chain.from_iterable(fields.values()))}
        composed = chain.from_iterable(self._composed.values())
        self._parts = {path: self._reading([path]) for one in composed for path in one.paths}
        self._ids = self._shape.column(["messageId"])
        masks = zip(consents(plan), plan.signals.categories.values(), strict=True)
        self._refusals = [(self._shape.column([path]), mask) for path, mask in masks]

    def of(self, asked: Sequence[Sorted]) -> list[Shared]:
        """The records of these requests, in the order in which their kinds first occur."""
        kinds = dict.fromkeys(chain.from_iterable(one.messages for one in asked))
        return [self._shared(kind, asked) for kind in kinds]

    def _reading(self, paths: Sequence[str]) -> _Reading:
        return _Reading(self._shape.column(paths), _is_of_context(paths))

    def _shared(self, kind: Kind, asked: Sequence[Sorted]) -> Shared:
        parts = [one.messages.get(kind, ()) for one in asked]
        requests = list(map(len, parts))
        messages = parts[0] if len(parts) == 1 else list(chain.from_iterable(parts))
        around = [(one.around, n) for one, n in zip(asked, requests, strict=True) if n]
        return Shared(self._records(kind, messages, around), requests)

    def _records(self, kind: Kind, messages: Sequence[Any], around: Sequence[Surrounded]) -> Batch:
        alike = _Alike(messages, self._context is not None and self._context.is_one(messages))
        found = self._read(kind, alike)
        if GAID in found:
            may = map(is_googles, *(alike.column(self._beside[path]) for path in (TRACKING, DEVICE_TYPE)))
            found[GAID] = [value if one else None for value, one in zip(found[GAID], may, strict=True)]
        for item in TIMES & set(found):
            found[item] = _happened(found[item], alike.column(self._beside[SENT]), around)
        for one in self._composed[kind]:
            parts = [alike.column(self._parts[path]) for path in one.paths]
            if any(map(is_borne, parts)):
                _fill(found, one.item, one.column(parts))
        lent = [item for item, _ in self._columns[kind] if item in TELLS]
        if lent:
            direct, *channels, library = (alike.column(self._beside[path]) for path in SENDER)
            servers = are_servers(direct, channels, library)
            for item in lent:
                _fill(found, item, told(item, around, servers))
        ids = [one if type(one) is str else message_id(one) for one in self._ids(messages)]
        return Batch(kind=kind, size=len(messages), columns=found, messages=ids, signals=self._signals(messages))

    def _read(self, kind: Kind, alike: _Alike) -> dict[Item, list[Value | None]]:
        """Columns of what the paths bear; of one context all of it is read at once."""
        messages, found = alike.messages, dict[Item, list[Value | None]]()
        if alike.have_one_context:
            told_once = self._of_context[kind](messages[0])
            found = {item: [value] * len(messages) for item, value in told_once if value is not None}
        for item, reading in self._columns[kind]:
            if alike.have_one_context and reading.of_context:
                continue
            column = reading.read(messages)
            if is_borne(column):
                found[item] = column
        return found

    def _signals(self, messages: Sequence[Any]) -> list[int] | None:
        """Of each message the purposes that its consent object refuses; what is not said refuses nothing."""
        masks = [0] * len(messages)
        for read, mask in self._refusals:
            masks = [old | mask if may is False else old for old, may in zip(masks, read(messages), strict=True)]
        return masks if any(masks) else None


def _is_of_context(paths: Iterable[str]) -> bool:
    return all(path.startswith("context.") for path in paths)


def _happened(
    told: Sequence[Value | None], sent: Sequence[Value | None], around: Sequence[Surrounded]
) -> list[Value | None]:
    """Times by the clock of whoever sends, which a message tells for itself or its batch for all."""
    if len(around) == 1 and not is_borne(sent):
        ((only, _),) = around
        return clock(only.sent, only.received)(told)
    each = [one for one, n in around for _ in range(n)]
    clocks = [one.sent if own is None else own for own, one in zip(sent, each, strict=True)]
    return each_happened(told, clocks, [one.received for one in each])


def _fill(found: dict[Item, list[Value | None]], item: Item, made: list[Value | None]) -> None:
    """A column that has these values where the body itself bears none."""
    column = found.get(item)
    filled = made if column is None else [told if one is None else one for one, told in zip(column, made, strict=True)]
    if is_borne(filled):
        found[item] = filled
