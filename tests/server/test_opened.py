"""What lies sealed is opened with the keys and searched too: a seal must not hide what should not be there."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from canaries import CANARY, MIXED, PERSONAL, REDUCED, found, send
from running import NARROW, House, until
from sqlalchemy import create_engine, select

from remit.ports import Portion
from remit.stores import vault
from remit.stores.desk import SqliteDesk
from remit.stores.directory import Directory
from remit.stores.journal import Reader
from remit.stores.keyring import Keyring
from remit.stores.tables import BLOCK
from remit.stores.votes import VoteKeys
from remit.stores.world import SystemChance, SystemClock

RUNS = NARROW

CHANCE = SystemChance()


def journal(house: House) -> Iterator[bytes]:
    """The entries that were acknowledged and are not divided."""
    reader = Reader(house.data / "journal", Keyring(house.keys, CHANCE).journal_private())
    yield from (entry for _, entry in reader.read({}, Portion(10_000, 1 << 30)))


def loads(house: House, folder: Path) -> Iterator[bytes]:
    """Both halves of the loads under way, from a copy of the desk."""
    shutil.copytree(house.data / "desk", folder / "desk")
    shutil.copytree(house.keys, folder / "keys")
    keys = VoteKeys(folder / "keys" / "votes.db", CHANCE)
    desk = SqliteDesk(
        folder / "desk" / "desk.db", key=Keyring(folder / "keys", CHANCE).secret("desk"), vote_keys=keys, chance=CHANCE
    )
    yield from (half for load in desk.loads() for half in (load.personal, load.factual))
    desk.close()


def blocks(house: House, folder: Path) -> Iterator[bytes]:
    """Every block of the vault, opened, from a copy."""
    shutil.copytree(house.data / "personal", folder / "personal")
    shutil.copytree(house.keys, folder / "keys-of-vault")
    engine = create_engine(f"sqlite:///{folder / 'keys-of-vault' / 'directory.db'}")
    directory = Directory(engine, Keyring(folder / "keys-of-vault", CHANCE), clock=SystemClock(), chance=CHANCE)
    with create_engine(f"sqlite:///{folder / 'personal' / 'vault.db'}").connect() as db:
        rows = db.execute(select(BLOCK)).all()
    keys = directory.keys({row.subject for row in rows})
    yield from (repr(vault._opened(row, keys[row.subject])).encode() for row in rows)


def logs(house: House) -> Iterator[bytes]:
    """Write-ahead logs as they lie there while the house runs."""
    yield from (path.read_bytes() for path in sorted(house.folder.rglob("*-wal")))


def is_under_way(house: House) -> bool:
    """Whether a load waits for the facts keeper."""
    with closing(sqlite3.connect(f"file:{house.data / 'desk' / 'desk.db'}?mode=ro", uri=True)) as db:
        return bool(db.execute("select count(*) from load").fetchone()[0])


@pytest.fixture(scope="module")
def opened(house: House, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with everything that lay sealed on the way of the canaries, in clear."""
    folder, copies = tmp_path_factory.mktemp("opened"), tmp_path_factory.mktemp("copies")
    children = house.children()
    children["divider"].suspend()
    send(house)
    parts = {"journal": list(journal(house))}
    children["facts_keeper"].suspend()
    children["divider"].resume()
    until(lambda: is_under_way(house))
    parts["loads"] = list(loads(house, copies))
    children["facts_keeper"].resume()
    house.tally()
    house.command("choose", "learn-usage", "refuse", typed=f"{PERSONAL}-user")
    parts |= {"blocks": list(blocks(house, copies)), "logs": list(logs(house))}
    for name, texts in parts.items():
        (folder / name).write_bytes(b"\n".join(texts))
    return folder


def test_nothing_undeclared_is_under_a_seal(opened: Path) -> None:
    """Journal entries, loads under way, vault blocks and logs hold no canary of what nothing declares."""
    assert [] == found(opened, CANARY)
    assert [] == found(opened, MIXED)


def test_the_seals_were_really_opened(opened: Path) -> None:
    """A control per path: what is declared is read in the journal, in the load and in the vault, and in no log."""
    assert ["blocks", "journal", "loads"] == found(opened, PERSONAL)


def test_what_is_reduced_goes_no_further_than_the_divider(opened: Path) -> None:
    """An address of a page waits in the journal, and is in no load and in no store."""
    assert ["journal"] == found(opened, REDUCED)


def test_the_logs_were_really_read(opened: Path) -> None:
    """A control: the purpose of a receipt stands in the ledger's log, where anybody may read it."""
    assert "logs" in found(opened, "learn-usage")
