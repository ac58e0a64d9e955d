"""Tables of the personal side, the same on SQLite and PostgreSQL. What the type says, the table says too."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
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
from sqlalchemy.pool import ConnectionPoolEntry

VAULT, LEDGER, DIRECTORY = MetaData(), MetaData(), MetaData()

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
LOAD_TAKEN = Table("load_taken", VAULT, Column("id", LargeBinary, primary_key=True))

ENTRY = Table(
    "entry",
    DIRECTORY,
    Column("blind", LargeBinary, primary_key=True),
    Column("subject", BigInteger, nullable=False, unique=True),
    Column("day", String(10), nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
)
DAY_KEY = Table(
    "day_key",
    DIRECTORY,
    Column("day", String(10), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)

ADOPTION = Table(
    "adoption",
    LEDGER,
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("at", BigInteger, nullable=False),
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
)
RECEIPT_TAG = Table(
    "receipt_tag",
    LEDGER,
    Column("receipt", ForeignKey("receipt.id"), primary_key=True),
    Column("tag", LargeBinary, primary_key=True),
)


def _careful(connection: object, _record: ConnectionPoolEntry) -> None:
    """SQLite syncs every commit, overwrites what it deletes, and keeps references whole."""
    cursor = connection.cursor()  # type: ignore[attr-defined]  # a DBAPI connection, which has no common type
    for pragma in ("journal_mode = wal", "synchronous = full", "secure_delete = on", "foreign_keys = on"):
        cursor.execute(f"pragma {pragma}")
    cursor.close()


def open_tables(engine: Engine, tables: MetaData) -> None:
    """Make the tables that are not there yet."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _careful)
    tables.create_all(engine)


def wipe_traces(engine: Engine) -> None:
    """Leave no deleted byte in SQLite's write-ahead log or free pages; PostgreSQL rewrites on VACUUM."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("pragma wal_checkpoint(truncate)")
        else:
            connection.exec_driver_sql("vacuum")
