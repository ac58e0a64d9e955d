"""What app stores and browsers are told: the official forms, filled in as the policy answers."""

import csv
import json
from dataclasses import replace

import pytest
from fideslang.default_taxonomy import DEFAULT_TAXONOMY
from hypothesis import given, settings
from published import (
    VOCABULARIES,
    assessment,
    example,
    made_of,
    manifest,
    official,
    official_pairs,
    play_rows,
    policies,
    published,
    purpose,
    rule,
    silent,
    uses,
)

from remit.policy.catalogue import CATALOGUE
from remit.policy.model import DocumentAnswers, Policy, Signals
from remit.policy.plan import is_refusable
from remit.policy.purposes import NARROWER
from remit.policy.render.play import COLUMNS, unstated
from remit.policy.render.purposes import PURPOSES, TABLE
from remit.policy.words import AccountMethod, Basis, Role, Source

TYPE = "NSPrivacyCollectedDataType"
USES = "PSL_DATA_USAGE_RESPONSES"


def form() -> list[list[str]]:
    """The rows of Google's form: for each data type those of PSL_NAME, with the type and its name put in."""
    lines = (VOCABULARIES / "google-play-questions.csv").read_text(encoding="utf-8").splitlines()
    heads, *rows = csv.reader(line for line in lines if not line.startswith("#"))
    assert COLUMNS == heads
    general = [row for row in rows if not row[0].startswith(USES)]
    names = [row for row in rows if row[0].startswith(USES)]
    types = [(row[1], row[4].split(" / ")[1]) for row in general if row[0].startswith("PSL_DATA_TYPES_")]
    return general + [
        [name.replace("PSL_NAME", key), *answer, label.replace("(Name)", f"({title})", 1)]
        for key, title in types
        for name, *answer, label in names
    ]


def shared_types(policy: Policy) -> set[str | None]:
    """Google's types of what recipients are told who do more than work for the controller."""
    told = [one for one in policy.recipients.values() if one.role is not Role.PROCESSOR]
    return {CATALOGUE[item].terms.play for one in told for telling in one.told for item in telling.items}


def test_the_form_is_googles() -> None:
    """782 rows: question, answer, requirement and label are those of the form, in its order."""
    ours = [[*row[:2], *row[3:]] for row in play_rows(example())]

    assert 782 == len(ours)
    assert [[one.strip() for one in (*row[:2], *row[3:])] for row in form()] == ours


@settings(max_examples=60, deadline=None)
@given(policy=policies())
def test_each_collected_type_is_answered_and_no_other(policy: Policy) -> None:
    """Yes or no to each question about a collected type, to why it is shared only where it is; blanks elsewhere."""
    rows = play_rows(policy)
    shared = shared_types(policy)
    told = {row[1] for row in rows if row[0].startswith("PSL_DATA_TYPES_") and row[2] == "TRUE"}
    for question, _, value, *_ in rows:
        if question.startswith(USES):
            _, kind, part = question.split(":")
            assert (value in ("TRUE", "FALSE")) == (
                kind in told and (part != "DATA_USAGE_SHARING_PURPOSE" or kind in shared)
            )
    (collects,) = [row[2] for row in rows if row[0] == "PSL_DATA_COLLECTION_COLLECTS_PERSONAL_DATA"]

    assert ("TRUE" if told else "FALSE") == collects


@settings(max_examples=60, deadline=None)
@given(policy=policies())
def test_google_is_told_the_purposes_and_whether_people_can_choose(policy: Policy) -> None:
    """A type is optional exactly if all of it can be refused for every purpose; purposes are those of its rules."""
    rows = play_rows(policy)
    for kind in {row[0].split(":")[1] for row in rows if row[0].startswith(USES) and row[2]}:
        pairs = [(item, one) for one in policy.collect for item in one.items if CATALOGUE[item].terms.play == kind]
        refusable = all(is_refusable(policy, item, one.purpose) for item, one in pairs)
        choice = "OPTIONAL" if refusable else "REQUIRED"
        purposes = {PURPOSES[use.dpv].play for _, one in pairs for use in uses(policy, one)} - {None}

        assert [f"PSL_DATA_USAGE_USER_CONTROL_{choice}"] == _yes(rows, kind, "DATA_USAGE_USER_CONTROL")
        shared = ["PSL_DATA_USAGE_ONLY_SHARED"] * (kind in shared_types(policy))
        assert ["PSL_DATA_USAGE_ONLY_COLLECTED", *shared] == _yes(rows, kind, "PSL_DATA_USAGE_COLLECTION_AND_SHARING")
        assert [] == _yes(rows, kind, "PSL_DATA_USAGE_EPHEMERAL")
        assert purposes == set(_yes(rows, kind, "DATA_USAGE_COLLECTION_PURPOSE"))


def test_what_several_rules_say_of_a_type_is_said_together() -> None:
    """Every rule of every item of a type counts: for its purposes, for the choice that people have, for the link."""
    purposes = [purpose("p0"), purpose("p1", "LegalCompliance", Basis.LEGAL_OBLIGATION)]
    rules = (rule("device.imei", days=None), rule("device.imei", purpose="p1"), rule("device.oaid", days=None))
    policy = made_of(*rules, purposes=purposes)
    (entry,) = manifest(policy)["NSPrivacyCollectedDataTypes"]
    rows = play_rows(policy)

    assert ["PSL_ANALYTICS", "PSL_FRAUD_PREVENTION_SECURITY"] == _yes(
        rows, "PSL_DEVICE_ID", "DATA_USAGE_COLLECTION_PURPOSE"
    )
    assert ["PSL_DATA_USAGE_USER_CONTROL_REQUIRED"] == _yes(rows, "PSL_DEVICE_ID", "DATA_USAGE_USER_CONTROL")
    assert [f"{TYPE}PurposeAnalytics", f"{TYPE}PurposeOther"] == entry[f"{TYPE}Purposes"]
    assert entry[f"{TYPE}Linked"]


def _yes(rows: list[list[str]], kind: str, part: str) -> list[str]:
    return [row[1] for row in rows if row[0] == f"{USES}:{kind}:{part}" and row[2] == "TRUE"]


@settings(max_examples=60, deadline=None)
@given(policy=policies())
def test_the_manifest_has_only_official_keys_and_values(policy: Policy) -> None:
    """Keys and values are Apple's, each entry has the four of them, and a purpose."""
    found = manifest(policy)

    assert {"NSPrivacyTracking", "NSPrivacyTrackingDomains", "NSPrivacyCollectedDataTypes"} == set(found)
    for entry in found["NSPrivacyCollectedDataTypes"]:
        assert {TYPE, f"{TYPE}Linked", f"{TYPE}Tracking", f"{TYPE}Purposes"} == set(entry)
        assert entry[TYPE] in official("apple")
        assert entry[f"{TYPE}Purposes"]
        assert set() == set(entry[f"{TYPE}Purposes"]) - official("apple-purposes")
        assert len(set(entry[f"{TYPE}Purposes"])) == len(entry[f"{TYPE}Purposes"])
        assert not entry[f"{TYPE}Tracking"] or found["NSPrivacyTracking"]


def test_linked_is_what_rests_on_the_personal_side() -> None:
    """What is kept or votes is linked to somebody; what is reduced on arrival is not."""
    policy = made_of(rule("email", "account.id"), rule("page.url", "crash.type", days=None))
    entries = {one[TYPE]: one[f"{TYPE}Linked"] for one in manifest(policy)["NSPrivacyCollectedDataTypes"]}

    assert entries[f"{TYPE}EmailAddress"]
    assert entries[f"{TYPE}UserID"]
    assert entries[f"{TYPE}ProductInteraction"] is False
    assert entries[f"{TYPE}CrashData"] is False


@pytest.mark.parametrize("days", [None, 30])
def test_an_open_vote_is_linked(days: int | None) -> None:
    """An identifier that a count takes is linked, kept or not: an open count is personal."""
    counted = replace(made_of(rule("device.installation", days=days)), counts=example().counts)
    (entry,) = manifest(counted)["NSPrivacyCollectedDataTypes"]

    assert entry[f"{TYPE}Linked"]


_ADS = [replace(purpose("p0", "EnforceSecurity"), compatible=(assessment("p1"),)), purpose("p1", "Advertising")]
JOINED = {
    "what a provider told and is kept, read on for advertising": (
        made_of(rule("email", source=Source.PROVIDER), purposes=_ADS),
        True,
    ),
    "what a provider told and is gone on arrival": (
        made_of(rule("email", source=Source.PROVIDER, days=None), purposes=_ADS),
        False,
    ),
    "what a provider told, for advertising": (made_of(
        rule("ad.click_id", source=Source.PROVIDER), purposes=[purpose("p0", "Advertising")]
    ), True),
    "an ID of a partner, for advertising": (made_of(
        rule("partner.advertising_id"), purposes=[purpose("p0", "TargetedAdvertising")]
    ), True),
    "selling": (made_of(rule("email"), purposes=[purpose("p0", "SellDataToThirdParties")]), True),
    "advertising by one's own data": (made_of(rule("email"), purposes=[purpose("p0", "Advertising")]), False),
    "what a provider told, for security": (made_of(
        rule("verification.result", source=Source.PROVIDER), purposes=[purpose("p0", "IdentityVerification")]
    ), False),
    "the example, which hears of clicks from a network": (example(), True),
}  # fmt: skip


@pytest.mark.parametrize("case", JOINED)
def test_tracking_is_advertising_by_what_others_told_or_selling(case: str) -> None:
    """Apple hears of tracking; browsers, in the same cases, that the signal is abided by only if it refuses that."""
    policy, joined = JOINED[case]
    deaf = replace(policy, signals=Signals())
    hearing = replace(policy, signals=Signals(gpc=tuple(policy.purposes)))

    assert joined is manifest(policy)["NSPrivacyTracking"]
    assert {"gpc": not joined} == json.loads(published(deaf, "gpc"))
    assert {"gpc": True} == json.loads(published(hearing, "gpc"))


def test_every_purpose_of_dpv_has_its_place() -> None:
    """All purposes of DPV 2.3 stand in the table once, and no other."""
    words = [word for line in TABLE.splitlines() if line.startswith(" ") for word in line.split()]

    assert sorted(official_pairs("dpv-purposes")) == sorted(words) == sorted(PURPOSES)


def test_a_term_that_is_too_wide_leads_to_its_own_terms() -> None:
    """What the fix offers in its place is just below it in DPV, all of that, and is not too wide itself."""
    wider = official_pairs("dpv-purposes")

    assert {
        wide: sorted(one for one, above in wider.items() if wide in above and one not in NARROWER) for wide in NARROWER
    } == NARROWER


def test_purposes_are_told_in_official_words() -> None:
    """Google's, Apple's and fideslang's terms for purposes are theirs."""
    google = {row[1] for row in form() if row[0].endswith("COLLECTION_PURPOSE")}
    uses = {str(use.fides_key) for use in DEFAULT_TAXONOMY.data_use}

    assert set() == {one.play for one in PURPOSES.values()} - google - {None}
    assert set() == {one.apple for one in PURPOSES.values()} - official("apple-purposes")
    assert set() == {one.fideslang for one in PURPOSES.values()} - uses - {None}
    assert "collect" not in {one.fideslang for one in PURPOSES.values()}


ANSWERS = {
    "PSL_DATA_COLLECTION_ENCRYPTED_IN_TRANSIT": {"": "TRUE"},
    "PSL_SUPPORTED_ACCOUNT_CREATION_METHODS": {
        "PSL_ACM_USER_ID_PASSWORD": "TRUE",
        "PSL_ACM_USER_ID_OTHER_AUTH": "FALSE",
        "PSL_ACM_USER_ID_PASSWORD_OTHER_AUTH": "FALSE",
        "PSL_ACM_OAUTH": "TRUE",
        "PSL_ACM_OTHER": "FALSE",
        "PSL_ACM_NONE": "FALSE",
    },
    "PSL_ACCOUNT_DELETION_URL": {"": "https://www.example.com/account/delete"},
    "PSL_DATA_DELETION_URL": {"": "https://www.example.com/data/delete"},
}


def test_google_hears_what_the_policy_answers() -> None:
    """Encryption, accounts and pages of deletion are as the policy says; what it does not say is blank, and listed."""
    told, blank = (
        {question: {row[1]: row[2] for row in play_rows(policy) if row[0] == question} for question in ANSWERS}
        for policy in (example(), silent(example()))
    )
    gaps = [gap.partition(":")[0] for gap in unstated(silent(example()))]

    assert ANSWERS == told
    for question in ANSWERS:
        assert {""} == set(blank[question].values())
        assert question in gaps
        assert question not in [gap.partition(":")[0] for gap in unstated(example())]


def test_an_app_without_accounts_is_asked_for_no_page_to_delete_them() -> None:
    """Where nobody can make an account, that there is no page on which to delete one is no gap."""
    none = replace(silent(example()), documents=DocumentAnswers(accounts=(AccountMethod.NONE,)))
    asked = [gap.partition(":")[0] for gap in unstated(none)]

    assert "PSL_ACCOUNT_DELETION_URL" not in asked
    assert "PSL_DATA_DELETION_URL" in asked
    assert ["PSL_ACM_NONE"] == [row[1] for row in play_rows(none) if row[0].endswith("METHODS") and row[2] == "TRUE"]
