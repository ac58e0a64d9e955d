"""Sealed, append-only segments: what intake acknowledged and the divider has not yet divided.

One segment: a header that wraps a random key to the divider's public key, then frames. A frame is a
length, the policy version and an AES-256-GCM box with a counter nonce; segment id, number and version
are associated data, so no frame can be moved, repeated or relabelled. The writer drops the wrapping
key at once: it can append and can never read back.
"""

import asyncio
import contextlib
import fcntl
import os
import struct
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from remit.ports import Chance, Portion, Position
from remit.stores.durable import sync_names

MAGIC = b"remit-j1"
ID_BYTES = 16
HEADER_BYTES = len(MAGIC) + ID_BYTES + 32 + 48
FRAME = struct.Struct("<II")
ENTRY_BYTES_MAX = 64 * 1024 * 1024
SEGMENT_SECONDS_MAX = 60.0
SEGMENT_BYTES_MAX = 64 * 1024 * 1024
RETRY_SECONDS = 0.5
SUFFIX = ".segment"


class SegmentFile(Protocol):
    """What the writer needs of a file; the power-cut test puts its own below."""

    def write(self, data: bytes) -> None:
        """Append all of it. Raises OSError."""
        ...

    def sync(self) -> None:
        """Return when everything written is on disk. Raises OSError."""
        ...

    def cut(self, size: int) -> None:
        """Shorten to ``size`` bytes."""
        ...

    def close(self) -> None:
        """Let go of the file and of its lock."""
        ...


class DiskFile:
    """A segment on disk, locked for as long as its writer lives."""

    def __init__(self, path: Path) -> None:
        new = path.with_suffix(".new")
        self._fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        # Locked before it gets its name: the divider destroys finished segments that nobody locks.
        fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        new.rename(path)
        sync_names(path.parent)

    def write(self, data: bytes) -> None:
        """Append all of it."""
        view = memoryview(data)
        while view:
            view = view[os.write(self._fd, view) :]

    def sync(self) -> None:
        """Return when the data is on disk (``fdatasync``)."""
        os.fdatasync(self._fd)

    def cut(self, size: int) -> None:
        """Truncate."""
        os.ftruncate(self._fd, size)

    def close(self) -> None:
        """Close, which also unlocks."""
        os.close(self._fd)


@dataclass(slots=True)
class _Segment:
    id: bytes
    box: AESGCM
    file: SegmentFile
    opened: float
    size: int
    number: int = 0


@dataclass(slots=True)
class _Waiting:
    entry: bytes
    version: int
    done: "asyncio.Future[None]"
    loop: asyncio.AbstractEventLoop


@dataclass(slots=True)
class _Queue:
    ready: threading.Condition = field(default_factory=threading.Condition)
    waiting: list[_Waiting] = field(default_factory=list)
    closing: bool = False


class Writer:
    """One intake worker's journal: a thread that commits all waiting entries with one sync."""

    def __init__(self, folder: Path, public: bytes, *, chance: Chance, create: type[SegmentFile] = DiskFile) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        sync_names(folder.parent)
        self._folder, self._chance, self._create = folder, chance, create
        self._public = X25519PublicKey.from_public_bytes(public)
        self._queue = _Queue()
        self._segment: _Segment | None = None
        self._failed = False
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    @property
    def writable(self) -> bool:
        """Whether the last attempt to write succeeded. After a failed one the writer tries by itself until one does."""
        return not self._failed

    async def append(self, entry: bytes, version: int) -> None:
        """Returns when the sealed entry is on disk. Raises OSError when it is not."""
        if len(entry) > ENTRY_BYTES_MAX:
            raise ValueError("an entry is larger than the journal takes")
        loop = asyncio.get_running_loop()
        waiting = _Waiting(entry, version, loop.create_future(), loop)
        with self._queue.ready:
            if self._queue.closing:
                raise OSError("the journal is closed")
            self._queue.waiting.append(waiting)
            self._queue.ready.notify()
        await waiting.done

    def close(self) -> None:
        """Commit what waits, then end the segment."""
        with self._queue.ready:
            self._queue.closing = True
            self._queue.ready.notify()
        self._thread.join()

    def _run(self) -> None:
        while True:
            with self._queue.ready:
                if not self._queue.waiting and not self._queue.closing:
                    self._queue.ready.wait(timeout=RETRY_SECONDS if self._failed else SEGMENT_SECONDS_MAX / 4)
                group, self._queue.waiting = self._queue.waiting, []
                closing = self._queue.closing
            if group or self._failed:
                self._commit(group)
            self._end_segment(now=closing)
            if closing and not group:
                return

    def _commit(self, group: list[_Waiting]) -> None:
        error: OSError | None = None
        try:
            self._write(group)
        except OSError as caught:
            error = caught
            self._abandon()
        self._failed = error is not None
        for loop in {waiting.loop for waiting in group}:  # to wake a loop is a call of the system
            loop.call_soon_threadsafe(_settle, [waiting.done for waiting in group if waiting.loop is loop], error)

    def _write(self, group: list[_Waiting]) -> None:
        segment = self._segment or self._open()
        self._segment = segment
        frames = bytearray()
        for number, waiting in enumerate(group, start=segment.number):
            sealed = segment.box.encrypt(
                number.to_bytes(12, "big"), waiting.entry, _bound(segment.id, number, waiting.version)
            )
            frames += FRAME.pack(len(sealed), waiting.version) + sealed
        segment.file.write(bytes(frames))
        segment.file.sync()
        segment.size += len(frames)
        segment.number += len(group)

    def _open(self) -> _Segment:
        segment_id, key = self._chance.token(ID_BYTES), self._chance.token(32)
        once = X25519PrivateKey.from_private_bytes(self._chance.token(32))
        wrapped = AESGCM(_wrapping(once.exchange(self._public), segment_id)).encrypt(bytes(12), key, segment_id)
        header = MAGIC + segment_id + once.public_key().public_bytes_raw() + wrapped
        file = self._create(self._folder / (segment_id.hex() + SUFFIX))  # type: ignore[call-arg]  # a Protocol has no constructor
        try:
            file.write(header)
        except OSError:
            file.close()
            raise
        return _Segment(segment_id, AESGCM(key), file, time.monotonic(), len(header))

    def _end_segment(self, *, now: bool) -> None:
        segment = self._segment
        if segment is None:
            return
        old = time.monotonic() - segment.opened > SEGMENT_SECONDS_MAX or segment.size > SEGMENT_BYTES_MAX
        if now or old:
            self._segment = None
            segment.file.close()

    def _abandon(self) -> None:
        """After a failed write or sync nobody knows what is on disk: cut it off, use no nonce again."""
        segment, self._segment = self._segment, None
        if segment is not None:
            with contextlib.suppress(OSError):  # the reader stops at a torn frame; it was never acknowledged
                segment.file.cut(segment.size)
            segment.file.close()


def _settle(waiting: "list[asyncio.Future[None]]", error: OSError | None) -> None:
    for done in waiting:
        if done.cancelled():
            continue
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)


def _bound(segment: bytes, number: int, version: int) -> bytes:
    return segment + struct.pack("<QI", number, version)


def _wrapping(shared: bytes, segment: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt=segment, info=b"remit journal segment").derive(shared)


@dataclass(slots=True)
class _Open:
    path: Path
    box: AESGCM
    offset: int = HEADER_BYTES
    number: int = 0


class Reader:
    """The divider's view of all journals below a folder."""

    def __init__(self, folder: Path, private: bytes) -> None:
        self._folder = folder
        self._private = X25519PrivateKey.from_private_bytes(private)
        self._open: dict[bytes, _Open] = {}

    def read(self, after: Mapping[bytes, int], most: Portion) -> list[tuple[Position, bytes]]:
        """Whole entries after those that are done, opened."""
        found: list[tuple[Position, bytes]] = []
        for path in sorted(self._folder.glob(f"*/*{SUFFIX}")):
            segment = bytes.fromhex(path.stem)
            left = Portion(most.entries - len(found), most.size - sum(len(entry) for _, entry in found))
            if min(left) > 0 and self._known(segment, path):
                found += self._entries(segment, after.get(segment, 0), left)
        return found

    def discard(self, done: Mapping[bytes, int]) -> list[bytes]:
        """Destroy segments whose writer is gone and of which nothing is left to do."""
        gone = []
        for path in sorted(self._folder.glob(f"*/*{SUFFIX}")):
            segment = bytes.fromhex(path.stem)
            if not _is_closed(path):
                continue
            if self._known(segment, path):
                if self._entries(segment, done.get(segment, 0), Portion(1, 1)):
                    continue
            elif path.stat().st_size >= HEADER_BYTES:
                continue  # another house's key opens it: destroying it would lose what was acknowledged
            path.unlink()
            self._open.pop(segment, None)
            gone.append(segment)
        return gone

    def _known(self, segment: bytes, path: Path) -> bool:
        if segment in self._open:
            return True
        with path.open("rb") as file:
            header = file.read(HEADER_BYTES)
        at = len(MAGIC) + ID_BYTES
        if len(header) < HEADER_BYTES or header[:at] != MAGIC + segment:
            return False  # cut off before the first sync: nothing in it was acknowledged
        shared = self._private.exchange(X25519PublicKey.from_public_bytes(header[at : at + 32]))
        try:
            key = AESGCM(_wrapping(shared, segment)).decrypt(bytes(12), header[at + 32 :], segment)
        except InvalidTag:
            return False
        self._open[segment] = _Open(path, AESGCM(key))
        return True

    def _entries(self, segment: bytes, done: int, most: Portion) -> list[tuple[Position, bytes]]:
        """Whole frames from number ``done`` on; stops at the first that is torn."""
        state = self._open[segment]
        found: list[tuple[Position, bytes]] = []
        taken = 0
        with state.path.open("rb") as file:
            if done < state.number:
                state.offset, state.number = HEADER_BYTES, 0
            file.seek(state.offset)
            offset, number = state.offset, state.number
            while len(found) < most.entries and taken < most.size:
                head = file.read(FRAME.size)
                if len(head) < FRAME.size:
                    break
                size, version = FRAME.unpack(head)
                sealed = file.read(size) if size <= ENTRY_BYTES_MAX + 16 else b""
                if len(sealed) < size or not size:
                    break
                if number >= done:
                    try:
                        entry = state.box.decrypt(number.to_bytes(12, "big"), sealed, _bound(segment, number, version))
                    except InvalidTag:
                        break
                    found.append((Position(segment, number), entry))
                    taken += len(entry)
                else:
                    state.offset, state.number = offset + FRAME.size + size, number + 1
                offset, number = offset + FRAME.size + size, number + 1
        return found


def _is_closed(path: Path) -> bool:
    """Whether no writer holds the segment's lock."""
    fd = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(fd)
    return True
