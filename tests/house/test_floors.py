"""The architecture as a test: floors, purity, one place that says yes, and the budgets of size."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2] / "src" / "remit"
FLOORS = (
    ("policy", "settings"),
    ("wire", "ports"),
    ("flows", "stores"),
    ("house",),
    ("gateway", "console"),
    ("processes",),
    ("cli",),
)
LEVEL = {room: level for level, rooms in enumerate(FLOORS) for room in rooms}
PURE = frozenset(
    """
    abc ast base64 binascii collections dataclasses datetime difflib enum functools hashlib html ipaddress itertools
    math re typing urllib msgspec phonenumbers sqlglot yaml
    """.split()
)
MAKERS = {
    "policy/decide.py": "the one place that says yes",
    "policy/reference.py": "its specification",
    "policy/split.py": "sums of what decide made",
    "flows/load.py": "reads back what decide made and the desk kept",
}
LINES_MAX, FUNCTION_LINES_MAX, POSITIONAL_MAX = 400, 50, 4


def modules() -> list[Path]:
    return sorted(ROOT.rglob("*.py"))


def room(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imports(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            names = (
                [f"{node.module}.{alias.name}" for alias in node.names]
                if node.module == "remit"
                else [node.module or ""]
            )
            yield from ((name, node.lineno) for name in names)


def upward(here: str, source: str) -> list[str]:
    """Imports of rooms that are not below, nor the same."""
    found = []
    for name, line in imports(ast.parse(source)):
        parts = name.split(".")
        if parts[0] == "remit" and len(parts) > 1 and parts[1] != here and LEVEL[parts[1]] >= LEVEL[here]:
            found.append(f"{line}: {name}")
    return found


def impure(source: str) -> list[str]:
    """What a pure room may not touch."""
    tree = ast.parse(source)
    found = [name for name, _ in imports(tree) if name.split(".")[0] not in PURE | {"remit"}]
    calls = [node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    times = [
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("now", "today", "utcnow")
    ]
    return found + [name for name in calls if name in ("open", "print", "input")] + times


def built(source: str) -> list[str]:
    """Calls that make what stores accept."""
    return [
        node.func.id
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("Block", "Cell", "Vote")
    ]


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_keeps_to_its_floor(path: Path) -> None:
    """Imports go down, or stay in the room; nothing is imported inside a function."""
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    inner = [n.lineno for f in functions(tree) for n in ast.walk(f) if isinstance(n, ast.Import | ast.ImportFrom)]

    assert room(path) == "__init__" or [] == upward(room(path), source)
    assert [] == inner
    assert path.name != "__init__.py" or not source, "package files stay empty"


@pytest.mark.parametrize("path", [p for p in modules() if room(p) in ("policy", "wire")], ids=lambda p: p.name)
def test_the_core_is_pure(path: Path) -> None:
    """No I/O, clock, randomness or logging below the ports."""
    assert [] == impure(path.read_text(encoding="utf-8"))


def test_one_place_says_yes() -> None:
    """Blocks, cells and votes are made by decide alone; the exceptions are named with their reason."""
    makers = {str(p.relative_to(ROOT)) for p in modules() if built(p.read_text(encoding="utf-8"))}

    assert makers == set(MAKERS)


def test_modules_and_functions_are_small() -> None:
    """At most 400 lines a module, 50 a function, and few positional parameters."""
    over = []
    for path in modules():
        source = path.read_text(encoding="utf-8")
        lines = source.count("\n")
        if lines > LINES_MAX:
            over.append(f"{path.name}: {lines} lines")
        for function in functions(ast.parse(source)):
            size = (function.end_lineno or 0) - function.lineno + 1
            if size > FUNCTION_LINES_MAX:
                over.append(f"{path.name}: {function.name} has {size} lines")
            positional = [a.arg for a in function.args.posonlyargs + function.args.args if a.arg not in ("self", "cls")]
            if len(positional) > POSITIONAL_MAX and "cli" not in path.parts:
                over.append(f"{path.name}: {function.name} takes {len(positional)} positional parameters")
    assert [] == over


def test_no_cycle_between_modules() -> None:
    """Whatever is imported can be understood without its importer."""
    graph = {
        ".".join(("remit", *path.relative_to(ROOT).with_suffix("").parts)): [
            name for name, _ in imports(ast.parse(path.read_text(encoding="utf-8"))) if name.startswith("remit")
        ]
        for path in modules()
    }
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join((*trail, name))
        if name not in done:
            for below in graph.get(name, []):
                visit(below, (*trail, name))
            done.add(name)

    for name in graph:
        visit(name, ())
    assert len(graph) == len(modules())


def test_the_rules_can_fail() -> None:
    """Each rule, broken on purpose, is seen."""
    assert ["1: remit.stores.vault"] == upward("flows", "from remit.stores.vault import SqlVault")
    assert ["1: remit.house"] == upward("policy", "from remit import house")
    assert [] == upward("flows", "from remit.policy.words import Item")
    assert ["random", "open", "now"] == impure("import random\nopen('x')\ndatetime.now()")
    assert ["Block"] == built("Block(1)")


def test_test_docstrings_state_laws() -> None:
    """Every test says in words what it proves."""
    silent = [
        f"{path.name}: {function.name}"
        for path in sorted(ROOT.parents[1].glob("tests/**/test_*.py"))
        for function in functions(ast.parse(path.read_text(encoding="utf-8")))
        if function.name.startswith("test_") and not ast.get_docstring(function)
    ]
    assert [] == silent
    assert sys.version_info >= (3, 11)
