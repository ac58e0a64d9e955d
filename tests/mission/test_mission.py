"""L10: every sentence of the text has its lines of the policy, is enforced, and is in the notice, or is not yet."""

import re

import pytest

from mission import PAGE, ROOT, TEXT, Row, example, holds, page, rows
from remit.policy.catalogue import CATALOGUE
from remit.policy.checks import RULES
from remit.policy.render.notice import blocks
from remit.policy.render.told import By, Topic
from remit.policy.words import SDK_SOURCES, Category

NOTICE = [(one.text, one.by) for one in blocks(example())]
WHOLE = "\n".join(text for text, _ in NOTICE)
BUILT = [row for row in rows() if not row.not_yet and not row.is_heading]
MISSING = [row for row in rows() if row.not_yet]


def label(row: Row) -> str:
    """A row, as pytest names it."""
    return row.text[:48]


def test_the_pieces_are_the_text() -> None:
    """Word for word and in order: no sentence is left out, and none is put in."""
    assert TEXT.read_text(encoding="utf-8").split() == " ".join(row.text for row in rows()).split()


@pytest.mark.parametrize("row", BUILT, ids=label)
def test_a_sentence_that_holds_is_said_in_the_policy_enforced_and_told(row: Row) -> None:
    """It has lines of the policy, something that enforces it, and words that stand in the notice."""
    told = list(row.told(example()))

    assert row.lines(example())
    assert row.held
    assert told
    assert [] == [words for words in row.notice if words not in WHOLE]


@pytest.mark.parametrize("row", [row for row in BUILT if "items" in row.of], ids=label)
def test_each_item_of_a_sentence_is_taken_and_named_where_its_rule_is_told(row: Row) -> None:
    """Every item stands in a rule that something can bring, and that rule's sentence in the notice names it."""
    rules = row.rules(example())
    sentences = {by.key: text for text, by in NOTICE if by.told is Topic.RULE}

    assert set(row.of["items"]) == {item for rule in rules for item in row.items(rule)}
    for rule in rules:
        assert rule.source in SDK_SOURCES
        named = sentences[str(rule.index)]
        assert [] == [item for item in row.items(rule) if example().catalogue[item].title not in named]


@pytest.mark.parametrize("row", MISSING, ids=label)
def test_of_what_is_not_yet_the_notice_says_nothing(row: Row) -> None:
    """Its rules are declared, and no sentence of the notice is made from one of them."""
    told = {by for _, by in NOTICE}

    assert not row.notice
    assert not row.held
    assert [] == [rule.line for rule in row.rules(example()) if By(Topic.RULE, str(rule.index)) in told]
    if "items" in row.of:
        assert set(row.of["items"]) == {item for rule in row.rules(example()) for item in row.items(rule)}


@pytest.mark.parametrize("row", [row for row in rows() if row.is_heading], ids=label)
def test_a_heading_of_the_text_is_one_of_the_notice(row: Row) -> None:
    """What says nothing by itself names the part of the notice that it heads."""
    assert not row.held
    assert row.notice
    assert set(row.notice) <= {text for text, by in NOTICE if by.told is Topic.HEADING}


def test_what_enforces_is_there() -> None:
    """Codes are of checks, modules and tests are files, and every name of a hold is of one that there is."""
    for hold in holds().values():
        assert set(hold.checks) <= set(RULES)
        assert [] == [one for one in hold.modules if not (ROOT / f"src/remit/{one}.py").exists()]
        assert [] == [one for one in hold.tests if not (ROOT / one).exists()]
        assert hold.tests
    assert set(holds()) == {name for row in rows() for name in row.held}


def test_every_item_that_the_catalogue_took_from_the_text_is_in_a_sentence() -> None:
    """Personal items that the example collects stand in a row: none hides behind an 'etc.'."""
    declared = {item for rule in example().collect for item in rule.items}
    named = {item for row in rows() for item in row.of.get("items", ())}
    personal = {item for item in declared if CATALOGUE[item].category is not Category.NON_PERSONAL}

    assert OTHERS == personal - named


OTHERS = {"app.version", "campaign.name", "campaign.source", "device.installation", "locale", "page.url"}
"""What facts and choices need beside what the text names."""


def test_what_is_not_yet_is_said_in_the_readme() -> None:
    """The larger gaps stand under "Not yet", too."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    _, _, missing = readme.partition("## Not yet")

    for words in ("No leases", "no way in yet", "is not built"):
        assert words in missing


def test_the_page_is_what_the_table_says() -> None:
    """``make pages`` was run; links lead to files and lines that there are."""
    text = PAGE.read_text(encoding="utf-8")

    assert page() == text
    for path in set(re.findall(r"\]\(\.\./([^)#]+)", text)):
        assert (ROOT / path).exists(), path
