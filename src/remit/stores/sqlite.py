"""The divider's files: durable at every commit, and what is deleted is overwritten."""

import sqlite3
from pathlib import Path


def connect(path: Path) -> sqlite3.Connection:
    """A connection without transactions of its own; the file and its logs are their user's alone."""
    path.touch(mode=0o600)
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    db.executescript(
        "pragma journal_mode = wal; pragma synchronous = full; pragma secure_delete = on;"
        "pragma foreign_keys = on; pragma busy_timeout = 5000; pragma temp_store = memory;"
    )
    return db


def wipe(db: sqlite3.Connection) -> None:
    """Leave no deleted byte in a file and its log. Raises TimeoutError while a reader holds the log.

    The whole file is written anew: overwriting what is deleted misses a row here and there, of which
    balancing the tree had left a copy in another page.
    """
    db.execute("vacuum")
    busy, *_ = db.execute("pragma wal_checkpoint(truncate)").fetchone()
    if busy:
        raise TimeoutError("deleted rows are still in the write-ahead log: something else reads the file")
