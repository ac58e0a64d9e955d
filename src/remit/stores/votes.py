"""Open counts: who voted, as keyed hashes, until the period and its grace are over.

Of a group one row a vote is kept as long as it is small, and a sketch once it is large: the figure is
exact up to 65,536 identifiers, and an estimate above. It never shrinks while the count is open.

Each count, period and start has its own random key, with no parent, in the keys folder. When the count
closes, its state is deleted first and its key destroyed after the commit; a crash between the two
leaves a key of nothing, which is destroyed at the next opening. Without its key a hash, or a sketch of
hashes, says nothing about anybody, also where a copy of the file has it.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

import msgspec

from remit.policy.periods import GRACE_MS, period_start
from remit.policy.split import Vote
from remit.policy.words import Period
from remit.ports import Chance, Figure
from remit.stores.sketch import Sketch
from remit.stores.sqlite import connect, wipe

EXACT_IDENTIFIERS_MAX = 65_536
REF_BYTES = 16
HASH_BYTES = 16

SCHEMA = """
create table if not exists open_group(
  ref blob primary key, count text not null, period text not null, start integer not null,
  closes integer not null, grp blob not null, identifiers integer not null, changed integer not null, sketch blob,
  unique(count, period, start, grp));
create table if not exists vote(ref blob not null, hash blob not null, primary key(ref, hash)) without rowid;
create table if not exists closed_count(
  count text, period text, start integer, primary key(count, period, start)) without rowid;
"""


class OpenCount(NamedTuple):
    """One count in one period: what has a key of its own, and closes."""

    which: str
    period: Period
    start: int


class VoteKeys:
    """One random key per open count, in the keys folder."""

    def __init__(self, path: Path, chance: Chance) -> None:
        self._db, self._chance = connect(path), chance
        self._db.execute(
            "create table if not exists vote_key(count text, period text, start integer, key blob not null,"
            " primary key(count, period, start))"
        )

    def key(self, of: OpenCount) -> bytes:
        """The key of one open count; made on first use."""
        self._db.execute("insert or ignore into vote_key values (?, ?, ?, ?)", (*of, self._chance.token(32)))
        row = self._db.execute("select key from vote_key where count = ? and period = ? and start = ?", of).fetchone()
        return bytes(row[0])

    def held(self) -> set[OpenCount]:
        """Every count that has a key."""
        rows = self._db.execute("select count, period, start from vote_key")
        return {OpenCount(count, Period(period), start) for count, period, start in rows}

    def destroy(self, gone: set[OpenCount]) -> None:
        """Leave no byte of these keys, nor of any that was destroyed before. Raises TimeoutError while read."""
        self._db.executemany("delete from vote_key where count = ? and period = ? and start = ?", list(gone))
        wipe(self._db)

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()


@dataclass(slots=True)
class _Group:
    """One group of an open count, as this turn leaves it."""

    ref: bytes
    identifiers: int = 0
    sketch: Sketch | None = None


class SqliteVotes:
    """The open counts within one transaction of ``db``; ``write`` comes before its commit."""

    def __init__(self, db: sqlite3.Connection, keys: VoteKeys, *, chance: Chance, exact_max: int) -> None:
        self._db, self._keys, self._chance, self._exact_max = db, keys, chance, exact_max
        self._groups: dict[tuple[OpenCount, bytes], _Group | None] = {}
        self._key: dict[OpenCount, bytes] = {}
        self.closed = False

    def cast(self, votes: Sequence[Vote], counts: Mapping[str, Sequence[Period]], now: int) -> None:
        """Count each vote in the periods that hold ``now``; a closed count stays closed.

        This happens when a clock steps back, or when intake wrote down an entry later than the grace: the
        day's figure is out and its key is gone, and under a new one everybody would count again.
        """
        groups: dict[tuple[str, tuple[str | int, ...]], list[Vote]] = {}
        for vote in votes:
            groups.setdefault((vote.count, vote.group), []).append(vote)
        for (count, group), cast in groups.items():
            for period in counts[count]:
                start, end = period_start(period, now)
                of = OpenCount(count, period, start)
                found = self._group(of, msgspec.msgpack.encode(list(group)), closes=end * 1000 + GRACE_MS)
                if found is not None:
                    key = self._key_of(of)
                    self._add(found, [_hash(key, vote) for vote in cast])

    def figures(self, now: int) -> list[Figure]:
        """Current numbers of every open group that changed since it was told, or whose grace is over now."""
        self.write()
        rows = self._db.execute(
            "select count, period, start, grp, identifiers from open_group where changed = 1 or closes <= ?", (now,)
        ).fetchall()
        self._db.execute("update open_group set changed = 0 where changed = 1")
        return [
            Figure(count, Period(period), start, tuple(msgspec.msgpack.decode(group)), identifiers)
            for count, period, start, group, identifiers in rows
        ]

    def close(self, now: int) -> None:
        """Delete the state of counts whose grace is over, and remember that they are closed.

        A closed count is remembered for good: some forty bytes a day and a month, about nobody.
        """
        self.write()
        self._groups.clear()
        closed = self._db.execute(
            "insert into closed_count select distinct count, period, start from open_group where closes <= ?", (now,)
        )
        if closed.rowcount:
            self.closed = True
            self._db.execute("delete from vote where ref in (select ref from open_group where closes <= ?)", (now,))
            self._db.execute("delete from open_group where closes <= ?", (now,))

    def write(self) -> None:
        """Bring the groups that this turn touched to the transaction."""
        for group in self._groups.values():
            if group is not None:
                self._write(group)

    def _write(self, group: _Group) -> None:
        sketch = None
        if group.sketch is not None:
            group.identifiers = max(group.identifiers, group.sketch.estimate())
            sketch = bytes(group.sketch)
        self._db.execute(
            "update open_group set changed = 1, identifiers = :n, sketch = :sketch"
            " where ref = :ref and (identifiers <> :n or sketch is not :sketch)",
            {"ref": group.ref, "n": group.identifiers, "sketch": sketch},
        )

    def _key_of(self, of: OpenCount) -> bytes:
        if of not in self._key:
            self._key[of] = self._keys.key(of)
        return self._key[of]

    def _add(self, group: _Group, hashes: Sequence[bytes]) -> None:
        if group.sketch is not None:
            group.sketch.add(hashes)
            return
        cast = self._db.executemany("insert or ignore into vote values (?, ?)", [(group.ref, one) for one in hashes])
        group.identifiers += cast.rowcount
        if group.identifiers > self._exact_max:
            group.sketch = Sketch()
            group.sketch.add(row[0] for row in self._db.execute("select hash from vote where ref = ?", (group.ref,)))
            self._db.execute("delete from vote where ref = ?", (group.ref,))

    def _group(self, of: OpenCount, group: bytes, *, closes: int) -> _Group | None:
        """The group, made on its first vote; None when its count is closed."""
        if (of, group) not in self._groups:
            self._groups[of, group] = self._stored(of, group) or self._made(of, group, closes=closes)
        return self._groups[of, group]

    def _stored(self, of: OpenCount, group: bytes) -> _Group | None:
        row = self._db.execute(
            "select ref, identifiers, sketch from open_group where count = ? and period = ? and start = ? and grp = ?",
            (*of, group),
        ).fetchone()
        if row is None:
            return None
        ref, identifiers, sketch = row
        return _Group(ref, identifiers, None if sketch is None else Sketch(sketch))

    def _made(self, of: OpenCount, group: bytes, *, closes: int) -> _Group | None:
        if self._db.execute("select 1 from closed_count where count = ? and period = ? and start = ?", of).fetchone():
            return None
        made = _Group(self._chance.token(REF_BYTES))
        self._db.execute("insert into open_group values (?, ?, ?, ?, ?, ?, 0, 0, null)", (made.ref, *of, closes, group))
        return made


def destroy_keys_of_closed(db: sqlite3.Connection, keys: VoteKeys) -> None:
    """Destroy every key whose count is not open. ``db`` is not in a transaction."""
    rows = db.execute("select distinct count, period, start from open_group")
    keys.destroy(keys.held() - {OpenCount(count, Period(period), start) for count, period, start in rows})


def _hash(key: bytes, vote: Vote) -> bytes:
    """Keyed BLAKE2b over count, group, item and identifier, lengths prefixed: no two cells share a hash."""
    parts = [vote.count, msgspec.json.encode(list(vote.group)).decode(), vote.item, vote.form]
    text = "".join(f"{len(part)}:{part}" for part in parts)
    return blake2b(text.encode("utf-8", "surrogatepass"), key=key, digest_size=HASH_BYTES).digest()
