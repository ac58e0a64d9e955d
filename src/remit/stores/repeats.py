"""Which message ids came before, exactly, at a cost that does not grow with how many there are.

One tree of all of them would be written to in as many places as there are ids. So ids lie in parts, of one hour and of
bounded size, and only the newest part of an hour grows. That an id is new is told by filters in memory (Bloom:
"Space/time trade-offs in hash coding with allowable errors", 1970), one for several parts; what a filter may have is
looked up in its parts. A filter that knows too much, as after a turn that failed, costs look-ups; none ever knows less.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

REPEAT_HOURS = 24
PART_MAX = 1 << 17
"""Hashes in one part: a tree of some four megabytes, of which a turn of the divider writes most pages anew."""
FILTER_MAX, FILTER_PARTS_MAX = 1 << 20, 12
"""A filter forgets nothing, and goes with the last of its parts: it begins few, so that it does within two days."""
FILTER_BITS, PROBES = 1 << 24, 5
"""Sixteen bits a hash: of new ones 1.4 in a thousand are looked up for each full filter."""

SCHEMA = """
drop table if exists seen;
create table if not exists repeat_part(
  number integer primary key, hour integer not null, size integer not null, filter integer not null);
create table if not exists repeat_filter(number integer primary key, bits blob not null);
create table if not exists repeat(part integer, hash blob, primary key(part, hash)) without rowid;
"""
_STANDS = """
select 1 from repeat_part cross join repeat on repeat.part = repeat_part.number
where repeat_part.filter = ? and repeat_part.hour > ? and repeat.hash = ?
"""
"""The parts first, which SQLite has no figures to tell by: it would read through all hashes."""


class RepeatSizes(NamedTuple):
    """How many hashes a part and a filter take, how many parts a filter begins, and how many bits it has."""

    part: int = PART_MAX
    filter: int = FILTER_MAX
    parts: int = FILTER_PARTS_MAX
    bits: int = FILTER_BITS


Words = NDArray[np.uint64]
"""Hashes, each as two numbers: they are keyed, so their own bits are as good as any that could be made of them."""


def words(hashes: Sequence[bytes]) -> Words:
    """A row for each."""
    return np.frombuffer(b"".join(hashes), np.uint64).reshape(len(hashes), 2)


class Filter:
    """Says of a hash that it was never added, or that it may have been."""

    def __init__(self, bits: bytes | int = FILTER_BITS) -> None:
        self._bits = np.zeros(bits // 8, np.uint8) if isinstance(bits, int) else np.frombuffer(bits, np.uint8).copy()

    def may_have(self, some: Words) -> NDArray[np.bool_]:
        """Of each."""
        places = self._places(some)
        found: NDArray[np.bool_] = np.all(self._bits[places >> 3] >> (places & 7).astype(np.uint8) & 1, axis=1)
        return found

    def add(self, some: Words) -> None:
        """Remember each."""
        places = self._places(some)
        np.bitwise_or.at(self._bits, places >> 3, np.left_shift(1, places & 7).astype(np.uint8))

    def __bytes__(self) -> bytes:
        return self._bits.tobytes()

    def _places(self, some: Words) -> NDArray[np.intp]:
        probes = np.arange(PROBES, dtype=np.uint64)
        return ((some[:, :1] + probes * some[:, 1:]) % np.uint64(8 * self._bits.size)).astype(np.intp)


class SqliteRepeats:
    """What came before, in the file of ``db``; whoever calls begins and ends the transaction."""

    def __init__(self, db: sqlite3.Connection, sizes: RepeatSizes | None = None) -> None:
        self._db, self._sizes, self._filters = db, sizes or RepeatSizes(), dict[int, Filter]()

    def begin(self) -> None:
        """Hold the filters of what the file has: a transaction that failed may have left others."""
        numbers = [number for (number,) in self._db.execute("select distinct filter from repeat_part order by filter")]
        self._filters = {number: self._filters.get(number) or self._read(number) for number in numbers}

    def unseen(self, hashes: Sequence[bytes], hour: int) -> list[bool]:
        """Which of these are new; remembers those from this hour on."""
        if not hashes:
            return []
        told = dict.fromkeys(hashes, True)
        some = words(list(told))
        for number, one in self._filters.items():
            for at in np.flatnonzero(one.may_have(some)):
                hashed = some[at].tobytes()
                told[hashed] = told[hashed] and not self._stands(hashed, number, hour)
        self._remember([hashed for hashed, new in told.items() if new], hour)
        if len(told) == len(hashes):
            return list(told.values())
        return [told.pop(hashed, False) for hashed in hashes]

    def forget(self, hour: int) -> None:
        """Delete what 24 hours have passed over."""
        gone = self._db.execute("select number from repeat_part where hour <= ?", (hour - REPEAT_HOURS,)).fetchall()
        if gone:
            self._db.executemany("delete from repeat where part = ?", gone)
            self._db.executemany("delete from repeat_part where number = ?", gone)
            self._db.execute("delete from repeat_filter where number not in (select filter from repeat_part)")

    def _stands(self, hashed: bytes, number: int, hour: int) -> bool:
        return self._db.execute(_STANDS, (number, hour - REPEAT_HOURS, hashed)).fetchone() is not None

    def _remember(self, hashes: list[bytes], hour: int) -> None:
        hashes.sort()
        at = 0
        while at < len(hashes):
            part, number, room = self._growing(hour)
            some = hashes[at : at + room]
            self._db.executemany("insert into repeat values (?, ?)", [(part, one) for one in some])
            self._db.execute("update repeat_part set size = size + ? where number = ?", (len(some), part))
            self._filters[number].add(words(some))
            self._db.execute("delete from repeat_filter where number = ?", (number,))  # it knows less now
            at += len(some)

    def _growing(self, hour: int) -> tuple[int, int, int]:
        """The part of this hour that grows, its filter, and how many more it takes."""
        told = "select number, filter, ? - size from repeat_part where hour = ? and size < ? order by number desc"
        found = self._db.execute(told, (self._sizes.part, hour, self._sizes.part)).fetchone()
        if found is None:
            number = self._open()
            sized = (hour, 0, number)
            part = self._db.execute("insert into repeat_part(hour, size, filter) values (?, ?, ?)", sized).lastrowid
            return int(part or 0), number, self._sizes.part
        return found[0], found[1], found[2]

    def _open(self) -> int:
        """The filter that has room for one more part; one that has none is written down, for the next start."""
        number, held, parts = self._db.execute(
            "select filter, sum(size), count(*) from repeat_part group by filter order by filter desc limit 1"
        ).fetchone() or (0, 0, 0)
        if held <= self._sizes.filter - self._sizes.part and parts < self._sizes.parts and number in self._filters:
            return int(number)
        if number in self._filters:
            bits = bytes(self._filters[number])
            self._db.execute("insert or replace into repeat_filter values (?, ?)", (number, bits))
        self._filters[number + 1] = Filter(self._sizes.bits)
        return int(number) + 1

    def _read(self, number: int) -> Filter:
        row = self._db.execute("select bits from repeat_filter where number = ?", (number,)).fetchone()
        if row is not None:
            return Filter(row[0])
        made = Filter(self._sizes.bits)
        for some in self._parts(number):
            made.add(words(some))
        return made

    def _parts(self, number: int) -> Iterator[list[bytes]]:
        for (part,) in self._db.execute("select number from repeat_part where filter = ?", (number,)).fetchall():
            some = [hashed for (hashed,) in self._db.execute("select hash from repeat where part = ?", (part,))]
            if some:
                yield some
