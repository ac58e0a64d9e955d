"""The personal store: blocks sealed under their owner's data key, found by the names they came with."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import ColumnElement, Connection, Engine, Row, Select, delete, func, select, tuple_

from remit.policy.split import Block, Name
from remit.policy.words import Item, Value
from remit.ports import Chance, Clock, Held, Kept
from remit.stores.directory import Directory
from remit.stores.tables import BLOCK, LOAD_TAKEN, MENTION, VAULT, batched, open_tables, wipe_traces

_ROWS = msgspec.msgpack.Decoder(tuple[dict[Item, Value], ...])


class SqlVault:
    """The vault on SQLite or PostgreSQL."""

    def __init__(self, engine: Engine, directory: Directory, *, clock: Clock, chance: Chance) -> None:
        self._engine, self._directory, self._clock, self._chance = engine, directory, clock, chance
        # What is taken is taken before a name is forgotten or after, never half under a number that goes.
        self._lock, self._traces = threading.Lock(), False
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
                for block in blocks:
                    self._insert(
                        db,
                        block,
                        [subjects[name] for name in block.names],
                        keep=expires[block.version, block.rule],
                    )

    def read(self, names: Sequence[Name], rules: Sequence[tuple[int, int]]) -> list[Kept]:
        """Unexpired blocks that any of the names was sent with, and only under these rules."""
        found = {row.id: row for row in self._rows(names, rules)}
        keys = self._directory.keys({row.subject for row in found.values()})
        ordered = sorted(found.values(), key=lambda row: (row.received, row.id))
        return [_opened(row, keys[row.subject]) for row in ordered if row.subject in keys]

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
            self._wipe()
        return gone

    def expire(self, now: int) -> int:
        """Destroy blocks whose time is over; returns how many."""
        with self._lock:
            with self._engine.begin() as db:
                gone = db.execute(delete(BLOCK).where(BLOCK.c.expires <= now)).rowcount
            # Also what an earlier try left, which a reader had held.
            if gone or self._traces:
                self._traces = True
                self._wipe()
        return gone

    def _wipe(self) -> None:
        wipe_traces(self._engine, BLOCK, MENTION)
        self._traces = False

    def _rows(self, names: Sequence[Name], rules: Sequence[tuple[int, int]]) -> Iterator[Row[Any]]:
        numbers = list(self._directory.find(names).values())
        live = select(BLOCK).where(BLOCK.c.expires > self._clock.now())
        with self._engine.connect() as db:
            for some in batched(numbers):
                for allowed in batched(rules):
                    rule = tuple_(BLOCK.c.version, BLOCK.c.rule).in_(allowed)
                    yield from db.execute(live.where(BLOCK.c.id.in_(_mentioned(some)), rule)).all()

    def _insert(self, db: Connection, block: Block, subjects: Sequence[tuple[int, AESGCM]], *, keep: int) -> None:
        number = int.from_bytes(self._chance.token(8), "big") >> 1
        owner, box = subjects[0]
        nonce = self._chance.token(12)
        bound = _bound(number, owner, version=block.version, rule=block.rule)
        db.execute(
            BLOCK.insert().values(
                id=number,
                subject=owner,
                version=block.version,
                rule=block.rule,
                received=block.received,
                expires=block.received + keep,
                sealed=nonce + box.encrypt(nonce, msgspec.msgpack.encode(block.rows), bound),
            )
        )
        db.execute(MENTION.insert(), [{"subject": s, "block": number} for s in {s for s, _ in subjects}])


def _counted(db: Connection, of_rule: ColumnElement[bool], where: ColumnElement[bool]) -> int:
    return db.execute(select(func.count()).where(of_rule, where)).scalar_one()


def _mentioned(subjects: Sequence[int]) -> Select[int]:
    return select(MENTION.c.block).where(MENTION.c.subject.in_(subjects))


def _opened(row: Row[Any], key: AESGCM) -> Kept:
    bound = _bound(row.id, row.subject, version=row.version, rule=row.rule)
    rows = _ROWS.decode(key.decrypt(row.sealed[:12], row.sealed[12:], bound))
    return Kept(row.version, row.rule, row.received, rows)


def _bound(block: int, subject: int, *, version: int, rule: int) -> bytes:
    return f"{block}/{subject}/{version}/{rule}".encode()
