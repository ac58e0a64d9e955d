"""The divider's own store: how far it is, what it saw, who voted, and loads under way.

SQLite, because one transaction has to hold all of it: positions, repeats, votes and the outcome of a
load become true together, so a crash at any instruction repeats a load identically or not at all.
Loads are sealed; votes are keyed hashes whose key lies in the keys folder until the period closes.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from remit.policy.split import Vote
from remit.policy.words import Period
from remit.ports import Chance, Figure, Load

REPEAT_MS = 24 * 3_600_000
GRACE_MS = 10 * 60_000
ID_BYTES = 16
HASH_BYTES = 16

_SCHEMA = """
create table if not exists position(segment blob primary key, done integer not null check(done > 0));
create table if not exists seen(hash blob primary key, at integer not null);
create index if not exists seen_at on seen(at);
create table if not exists load(
  number integer primary key autoincrement, vault_id blob not null, facts_id blob not null,
  personal blob not null, factual blob not null);
create table if not exists open_group(
  ref blob primary key, count text not null, period text not null, start integer not null,
  closes integer not null, grp blob not null, changed integer not null,
  unique(count, period, start, grp));
create table if not exists vote(ref blob not null, hash blob not null, primary key(ref, hash)) without rowid;
"""


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    db.executescript(
        "pragma journal_mode = wal; pragma synchronous = full; pragma secure_delete = on;"
        "pragma foreign_keys = on; pragma busy_timeout = 5000;"
    )
    return db


def period_start(period: Period, now: int) -> tuple[int, int]:
    """Start and end of the period that holds ``now`` (ms), in epoch seconds, UTC."""
    day = datetime.fromtimestamp(now / 1000, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if period is Period.DAY:
        return int(day.timestamp()), int(day.timestamp()) + 86_400
    first = day.replace(day=1)
    following = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    return int(first.timestamp()), int(following.timestamp())


class VoteKeys:
    """One random key per count, period and start, in the keys folder, destroyed when the count closes."""

    def __init__(self, path: Path, chance: Chance) -> None:
        self._db, self._chance = _connect(path), chance
        self._db.execute(
            "create table if not exists vote_key(count text, period text, start integer, key blob not null,"
            " primary key(count, period, start))"
        )
        path.chmod(0o600)

    def key(self, count: str, period: Period, start: int) -> bytes:
        """The key of one open count; made on first use."""
        self._db.execute(
            "insert or ignore into vote_key values (?, ?, ?, ?)",
            (count, period, start, self._chance.token(32)),
        )
        row = self._db.execute(
            "select key from vote_key where count = ? and period = ? and start = ?", (count, period, start)
        ).fetchone()
        return bytes(row[0])

    def destroy(self, count: str, period: Period, start: int) -> None:
        """Overwrite the key and empty the write-ahead log that may hold a copy."""
        self._db.execute("delete from vote_key where count = ? and period = ? and start = ?", (count, period, start))
        self._db.execute("pragma wal_checkpoint(truncate)")

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()


class SqliteTurn:
    """One transaction at the desk."""

    def __init__(self, desk: "SqliteDesk") -> None:
        self._desk, self._db = desk, desk.db

    def unseen(self, hashes: Sequence[bytes], now: int) -> list[bool]:
        """Which message hashes are new; remembers them for 24 hours."""
        self._db.execute("delete from seen where at < ?", (now - REPEAT_MS,))
        return [
            self._db.execute("insert or ignore into seen values (?, ?)", (one, now)).rowcount == 1 for one in hashes
        ]

    def vote(self, votes: Sequence[Vote], counts: Mapping[str, Sequence[Period]], now: int) -> None:
        """Cast votes in the periods that are open now; a second vote of one identifier changes nothing."""
        for vote in set(votes):
            for period in counts[vote.count]:
                start, end = period_start(period, now)
                ref = self._group(vote, period, start=start, closes=end * 1000 + GRACE_MS)
                key = self._desk.vote_keys.key(vote.count, period, start)
                cast = self._db.execute("insert or ignore into vote values (?, ?)", (ref, _hash(key, vote)))
                if cast.rowcount:
                    self._db.execute("update open_group set changed = 1 where ref = ?", (ref,))

    def figures(self, now: int) -> list[Figure]:
        """Current numbers of every open group that changed, or that closes now."""
        rows = self._db.execute(
            "select count, period, start, grp, (select count(*) from vote where vote.ref = open_group.ref)"
            " from open_group where changed = 1 or closes <= ?",
            (now,),
        ).fetchall()
        self._db.execute("update open_group set changed = 0 where changed = 1")
        return [
            Figure(count, Period(period), start, tuple(msgspec.msgpack.decode(group)), n)
            for count, period, start, group, n in rows
        ]

    def close_counts(self, now: int) -> None:
        """Delete the state of counts whose grace is over; their last figures are in this turn's load."""
        for count, period, start in self._db.execute(
            "select distinct count, period, start from open_group where closes <= ?", (now,)
        ).fetchall():
            self._db.execute(
                "delete from vote where ref in (select ref from open_group where count = ? and period = ?"
                " and start = ?)",
                (count, period, start),
            )
            self._db.execute(
                "delete from open_group where count = ? and period = ? and start = ?", (count, period, start)
            )
            self._desk.closed.append((count, Period(period), start))

    def reached(self, positions: Mapping[bytes, int]) -> None:
        """How many entries of each segment are done."""
        self._db.executemany("insert or replace into position values (?, ?)", list(positions.items()))

    def send(self, personal: bytes, factual: bytes) -> None:
        """Write the load down, sealed."""
        vault_id, facts_id = self._desk.token(), self._desk.token()
        self._db.execute(
            "insert into load(vault_id, facts_id, personal, factual) values (?, ?, ?, ?)",
            (vault_id, facts_id, self._desk.seal(personal, vault_id), self._desk.seal(factual, facts_id)),
        )

    def _group(self, vote: Vote, period: Period, *, start: int, closes: int) -> bytes:
        group = msgspec.msgpack.encode(list(vote.group))
        where = (vote.count, period, start, group)
        sql = "select ref from open_group where count = ? and period = ? and start = ? and grp = ?"
        row = self._db.execute(sql, where).fetchone()
        if row is None:
            self._db.execute(
                "insert into open_group values (?, ?, ?, ?, ?, ?, 1)",
                (self._desk.token(), vote.count, period, start, closes, group),
            )
            row = self._db.execute(sql, where).fetchone()
        return bytes(row[0])


class SqliteDesk:
    """The desk in one SQLite file; ``key`` seals loads, ``vote_keys`` lives in the keys folder."""

    def __init__(self, path: Path, *, key: bytes, vote_keys: VoteKeys, chance: Chance) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.db = _connect(path)
        self.db.executescript(_SCHEMA)
        self.vote_keys = vote_keys
        self.closed: list[tuple[str, Period, int]] = []
        self._box, self._chance = AESGCM(key), chance

    @contextmanager
    def turn(self) -> Iterator[SqliteTurn]:
        """One transaction: all of it or none of it. Keys of closed counts die after it, never before."""
        self.closed.clear()
        self.db.execute("begin immediate")
        try:
            yield SqliteTurn(self)
        except BaseException:
            self.db.execute("rollback")
            raise
        self.db.execute("commit")
        for count, period, start in self.closed:
            self.vote_keys.destroy(count, period, start)

    def positions(self) -> dict[bytes, int]:
        """How many entries of each known segment are done."""
        return {bytes(segment): done for segment, done in self.db.execute("select segment, done from position")}

    def loads(self) -> Iterator[Load]:
        """Loads not yet delivered, oldest first."""
        rows = self.db.execute("select number, vault_id, facts_id, personal, factual from load order by number")
        for number, vault_id, facts_id, personal, factual in rows.fetchall():
            yield Load(number, vault_id, facts_id, self._unseal(personal, vault_id), self._unseal(factual, facts_id))

    def delivered(self, number: int) -> None:
        """Forget a load that both stores took."""
        self.db.execute("delete from load where number = ?", (number,))

    def gone(self, segments: Sequence[bytes]) -> None:
        """Forget segments that were destroyed."""
        self.db.executemany("delete from position where segment = ?", [(segment,) for segment in segments])

    def token(self) -> bytes:
        """A random id that has nothing in common with any other."""
        return self._chance.token(ID_BYTES)

    def seal(self, text: bytes, bound: bytes) -> bytes:
        """AES-256-GCM with a random nonce, bound to the load's id."""
        nonce = self._chance.token(12)
        return nonce + self._box.encrypt(nonce, text, bound)

    def close(self) -> None:
        """Let go of the files."""
        self.db.close()
        self.vote_keys.close()

    def _unseal(self, sealed: bytes, bound: bytes) -> bytes:
        return self._box.decrypt(sealed[:12], sealed[12:], bound)


def _hash(key: bytes, vote: Vote) -> bytes:
    """Keyed BLAKE2b over count, group, item and identifier, lengths prefixed: no two cells share a hash."""
    parts = [vote.count, msgspec.json.encode(list(vote.group)).decode(), vote.item, vote.form]
    text = "".join(f"{len(part)}:{part}" for part in parts)
    return blake2b(text.encode("utf-8", "surrogatepass"), key=key, digest_size=HASH_BYTES).digest()
