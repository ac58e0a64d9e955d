"""Who may see the console: one operator, through a link that works once."""

import hmac
import secrets

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

COOKIE = "remit_operator"
HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
        " form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "cache-control": "no-store",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
}
PUBLIC = frozenset({"/healthz", "/notice", "/login"})


class Guard:
    """Hosts that may be named, the one-time link, and the session it buys."""

    def __init__(self, token: str, hosts: frozenset[str]) -> None:
        self._token: str | None = token
        self._session = secrets.token_urlsafe(32)
        self._hosts = hosts

    def refusal(self, request: Request) -> tuple[int, str] | None:
        """Status and words for a request that may not pass; None when it may."""
        host = request.headers.get("host", "")
        if request.url.path != "/healthz" and host not in self._hosts:
            return 421, "This console does not answer to that host name."
        if request.method == "POST" and request.headers.get("origin", "") != f"{request.url.scheme}://{host}":
            return 403, "Forms are only taken from the console's own pages."
        if request.url.path in PUBLIC or request.url.path.startswith("/static/"):
            return None
        if not hmac.compare_digest(request.cookies.get(COOKIE, ""), self._session):
            return 401, "Open the link that remit printed in the terminal when it started."
        return None

    def login(self, request: Request) -> Response | None:
        """The session for the link's first visitor; None for everybody else."""
        given, token = request.query_params.get("token", ""), self._token
        if token is None or not hmac.compare_digest(given, token):
            return None
        self._token = None
        reply = RedirectResponse("/", 303)
        secure = request.url.scheme == "https"
        reply.set_cookie(COOKIE, self._session, httponly=True, samesite="strict", secure=secure)
        return reply
