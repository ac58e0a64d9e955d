"""Problems as SARIF 2.1.0, which editors and code hosts show beside the lines."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from remit.policy.problem import Problem

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def log(problems: Sequence[Problem], rules: Mapping[str, str]) -> dict[str, Any]:
    """One run of remit: every rule, by its code and its sentence, and every problem as a result."""
    codes = list(rules)
    driver = {
        "name": "remit",
        "rules": [{"id": code, "shortDescription": {"text": says}} for code, says in rules.items()],
    }
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "unicodeCodePoints",
                "results": [_result(problem, codes.index(problem.code)) for problem in problems],
            }
        ],
    }


def _result(problem: Problem, rule: int) -> dict[str, Any]:
    place = {
        "artifactLocation": {"uri": _uri(problem.file)},
        "region": {"startLine": problem.line, "startColumn": problem.column},
    }
    return {
        "ruleId": problem.code,
        "ruleIndex": rule,
        "level": "error",
        "message": {"text": f"{problem.says} (fix: {problem.fix})"},
        "locations": [{"physicalLocation": place}],
    }


def _uri(file: str) -> str:
    return f"file://{quote(file)}" if file.startswith("/") else quote(file)
