"""What people read is what the gateway runs."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from remit.policy.brought import brought
from remit.policy.catalogue import CATALOGUE
from remit.policy.compile import compiled
from remit.policy.model import Policy, Signals, Verdict
from remit.policy.plan import is_refusable
from remit.policy.render.fields import field_notice
from remit.policy.render.notice_html import page
from remit.policy.render.notice_markdown import markdown
from remit.policy.spoken import spoken
from remit.policy.words import PurposeKey

EXAMPLE = Path(__file__).parents[2] / "examples" / "device-maker" / "remit.yaml"
RENTAL = EXAMPLE.parents[1] / "bicycle-rental" / "remit.yaml"
ALL = Path(__file__).parent / "cases" / "sound-all.yaml"
GOLDEN = Path(__file__).parent / "device-maker-notice.md"


@pytest.fixture(name="policy")
def _policy() -> Policy:
    policy = compiled(EXAMPLE.read_text(), "remit.yaml")
    assert isinstance(policy, Policy)
    return policy


@pytest.mark.parametrize("render", [markdown, page])
def test_the_notice_names_all_that_is_collected_and_why(policy: Policy, render: object) -> None:
    """Every item's title and every purpose's statement stand in the notice, of what something can bring."""
    assert callable(render)
    text = str(render(policy))
    policy = brought(policy)
    wanted = {CATALOGUE[item].title for rule in policy.collect for item in rule.items}
    wanted |= {purpose.says for purpose in policy.purposes.values()}
    wanted |= {service.says for service in policy.services.values()}
    wanted |= {policy.controller.name, policy.controller.contact}

    assert {one for one in wanted if one not in text} == set()


@pytest.mark.parametrize("render", [markdown, page])
def test_what_nothing_brings_yet_is_not_in_the_notice(policy: Policy, render: Callable[[Policy], str]) -> None:
    """What providers and other people tell has no way in: its items, purposes and services are not told of."""
    text = render(policy)
    unheard = ("whether your phone number was verified", "nickname at a social network", "click on an advertisement")
    idle = [one.says for key, one in policy.purposes.items() if key in ("sign-you-in", "verify-number")]
    promised = [policy.services["sign-in"].says, *idle]

    assert [] == [one for one in (*unheard, *promised, "Another person") if one in text]
    assert 2 == len(idle)
    assert {"sign-in"} == set(policy.services) - set(brought(policy).services)


def test_what_programs_decide_is_told_whatever_nothing_brings(policy: Policy) -> None:
    """A decision is a deed of the controller: that nothing brings what it is made by does not make it none."""
    idle = PurposeKey("verify-number")
    verdict = Verdict(says="whose a number is", logic="a match", consequences="no account", purpose=idle, line=1)
    text = markdown(replace(policy, automated=(verdict,)))

    assert "A program alone decides whose a number is; to confirm that a phone number" in text
    assert "is decided by programs alone" not in text
    assert "is decided by programs alone" in markdown(policy)


def test_what_may_be_refused_of_a_rule_is_told_beside_what_may_not(policy: Policy) -> None:
    """A rule of which a service needs some items says which it does not: nobody takes all of it for necessary."""
    text = markdown(policy)

    assert "A service that you use needs email address or phone number. You may refuse: name." in text
    assert (
        "A service that you use needs this: shipping address. A service that you use needs phone number or email"
        " address. You may refuse: name."
    ) in text


def test_what_is_only_an_alternative_is_not_said_to_be_needed() -> None:
    """Beside a rule and among the choices, the notice says in one way that a service needs one of several."""
    rental = compiled(RENTAL.read_text(encoding="utf-8"), RENTAL.name)
    assert isinstance(rental, Policy)
    one_of = {
        "en": "one of email address, phone number, or name and shipping address",
        "de": "wahlweise E-Mail-Adresse, Telefonnummer oder Name und Lieferadresse",
    }

    assert dict.fromkeys(one_of, 2) == {
        language: markdown(spoken(rental, language)).count(words) for language, words in one_of.items()
    }
    assert "needs this: name. A service that you use needs phone number or email address." in markdown(rental)


def test_each_time_is_told_for_each_purpose(policy: Policy) -> None:
    """What is kept for two purposes stands under both times, and what is only counted for one is not left out."""
    text = markdown(policy)

    assert "- 1 year, to answer the questions that you ask us: name, email address and phone number." in text
    assert "- 2 years, to deliver what you buy: name, email address, phone number and shipping address." in text
    assert "pages and features are used and how fast they are: account number, installation id, Android ID," in text


def test_what_is_not_collected_is_not_in_the_notice(policy: Policy) -> None:
    """A notice without rules names no item: sentences come from the policy, not from a template."""
    bare = replace(policy, collect=(), purposes={}, facts={}, counts={}, services={}, jurisdictions={}, region=())
    bare = replace(bare, signals=Signals())
    text = markdown(bare)

    assert [entry.title for entry in CATALOGUE.values() if entry.rank and entry.title in text] == []


def test_what_only_gets_worse_is_not_said_to_stop(policy: Policy) -> None:
    """A need without which a service only degrades is told apart from one without which it stops; it may be refused."""
    shop = policy.services["shop"]
    first, *others = shop.needs
    softer = replace(shop, needs=(replace(first, degrades=True), *others))
    soft = replace(policy, services={"shop": softer})
    text = markdown(soft)

    assert [True, False] == [all(is_refusable(one, *grant) for grant in first.grants) for one in (soft, policy)]
    assert "A service that you use needs this: shipping address." in text
    assert "needs phone number or email address. You may refuse: name." not in text

    assert "we need shipping address (to deliver what you buy). Without that, this stops." in text
    assert (
        "well, we need phone number or email address (to deliver what you buy). Without that, this gets worse" in text
    )


def test_words_of_the_policy_stay_words(policy: Policy) -> None:
    """Markup in a statement is shown, never run, in HTML and in Markdown."""
    key, purpose = next(iter(policy.purposes.items()))
    sharp = {**policy.purposes, key: replace(purpose, says="to <script>alert(1)</script>\n\n# shout [x](y)")}
    loud = replace(policy, purposes=sharp)

    assert "<script>" not in page(loud)
    assert "&lt;script&gt;" in page(loud)
    assert "\n# shout" not in markdown(loud)
    assert "\\<script\\>" in markdown(loud)


def test_the_example_notice_reads_as_reviewed(policy: Policy) -> None:
    """A change of the example's notice is a change that somebody read."""
    assert GOLDEN.read_text() == markdown(policy)


TOLD_IN = {
    "en": [
        (
            "We take this only in Germany and Netherlands, where your country setting or language setting tells us that"
            " you are there; for that, it is read. You can agree to this from the age of 18."
        ),
        "We keep it for 1 year.",
    ],
    "de": [
        (
            "Wir erheben dies nur in: Deutschland und Niederlande. Wo Sie sind, erkennen wir hieran, und nur dazu:"
            " Ländereinstellung oder Spracheinstellung. Dem können Sie ab einem Alter von 18 Jahren zustimmen."
        ),
        "Wir bewahren dies 1 Jahr lang auf.",
    ],
}
"""What is said of a rule that holds in two countries, for a consent from the age of 18 on."""
FORBIDDEN_IN = {
    "en": "Netherlands: we do not take email address to tell you once a month what is new.",
    "de": "Niederlande: Wir erheben nicht, to tell you once a month what is new: E-Mail-Adresse.",
}


@pytest.mark.parametrize("language", TOLD_IN)
def test_where_and_from_which_age_a_rule_holds_is_told_in_every_language(language: str) -> None:
    """The notice, and what stands beside a field, say in which countries and from which age on something is taken."""
    found = compiled(ALL.read_text(encoding="utf-8"), ALL.name)
    assert isinstance(found, Policy)
    said = spoken(replace(found, languages=("en", "de")), language)
    text = " ".join(markdown(said).split())

    assert " ".join(TOLD_IN[language]) in text
    assert FORBIDDEN_IN[language] in text
    assert TOLD_IN[language] == list(field_notice(said, "shipping_address").sentences[1:3])
