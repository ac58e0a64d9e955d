"""The console: pages for people, rendered on the server, without a request to anybody else."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates

from remit.console.backend import Backend, Daily, Totals
from remit.console.guard import GPC, Guard, Login, headers
from remit.console.languages import preferred
from remit.console.series import series
from remit.flows.sampling import NAMED_AFTER_BATCHES, RATES
from remit.policy.phrasebooks.shelf import book
from remit.policy.render.notice_html import language_links
from remit.policy.render.notice_style import STYLE
from remit.ports import SENT_ROWS_MAX

HERE = Path(__file__).parent
BODY_BYTES_MAX = 1024 * 1024
USED_LINK = "This link was used, or is another. Look at the terminal: starting remit prints a new one."
EXAMPLE_BODY = """{"batch": [
  {"type": "identify", "userId": "ada", "traits": {"email": "ada@example.org"}}
]}"""
HEADINGS = {
    400: "Too much",
    401: "Only with the link",
    403: "Not from there",
    404: "No such page",
    405: "Not like this",
    421: "Not under that name",
    503: "Not now",
}
WORDS = {
    400: f"That is more than the form takes: at most {BODY_BYTES_MAX >> 20} MiB.",
    404: "There is no such page on this console.",
    405: "The page is there, and is opened in another way.",
}
UNWRITTEN = (
    "Nobody is let in, because remit cannot write down that this link was used: make room on the disk of its keys"
    " folder, or let it write there, and open the link again."
)

Next = Callable[[Request], Awaitable[Response]]


class Pages:
    """One method per page."""

    def __init__(self, backend: Backend, guard: Guard) -> None:
        self._backend, self._guard = backend, guard
        self._templates = Jinja2Templates(HERE / "templates")
        self._templates.env.filters |= {"number": "{:,}".format, "words": _words}

    async def overview(self, request: Request) -> Response:
        """The two stores, the line between them, and today's numbers."""
        return await self._live_page(request, "overview.html")

    async def live(self, request: Request) -> Response:
        """The part of the overview that changes."""
        return await self._live_page(request, "live.html")

    async def spoken(self, request: Request) -> Response:
        """The numbers as one sentence, for people who listen: a slower pulse than the one for eyes."""
        return await self._live_page(request, "spoken.html")

    async def live_json(self, _request: Request) -> Response:
        """The chart's numbers."""
        return JSONResponse(series(await run_in_threadpool(self._backend.history)))

    async def sent(self, request: Request) -> Response:
        """What SDKs send, and how much of it anything needs."""
        found = await run_in_threadpool(self._backend.senders)
        (_, one_in), *_ = RATES
        told = {"one_in": one_in, "named_after": NAMED_AFTER_BATCHES, "most": SENT_ROWS_MAX}
        return self._page(request, "sent.html", senders=found, **told)

    async def try_form(self, request: Request) -> Response:
        """The empty form."""
        return self._page(request, "try.html", app=self._backend.apps[0] if self._backend.apps else "", body="")

    async def try_body(self, request: Request) -> Response:
        """What would happen to the pasted body. Nothing is stored."""
        async with request.form(max_part_size=BODY_BYTES_MAX) as form:
            app, body = str(form.get("app", "")), str(form.get("body", ""))
        try:
            lines = await run_in_threadpool(self._backend.trial, app, body.encode("utf-8", "surrogatepass"))
        except ValueError as error:
            return self._page(request, "try.html", app=app, body=body, problem=str(error))
        return self._page(request, "try.html", app=app, body=body, lines=lines)

    async def notice(self, request: Request) -> Response:
        """The notice that people read; public, in the language that they asked for or that their browser prefers."""
        known = self._backend.languages
        asked = request.query_params.get("language", "")
        language = asked if asked in known else preferred(request.headers.get("accept-language", ""), known)
        words = book(language)
        ways = [(one, f"/notice?language={one}") for one in known] if len(known) > 1 else []
        reply = self._page(
            request,
            "notice.html",
            notice=self._backend.notice(language),
            language=language,
            words=words,
            edition=words.edition.format(version=self._backend.version),
            languages=language_links(ways, language, words) if ways else "",
        )
        reply.headers.update({"vary": "accept-language", "content-language": language})
        return reply

    async def notice_style(self, _request: Request) -> Response:
        """How the notice looks; public, as it is."""
        return Response(STYLE, media_type="text/css")

    async def gpc(self, _request: Request) -> Response:
        """The GPC support resource; public."""
        return Response(self._backend.gpc(), media_type="application/json")

    async def login(self, request: Request) -> Response:
        """The one-time link."""
        try:
            reply = await run_in_threadpool(self._guard.login, request)
        except OSError:
            return self.refused(request, 503, UNWRITTEN)
        return reply or self.refused(request, 401, USED_LINK)

    async def healthz(self, _request: Request) -> Response:
        """Whether the house does its work, and else what keeps it from that."""
        trouble = await run_in_threadpool(self._backend.trouble)
        return PlainTextResponse(f"not ok: {trouble}", 503) if trouble else PlainTextResponse("ok")

    async def failed(self, request: Request, error: Exception) -> Response:
        """What the router or a form did not take, as a page."""
        assert isinstance(error, HTTPException), "it is registered for these"
        reply = self.refused(request, error.status_code, WORDS.get(error.status_code, error.detail))
        reply.headers.update(error.headers or {})
        return reply

    def refused(self, request: Request, status: int, words: str) -> Response:
        """A page that says why."""
        heading = HEADINGS.get(status, "Not here")
        return self._page(request, "refused.html", status=status, heading=heading, words=words)

    async def _live_page(self, request: Request, template: str) -> Response:
        totals, daily, trouble = await run_in_threadpool(self._live)
        dropped = sum(totals.dropped.values())
        return self._page(request, template, totals=totals, dropped=dropped, daily=daily, trouble=trouble)

    def _live(self) -> tuple[Totals, Daily, str | None]:
        return self._backend.totals(), self._backend.daily(), self._backend.trouble()

    def _page(self, request: Request, template: str, *, status: int = 200, **context: object) -> Response:
        shared = {
            "banner": self._backend.banner,
            "version": self._backend.version,
            "k": self._backend.k,
            "apps": self._backend.apps,
            "path": request.scope["path"],
            "operator": self._guard.knows(request),
            "example": EXAMPLE_BODY,
        }
        return self._templates.TemplateResponse(request, template, {**shared, **context}, status)


def _words(name: str) -> str:
    return name.replace("_", " ")


def console(
    backend: Backend,
    login: Login,
    *,
    hosts: frozenset[str],
    secure: bool = False,
) -> Starlette:
    """The application that ``login`` lets people into; ``hosts`` are the Host headers it answers to.

    ``secure`` says that browsers come by https, also where a proxy does the encryption.
    """
    guard = Guard(login, hosts, secure=secure)
    pages = Pages(backend, guard)

    async def guarded(request: Request, call_next: Next) -> Response:
        refusal = guard.refusal(request)
        reply = pages.refused(request, *refusal) if refusal else await call_next(request)
        reply.headers.update(headers(request))
        return reply

    return Starlette(
        routes=[
            Route("/", pages.overview),
            Route("/live", pages.live),
            Route("/live.json", pages.live_json),
            Route("/spoken", pages.spoken),
            Route("/sent", pages.sent),
            Route("/try", pages.try_form),
            Route("/try", pages.try_body, methods=["POST"]),
            Route("/notice", pages.notice),
            Route("/notice.css", pages.notice_style),
            Route(GPC, pages.gpc),
            Route("/login", pages.login),
            Route("/healthz", pages.healthz),
            Mount("/static", StaticFiles(directory=HERE / "static")),
        ],
        exception_handlers={HTTPException: pages.failed},
        middleware=[Middleware(BaseHTTPMiddleware, dispatch=guarded)],
    )
