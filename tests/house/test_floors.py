"""The architecture as a test: floors, purity, no cycle, and one place that says yes."""

import ast
import subprocess
import sys
from pathlib import Path

import house_rules as rules
import pytest
from house_rules import modules, name, room, text

from remit.cli.main import COMMANDS, WRITE

MAKERS = {
    "policy/decide.py": "the one place that says yes",
    "policy/reference.py": "its specification",
    "policy/split.py": "sums of what decide made",
    "flows/load.py": "reads back what decide made and the desk kept",
}
EVALUATES = {"wire/decoder.py": "accessors over names that it generates itself, with no builtins"}
CLIENT = f"remit.{rules.ALONE}"
IN_TREE = f"import sys; sys.path.insert(0, {str(rules.SOURCE.parent)!r}); "
DATABASES = ("chdb", "clickhouse_connect", "sqlalchemy", "sqlite3", "psycopg", "datasketches")
POLICY = str(rules.ROOT / "examples/device-maker/remit.yaml")
PAGE = '{"batch":[{"type":"page","userId":"u","properties":{"url":"/cart"}}],"writeKey":"demo-android"}'
ALONE = {
    "help": ["--help"],
    "check": ["check", POLICY],
    "notice": ["notice", "--html", POLICY],
    "publish": ["publish", "dpv", POLICY],
    "explain": ["explain", "--refuse", "email", "--policy", POLICY],
    "diff": ["diff", POLICY, POLICY],
    "try": ["try", "--app", "shop-android", "--policy", POLICY],
    "schema": ["schema"],
}
"""What needs no house: help, and every command that is listed as writing a policy."""


@pytest.mark.parametrize("path", modules(), ids=name)
def test_a_module_keeps_to_its_floor(path: Path) -> None:
    """Imports go down or stay in the room; siblings never meet; only house and cli may import late."""
    assert [] == (rules.upward(room(path), text(path)) if room(path) != "__init__" else [])
    assert [] == rules.late(text(path)) or room(path) in rules.LATE


def test_every_room_has_a_floor() -> None:
    """A new room is an architectural decision, made in the list of floors."""
    assert set() == {room(path) for path in modules()} - set(rules.LEVEL) - {"__init__"}


def test_package_files_stay_empty() -> None:
    """A path in an import is a path on disk; the one door for apps is named."""
    assert [rules.DOOR] == [name(path) for path in modules() if path.name == "__init__.py" and text(path)]


@pytest.mark.parametrize("path", modules(rules.ALONE), ids=name)
def test_what_apps_import_stands_by_itself(path: Path) -> None:
    """The client's modules import Python's library and one another."""
    assert [] == rules.foreign(text(path))


def test_the_server_does_without_the_client() -> None:
    """No other room imports it."""
    users = {name(path) for path in modules() for one, _ in rules.imports(ast.parse(text(path))) if CLIENT in one}

    assert {rules.ALONE} == {one.partition("/")[0] for one in users}


def test_an_app_loads_nothing_of_the_server() -> None:
    """``from remit.client import Client`` loads the room, and no package that has to be installed."""
    code = "from remit.client import Client; print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-I", "-c", IN_TREE + code], capture_output=True, text=True, check=True)
    found = {one for one in done.stderr.split() if one.split(".")[0] not in sys.stdlib_module_names}

    assert {"remit"} == {one.split(".")[0] for one in found if not one.startswith(("__", "_"))}
    assert {"remit", CLIENT} == {".".join(one.split(".")[:2]) for one in found if one.startswith("remit")}


@pytest.mark.parametrize("path", modules(*rules.PURE_ROOMS), ids=name)
def test_the_core_is_pure(path: Path) -> None:
    """No I/O, clock, randomness or logging below the ports; what is imported stands on a list."""
    allowed = {"eval"} if name(path) in EVALUATES else set()

    assert allowed == set(rules.impure(text(path)))


def test_the_list_of_pure_imports_is_needed() -> None:
    """A name that nobody imports any more leaves the list, so that it cannot come back unseen."""
    used = {imported for path in modules(*rules.PURE_ROOMS) for imported, _ in rules.imports(ast.parse(text(path)))}

    assert frozenset() == rules.PURE - used


def test_one_place_says_yes() -> None:
    """Blocks, cells and votes are made by decide alone; the exceptions are named with their reason."""
    assert set(MAKERS) == {name(path) for path in modules() if rules.built(text(path))}


def test_only_the_house_knows_the_stores() -> None:
    """Outside stores and house, of the stores only the link between processes is known."""
    known = {
        imported
        for path in modules()
        if room(path) not in ("stores", "house")
        for imported, _ in rules.imports(ast.parse(text(path)))
        if imported.startswith("remit.stores.")
    }
    assert set() == {imported for imported in known if not imported.startswith("remit.stores.link")}


def test_no_cycle_between_modules() -> None:
    """Whatever is imported can be understood without its importer."""
    assert [] == rules.cycles(rules.graph())


def test_every_command_about_a_policy_is_tried() -> None:
    """The test below leaves none out."""
    assert set(ALONE) - {"help"} == {name for name, command in COMMANDS.items() if command.panel == WRITE}


@pytest.mark.parametrize("command", ALONE)
def test_who_writes_a_policy_loads_no_database(command: str) -> None:
    """Commands about a policy alone run to their end, and load no database on the way."""
    assert "" == loaded("from remit.cli.main import app; app(sys.argv[1:], standalone_mode=False)", *ALONE[command])


def test_who_verifies_a_policy_alone_loads_no_database() -> None:
    """The decoders and flows of a proof run over stores in memory."""
    arguments = ["verify", "--policy", POLICY, "--seed", "1", "--pairs", "60"]

    assert "" == loaded("from remit.cli.main import app; app(sys.argv[1:], standalone_mode=False)", *arguments)


@pytest.mark.parametrize("process", ["supervisor", "intake"])
def test_who_opens_no_store_loads_no_database(process: str) -> None:
    """Of the processes, too: what is not loaded cannot be opened, and costs no memory."""
    assert "" == loaded(f"import remit.processes.{process}")


def loaded(code: str, *args: str) -> str:
    """The databases that some code loads."""
    code = f"import sys; {code}; print(*[name for name in {DATABASES} if name in sys.modules], file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code, *args], input=PAGE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stderr.strip()
