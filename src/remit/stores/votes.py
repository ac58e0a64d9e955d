"""Open counts: who voted, as keyed hashes, until the period and its grace are over.

Of a group one row a vote is kept as long as it is small, and a sketch once it is large: the figure is
exact up to 65,536 identifiers, and an estimate above. It never shrinks while the count is open.

Each count, period and start has its own random key, with no parent, in the keys folder. When the count
closes, its state is deleted first and its key destroyed after the commit; a crash between the two
leaves a key of nothing, which is destroyed at the next opening. Without its key a hash, or a sketch of
hashes, says nothing about anybody, also where a copy of the file has it.

Of a count with grouping sets the coarsest is told while it is open. The others are told once, when it
closes, since a group that becomes large enough would otherwise show what ``(other)`` had hidden.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

import msgspec

from remit.policy.grouping import Ballot, Group, Place
from remit.policy.periods import GRACE_MS, period_start
from remit.policy.release import released, shown
from remit.policy.split import Name, Vote
from remit.policy.words import Period
from remit.ports import Chance, Figure
from remit.stores.sketch import Sketch, estimated
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
    """One group of an open count, as this turn leaves it. ``told`` is whether its number is told while it is open."""

    ref: bytes
    told: bool
    identifiers: int = 0
    sketch: Sketch | None = None


class SqliteVotes:
    """The open counts within one transaction of ``db``; ``write`` comes before its commit."""

    def __init__(self, db: sqlite3.Connection, keys: VoteKeys, *, chance: Chance, exact_max: int) -> None:
        self._db, self._keys, self._chance, self._exact_max = db, keys, chance, exact_max
        self._groups: dict[tuple[OpenCount, bytes], _Group | None] = {}
        self._key: dict[OpenCount, bytes] = {}
        self.closed = False

    def cast(self, votes: Sequence[Vote], counts: Mapping[str, Ballot], now: int) -> None:
        """Count each vote in the periods that hold ``now``, once for each set; a closed count stays closed.

        This happens when a clock steps back, or when intake wrote down an entry later than the grace: the
        day's figure is out and its key is gone, and under a new one everybody would count again.
        """
        groups: dict[tuple[str, Group], dict[Name, None]] = {}
        for vote in votes:
            groups.setdefault((vote.count, vote.group), {})[Name(vote.item, vote.form)] = None
        for (count, group), cast in groups.items():
            for period in counts[count].periods:
                start, end = period_start(period, now)
                of = OpenCount(count, period, start)
                for place in counts[count].places(group):
                    found = self._group(of, place, closes=end * 1000 + GRACE_MS)
                    if found is not None:
                        key = self._key_of(of)
                        self._add(found, _hashes(cast, count, place, key=key))

    def figures(self, k: int) -> list[Figure]:
        """Current numbers of every open group of a coarsest set that changed since it was told."""
        self.write()
        rows = self._db.execute(
            "select count, period, start, grp, identifiers from open_group where changed = 1"
        ).fetchall()
        self._db.execute("update open_group set changed = 0 where changed = 1")
        return [
            Figure(count, Period(period), start, _decoded(group), shown(identifiers, k))
            for count, period, start, group, identifiers in rows
        ]

    def close(self, now: int, k: int) -> list[Figure]:
        """The last numbers of counts whose grace is over. Their state goes, and it is remembered that they are closed.

        A closed count is remembered for good: some forty bytes a day and a month, about nobody.
        """
        self.write()
        self._groups.clear()
        figures = [figure for of, groups in self._closing(now).items() for figure in self._last(of, groups, k)]
        closed = self._db.execute(
            "insert into closed_count select distinct count, period, start from open_group where closes <= ?", (now,)
        )
        if closed.rowcount:
            self.closed = True
            self._db.execute("delete from vote where ref in (select ref from open_group where closes <= ?)", (now,))
            self._db.execute("delete from open_group where closes <= ?", (now,))
        return figures

    def _closing(self, now: int) -> dict[OpenCount, dict[Group, tuple[bytes, int]]]:
        """Groups of the counts whose grace is over, each with its reference and number."""
        rows = self._db.execute(
            "select count, period, start, grp, ref, identifiers from open_group where closes <= ?", (now,)
        )
        found: dict[OpenCount, dict[Group, tuple[bytes, int]]] = {}
        for count, period, start, group, ref, identifiers in rows.fetchall():
            found.setdefault(OpenCount(count, Period(period), start), {})[_decoded(group)] = ref, identifiers
        return found

    def _last(self, of: OpenCount, groups: Mapping[Group, tuple[bytes, int]], k: int) -> list[Figure]:
        def together(some: Sequence[Group]) -> int:
            return self._together([groups[group][0] for group in some])

        told = released({group: size for group, (_, size) in groups.items()}, together, k)
        return [Figure(*of, group, identifiers) for group, identifiers in told.items()]

    def _together(self, refs: Sequence[bytes]) -> int:
        """How many different hashes some groups have; about, where one of them has a sketch."""
        hashes: set[bytes] = set()
        sketches: list[Sketch] = []
        for ref in refs:
            (sketch,) = self._db.execute("select sketch from open_group where ref = ?", (ref,)).fetchone()
            if sketch is not None:
                sketches.append(Sketch(sketch))
            hashes.update(row[0] for row in self._db.execute("select hash from vote where ref = ?", (ref,)))
        return estimated(sketches, hashes) if sketches else len(hashes)

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
            "update open_group set changed = :told, identifiers = :n, sketch = :sketch"
            " where ref = :ref and (identifiers <> :n or sketch is not :sketch)",
            {"ref": group.ref, "told": group.told, "n": group.identifiers, "sketch": sketch},
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

    def _group(self, of: OpenCount, place: Place, *, closes: int) -> _Group | None:
        """The group, made on its first vote; None when its count is closed."""
        group, told = msgspec.msgpack.encode(list(place.group)), place.above is None
        if (of, group) not in self._groups:
            self._groups[of, group] = self._stored(of, group, told) or self._made(of, group, told, closes=closes)
        return self._groups[of, group]

    def _stored(self, of: OpenCount, group: bytes, told: bool) -> _Group | None:
        row = self._db.execute(
            "select ref, identifiers, sketch from open_group where count = ? and period = ? and start = ? and grp = ?",
            (*of, group),
        ).fetchone()
        if row is None:
            return None
        ref, identifiers, sketch = row
        return _Group(ref, told, identifiers, None if sketch is None else Sketch(sketch))

    def _made(self, of: OpenCount, group: bytes, told: bool, *, closes: int) -> _Group | None:
        if self._db.execute("select 1 from closed_count where count = ? and period = ? and start = ?", of).fetchone():
            return None
        made = _Group(self._chance.token(REF_BYTES), told)
        self._db.execute("insert into open_group values (?, ?, ?, ?, ?, ?, 0, 0, null)", (made.ref, *of, closes, group))
        return made


def destroy_keys_of_closed(db: sqlite3.Connection, keys: VoteKeys) -> None:
    """Destroy every key whose count is not open. ``db`` is not in a transaction."""
    rows = db.execute("select distinct count, period, start from open_group")
    keys.destroy(keys.held() - {OpenCount(count, Period(period), start) for count, period, start in rows})


def _decoded(group: bytes) -> Group:
    return tuple(msgspec.msgpack.decode(group))


def _hashes(names: Iterable[Name], count: str, place: Place, *, key: bytes) -> list[bytes]:
    """Keyed BLAKE2b over count, place, item and identifier of each, lengths prefixed.

    The place is the group, so that no two groups share a hash; of a finer set it is the group above, so that those
    within one, and no others, can be counted together.
    """
    where = list(place.group) if place.above is None else {"within": list(place.above)}
    begun = blake2b(_parts(count, msgspec.json.encode(where).decode()), key=key, digest_size=HASH_BYTES)
    found = []
    for name in names:
        hashed = begun.copy()
        hashed.update(_parts(*name))
        found.append(hashed.digest())
    return found


def _parts(*parts: str) -> bytes:
    return "".join([f"{len(part)}:{part}" for part in parts]).encode("utf-8", "surrogatepass")
