"""The console in a real browser, and what it refuses without one."""

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from browser import chromium
from looks import BROKEN, FAINT, SPILT
from memory import TOKEN, Server
from playwright.sync_api import Browser, Page, expect

from remit.console.backend import Daily
from remit.flows.senders import SdkSender

CHANNEL = re.compile(r"rgba?\((\d+)")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def used(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "used"


@pytest.fixture
def server(used: Path) -> Iterator[Server]:
    used.parent.mkdir()
    server = Server(used)
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
    page.on(
        "request", lambda request: None if request.url.startswith(server.url("/")) else complaints.append("foreign")
    )
    page.goto(server.url(f"/login?token={TOKEN}"))
    yield page
    context.close()
    assert [] == complaints


def raw(server: Server, request: bytes) -> bytes:
    """The status line of a reply to bytes that no proper client would send."""
    host, _, port = server.host.partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(request.replace(b"HOST", server.host.encode()) + b"Connection: close\r\n\r\n")
        return connection.makefile("rb").readline()


@pytest.mark.browser
def test_numbers_move_by_themselves(page: Page) -> None:
    """The overview follows the counters without being loaded again: in the tiles, and in the picture."""
    tile, picture = page.locator("[data-figure=records]"), page.locator(".picture.wide .number").first
    shown = [str(tile.text_content()), str(picture.text_content())]

    expect(tile).not_to_have_text(shown[0], timeout=10_000)
    expect(picture).not_to_have_text(shown[1], timeout=10_000)


@pytest.mark.browser
def test_the_chart_is_drawn_from_the_history(page: Page) -> None:
    """A quarter of an hour is 180 intervals, and each is in the chart."""
    expect(page.locator("#chart[data-points='180'] canvas")).to_be_visible()


@pytest.mark.browser
def test_small_counts_are_not_shown(page: Page) -> None:
    """Fewer than k are shown as less than k, beside the others."""
    card = page.locator("[aria-labelledby=daily]")

    assert ["<5", "12"] == card.locator("dd").all_inner_texts()
    expect(card.locator("h2")).to_have_text("Active users today, from 00:00 UTC")


@pytest.mark.browser
def test_without_figures_the_card_has_words(page: Page, server: Server) -> None:
    """While the page stands open, the card follows what is told: another count, and why it shows no figure."""
    card = page.locator("[aria-labelledby=daily]")
    server.backend.today = Daily("Readers <b>seen</b>", {}, "This policy counts nobody per day.")

    expect(card.locator("h2")).to_contain_text("Readers <b>seen</b>", timeout=10_000)
    expect(card.locator("p")).to_have_text("This policy counts nobody per day.")
    assert 0 == card.locator("dl").count()


@pytest.mark.browser
def test_the_numbers_are_also_spoken(page: Page) -> None:
    """Who listens is told the numbers politely, in one sentence, and the picture has words."""
    expect(page.locator("[aria-live=polite]")).to_have_text(re.compile(r"records in; 61,907 values kept"))
    assert "61,907 values went to the personal store" in str(page.locator(".picture.wide").get_attribute("aria-label"))


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/", "/sent", "/try", "/notice"])
def test_pages_fit_a_phone(page: Page, server: Server, path: str, scheme: str) -> None:
    """Nothing is wider than a phone, in light and in dark, and the two differ."""
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(server.url(path))

    assert 390 == page.evaluate("document.documentElement.scrollWidth")
    red = CHANNEL.match(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert red is not None
    assert (scheme == "dark") == (int(red[1]) < 128)


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/", "/sent", "/try", "/notice", "/nowhere"])
def test_every_text_can_be_read(page: Page, server: Server, path: str, scheme: str) -> None:
    """Each text stands out from what is behind it, in light and in dark, also where something went wrong."""
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    if path != "/nowhere":
        page.goto(server.url(path))
    else:
        page.goto(server.url("/try"))
        page.fill("textarea", " ")
        with page.expect_navigation():  # with its style: the words are there before it
            page.click("button")
        page.get_by_role("alert").wait_for()

    assert [] == page.evaluate(FAINT)


@pytest.mark.browser
@pytest.mark.parametrize("years", [0, 1, 100, 100_000])
@pytest.mark.parametrize("width", [390, 760, 1280])
def test_numbers_fit_what_they_stand_in(page: Page, server: Server, years: int, width: int) -> None:
    """A house that ran for long shows longer numbers: none runs out of its box, nor over the end of its line."""
    server.backend.years = years
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(server.url("/"))

    assert [] == page.evaluate(SPILT)
    assert [] == page.evaluate(BROKEN)


@pytest.mark.browser
def test_a_pasted_body_is_judged_field_by_field(page: Page, server: Server) -> None:
    """Each value that was pasted stands at its own path with its fate and the policy's line, also on a phone."""
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(server.url("/try"))
    page.select_option("select", "shop-web")
    page.fill("textarea", "x" * 200)
    page.click("button")
    page.wait_for_load_state()  # a page without its stylesheet is as wide as its longest word

    fates = page.locator(".fate")
    expect(fates).to_have_text(["dropped", "kept", "counted", "reduced", "dropped"])
    expect(page.locator("tbody tr").nth(1)).to_contain_text("kept in the vault for shop-web")
    expect(page.locator(".where").nth(3)).to_have_text("batch[0].context.page.url page.url")
    expect(page.locator(".where").nth(4)).to_have_text("(connection) address net.ip")
    assert ["", "4", "30", "21", "12"] == page.locator("td[data-label]").all_text_contents()
    assert 390 == page.evaluate("document.documentElement.scrollWidth")


@pytest.mark.browser
def test_what_sdks_send_is_told_and_what_nobody_needs_of_it(page: Page, server: Server) -> None:
    """By SDK in a sentence; opened, the fields that nobody needs, with about how often they came."""
    page.goto(server.url("/sent"))
    first, second = page.locator(".sender").all()
    expect(first).to_contain_text("@segment/analytics-node 3.1 to shop-web, by segment")
    expect(first).to_contain_text("Sends 3 fields and others without a name; your purposes and the protocol need 2.")
    expect(first.locator("tbody")).not_to_be_visible()
    first.locator("summary").click()

    assert ["context.library.name", "(other)"] == [cell.inner_text() for cell in first.locator("td code").all()]
    expect(first.locator("tbody")).to_contain_text("4,096")
    expect(second).to_contain_text("An SDK without a name")
    expect(second.locator("details")).to_have_count(0)


@pytest.mark.browser
@pytest.mark.parametrize(("sent", "words"), [(None, "does not answer"), ([], "Nothing yet")])
def test_without_an_answer_about_sdks_there_are_words(
    page: Page, server: Server, sent: list[SdkSender] | None, words: str
) -> None:
    """An empty page would say that they send nothing."""
    server.backend.sent, kept = sent, server.backend.sent
    page.goto(server.url("/sent"))
    server.backend.sent = kept

    expect(page.locator("main")).to_contain_text(words)


@pytest.mark.browser
def test_markup_in_a_body_is_text(page: Page, server: Server) -> None:
    """What was pasted is shown, never run: in the table and in the form."""
    evil = "</textarea><script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">"
    page.goto(server.url("/try"))
    page.fill("textarea", evil)
    page.click("button")

    expect(page.locator("td code").first).to_have_text(evil)
    expect(page.locator("textarea")).to_have_value(evil)
    assert 0 == page.locator("main img, main script").count()
    assert "taken" not in page.title()


@pytest.mark.browser
def test_a_body_that_nothing_can_read_is_answered_in_words(page: Page, server: Server) -> None:
    """The page says what is wrong, and keeps what was pasted."""
    page.goto(server.url("/try"))
    page.fill("textarea", "   ")
    page.click("button")

    expect(page.get_by_role("alert")).to_have_text("nothing to read")


@pytest.mark.browser
def test_old_numbers_say_that_they_are_old(browser: Browser, server: Server) -> None:
    """When the session has ended, the page sends its reader to the terminal instead of standing still."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(server.url(f"/login?token={TOKEN}"))
    expect(page.locator("#stale")).to_be_hidden()
    context.clear_cookies()

    expect(page.locator("#stale")).to_contain_text("terminal", timeout=10_000)
    context.close()


def test_the_link_works_once(server: Server) -> None:
    """A second visitor with the same link gets nothing, and so does a wrong one."""
    link = server.url(f"/login?token={TOKEN}")
    answers = [httpx.get(server.url("/login?token=guess")), httpx.get(link), httpx.get(link)]

    assert [401, 303, 401] == [answer.status_code for answer in answers]
    assert "Look at the terminal" in answers[2].text
    cookie = answers[1].headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


def test_asking_for_the_head_does_not_use_the_link(server: Server) -> None:
    """A program that checks links shuts nobody out."""
    link = server.url(f"/login?token={TOKEN}")
    heads = [httpx.head(link), httpx.head(link)]

    assert [405, 405] == [answer.status_code for answer in heads]
    assert [] == [answer for answer in heads if "set-cookie" in answer.headers]
    assert 303 == httpx.get(link).status_code


def test_nobody_is_let_in_whose_visit_cannot_be_remembered(server: Server, used: Path) -> None:
    """Else the link would work again after a restart: it says so, gives no session, and works once it can be kept."""
    used.parent.rmdir()
    refused = httpx.get(server.url(f"/login?token={TOKEN}"))
    assert 503 == refused.status_code
    assert "make room on the disk" in refused.text
    assert "set-cookie" not in refused.headers

    used.parent.mkdir()
    assert 303 == httpx.get(server.url(f"/login?token={TOKEN}")).status_code


def test_only_what_is_published_and_health_are_public(server: Server) -> None:
    """Without the session: the notice, what it says to Global Privacy Control, the health check, and no number."""
    shut = ("/", "/live", "/live.json", "/spoken", "/sent", "/try")
    opened = ("/notice", "/notice.css", "/healthz", "/.well-known/gpc.json")
    statuses = {path: httpx.get(server.url(path)).status_code for path in (*shut, *opened)}

    assert dict.fromkeys(shut, 401) | dict.fromkeys(opened, 200) == statuses
    assert "Look at the terminal" in httpx.get(server.url("/")).text


def test_what_is_not_there_is_said_on_a_page(server: Server) -> None:
    """A wrong address or method is answered like any other refusal, with the way back."""
    with httpx.Client(base_url=server.url("")) as client:
        client.get(f"/login?token={TOKEN}")
        pages = [client.get("/nowhere"), client.post("/", headers={"origin": server.url("").rstrip("/")})]

    assert [404, 405] == [page.status_code for page in pages]
    assert ["GET", "HEAD"] == sorted(pages[1].headers["allow"].split(", "))
    for page in pages:
        assert ">Overview</a>" in page.text
        assert page.headers["content-security-policy"].startswith("default-src 'none'")


def test_readers_of_the_notice_are_shown_no_shut_door(server: Server) -> None:
    """Who has no session is led to no page that needs one."""
    for path in ("/notice", "/", "/login"):
        page = httpx.get(server.url(path)).text
        assert "remit" in page
        assert [] == re.findall(r'<a [^>]*href="(?!/notice"|/notice\?language=de"|#|mailto:)[^"]*"', page)


def test_a_stranger_gets_a_refusal_and_never_a_fault(server: Server) -> None:
    """A token or cookie that is not ASCII is a wrong one, and a host that spells a path is a wrong host."""
    assert b" 401 " in raw(server, b"GET /login?token=%C3%A9 HTTP/1.1\r\nHost: HOST\r\n")
    assert b" 401 " in raw(server, b"GET / HTTP/1.1\r\nHost: HOST\r\nCookie: remit_operator=\xe9\r\n")
    assert b" 421 " in raw(server, b"GET /live HTTP/1.1\r\nHost: x/healthz?\r\n")


def test_other_hosts_and_origins_are_refused(server: Server) -> None:
    """A page of somebody else can neither rebind a name nor post a form, not even with the session."""
    with httpx.Client(base_url=server.url("")) as client:
        client.get(f"/login?token={TOKEN}")
        origins = (server.url("").rstrip("/"), "http://evil.example", "null")
        posts = [client.post("/try", data={"body": "x"}, headers={"origin": origin}) for origin in origins]

        assert [200, 403, 403] == [post.status_code for post in posts]
        assert 403 == client.post("/try", data={"body": "x"}).status_code
        assert 421 == client.get("/notice", headers={"host": "evil.example"}).status_code


def test_a_body_beyond_the_limit_is_refused(server: Server) -> None:
    """The form takes a megabyte, and does not hold more in memory."""
    with httpx.Client(base_url=server.url("")) as client:
        client.get(f"/login?token={TOKEN}")
        reply = client.post("/try", data={"body": "x" * 1_100_000}, headers={"origin": server.url("").rstrip("/")})

    assert 400 == reply.status_code
    assert "at most 1 MiB" in reply.text


def test_every_page_has_its_guards(server: Server) -> None:
    """A strict content policy, no caching, no referrer, no CORS, on answers and refusals alike."""
    for path in ("/", "/notice", "/notice.css", "/login", "/healthz", "/static/console.css"):
        headers = httpx.get(server.url(path), headers={"origin": "http://evil.example"}).headers
        assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self';")
        assert "no-store" == headers["cache-control"]
        assert "no-referrer" == headers["referrer-policy"]
        assert "access-control-allow-origin" not in headers


def test_health_is_told_truly(server: Server) -> None:
    """The health check fails while the house does not do its work, and says why."""
    before = httpx.get(server.url("/healthz"))
    server.backend.wrong = "the facts keeper does not answer"
    after = httpx.get(server.url("/healthz"))

    assert [200, "ok"] == [before.status_code, before.text]
    assert [503, "not ok: the facts keeper does not answer"] == [after.status_code, after.text]


@pytest.mark.browser
def test_the_overview_says_what_is_wrong_while_it_is(page: Page, server: Server) -> None:
    """Without being loaded again, to who looks and to who listens; and no more once it is over."""
    expect(page.locator("[data-trouble]")).to_have_count(0)
    server.backend.wrong = "the facts keeper does not answer"
    expect(page.locator("[data-trouble]")).to_have_text("Not well: the facts keeper does not answer.")
    assert "Not well: the facts keeper does not answer." in page.evaluate("fetch('/spoken').then((it) => it.text())")

    server.backend.wrong = ""
    expect(page.locator("[data-trouble]")).to_have_count(0)
