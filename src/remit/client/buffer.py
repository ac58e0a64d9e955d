"""Records on disk until remit has taken them: bundles of lines, in a folder for each process, removed when answered.

A line is appended by one write before ``record`` returns, so it outlives the process however that ends. It is not
synced: a power cut may take the last seconds. A bundle is a file that is sent as a whole and removed as a whole, so
nothing but its presence says what is still to be sent. Another process takes over the folder of one that is gone.

SQLite would do the same, and make the thread that records wait for the one that sends, and processes for each other.
"""

import os
import secrets
import threading
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from remit.client import records
from remit.client.folders import Folder, orphans
from remit.client.limits import BLOCK_BYTES, ClientLimits


@dataclass(eq=False, slots=True)
class Bundle:
    """Records that travel together. ``turn`` is the place among those of this process; a half keeps its whole's."""

    path: Path
    turn: int
    records: int = 0
    size: int = 0
    begun: float = field(default_factory=time.monotonic)

    @property
    def room(self) -> int:
        """What it takes of the disk."""
        return -(-self.size // BLOCK_BYTES) * BLOCK_BYTES


class Buffer:
    """The bundles of one process, oldest first. Whatever happens to a record here, ``counts`` has it."""

    def __init__(self, root: Path, limits: ClientLimits) -> None:
        self._root, self._limits = root, limits
        self.changed = threading.Condition()
        """Held for each change, and told of each bundle that is gone."""
        self.counts = Counter[str]()
        self._bundles: list[Bundle] = []
        self._open: int | None = None
        self._sent: Bundle | None = None
        self._turn = self._room = 0
        self._adopting, self._closed = threading.Lock(), False
        self._folder: Folder | None = Folder.made(root)

    @property
    def waiting(self) -> int:
        """How many records are here."""
        return sum(bundle.records for bundle in self._bundles)

    def pass_over(self, reason: str) -> None:
        """Count a record that is not kept at all."""
        with self.changed:
            self.counts.update(("recorded", reason))

    def append(self, line: bytes) -> bool:
        """Keep a line; returns whether the sender has to know. What cannot be kept is counted, never raised."""
        with self.changed:
            self.counts["recorded"] += 1
            if len(line) > self._limits.bundle_bytes:
                self.counts["too_large"] += 1
                return False
            try:
                return self._append(line)
            except OSError:
                self.counts["disk"] += 1
                self._close()
                return False

    def _append(self, line: bytes) -> bool:
        if self._open is not None and self._bundles[-1].size + len(line) > self._limits.bundle_bytes:
            self._close()
        bundle = self._bundles[-1] if self._open is not None else self._begin()
        assert self._open is not None, "begun"
        written = os.write(self._open, line)
        if written < len(line):  # the disk is full
            os.ftruncate(self._open, bundle.size)
            raise OSError("a line was not written whole")
        self._room -= bundle.room
        bundle.size += len(line)
        bundle.records += 1
        self._room += bundle.room
        if bundle.records >= self._limits.bundle_records:
            self._close()
        self._make_room()
        return bundle.records == 1 or self._open is None

    def _begin(self) -> Bundle:
        self._turn += 1
        bundle = Bundle(self._own() / name(), self._turn)
        self._open = os.open(bundle.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o600)
        self._bundles.append(bundle)
        return bundle

    def _own(self) -> Path:
        """The folder of this process: a child makes its own when it first needs one. Raises OSError."""
        if self._closed:
            raise FileNotFoundError(self._root)
        if self._folder is None:
            self._folder = Folder.made(self._root)
        return self._folder.path

    def _close(self) -> None:
        """End the bundle that lines are appended to; one that stayed empty goes."""
        if self._open is not None:
            os.close(self._open)
            self._open = None
            if not self._bundles[-1].records:
                _remove(self._bundles.pop())

    def _make_room(self) -> None:
        """Drop the oldest bundles that are neither on their way nor open, until the rest has room."""
        while self._room > self._limits.buffer_bytes:
            closed = self._bundles if self._open is None else self._bundles[:-1]
            oldest = next((bundle for bundle in closed if bundle is not self._sent), None)
            if oldest is None:
                break
            self._end(oldest, buffer_full=oldest.records)

    def _end(self, bundle: Bundle, **ends: int) -> None:
        self.counts.update(ends)
        self._bundles.remove(bundle)
        self._room -= bundle.room
        _remove(bundle)
        self.changed.notify_all()

    def due(self) -> Bundle | None:
        """The oldest bundle, if it is closed or old enough to be; it is then on its way."""
        with self.changed:
            if self._open is not None and len(self._bundles) == 1:
                if self._due_in() > 0:
                    return None
                self._close()
            self._sent = self._bundles[0] if self._bundles else None
            return self._sent

    def due_in(self) -> float | None:
        """Seconds until a bundle is old enough; None while there is none."""
        with self.changed:
            return max(0.0, self._due_in()) if self._bundles else None

    def _due_in(self) -> float:
        return self._bundles[0].begun + self._limits.bundle_seconds - time.monotonic()

    def settle(self, bundle: Bundle, **ends: int) -> None:
        """The bundle was answered: its records ended so. One that was dropped meanwhile has ended already."""
        with self.changed:
            if bundle in self._bundles:
                self._end(bundle, **ends)
            self._sent = None

    def give_back(self) -> None:
        """The bundle that is on its way is to be sent again: until then it is as the others."""
        with self.changed:
            self._sent = None

    def split(self, bundle: Bundle, lines: list[bytes]) -> None:
        """Put two bundles in the place of one. Between the steps a record may be there twice, under one id."""
        middle = len(lines) // 2
        halves = [self._written(part, bundle.turn) for part in (lines[:middle], lines[middle:])]
        with self.changed:
            if bundle in self._bundles:
                at = self._bundles.index(bundle)
                self._bundles[at : at + 1] = [*halves, bundle]
                self._room += sum(half.room for half in halves)
                self._end(bundle)
            else:
                for half in halves:
                    _remove(half)
            self._sent = None

    def _written(self, lines: list[bytes], turn: int) -> Bundle:
        bundle = Bundle(self._own() / name(), turn, len(lines), sum(map(len, lines)))
        with os.fdopen(os.open(bundle.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.writelines(lines)
        return bundle

    def adopt(self) -> None:
        """Take over what processes have left that are gone. Raises OSError where the folder cannot be used."""
        with self._adopting:
            with self.changed:
                own = self._own()
            for orphan in orphans(self._root):
                with orphan:
                    found = [one for path in orphan.bundles() if (one := _adopted(path, own)) is not None]
                with self.changed:
                    self.counts["found"] += sum(bundle.records for bundle in found)
                    self._bundles[:0] = found
                    self._room += sum(bundle.room for bundle in found)
                    self._make_room()

    def mark(self) -> int:
        """Close the newest bundle and tell its turn: once none up to it is here, all that was recorded has ended."""
        with self.changed:
            self._close()
            return self._turn

    def is_settled(self, mark: int) -> bool:
        """Whether no bundle up to a mark is here."""
        return not any(bundle.turn <= mark for bundle in self._bundles)

    def forget(self) -> int:
        """Remove everything that is here or that nobody owns; returns how many records that were."""
        self.adopt()
        with self.changed:
            self._close()
            forgotten = self.waiting
            for bundle in list(self._bundles):
                self._end(bundle, forgotten=bundle.records)
            return forgotten

    def close(self) -> None:
        """Leave the folder to whoever comes next."""
        with self.changed:
            self._close()
            self._closed = True
            if self._folder is not None:
                self._folder.leave()
                self._folder = None

    def forked(self) -> None:
        """In a child process: what is here is the parent's. The child begins a folder of its own."""
        if self._open is not None:
            os.close(self._open)
        if self._folder is not None:
            self._folder.let_go()
        self.changed, self._adopting = threading.Condition(), threading.Lock()
        self.counts, self._bundles = Counter(), []
        self._open = self._sent = self._folder = None
        self._room = 0


def name() -> str:
    """Of a bundle's file: in the order of time."""
    return f"{time.time_ns():020d}-{secrets.token_hex(4)}.ndjson"


def lines(bundle: Bundle) -> list[bytes]:
    """The whole lines of a bundle. Raises OSError where it is gone."""
    return bundle.path.read_bytes().splitlines(keepends=True)


def _adopted(path: Path, folder: Path) -> Bundle | None:
    """A bundle, moved from elsewhere; None where nothing in it can be read."""
    here = folder / path.name
    try:
        path.rename(here)
        bundle = Bundle(here, 0, size=here.stat().st_size)
        bundle.records = len(readable(lines(bundle)))
    except OSError:
        return None  # it is gone, or has to wait for a process that can read it
    if bundle.records:
        return bundle
    _remove(bundle)
    return None


def _remove(bundle: Bundle) -> None:
    with suppress(OSError):
        bundle.path.unlink()


def readable(found: Iterable[bytes]) -> list[dict[str, Any]]:
    """The records of lines; what is none is passed over."""
    return [made for one in found if (made := records.read(one)) is not None]
