"""The short notice beside a field says what the policy does with what is typed there."""

import json
import re
from dataclasses import replace

import pytest
from published import EXAMPLE, example
from test_languages import RENTAL, policy_of
from typer.testing import CliRunner

from remit.cli.main import app
from remit.policy.model import Grant, Policy
from remit.policy.phrasebooks.shelf import book
from remit.policy.render.fields import FieldPlace, field_notice, field_notices, link, snippet
from remit.policy.render.notice_html import page
from remit.policy.render.notice_json import as_json
from remit.policy.services import State, refusal
from remit.policy.spoken import in_each_language, spoken
from remit.policy.words import Item, PurposeKey, Source

POLICIES = [*in_each_language(policy_of()), example()]


def asked(policy: Policy) -> dict[Item, list[PurposeKey]]:
    """What people tell themselves, each with what for."""
    found: dict[Item, list[PurposeKey]] = {}
    for rule in policy.collect:
        for item in rule.items if rule.source is Source.YOU else ():
            found.setdefault(item, []).append(rule.purpose)
    return found


def remit(*words: str) -> tuple[int, str, str]:
    """How `remit notice` ended, what it said, and what it complained of."""
    done = CliRunner().invoke(app, ["notice", *words])
    return done.exit_code, done.stdout, done.stderr


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.language)
def test_every_field_says_what_for_on_which_ground_and_how_long(policy: Policy) -> None:
    """Exactly what people are asked for: each purpose, its ground, and the longest that it stays."""
    words, wanted = book(policy.language), asked(policy)
    found = {one.item: " ".join(one.sentences) for one in field_notices(policy)}

    assert list(wanted) == list(found)
    for item, purposes in wanted.items():
        longest = max(
            rule.keep for rule in policy.collect if item in rule.items and rule.source is Source.YOU and rule.keep
        )
        assert [] == [key for key in purposes if policy.purposes[key].says not in found[item]]
        assert [] == [key for key in purposes if words.grounds[policy.purposes[key].basis] not in found[item]]
        assert words.duration(longest) in found[item]


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.language)
def test_a_field_says_what_stops_without_it(policy: Policy) -> None:
    """A service is named exactly where it needs the item; and without "instead" exactly where the refusal stops it."""
    words = book(policy.language)
    instead = words.field_instead.partition("{service}")[2].partition("{items}")[0].strip()
    for item, purposes in asked(policy).items():
        said = " ".join(field_notice(policy, item).sentences)
        refused = refusal(policy, {Grant(item, key) for key in purposes}).standings
        for service in policy.services.values():
            needs = [need for need in service.needs if {Grant(item, key) for key in purposes} & set(need.grants)]
            alone = re.search(rf"{re.escape(service.says)}(?! {re.escape(instead)})", said)
            assert bool(needs) == (service.says in said)
            assert (refused[service.key].state is not State.WORKS) == bool(alone)
        if not any(item in need.items for service in policy.services.values() for need in service.needs):
            assert words.field_free in said or any(rule.required and rule.required in said for rule in policy.collect)


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.language)
def test_a_field_leads_to_the_notice(policy: Policy) -> None:
    """Its link ends at a block of the page in the same language, where the item stands."""
    text = page(policy)
    for one in field_notices(policy):
        file, _, block = link(policy, one).partition("#")
        found = re.search(rf'id="{block}"[^>]*>([^<]*)<', text)
        assert ("notice.html" if policy.language == "en" else "notice.de.html") == file
        assert found is not None
        assert block == "you" or one.label in found[1]


def test_a_field_is_narrowed_to_its_place() -> None:
    """For one purpose it is silent on the others; in one app it names no service of another."""
    policy = example()
    order = " ".join(field_notice(policy, "email", FieldPlace(purpose="deliver-order")).sentences)
    web = replace(policy, apps={**policy.apps, "shop-web": replace(policy.apps["shop-web"], services=("help",))})
    here = " ".join(field_notice(web, "email", FieldPlace(app="shop-web")).sentences)
    nothing = " ".join(field_notice(web, "email", FieldPlace(app="shop-web", purpose="deliver-order")).sentences)

    assert policy.purposes[PurposeKey("deliver-order")].says in order
    assert policy.purposes[PurposeKey("answer-you")].says not in order
    assert policy.services["help"].says in here
    assert policy.services["shop"].says not in here
    assert "and nothing stops" in nothing


def test_what_cannot_be_refused_says_why() -> None:
    """A required rule's reason stands beside its field, and no field of a legal duty is called free."""
    policy = policy_of()
    (reason,) = (rule.required for rule in policy.collect if rule.required)
    bare = replace(policy, collect=tuple(replace(rule, required=None) for rule in policy.collect), services={})

    assert f"You cannot refuse this: {reason}." in field_notice(policy, "shipping_address").sentences
    assert "It does not depend on your choice." in field_notice(bare, "shipping_address").sentences
    assert "You may leave it out, and nothing stops." in field_notice(bare, "rental.number").sentences


def test_what_no_form_may_ask_for_is_refused_with_the_way_out() -> None:
    """It is said where such a thing comes from, and what a field may ask for instead."""
    told = {
        "net.ip": "'net.ip' comes from: log",
        "verification.result": "nothing takes 'verification.result'",
        "nothing.such": "nothing takes 'nothing.such'",
    }
    for item, why in told.items():
        code, said, words = remit(str(EXAMPLE), "--field", item)
        assert (1, "") == (code, said)
        assert f"{why}, and a field asks people themselves. It may ask for: account.id, email" in words
    for flags in (["--app", "x"], ["--purpose", "x"]):
        code, said, words = remit(str(EXAMPLE), "--field", "email", *flags)
        assert (1, "", True) == (code, said, "shop-web" in words or "deliver-order" in words)


def test_flags_that_say_nothing_together_are_refused() -> None:
    """Two forms at once, a field and all of them, or an app without a field: words, and nothing printed."""
    for flags in (["--html", "--json"], ["--field", "email", "--fields"], ["--app", "shop-web"], ["--purpose", "x"]):
        code, said, words = remit(str(EXAMPLE), *flags)
        assert (1, "", True) == (code, said, "choose one" in words or "--field" in words)


def test_fields_are_told_to_programs() -> None:
    """The command and the published notice have the same fields, in the language that is asked for."""
    published = json.loads(as_json(spoken(policy_of(), "de")))["fields"]
    every = json.loads(remit(str(RENTAL), "--fields", "--json", "--language", "de")[1])
    one = json.loads(remit(str(RENTAL), "--field", "email", "--json", "--language", "de")[1])
    elsewhere = json.loads(remit(str(RENTAL), "--field", "email", "--json", "--link", "https://example.org/p")[1])

    assert published == every
    assert one in every
    assert {"de"} == {field["language"] for field in every}
    assert "https://example.org/p#you" == elsewhere["link"]
    assert remit(str(RENTAL), "--field", "email", "--html", "--language", "de")[1].strip() == one["html"]


def test_words_of_the_policy_stay_words_beside_a_field() -> None:
    """Markup in a statement or a link is shown, never run."""
    policy = policy_of()
    key = PurposeKey("answer")
    loud = {**policy.purposes, key: replace(policy.purposes[key], says='to <script>alert("1")</script>')}
    sharp = replace(policy, purposes=loud, languages=("en",), texts={})
    html = snippet(sharp, field_notice(sharp, "rental.number"), '"><script>')

    assert "<script>" not in html
    assert "&lt;script&gt;" in html
