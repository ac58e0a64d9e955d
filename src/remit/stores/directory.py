"""Who is who: a keyed index of names, each with a random subject number and a wrapped data key.

It lies with the keys, never with the data. Destroying an entry makes the subject's blocks unreadable.
"""

import threading
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, Engine, Row, delete, select, update

from remit.policy.choices import tag
from remit.policy.split import Name
from remit.ports import Chance, Clock
from remit.stores.keyring import Keyring
from remit.stores.tables import DAY_KEY, DIRECTORY, ENTRY, batched, open_tables, wipe_traces


class Directory:
    """Subjects by name. One name is one subject; what links two names is only that they came together."""

    def __init__(self, engine: Engine, keyring: Keyring, *, clock: Clock, chance: Chance) -> None:
        self._engine, self._clock, self._chance = engine, clock, chance
        self._index, self._master = keyring.secret("index"), AESGCM(keyring.secret("vault"))
        self._clues, self._choices = keyring.secret("clues"), keyring.secret("choices")
        self._lock = threading.Lock()
        open_tables(engine, DIRECTORY)

    def subjects(self, names: Collection[Name]) -> dict[Name, tuple[int, AESGCM]]:
        """Number and data key of each name; made on first use, durable before this returns."""
        blinds = {self._blind(name): name for name in names}
        found = {}
        with self._lock, self._engine.begin() as db:
            days = _Days(db, self._master, self._chance)
            for some in batched(blinds):
                for row in db.execute(select(ENTRY).where(ENTRY.c.blind.in_(some))).all():
                    name = blinds[bytes(row.blind)]
                    found[name] = row.subject, days.opened(row)
                    if row.tag is None:
                        db.execute(update(ENTRY).where(ENTRY.c.blind == row.blind).values(tag=self._tag(name)))
            new = {blind: name for blind, name in blinds.items() if name not in found}
            if new:
                found |= self._entered(db, days, new)
        return found

    def find(self, names: Sequence[Name]) -> dict[Name, int]:
        """Numbers of the names that are known."""
        blinds = {self._blind(name): name for name in names}
        with self._engine.connect() as db:
            return {
                blinds[bytes(row.blind)]: row.subject
                for some in batched(blinds)
                for row in db.execute(select(ENTRY.c.blind, ENTRY.c.subject).where(ENTRY.c.blind.in_(some)))
            }

    def keys(self, subjects: Collection[int]) -> dict[int, AESGCM]:
        """Data keys of these subjects, as far as they still exist."""
        with self._engine.connect() as db:
            days = _Days(db, self._master, self._chance)
            return {
                row.subject: days.opened(row)
                for some in batched(subjects)
                for row in db.execute(select(ENTRY).where(ENTRY.c.subject.in_(some))).all()
            }

    def tags(self, subjects: Collection[int]) -> dict[int, bytes]:
        """Under which tags these subjects' choices stand."""
        with self._engine.connect() as db:
            return {
                row.subject: bytes(row.tag)
                for some in batched(subjects)
                for row in db.execute(select(ENTRY.c.subject, ENTRY.c.tag).where(ENTRY.c.subject.in_(some)))
                if row.tag is not None
            }

    def clue(self, name: Name) -> bytes:
        """What stands for a clue in the vault: the same each time, and nothing without the key."""
        return _blind(self._clues, name)

    def destroy(self, names: Sequence[Name]) -> None:
        """Destroy the names' keys, also in the write-ahead log."""
        with self._lock:
            with self._engine.begin() as db:
                for some in batched([self._blind(name) for name in names]):
                    db.execute(delete(ENTRY).where(ENTRY.c.blind.in_(some)))
            wipe_traces(self._engine, ENTRY)

    def _entered(self, db: Connection, days: "_Days", new: Mapping[bytes, Name]) -> dict[Name, tuple[int, AESGCM]]:
        day = datetime.fromtimestamp(self._clock.now() / 1000, UTC).date().isoformat()
        found, rows = {}, []
        for blind, name in new.items():
            number = int.from_bytes(self._chance.token(8), "big") >> 1
            key, nonce = self._chance.token(32), self._chance.token(12)
            wrapped = nonce + days.key(day).encrypt(nonce, key, blind)
            rows.append({"blind": blind, "subject": number, "day": day, "wrapped": wrapped, "tag": self._tag(name)})
            found[name] = number, AESGCM(key)
        db.execute(ENTRY.insert(), rows)
        return found

    def _blind(self, name: Name) -> bytes:
        return _blind(self._index, name)

    def _tag(self, name: Name) -> bytes:
        return tag(self._choices, name.item, name.form)


class _Days:
    """The keys of days within one transaction, each looked up once: entries of a load are mostly of few days."""

    def __init__(self, db: Connection, master: AESGCM, chance: Chance) -> None:
        self._db, self._master, self._chance = db, master, chance
        self._keys: dict[str, AESGCM] = {}

    def opened(self, row: Row[Any]) -> AESGCM:
        """The data key of an entry."""
        return AESGCM(self.key(row.day).decrypt(row.wrapped[:12], row.wrapped[12:], bytes(row.blind)))

    def key(self, day: str) -> AESGCM:
        """The key under which keys of one day are wrapped; itself sealed under the master key."""
        if day not in self._keys:
            self._keys[day] = self._looked_up(day)
        return self._keys[day]

    def _looked_up(self, day: str) -> AESGCM:
        sealed = self._db.execute(select(DAY_KEY.c.sealed).where(DAY_KEY.c.day == day)).scalar_one_or_none()
        if sealed is None:
            key, nonce = self._chance.token(32), self._chance.token(12)
            sealed = nonce + self._master.encrypt(nonce, key, day.encode())
            self._db.execute(DAY_KEY.insert().values(day=day, sealed=sealed))
        return AESGCM(self._master.decrypt(sealed[:12], sealed[12:], day.encode()))


def _blind(key: bytes, name: Name) -> bytes:
    text = f"{len(name.item)}:{name.item}{len(name.form)}:{name.form}".encode("utf-8", "surrogatepass")
    return blake2b(text, key=key, digest_size=32).digest()
