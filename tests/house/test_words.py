"""The words as a test: the glossary is the code's, and the documents name only what exists."""

import re
import shlex
from pathlib import Path

import click
import house_rules as rules
import pytest
import typer
from house_rules import ROOT, modules, text

from remit.cli.main import app
from remit.gateway.connection import BUSY, MALFORMED, TOO_LARGE, TOO_SLOW
from remit.policy.words import Reason
from remit.wire.protocol import Rejection, Skip

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
GLOSSARY = text(ROOT / "GLOSSARY.md")
WORDS = dict(re.findall(r"^- \*\*([\w ]+)\*\* (.+)$", GLOSSARY, re.MULTILINE))
NOT_YET = "(not yet)"
LAWS = {f"L{number}" for number in range(1, 11)}
_COMMAND = typer.main.get_command(app)
assert isinstance(_COMMAND, click.Group | typer.core.TyperGroup)
COMMANDS = _COMMAND.commands


def shell_lines(document: str) -> list[str]:
    """What a reader is told to type: lines of shell blocks, and commands in running text."""
    blocks = re.findall(r"```sh\n(.*?)```", document, re.DOTALL)
    return [line.strip() for block in blocks for line in block.splitlines()] + re.findall(
        r"`((?:remit|make) [^`]+)`", document
    )


def unknown(line: str) -> list[str]:
    """Commands, flags and targets of a line that do not exist."""
    words = shlex.split(line, comments=True)
    if len(words) < 2 or not words[1][0].isalpha() or words[1].isupper():
        return []
    if words[0] == "make":
        targets = set(re.findall(r"^([a-z]+):", text(ROOT / "Makefile"), re.MULTILINE))
        return [] if words[1] in targets else [f"make {words[1]}"]
    if words[0] != "remit":
        return []
    command = COMMANDS.get(words[1])
    if command is None:
        return [f"remit {words[1]}"]
    known = {"--help"} | {option for parameter in command.params for option in parameter.opts}
    return [f"remit {words[1]} {word}" for word in words[2:] if word.startswith("--") and word not in known]


def test_every_word_of_the_glossary_is_in_the_code() -> None:
    """A word that the code does not use is not a word of the house, unless it says that it is not yet one."""
    source = "\n".join(text(path) for path in modules()).lower()
    spoken = {word for word in WORDS if re.search(rf"(?<![a-z]){word}(?:s|es|ies)?(?![a-z])", source)}

    assert [] == sorted(word for word, meaning in WORDS.items() if NOT_YET not in meaning and word not in spoken)


def test_what_is_not_yet_is_not_there() -> None:
    """When a word marked as future becomes a class or a module, the mark goes."""
    source = "\n".join(text(path) for path in modules())
    there = {word for word in WORDS if re.search(rf"^class {word.title()}\b", source, re.MULTILINE)}
    there |= {path.stem for path in modules()}

    assert [] == sorted(word for word, meaning in WORDS.items() if NOT_YET in meaning and word in there)


def test_one_word_has_one_meaning() -> None:
    """Each word stands once in the glossary, in the order of the alphabet, where it will be looked for."""
    listed = re.findall(r"\*\*([\w ]+)\*\* ", GLOSSARY)

    assert sorted(set(listed)) == listed


def test_one_name_is_one_class() -> None:
    """No two public classes share a name, and none is imported under another."""
    assert [] == rules.ambiguous({rules.name(path): text(path) for path in modules()})
    assert [] == [f"{rules.name(path)}: {found}" for path in modules() for found in rules.renamed(text(path))]


def test_the_stages_of_a_record_are_words() -> None:
    """What decide makes and the divider carries is explained to who reads the code."""
    stages = "block cell count desk fact fate load name narrow rank record split subject tally turn use vote".split()

    assert [] == [word for word in stages if word not in WORDS]


def test_every_refusal_and_every_skip_is_explained() -> None:
    """What is told to clients, or counted on the console, stands on the page about routes."""
    page = text(ROOT / "docs/routes.md")
    refusals = {refusal.problem for refusal in (MALFORMED, TOO_SLOW, TOO_LARGE, BUSY)}

    assert set() == {word for word in {*Rejection, *Skip, *refusals} if not re.search(rf"\b{word}\b", page)}


def test_every_reason_is_explained() -> None:
    """The closed list of reasons stands in the glossary, and no other."""
    explained = re.findall(r"^\| `(\w+)` \|", GLOSSARY, re.MULTILINE)

    assert sorted(Reason) == sorted(explained)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_documents_name_what_exists(path: Path) -> None:
    """Links lead somewhere, and every command, flag and target that a reader may type is there."""
    links = [link for link in re.findall(r"\]\(([^)#]+)", text(path)) if "://" not in link]
    not_yet = text(path).partition("## Not yet")[0]

    assert [] == [link for link in links if not (path.parent / link).exists()]
    assert [] == [word for line in shell_lines(not_yet) for word in unknown(line)]


def test_commands_that_do_not_exist_are_seen() -> None:
    """The check above can fail: on a command, a flag and a target."""
    assert ["remit guess"] == unknown("remit guess --purpose x")
    assert ["remit facts --purpose"] == unknown('remit facts "SELECT 1" --purpose x --json  # --nothing')
    assert ["make tea"] == unknown("make tea")
    assert [] == unknown("remit person --purpose P [--json]")


def test_every_command_is_in_the_readme() -> None:
    """Who reads the README has met every command."""
    readme = text(ROOT / "README.md")

    assert [] == [command for command in COMMANDS if f"remit {command}" not in readme]


def test_every_law_names_its_test_or_says_not_yet() -> None:
    """The table of laws is complete, its files exist, and a law without a test says so."""
    rows = re.findall(r"^\| (L\d+) [^|]*\| (.*) \|$", text(ROOT / "ARCHITECTURE.md"), re.MULTILINE)
    files = [file for _, proof in rows for file in re.findall(r"`(tests/[\w/.]+)`", proof)]

    assert set() == LAWS - {law for law, _ in rows}
    assert [] == [file for file in files if not (ROOT / file).exists()]
    assert [] == [law for law, proof in rows if "`tests/" not in proof and "not yet" not in proof]


def test_modules_named_in_the_architecture_exist() -> None:
    """The two paths can be walked from file to file."""
    named = re.findall(
        r"`((?:policy|wire|flows|stores|gateway|console|processes|cli)/\w+)`", text(ROOT / "ARCHITECTURE.md")
    )

    assert named
    assert [] == [name for name in named if not (rules.SOURCE / f"{name}.py").exists()]


def test_the_licence_is_whole() -> None:
    """Apache 2.0 with its nine sections and its appendix."""
    licence = text(ROOT / "LICENSE")

    assert [str(n) for n in range(1, 10)] == re.findall(r"^   (\d)\. ", licence, re.MULTILINE)
    assert "END OF TERMS AND CONDITIONS" in licence
    assert "Apache License\n                           Version 2.0, January 2004" in licence
