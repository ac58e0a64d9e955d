"""What a policy says, it says in each of its languages: the same notice, from the same parts, in other words."""

import re
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from published import ROOT
from typer.testing import CliRunner

from remit.cli.main import app
from remit.policy.catalogue import CATALOGUE
from remit.policy.change import Effect
from remit.policy.compare import difference
from remit.policy.compile import compiled
from remit.policy.model import Policy
from remit.policy.phrasebooks.english import ENGLISH
from remit.policy.phrasebooks.phrasebook import Phrasebook
from remit.policy.phrasebooks.shelf import BOOKS, book, found
from remit.policy.places import COUNTRIES
from remit.policy.plan import plans
from remit.policy.reduce import REDUCTIONS
from remit.policy.render.documents import DOCUMENTS, Document
from remit.policy.render.notice import blocks
from remit.policy.render.notice_html import page
from remit.policy.render.notice_markdown import markdown
from remit.policy.render.voice import Voice
from remit.policy.render.writing import named
from remit.policy.spoken import in_each_language, spoken, stated
from remit.policy.words import Basis, Period, PurposeKey, Role, Source
from remit.proof.sentences import told, translated

RENTAL = ROOT / "examples" / "bicycle-rental" / "remit.yaml"
GOLDEN = Path(__file__).parent / "languages"
TEXT = RENTAL.read_text(encoding="utf-8")
LISTS = {
    "titles": set(CATALOGUE),
    "reductions": set(REDUCTIONS),
    "countries": set(COUNTRIES),
    "tellers": set(Source),
    "grounds": set(Basis),
    "roles": set(Role),
    "periods": set(Period),
    "headings": set(ENGLISH.headings),
}
"""What has a word in every language, one by one."""


def policy_of(text: str = TEXT) -> Policy:
    """The compiled policy."""
    policy = compiled(text, "remit.yaml")
    assert isinstance(policy, Policy), policy
    return policy


def phrases(words: Phrasebook) -> dict[str, str]:
    """Every text of a phrasebook, by its name; those of lists and units by their place."""
    said: dict[str, str] = {}
    for one in fields(words):
        value = getattr(words, one.name)
        if isinstance(value, str):
            said[one.name] = value
        elif isinstance(value, tuple):
            said |= {f"{one.name}[{at}]": text for at, text in enumerate(value)}
        elif isinstance(value, dict):
            said |= {f"{one.name}.{key}": text for key, text in value.items()}
    return said


def blanks(phrase: str) -> set[str]:
    """What is filled into a phrase."""
    return {name for _, name, _, _ in Formatter().parse(phrase) if name is not None}


@pytest.mark.parametrize("tag", BOOKS)
def test_a_language_has_every_phrase_with_its_blanks(tag: str) -> None:
    """No phrase is empty or lacks what is filled in, every list has all of its words, and a unit takes its number."""
    words, english = phrases(book(tag)), phrases(ENGLISH)
    units = [text for name, text in words.items() if re.match(r"(years|days|hours)\[", name)]

    assert LISTS == {name: set(getattr(book(tag), name)) for name in LISTS}
    assert [] == [name for name in english.keys() & words.keys() if blanks(words[name]) != blanks(english[name])]
    assert [{"n"}] * len(units) == [blanks(text) for text in units]
    assert [] == [name for name, text in words.items() if not text.strip()]


@pytest.mark.parametrize("tag", BOOKS)
def test_titles_of_a_language_tell_items_apart(tag: str) -> None:
    """No two items are called alike; and no title is taken for two of a list."""
    titles = list(book(tag).titles.values())
    commas = {title for title in titles if "," in re.sub(r"\(.*\)", "", title)}

    assert len(titles) == len(set(titles))
    assert commas <= {entry.title for entry in CATALOGUE.values() if entry.title.endswith(", in seconds")}


@pytest.mark.parametrize("tag", BOOKS)
def test_a_language_counts_and_lists_as_it_is_read(tag: str) -> None:
    """One unit and several are told apart, and the last of a list is joined by a word."""
    words = book(tag)
    one, two = (words.duration(timedelta(days=days)).split() for days in (1, 2))

    assert ["1", "2"] == [one[0], two[0]]
    assert one[1] != two[1]
    assert ["a", f"a {words.conjunction} b", f"a, b {words.disjunction} c"] == [
        words.listed(["a"]),
        words.listed(["a", "b"]),
        words.either(["a", "b", "c"]),
    ]


def strange(phrase: str) -> str:
    """The phrase with every letter outside its blanks made one that no other phrasebook has."""
    return "".join(part if part.startswith("{") else re.sub(r"[^\W\d_]", "ж", part) for part in _parts(phrase))


def _parts(phrase: str) -> list[str]:
    return re.split(r"(\{\w+\})", phrase)


def test_a_third_language_is_one_phrasebook(monkeypatch: pytest.MonkeyPatch) -> None:
    """With nothing but another phrasebook, no word of remit's own is left in any other language."""
    changed: dict[str, Any] = {}
    for one in fields(ENGLISH):
        value = getattr(ENGLISH, one.name)
        if isinstance(value, str):
            changed[one.name] = strange(value)
        elif isinstance(value, tuple):
            changed[one.name] = tuple(map(strange, value))
        elif isinstance(value, dict):
            changed[one.name] = {key: strange(text) for key, text in value.items()}
    monkeypatch.setitem(BOOKS, "tlh", replace(ENGLISH, **changed | {"tag": "tlh"}))
    text = (
        re.sub(r"(?<=de: )(\"[^\"]*\"|[^}\n\"]+)", "юю", TEXT).replace("de: ", "tlh: ").replace("[en, de]", "[en, tlh]")
    )
    policy = spoken(policy_of(text), "tlh")
    own = {"Example", "Bicycles", "privacy", "example", "org", *policy.purposes, *policy.facts, *policy.counts}
    shown = re.sub(r"<style>.*?</style>|<[^>]*>|&\w+;", " ", page(policy), flags=re.DOTALL)
    notices = [*(one.text for one in blocks(policy)), *shown.splitlines()]

    assert "ж" in markdown(policy)
    assert {"English"} >= {word for text in notices for word in re.findall(r"[A-Za-z_]{2,}", text)} - own


def test_a_language_that_leaves_something_out_is_found() -> None:
    """An item that one language's notice does not name, or a part of which it is silent, does not hold."""
    policy = policy_of()
    silent = {key: text for key, text in policy.texts["de"].items() if key != "purposes.learn.says"}
    lost = replace(policy, texts={**policy.texts, "de": {**silent, "items.rental.number.title": "Name, x"}})
    german = spoken(policy, "de")
    short = [one._replace(text=one.text.replace("Mietnummer", "Nummer")) for one in blocks(german)]

    assert () == translated(policy).found
    assert any("takes Mietnummer" in one for one in told(german, short).found)
    assert () == translated(lost).found  # a title may hold anything; what is compared is what the policy calls it


def test_a_policy_in_another_language_is_the_same_policy() -> None:
    """Nothing but words changes, and it changes back: what is decided knows no language."""
    policy = policy_of()
    german = spoken(policy, "de")
    uses = [
        {app: [table.uses for table in plan.tables.values()] for app, plan in plans(one).items()}
        for one in (policy, german)
    ]

    assert policy == spoken(german, "en")
    assert uses[0] == uses[1]
    assert "um Ihnen ein Fahrrad zu vermieten" == german.purposes[PurposeKey("rent")].says
    assert "to rent you a bicycle" == policy.purposes[PurposeKey("rent")].says
    assert [one.items for one in policy.collect] == [one.items for one in german.collect]


def test_every_statement_is_said_in_every_language() -> None:
    """No text of one language is left in another, but for names that are one in all."""
    policy = policy_of()
    texts = policy.texts
    alike = {place for place, text in texts["en"].items() if text == texts["de"][place]}

    assert {"controller.name", "controller.contact"} == alike
    assert [] == [
        place for place, text in texts["en"].items() if place not in alike and text in markdown(spoken(policy, "de"))
    ]
    assert [] == [text for place, text in texts["de"].items() if text not in markdown(spoken(policy, "de"))]


def test_the_first_language_is_the_first_that_is_declared() -> None:
    """What programs read is in it, and verify judges its notice like any other."""
    policy = policy_of(TEXT.replace("[en, de]", "[de, en]"))

    assert "um Ihnen ein Fahrrad zu vermieten" == policy.purposes[PurposeKey("rent")].says
    assert markdown(policy) == markdown(spoken(policy_of(), "de"))
    assert () == told(policy, list(blocks(policy))).found
    assert ["notice.md", "notice.en.md"] == [named("notice.md", one) for one in in_each_language(policy)]


def test_a_narrower_tag_takes_the_words_of_the_wider() -> None:
    """German of Austria is German; what is no language of remit's has no words."""
    policy = policy_of(TEXT.replace("[en, de]", "[en, de-AT]").replace(" de: ", " de-AT: "))

    assert markdown(spoken(policy, "de-AT")) == markdown(spoken(policy_of(), "de"))
    assert [None, "de", "en"] == [one and one.tag for one in map(found, ("xx", "DE-at-1996", "en-GB"))]


def test_what_is_not_declared_is_not_spoken() -> None:
    """A language that the policy does not declare is refused, with those that it does."""
    with pytest.raises(ValueError, match="it speaks: en, de"):
        spoken(policy_of(), "fr")


def test_a_statement_in_any_language_is_told_when_it_changes() -> None:
    """Other words in one language alone are a change, and a consent to the old ones no longer covers the new."""
    policy = policy_of()
    anew = policy_of(TEXT.replace("einmal im Monat neue Strecken", "einmal in der Woche neue Strecken"))
    (change,) = difference(policy, anew).changes
    (renewal,) = difference(policy, anew).renewals

    assert (Effect.STATEMENT, PurposeKey("news"), True) == (change.effect, change.purpose, "In de: news" in change.says)
    assert PurposeKey("news") == renewal.purpose
    assert any("in der Woche" in text for one in difference(policy, anew).rewordings for text in one.come)
    assert () == difference(policy, policy).changes


def test_languages_that_come_and_go_are_told() -> None:
    """What people can no longer read is told; in which order languages stand concerns nobody."""
    both = policy_of()
    english = replace(both, languages=("en",), texts={})
    turned = policy_of(TEXT.replace("[en, de]", "[de, en]"))
    come, gone, order = (difference(*pair) for pair in ((english, both), (both, english), (both, turned)))

    assert ["It can be read in de.", "It can no longer be read in de."] == [one.changes[0].says for one in (come, gone)]
    assert [Effect.TECHNICAL] == [one.effect for one in order.changes]
    assert not order.concerns_people()
    assert stated(both, "en") == both


EACH = [(policy, document) for policy in in_each_language(policy_of()) for document in DOCUMENTS["notice"].values()]


@pytest.mark.parametrize(("policy", "document"), EACH, ids=lambda one: getattr(one, "language", "") or one.file)
def test_the_rental_publishes_its_notice_as_reviewed(policy: Policy, document: Document) -> None:
    """A change of a notice in any language is a change that somebody read."""
    assert (GOLDEN / named(document.file, policy)).read_text(encoding="utf-8") == document.render(policy)


def test_publish_writes_the_notice_in_every_language(tmp_path: Path) -> None:
    """One file for each form and language, and other documents once."""
    done = CliRunner().invoke(app, ["publish", "all", str(RENTAL), "--out", str(tmp_path)])
    notices = {path.name for path in tmp_path.glob("notice*")}

    assert 0 == done.exit_code
    assert {path.name for path in GOLDEN.iterdir()} == notices
    assert [] == [path.name for path in tmp_path.rglob("*.de.*") if not path.name.startswith("notice")]


def test_notice_speaks_the_language_that_is_asked_for() -> None:
    """In every form; another language is refused with those that there are."""
    for flags, file in (([], "notice.de.md"), (["--html"], "notice.de.html"), (["--json"], "notice.de.json")):
        done = CliRunner().invoke(app, ["notice", str(RENTAL), "--language", "de", *flags])
        assert (0, (GOLDEN / file).read_text(encoding="utf-8").rstrip()) == (done.exit_code, done.stdout.rstrip())
    wrong = CliRunner().invoke(app, ["notice", str(RENTAL), "--language", "fr"])

    assert (1, "") == (wrong.exit_code, wrong.stdout)
    assert "it speaks: en, de" in wrong.stderr


@pytest.mark.parametrize(
    ("tag", "told"),
    [
        ("en", "Germany, Netherlands and United States"),
        ("de", "Deutschland, Niederlande und Vereinigte Staaten"),
    ],
)
def test_places_are_listed_as_the_language_lists(tag: str, told: str) -> None:
    """In its own words, its own order and with its own last comma."""
    voice = Voice(policy_of(), book(tag), policy_of())

    assert told == voice.places(frozenset({"US", "NL", "DE"}))
