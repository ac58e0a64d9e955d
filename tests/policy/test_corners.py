"""Small odd policies: what is said of them is true of them, and nothing that should be said is missing."""

import json
from itertools import pairwise
from pathlib import Path

import pytest
from published import published
from said import run

from remit.flows.people import names
from remit.policy.brought import brought
from remit.policy.compare import outgrown
from remit.policy.compile import compiled
from remit.policy.explain import explained
from remit.policy.model import Policy
from remit.policy.phrasebooks.shelf import book
from remit.policy.plan import plans
from remit.policy.render.documents import DOCUMENTS
from remit.policy.render.fields import field_notices
from remit.policy.render.notice import HEADINGS, Piece, blocks
from remit.policy.render.notice_markdown import markdown
from remit.policy.render.told import By, Topic
from remit.policy.spoken import titled
from remit.policy.words import PurposeKey
from remit.proof.sentences import enforced, ruled, told, translated

DELIVER = "deliver: {says: to deliver what you buy, basis: contract, dpv: DeliveryOfGoods}"
LEARN = "learn: {says: to learn which pages are read, basis: legitimate-interest, dpv: ServiceUsageAnalytics}"
SHOP = "shop: {says: buy things, needs: [{item: email, for: deliver}]}"


def text(*parts: str, languages: str = "en", services: str = "", version: int = 1) -> str:
    """A policy of these purposes and parts."""
    purposes = [part for part in parts if "dpv: " in part]
    others = [part.strip("\n") for part in parts if part not in purposes]
    offers = f"services: [{services.partition(':')[0]}], " if services else ""
    return "\n".join(
        [
            f"version: {version}",
            f"languages: [{languages}]",
            "controller: {name: Example Devices, contact: privacy@example.com, country: NL}",
            "purposes:",
            *(f"  {part}" for part in purposes),
            *(["services:", f"  {services}"] if services else []),
            f"apps:\n  web: {{id: 1, key: demo, {offers}routes: [/, /cart]}}",
            *others,
            "automated: none\n",
        ]
    )


def policy_of(source: str) -> Policy:
    """The policy, which passes every check."""
    found = compiled(source, "odd.yaml")
    assert isinstance(found, Policy), found
    return found


FACTS_ALONE = text(
    LEARN,
    """
collect:
  - {items: [page.url], from: log, for: learn, keep: never}
facts:
  page_visit: {by: {page: page.url | route}, for: learn}
""",
)
COUNTS_ALONE = text(
    LEARN,
    """
collect:
  - {items: [account.id, device.installation], from: device, for: learn, keep: never}
counts:
  active: {of: [account.id, device.installation], every: day, for: learn, device_access: consent}
""",
)
NOTHING_KEPT = text(
    DELIVER,
    LEARN.replace("dpv:", "keep: never, dpv:").replace("legitimate-interest", "consent"),
    """
collect:
  - {items: [email], from: you, for: deliver, keep: 2y}
  - {items: [page.url], from: device, for: learn, keep: never}
facts:
  page_visit: {by: {page: page.url | route}, for: learn, device_access: consent}
""",
    services=SHOP,
)
NO_SERVICE = text(
    DELIVER,
    "bills: {says: to keep the bills that the tax office asks for, basis: legal-obligation, dpv: LegalCompliance}",
    """
collect:
  - {items: [email, name], from: you, for: deliver, keep: 2y}
  - {items: [email], from: you, for: bills, keep: 7y}
""",
)
ONLY_DEGRADES = text(
    DELIVER,
    """
collect:
  - {items: [email, phone], from: you, for: deliver, keep: 2y}
""",
    services="shop: {says: buy things, needs: [{any: [email, phone], for: deliver, degrades: true}]}",
)
TWO_SOURCES = text(
    DELIVER,
    """
collect:
  - {items: [email], from: you, for: deliver, keep: 2y}
  - {items: [email, name], from: device, for: deliver, keep: 30d}
  - {items: [shipping_address], from: someone-else, for: deliver, keep: 90d}
""",
    services=SHOP,
)
ONLY_OTHERS_TELL = text(
    DELIVER,
    """
collect:
  - {items: [shipping_address], from: someone-else, for: deliver, keep: 90d}
""",
    services="shop: {says: buy things, needs: [{item: shipping_address, for: deliver}]}",
)
HALF_A_SERVICE = text(
    "sign: {says: to sign you in, basis: contract, dpv: ServiceRegistration}",
    """
providers:
  friends: {name: Example Friends, country: DE, says: a network by whose account you may log in}
collect:
  - {items: [email, name], from: you, for: sign, keep: 2y}
  - {items: [social.account_id], from: friends, for: sign, keep: 2y}
""",
    services="sign-in: {says: sign in, needs: [{item: email, for: sign}, {item: social.account_id, for: sign}]}",
)
"""A service that needs what people tell, and what nothing brings yet: it cannot work, and binds all the same."""
TOGETHER = text(
    DELIVER,
    "help: {says: to answer what you ask, basis: legitimate-interest, dpv: CustomerCare}",
    """
collect:
  - {items: [email, name, phone], from: you, for: deliver, keep: 2y}
  - {items: [email, phone], from: you, for: help, keep: 1y}
  - {items: [shipping_address], from: someone-else, for: deliver, keep: 90d}
""",
    services="""shop:
    says: buy things
    needs:
      - {any: [{all: [email, name]}, phone, {all: [name, shipping_address]}], for: deliver}
      - {any: [{item: email, for: help}, phone], for: deliver}
      - {all: [name, {any: [email, phone]}], for: deliver, degrades: true}""",
)
"""Alternatives made of several items, of which one cannot come in whole yet, and alternatives for several purposes."""
LAW_AND_AGE = text(
    LEARN,
    """
region: [country]
jurisdictions:
  eu: {countries: EEA, consent: [learn], minimum-age: 16, keep: {learn: 7d}}
collect:
  - {items: [account.id, page.url], from: device, for: learn, keep: 30d}
""",
)
IN_GERMAN = LAW_AND_AGE.replace("[en]", "[de]").replace("to learn which", "zu lernen welche")
IN_BOTH = FACTS_ALONE.replace("[en]", "[en, de]").replace(
    "says: to learn which pages are read", "says: {en: to learn which pages are read, de: zu lernen was gelesen wird}"
)
ODD = {
    "facts alone": FACTS_ALONE,
    "counts alone": COUNTS_ALONE,
    "a purpose for which nothing is kept": NOTHING_KEPT,
    "no service": NO_SERVICE,
    "a need that only degrades": ONLY_DEGRADES,
    "two sources, two retentions": TWO_SOURCES,
    "only others tell": ONLY_OTHERS_TELL,
    "half a service": HALF_A_SERVICE,
    "a law and an age": LAW_AND_AGE,
    "one language, and not the first": IN_GERMAN,
    "nobody in two languages": IN_BOTH,
    "together": TOGETHER,
}
EACH = pytest.mark.parametrize("policy", [pytest.param(policy_of(source), id=name) for name, source in ODD.items()])


def said(policy: Policy, by: By) -> str:
    """What the notice says by a part of the policy."""
    return " ".join(block.text for block in blocks(policy) if block.by == by)


def whole(policy: Policy) -> str:
    """All that the notice says."""
    return "\n".join(block.text for block in blocks(policy))


@EACH
def test_whatever_the_policy_its_sentences_hold(policy: Policy) -> None:
    """What `remit verify` compares of a policy alone: each sentence has a rule, and each use and part a sentence."""
    notice = list(blocks(policy))
    found = [*(compare(policy, notice) for compare in (enforced, ruled, told)), translated(policy)]

    assert [] == [one for one in found if not one.holds]


@EACH
def test_the_notice_says_of_everything_whether_the_gateway_hears_a_refusal(policy: Policy) -> None:
    """What may be refused, item by item, is what a plan lets people refuse, also where a service cannot work yet."""
    words, titles = book(policy.language), {key: one.title for key, one in titled(policy).catalogue.items()}
    tables = [table for plan in plans(policy).values() for table in plan.tables.values()]
    heard = {(use.item, use.purpose): use.refusable for table in tables for uses in table.uses.values() for use in uses}
    for rule in brought(policy).collect:
        text = said(policy, By(Topic.RULE, str(rule.index)))
        free = [titles[item] for item in rule.items if heard[item, rule.purpose]]
        bound = [titles[item] for item in rule.items if not heard[item, rule.purpose]]

        assert text.endswith(words.free) is not bool(bound)
        begins = (one.partition("{items}")[0] for one in (words.needed, words.needed_any, words.fixed))
        at = min((text.index(one) for one in begins if one in text), default=len(text))
        needed = text[at:].removesuffix(words.partly_free.format(items=words.listed(free or [""])))
        assert (bool(bound), set(bound)) == (bool(needed), {one for one in (*bound, *free) if one in needed})
        assert text.endswith(words.partly_free.format(items=words.listed(free or [""]))) is bool(free and bound)


@EACH
def test_no_section_of_the_notice_is_empty(policy: Policy) -> None:
    """Below each heading something is said, if only that there is nothing."""
    notice = [*blocks(policy), Piece("h2", "the end", By(Topic.HEADING))]
    empty = [
        one.text
        for one, after in pairwise(notice)
        if one.kind in HEADINGS and after.kind in HEADINGS and after.kind <= one.kind
    ]

    assert [] == empty


@EACH
def test_every_document_can_be_made(policy: Policy) -> None:
    """Whatever the policy lacks, each document of it is written, and every field has its few sentences."""
    made = [one.render(policy) for formats in DOCUMENTS.values() for one in formats.values()]

    assert all(made)
    assert all(one.sentences for one in field_notices(policy))


def test_where_nothing_names_anybody_it_is_said_that_no_choice_is_heard() -> None:
    """Under no name can a choice be recorded, so the notice and `remit explain` do not promise that one holds."""
    nobody, somebody = policy_of(FACTS_ALONE), policy_of(COUNTS_ALONE)
    assert [] == names([nobody], "ada")
    assert names([somebody], "ada")

    assert book("en").unheard in whole(nobody)
    assert book("en").unheard not in whole(somebody)
    assert "so no choice is known: all of it is counted" in explanation(nobody, "page_visit")
    assert "It may be refused. No choice is known of it" in explanation(nobody, "page.url")
    assert "No choice is known" not in explanation(somebody, "account.id")
    asking = policy_of(FACTS_ALONE.replace("basis: legitimate-interest", "basis: consent"))
    assert "so no choice is known: nothing is counted" in explanation(asking, "page_visit")


def test_a_signal_is_heard_where_nobody_is_named() -> None:
    """It comes with the request itself; that a choice would outweigh it is not said where no choice can be known."""
    signals = "signals: {gpc: [learn]}\ncollect:"
    nobody, somebody = (policy_of(source.replace("collect:", signals)) for source in (FACTS_ALONE, COUNTS_ALONE))

    assert "so no choice is known: only a signal stops it" in explanation(nobody, "page_visit")
    assert [False, True] == [book("en").outweighed in whole(one) for one in (nobody, somebody)]
    assert all(said(one, By(Topic.SIGNAL, "gpc")) for one in (nobody, somebody))


def explanation(policy: Policy, name: str) -> str:
    """All that `remit explain` says of one name."""
    parts = [part for one in explained(policy, name) for part in one.parts]
    return " ".join(sentence.says for part in parts for sentence in part.sentences)


def test_without_a_service_it_is_said_that_none_stops() -> None:
    """Only where the policy has none: one that nothing serves yet is not said to need nothing."""
    assert book("en").no_service in whole(policy_of(NO_SERVICE))
    assert [] == [one for one in (TWO_SOURCES, ONLY_OTHERS_TELL) if book("en").no_service in whole(policy_of(one))]


FURTHER = text(
    DELIVER.replace(
        "dpv:",
        "compatible: {answer: {link: a question is about an order, context: who asks expects it, nature: an address,"
        " consequences: a quicker answer, safeguards: only who answers reads it}}, dpv:",
    ),
    "answer: {says: to answer what you ask us, basis: contract, dpv: CustomerCare}",
    """
collect:
  - {items: [email], from: you, for: deliver, keep: 2y}
  - {items: [page.url], from: log, for: deliver, keep: never}
facts:
  page_visit: {by: {page: page.url | route}, for: deliver}
""",
)


def test_what_nothing_is_kept_for_is_not_said_to_be_read_further() -> None:
    """A further use that was assessed is told only where something brings what could be read."""
    unheard = FURTHER.replace("from: you", "from: someone-else")

    assert "What we keep for it may also be read to answer" in whole(policy_of(FURTHER))
    assert "to deliver what you buy, because" in whole(policy_of(unheard))
    assert "may also be read" not in whole(policy_of(unheard))


def test_two_retentions_of_one_item_are_each_told() -> None:
    """Who tells it decides how long it stays, in every document that says how long anything does."""
    policy = policy_of(TWO_SOURCES)
    record, dpv = (json.loads(published(policy, *kind)) for kind in (("record", "json"), ("dpv", "jsonld")))
    stays = [one["dpv:hasStorageCondition"][0]["dpv:hasDuration"] for one in dpv["@graph"] if "#rule" in one["@id"]]

    assert ["2 years", "30 days"] == [
        time
        for time in ("2 years", "30 days")
        if f"- {time}, to deliver what you buy: email address" in bulleted(policy)
    ]
    assert "We keep it for 2 years." in field_notices(policy)[0].sentences
    assert ["P730D", "P30D", "P90D"] == stays
    assert "email address: P730D" in record["activities"][0]["time limits for erasure"]
    assert "email address, name: P30D" in record["activities"][0]["time limits for erasure"]
    assert "kept for 2 years" in explanation(policy, "email")
    assert "kept for 30 days" in explanation(policy, "email")


def bulleted(policy: Policy) -> str:
    """The notice as Markdown has its list."""
    return "\n".join(f"- {block.text}" for block in blocks(policy))


def test_what_nothing_is_kept_for_is_said_to_stay_nowhere() -> None:
    """Under its purpose, under how long, and in the record: no time is named for it."""
    policy = policy_of(NOTHING_KEPT)
    record = json.loads(published(policy, "record", "json"))["activities"][1]

    assert "only if you agree. Nothing stays for it." in said(policy, By(Topic.PURPOSE, "learn"))
    assert "not at all, beyond reducing and counting, to learn which pages are read: page address." in whole(policy)
    assert ["page address: reduced or counted on arrival, then gone"] == record["time limits for erasure"]


READS = """
collect:
  - {items: [account.id, page.url], from: device, for: learn, keep: never}
facts:
  page_visit: {by: {page: page.url | route}, for: learn, device_access: consent}
counts:
  active: {of: account.id, every: day, for: learn, device_access: consent}
"""
READS_NOTHING = READS.replace("from: device", "from: log").replace(", device_access: consent", "")
EXEMPT = READS.replace("device_access: consent", "device_access: exempt, exemption: a law of France")
READS_MORE = READS.replace("page.url]", "page.url, os.name]").replace("| route}", "| route, os: os.name | os_family}")


BEGINS, MORE, ASKS, EASES = (READS_NOTHING, READS), (READS, READS_MORE), (EXEMPT, READS), (READS, EXEMPT)


@pytest.mark.parametrize(
    ("basis", "texts"),
    [
        pytest.param("consent", BEGINS, id="a purpose on consent begins to read"),
        pytest.param("consent", MORE, id="a purpose on consent reads more"),
        pytest.param("legitimate-interest", BEGINS, id="an interest begins to read"),
        pytest.param("legitimate-interest", MORE, id="an interest reads more"),
        pytest.param("legitimate-interest", ASKS, id="an interest begins to ask"),
        pytest.param("legitimate-interest", EASES, id="an interest reads without asking"),
    ],
)
def test_who_agreed_to_have_a_device_read_is_asked_anew_when_more_is_read(
    tmp_path: Path, basis: str, texts: tuple[str, str]
) -> None:
    """A yes to the reading is a consent, whatever the purpose stands on: `remit diff` says so, and ends with 2."""
    learn = LEARN.replace("legitimate-interest", basis)
    sources = [text(learn, part, version=version) for version, part in enumerate(texts, 1)]
    files = [tmp_path / "old.yaml", tmp_path / "new.yaml"]
    for file, source in zip(files, sources, strict=True):
        file.write_text(source, encoding="utf-8")
    status, answer, _ = run(f"diff {files[0]} {files[1]}")
    old, new = map(policy_of, sources)

    assert 2 == status
    assert "Consents that no longer cover it: ask again\n  learn: " in answer
    assert {PurposeKey("learn")} == outgrown(old, new)
    assert not outgrown(old, old)


def test_a_purpose_for_which_nobody_is_asked_has_nothing_to_ask_anew() -> None:
    """Where no device is read with a yes, and nothing else waits for one, more of it asks for no consent."""
    more = READS_NOTHING.replace("page.url]", "page.url, os.name]").replace(
        "| route}", "| route, os: os.name | os_family}"
    )
    old, new = (policy_of(text(LEARN, part)) for part in (READS_NOTHING, more))

    assert not outgrown(old, new)


def test_what_is_needed_together_is_told_together() -> None:
    """Notice and explanation tell alternatives apart, each with all of its items, and with what for if that differs."""
    notice, said = markdown(policy_of(TOGETHER)), explained(policy_of(TOGETHER), "shop")[0].parts[0].sentences
    help_, deliver = "to answer what you ask", "to deliver what you buy"

    assert f"we need one of email address and name, or phone number ({deliver}) and" in notice
    assert f" and email address ({help_}) or phone number ({deliver}). Without that, this stops." in notice
    assert f"we need name ({deliver}) and email address or phone number ({deliver})." in notice
    either = "One of email address and name, phone number, or name and shipping address"
    assert [
        f"{either}, {deliver} (deliver). Without that it stops.",
        f"Email address {help_} (help) or phone number {deliver} (deliver). Without that it stops.",
        f"Name, {deliver} (deliver). Without that it gets worse.",
        f"Email address or phone number, {deliver} (deliver). Without that it gets worse.",
    ] == [one.says for one in said]


def test_an_alternative_comes_in_whole_or_not_at_all() -> None:
    """The notice names no alternative of which something has no way in yet."""
    assert "shipping address" not in markdown(policy_of(TOGETHER))
