"""The rules of the house, each a function from source text to what breaks it. Text in, words out: easy to break."""

import ast
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "remit"
FLOORS = (
    ("policy", "settings", "client"),
    ("wire", "ports"),
    ("flows", "stores", "partners"),
    ("house", "proof"),
    ("gateway", "console"),
    ("processes",),
    ("cli",),
)
LEVEL = {room: level for level, rooms in enumerate(FLOORS) for room in rooms}
LATE = ("house", "cli")
"""Rooms that may import inside a function: `remit check` must not load a database."""

ALONE = "client"
"""What apps have in their own process: it needs Python alone, and the server does not need it."""

DOOR = "client/__init__.py"
"""The one package file with something in it: apps write ``from remit.client import Client``."""

PURE_ROOMS = ("policy", "wire")
PURE = frozenset(
    """
    abc base64 collections collections.abc dataclasses datetime difflib enum functools hashlib hmac
    html ipaddress itertools math operator plistlib re types typing urllib.parse
    """.split()
)
"""All of the standard library that a pure room may import, by whole names: urllib.request is not pure."""

LIBRARIES = frozenset("msgspec phonenumbers sqlglot yaml".split())
"""Pure libraries, with their parts, but for those that read files."""

PURE_PARTS = ("google.protobuf", "opentelemetry.proto", "sentry_relay.exceptions", "sentry_relay.processing")
"""Of libraries whose other parts send, read clocks or make threads."""

IMPURE_PARTS = frozenset(("sqlglot.executor",))

IMPURE_CALLS = frozenset("open print input eval exec compile breakpoint __import__ hash id".split())
"""`hash` and `id` differ from process to process, which is chance by another name."""

IMPURE_NAMES = frozenset("now today utcnow".split())
MADE_BY_DECIDE = frozenset(("Block", "Cell", "Vote"))

LINES_MAX, FUNCTION_LINES_MAX, FUNCTION_LINES_HARD, POSITIONAL_MAX = 400, 50, 70, 3
_EXCEPTION = re.compile(r"#\s*(?:noqa\b|type:\s*ignore)(?P<codes>[:\[][^#\]]*?\]?)?(?P<reason>\s(?:--|#)\s*\S.*)?$")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def modules(*rooms: str) -> list[Path]:
    """Every module of the house, or of some rooms."""
    return [path for path in sorted(SOURCE.rglob("*.py")) if not rooms or room(path) in rooms]


def name(path: Path) -> str:
    """Its place in the house: flows/load.py."""
    return path.relative_to(SOURCE).as_posix()


def room(path: Path) -> str:
    """Its first part: a folder, or a file that is a room by itself."""
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def text(path: Path) -> str:
    """The source."""
    return path.read_text(encoding="utf-8")


def functions(tree: ast.AST) -> Iterator[Function]:
    """Every function, however deep."""
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def imports(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Full names with their line. `from a import b` names both a and a.b, since b may be a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or ""), node.lineno
            if node.module and node.module.split(".")[0] in {"remit", *LIBRARIES}:
                yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def upward(here: str, source: str) -> list[str]:
    """Imports that do not go down and leave the room: siblings count, relative ones are not said in full."""
    found = []
    for imported, line in imports(ast.parse(source)):
        parts = imported.split(".")
        if parts[0] == "":
            found.append(f"{line}: {imported} is relative")
        elif parts[0] == "remit" and len(parts) > 1 and parts[1] != here and LEVEL.get(parts[1], 99) >= LEVEL[here]:
            found.append(f"{line}: remit.{parts[1]}")
    return sorted(set(found))


def late(source: str) -> list[str]:
    """Functions that import."""
    return [
        function.name
        for function in functions(ast.parse(source))
        if any(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(function))
    ]


def impure(source: str) -> list[str]:
    """What a pure room may not touch: imports beyond the list, doors to the world, the clock."""
    tree = ast.parse(source)
    found = [imported for imported, _ in imports(tree) if not _allowed(imported)]
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in IMPURE_CALLS:
            found.append(node.func.id)
        elif isinstance(node, ast.Attribute) and node.attr in IMPURE_NAMES:
            found.append(node.attr)
    return found


def _allowed(imported: str) -> bool:
    first = imported.partition(".")[0]
    part = any(f"{imported}.".startswith(f"{one}.") for one in PURE_PARTS)
    return part or imported in PURE or first == "remit" or (first in LIBRARIES and imported not in IMPURE_PARTS)


def built(source: str) -> list[str]:
    """Calls that make what stores accept: by name, by another name, through a module, or out of bytes."""
    tree = ast.parse(source)
    known = {made: made for made in MADE_BY_DECIDE}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            known |= {alias.asname: alias.name for alias in node.names if alias.asname and alias.name in MADE_BY_DECIDE}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and not (isinstance(node.func, ast.Name) and node.func.id == "isinstance"):
            found += [known[made] for made in _mentioned(node.func, deep=False) if made in known]
            arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
            found += [known[m] for a in arguments if not isinstance(a, ast.Call) for m in _mentioned(a) if m in known]
    return found


def _mentioned(node: ast.AST, *, deep: bool = True) -> Iterator[str]:
    """Names in a node; those in calls within are theirs to report."""
    for part in ast.walk(node) if deep else [node]:
        if isinstance(part, ast.Name):
            yield part.id
        elif isinstance(part, ast.Attribute):
            yield part.attr


def foreign(source: str) -> list[str]:
    """Imports of a room that stands by itself, beyond Python's own library and the room."""
    named = (imported for imported, _ in imports(ast.parse(source)))
    own = f"remit.{ALONE}"
    return [
        one for one in named if one.split(".")[0] not in sys.stdlib_module_names and not f"{one}.".startswith(f"{own}.")
    ]


def cycles(graph: Mapping[str, Iterable[str]]) -> list[str]:
    """One line per way back to where one came from."""
    done: set[str] = set()
    found: list[str] = []

    def visit(here: str, trail: tuple[str, ...]) -> None:
        if here in trail:
            found.append(" -> ".join((*trail[trail.index(here) :], here)))
        elif here not in done:
            for below in graph.get(here, ()):
                visit(below, (*trail, here))
            done.add(here)

    for start in graph:
        visit(start, ())
    return found


def graph() -> dict[str, list[str]]:
    """Which module imports which."""
    known = {".".join(("remit", *Path(name(path)).with_suffix("").parts)): path for path in modules()}
    return {
        module: sorted({imported for imported, _ in imports(ast.parse(text(path))) if imported in known} - {module})
        for module, path in known.items()
    }


def sizes(where: str, source: str) -> dict[str, int]:
    """What is over its budget: `module` -> lines, `module:function` -> lines, `module:function()` -> positional."""
    found = {}
    lines = len(source.splitlines())
    if lines > LINES_MAX:
        found[where] = lines
    for function in functions(ast.parse(source)):
        size = (function.end_lineno or 0) - function.lineno + 1
        if size > FUNCTION_LINES_MAX:
            found[f"{where}:{function.name}"] = size
        positional = [a for a in function.args.posonlyargs + function.args.args if a.arg not in ("self", "cls")]
        if len(positional) > POSITIONAL_MAX:
            found[f"{where}:{function.name}()"] = max(len(positional), found.get(f"{where}:{function.name}()", 0))
    return found


def unruly(found: Mapping[str, int], listed: Mapping[str, int]) -> list[str]:
    """What is over budget and not on the list, what grew, and what is cured and still on it: the list only shrinks."""
    grown = [f"{what}: {size}" for what, size in found.items() if size > listed.get(what, 0)]
    cured = [
        f"{what} is better now: take it off the list" for what, size in listed.items() if found.get(what, 0) < size
    ]
    return grown + cured


def unannotated(source: str) -> list[str]:
    """Parameters and results without a type."""
    found = []
    for function in functions(ast.parse(source)):
        a = function.args
        own = [*a.posonlyargs, *a.args, *a.kwonlyargs, *(one for one in (a.vararg, a.kwarg) if one)]
        found += [f"{function.name}({one.arg})" for one in own if not one.annotation and one.arg not in ("self", "cls")]
        if function.returns is None:
            found.append(f"{function.name}() ->")
    return found


def undescribed(source: str) -> list[str]:
    """Public classes and functions of a module, and the module, that state no fact."""
    tree = ast.parse(source)
    parts = [node for node in tree.body if isinstance(node, ast.ClassDef | Function) and not node.name.startswith("_")]
    return ["module"] * (not ast.get_docstring(tree)) + [node.name for node in parts if not ast.get_docstring(node)]


def ambiguous(sources: Mapping[str, str]) -> list[str]:
    """Public classes of one name in several modules: who reads the name alone must know which is meant."""
    homes: dict[str, list[str]] = {}
    for where, source in sources.items():
        for node in ast.parse(source).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes.setdefault(node.name, []).append(where)
    return [f"{made}: {', '.join(places)}" for made, places in sorted(homes.items()) if len(places) > 1]


def renamed(source: str) -> list[str]:
    """Classes of our own that are imported under another name, and so have two."""
    nodes = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom))
    return [
        f"{alias.name} as {alias.asname}"
        for node in nodes
        if (node.module or "").split(".")[0] == "remit"
        for alias in node.names
        if alias.asname and alias.name[0].isupper() and not alias.name.isupper()
    ]


def lawless(source: str) -> list[str]:
    """Tests that do not say what they prove."""
    return [f.name for f in functions(ast.parse(source)) if f.name.startswith("test_") and not ast.get_docstring(f)]


def silenced(source: str) -> list[str]:
    """Exceptions from lint or types that carry no reason, on their line or as a comment on the line above."""
    found, above = [], ""
    for number, line in enumerate(source.splitlines(), 1):
        match = _EXCEPTION.search(line)
        if match and not match["reason"] and not above.strip().startswith("# "):
            found.append(f"{number}: {line.strip()[-40:]}")
        above = line
    return found
