"""Who may see the console: one operator, through a link that works once."""

import hmac
from dataclasses import dataclass
from typing import Protocol

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

COOKIE = "remit_operator"
HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
        " form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
}
FORMS = frozenset({"/try"})
"""Pages with a form: under ``no-referrer`` a browser posts with the origin ``null``, which we refuse."""
GPC = "/.well-known/gpc.json"
PUBLIC = frozenset({"/healthz", "/notice", "/notice.css", "/login", GPC})


class UsedLink(Protocol):
    """Remembers that the link was used, whatever restarts."""

    def first(self, token: str) -> bool:
        """True for the first use of a token, which is on disk when this returns. Raises OSError if it cannot be."""
        ...


@dataclass(frozen=True, slots=True, repr=False)
class Login:
    """The token of the one-time link, the session that it buys, and whether it did."""

    token: str
    session: str
    used: UsedLink

    def __post_init__(self) -> None:
        assert self.token, "whoever sends nothing would know it"
        assert self.session, "whoever sends nothing would know it"


class Guard:
    """Hosts that may be named, the one-time link, and the session it buys."""

    def __init__(self, login: Login, hosts: frozenset[str], *, secure: bool) -> None:
        self._login = login
        # Said, not seen: behind a proxy a request arrives by http, and its headers are anybody's words.
        self._hosts, self._secure, self._scheme = hosts, secure, "https" if secure else "http"

    def refusal(self, request: Request) -> tuple[int, str] | None:
        """Status and words for a request that may not pass; None when it may."""
        host, path = request.headers.get("host", ""), _path(request)
        if path != "/healthz" and host.lower() not in self._hosts:
            return 421, "This console does not answer to that host name."
        if request.method == "POST" and request.headers.get("origin", "") != f"{self._scheme}://{host}":
            return 403, "Forms are only taken from the console's own pages."
        if path == "/login" and request.method != "GET":  # who checks links asks for the head, and would use it up
            return 405, "Open this link in a browser: it works once."
        if path in PUBLIC or path.startswith("/static/"):
            return None
        if not self.knows(request):
            return 401, "Look at the terminal: remit printed a link to this console there when it started."
        return None

    def knows(self, request: Request) -> bool:
        """Whether it bears the operator's session."""
        return _same(request.cookies.get(COOKIE, ""), self._login.session)

    def login(self, request: Request) -> Response | None:
        """The session for the link's first visitor; None for everybody else. Raises OSError when it cannot be one."""
        if not _same(request.query_params.get("token", ""), self._login.token):
            return None
        if not self._login.used.first(self._login.token):
            return None
        reply = RedirectResponse("/", 303)
        reply.set_cookie(COOKIE, self._login.session, httponly=True, samesite="strict", secure=self._secure)
        return reply


def headers(request: Request) -> dict[str, str]:
    """What every reply bears, refusals included."""
    return HEADERS | {"referrer-policy": "same-origin"} if _path(request) in FORMS else HEADERS


def _path(request: Request) -> str:
    """The path that is routed, not the one that a URL built from the Host header would show."""
    return str(request.scope["path"])


def _same(given: str, secret: str) -> bool:
    """Compared as bytes: what a stranger sends need not be ASCII."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), secret.encode())
