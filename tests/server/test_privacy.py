"""Nothing undeclared is anywhere, nothing declared is in clear, and no process holds both stores."""

import gzip
import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from canaries import CANARY, CONTROL, MIXED, PERSONAL, REDUCED, encodings, found, send
from running import NARROW, House

RUNS = NARROW


@pytest.fixture(scope="module")
def sent(house: House) -> House:
    """A house that was sent canaries wherever an SDK can put something."""
    send(house)
    house.tally()
    return house


def test_what_nothing_declares_is_nowhere(sent: House) -> None:
    """No undeclared value, key, header, query or malformed body is at rest, in an output or in an answer."""
    answers = json.dumps([sent.tally(), sent.facts("SELECT * FROM page_visit"), sent.facts("SELECT * FROM crash")])

    assert [] == found(sent.folder, CANARY)
    assert [] == found(sent.folder, MIXED)
    assert [] == found(sent.folder, REDUCED)
    assert CANARY not in answers
    assert MIXED not in answers
    assert REDUCED not in answers


def test_declared_personal_values_are_nowhere_in_clear(sent: House) -> None:
    """What the vault keeps is sealed, in data and keys alike; only a read for its purpose shows it."""
    assert [] == found(sent.folder, PERSONAL)
    assert {f"{PERSONAL}@example.org"} == set(sent.person(f"{PERSONAL}-user", "run-account")["email"])


def test_the_search_would_find_it(sent: House, tmp_path: Path) -> None:
    """A control per form and path: what the search above did not find, it could have."""
    for number, form in enumerate(encodings(CONTROL)):
        (tmp_path / f"form-{number}").write_bytes(b"..." + form + b"...")
    (tmp_path / "gz").write_bytes(gzip.compress(CONTROL.encode()))
    assert len(list(tmp_path.iterdir())) == len(found(tmp_path, CONTROL))

    # And by each store of SQLite, whose newest rows lie in a log of their own while it is open.
    for path in sorted(sent.folder.rglob("*.db")):
        with closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as db:
            db.execute("create table control (word)")
            db.execute("insert into control values (?)", (CONTROL,))
            places = {str(place.relative_to(sent.folder)) for place in (path, path.with_name(f"{path.name}-wal"))}
            assert places & set(found(sent.folder, CONTROL)), path
            db.execute("drop table control")

    # Words that are there on purpose: in the output, and in the facts, whose parts can be read too.
    assert "output.txt" in found(sent.folder, "remit is ready")
    assert any(name.startswith("data/facts/") for name in found(sent.folder, "demo-android".replace("demo", "shop")))


def test_no_process_has_both_stores_open(sent: House) -> None:
    """Of all open files, the facts are only the facts keeper's, and the vault is only the vault keeper's."""
    opened: dict[str, set[str]] = {}
    assert sent.process is not None
    everybody = {**sent.children(), "supervisor": psutil.Process(sent.process.pid)}
    for name, process in everybody.items():
        for link in Path(f"/proc/{process.pid}/fd").iterdir():
            try:
                target = link.readlink()
            except OSError:
                continue
            if target.is_relative_to(sent.data):
                opened.setdefault(target.relative_to(sent.data).parts[0], set()).add(name)

    assert {"facts_keeper"} == opened["facts"]
    assert {"vault_keeper"} == opened["personal"]
    assert {"divider"} == opened["desk"]


def test_a_copy_of_the_data_without_the_keys_opens_nothing(sent: House, tmp_path: Path) -> None:
    """With fresh keys the copied vault, ledger, desk and journal give nothing back. (Facts are about nobody.)"""
    sent.stop()
    shutil.copytree(sent.data, tmp_path / "data", ignore=shutil.ignore_patterns("run", "facts"))
    other = House(tmp_path)

    assert {} == other.person(f"{PERSONAL}-user", "run-account")
    sent.start()


def test_keys_inside_data_are_refused(tmp_path: Path) -> None:
    """The folders must lie apart; the message says how to mend it."""
    house = House(tmp_path)
    house.keys = house.data / "keys"

    assert "choose another --keys folder" in house.command("tally", ok=False)
