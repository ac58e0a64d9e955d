"""Choices and adoptions, append-only, and nothing else."""

import hashlib
import threading
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, Engine, func, select

from remit.policy.words import Choice, PurposeKey
from remit.ports import Adoption, Last, Receipt, Words
from remit.stores.tables import ADOPTION, LEDGER, PUT_BACK, RECEIPT, RECEIPT_TAG, open_tables, read_whole


class SqlLedger:
    """The ledger on SQLite or PostgreSQL. It has no method that changes or removes a row."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        # A number is one more than the last: who appends does so alone.
        self._lock = threading.Lock()
        open_tables(engine, LEDGER)

    def adopt(self, adoption: Adoption) -> None:
        """Append a version. Raises ValueError unless it is higher than the last."""
        with self._lock, self._engine.begin() as db:
            last = db.execute(select(func.max(ADOPTION.c.version))).scalar_one_or_none()
            if last is not None and adoption.version <= last:
                raise ValueError(f"version {adoption.version} is not higher than the adopted {last}")
            digest = hashlib.sha256(adoption.text.encode()).digest()
            db.execute(
                ADOPTION.insert().values(version=adoption.version, text=adoption.text, sha256=digest, at=adoption.at)
            )

    def adoptions(self) -> list[Adoption]:
        """Oldest first. Raises ValueError when a text was changed since, or cannot be read."""
        with read_whole(self._engine, LEDGER), self._engine.connect() as db:
            rows = db.execute(select(ADOPTION).order_by(ADOPTION.c.version)).all()
        for row in rows:
            if hashlib.sha256(row.text.encode()).digest() != row.sha256:
                place = f"the text of version {row.version} in {self._engine.url.database}"
                raise ValueError(f"{place} is not the one that was adopted: {PUT_BACK}")
        return [Adoption(row.version, row.text, row.at) for row in rows]

    def choose(self, receipt: Receipt, tags: Sequence[bytes]) -> Receipt:
        """Append a choice, or find the one of its id. Raises ValueError without a tag, or where that is another."""
        if not tags:
            raise ValueError("a choice is somebody's: it needs a tag")
        with self._lock, self._engine.begin() as db:
            stands = _receipt(db, receipt.id)
            if stands is not None:
                if not receipt.repeats(stands) or not _tags(db, receipt.id) <= set(tags):
                    raise ValueError(f"receipt {receipt.id} is of another choice")
                return stands
            last = db.execute(select(func.max(RECEIPT.c.number))).scalar_one_or_none() or 0
            db.execute(
                RECEIPT.insert().values(
                    number=last + 1,
                    id=receipt.id,
                    at=receipt.at,
                    version=receipt.version,
                    purpose=receipt.purpose,
                    choice=receipt.choice.value,
                )
            )
            db.execute(RECEIPT_TAG.insert(), [{"receipt": receipt.id, "tag": tag} for tag in dict.fromkeys(tags)])
            return receipt

    def receipt(self, known: str) -> Receipt | None:
        """The receipt of this id."""
        with self._engine.connect() as db:
            return _receipt(db, known)

    def choices(self) -> Mapping[bytes, Words]:
        """The last word per tag and purpose."""
        with self._engine.connect() as db:
            rows = db.execute(
                select(RECEIPT_TAG.c.tag, RECEIPT.c.purpose, RECEIPT.c.choice, RECEIPT.c.version)
                .join(RECEIPT, RECEIPT.c.id == RECEIPT_TAG.c.receipt)
                .order_by(RECEIPT.c.number)
            ).all()
        found: dict[bytes, dict[PurposeKey, Last]] = {}
        for row in rows:
            found.setdefault(bytes(row.tag), {})[PurposeKey(row.purpose)] = Last(Choice(row.choice), row.version)
        return found


def _receipt(db: Connection, known: str) -> Receipt | None:
    row = db.execute(select(RECEIPT).where(RECEIPT.c.id == known)).one_or_none()
    if row is None:
        return None
    return Receipt(row.id, row.at, row.version, PurposeKey(row.purpose), Choice(row.choice))


def _tags(db: Connection, receipt: str) -> set[bytes]:
    return {
        bytes(tag) for tag in db.execute(select(RECEIPT_TAG.c.tag).where(RECEIPT_TAG.c.receipt == receipt)).scalars()
    }
