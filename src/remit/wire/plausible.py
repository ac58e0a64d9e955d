"""Plausible events: page views, and how long a page was looked at, without any identifier."""

from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import urlsplit

import msgspec

from remit.policy.columns import Batch
from remit.policy.model import App
from remit.policy.plan import Plan
from remit.policy.words import Item, Kind, Value
from remit.wire.decoder import UNREADABLE, Field, Row, bounded, field, shape, short, walk
from remit.wire.origins import Origin, Record, own, taken, within
from remit.wire.protocol import LATER, OPEN, AppKey, Decode, Decoded, Protocol, Rejection, Skip, statuses
from remit.wire.request import Reply, Request
from remit.wire.route import posted
from remit.wire.sampled import Seen, seen

KINDS = {"pageview": Kind.PAGE_VISIT, "engagement": Kind.PAGE_LEAVE}
_NAME, _URL, _DOMAIN = ("n", "name"), ("u", "url"), ("d", "domain")
_PAGE = (field("page.url", *_URL), field("page.referrer", "r", "referrer"))
FIELDS: Mapping[Kind, tuple[Field, ...]] = {
    Kind.PAGE_VISIT: _PAGE,
    Kind.PAGE_LEAVE: (*_PAGE, field("page.duration", "e")),
    Kind.EVENT: (*_PAGE, field("event.name", *_NAME)),
}
_IP, _AGENT, _DURATION = Item("net.ip"), Item("net.user_agent"), Item("page.duration")
_OWN: Mapping[str, str] = {
    **dict.fromkeys(_NAME, "says what the event tells of"),
    **dict.fromkeys(_DOMAIN, "says whose it is"),
    **dict.fromkeys(_URL, "every event names a page"),
}
"""What the protocol itself needs, and what for."""

PUBLISHED = frozenset(
    """
    n name u url d domain r referrer p props m meta h hashMode i interactive v w h e sd $.amount
    $.currency revenue.amount revenue.currency
    """.split()
)
_STATUS = statuses(unknown_key=400)
_TEXT = {"content-type": "text/plain; charset=utf-8"}
_OK = Reply(202, b"ok", _TEXT | OPEN)
_DROPPED = Reply(202, b"ok", _TEXT | OPEN | {"x-plausible-dropped": "1"})


class Plausible(Protocol):
    """``POST /api/event``, whatever content type its trackers claim."""

    name = "plausible"
    routes = posted("the first domain of `d` or `domain`, else the host of the page", "/api/event")
    PUBLISHED = PUBLISHED

    def key(self, request: Request) -> AppKey | None:
        """The site's domain; the host of the page where no domain is given."""
        try:
            at = _KEY.at(request.body)
            domain = _first(at, _DOMAIN) or urlsplit(str(_first(at, _URL) or "")).hostname
        except UNREADABLE:
            return None
        return AppKey(domain=domain.partition(",")[0].strip()) if isinstance(domain, str) else None

    def decoder(self, plan: Plan) -> Decode:
        """A struct of the few keys that the plan needs."""
        return _Decoder(self, plan).decode

    def refusal(self, rejection: Rejection) -> Reply:
        """The error shape of the vendor's validation."""
        body = msgspec.json.encode({"errors": {"request": rejection.value.replace("_", " ")}})
        return Reply(_STATUS[rejection], body, {"content-type": "application/json"} | OPEN | LATER.get(rejection, {}))

    def seen(self, request: Request, plan: Plan) -> Iterator[Seen | None]:
        """Leaves that the event's kind of record does not need."""

        def needed(node: object) -> frozenset[str]:
            kind = KINDS.get(str(_found(node, _NAME)), Kind.EVENT)
            return frozenset([*_OWN, *(path for one in _fields(plan, kind) for path in one.paths)])

        return seen(request.body, needed)

    def origins(self, request: Request, plan: Plan) -> list[Origin]:
        """The few keys of the one event."""
        node = msgspec.json.decode(request.body)
        found = list(own(_OWN.items(), within("")))
        if not str(_found(node, _URL)).startswith("data:"):
            kind = KINDS.get(str(_found(node, _NAME)), Kind.EVENT)
            found += taken(node, _fields(plan, kind), Record(kind, 0), place=within(""))
        return found

    def example_path(self, body: bytes, app: App) -> str | None:
        """An object with a name and a page address."""
        del app
        try:
            node = msgspec.json.decode(body)
        except UNREADABLE:
            return None
        return "/api/event" if _found(node, _NAME) and _found(node, _URL) else None


def _fields(plan: Plan, kind: Kind) -> tuple[Field, ...]:
    return tuple(one for one in FIELDS[kind] if one.item in plan.tables[kind].items)


def _found(node: object, paths: tuple[str, ...]) -> Value | None:
    return _first({path: walk(node, path) for path in paths}, paths)


class _Reader:
    """Reads the few keys of one event, fast where its types are right."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._shape = shape(paths)
        self._decoder = msgspec.json.Decoder(self._shape.struct)

    def at(self, body: bytes) -> Mapping[str, Value | None]:
        return dict(zip(self._shape.paths, self._row(body), strict=True))

    def _row(self, body: bytes) -> Row:
        try:
            return self._shape.read(self._decoder.decode(body))
        except msgspec.ValidationError:
            return self._shape.walk(msgspec.Raw(body))


_KEY = _Reader([*_DOMAIN, *_URL])


class _Decoder:
    def __init__(self, protocol: Plausible, plan: Plan) -> None:
        self._protocol = protocol
        self._wanted = {kind: plan.tables[kind].items for kind in FIELDS}
        self._fields = {kind: _fields(plan, kind) for kind in FIELDS}
        needed = {path for fields in self._fields.values() for one in fields for path in one.paths}
        self._reader = _Reader([*_NAME, *_URL, *sorted(needed)])

    def decode(self, request: Request, _received: int) -> Decoded:
        """One record."""
        try:
            at = self._reader.at(self._protocol.text(request.body))
        except UNREADABLE as error:
            raise self._protocol.refuse(Rejection.MALFORMED) from error
        name = _first(at, _NAME)
        page = _first(at, _URL)
        if not (isinstance(name, str) and name and isinstance(page, str) and page):
            raise self._protocol.refuse(Rejection.MALFORMED)
        if page.startswith("data:"):
            return Decoded([], _DROPPED, {Skip.NO_RECORD: 1})
        kind = KINDS.get(name, Kind.EVENT)
        values = {one.item: _first(at, one.paths) for one in self._fields[kind]}
        duration = values.get(_DURATION)
        if isinstance(duration, int | float) and not isinstance(duration, bool):
            values[_DURATION] = duration / 1000
        around = {_IP: request.peer or None, _AGENT: request.headers.get("user-agent")}
        values |= {item: value for item, value in around.items() if item in self._wanted[kind]}
        columns = {item: [short(value)] for item, value in values.items() if value is not None}
        return Decoded([Batch(kind=kind, size=1, columns=columns)], _OK)


def _first(at: Mapping[str, Value | None], paths: tuple[str, ...]) -> Value | None:
    return bounded(next((at[path] for path in paths if at.get(path) is not None), None))
