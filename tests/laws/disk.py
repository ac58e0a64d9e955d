"""The real journal for a small house: sealed segments on disk, which nobody waits for."""

from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from remit.ports import Chance
from remit.proof.small import Journal
from remit.stores.journal import DiskFile, Reader, Writer

JOURNAL_KEY = b"j" * 32


class QuickFile(DiskFile):
    """A segment that nobody waits for: no test here cuts the power."""

    def sync(self) -> None:
        """Nothing."""


@dataclass
class OnDisk:
    """Journals in one folder, one after another; each is closed when the next is made."""

    folder: Path
    writer: Writer | None = None
    numbers: "count[int]" = field(default_factory=count)

    def __call__(self, chance: Chance) -> Journal:
        self.close()
        folder = self.folder / f"journal-{next(self.numbers)}"
        public = X25519PrivateKey.from_private_bytes(JOURNAL_KEY).public_key().public_bytes_raw()
        self.writer = Writer(folder / "worker", public, chance=chance, create=QuickFile)
        return Journal(self.writer, Reader(folder, JOURNAL_KEY))

    def close(self) -> None:
        if self.writer is not None:
            self.writer.close()
