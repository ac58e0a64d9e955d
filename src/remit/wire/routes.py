"""Path -> protocol. Adding a protocol is one file and one line here."""

from remit.wire.openapi import DOCUMENT_PATH
from remit.wire.plausible import Plausible
from remit.wire.protocol import OPEN, Protocol
from remit.wire.records import Records
from remit.wire.request import Reply
from remit.wire.segment import Segment
from remit.wire.sentry import Sentry

PROTOCOLS: tuple[Protocol, ...] = (Segment(), Sentry(), Plausible(), Records())
"""Every protocol; at most one matches a request."""

_METHODS = ("GET", "POST")
PLAIN = {"content-type": "text/plain; charset=utf-8"}
_PREFLIGHT = Reply(
    204,
    b"",
    OPEN
    | {
        "access-control-allow-methods": "GET, POST, OPTIONS",
        "access-control-allow-headers": ("authorization, content-type, content-encoding, x-sentry-auth, sentry-trace"),
        "access-control-max-age": "86400",
    },
)


def protocol_for(method: str, path: str) -> Protocol | None:
    """The protocol that claims this request, if any."""
    return next((protocol for protocol in PROTOCOLS if protocol.matches(method, path)), None)


def elsewhere(path: str) -> Reply:
    """The answer where no protocol claims a request: the methods that the path has, or that there is nothing."""
    methods = [method for method in _METHODS if protocol_for(method, path) or (method, path) == ("GET", DOCUMENT_PATH)]
    if not methods:
        return Reply(404, b"no protocol here; see the docs for routes", PLAIN | OPEN)
    return Reply(405, b"not by this method", PLAIN | OPEN | {"allow": ", ".join([*methods, "OPTIONS"])})


def preflight() -> Reply:
    """The answer to a browser that asks whether it may send."""
    return _PREFLIGHT
