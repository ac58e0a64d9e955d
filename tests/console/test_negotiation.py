"""The notice in the language that somebody reads: of the browser's wishes, the first that there is."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from memory import RENTAL, Server

from remit.console.languages import preferred
from remit.policy.render.notice_html import article
from remit.policy.spoken import spoken

KNOWN = ("en", "de-AT", "fr")
WISHES = {
    "": "en",
    "fr": "fr",
    "FR-ca": "fr",
    "de": "de-AT",
    "de-AT": "de-AT",
    "de-CH;q=0.9, fr;q=0.8": "fr",
    "fr;q=0.3, en;q=0.4": "en",
    "it, fr;q=0.1": "fr",
    "it, *;q=0.1": "en",
    "en;q=0": "en",
    "en;q=0, *": "de-AT",
    "en;q=0, fr;q=0.2": "fr",
    "it": "en",
    "fr;q=2, de;q=0.1": "de-AT",
    ";;;,=,\u00e9": "en",
}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "used")
    yield server
    server.stop()


@pytest.mark.parametrize("header", WISHES)
def test_the_best_liked_language_that_there_is_is_served(header: str) -> None:
    """By quality, then by order; a range may be narrower or wider than what there is; what is no range says nothing."""
    assert WISHES[header] == preferred(header, KNOWN)


@given(header=st.text(max_size=200), known=st.lists(st.sampled_from(KNOWN), min_size=1, unique=True))
def test_any_header_is_answered(header: str, known: list[str]) -> None:
    """Whatever a stranger sends, the answer is a language that there is."""
    assert preferred(header, known) in known


def test_a_long_header_is_not_read_to_its_end() -> None:
    """What stands behind more wishes than a browser sends is not looked at."""
    assert "en" == preferred(", ".join(["it"] * 50 + ["fr"]), KNOWN)


def test_the_notice_is_served_in_the_language_of_its_reader(server: Server) -> None:
    """The browser's wish decides, a link overrules it, caches are told, and each language leads to the others."""
    asked = {"/notice": "de, en;q=0.5", "/notice?language=de": "en", "/notice?language=xx": "de"}
    for path, wish in asked.items():
        reply = httpx.get(server.url(path), headers={"accept-language": wish})
        assert ("de", "accept-language") == (reply.headers["content-language"], reply.headers["vary"])
        assert '<html lang="de">' in reply.text
        assert article(spoken(RENTAL, "de")) in reply.text
        assert '<a href="/notice?language=en" hreflang="en" lang="en">English</a>' in reply.text
        assert "Zum Inhalt springen" in reply.text
    english = httpx.get(server.url("/notice"), headers={"accept-language": "it"})

    assert "en" == english.headers["content-language"]
    assert article(RENTAL) in english.text
    assert 'hreflang="de" lang="de">Deutsch</a>' in english.text
