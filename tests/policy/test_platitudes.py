"""Which statements say nothing: those of which every word fits any collection, whatever its form and order."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remit.policy.platitudes import says_nothing

NAMED_BY_AUTHORITIES = """
improving users' experience
marketing purposes
IT-security purposes
future research
We may use your personal data to develop new services
We may use your personal data for research purposes
for personalisation
"""
"""Purposes that the Article 29 Working Party found too vague: Opinion 03/2013 (WP 203) and Guidelines WP 260."""
EMPTY = """
to improve our service
improving our services
in order to improve our services
to provide and improve our services
for legitimate business purposes
for various purposes
to improve the services we provide to you
to collect and process your personal data
n/a
x
-
none
um unseren Dienst zu verbessern
zur Verbesserung unserer Dienste
zur Bereitstellung und laufenden Optimierung unserer Angebote
um die Dienste, die wir Ihnen anbieten, weiterzuentwickeln
aus berechtigtem Interesse
für sonstige geschäftliche Zwecke
k. A.
"""
SPECIFIC = """
to improve the speed of the search page
to provide the phone number check that you asked for
to process your order
to process your application
to manage your subscription
to deliver your product
to store your invoices for the tax office
to improve how fast our pages load
to offer you the spare parts of your product
for customer service by telephone
um Ihre Bestellung zu verarbeiten
um die Suche zu verbessern
um Ihnen ein Fahrrad bereitzustellen
zum Betrieb der Heizung
zur Verbesserung der Übersetzungen
"""
OPENERS = ("to", "in order to", "so that we can", "we may", "for", "")
DEEDS = ("improve", "enhancing", "provide", "operating", "maintain", "optimise", "optimizing", "develop", "personalise")
WHOSE = ("our", "your", "the", "any other", "various", "")
THINGS = ("service", "services", "products", "business", "experience", "offerings", "website", "legitimate interests")
TAILS = ("", "that we provide to you", "for you", "for business purposes", "as necessary", "etc.")
GERMAN_DEEDS = ("verbessern", "optimieren", "betreiben", "bereitstellen", "erbringen", "nutzen", "weiterentwickeln")
GERMAN_WHOSE = ("unsere", "Ihre", "die", "alle anderen", "verschiedene")
GERMAN_THINGS = ("Dienste", "Produkte", "Angebote", "Webseiten", "Daten", "Geschäftszwecke")
TELLING = ("parcel", "batteries", "speed", "invoices", "fraud", "telephone", "orders", "Rechnungen", "Fahrrad", "Suche")


@st.composite
def platitudes(draw: st.DrawFn) -> list[str]:
    """The words of a statement of empty phrases, English or German."""
    some, english = st.sampled_from, draw(st.booleans())
    deeds = draw(st.lists(some(DEEDS if english else GERMAN_DEEDS), max_size=3, unique=True))
    whose = draw(some(WHOSE if english else GERMAN_WHOSE))
    thing = draw(some(THINGS if english else GERMAN_THINGS))
    if english:
        return f"{draw(some(OPENERS))} {' and '.join(deeds)} {whose} {thing} {draw(some(TAILS))}".split()
    return f"um {whose} {thing} {'zu ' * bool(deeds)}{' und '.join(deeds)}".split()


@pytest.mark.parametrize("statement", [*NAMED_BY_AUTHORITIES.strip().split("\n"), *EMPTY.strip().split("\n")])
def test_what_fits_any_collection_says_nothing(statement: str) -> None:
    """What authorities call too vague, and what is written in its place, is no purpose."""
    assert says_nothing(statement)


@pytest.mark.parametrize("statement", SPECIFIC.strip().split("\n"))
def test_what_names_a_thing_says_something(statement: str) -> None:
    """A statement with empty words around what is done is one that could be false."""
    assert not says_nothing(statement)


@given(platitudes())
def test_empty_phrases_are_empty_in_any_form(words: list[str]) -> None:
    """Verbs in either form, with whatever objects, and however many: what is made of empty words alone is empty."""
    assert says_nothing(" ".join(words))


@given(platitudes(), st.sampled_from(TELLING), st.integers(min_value=0))
def test_one_telling_word_is_enough(words: list[str], telling: str, place: int) -> None:
    """A word that does not fit every collection, wherever it stands, makes the whole say something."""
    place %= len(words) + 1

    assert not says_nothing(" ".join([*words[:place], telling, *words[place:]]))


def test_what_the_page_shows_says_something() -> None:
    """Every purpose that people can copy from the documentation passes."""
    page = (Path(__file__).parents[2] / "docs" / "policy.md").read_text(encoding="utf-8")
    shown = re.findall(r"says: (.+?), basis", page) + re.findall(r"\| a purpose \| .+?\*(.+?)\* \|", page)

    assert shown
    assert [] == [statement for statement in shown if says_nothing(statement)]
