"""How the divider opens its files: durable at every commit, and what is deleted is overwritten."""

import sqlite3
from pathlib import Path


def connect(path: Path) -> sqlite3.Connection:
    """A connection without transactions of its own; the file and its logs are their user's alone."""
    path.touch(mode=0o600)
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    db.executescript(
        "pragma journal_mode = wal; pragma synchronous = full; pragma secure_delete = on;"
        "pragma foreign_keys = on; pragma busy_timeout = 5000;"
    )
    return db


def wipe_log(db: sqlite3.Connection) -> None:
    """Move everything from the write-ahead log, which may hold copies of what was deleted, and empty it."""
    db.execute("pragma wal_checkpoint(truncate)")
