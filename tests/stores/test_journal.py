"""L9 at the journal: what was acknowledged is there once, whatever prefix of writes a power cut leaves."""

import asyncio
import os
from pathlib import Path

import psutil
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from running import until

from remit.ports import Portion
from remit.stores.journal import HEADER_BYTES, SUFFIX, DiskFile, Reader, Writer
from remit.stores.world import SystemChance

PRIVATE = X25519PrivateKey.from_private_bytes(b"\x01" * 32)
PUBLIC = PRIVATE.public_key().public_bytes_raw()
ALL = Portion(10_000, 1 << 30)


def read_all(folder: Path, done: dict[bytes, int] | None = None) -> list[bytes]:
    reader = Reader(folder, PRIVATE.private_bytes_raw())
    return [entry for _, entry in reader.read(done or {}, ALL)]


def write(folder: Path, entries: list[bytes], *, close: bool = True) -> Writer:
    writer = Writer(folder / "worker-1", PUBLIC, chance=SystemChance())

    async def run() -> None:
        await asyncio.gather(*(writer.append(entry, 1) for entry in entries))

    asyncio.run(run())
    if close:
        writer.close()
    return writer


def test_acknowledged_entries_are_read_back_in_order(tmp_path: Path) -> None:
    """Everything that append returned for can be opened by the divider's key."""
    write(tmp_path, [b"one", b"two", b"three"])

    assert [b"one", b"two", b"three"] == read_all(tmp_path)


def test_a_portion_ends_once_its_bytes_are_reached(tmp_path: Path) -> None:
    """What follows is read with the next portion, and an entry larger than a portion is read alone."""
    write(tmp_path, [b"a" * 100, b"b" * 100, b"c" * 100])
    reader = Reader(tmp_path, PRIVATE.private_bytes_raw())
    first = reader.read({}, Portion(10, 150))
    done = {first[0][0].segment: len(first)}

    assert [b"a" * 100, b"b" * 100] == [entry for _, entry in first]
    assert [b"c" * 100] == [entry for _, entry in reader.read(done, Portion(10, 150))]
    assert [b"a" * 100] == [entry for _, entry in reader.read({}, Portion(10, 1))]
    assert [True, False, False] == [Portion(3, 250).has_room([b"a" * 100] * n) for n in (2, 3, 4)]


def test_another_key_opens_nothing_and_destroys_nothing(tmp_path: Path) -> None:
    """A journal without its keys stays closed, and a stranger's divider leaves it alone."""
    write(tmp_path, [b"one"])
    stranger = Reader(tmp_path, b"\x02" * 32)

    assert [] == stranger.read({}, ALL)
    assert [] == stranger.discard({})
    assert [b"one"] == read_all(tmp_path)


def test_an_open_segment_is_never_destroyed(tmp_path: Path) -> None:
    """A segment whose writer lives stays, even if all of it is done."""
    writer = write(tmp_path, [b"one"], close=False)
    reader = Reader(tmp_path, PRIVATE.private_bytes_raw())
    ((position, _),) = reader.read({}, ALL)

    assert [] == reader.discard({position.segment: 1})
    writer.close()
    assert [position.segment] == reader.discard({position.segment: 1})
    assert [] == list(tmp_path.glob(f"*/*{SUFFIX}"))


def test_a_closed_segment_stays_until_all_of_it_is_done(tmp_path: Path) -> None:
    """Being divided in part is no reason to destroy the rest."""
    write(tmp_path, [b"one", b"two"])
    reader = Reader(tmp_path, PRIVATE.private_bytes_raw())
    (position, _), _second = reader.read({}, ALL)

    assert [] == reader.discard({position.segment: 1})
    assert [b"two"] == read_all(tmp_path, {position.segment: 1})


def test_no_entry_can_be_moved_or_changed(tmp_path: Path) -> None:
    """Segment, number and version are bound to each entry: a flipped bit or a moved frame ends the reading."""
    write(tmp_path, [b"first", b"other"])
    (path,) = tmp_path.glob(f"*/*{SUFFIX}")
    data = path.read_bytes()
    frame = (len(data) - HEADER_BYTES) // 2

    path.write_bytes(data[:HEADER_BYTES] + data[HEADER_BYTES + frame :] + data[HEADER_BYTES : HEADER_BYTES + frame])
    assert [] == read_all(tmp_path)
    path.write_bytes(data[: HEADER_BYTES + 4] + b"\x07" + data[HEADER_BYTES + 5 :])
    assert [] == read_all(tmp_path)


class PowerCut(DiskFile):
    """A file that remembers every write and every sync."""

    log: list[tuple[str, bytes]] = []  # noqa: RUF012 -- shared on purpose: the writer makes the instances

    def write(self, data: bytes) -> None:
        super().write(data)
        self.log.append(("write", data))

    def sync(self) -> None:
        super().sync()
        self.log.append(("sync", b""))


def test_every_prefix_that_keeps_what_was_synced_holds_what_was_acknowledged(tmp_path: Path) -> None:
    """After a power cut at any byte, acknowledged entries are all there and the torn tail is nobody's."""
    PowerCut.log.clear()
    writer = Writer(tmp_path / "w", PUBLIC, chance=SystemChance(), create=PowerCut)

    async def run() -> None:
        for entry in (b"one", b"two", b"three", b"four"):
            await writer.append(entry, 1)

    asyncio.run(run())
    writer.close()
    (path,) = (tmp_path / "w").glob(f"*{SUFFIX}")
    whole, synced, acknowledged = path.read_bytes(), 0, 0
    written = 0
    for event, data in PowerCut.log:
        if event == "write":
            for cut in range(written, written + len(data) + 1):
                path.write_bytes(whole[:cut])
                found = read_all(tmp_path)
                assert [b"one", b"two", b"three", b"four"][: len(found)] == found
                assert acknowledged <= len(found)
            written += len(data)
        else:
            synced, acknowledged = written, acknowledged + 1
    assert (len(whole), 4) == (synced, acknowledged)


class FullDisk(DiskFile):
    """A disk on which nothing more fits after the header."""

    def sync(self) -> None:
        raise OSError(28, os.strerror(28))


def test_what_could_not_be_synced_is_not_acknowledged(tmp_path: Path) -> None:
    """A full disk is said before anything is lost, and the unacknowledged entry does not come back."""
    writer = Writer(tmp_path / "w", PUBLIC, chance=SystemChance(), create=FullDisk)

    with pytest.raises(OSError, match="No space"):
        asyncio.run(writer.append(b"one", 1))
    writer.close()
    assert [] == read_all(tmp_path)


class FullForAWhile(DiskFile):
    """A disk on which nothing fits while it is full."""

    full = True

    def write(self, data: bytes) -> None:
        if self.full:
            raise OSError(28, os.strerror(28))
        super().write(data)


def test_a_full_disk_is_known_until_there_is_room(tmp_path: Path) -> None:
    """The writer finds out by itself that it can write again, keeps no file of its attempts open, and goes on."""
    FullForAWhile.full, tried = True, 20
    writer = Writer(tmp_path / "w", PUBLIC, chance=SystemChance(), create=FullForAWhile)
    files = psutil.Process().num_fds()
    assert writer.writable
    for _ in range(tried):
        with pytest.raises(OSError, match="No space"):
            asyncio.run(writer.append(b"one", 1))
    assert not writer.writable
    assert psutil.Process().num_fds() <= files

    FullForAWhile.full = False
    until(lambda: writer.writable)
    asyncio.run(writer.append(b"two", 1))
    writer.close()
    assert [b"two"] == read_all(tmp_path)


def test_nothing_is_in_clear(tmp_path: Path) -> None:
    """The segment holds no byte of the entry as it was."""
    write(tmp_path, [b"canary@example.org"])
    (path,) = tmp_path.glob(f"*/*{SUFFIX}")

    assert b"canary" not in path.read_bytes()
