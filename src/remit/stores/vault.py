"""The personal store: blocks sealed under their owner's data key, found by the names they came with."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import ColumnElement, Connection, Engine, Row, Select, delete, func, select, tuple_

from remit.policy.columns import Rows
from remit.policy.split import Block, Name
from remit.ports import Chance, Clock, Held, Kept, Led
from remit.stores.directory import Directory
from remit.stores.tables import BLOCK, CLUE, LOAD_TAKEN, MENTION, VAULT, batched, open_tables, wipe_log, wipe_traces

ANEW_EVERY_MS = 3_600_000
"""How often the sweep writes the files anew; in between it overwrites rows where they stand, and empties the log."""

_Inserted = list[dict[str, Any]]


class _Rows(NamedTuple):
    """What blocks become in each table: to insert a thousand at once costs a fifth of a thousand times one."""

    blocks: _Inserted
    mentions: _Inserted
    clues: _Inserted


_ROWS = msgspec.msgpack.Decoder(Rows)


class SqlVault:
    """The vault on SQLite or PostgreSQL."""

    def __init__(self, engine: Engine, directory: Directory, *, clock: Clock, chance: Chance) -> None:
        self._engine, self._directory, self._clock, self._chance = engine, directory, clock, chance
        # What is taken is taken before a name is forgotten or after, never half under a number that goes.
        self._lock = threading.Lock()
        # A run before this one may have ended between two times of writing anew.
        self._traces, self._anew = True, clock.now()
        open_tables(engine, VAULT)

    def take(self, load: bytes, blocks: Sequence[Block], expires: Mapping[tuple[int, int], int]) -> None:
        """Keep the blocks once, however often the load comes."""
        with self._lock:
            # Keys first: an orphan key is harmless, a block without a key would be lost.
            subjects = self._directory.subjects({name for block in blocks for name in block.names})
            with self._engine.begin() as db:
                if db.execute(select(LOAD_TAKEN).where(LOAD_TAKEN.c.id == load)).one_or_none() is not None:
                    return
                db.execute(LOAD_TAKEN.insert().values(id=load))
                rows = _Rows([], [], [])
                for block in blocks:
                    found = self._sealed(block, [subjects[name] for name in block.names], expires=expires)
                    for several, some in zip(rows, found, strict=True):
                        several.extend(some)
                for table, several in zip((BLOCK, MENTION, CLUE), rows, strict=True):
                    if several:
                        db.execute(table.insert(), several)

    def read(self, names: Sequence[Name], rules: Sequence[tuple[int, int]]) -> list[Kept]:
        """Unexpired blocks that any of the names was sent with, and only under these rules."""
        found = {row.id: row for row in self._rows(names, rules)}
        keys = self._directory.keys({row.subject for row in found.values()})
        ordered = sorted(found.values(), key=lambda row: (row.received, row.id))
        return [_opened(row, keys[row.subject]) for row in ordered if row.subject in keys]

    def led(self, clues: Sequence[Name], rules: Sequence[tuple[int, int]], most: int) -> list[Led]:
        """Unexpired blocks that came with an unexpired clue, only under these rules, and so many at most."""
        blinds = [self._directory.clue(clue) for clue in clues]
        leads = select(CLUE.c.block).where(CLUE.c.blind.in_(blinds), CLUE.c.expires > self._clock.now())
        with self._engine.connect() as db:
            found = {row.id: row for row in islice(self._live(db, leads, rules, most=most), most)}
            mentions: dict[int, list[int]] = {}
            for some in batched(found):
                for row in db.execute(select(MENTION).where(MENTION.c.block.in_(some))):
                    mentions.setdefault(row.block, []).append(row.subject)
        subjects = {subject for named in mentions.values() for subject in named}
        keys, tags = self._directory.keys({row.subject for row in found.values()}), self._directory.tags(subjects)
        return [
            _led(_opened(row, keys[row.subject]), tuple(tags[one] for one in mentions[row.id]))
            for row in sorted(found.values(), key=lambda row: (row.received, row.id))
            if row.subject in keys and tags.keys() >= set(mentions.get(row.id, [])) != set()
        ]

    def knows(self, names: Sequence[Name]) -> list[Name]:
        """Those of the names that the directory holds."""
        known = self._directory.find(names)
        return [name for name in names if name in known]

    def held(self, expires: Mapping[tuple[int, int], int], now: int) -> list[Held]:
        """How many blocks lie under each (version, rule), over and beyond their time; sealed as they are."""
        by_rule = select(BLOCK.c.version, BLOCK.c.rule, func.count()).group_by(BLOCK.c.version, BLOCK.c.rule)
        with self._engine.connect() as db:
            rows = db.execute(by_rule.order_by(BLOCK.c.version, BLOCK.c.rule)).all()
            return [
                Held(
                    *(version, rule, blocks),
                    over=_counted(db, of_rule, BLOCK.c.received <= now - keep),
                    beyond=_counted(db, of_rule, BLOCK.c.expires > BLOCK.c.received + keep),
                )
                for version, rule, blocks in rows
                for keep in [expires.get((version, rule), 0)]
                for of_rule in [(BLOCK.c.version == version) & (BLOCK.c.rule == rule)]
            ]

    def forget(self, names: Sequence[Name]) -> int:
        """Destroy the names' keys and every block sent with them; returns how many blocks went."""
        with self._lock:
            numbers = list(self._directory.find(names).values())
            # Blocks first: they are found through the directory, so a crash in between can be asked again.
            with self._engine.begin() as db:
                gone = sum(
                    db.execute(delete(BLOCK).where(BLOCK.c.id.in_(_mentioned(some)))).rowcount
                    for some in batched(numbers)
                )
            self._traces = True
            self._directory.destroy(names)
            self._wipe(self._clock.now())
        return gone

    def expire(self, now: int) -> int:
        """Destroy blocks whose time is over; returns how many."""
        with self._lock:
            with self._engine.begin() as db:
                gone = db.execute(delete(BLOCK).where(BLOCK.c.expires <= now)).rowcount
                cold = db.execute(delete(CLUE).where(CLUE.c.expires <= now)).rowcount
            self._traces = self._traces or gone + cold > 0
            # Also what an earlier try left, which a reader had held.
            if self._traces and now - self._anew >= ANEW_EVERY_MS:
                self._wipe(now)
            elif self._traces:
                wipe_log(self._engine, BLOCK, MENTION, CLUE)
        return gone

    def _wipe(self, now: int) -> None:
        wipe_traces(self._engine, BLOCK, MENTION, CLUE)
        self._traces, self._anew = False, now

    def _rows(self, names: Sequence[Name], rules: Sequence[tuple[int, int]]) -> Iterator[Row[Any]]:
        numbers = list(self._directory.find(names).values())
        with self._engine.connect() as db:
            for some in batched(numbers):
                yield from self._live(db, _mentioned(some), rules)

    def _live(
        self, db: Connection, blocks: Select[int], rules: Sequence[tuple[int, int]], *, most: int | None = None
    ) -> Iterator[Row[Any]]:
        live = select(BLOCK).where(BLOCK.c.expires > self._clock.now(), BLOCK.c.id.in_(blocks)).limit(most)
        for allowed in batched(rules):
            yield from db.execute(live.where(tuple_(BLOCK.c.version, BLOCK.c.rule).in_(allowed))).all()

    def _sealed(
        self, block: Block, subjects: Sequence[tuple[int, AESGCM]], *, expires: Mapping[tuple[int, int], int]
    ) -> "_Rows":
        number = int.from_bytes(self._chance.token(8), "big") >> 1
        owner, box = subjects[0]
        nonce = self._chance.token(12)
        bound = _bound(number, owner, version=block.version, rule=block.rule)
        row = {
            "id": number,
            "subject": owner,
            "version": block.version,
            "rule": block.rule,
            "received": block.received,
            "expires": block.received + expires[block.version, block.rule],
            "sealed": nonce + box.encrypt(nonce, msgspec.msgpack.encode(block.rows), bound),
        }
        ends: dict[bytes, int] = {}
        for clue in block.clues:
            blind = self._directory.clue(Name(clue.item, clue.form))
            ends[blind] = max(ends.get(blind, 0), block.received + expires[block.version, clue.rule])
        return _Rows(
            [row],
            [{"subject": s, "block": number} for s in {s for s, _ in subjects}],
            [{"blind": blind, "block": number, "expires": end} for blind, end in ends.items()],
        )


def _counted(db: Connection, of_rule: ColumnElement[bool], where: ColumnElement[bool]) -> int:
    return db.execute(select(func.count()).where(of_rule, where)).scalar_one()


def _mentioned(subjects: Sequence[int]) -> Select[int]:
    return select(MENTION.c.block).where(MENTION.c.subject.in_(subjects))


def _opened(row: Row[Any], key: AESGCM) -> Kept:
    bound = _bound(row.id, row.subject, version=row.version, rule=row.rule)
    rows = tuple(_ROWS.decode(key.decrypt(row.sealed[:12], row.sealed[12:], bound)))
    return Kept(row.version, row.rule, row.received, rows)


def _led(kept: Kept, tags: tuple[bytes, ...]) -> Led:
    return Led(kept.version, kept.rule, kept.received, kept.rows, tags)


def _bound(block: int, subject: int, *, version: int, rule: int) -> bytes:
    return f"{block}/{subject}/{version}/{rule}".encode()
