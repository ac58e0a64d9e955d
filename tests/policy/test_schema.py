"""The JSON Schema knows the language as the checks do, for editors."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from remit.cli.main import app
from remit.policy.compile import compiled
from remit.policy.language import PARTS
from remit.policy.model import Policy
from remit.policy.read import Node, read
from remit.policy.schema import SAYS, schema

CASES = Path(__file__).parent / "cases"
SOUND = sorted([*CASES.glob("sound*.yaml"), *(Path(__file__).parents[2] / "examples").glob("*/*.yaml")])
ALL = (CASES / "sound-all.yaml").read_text(encoding="utf-8")
CHECKER = Draft202012Validator(schema())
SHAPES = {"P010", "P011", "P012", "P014", "P021", "P022", "P032", "P062", "P065", "P107", "P109", "P110"}
"""Rules that need no other part of the policy to be looked at."""


def plain(node: Node) -> Any:
    """A policy as JSON: what an editor validates."""
    if isinstance(node.value, dict):
        return {key: plain(below) for key, below in node.value.items()}
    if isinstance(node.value, list):
        return [plain(below) for below in node.value]
    return node.value


def policy_as_json(text: str) -> Any:
    """The text, read as remit reads it."""
    root, _ = read(text, "remit.yaml")
    assert root is not None
    return plain(root)


def parts(value: Any, path: str) -> Iterator[dict[str, Any]]:
    """The mappings at a path of ``PARTS``."""
    found = [value]
    for part in re.findall(r"[^.\[\]]+|\[\]", path):
        if part in ("[]", "*"):
            found = [below for one in found for below in (one.values() if isinstance(one, dict) else one)]
        else:
            found = [one[part] for one in found if isinstance(one, dict) and part in one]
    yield from (one for one in found if isinstance(one, dict))


def test_it_is_a_schema() -> None:
    """Draft 2020-12 accepts it, and every key of the language is described in it."""
    Draft202012Validator.check_schema(schema())
    keys = {f"{path}.{key.rstrip('!')}".lstrip(".") for path, known in PARTS.items() for key in known.split()}

    assert keys == set(SAYS)
    assert all(says.endswith(".") or "|" in says for says in SAYS.values())


@pytest.mark.parametrize("file", SOUND, ids=lambda file: file.stem)
def test_a_sound_policy_is_of_the_schema(file: Path) -> None:
    """What the checks accept, an editor does not underline."""
    text = file.read_text(encoding="utf-8")

    assert isinstance(compiled(text, file.name), Policy)
    assert [] == [error.message for error in CHECKER.iter_errors(policy_as_json(text))]


@pytest.mark.parametrize("path", PARTS)
def test_no_part_takes_an_unknown_key(path: str) -> None:
    """A typo is underlined wherever it stands."""
    value = policy_as_json(ALL)
    part = next(parts(value, path))
    assert CHECKER.is_valid(value)

    part["unheard-of"] = "x"

    assert not CHECKER.is_valid(value)


@pytest.mark.parametrize(
    ("path", "key"), [(path, key[:-1]) for path, keys in PARTS.items() for key in keys.split() if key.endswith("!")]
)
def test_what_must_be_said_must_be_there(path: str, key: str) -> None:
    """A part without a key that it needs is underlined."""
    value = policy_as_json(ALL)

    del next(parts(value, path))[key]

    assert not CHECKER.is_valid(value)


@pytest.mark.parametrize(
    "case",
    [case for case in sorted(CASES.glob("P*.yaml")) if case.name[:4] in SHAPES],
    ids=lambda case: case.stem,
)
def test_what_is_wrong_by_itself_is_underlined(case: Path) -> None:
    """A fault that needs no second look at the policy is an editor's to show."""
    assert not CHECKER.is_valid(policy_as_json(case.read_text(encoding="utf-8")))


def test_it_is_printed() -> None:
    """`remit schema` prints it, to be saved beside the policy."""
    done = CliRunner().invoke(app, ["schema"])

    assert done.exit_code == 0
    assert schema() == json.loads(done.output)
