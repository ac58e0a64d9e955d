"""Plausible events: page views, and how long a page was looked at, without any identifier."""

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

import msgspec

from remit.policy.columns import Batch
from remit.policy.model import App
from remit.policy.plan import Plan
from remit.policy.words import Item, Kind, Value
from remit.wire.decoder import UNREADABLE, Row, bounded, shape, unneeded, walk
from remit.wire.protocol import OPEN, AppKey, Decode, Decoded, Problem, Protocol
from remit.wire.request import Reply, Request

KINDS = {"pageview": Kind.PAGE_VISIT, "engagement": Kind.PAGE_LEAVE}
PATHS: Mapping[str, tuple[str, ...]] = {"page.url": ("u", "url"), "page.referrer": ("r", "referrer")}
_DURATION = ("e",)
_EVENT_NAME = ("n", "name")
_DOMAIN = ("d", "domain")

PUBLISHED = frozenset(
    """
    n name u url d domain r referrer p props m meta h hashMode i interactive v w h e sd $.amount
    $.currency revenue.amount revenue.currency
    """.split()
)
_STATUS = {
    Problem.UNKNOWN_KEY: 400,
    Problem.MALFORMED: 400,
    Problem.TOO_LARGE: 413,
    Problem.TOO_MANY: 429,
    Problem.NO_ROOM: 503,
}
_TEXT = {"content-type": "text/plain; charset=utf-8"}
_OK = Reply(202, b"ok", _TEXT | OPEN)
_DROPPED = Reply(202, b"ok", _TEXT | OPEN | {"x-plausible-dropped": "1"})


class Plausible(Protocol):
    """``POST /api/event``, whatever content type its trackers claim."""

    name = "plausible"
    PUBLISHED = PUBLISHED

    def matches(self, method: str, path: str) -> bool:
        """The one endpoint."""
        return method == "POST" and path in ("/api/event", "/api/event/")

    def key(self, request: Request) -> AppKey | None:
        """The site's domain; the host of the page where no domain is given."""
        try:
            at = _KEY.at(request.body)
            domain = _first(at, _DOMAIN) or urlsplit(str(_first(at, PATHS["page.url"]) or "")).hostname
        except UNREADABLE:
            return None
        return AppKey(domain=domain.partition(",")[0].strip()) if isinstance(domain, str) else None

    def decoder(self, plan: Plan) -> Decode:
        """A struct of the few keys that the plan needs."""
        return _Decoder(self, plan).decode

    def refusal(self, problem: Problem) -> Reply:
        """The error shape of the vendor's validation."""
        later = {Problem.NO_ROOM: {"retry-after": "5"}, Problem.TOO_MANY: {"retry-after": "60"}}.get(problem, {})
        body = msgspec.json.encode({"errors": {"request": problem.value.replace("_", " ")}})
        return Reply(_STATUS[problem], body, {"content-type": "application/json"} | OPEN | later)

    def undeclared(self, request: Request, plan: Plan) -> list[str]:
        """Leaves that the event's kind of record does not need."""
        try:
            node = msgspec.json.decode(request.body)
        except UNREADABLE:
            return []
        kind = KINDS.get(str(walk(node, "n") or walk(node, "name")), Kind.EVENT)
        known = {*_EVENT_NAME, *_DOMAIN} | {
            path for item, paths in _items(kind).items() if Item(item) in plan.tables[kind].items for path in paths
        }
        return unneeded(node, frozenset(known))

    def example_path(self, body: bytes, app: App) -> str | None:
        """An object with a name and a page address."""
        del app
        try:
            node = msgspec.json.decode(body)
        except UNREADABLE:
            return None
        named = walk(node, "n") or walk(node, "name")
        return "/api/event" if named and (walk(node, "u") or walk(node, "url")) else None


def _items(kind: Kind) -> Mapping[str, tuple[str, ...]]:
    if kind is Kind.PAGE_LEAVE:
        return {**PATHS, "page.duration": _DURATION}
    return {**PATHS, "event.name": _EVENT_NAME} if kind is Kind.EVENT else PATHS


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


_KEY = _Reader([*_DOMAIN, *PATHS["page.url"]])


class _Decoder:
    def __init__(self, protocol: Plausible, plan: Plan) -> None:
        self._protocol, self._plan = protocol, plan
        kinds = {*KINDS.values(), Kind.EVENT}
        needed = {
            path
            for kind in kinds
            for item, paths in _items(kind).items()
            if Item(item) in plan.tables[kind].items
            for path in paths
        }
        self._reader = _Reader([*_EVENT_NAME, *PATHS["page.url"], *sorted(needed)])

    def decode(self, request: Request, _received: int) -> Decoded:
        """One record."""
        try:
            at = self._reader.at(self._protocol.text(request.body))
        except UNREADABLE as error:
            raise self._protocol.refuse(Problem.MALFORMED) from error
        name = _first(at, _EVENT_NAME)
        page = _first(at, PATHS["page.url"])
        if not (isinstance(name, str) and name and isinstance(page, str) and page):
            raise self._protocol.refuse(Problem.MALFORMED)
        if page.startswith("data:"):
            return Decoded([], _DROPPED)
        kind = KINDS.get(name, Kind.EVENT)
        values = {item: _first(at, paths) for item, paths in _items(kind).items()}
        values |= {"net.ip": request.peer or None, "net.user_agent": request.headers.get("user-agent")}
        duration = values.get("page.duration")
        if isinstance(duration, int | float) and not isinstance(duration, bool):
            values["page.duration"] = duration / 1000
        needed = self._plan.tables[kind].items
        columns = {Item(item): [value] for item, value in values.items() if value is not None and Item(item) in needed}
        return Decoded([Batch(kind=kind, size=1, columns=columns)], _OK)


def _first(at: Mapping[str, Value | None], paths: tuple[str, ...]) -> Value | None:
    return bounded(next((at[path] for path in paths if at.get(path) is not None), None))
