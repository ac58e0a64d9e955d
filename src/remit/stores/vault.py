"""The personal store: blocks sealed under their owner's data key, found by the names they came with."""

from collections.abc import Mapping, Sequence

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, Engine, delete, select

from remit.policy.split import Block, Name
from remit.policy.words import Item, Value
from remit.ports import Chance, Clock, Kept
from remit.stores.directory import Directory
from remit.stores.tables import BLOCK, LOAD_TAKEN, MENTION, VAULT, open_tables, wipe_traces

_ROWS = msgspec.msgpack.Decoder(tuple[dict[Item, Value], ...])


class SqlVault:
    """The vault on SQLite or PostgreSQL."""

    def __init__(self, engine: Engine, directory: Directory, *, clock: Clock, chance: Chance) -> None:
        self._engine, self._directory, self._clock, self._chance = engine, directory, clock, chance
        open_tables(engine, VAULT)

    def take(self, load: bytes, blocks: Sequence[Block], expires: Mapping[tuple[int, int], int]) -> None:
        """Keep the blocks once, however often the load comes."""
        # Keys first: an orphan key is harmless, a block without a key would be lost.
        names = {name for block in blocks for name in block.names}
        subjects = {name: self._directory.subject(name) for name in names}
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
        numbers = list(self._directory.find(names).values())
        allowed = set(rules)
        with self._engine.connect() as db:
            mentioned = select(MENTION.c.block).where(MENTION.c.subject.in_(numbers))
            rows = db.execute(select(BLOCK).where(BLOCK.c.id.in_(mentioned), BLOCK.c.expires > self._clock.now())).all()
        rows = [row for row in rows if (row.version, row.rule) in allowed]
        keys = self._directory.keys(sorted({row.subject for row in rows}))
        return [
            Kept(
                row.version,
                row.rule,
                row.received,
                _ROWS.decode(
                    keys[row.subject].decrypt(
                        row.sealed[:12],
                        row.sealed[12:],
                        _bound(row.id, row.subject, version=row.version, rule=row.rule),
                    )
                ),
            )
            for row in rows
            if row.subject in keys
        ]

    def knows(self, names: Sequence[Name]) -> list[Name]:
        """Those of the names that the directory holds."""
        known = self._directory.find(names)
        return [name for name in names if name in known]

    def forget(self, names: Sequence[Name]) -> int:
        """Destroy the names' keys and every block sent with them; returns how many blocks went."""
        numbers = list(self._directory.find(names).values())
        self._directory.destroy(names)
        with self._engine.begin() as db:
            mentioned = select(MENTION.c.block).where(MENTION.c.subject.in_(numbers))
            gone = db.execute(delete(BLOCK).where(BLOCK.c.id.in_(mentioned))).rowcount
        wipe_traces(self._engine)
        return gone

    def expire(self, now: int) -> int:
        """Destroy blocks whose time is over; returns how many."""
        with self._engine.begin() as db:
            gone = db.execute(delete(BLOCK).where(BLOCK.c.expires <= now)).rowcount
        if gone:
            wipe_traces(self._engine)
        return gone

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


def _bound(block: int, subject: int, *, version: int, rule: int) -> bytes:
    return f"{block}/{subject}/{version}/{rule}".encode()
