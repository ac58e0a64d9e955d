"""`remit check` for programs: the same problems as for people, as JSON and as SARIF."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from remit.cli.main import app
from remit.policy.checks import RULES
from remit.policy.compile import compiled
from remit.policy.problem import Problem

CASES = Path(__file__).parent / "cases"
FAULTY = [
    CASES / "P001-broken-yaml.yaml",
    CASES / "P059-protocol-unknown.yaml",
    CASES / "P050-used-but-not-collected.yaml",
]
LEVELS = {"none", "note", "warning", "error"}


def checked(file: Path, *flags: str) -> tuple[int, Any]:
    """The exit status, and what was printed, as JSON."""
    done = CliRunner().invoke(app, ["check", *flags, str(file)])
    return done.exit_code, json.loads(done.output)


def problems_of(file: Path) -> list[Problem]:
    """What the compiler says."""
    found = compiled(file.read_text(encoding="utf-8"), str(file))
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize("file", FAULTY, ids=lambda file: file.stem)
def test_a_program_is_told_every_problem(file: Path) -> None:
    """Place, code, words and fix of each problem, in the order of the file, and the exit status of a faulty policy."""
    told = [
        {"file": p.file, "line": p.line, "column": p.column, "code": p.code, "says": p.says, "fix": p.fix}
        for p in problems_of(file)
    ]

    assert (1, told) == checked(file, "--json")


@pytest.mark.parametrize("file", FAULTY, ids=lambda file: file.stem)
def test_problems_are_sarif(file: Path) -> None:
    """What SARIF 2.1.0 requires is there, each result points to its rule, and to the place that people are told."""
    status, log = checked(file, "--sarif")
    (run,) = log["runs"]
    driver, results = run["tool"]["driver"], run["results"]
    regions = [one["locations"][0]["physicalLocation"]["region"] for one in results]

    assert (1, "2.1.0") == (status, log["version"])
    assert driver["name"]
    assert list(RULES) == [rule["id"] for rule in driver["rules"]]
    assert all(rule["shortDescription"]["text"] for rule in driver["rules"])
    assert [p.code for p in problems_of(file)] == [driver["rules"][one["ruleIndex"]]["id"] for one in results]
    assert [(p.line, p.column) for p in problems_of(file)] == [
        (one["startLine"], one["startColumn"]) for one in regions
    ]
    assert all(p.says in one["message"]["text"] for p, one in zip(problems_of(file), results, strict=True))
    assert all(one["level"] in LEVELS and one["ruleId"] in RULES for one in results)
    assert {f"file://{file}"} == {one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in results}


def test_a_sound_policy_has_no_problems() -> None:
    """No problem is an empty list in both, and success."""
    status, log = checked(CASES / "sound.yaml", "--sarif")

    assert (0, []) == checked(CASES / "sound.yaml", "--json")
    assert (0, []) == (status, log["runs"][0]["results"])


def test_what_waits_is_told() -> None:
    """Who declares what nothing takes or does yet is told so, line by line; the policy is in order all the same."""
    done = CliRunner().invoke(app, ["check", str(CASES / "sound-all.yaml")])
    waiting = [line.partition(": ")[2] for line in done.output.splitlines() if line.startswith("  not yet: ")]

    assert 0 == done.exit_code
    assert [
        "nothing brings yet what friends tells",
        "nothing takes yet what watch sends by glean",
        "nothing makes columns of visits fall yet",
    ] == [line.partition(": ")[2] for line in waiting]


def test_one_form_at_a_time() -> None:
    """Both forms at once are refused: neither is silently left out."""
    done = CliRunner().invoke(app, ["check", "--json", "--sarif", str(CASES / "sound.yaml")])

    assert (1, "") == (done.exit_code, done.stdout)


def test_one_is_not_several() -> None:
    """What is counted stands in its number, and a mere check does not say that it changed nothing."""
    sound = CliRunner().invoke(app, ["check", str(CASES / "sound.yaml")])
    faulty = CliRunner().invoke(app, ["check", str(CASES / "P022-basis-unknown.yaml")])

    assert "2 purposes, 1 service, 1 app, 2 collection rules, 1 fact, 1 count." in sound.stdout
    assert "1 problem.\n" == faulty.stderr
