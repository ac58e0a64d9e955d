"""The console in a real browser, and what it refuses without one."""

import os
import shutil
import threading
from collections.abc import Iterator, Sequence

import httpx
import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect, sync_playwright

from remit.console.app import console
from remit.console.backend import ActiveUsers, Moment, Totals
from remit.flows.trial import Line

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
)
TOKEN = "once-and-never-again"  # the tests' own


class MemoryBackend:
    """A house of numbers."""

    banner, version, k = "A demonstration", 3, 5
    apps: tuple[str, ...] = ("shop-web",)

    def __init__(self) -> None:
        self.records = 41

    def totals(self) -> Totals:
        self.records += 1
        return Totals(self.records, 7, 8, 9, {"no_consent": 5, "refused": 6}, {"malformed": 1})

    def history(self) -> Sequence[Moment]:
        return [Moment(at, at % 3, at % 5, 1, 2) for at in range(0, 300, 5)]

    def active(self) -> Sequence[ActiveUsers]:
        return [ActiveUsers("shop-web", None), ActiveUsers("shop-android", 12)]

    def notice(self) -> str:
        return "<h1>What information we collect</h1>"

    def trial(self, app: str, body: bytes) -> Sequence[Line]:
        if not body:
            raise ValueError("nothing to read")
        return [
            Line(body.decode(), "", "dropped", "undeclared", None, "undeclared"),
            Line(app, "", "kept", "x", 4, None),
        ]


class Server:
    """The console on a free port."""

    def __init__(self) -> None:
        config = uvicorn.Config("x:y", port=0, log_level="critical")
        socket = config.bind_socket()
        self.host = f"127.0.0.1:{socket.getsockname()[1]}"
        app = console(MemoryBackend(), token=TOKEN, hosts=frozenset({self.host}))
        self.server = uvicorn.Server(uvicorn.Config(app, log_level="critical"))
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [socket]}, daemon=True)
        self.thread.start()

    def url(self, path: str) -> str:
        return f"http://{self.host}{path}"

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    assert path, "no Chromium: run `make test`, which finds or installs one"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS.split())
        yield browser
        browser.close()


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.stop()


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    """The overview, as the operator sees it; any complaint of the browser or foreign request fails the test."""
    context = browser.new_context()
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: complaints.append(request.url) if server.host not in request.url else None)
    page.goto(server.url(f"/login?token={TOKEN}"))
    yield page
    context.close()
    assert [] == complaints


@pytest.mark.browser
def test_numbers_move_by_themselves(page: Page) -> None:
    """The overview follows the counters without being loaded again."""
    figure = page.locator("[data-figure=records]")
    before = figure.inner_text()
    expect(figure).not_to_have_text(before, timeout=10_000)


@pytest.mark.browser
def test_small_counts_are_not_shown(page: Page) -> None:
    """Fewer than k active users are shown as less than k."""
    assert ["<5", "12"] == page.locator("[aria-labelledby=active] dd").all_inner_texts()


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/", "/try", "/notice"])
def test_pages_fit_a_phone(page: Page, server: Server, path: str, scheme: str) -> None:
    """Nothing is wider than a phone, in light and in dark, and the two differ."""
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(server.url(path))

    assert 390 == page.evaluate("document.documentElement.scrollWidth")
    red = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0]")
    assert (scheme == "dark") == (int(red) < 128)


@pytest.mark.browser
def test_a_pasted_body_is_shown_as_text(page: Page, server: Server) -> None:
    """Markup in a body is text on the page, in the table and in the form."""
    page.goto(server.url("/try"))
    page.fill("textarea", "<script>document.title='taken'</script>")
    page.click("button")

    expect(page.locator("td code").first).to_have_text("<script>document.title='taken'</script>")
    assert "taken" not in page.title()
    assert ["dropped", "kept"] == page.locator(".fate").all_inner_texts()


def test_the_link_works_once(server: Server) -> None:
    """A second visitor with the same link gets nothing, and so does a wrong one."""
    link = server.url(f"/login?token={TOKEN}")
    answers = [httpx.get(server.url("/login?token=guess")), httpx.get(link), httpx.get(link)]

    assert [401, 303, 401] == [answer.status_code for answer in answers]
    cookie = answers[1].headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


def test_only_notice_and_health_are_public(server: Server) -> None:
    """Without the session: the notice, the health check, and no number."""
    statuses = {path: httpx.get(server.url(path)).status_code for path in ("/", "/live", "/try", "/notice", "/healthz")}

    assert {"/": 401, "/live": 401, "/try": 401, "/notice": 200, "/healthz": 200} == statuses


def test_other_hosts_and_origins_are_refused(server: Server) -> None:
    """A page of somebody else can neither rebind a name nor post a form."""
    assert 421 == httpx.get(server.url("/notice"), headers={"host": "evil.example"}).status_code
    assert 403 == httpx.post(server.url("/try"), headers={"origin": "http://evil.example"}).status_code


def test_every_page_has_its_guards(server: Server) -> None:
    """A strict content policy, no caching, no CORS, on answers and refusals alike."""
    for path in ("/", "/notice"):
        headers = httpx.get(server.url(path)).headers
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert "no-store" == headers["cache-control"]
        assert "access-control-allow-origin" not in headers
