"""Method and path -> protocol. Adding a protocol is one file and one line here."""

from collections.abc import Iterator, Mapping
from itertools import groupby

from remit.policy.render.page import Tables
from remit.wire.openapi import DOCUMENT_PATH
from remit.wire.otlp import Otlp
from remit.wire.plausible import Plausible
from remit.wire.posthog import PostHog
from remit.wire.protocol import OPEN, Protocol, Rejection
from remit.wire.records import Records
from remit.wire.request import Reply
from remit.wire.segment import Segment
from remit.wire.sentry import Sentry
from remit.wire.umami import Umami

PROTOCOLS: tuple[Protocol, ...] = (Umami(), Segment(), Sentry(), Plausible(), PostHog(), Otlp(), Records())
"""Every protocol; at most one matches a request. A body alone is of the first that finds records in it."""

_METHODS = ("GET", "POST")
PLAIN = {"content-type": "text/plain; charset=utf-8"}
_PREFLIGHT = Reply(
    204,
    b"",
    OPEN
    | {
        "access-control-allow-methods": "GET, POST, OPTIONS",
        "access-control-allow-headers": (
            "authorization, content-type, content-encoding, x-sentry-auth, sentry-trace, x-umami-cache, x-remit-key, "
            "x-write-key, x-retry-count, anonymousid, remit-choice"
        ),
        "access-control-max-age": "86400",
    },
)


_PLAIN: Mapping[tuple[str, str], Protocol] = {
    (route.method, route.path): protocol for protocol in PROTOCOLS for route in protocol.routes if route.is_plain
}
_OTHERS = [(route, protocol) for protocol in PROTOCOLS for route in protocol.routes if not route.is_plain]


def protocol_for(method: str, path: str) -> Protocol | None:
    """The protocol that claims this request, if any."""
    plain = _PLAIN.get((method, path.removesuffix("/")))
    return plain or next((protocol for route, protocol in _OTHERS if route.takes(method, path)), None)


def elsewhere(path: str) -> Reply:
    """The answer where no protocol claims a request: the methods that the path has, or that there is nothing."""
    methods = [method for method in _METHODS if protocol_for(method, path) or (method, path) == ("GET", DOCUMENT_PATH)]
    if not methods:
        return Reply(404, b"no protocol here; see the docs for routes", PLAIN | OPEN)
    return Reply(405, b"not by this method", PLAIN | OPEN | {"allow": ", ".join([*methods, "OPTIONS"])})


def preflight() -> Reply:
    """The answer to a browser that asks whether it may send."""
    return _PREFLIGHT


def _table() -> Iterator[str]:
    """Every route; those of one protocol that say in the same way whose a request is, in one row."""
    yield "| Route | Protocol | Whose it is |"
    yield "|---|---|---|"
    for protocol in PROTOCOLS:
        for (method, whose), routes in groupby(protocol.routes, lambda route: (route.method, route.whose)):
            paths = ", ".join(f"`{route.path}`" for route in routes)
            yield f"| {method} {paths} | `{protocol.name}` | {whose} |"


def _statuses() -> Iterator[str]:
    """With which status each protocol refuses."""
    yield f"| Protocol | {' | '.join(Rejection)} |"
    yield "|---" * (1 + len(Rejection)) + "|"
    for protocol in PROTOCOLS:
        yield f"| `{protocol.name}` | {' | '.join(str(protocol.refusal(one).status) for one in Rejection)} |"


MADE: Tables = {"routes": _table, "statuses": _statuses}
"""What writes each block of docs/routes.md, by the name in its mark."""
