"""L10: the notice and the plan are compared sentence by sentence, and what one has and the other has not is named."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from generated import policies
from hypothesis import given, settings
from test_apart import example

from remit.policy.compile import compiled
from remit.policy.model import Policy
from remit.policy.phrasebooks.german import GERMAN
from remit.policy.phrasebooks.shelf import BOOKS
from remit.policy.render.notice import Piece, blocks
from remit.policy.render.told import HEADING, By, Topic
from remit.policy.spoken import in_each_language, spoken
from remit.policy.words import Source
from remit.proof.sentences import _lacking, enforced, ruled, sentenced, told, translated

BY_WORDS = re.compile(r"[0-9a-f]{12}(-\d+)?")
EMAIL_RULE = By(Topic.RULE, "0")


def notice(policy: Policy) -> list[Piece]:
    """The notice of a policy."""
    return list(blocks(policy))


def without(words: str, by: By) -> list[Piece]:
    """The example's notice, where one part of the policy no longer says some words."""
    found = notice(example())
    assert any(block.by == by and words in block.text for block in found)
    return [block._replace(text=block.text.replace(words, "")) if block.by == by else block for block in found]


def test_a_sound_policy_holds() -> None:
    """The example's notice and plan say the same."""
    policy = example()

    assert [()] * 3 == [compare(policy, notice(policy)).found for compare in (enforced, ruled, told)]


@settings(max_examples=60, deadline=None)
@given(policy=policies())
def test_whatever_a_policy_says_is_told(policy: Policy) -> None:
    """Of generated policies, too, every use has its sentence and every sentence its part."""
    assert [(), ()] == [compare(policy, notice(policy)).found for compare in (enforced, told)]


@settings(max_examples=60, deadline=None)
@given(policy=policies())
def test_every_language_tells_of_the_same(policy: Policy) -> None:
    """Whatever a policy says: in each language the same parts in the same order, under the same ids, item by item."""
    english, german = in_each_language(replace(policy, languages=("en", "de")))
    parts = [[(one.kind, one.by) for one in notice(said)] for said in (english, german)]
    named = [{one.id for one in notice(said) if not BY_WORDS.fullmatch(one.id)} for said in (english, german)]

    assert parts[0] == parts[1]
    assert named[0] == named[1]
    assert () == translated(english).found
    assert () == told(german, notice(german)).found


def test_a_language_that_tells_of_less_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A language whose phrases leave something out, or that says nothing of a part, does not hold."""
    policy = replace(example(), languages=("en", "de"))
    silent = replace(GERMAN, stays_not="nichts.", kept_for="Wir bewahren dies auf.")
    assert () == translated(policy).found

    monkeypatch.setitem(BOOKS, "de", silent)
    assert any("de: no sentence says of collect[0] that it stays 2 Jahre" in one for one in translated(policy).found)
    fewer = [(one.kind, one.by) for one in notice(policy)][1:]
    assert ["de: the notice tells of other parts, or in another order"] == [*_lacking(spoken(policy, "de"), fewer)][:1]


def test_a_sentence_by_nothing_is_found() -> None:
    """A sentence under a heading's name, or by a part that the policy does not have, has nothing that enforces it."""
    policy = example()
    strange = [Piece("p", "We also sell it.", HEADING), Piece("li", "And more.", By(Topic.RULE, "99"))]
    found = enforced(policy, [*notice(policy), *strange]).found

    assert 2 == len(found)
    assert "'We also sell it.' is no heading" in found[0]
    assert "'And more.' is by the rule '99', which the policy does not have" in found[1]


def test_an_item_that_no_sentence_names_is_found() -> None:
    """Kept, shown as a column, or counted: each has to be named where its rule, statistic or count is told of."""
    policy = example()
    kept = told(policy, without("email address, ", EMAIL_RULE)).found
    shown = told(policy, without("page address", By(Topic.FACT, "page_visit"))).found
    counted = told(policy, without("Android ID", By(Topic.COUNT, "active_users"))).found

    assert any("collect[0] that it takes email address (line" in one for one in kept)
    assert any("page_visit.page that it takes page address (line" in one for one in shown)
    assert any("active_users that it takes Android ID (line" in one for one in counted)


def test_a_name_within_another_is_not_taken_for_it() -> None:
    """Naming a nickname does not name the name."""
    found = told(example(), without(" and name;", EMAIL_RULE)).found

    assert any("takes name" in one for one in found)


def test_a_retention_that_no_sentence_states_is_found() -> None:
    """How long something stays is said where it is said that it is collected."""
    found = told(example(), without("for 2 years", EMAIL_RULE)).found

    assert ["no sentence says of collect[0] that it stays 2 years"] == [one.partition(" (line")[0] for one in found]


def test_a_place_or_an_age_that_no_sentence_states_is_found() -> None:
    """Of whom something is taken is said where it is said that it is collected."""
    text = (Path(__file__).parents[1] / "policy/cases/sound-all.yaml").read_text(encoding="utf-8")
    policy = compiled(text, "remit.yaml")
    assert isinstance(policy, Policy)
    by = By(Topic.RULE, str(policy.collect[-1].index))
    silent = [
        one._replace(text=one.text.replace("from the age of 18", "")) if one.by == by else one for one in blocks(policy)
    ]

    assert () == told(policy, list(blocks(policy))).found
    assert ["no sentence says of collect[6] of whom it takes something"] == [
        one.partition(" (line")[0] for one in told(policy, silent).found
    ]


def test_a_part_or_a_time_of_which_nothing_is_said_is_found() -> None:
    """A purpose or service that the notice passes over, and an item that its list of times leaves out."""
    policy = example()
    whole = notice(policy)
    gone = (By(Topic.PURPOSE, "measure-ads"), By(Topic.SERVICE, "reading"))
    quiet = told(policy, [one for one in whole if one.by not in gone]).found
    shorter = [one._replace(text=one.text.replace(", IP address", "").replace("IP address, ", "")) for one in whole]
    left_out = [one if one.by.told is Topic.RETENTION else old for one, old in zip(shorter, whole, strict=True)]

    assert ["no sentence tells of the purpose 'measure-ads'", "no sentence tells of the service 'reading'"] == [*quiet]
    assert ["no list of what stays 30 days has IP address"] == [
        one.partition(" (line")[0] for one in told(policy, left_out).found
    ]


def test_a_sentence_without_a_rule_is_found() -> None:
    """What the notice says and no plan does: an item that is not kept, a statistic that nothing feeds."""
    policy = example()
    promised = notice(policy)
    first, *others = policy.collect
    lax = replace(policy, collect=(replace(first, source=Source.YOU, items=(), keep=first.keep), *others))
    more = replace(policy, collect=(replace(first, keep=None), *others))
    still = replace(policy, facts={"page_visit": replace(policy.facts["page_visit"], kinds=())})

    assert () == ruled(lax, promised).found
    assert any("no plan reduces or counts email address" in one for one in ruled(more, notice(more)).found)
    assert ["no app's records are counted there"] == [
        one.rpartition(": ")[2] for one in ruled(still, notice(still)).found if "'How often 'page" in one
    ]


def test_a_column_is_told_where_its_statistic_names_its_item() -> None:
    """Columns of which the sentence is silent are not among those that are told."""
    policy = example()
    fewer = without("page address", By(Topic.FACT, "page_visit"))
    whole, silent = (sentenced(policy, one) for one in (notice(policy), fewer))

    assert {"page", "app", "hour", "n", "seconds"} == whole["fact_page_visit"]
    assert {"page"} == whole["fact_page_visit"] - silent["fact_page_visit"]
    assert frozenset() == sentenced(policy, [one for one in notice(policy) if one.by.told is not Topic.TALLY])["tally"]
