"""Tables of the personal side, the same on SQLite and PostgreSQL. What the type says, the table says too.

The migrations make them; what stands here is what the code takes them to be, and a test holds the two equal.
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import TypeVar

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Connection,
    Engine,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    event,
)
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

T = TypeVar("T")

MIGRATIONS = Path(__file__).parent / "migrations"
VALUES_PER_STATEMENT_MAX = 1000
"""SQLite takes 32,766 values in one statement, PostgreSQL 65,535."""

WHY_CHARACTERS_MAX = 80
PUT_BACK = "put the file back from a backup, in which what was written since is missing"

VAULT, LEDGER, DIRECTORY = (MetaData(info={"history": name}) for name in ("vault", "ledger", "directory"))

BLOCK = Table(
    "block",
    VAULT,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("subject", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("rule", BigInteger, nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    CheckConstraint("expires > received", name="block_is_not_for_ever"),
    CheckConstraint("version > 0 and rule >= 0 and received >= 0", name="block_has_a_rule"),
    CheckConstraint("length(sealed) > 28", name="block_is_sealed"),
    Index("block_expires", "expires"),
    Index("block_subject", "subject"),
)
MENTION = Table(
    "mention",
    VAULT,
    Column("subject", BigInteger, primary_key=True, autoincrement=False),
    Column("block", ForeignKey("block.id", ondelete="cascade"), primary_key=True),
    Index("mention_block", "block"),
)
CLUE = Table(
    "clue",
    VAULT,
    Column("blind", LargeBinary, primary_key=True),
    Column("block", ForeignKey("block.id", ondelete="cascade"), primary_key=True),
    Column("expires", BigInteger, nullable=False),
    CheckConstraint("length(blind) = 32", name="clue_is_blind"),
    Index("clue_block", "block"),
    Index("clue_expires", "expires"),
)
LOAD_TAKEN = Table("load_taken", VAULT, Column("id", LargeBinary, primary_key=True))

ENTRY = Table(
    "entry",
    DIRECTORY,
    Column("blind", LargeBinary, primary_key=True),
    Column("subject", BigInteger, nullable=False, unique=True),
    Column("day", String(10), nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    Column("tag", LargeBinary),
    CheckConstraint("length(blind) = 32 and length(wrapped) = 60", name="entry_is_blind_and_wrapped"),
)
DAY_KEY = Table(
    "day_key",
    DIRECTORY,
    Column("day", String(10), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    CheckConstraint("length(day) = 10 and length(sealed) = 60", name="day_key_is_sealed"),
)

ADOPTION = Table(
    "adoption",
    LEDGER,
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("at", BigInteger, nullable=False),
    CheckConstraint("version > 0 and length(sha256) = 32", name="adoption_is_of_a_text"),
)
RECEIPT = Table(
    "receipt",
    LEDGER,
    Column("number", BigInteger, nullable=False, unique=True),
    Column("id", String(36), primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("choice", String(6), nullable=False),
    CheckConstraint("choice in ('grant', 'refuse')", name="receipt_choice"),
    CheckConstraint("length(purpose) > 0", name="receipt_purpose"),
    CheckConstraint("version > 0 and number > 0", name="receipt_of_a_version"),
)
RECEIPT_TAG = Table(
    "receipt_tag",
    LEDGER,
    Column("receipt", ForeignKey("receipt.id"), primary_key=True),
    Column("tag", LargeBinary, primary_key=True),
    CheckConstraint("length(tag) > 0", name="receipt_tag_is_somebody"),
)


class TracesRemain(RuntimeError):
    """Rows are deleted, but bytes of them stay in the files; the text says why. Asking again wipes them."""


@contextmanager
def read_whole(engine: Engine, tables: MetaData) -> Iterator[None]:
    """While a store is opened. Raises ValueError where nobody can read it: which, where, why, and what to do."""
    try:
        yield
    except DatabaseError as error:
        why = str(error.orig).splitlines()[0][:WHY_CHARACTERS_MAX]
        place = f"the {tables.info['history']} in {engine.url.database}"
        raise ValueError(
            f"{place} cannot be read ({why}): free it if something else holds it, else {PUT_BACK}"
        ) from error


def open_tables(engine: Engine, tables: MetaData) -> None:
    """Bring the tables to the newest form. Raises ValueError when a newer remit made them, or nobody can read them."""
    with read_whole(engine, tables):
        _open_tables(engine, tables)


def _open_tables(engine: Engine, tables: MetaData) -> None:
    history = tables.info["history"]
    if engine.dialect.name == "sqlite":
        _only_for_its_user(engine)
        event.listen(engine, "connect", _careful)
    config = Config()
    config.set_main_option("path_separator", "newline")
    config.set_main_option("script_location", _literal(MIGRATIONS))
    config.set_main_option("version_locations", _literal(MIGRATIONS / history))
    with engine.begin() as connection:
        config.attributes.update(connection=connection, history=history)
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise ValueError(f"the {history} was made by a newer remit: start that version, or a newer one") from error


def batched(values: Iterable[T]) -> Iterator[list[T]]:
    """The values in lists that fit one statement."""
    remaining = iter(values)
    while some := list(islice(remaining, VALUES_PER_STATEMENT_MAX)):
        yield some


def wipe_traces(engine: Engine, *tables: Table) -> None:
    """Leave no deleted byte in SQLite's files, which are written anew. Raises TracesRemain where that cannot be.

    Overwriting what is deleted misses a row here and there, of which balancing the tree had left a copy in
    another page. A second takes care of about a hundred megabytes.
    """
    if engine.dialect.name == "sqlite":
        with _autocommit(engine) as connection:
            try:
                connection.exec_driver_sql("vacuum")
            except OperationalError as error:
                raise TracesRemain(f"the store cannot be written anew ({error.orig}); try again") from error
    wipe_log(engine, *tables)


def wipe_log(engine: Engine, *tables: Table) -> None:
    """Leave nothing in SQLite's log that is deleted. Raises TracesRemain while a reader holds it.

    PostgreSQL only makes the room free for reuse: its pages and its log hold sealed bytes for a while.
    """
    with _autocommit(engine) as connection:
        if engine.dialect.name != "sqlite":
            connection.exec_driver_sql("vacuum " + ", ".join(table.name for table in tables))
        elif connection.exec_driver_sql("pragma wal_checkpoint(truncate)").one()[0]:
            raise TracesRemain("deleted rows are still in the write-ahead log: something reads the store; try again")


def _autocommit(engine: Engine) -> Connection:
    return engine.connect().execution_options(isolation_level="AUTOCOMMIT")


def _careful(connection: sqlite3.Connection, _record: ConnectionPoolEntry) -> None:
    """SQLite syncs every commit, overwrites what it deletes, and keeps references and triggers whole."""
    with closing(connection.cursor()) as cursor:
        for pragma in ("journal_mode = wal", "synchronous = full", "secure_delete = on", "foreign_keys = on"):
            cursor.execute(f"pragma {pragma}")
        # Without it, INSERT OR REPLACE removes a row past the trigger that refuses to.
        cursor.execute("pragma recursive_triggers = on")


def _only_for_its_user(engine: Engine) -> None:
    """The file is its user's alone from its first byte; SQLite gives its log the same mode."""
    if engine.url.database and engine.url.database != ":memory:":
        os.close(os.open(engine.url.database, os.O_RDWR | os.O_CREAT, 0o600))
        Path(engine.url.database).chmod(0o600)


def _literal(path: Path) -> str:
    return str(path).replace("%", "%%")
