"""What `remit explain` says, and what it costs to refuse."""

import json
from pathlib import Path

import pytest
from said import CASES, DOCUMENT, DOCUMENTS, EXAMPLE, GOLDEN, SAID, blocks, executed, run, said_of_the_example, written

from remit.policy.change import EFFECTS
from remit.policy.checks import RULES
from remit.policy.words import RECORDS, Kind


@pytest.mark.parametrize("name", SAID)
def test_what_a_command_says_reads_as_reviewed(name: str) -> None:
    """A change of what a command says is a change that somebody read."""
    assert (GOLDEN / name).read_text() == said_of_the_example(SAID[name])


def test_no_reviewed_text_is_left_behind() -> None:
    """Each golden text is one that some command says."""
    assert set(SAID) == {path.name for path in GOLDEN.iterdir()}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_a_document_shows_what_its_commands_say(path: Path) -> None:
    """Every console block holds what its command answers, for the files that the document shows."""
    document = path.read_text()

    assert list(blocks(document))
    assert document == executed(document)


def test_the_document_names_every_effect() -> None:
    """Who reads the JSON of a difference finds each of its words explained."""
    document = DOCUMENT.read_text()

    assert [] == [effect for effect, of in EFFECTS.items() if f"| `{effect}` | {of.reach} |" not in document]


def test_every_name_of_the_example_is_explained() -> None:
    """Whatever stands in the policy by a name can be asked about by it, and the answer names a line."""
    found = json.loads(
        run(f"explain shop shop-web page_visit active_users email run-account --json --policy {EXAMPLE}")[1]
    )

    kinds = ["service", "app", "fact", "kind of record", "count", "item", "purpose"]
    assert kinds == [one["kind"] for one in found]
    assert [] == [
        one["name"] for one in found if not any(said["line"] for part in one["parts"] for said in part["sentences"])
    ]


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("explain emial", "'email'?"),
        ("explain app.release", "'app.version'?"),
        ("explain deliver-oder", "'deliver-order'?"),
        ("explain --refuse emial", "'email'?"),
        ("explain --refuse email:measure-ads", "'email:"),
        ("explain --refuse device.name", "nothing is collected as 'device.name'"),
    ],
)
def test_a_name_that_nothing_has_gets_a_suggestion(line: str, meant: str) -> None:
    """Nothing is explained, the command fails, and what was probably meant is named."""
    status, out, complained = run(f"{line} --policy {EXAMPLE}")

    assert (1, "") == (status, out)
    assert meant in complained


def test_a_thing_has_the_names_of_others(tmp_path: Path) -> None:
    """Where two things share a name, both are explained, an item first."""
    text = EXAMPLE.read_text().replace("answer-you", "email")
    (tmp_path / "remit.yaml").write_text(text)

    assert ["item", "purpose"] == [
        one["kind"] for one in json.loads(run(f"explain email --json --policy {tmp_path}/remit.yaml")[1])
    ]


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_of_record_is_explained(kind: Kind) -> None:
    """Whatever may arrive can be asked about: what it tells, and what becomes of the rest of it."""
    (found,) = [
        one
        for one in json.loads(run(f"explain {kind} --json --policy {EXAMPLE}")[1])
        if one["kind"] == "kind of record"
    ]

    assert f"It tells {RECORDS[kind]}." == found["says"]
    assert "The rest" == found["parts"][-1]["heading"]


def test_a_kind_that_nothing_needs_is_dropped(tmp_path: Path) -> None:
    """Where no app takes a protocol that brings it, nothing is said to be taken."""
    text = written(DOCUMENT.read_text())["remit.yaml"].replace("domain:", "protocols: [segment, plausible], domain:")
    (tmp_path / "remit.yaml").write_text(text)
    (found,) = json.loads(run(f"explain message --json --policy {tmp_path}/remit.yaml")[1])

    assert ["Apps that may send it", "The rest"] == [part["heading"] for part in found["parts"]]
    assert "Nothing is done with it" in found["parts"][1]["sentences"][0]["says"]


def test_a_check_is_explained_where_no_policy_passes_it(tmp_path: Path) -> None:
    """Who sees a code can ask what it means, with a policy that fails it, or none."""
    (tmp_path / "remit.yaml").write_text("version: 0")

    for code, says in RULES.items():
        status, said, _ = run(f"explain {code} --policy {tmp_path}/remit.yaml")
        assert 0 == status
        assert " ".join(said.split()).startswith(f"{code} (check): {says}")
    status, _, complained = run(f"explain P012 email --policy {tmp_path}/remit.yaml")
    assert 1 == status
    assert complained.endswith("; the catalogue has email: email address.\n")


def test_an_item_that_is_not_collected_comes_with_the_line_that_would(tmp_path: Path) -> None:
    """The catalogue tells what it is; a policy that does nothing with it says so, and by which rule it would."""
    (tmp_path / "remit.yaml").write_text((CASES / "sound.yaml").read_text())
    status, said, _ = run(f"explain app.version --policy {tmp_path}/remit.yaml")

    assert 0 == status
    assert " ".join(said.split()).startswith("app.version (item): Application version.")
    assert "The policy does not collect it" in said
    assert "- {items: [app.version], from: device, for: PURPOSE, keep: never}" in " ".join(said.split())


def test_what_the_law_demands_cannot_be_refused(tmp_path: Path) -> None:
    """A refusal on a ground that does not hang on the person changes nothing, and the answer says so."""
    ground = "to answer the questions that you ask us, basis: "
    text = EXAMPLE.read_text().replace(f"{ground}contract", f"{ground}legal-obligation")
    (tmp_path / "remit.yaml").write_text(text)
    status, said, _ = run(f"explain --refuse answer-you --policy {tmp_path}/remit.yaml")

    assert 0 == status
    assert "Refused: nothing." in said
    assert "Stops" not in said
    assert "changes nothing: it is done because a law demands it." in " ".join(said.split())


def test_everything_that_the_language_says_of_a_purpose_is_explained() -> None:
    """A limit, a further purpose in both directions, and why something is required are told with the rest."""
    said = run(f"explain deliver answer --policy {CASES}/sound-all.yaml")[1]

    assert "Longest that anything stays for it" in said
    assert 2 == said.count("Read for other purposes too")
    assert "does not stop it: without it no parcel reaches you." in " ".join(said.split())


def test_where_and_from_which_age_on_something_is_collected_is_explained() -> None:
    """A rule of some countries, for a consent from some age on, says so; a service cannot be had without elsewhere."""
    said = " ".join(run(f"explain news --policy {CASES}/sound-all.yaml")[1].split())

    assert "kept for 1 year; only in DE and NL; from the age of 18." in said


def test_words_of_a_policy_do_not_command_the_terminal(tmp_path: Path) -> None:
    """What a statement holds besides words is not printed."""
    says = "to keep your account and payments safe"
    (tmp_path / "remit.yaml").write_text(EXAMPLE.read_text().replace(says, f'"{says}\\e[31m\\nred"'))
    status, said, _ = run(f"explain prevent-fraud net.ip --policy {tmp_path}/remit.yaml")

    assert 0 == status
    assert "\x1b" not in said
    assert "payments safe [31m red" in said


@pytest.mark.parametrize(
    ("where", "states"),
    [
        (
            "--country NL",
            {"shop": "stops", "track": "stops", "help": "degrades", "repair": "degrades", "page": "works"},
        ),
        ("--country DE", {"shop": "works", "track": "degrades", "help": "works", "repair": "works", "page": "works"}),
        ("--country US", {"shop": "works", "track": "degrades", "help": "works", "repair": "works", "page": "works"}),
        ("", {"shop": "stops", "track": "stops", "help": "degrades", "repair": "degrades", "page": "works"}),
        (
            "--country DE --age 15",
            {"shop": "works", "track": "degrades", "help": "works", "repair": "works", "page": "works"},
        ),
    ],
)
def test_a_refusal_is_told_under_the_law_of_a_place(where: str, states: dict[str, str], tmp_path: Path) -> None:
    """What a law forbids is not there, and brings nothing back. No age stops a service: none hangs on a consent."""
    text = (CASES / "sound-all.yaml").read_text()
    was = "forbid: [{item: email, for: news}, message.text]"
    assert 1 == text.count(was)
    (tmp_path / "remit.yaml").write_text(text.replace(was, "forbid: [name, email, loyalty.card]"))
    line = f"explain --refuse email:answer {where} --policy {tmp_path}/remit.yaml"
    told = {one["service"]: one for one in json.loads(run(f"{line} --json")[1])["services"]}
    restored = {key: one["restores"] for key, one in told.items() if one["state"] != "works"}

    assert states == {key: one["state"] for key, one in told.items()}
    if states["shop"] == "works":
        assert {"track": [{"item": "email", "purpose": "answer"}]} == restored
        assert "track works again with email address for answer." in run(line)[1]
    else:
        assert dict.fromkeys(("shop", "track", "help", "repair")) == restored
        assert "works again" not in run(line)[1]
