"""The published notice in a real browser: to be read, linked and printed, in every language, without a script."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from browser import chromium
from looks import FAINT
from memory import RENTAL
from playwright.sync_api import Browser, Page, expect

from remit.policy.render.notice_html import page
from remit.policy.render.notice_json import as_json
from remit.policy.render.writing import named
from remit.policy.spoken import in_each_language, spoken

LANGUAGES = RENTAL.languages
TITLES = {"en": "Your rights", "de": "Ihre Rechte"}


class Tags(HTMLParser):
    """What a page consists of: its ids, its links, and whether every tag is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids, self.links, self.open, self.unclosed = list[str](), list[str](), list[str](), list[str]()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        self.ids += [str(known["id"])] if "id" in known else []
        self.links += [str(known["href"])] if "href" in known else []
        if tag not in ("meta", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.unclosed.append(tag)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The notice as it is published, in every language."""
    place = tmp_path_factory.mktemp("published")
    for policy in in_each_language(RENTAL):
        (place / named("notice.html", policy)).write_text(page(policy), encoding="utf-8")
    return place


def opened(browser: Browser, folder: Path, language: str, **looks: Any) -> Page:
    """The page without scripts, as somebody without them sees it."""
    tab = browser.new_context(**looks).new_page()
    tab.goto((folder / named("notice.html", spoken(RENTAL, language))).as_uri())
    return tab


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_link_of_the_page_leads_somewhere(language: str, folder: Path) -> None:
    """No id twice, every tag closed, and a link ends at a block, a published file or an address to write to."""
    policy = spoken(RENTAL, language)
    tags = Tags(page(policy))
    lost = [one for one in tags.links if one.startswith("#") and one[1:] not in tags.ids]
    files = [one for one in tags.links if not one.startswith(("#", "mailto:"))]

    assert ([], []) == (tags.open, tags.unclosed)
    assert len(tags.ids) == len(set(tags.ids))
    assert [] == lost
    assert files
    assert [] == [one for one in files if not (folder / one).exists()]


def test_a_part_has_one_id_in_every_language_and_form() -> None:
    """The JSON's ids are those of the page; headings and parts have the same in all languages."""
    pages = [Tags(page(policy)).ids for policy in in_each_language(RENTAL)]
    objects = [[one["id"] for one in json.loads(as_json(policy))["blocks"]] for policy in in_each_language(RENTAL)]
    fixed = [[key for key in ids if not re.fullmatch(r"[0-9a-f]{12}(-\d+)?", key)] for ids in objects]

    assert [[key for key in ids if key not in ("main", "contents")] for ids in pages] == objects
    assert fixed[0] == fixed[1]
    assert {"you", "use", "statistics", "choices", "rights", "you-rent", "purpose-rent", "recipient-workshop"} <= {
        *fixed[0]
    }


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_can_be_read_on_every_screen(browser: Browser, folder: Path, language: str, scheme: str) -> None:
    """Contrast in light and in dark, nothing wider than a phone, and the language is said to who listens."""
    tab = opened(browser, folder, language, color_scheme=scheme, viewport={"width": 390, "height": 844})

    assert [] == tab.evaluate(FAINT)
    assert 390 == tab.evaluate("document.documentElement.scrollWidth")
    assert language == tab.locator("html").get_attribute("lang")
    assert [1, 1, 1] == [tab.locator(one).count() for one in ("main", "h1", "footer")]
    tab.context.close()


@pytest.mark.browser
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_heading_can_be_linked(browser: Browser, folder: Path, language: str) -> None:
    """Its mark shows under the pointer and in focus, says where it leads, and contents lead to it: without scripts."""
    tab = opened(browser, folder, language, java_script_enabled=False)
    mark = tab.get_by_role("link", name=re.compile(f": {TITLES[language]}$"))
    expect(mark).to_have_css("opacity", "0")
    tab.locator("#rights").hover()
    expect(mark).to_have_css("opacity", "1")
    tab.mouse.move(0, 0)
    mark.focus()
    expect(mark).to_have_css("opacity", "1")

    tab.get_by_role("navigation").get_by_role("link", name=TITLES[language]).click()
    assert tab.url.endswith("#rights")
    expect(tab.get_by_role("heading", name=TITLES[language], exact=True)).to_be_in_viewport()
    tab.context.close()


@pytest.mark.browser
def test_each_language_leads_to_the_others(browser: Browser, folder: Path) -> None:
    """From English to German and back, by the languages' own names."""
    tab = opened(browser, folder, "en")
    tab.get_by_role("link", name="Deutsch").click()
    expect(tab).to_have_title(re.compile("^Welche Informationen wir erheben"))
    tab.get_by_role("link", name="English").click()
    expect(tab.locator("h1")).to_have_text("What information we collect")
    tab.context.close()


@pytest.mark.browser
@pytest.mark.parametrize("language", LANGUAGES)
def test_on_paper_it_is_light_and_only_the_text(browser: Browser, folder: Path, language: str) -> None:
    """Black on white in a dark room, too; no contents, no marks, no other languages; no sentence is torn in two."""
    tab = opened(browser, folder, language, color_scheme="dark")
    tab.emulate_media(media="print")

    assert "rgb(255, 255, 255)" == tab.evaluate("getComputedStyle(document.body).backgroundColor")
    assert [] == tab.evaluate(FAINT)
    assert [False] * 3 == [tab.locator(one).first.is_visible() for one in (".notice nav", ".tongues", ".head a")]
    expect(tab.locator("li[id]").first).to_have_css("break-inside", "avoid")
    expect(tab.locator(".head").first).to_have_css("break-after", "avoid")
    assert tab.get_by_text(RENTAL.controller.contact).first.is_visible()
    assert tab.pdf(format="A4").startswith(b"%PDF")
    tab.context.close()
