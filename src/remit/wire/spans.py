"""Requests over the network, as the spans of a Sentry client tell them: those that a program sent or answered."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from remit.policy.catalogue import CATALOGUE
from remit.policy.plan import Plan
from remit.policy.words import Item, Kind, Value
from remit.wire import parts
from remit.wire.decoder import Field, Leaf, Row, field, walk
from remit.wire.events import EventContext
from remit.wire.origins import Origin, Place, Record, own, within
from remit.wire.parts import About, FieldTable, ItemReader, Listed, ToldRecord, Values, begun, mended, paths
from remit.wire.sampled import Seen, is_small

CLIENT, SERVER = "http.client", "http.server"
_ERRORS_FROM = {CLIENT: 400, SERVER: 500}
"""From which status on a request failed, by what a span is: a server that says 404 did what it should."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WENT_WELL = ("ok", "cancelled", "unknown", "unset")
"""What spans say of requests that did not fail, where they know no status of HTTP."""
URL, METHOD, STATUS = Item("request.url"), Item("request.method"), Item("request.status")
DURATION, COUNT, FAILED = Item("request.duration"), Item("request.count"), Item("request.errors")
"""Beside the fields of a span: how long it took, 1, and 1 if it failed, else 0."""


class Where(NamedTuple):
    """Paths of what one form of a span says of itself: what it is, its id, how it went, when it began and ended."""

    op: str
    message: str
    status: str
    began: str
    ended: str

    def needed(self, items: frozenset[Item]) -> tuple[str, ...]:
        """Those that are read for a record with these items."""
        went = [self.status] if FAILED in items else []
        times = [self.began, self.ended] if DURATION in items else []
        return (self.op, self.message, *went, *times)


CHILD = Where("op", "span_id", "status", "start_timestamp", "timestamp")
"""A span within a transaction."""
CHILD_FIELDS = (
    field("request.url", "data.url", r"data.url\.full", r"data.http\.url"),
    field("request.method", r"data.http\.request\.method", r"data.http\.method", "data.method"),
    field("request.status", r"data.http\.response\.status_code", r"data.http\.status_code", r"tags.http\.status_code"),
)
ROOT = Where("contexts.trace.op", "event_id", "contexts.trace.status", "start_timestamp", "timestamp")
"""A transaction itself."""
ROOT_FIELDS = (
    field("request.url", "request.url", r"contexts.trace.data.url\.full", "contexts.trace.data.url"),
    field("request.method", "request.method", *(f"contexts.trace.{path}" for path in CHILD_FIELDS[1].paths[:2])),
    field(
        "request.status",
        "contexts.response.status_code",
        *(f"contexts.trace.{path}" for path in CHILD_FIELDS[2].paths[:2]),
    ),
)
ALONE = Where(r"attributes.sentry\.op.value", "span_id", "status", "start_timestamp", "end_timestamp")
"""A span of the second version, which comes without a transaction."""


def attribute(item: str, *names: str) -> Field:
    """A field whose paths are attributes of a span or a log."""
    return field(item, *(f"attributes.{name.replace('.', chr(92) + '.')}.value" for name in names))


AROUND = (
    attribute("account.id", "user.id"),
    attribute("email", "user.email"),
    attribute("net.ip", "user.ip_address"),
    attribute("os.name", "os.name"),
    attribute("os.version", "os.version"),
    attribute("device.manufacturer", "device.brand"),
    attribute("device.model", "device.model"),
    attribute("app.version", "sentry.release"),
)
"""What a span or a log that comes without an event tells of whose it is."""
ALONE_FIELDS = (
    attribute("request.url", "url.full", "url.path", "http.url", "url"),
    attribute("request.method", "http.request.method", "http.method"),
    attribute("request.status", "http.response.status_code", "http.status_code"),
    *AROUND,
)


def _of_spans(fields: Sequence[Field], items: frozenset[Item]) -> tuple[Field, ...]:
    """Those that a plan needs: whether a request failed is said by its status, whoever else needs that."""
    return tuple(one for one in fields if one.item in items or (one.item == STATUS and FAILED in items))


def _request(said: Mapping[str, Leaf], at: Where, values: Values) -> Values:
    """The values of a request: of its fields, and what is made of what it says of itself."""
    began, ended = _seconds(said.get(at.began)), _seconds(said.get(at.ended))
    if began is not None and ended is not None:
        values[DURATION] = ended - began
    values[COUNT] = 1
    values[FAILED] = int(_failed(str(said[at.op]), _status(values.get(STATUS)), said.get(at.status)))
    return values


def _status(value: Value | None) -> int | None:
    known = "" if value is None else CATALOGUE[STATUS].form(value)
    return int(known) if known else None


def _failed(op: str, status: int | None, went: Leaf) -> bool:
    if status is not None:
        return status >= _ERRORS_FROM[op]
    return isinstance(went, str) and went not in _WENT_WELL


def _seconds(at: Leaf) -> float | None:
    """Seconds since 1970, which clients write as a number or as a text."""
    if isinstance(at, int | float) and not isinstance(at, bool):
        return at
    try:
        return (datetime.fromisoformat(str(at)) - _EPOCH).total_seconds() if isinstance(at, str) else None
    except (ValueError, TypeError):  # no time, or one that does not say of which zone
        return None


def _is_request(op: object) -> bool:
    return isinstance(op, str) and op in _ERRORS_FROM


class _Spans:
    """One form of a span under one plan."""

    def __init__(self, plan: Plan, at: Where, fields: Sequence[Field]) -> None:
        self.at, self.wanted = at, plan.tables[Kind.REQUEST].items
        self.fields = _of_spans(fields, self.wanted)
        self.own = at.needed(self.wanted)

    def needed(self, node: object) -> frozenset[str]:
        """Paths of a span that are read."""
        if not _is_request(walk(node, self.at.op)):
            return frozenset({self.at.op})
        return frozenset([*self.own, *paths(self.fields)])

    def request(self, read: Row, values: Values) -> Values | None:
        """What a span that is a request came to; its id is read beside it."""
        said = dict(zip(self.own, read, strict=False))
        return _request(said, self.at, values) if _is_request(said[self.at.op]) else None

    def origins(self, node: object, record: Record, *, place: Place) -> Iterator[Origin]:
        """What each path of a request was read for."""
        at, wanted = self.at, self.wanted
        yield from own([(at.message, "tells a repeat")], place)
        yield Origin(place(at.op), "", COUNT, record) if COUNT in wanted else Origin(place(at.op), _WHAT)
        if DURATION in wanted:
            whole = all(_seconds(walk(node, path)) is not None for path in (at.began, at.ended))
            yield Origin(place(at.began), "says when a request began")
            yield Origin(place(at.ended), "" if whole else "its beginning is missing", DURATION, record)
        status = next(iter(self._bearing(node, STATUS)), None)
        if FAILED in wanted:
            counts = status if status is not None and _status(walk(node, status)) else None
            counts = counts or (at.status if isinstance(walk(node, at.status), str) else at.op)
            yield Origin(place(counts), "", FAILED, record)
            yield from own([(at.status, _WENT)] if counts != at.status else [], place)
        if STATUS not in wanted:
            yield from own(((path, _WENT) for path in self._bearing(node, STATUS)), place)
        fields = [one for one in self.fields if one.item in wanted]
        yield from parts.origins(node, fields, record, place=place)

    def _bearing(self, node: object, item: Item) -> list[str]:
        named = [path for one in self.fields if one.item == item for path in one.paths]
        return [path for path in named if walk(node, path) is not None]


_WHAT, _WENT = "says what a span is", "says whether a request failed"


class Transactions(ItemReader):
    """Items of type ``transaction``: itself, and the spans within it, each of which may be a request."""

    def __init__(self, plan: Plan) -> None:
        self._around = EventContext(plan, Kind.REQUEST)
        self._root = _Spans(plan, ROOT, ROOT_FIELDS)
        self._child = _Spans(plan, CHILD, CHILD_FIELDS)
        child = FieldTable(self._child.fields, self._child.own)
        own = (*self._around.own, *self._root.own)
        self._listed = Listed("spans", child, around=(*self._around.fields, *self._root.fields), own=own)
        self._of_root = frozenset(one.item for one in ROOT_FIELDS)

    def told(self, payload: bytes, about: About) -> Iterator[ToldRecord]:
        """A record for each request; whose it is, the transaction tells."""
        read, values, spans = self._listed.read(payload)
        around = mended(self._around.without_nobody(read, values), about.peer)
        lent = {item: value for item, value in around.items() if item not in self._of_root}
        own = read[len(self._around.own) :]
        root = self._root.request(own, around)
        if root is not None:
            yield ToldRecord(Kind.REQUEST, root, about.event_id or own[1])
        for said, inner in spans:
            request = self._child.request(said, inner)
            if request is not None:
                yield ToldRecord(Kind.REQUEST, lent | request, said[1])

    def seen(self, payload: bytes, about: About) -> Iterator[Seen | None]:
        """Around the spans, what the first request needs; of each span, what it needs itself."""
        del about
        node = msgspec.json.decode(payload) if is_small(payload) else None
        around = self._needed(node) if node is not None else ()
        yield from self._listed.seen(payload, around, self._child.needed)

    def _needed(self, node: object) -> list[str]:
        inner = [one for one, _ in self._listed.objects(node, within(""))]
        root = _is_request(walk(node, ROOT.op))
        if not root and not any(_is_request(walk(one, CHILD.op)) for one in inner):
            return [ROOT.op]
        return [ROOT.op, *self._around.own, *paths(self._around.fields), *(self._root.needed(node) if root else ())]

    def origins(self, node: Any, about: About, rows: Counter[Kind], *, place: Place) -> Iterator[Origin]:
        """Of itself, and of each span; what stands around them was read for each."""
        del about
        inner = [(self._child, one, at) for one, at in self._listed.objects(node, place)]
        for spans, one, at in [(self._root, node, place), *inner]:
            if _is_request(walk(one, spans.at.op)):
                record = begun(rows, Kind.REQUEST)
                yield from self._around.origins(node, self._around.fields, record, place=place)
                yield from spans.origins(one, record, place=at)
            else:
                yield Origin(at(spans.at.op), _WHAT)


class SpanItems(ItemReader):
    """Items of type ``span``: spans of the second version, in one list."""

    def __init__(self, plan: Plan) -> None:
        self._span = _Spans(plan, ALONE, ALONE_FIELDS)
        self._listed = Listed("items", FieldTable(self._span.fields, self._span.own))

    def told(self, payload: bytes, about: About) -> Iterator[ToldRecord]:
        """A record for each request."""
        for read, values in self._listed.read(payload)[2]:
            request = self._span.request(read, mended(values, about.peer))
            if request is not None:
                yield ToldRecord(Kind.REQUEST, request, read[1])

    def seen(self, payload: bytes, about: About) -> Iterator[Seen | None]:
        """Of each span, what it needs itself."""
        del about
        return self._listed.seen(payload, (), self._span.needed)

    def origins(self, node: Any, about: About, rows: Counter[Kind], *, place: Place) -> Iterator[Origin]:
        """Of each span that is a request."""
        del about
        for one, at in self._listed.objects(node, place):
            if _is_request(walk(one, ALONE.op)):
                yield from self._span.origins(one, begun(rows, Kind.REQUEST), place=at)
            else:
                yield Origin(at(ALONE.op), _WHAT)
