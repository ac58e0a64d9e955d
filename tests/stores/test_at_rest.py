"""What lies in the files: sealed, migrated, wiped, and useless without the keys."""

import shutil
import sqlite3
from collections.abc import Iterable
from pathlib import Path

import pytest
import stands
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from cryptography.exceptions import InvalidTag
from sqlalchemy import MetaData, text
from sqlalchemy.exc import OperationalError
from stands import ADA, BOB, DAY, EXPIRES, HERE, NOW, PHONE, Stand, block, led, on_sqlite, sqlite, values

from remit.policy.split import Clue, Name
from remit.policy.words import Choice, PurposeKey
from remit.ports import Last, Receipt
from remit.stores.keyring import Keyring, refuse_inside
from remit.stores.tables import BLOCK, DIRECTORY, ENTRY, LEDGER, VAULT, TracesRemain, open_tables, wipe_traces
from remit.stores.vault import SqlVault
from remit.stores.world import SystemChance

HOUR = 3_600_000
postgres, stored = stands.postgres, stands.stored


def holders(folder: Path, *texts: bytes) -> list[str]:
    """Files in which one of the texts stands."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return [path.name for path in files if any(one in path.read_bytes() for one in texts)]


def at_rest(stand: Stand) -> tuple[list[bytes], list[bytes]]:
    """Sealed rows, and wrapped keys."""
    assert stand.engine is not None
    with stand.engine.connect() as db, sqlite(stand.folder / "keys" / "directory.db").connect() as keys:
        sealed = [bytes(row.sealed) for row in db.execute(BLOCK.select())]
        return sealed, [bytes(row.wrapped) for row in keys.execute(ENTRY.select())]


def subjects(stand: Stand) -> list[int]:
    """The true numbers of the owners of all blocks."""
    assert stand.engine is not None
    with stand.engine.connect() as db:
        return [row.subject for row in db.execute(BLOCK.select())]


@pytest.mark.parametrize("tables", [VAULT, LEDGER, DIRECTORY], ids=lambda tables: tables.info["history"])
def test_the_migrations_make_what_the_code_believes(stored: Stand, tables: MetaData) -> None:
    """No difference between the migrated tables and their descriptions; opening again changes nothing."""
    assert stored.engine is not None
    for _ in range(2):
        open_tables(stored.engine, tables)
    with stored.engine.connect() as db:
        own = MigrationContext.configure(db, opts={"version_table": f"{tables.info['history']}_version"})
        assert [] == compare_metadata(own, tables)


def test_three_stores_can_share_a_database(stored: Stand) -> None:
    """Each keeps its own history, so none takes the other's for its own."""
    stored.vault()
    stored.ledger()
    assert stored.engine is not None
    with stored.engine.connect() as db:
        heads = [db.execute(text(f"select version_num from {one}_version")).scalar_one() for one in ("vault", "ledger")]
    assert ["vault_0002", "ledger_0002"] == heads


def test_a_store_of_a_newer_remit_is_left_alone(stored: Stand) -> None:
    """An older program does not guess at tables that it does not know."""
    stored.vault()
    assert stored.engine is not None
    with stored.engine.begin() as db:
        db.execute(text("update vault_version set version_num = 'vault_9999'"))

    with pytest.raises(ValueError, match="newer remit"):
        stored.vault()


def test_an_upgrade_that_was_cut_short_is_run_again(tmp_path: Path) -> None:
    """Tables without a version, as a crash leaves them, are completed."""
    stand = on_sqlite(tmp_path)
    assert stand.engine is not None
    stand.ledger()
    with stand.engine.begin() as db:
        db.execute(text("delete from ledger_version"))
        db.execute(text("drop trigger receipt_no_delete"))
        db.execute(text("drop table receipt_tag"))
    stand.ledger().choose(Receipt("r", NOW, 1, PurposeKey("ads"), Choice.REFUSE), [b"tag"])

    assert {b"tag": {PurposeKey("ads"): Last(Choice.REFUSE, 1)}} == stand.ledger().choices()


def test_names_that_were_known_before_clues_get_their_tags(tmp_path: Path) -> None:
    """Directory and vault of an earlier build are upgraded; whose a block is can be told once its name came again."""
    stand = on_sqlite(tmp_path)
    stand.sql_vault().take(b"1", [block(ADA)], EXPIRES)
    for path, old in (
        ("keys/directory.db", "alter table entry drop column tag; update directory_version set version_num = '0001'"),
        ("data/personal.db", "drop table clue; update vault_version set version_num = '0001'"),
    ):
        db = sqlite3.connect(tmp_path / path)
        db.executescript(old.replace("'0001'", f"'{'directory' if 'keys' in path else 'vault'}_0001'"))
        db.close()
    vault = stand.sql_vault()
    assert ["secret words"] == values(vault, ADA)
    vault.take(b"2", [block(ADA, clues=[HERE])], EXPIRES)

    assert ["secret words"] == led(vault, HERE)


def test_a_copy_of_the_data_without_the_keys_opens_nothing(tmp_path: Path) -> None:
    """With fresh keys the name is unknown, and so is the block's true number."""
    on_sqlite(tmp_path / "a").sql_vault().take(b"1", [block(ADA, clues=[HERE])], EXPIRES)
    shutil.copytree(tmp_path / "a" / "data", tmp_path / "b" / "data")
    thief, here = on_sqlite(tmp_path / "b"), Name(HERE.item, HERE.form)

    assert on_sqlite(tmp_path / "a").directory().clue(here) != thief.directory().clue(here)
    assert [[], []] == [values(thief.sql_vault(), ADA), led(thief.sql_vault(), HERE)]
    assert [{}, 1] == [thief.directory().keys(subjects(thief)), len(subjects(thief))]


def test_the_directory_without_its_secrets_opens_nothing(tmp_path: Path) -> None:
    """Its file holds wrapped keys only: with the data it still knows no name and unwraps nothing."""
    on_sqlite(tmp_path / "a").sql_vault().take(b"1", [block(ADA)], EXPIRES)
    shutil.copytree(tmp_path / "a", tmp_path / "b", ignore=shutil.ignore_patterns("*.key"))
    thief = on_sqlite(tmp_path / "b")

    assert [] == values(thief.sql_vault(), ADA)
    with pytest.raises(InvalidTag):
        thief.directory().keys(subjects(thief))


def test_no_identifier_or_value_stands_in_clear(tmp_path: Path) -> None:
    """Neither in the data nor with the keys; the search finds what is not sealed."""
    stand = on_sqlite(tmp_path)
    stand.sql_vault().take(b"a-load-in-clear", [block(ADA, PHONE, clues=[HERE])], EXPIRES)

    assert [] == holders(tmp_path, ADA.form.encode(), PHONE.form.encode(), HERE.form.encode(), b"secret words")
    assert ["personal.db-wal"] == holders(tmp_path, b"a-load-in-clear")


def test_a_block_opens_only_where_it_was_sealed(stored: Stand) -> None:
    """Moved to another rule, which another purpose may read, it does not open."""
    vault = stored.sql_vault()
    vault.take(b"1", [block(ADA)], EXPIRES)
    assert stored.engine is not None
    with stored.engine.begin() as db:
        db.execute(BLOCK.update().values(rule=1))

    with pytest.raises(InvalidTag):
        values(vault, ADA)


def test_no_byte_of_a_forgotten_person_stays(tmp_path: Path) -> None:
    """Sealed rows and wrapped keys of one among many are overwritten, in files and logs; the others' stay."""
    stand = on_sqlite(tmp_path)
    vault = stand.sql_vault()
    vault.take(b"1", [block(ADA, PHONE, clues=[HERE]), block(PHONE, ADA)], EXPIRES)
    sealed, wrapped = at_rest(stand)
    sealed.append(stand.directory().clue(Name(HERE.item, HERE.form)))
    others = [Name(stands.EMAIL, f"user{n}@example.org") for n in range(300)]
    vault.take(b"2", [block(name, value="x" * (n % 40)) for n, name in enumerate(others)], EXPIRES)
    # The last 16 bytes, too: nothing of a row may stay where a page was split.
    marks = [part for one in (*sealed, *wrapped) for part in (one[:16], one[-16:])]
    assert {"personal.db", "directory.db"} <= {name.removesuffix("-wal") for name in holders(tmp_path, *marks)}

    assert 2 == vault.forget([ADA, PHONE])
    assert [] == holders(tmp_path, *marks)
    assert len(others) == len(values(vault, *others))


def marks(texts: Iterable[bytes]) -> list[bytes]:
    """Of each text its beginning, its middle and its end: half a row may stay where a page was split."""
    places = [(text, at) for text in texts for at in (0, len(text) // 2, len(text) - 16)]
    return [text[at : at + 16] for text, at in places]


def crowded(stand: Stand, longest: int) -> tuple[SqlVault, list[Name]]:
    """A vault with many rows of many lengths: pages split as it fills and merge as it empties."""
    vault, names = stand.sql_vault(), [Name(stands.EMAIL, f"user{n}@example.org") for n in range(600)]
    kept = [block(name, rule=n % 3 > 0, value="x" * (n * 379 % longest)) for n, name in enumerate(names)]
    vault.take(b"crowd", kept, EXPIRES)
    return vault, names


@pytest.mark.parametrize("longest", [1500, 20_000], ids=["within-pages", "over-several-pages"])
def test_no_part_of_the_many_who_were_forgotten_stays(tmp_path: Path, longest: int) -> None:
    """Neither of a row nor of a key, in its page, in one that is free, or in one that balancing had copied it to."""
    stand = on_sqlite(tmp_path)
    vault, names = crowded(stand, longest)
    sealed, wrapped = at_rest(stand)
    gone = [name for n, name in enumerate(names) if n % 3]
    for first in range(0, len(gone), 40):
        vault.forget(gone[first : first + 40])
    left = at_rest(stand)

    assert [200, 200] == [len(one) for one in left]
    assert {"personal.db", "directory.db"} == set(holders(tmp_path, *marks([*left[0], *left[1]])))
    assert [] == holders(tmp_path, *marks({*sealed, *wrapped} - {*left[0], *left[1]}))


def test_no_part_of_the_many_that_expired_stays_longer_than_an_hour(tmp_path: Path) -> None:
    """Each sweep overwrites rows where they stand; copies of balancing go within the hour, after a restart too."""
    stand = on_sqlite(tmp_path)
    stand.clock.at = NOW + DAY - 1
    vault, _ = crowded(stand, 1500)
    sealed, _ = at_rest(stand)
    assert 400 == vault.expire(NOW + DAY)
    gone = marks(set(sealed) - set(at_rest(stand)[0]))
    # Nearly all of it is gone at once; what is left is what the hour is for.
    assert len(gone) // 100 > sum(holders(tmp_path, one) != [] for one in gone)

    assert 0 == stand.sql_vault().expire(NOW + DAY + HOUR)
    assert [] == holders(tmp_path, *gone)


def test_no_byte_of_what_expired_stays(tmp_path: Path) -> None:
    """The sweep overwrites as forgetting does."""
    stand = on_sqlite(tmp_path)
    vault = stand.sql_vault()
    vault.take(b"1", [block(BOB, rule=1)], EXPIRES)
    sealed, _ = at_rest(stand)

    assert ["personal.db-wal"] == holders(tmp_path, *sealed)
    vault.expire(NOW + DAY)
    assert [] == holders(tmp_path, *sealed)


def test_no_byte_of_a_clue_stays_longer_than_its_own_rule_keeps_it(tmp_path: Path) -> None:
    """Also where the block to which it led stays."""
    stand, clue = on_sqlite(tmp_path), Clue(HERE.item, HERE.form, 1)
    vault, blind = stand.sql_vault(), stand.directory().clue(Name(*clue[:2]))
    vault.take(b"1", [block(BOB, clues=[clue])], EXPIRES)
    assert ["personal.db-wal"] == holders(tmp_path, blind)

    assert 0 == vault.expire(NOW + DAY)
    assert [] == holders(tmp_path, blind)
    assert ["secret words"] == values(vault, BOB)


def test_forgetting_does_not_answer_before_the_bytes_are_gone(tmp_path: Path) -> None:
    """While a reader holds the log, it raises; asked again, it wipes what is left."""
    stand = on_sqlite(tmp_path)
    vault = stand.sql_vault()
    vault.take(b"1", [block(ADA)], EXPIRES)
    sealed, _ = at_rest(stand)
    reader = sqlite3.connect(tmp_path / "data" / "personal.db")
    reader.execute("begin")
    reader.execute("select * from block").fetchall()

    with pytest.raises(TracesRemain):
        vault.forget([ADA])
    assert [] == values(vault, ADA)
    reader.close()
    vault.forget([ADA])
    assert [] == holders(tmp_path, *sealed)


def test_files_that_cannot_be_written_anew_are_not_called_wiped(tmp_path: Path) -> None:
    """While something else writes, or where there is no room, the traces remain and the reason is said."""
    stand = on_sqlite(tmp_path)
    stand.sql_vault()
    assert stand.engine is not None
    writer = sqlite3.connect(tmp_path / "data" / "personal.db", isolation_level=None)
    writer.execute("begin immediate")
    with pytest.raises(TracesRemain, match="locked"):
        wipe_traces(stand.engine, BLOCK)
    writer.execute("rollback")
    wipe_traces(stand.engine, BLOCK)


def test_the_next_sweep_wipes_what_a_reader_held(tmp_path: Path) -> None:
    """Expiry that raised for a reader is done by a later one, though no more rows expire."""
    stand = on_sqlite(tmp_path)
    vault = stand.sql_vault()
    vault.take(b"1", [block(BOB, rule=1)], EXPIRES)
    sealed, _ = at_rest(stand)
    reader = sqlite3.connect(tmp_path / "data" / "personal.db")
    reader.execute("begin")
    reader.execute("select * from block").fetchall()

    with pytest.raises(TracesRemain):
        vault.expire(NOW + DAY)
    reader.close()
    assert 0 == vault.expire(NOW + DAY)
    assert [] == holders(tmp_path, *sealed)


@pytest.mark.parametrize("locked", ["data/personal.db", "keys/directory.db"])
def test_forgetting_that_was_cut_short_can_be_asked_again(tmp_path: Path, locked: str) -> None:
    """Whichever store failed, after a second try nothing can be read through a name it came with."""
    stand = on_sqlite(tmp_path)
    vault = stand.sql_vault()
    vault.take(b"1", [block(PHONE, ADA)], EXPIRES)
    holder = sqlite3.connect(tmp_path / locked, isolation_level=None)
    holder.execute("begin immediate")
    with pytest.raises(OperationalError, match="locked"):
        vault.forget([ADA])
    holder.close()

    stand.sql_vault().forget([ADA])
    assert [[], []] == [values(stand.sql_vault(), name) for name in (PHONE, ADA)]
    assert [PHONE] == stand.sql_vault().knows([ADA, PHONE])


def test_files_are_their_users_alone(tmp_path: Path) -> None:
    """Vault, directory, their logs and every key: nobody else may read them."""
    stand = on_sqlite(tmp_path)
    stand.sql_vault().take(b"1", [block(ADA)], EXPIRES)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]

    assert {0o600} == {path.stat().st_mode & 0o777 for path in files}
    assert 0o700 == (tmp_path / "keys").stat().st_mode & 0o777


def test_secrets_are_made_once(tmp_path: Path) -> None:
    """The same ever after and different by name; the journal's public key is that of its private one."""
    ring, again = (Keyring(tmp_path / "keys", SystemChance()) for _ in range(2))

    assert ring.secret("x") == again.secret("x") != ring.secret("y")
    assert (ring.journal_public(), 32) == (again.journal_public(), len(ring.journal_private()))
    assert ring.journal_public() != ring.journal_private()


def test_a_damaged_key_is_not_used(tmp_path: Path) -> None:
    """Half a key would open nothing that was sealed; the message says what to do."""
    Keyring(tmp_path / "keys", SystemChance()).secret("x")
    (tmp_path / "keys" / "x.key").write_bytes(b"half")

    with pytest.raises(ValueError, match="backup"):
        Keyring(tmp_path / "keys", SystemChance()).secret("x")


@pytest.mark.parametrize(("data", "keys"), [("a", "a/keys"), ("a", "a"), ("a/data", "a"), ("a", "link")])
def test_keys_lie_apart_from_data(tmp_path: Path, data: str, keys: str) -> None:
    """Inside, around, or inside by way of a link: refused with words for people; side by side is fine."""
    (tmp_path / "a" / "keys").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "a" / "keys")
    with pytest.raises(ValueError, match="choose another --keys folder"):
        refuse_inside(tmp_path / data, tmp_path / keys)
    refuse_inside(tmp_path / "data", tmp_path / "keys")
