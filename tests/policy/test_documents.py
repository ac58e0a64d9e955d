"""Published documents say what the policy says: all of it, and nothing else."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
import yaml
from fideslang.default_taxonomy import DEFAULT_TAXONOMY
from hypothesis import given, settings
from published import (
    CARRIER,
    EXAMPLE,
    FRIENDS,
    ROOT,
    SAYS,
    example,
    made_of,
    manifest,
    official,
    play_rows,
    policies,
    published,
    purpose,
    rule,
    silent,
)
from typer.testing import CliRunner

from remit.cli.main import app
from remit.cli.publishing import Formats, Kinds
from remit.policy.catalogue import CATALOGUE
from remit.policy.model import Policy, Purpose
from remit.policy.render.documents import DOCUMENTS, Document
from remit.policy.render.information import ASKED, IN_SOME_CASES, unstated
from remit.policy.render.notice import Piece, blocks
from remit.policy.render.purposes import PURPOSES
from remit.policy.render.told import By, Topic
from remit.policy.words import WHILE_ACCOUNT, Basis, Item, Role, Source, SubjectGroup

GOLDEN = Path(__file__).parent / "documents"
EACH = [document for formats in DOCUMENTS.values() for document in formats.values()]


def remit(*words: str) -> tuple[int, bytes, str]:
    """How a command ended, and what it said."""
    done = CliRunner().invoke(app, ["publish", *words])
    return done.exit_code, done.stdout_bytes, done.stderr


@pytest.mark.parametrize("document", SAYS)
@settings(max_examples=60, deadline=None)
@given(policy=policies())
def test_a_document_tells_of_all_that_is_collected_and_of_nothing_else(document: str, policy: Policy) -> None:
    """For any policy, the terms of a document are exactly those of what is collected by the rules it tells of."""
    read, term, tells = SAYS[document]
    rules = [one for one in policy.collect if tells(policy, one)]
    wanted = {term(item) for one in rules for item in one.items} - {None}

    assert wanted == read(policy)


@pytest.mark.parametrize("document", SAYS)
def test_a_document_of_nothing_is_empty(document: str) -> None:
    """Sentences come from the policy, not from a template: without rules no document names anything."""
    read, _, _ = SAYS[document]

    assert set() == read(made_of())


@pytest.mark.parametrize("document", EACH, ids=lambda one: one.file)
def test_the_example_publishes_as_reviewed(document: Document) -> None:
    """A change of a published document is a change that somebody read."""
    golden = (GOLDEN / document.file).read_bytes().decode()

    assert golden == document.render(example())


def test_no_document_is_kept_that_is_not_published() -> None:
    """The reviewed documents are those that there are."""
    files = {path.relative_to(GOLDEN).as_posix() for path in GOLDEN.rglob("*") if path.is_file()}

    assert {document.file for document in EACH} == files


def test_the_notice_for_machines_is_the_notice_for_people() -> None:
    """The same blocks in the same order, word for word, and no id twice."""
    found = json.loads(published(example(), "notice", "json"))["blocks"]
    ids = [sentence["id"] for block in found for sentence in block["sentences"]]

    assert list(blocks(example())) == [
        Piece(block["kind"], " ".join(one["text"] for one in block["sentences"]), _by(block), block["id"])
        for block in found
    ]
    assert len(ids) == len(set(ids)) > len(found)


def _by(block: dict[str, str]) -> By:
    return By(Topic(block["by"]), block["of"])


def test_a_sentence_keeps_its_id_while_its_words_stay() -> None:
    """What is added elsewhere moves no id; other words have another one."""
    before = _ids(made_of(rule("email")))
    more = _ids(made_of(rule("email"), rule("page.url", source=Source.LOG)))
    other = _ids(made_of(rule("email", days=31)))
    told = next(text for text in before if text.startswith("Your device or browser sends: email address"))

    assert before[told] == more[told]
    assert before[told] not in other.values()


def _ids(policy: Policy) -> dict[str, str]:
    found = json.loads(published(policy, "notice", "json"))["blocks"]
    return {one["text"]: one["id"] for block in found for one in block["sentences"]}


def test_an_item_of_the_policys_own_is_told_as_what_it_is_like() -> None:
    """What a policy adds stands in the documents by its own title, and by the terms of the item that it is like."""
    card, account = Item("loyalty.card"), CATALOGUE[Item("account.id")]
    own = {**CATALOGUE, card: replace(account, key=card, title="number of your loyalty card")}
    policy = replace(made_of(rule("loyalty.card")), catalogue=own)

    assert {"number of your loyalty card"} == SAYS["record as JSON"][0](policy)
    assert {"loyalty.card"} == SAYS["dpv"][0](policy)
    assert {account.terms.play} == SAYS["google-play"][0](policy)
    assert {account.terms.apple} == SAYS["apple"][0](policy)
    assert {account.terms.fideslang} == SAYS["fideslang"][0](policy)


def test_what_stays_with_an_account_is_not_told_as_a_number_of_days() -> None:
    """No document makes a time of a retention that ends when somebody has us forget an account."""
    policy = made_of(replace(rule("account.id"), keep=WHILE_ACCOUNT))

    for kind, form in (("record", "json"), ("record", "csv"), ("receipt", None), ("dpv", None), ("fideslang", None)):
        assert "until the account is forgotten" in published(policy, kind, form)
        assert "P10000000D" not in published(policy, kind, form)


TELLTALE = ("representative",)
"""Words without which a notice cannot say what stands on the list of what it does not say."""


@pytest.mark.parametrize("field", ASKED)
def test_what_the_law_asks_of_every_notice_has_a_source(field: str) -> None:
    """Either a check refuses a policy that does not say it (there is a case), or every notice says it by itself."""
    asked = ASKED[field]
    bare = published(replace(made_of(), purposes={}, automated=None), "notice")
    refused = {case.name[:4] for case in (ROOT / "tests/policy/cases").glob("P*.yaml")}

    assert asked.checks or asked.words
    assert set() == set(asked.checks) - refused
    assert asked.words in bare


def test_the_notice_is_not_said_to_be_complete() -> None:
    """What Art. 13 and 14 ask and the notice does not say is listed; what it has begun to say goes off the list."""
    told = published(example(), "notice").lower()
    heard = made_of(rule("social.nickname", source=Source.PROVIDER))
    named = replace(heard, collect=(replace(heard.collect[0], provider="friends"),), providers={"friends": FRIENDS})
    nobody = replace(example().controller, officer=None, authority=None)
    abroad = replace(nobody, country="SG")
    ways = [gap for gap in unstated(example()) if gap.startswith("line ")]

    before = replace(made_of(), controller=abroad, automated=None)

    assert [] == [word for word in TELLTALE if word in told]
    assert [] == unstated(made_of())
    assert list(IN_SOME_CASES) == [gap.partition(":")[0] for gap in unstated(replace(made_of(), controller=nobody))]
    assert ["representative", "automated decisions", *IN_SOME_CASES] == [
        gap.partition(":")[0] for gap in unstated(before)
    ]
    assert ["another person", "number-check", "ad-network", "social-network"] == [
        gap.partition("what ")[2].removesuffix(" tells") for gap in ways
    ]
    assert "line 1: nothing brings yet what friends tells" in unstated(named)


OURS = """
not stated in the policy|en|expressed|until it is withdrawn|{record_id}|{pii_principal_id}|{event_time}
Records of processing activities, GDPR Art. 30(1)|further ones: not stated in the policy
what is kept is sealed under a key for each person|statistics lie in another store, and no process opens both
reduced or counted on arrival, then gone|until the account is forgotten|nobody|none
"""
"""Words of remit's own in the documents for machines: each was held against what remit does."""


@pytest.mark.parametrize(("kind", "form"), [("record", "json"), ("receipt", None), ("dpv", None)])
def test_no_document_says_more_than_the_policy(kind: str, form: str | None) -> None:
    """Every text is the policy's, the catalogue's or a vocabulary's, or stands on a list of few that were reviewed."""
    policy = example()
    said = {*OURS.replace("\n", "|").split("|"), str(policy.version), *CATALOGUE}
    said |= {entry.title for entry in CATALOGUE.values()} | {source.value for source in Source}
    who = policy.controller
    said |= {who.name, who.contact, who.country, str(who.officer), str(who.authority), *policy.services}
    said |= {str(who.address), str(policy.documents.notice)}
    said |= {f"{one.name} ({one.country})" for one in policy.providers.values()}
    said |= {service.says for service in policy.services.values()} | {*policy.facts, *policy.counts}
    for one in policy.purposes.values():
        said |= {one.key, one.says, one.basis.value, str(one.expression), *one.subjects}
    texts = {text for text in _texts(json.loads(published(policy, kind, form))) if text not in said}

    assert texts
    assert set() == {text for text in texts if not _is_term(text) and not _is_limit(text)}


def _texts(node: object) -> list[str]:
    if isinstance(node, dict):
        return [text for key, value in node.items() if key not in ("@context", "not_stated") for text in _texts(value)]
    if isinstance(node, list):
        return [text for value in node for text in _texts(value)]
    return [str(node)]


def _is_term(text: str) -> bool:
    return bool(re.fullmatch(r"(dpv|pd|loc|eu-gdpr):[\w-]+|#[a-z]+-?[\w-]*|P\d+D|https://w3id.org/dpv/\S+", text))


GONE = "reduced or counted on arrival, then gone"


def _is_limit(text: str) -> bool:
    titles, _, until = text.rpartition(": ")
    known = {entry.title for entry in CATALOGUE.values()}
    rest = titles
    for title in sorted(known, key=len, reverse=True):
        rest = rest.replace(title, "")
    return not rest.replace(", ", "") and bool(re.fullmatch(rf"P\d+D|{GONE}|until the account is forgotten", until))


@pytest.mark.parametrize("kind", [kind for kind in DOCUMENTS if kind != "dpv"])
def test_what_is_asked_and_not_stated_is_listed(kind: str) -> None:
    """Whatever a document's readers ask and the example has no answer to can be listed, once each."""
    for document in DOCUMENTS[kind].values():
        gaps = document.unstated(silent(example()))

        assert gaps
        assert sorted(set(gaps)) == sorted(gaps)


def test_the_record_says_plainly_what_is_not_stated() -> None:
    """A field of Art. 30(1) without an answer stands in the record as such, and is listed; others are not listed."""
    nobody = silent(replace(example(), controller=replace(example().controller, officer=None)))
    found = json.loads(published(nobody, "record", "json"))
    fields = found["parties"] | found["activities"][0]
    empty = {name for name, value in fields.items() if "not stated in the policy" in str(value)}

    assert empty == {gap.partition(":")[0] for gap in found["not_stated"]}
    assert {"representative", "data protection officer", "categories of data subjects", "address"} <= empty


def test_what_a_policy_answers_stands_in_the_documents() -> None:
    """Postal address, groups of people, how a yes is said, where values lie, under which law: told, and not listed."""
    policy = example()
    record = json.loads(published(policy, "record", "json"))
    consents = json.loads(published(policy, "receipt"))["@graph"]
    declared = yaml.safe_load(published(policy, "fideslang"))["system"][0]["privacy_declarations"]
    rules = [node for node in json.loads(published(policy, "dpv"))["@graph"] if node["@id"].startswith("#rule-")]

    assert [] == DOCUMENTS["receipt"]["jsonld"].unstated(policy) == DOCUMENTS["fideslang"]["yml"].unstated(policy)
    assert "not stated in the policy" not in published(policy, "receipt")
    assert policy.controller.address == record["parties"]["address"]
    groups = {one["activity"]: one["categories of data subjects"] for one in record["activities"]}
    assert (["customers"], ["customers", "visitors"]) == (groups["run-account"], groups["learn-usage"])
    for one in consents:
        assert policy.controller.address == one["dpv:hasDataController"]["dpv:hasAddress"]
        assert "https://www.example.com/privacy" == one["dpv:hasNotice"]["dct:identifier"]
        assert ["loc:DE", "loc:NL"] == [place["dpv:hasCountry"]["@id"] for place in one["dpv:hasStorageCondition"]]
        assert [{"@id": "loc:NL"}] == one["dpv:hasJurisdiction"]
        assert "explicit" == one["dpv:hasConsentStatus"]["dpv:hasIndicationMethod"]
    assert {"customer", "visitor"} == {group for one in declared for group in one["data_subjects"]}
    assert {"dpv:Customer", "dpv:Visitor"} == {group["@id"] for one in rules for group in one["dpv:hasDataSubject"]}


def test_what_one_purpose_leaves_open_is_listed() -> None:
    """Where some purposes say whom they concern, or how people agree, and others do not, that is still not stated."""
    policy = example()
    (key, one), *_ = ((key, one) for key, one in policy.purposes.items() if one.basis is Basis.CONSENT)
    partly = replace(policy, purposes={**policy.purposes, key: replace(one, subjects=(), expression=None)})
    open_ones = [next(iter(DOCUMENTS[kind].values())).unstated for kind in ("record", "receipt", "fideslang")]
    gaps = [gap for unanswered in open_ones for gap in unanswered(partly)]

    for part in ("categories of data subjects", "event_type", f"data_subjects of {key}"):
        assert any(gap.startswith(part) for gap in gaps), part


@pytest.mark.parametrize("group", SubjectGroup)
def test_every_group_of_people_has_a_term(group: SubjectGroup) -> None:
    """DPV calls each group by a class of its own; fideslang has a word of its taxonomy, or it is listed."""
    policy = made_of(rule("email"), purposes=[replace(purpose("p0"), subjects=(group,))])
    (node,) = (one for one in json.loads(published(policy, "dpv"))["@graph"] if one["@id"] == "#rule-0")
    (declared,) = yaml.safe_load(published(policy, "fideslang"))["system"][0]["privacy_declarations"]
    words = set(declared.get("data_subjects", ()))
    gaps = [gap for gap in DOCUMENTS["fideslang"]["yml"].unstated(policy) if gap.startswith("data_subjects")]

    assert {one["@id"].removeprefix("dpv:") for one in node["dpv:hasDataSubject"]} <= official("dpv-classes")
    assert words <= {one.fides_key for one in DEFAULT_TAXONOMY.data_subject}
    assert bool(words) is not bool(gaps)


def test_who_is_told_is_told_in_every_document_that_asks() -> None:
    """A recipient stands in the record, the consent record, DPV and fideslang for what it is told, and nowhere else."""
    one, two = purpose("p0"), purpose("p1", "DeliveryOfGoods")
    policy = replace(
        made_of(rule("email"), rule("email", "phone", purpose="p1"), purposes=[one, two]),
        recipients={"carrier": CARRIER},
    )
    record = json.loads(published(policy, "record", "json"))["activities"]
    nodes = {node["@id"]: node for node in json.loads(published(policy, "dpv"))["@graph"]}
    consents = json.loads(published(policy, "receipt"))["@graph"]
    shared = yaml.safe_load(published(policy, "fideslang"))["system"][0]["privacy_declarations"]

    assert [["Example Parcels (SG), processor"], "nobody"] == [act["categories of recipients"] for act in record]
    assert [["SG: Example Parcels, the clauses"], "none"] == [act["transfers to third countries"] for act in record]
    assert "dpv:DataProcessor" == nodes["#recipient-carrier"]["@type"]
    assert [True, False] == ["dpv:hasRecipient" in nodes[key] for key in ("#rule-0", "#rule-1")]
    assert [True, False] == [isinstance(one["dpv:hasRecipientThirdParty"], list) for one in consents]
    assert [["user.contact.email"], None] == [one.get("shared_categories") for one in shared]
    assert "Example Parcels (Singapore), who works for us" in published(policy, "notice")


def test_only_who_decides_alone_or_with_others_is_shared_with() -> None:
    """To stores, a processor is part of the app; others are told, and where they advertise, that tracks people."""
    policy = made_of(rule("email"), purposes=[purpose("p0", "Advertising")])
    said = {}
    for role in Role:
        told = replace(policy, recipients={"carrier": replace(CARRIER, role=role)})
        rows = [row for row in play_rows(told) if row[0].startswith("PSL_DATA_USAGE_RESPONSES:PSL_EMAIL:")]
        said[role] = sorted(row[1] for row in rows if row[2] == "TRUE" and "SHAR" in row[0] + row[1])
        assert manifest(told)["NSPrivacyTracking"] is (role is not Role.PROCESSOR)

    assert ["PSL_DATA_USAGE_ONLY_COLLECTED"] == said[Role.PROCESSOR]
    assert said[Role.CONTROLLER] == said[Role.JOINT_CONTROLLER]
    assert ["PSL_ADVERTISING", "PSL_DATA_USAGE_ONLY_COLLECTED", "PSL_DATA_USAGE_ONLY_SHARED"] == said[Role.CONTROLLER]


def unmapped(dpv: str) -> Policy:
    """A policy with one purpose of this term."""
    return made_of(rule("email"), purposes=[purpose("p0", dpv)])


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("google-play", lambda one: PURPOSES[one].play is None),
        ("fideslang", lambda one: PURPOSES[one].fideslang is None),
        ("dpv", lambda one: one not in PURPOSES),
    ],
)
def test_a_purpose_without_a_term_is_said_and_not_invented(kind: str, says: Callable[[str], bool]) -> None:
    """What a vocabulary has no word for is listed, and what it has one for is not."""
    (document,) = DOCUMENTS[kind].values()
    known = len(document.unstated(unmapped("ServiceRegistration")))
    for dpv in PURPOSES:
        assert known + says(dpv) == len(document.unstated(unmapped(dpv)))


def test_a_term_that_dpv_does_not_have_is_not_published() -> None:
    """An invented purpose is told as nothing, to Apple as ``Other``, and listed for DPV, Google and fideslang."""
    policy = unmapped("WorldPeace")

    assert "WorldPeace" not in published(policy, "dpv")
    assert "PurposeOther" in published(policy, "apple")
    for kind in ("dpv", "google-play", "fideslang"):
        (document,) = DOCUMENTS[kind].values()
        assert any("p0" in gap for gap in document.unstated(policy))


def test_the_command_knows_every_document() -> None:
    """Kinds and formats that can be typed are those that there are."""
    assert (*DOCUMENTS, "all") == get_args(Kinds)
    assert {form for formats in DOCUMENTS.values() for form in formats} == set(get_args(Formats))


@pytest.mark.parametrize(("kind", "form"), [(kind, form) for kind, formats in DOCUMENTS.items() for form in formats])
def test_publish_prints_a_document(kind: str, form: str) -> None:
    """The document alone goes to standard output, byte for byte; what is not stated goes to standard error."""
    code, said, gaps = remit(kind, str(EXAMPLE), "--format", form)
    document = DOCUMENTS[kind][form]

    assert (0, document.render(example()).encode()) == (code, said)
    assert [gap in gaps for gap in document.unstated(example())].count(False) == 0


def test_publish_writes_all_documents_by_their_own_names(tmp_path: Path) -> None:
    """With a folder every document is written, and nothing half-written is left beside them."""
    code, said, _ = remit("all", str(EXAMPLE), "--out", str(tmp_path))
    files = {path.relative_to(tmp_path).as_posix(): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    assert 0 == code
    assert {document.file: document.render(example()).encode() for document in EACH} == files
    assert sorted(str(tmp_path / file) for file in files) == sorted(said.decode().split())


def test_publish_says_what_it_cannot_do(tmp_path: Path) -> None:
    """A format that a document does not have, or all documents without a folder: words, exit 1, and no file."""
    wrong, _, words = remit("dpv", str(EXAMPLE), "--format", "csv")
    nowhere, _, way_out = remit("all", str(EXAMPLE))
    broken = tmp_path / "remit.yaml"
    broken.write_text("version: 1\n")
    faulty, _, _ = remit("all", str(broken), "--out", str(tmp_path / "out"))

    assert (1, 1, 1) == (wrong, nowhere, faulty)
    assert "jsonld" in words
    assert "--out DIR" in way_out
    assert not (tmp_path / "out").exists()


def test_a_statement_stays_a_cell() -> None:
    """Commas, quotes and line ends in a statement neither end a cell nor a row."""
    loud = Purpose(key=purpose("p0").key, says='to "sell",\nshout', basis=Basis.CONSENT, dpv="Advertising", line=1)
    read, _, _ = SAYS["record as CSV"]
    policy = made_of(rule("email"), purposes=[loud])

    assert {CATALOGUE[Item("email")].title} == read(policy)
    assert '"to ""sell"", shout"' in published(policy, "record", "csv")


def test_every_document_is_explained() -> None:
    """Kind, file name, reader and what was verified of each stand in the docs."""
    page = (ROOT / "docs" / "documents.md").read_text()
    rows = dict(re.findall(r"^\| `([\w-]+)` \| (.*?) \|", page, re.MULTILINE))

    assert set(DOCUMENTS) == set(rows)
    assert [] == [
        one.file for kind, formats in DOCUMENTS.items() for one in formats.values() if one.file not in rows[kind]
    ]
