"""A word that is no item leads to the item that people call so."""

import pytest

from remit.policy.catalogue import CATALOGUE
from remit.policy.render.page import written
from remit.policy.synonyms import SYNONYMS, near_item

CALLED = [(word, key) for key, words in SYNONYMS.items() for word in words]


@pytest.mark.parametrize(("word", "key"), CALLED, ids=lambda one: one)
def test_what_people_call_an_item_leads_to_it(word: str, key: str) -> None:
    """However its words are joined, in whatever letters, and behind a dot, each synonym leads to one item."""
    spelled = (word, word.replace(" ", "_"), word.title(), word.title().replace(" ", ""), f"shop.{word}")

    assert key in CATALOGUE
    assert word not in CATALOGUE
    assert {f"did you mean '{key}'?"} == {near_item(one, CATALOGUE) for one in spelled}


def test_only_an_item_that_may_stand_there_is_meant() -> None:
    """Where the item is not known, the nearest of those that are is named; and a slip of the pen leads as ever."""
    assert "known: email, page.url" == near_item("app.release", ["email", "page.url"])
    assert "did you mean 'email'?" == near_item("emial", CATALOGUE)


def test_the_items_that_a_shop_needs_most_often_are_twenty() -> None:
    """The page of the policy lists twenty, each with what it is."""
    told = written("<!-- made: items -->\n<!-- end -->\n").splitlines()[3:-1]

    assert 20 == len({one.split("`")[1] for one in told} & CATALOGUE.keys()) == len(told)
