"""The budgets as a test: small modules, small functions, few positional parameters, types and words everywhere."""

import ast
from collections import Counter
from pathlib import Path
from statistics import median

import house_rules as rules
import pytest
from house_rules import modules, name, text

OVER: dict[str, int] = {
    # Found when the budget came down from four to three.
    "flows/divide.py:_sorted()": 4,
    "house.py:open_intake()": 4,
    "policy/decide.py:_end()": 4,
    "policy/read.py:_say()": 4,
    "policy/reference.py:decide_one()": 4,
    "policy/reference.py:end()": 4,
    "ports.py:take()": 4,
    "stores/facts.py:take()": 4,
}
"""Never add, only remove: an entry that is no longer needed, or larger than what it excuses, fails."""

SCRIPTS = sorted((rules.ROOT / "demo").glob("*.py"))
TESTS = sorted((rules.ROOT / "tests").rglob("*.py"))


def test_modules_and_functions_are_small() -> None:
    """At most 400 lines a module, 50 a function and 3 positional parameters; exceptions are listed and shrink."""
    found: dict[str, int] = {}
    for path in modules():
        found |= rules.sizes(name(path), text(path))

    assert [] == rules.unruly(found, OVER)


def test_every_test_module_has_a_name_of_its_own() -> None:
    """Modules of tests are imported by their names alone: of two alike, whichever comes first is found."""
    names = Counter(path.name for path in TESTS if path.name not in {"conftest.py", "__init__.py"})

    assert [] == [name for name, n in names.items() if n > 1]


def test_no_exception_makes_a_function_longer_than_seventy_lines() -> None:
    """The list excuses a little; nothing excuses a function that does not fit on a page."""
    functions = {what: n for what, n in OVER.items() if ":" in what and not what.endswith("()")}

    assert [] == [what for what, lines in functions.items() if lines > rules.FUNCTION_LINES_HARD]


def test_most_functions_are_tiny() -> None:
    """Half of all functions have at most eight lines."""
    lines = [
        (function.end_lineno or 0) - function.lineno + 1
        for path in modules()
        for function in rules.functions(ast.parse(text(path)))
    ]
    assert median(lines) <= 8


@pytest.mark.parametrize("path", [*modules(), *SCRIPTS], ids=lambda path: path.name)
def test_everything_is_annotated(path: Path) -> None:
    """Every parameter and every result has a type."""
    assert [] == rules.unannotated(text(path))


def test_what_is_public_is_described() -> None:
    """Every module, and every public class and function of one, begins with a fact about itself."""
    silent = {name(path): rules.undescribed(text(path)) for path in modules() if path.name != "__init__.py"}
    assert {} == {where: what for where, what in silent.items() if what}


def test_test_docstrings_state_laws() -> None:
    """Every test says in words what it proves."""
    silent = {path.name: rules.lawless(text(path)) for path in TESTS if path.name.startswith("test_")}

    assert {} == {where: what for where, what in silent.items() if what}


def test_every_silenced_rule_says_why() -> None:
    """An exception from lint or types carries its reason, where the exception is."""
    silent = {path.name: rules.silenced(text(path)) for path in [*modules(), *SCRIPTS, *TESTS]}

    assert {} == {where: what for where, what in silent.items() if what}
