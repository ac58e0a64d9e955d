"""What every journal promises to who divides it, on disk and in memory."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from disk import OnDisk

from remit.ports import Portion
from remit.proof.small import Journal, in_memory
from remit.stores.world import SystemChance

ALL = Portion(10_000, 1 << 30)
Made = Callable[[Path], Journal]


def on_disk(folder: Path) -> Journal:
    """The real one."""
    return OnDisk(folder)(SystemChance())


def memory(_folder: Path) -> Journal:
    """The one of proofs."""
    return in_memory(SystemChance())


every_journal = pytest.mark.parametrize("made", [on_disk, memory])


def written(journal: Journal, *entries: bytes) -> Journal:
    """The journal, with these entries acknowledged one after another."""

    async def run() -> None:
        for entry in entries:
            await journal.writer.append(entry, 1)

    asyncio.run(run())
    return journal


@every_journal
def test_what_was_acknowledged_is_read_in_order(made: Made, tmp_path: Path) -> None:
    """Each entry once, at positions that follow one another; nothing where nothing was."""
    journal = made(tmp_path)
    assert [] == journal.reader.read({}, ALL)

    found = written(journal, b"one", b"two", b"three").reader.read({}, ALL)
    assert [b"one", b"two", b"three"] == [entry for _, entry in found]
    assert [0, 1, 2] == [position.number for position, _ in found]
    assert 1 == len({position.segment for position, _ in found})


@every_journal
def test_what_is_done_is_not_read_again(made: Made, tmp_path: Path) -> None:
    """Reading goes on after what is done, and ends where all of it is."""
    journal = written(made(tmp_path), b"one", b"two")
    segment = journal.reader.read({}, ALL)[0][0].segment

    assert [b"two"] == [entry for _, entry in journal.reader.read({segment: 1}, ALL)]
    assert [] == journal.reader.read({segment: 2}, ALL)
    assert [b"three"] == [entry for _, entry in written(journal, b"three").reader.read({segment: 2}, ALL)]


@every_journal
def test_a_portion_bounds_what_is_read(made: Made, tmp_path: Path) -> None:
    """By entries, or once its bytes are reached; an entry larger than a portion is read alone."""
    journal = written(made(tmp_path), *[b"x" * 100] * 3)

    assert [2, 2, 1] == [
        len(journal.reader.read({}, most)) for most in (Portion(2, 999), Portion(9, 150), Portion(9, 1))
    ]


@every_journal
def test_an_open_segment_is_not_destroyed(made: Made, tmp_path: Path) -> None:
    """While its writer may go on, a segment stays, even where all of it is done."""
    journal = written(made(tmp_path), b"one")
    segment = journal.reader.read({}, ALL)[0][0].segment

    assert [] == journal.reader.discard({segment: 1})
    assert [b"one"] == [entry for _, entry in journal.reader.read({}, ALL)]
