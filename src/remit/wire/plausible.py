"""Plausible events: page views, and how long a page was looked at, without any identifier."""

from collections.abc import Mapping
from urllib.parse import urlsplit

import msgspec

from remit.policy.columns import Batch
from remit.policy.model import App
from remit.policy.plan import Plan
from remit.policy.words import Item, Kind, Value
from remit.wire.decoder import bounded, leaves, shape, walk
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
_STATUS = {Problem.UNKNOWN_KEY: 400, Problem.MALFORMED: 400, Problem.TOO_LARGE: 413, Problem.NO_ROOM: 503}
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
            node = msgspec.json.decode(request.body, type=dict[str, msgspec.Raw])
            domain = _text(node, _DOMAIN) or urlsplit(_text(node, PATHS["page.url"])).hostname
        except (msgspec.DecodeError, RecursionError, ValueError):
            return None
        return AppKey(domain=domain.partition(",")[0].strip()) if domain else None

    def decoder(self, plan: Plan) -> Decode:
        """A struct of the few keys that the plan needs."""
        return _Decoder(self, plan).decode

    def refusal(self, problem: Problem) -> Reply:
        """The error shape of the vendor's validation."""
        again = {"retry-after": "5"} if problem is Problem.NO_ROOM else {}
        body = msgspec.json.encode({"errors": {"request": problem.value.replace("_", " ")}})
        return Reply(_STATUS[problem], body, {"content-type": "application/json"} | OPEN | again)

    def undeclared(self, request: Request, plan: Plan) -> list[str]:
        """Leaves that the event's kind of record does not need."""
        try:
            node = msgspec.json.decode(request.body)
        except (msgspec.DecodeError, RecursionError):
            return []
        kind = KINDS.get(str(walk(node, "n") or walk(node, "name")), Kind.EVENT)
        known = {*_EVENT_NAME, *_DOMAIN} | {
            path for item, paths in _items(kind).items() if Item(item) in plan.tables[kind].items for path in paths
        }
        return [path for path in leaves(node) if path not in known]

    def example_path(self, body: bytes, app: App) -> str | None:
        """An object with a name and a page address."""
        del app
        try:
            node = msgspec.json.decode(body)
        except (msgspec.DecodeError, RecursionError):
            return None
        named = walk(node, "n") or walk(node, "name")
        return "/api/event" if named and (walk(node, "u") or walk(node, "url")) else None


def _text(node: Mapping[str, msgspec.Raw], names: tuple[str, ...]) -> str:
    for name in names:
        if name in node:
            return msgspec.json.decode(node[name], type=str)
    return ""


def _items(kind: Kind) -> Mapping[str, tuple[str, ...]]:
    if kind is Kind.PAGE_LEAVE:
        return {**PATHS, "page.duration": _DURATION}
    return {**PATHS, "event.name": _EVENT_NAME} if kind is Kind.EVENT else PATHS


class _Decoder:
    def __init__(self, protocol: Plausible, plan: Plan) -> None:
        self._protocol, self._plan = protocol, plan
        paths = [*_EVENT_NAME, *_DOMAIN, *_DURATION, *(path for paths in PATHS.values() for path in paths)]
        self._shape = shape(paths)
        self._decoder = msgspec.json.Decoder(self._shape.struct)

    def decode(self, request: Request, _received: int) -> Decoded:
        """One record."""
        try:
            row = self._row(request.body)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            raise self._protocol.refuse(Problem.MALFORMED) from error
        at = dict(zip(self._shape.paths, row, strict=True))
        name = _first(at, _EVENT_NAME)
        page = _first(at, PATHS["page.url"])
        if not isinstance(name, str) or not name:
            raise self._protocol.refuse(Problem.MALFORMED)
        if isinstance(page, str) and page.startswith("data:"):
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

    def _row(self, body: bytes) -> tuple[Value | None, ...]:
        try:
            return self._shape.read(self._decoder.decode(body))
        except msgspec.ValidationError:
            node = msgspec.json.decode(body)
            return tuple(walk(node, path) for path in self._shape.paths)


def _first(at: Mapping[str, Value | None], paths: tuple[str, ...]) -> Value | None:
    return bounded(next((at[path] for path in paths if at[path] is not None), None))
