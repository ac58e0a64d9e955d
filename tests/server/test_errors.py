"""Errors say what, where, why and how to mend it, and never show the inside."""

import re
import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from running import POLICY, House, free_port, remit
from typer.testing import CliRunner

from remit.cli.main import app
from remit.house import open_vault_house
from remit.processes.stopping import StopSignal
from remit.processes.supervisor import lock
from remit.settings import Settings

PORTS = ["--port", str(free_port()), "--console-port", str(free_port())]
UP = ["up", "--policy", str(POLICY), *PORTS]
FACTS = ["facts", "SELECT n FROM page_visit"]


def a_file(folder: Path) -> list[str]:
    (folder / "file").touch()
    return [*UP, "--data", str(folder / "file")]


def latin(folder: Path) -> list[str]:
    (folder / "remit.yaml").write_bytes("# café".encode("latin-1"))
    return ["check", str(folder / "remit.yaml")]


def damaged(folder: Path) -> list[str]:
    (folder / "keys").mkdir()
    (folder / "keys/choices.key").write_bytes(b"half")
    return UP


CASES: dict[str, tuple[Callable[[Path], list[str]], list[str]]] = {
    "no house": (lambda _: FACTS, ["no house in data", "--data", "REMIT_KEYS", "remit up"]),
    "no policy": (lambda _: ["up", *PORTS], ["no policy is adopted here yet", "--policy FILE"]),
    "keys in data": (lambda _: [*UP, "--keys", "data/keys"], ["must lie apart", "--keys"]),
    "a folder that is a file": (a_file, ["cannot make the folder", "/file", "--data"]),
    "a policy that is not UTF-8": (latin, ["remit.yaml", "not UTF-8 from byte 5 on", "save it as UTF-8"]),
    "a damaged key": (damaged, ["choices.key is damaged", "restore the keys folder"]),
    "a body that is not there": (lambda _: ["try", "--app", "x", "--policy", str(POLICY), "body"], ["body", "exist"]),
    "another word": (lambda _: ["choose", "learn-usage", "maybe"], ["maybe", "grant", "refuse"]),
}


@pytest.mark.parametrize("name", CASES)
def test_an_error_says_what_to_do(tmp_path: Path, name: str) -> None:
    """The words name the place and the way out, once, and no traceback is among them."""
    arguments, words = CASES[name]
    told = remit(*arguments(tmp_path), ok=False, cwd=tmp_path)
    said = " ".join(told.split())

    assert [] == [word for word in words if word not in said]
    assert "Traceback" not in said
    assert 1 >= told.count("remit: ")


def changed(ledger: Path) -> None:
    with closing(sqlite3.connect(ledger, isolation_level=None)) as db:
        for (trigger,) in db.execute("select name from sqlite_master where type = 'trigger'").fetchall():
            db.execute(f"drop trigger {trigger}")
        db.execute("update adoption set text = replace(text, 'k: 5', 'k: 1')")


def not_utf8(ledger: Path) -> None:
    changed(ledger)
    with closing(sqlite3.connect(ledger, isolation_level=None)) as db:
        db.execute("update adoption set text = cast(x'ff' as text)")


def no_store(ledger: Path) -> None:
    ledger.write_bytes(b"no database at all " * 500)


def torn(ledger: Path) -> None:
    """As after a bad block: what follows the first page is gone to zeros."""
    whole = ledger.read_bytes()
    ledger.write_bytes(whole[:4096] + bytes(len(whole) - 4096))


@pytest.mark.parametrize("harm", [changed, not_utf8, no_store, torn])
@pytest.mark.parametrize("command", [UP, ["tally"]])
def test_a_ledger_that_is_not_as_it_was_written_is_told(
    tmp_path: Path, harm: Callable[[Path], None], command: list[str]
) -> None:
    """Changed or damaged, the start and every question end in one line: what, where, why, and what to do."""
    settings = Settings(data=tmp_path / "data", keys=tmp_path / "keys", policy=POLICY)
    with lock(settings, StopSignal(), lambda _words: None):
        open_vault_house(settings, lambda _process, _sums: None).close()
    harm(settings.personal / "ledger.db")
    said = " ".join(remit(*command, ok=False, cwd=tmp_path).split())

    assert re.fullmatch(
        r"remit: (the text of version 1|the ledger) in \S+/personal/ledger.db"
        r" (is not the one that was adopted|cannot be read \(.+\)): .*put the file back from a backup.*",
        said,
    )
    assert 1 == said.count("remit: ")


@pytest.mark.parametrize("command", [["forget"], ["choose", "learn-usage", "refuse"], ["person", "--purpose", "serve"]])
def test_an_identifier_that_is_no_text_is_said_to_be_none(command: list[str]) -> None:
    """Bytes that are not UTF-8 end in one line, before anything is asked."""
    done = CliRunner().invoke(app, command, input=b"\xff\xfe\n")

    assert (1, "") == (done.exit_code, done.stdout)
    assert "remit: the identifier on standard input is not UTF-8: nothing was asked\n" == done.stderr


def test_a_question_to_no_house_leaves_nothing_behind(tmp_path: Path) -> None:
    """Asking at the wrong place makes no folder there."""
    remit(*FACTS, ok=False, cwd=tmp_path)
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize(("flag", "shown"), [("--port", "--host"), ("--console-port", "--console-host")])
def test_an_address_in_use_is_named_with_its_flags(tmp_path: Path, flag: str, shown: str) -> None:
    """Whoever finds a port taken is told which one, and how to say another."""
    with taken_port() as port:
        said = remit(*UP, flag, str(port), ok=False, cwd=tmp_path)

    assert f"cannot listen on 127.0.0.1:{port} (Address already in use)" in said
    assert f"{shown} and {flag}" in said


@pytest.mark.parametrize("flag", ["--port", "--console-port"])
def test_who_cannot_listen_makes_nothing(tmp_path: Path, flag: str) -> None:
    """Addresses are looked at first: no folder, no key, and no policy that would count as adopted."""
    with taken_port() as port:
        remit(*UP, flag, str(port), ok=False, cwd=tmp_path)

    assert [] == list(tmp_path.iterdir())


@contextmanager
def taken_port() -> Iterator[int]:
    """A port at which somebody else listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield int(taken.getsockname()[1])


def test_a_house_that_runs_is_not_started_twice(house: House) -> None:
    """The second is told where the first is, also where it would take the first one's ports."""
    assert f"{house.data} is in use" in house.command(*UP, ok=False)
    assert f"{house.data} is in use" in remit("up", *house.arguments(), ok=False)
