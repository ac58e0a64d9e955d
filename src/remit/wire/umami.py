"""Umami events: page views, custom events and who somebody is, alone or several in a list."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from remit.policy.columns import Batch
from remit.policy.model import App
from remit.policy.plan import Plan
from remit.policy.words import Item, Kind, Value
from remit.wire.decoder import UNREADABLE, Field, Row, columns, field, shape, short, walk
from remit.wire.origins import Origin, Record, own, taken, within
from remit.wire.protocol import (
    JSON,
    LATER,
    OPEN,
    AppKey,
    Decode,
    Decoded,
    Protocol,
    Rejection,
    Skip,
    Stopping,
    statuses,
)
from remit.wire.request import Reply, Request
from remit.wire.route import posted
from remit.wire.sampled import Seen, seen

EVENTS_MAX = 2500
_SEND, _BATCH = "/api/send", "/api/batch"
_TYPE, _NAME, _SITE, _SCREEN = "type", "payload.name", "payload.website", "payload.screen"
_WIDTH, _HEIGHT, _IP, _AGENT = Item("screen.width"), Item("screen.height"), Item("net.ip"), Item("net.user_agent")
_COMMON = (
    field("account.id", "payload.id"),
    field("net.client_id", "payload.vid"),
    field("net.ip", "payload.ip"),
    field("net.user_agent", "payload.userAgent"),
    field("os.name", "payload.os"),
    field("locale", "payload.language"),
    field(_WIDTH, _SCREEN),
    field(_HEIGHT, _SCREEN),
)
_PAGE = (field("page.url", "payload.url"), field("page.referrer", "payload.referrer"))
FIELDS: Mapping[Kind, tuple[Field, ...]] = {
    Kind.PAGE_VISIT: (*_COMMON, *_PAGE),
    Kind.EVENT: (*_COMMON, *_PAGE, field("event.name", _NAME)),
    Kind.ACCOUNT: (
        *_COMMON,
        field("email", "payload.data.email"),
        field("phone", "payload.data.phone"),
        field("name", "payload.data.name"),
    ),
}
_OWN: Mapping[str, str] = {
    _TYPE: "says what the event tells of",
    _SITE: "says whose it is",
    _NAME: "says whether it is more than a page view",
}
"""What the protocol itself needs, and what for."""

PUBLISHED = frozenset(
    """
    type payload.website payload.link payload.pixel payload.hostname payload.url payload.referrer payload.title
    payload.screen payload.language payload.name payload.tag payload.id payload.vid payload.ip payload.userAgent
    payload.timestamp payload.browser payload.os payload.device payload.lcp payload.inp payload.cls payload.fcp
    payload.ttfb
    """.split()
)
_STATUS = statuses(unknown_key=400)


class Umami(Protocol):
    """``POST /api/send``, and ``/api/batch`` with a list of the same.

    The vendor's reply bears a ``cache`` that its tracker sends back, with a session in it. Nothing here needs it, and
    a tracker that gets none sends none.
    """

    name = "umami"
    routes = posted("`payload.website`; in a list, of the first", _SEND, _BATCH)
    PUBLISHED = PUBLISHED

    def key(self, request: Request) -> AppKey | None:
        """The id of the web site, a UUID."""
        try:
            website = next(iter(map(_WEBSITE.decode, _events(request)))).payload.website
        except (StopIteration, *UNREADABLE):
            return None
        return AppKey(website=website.lower()) if website else None

    def decoder(self, plan: Plan) -> Decode:
        """One struct for all types of event; a list is decoded at once."""
        return _Decoder(self, plan).decode

    def refusal(self, rejection: Rejection) -> Reply:
        """``{"error"}``, of which trackers read nothing: they send an event once."""
        body = msgspec.json.encode({"error": {"code": rejection.value, "message": rejection.value.replace("_", " ")}})
        return Reply(_STATUS[rejection], body, JSON | OPEN | LATER.get(rejection, {}))

    def stopping(self, plan: Plan) -> Stopping:
        """``disabled``, by which a tracker sends no more until its page is loaded again."""
        if any(_is_needed(plan, kind) for kind in FIELDS):
            return super().stopping(plan)

        def disabled(reply: Reply) -> Reply:
            body = msgspec.json.decode(reply.body) | {"disabled": True}
            return Reply(reply.status, msgspec.json.encode(body), reply.headers)

        return disabled

    def seen(self, request: Request, plan: Plan) -> Iterator[Seen | None]:
        """Leaves that each event's kind of record does not need."""
        mine = self.key(request)

        def needed(event: object) -> frozenset[str]:
            own = mine is None or _same_site(walk(event, _SITE), mine.website)
            kind = _kind(walk(event, _TYPE), walk(event, _NAME)) if own else None
            return frozenset([*_OWN, *(path for one in _fields(plan, kind) for path in one.paths)])

        for event in _events(request):
            yield from seen(event, needed)

    def origins(self, request: Request, plan: Plan) -> list[Origin]:
        """The paths of each event."""
        found, rows = list[Origin](), Counter[Kind]()
        events = [msgspec.json.decode(event) for event in _events(request)]
        for i, event in enumerate(events):
            place = within(f"[{i}]") if _is_list(request) else within("")
            found += own(_OWN.items(), place)
            kind = _kind(walk(event, _TYPE), walk(event, _NAME))
            if kind is None or not _same_site(walk(event, _SITE), walk(events[0], _SITE)):
                continue
            found += taken(event, _fields(plan, kind), Record(kind, rows[kind]), place=place)
            rows[kind] += 1
        return found

    def example_path(self, body: bytes, app: App) -> str | None:
        """Something with the id of a web site, or a list of such."""
        del app
        try:
            node = msgspec.json.decode(body)
        except UNREADABLE:
            return None
        several = isinstance(node, list)
        first = (node or [None])[0] if several else node
        return (_BATCH if several else _SEND) if walk(first, _SITE) else None


class _Payload(msgspec.Struct):
    website: str = ""


class _Website(msgspec.Struct):
    payload: _Payload


_WEBSITE = msgspec.json.Decoder(_Website)
_LIST = msgspec.json.Decoder(list[msgspec.Raw])


def _is_list(request: Request) -> bool:
    return request.path.rstrip("/") == _BATCH


def _events(request: Request) -> list[msgspec.Raw]:
    """The text of each event. Raises UNREADABLE."""
    return _LIST.decode(request.body) if _is_list(request) else [msgspec.Raw(request.body)]


def _kind(called: object, name: object) -> Kind | None:
    """The kind of record that an event is; None for what is none, such as how fast a page was."""
    if called == "identify":
        return Kind.ACCOUNT
    if called != "event":
        return None
    return Kind.PAGE_VISIT if name is None or name == "" else Kind.EVENT


def _fields(plan: Plan, kind: Kind | None) -> tuple[Field, ...]:
    return tuple(one for one in FIELDS[kind] if one.item in plan.tables[kind].items) if kind else ()


def _is_needed(plan: Plan, kind: Kind) -> bool:
    return plan.tables[kind].needs_any(one.item for one in FIELDS[kind])


def _side(screen: Value | None, at: int) -> Value | None:
    """Width or height of ``1920x1080``, in pixels; anything else stays what it is, and is no measure."""
    sides = screen.split("x") if isinstance(screen, str) else []
    return int(sides[at]) if len(sides) == 2 and all(one.isdecimal() and len(one) < 6 for one in sides) else screen


def _screen_split(item: Item, column: Sequence[Value | None]) -> list[Value | None]:
    """Both sides of a screen stand in one text."""
    return [_side(one, (_WIDTH, _HEIGHT).index(item)) for one in column]


class _Decoder:
    def __init__(self, protocol: Umami, plan: Plan) -> None:
        self._protocol = protocol
        self._fields = {kind: _fields(plan, kind) for kind in FIELDS}
        paths = [path for fields in self._fields.values() for one in fields for path in one.paths]
        self._shape = shape([*_OWN, *paths])
        self._one = msgspec.json.Decoder(self._shape.struct)
        several: Any = list[self._shape.struct]  # type: ignore[name-defined]  # a struct made at run time
        self._several: msgspec.json.Decoder[Any] = msgspec.json.Decoder(several)

    def decode(self, request: Request, _received: int) -> Decoded:
        """Columns by kind, in the order in which kinds first occur. Events of another site are none of this one."""
        try:
            rows = self._rows(self._protocol.text(request.body), request)
        except UNREADABLE as error:
            raise self._protocol.refuse(Rejection.MALFORMED) from error
        if not (rows and rows[0][1]):
            raise self._protocol.refuse(Rejection.MALFORMED)
        by_kind: dict[Kind, list[Row]] = {}
        skipped = Counter[Skip]()
        for row in rows:
            kind = _kind(row[0], row[2]) if _same_site(row[1], rows[0][1]) else None
            if kind is not None:
                by_kind.setdefault(kind, []).append(row)
            else:
                skipped[Skip.UNREAD] += 1
        batches = [self._batch(kind, found, request) for kind, found in by_kind.items()]
        return Decoded(batches, _told(rows, skipped, request), skipped)

    def _rows(self, body: bytes, request: Request) -> list[Row]:
        try:
            found = self._several.decode(body) if _is_list(request) else [self._one.decode(body)]
            rows = [self._shape.read(one) for one in found]
        except msgspec.ValidationError:
            rows = [self._shape.walk(one) for one in _events(request)]
        if len(rows) > EVENTS_MAX:
            raise self._protocol.refuse(Rejection.TOO_LARGE)
        return rows

    def _batch(self, kind: Kind, rows: Sequence[Row], request: Request) -> Batch:
        found = columns(self._fields[kind], self._shape.paths, rows)
        for item in found.keys() & {_WIDTH, _HEIGHT}:
            found[item] = _screen_split(item, found[item])
        around = {_IP: request.peer or None, _AGENT: request.headers.get("user-agent")}
        for one in self._fields[kind]:
            if (told := short(around.get(one.item))) is not None:
                column = found.get(one.item, [None] * len(rows))
                found[one.item] = [told if value is None else value for value in column]
        return Batch(kind=kind, size=len(rows), columns=found)


def _same_site(one: Value | None, other: Value | None) -> bool:
    return str(one or "").lower() == str(other or "").lower()


def _told(rows: Sequence[Row], skipped: Mapping[Skip, int], request: Request) -> Reply:
    """To a list, how much of it was taken."""
    if not _is_list(request):
        return Reply(200, b"{}", JSON | OPEN)
    errors = sum(skipped.values())
    told = {"size": len(rows), "processed": len(rows) - errors, "errors": errors, "details": []}
    return Reply(200, msgspec.json.encode(told), JSON | OPEN)
