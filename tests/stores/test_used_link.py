"""The used link: a token is used once, whatever restarts, and nothing of it is left that opens anything."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from stat import S_IMODE

import pytest

from remit.stores.durable import replace
from remit.stores.used_link import UsedLinkFile


def test_a_token_is_used_once_whatever_restarts(tmp_path: Path) -> None:
    """The first visitor is the first for ever: of many at once, and for whoever asks after a restart."""
    path = tmp_path / "used"
    with ThreadPoolExecutor(8) as crowd:
        firsts = list(crowd.map(UsedLinkFile(path).first, ["once"] * 8))

    assert 1 == sum(firsts)
    assert not UsedLinkFile(path).first("once")


def test_the_file_tells_nobody_the_token(tmp_path: Path) -> None:
    """However many links there were, there is one file: the hash of the last, for its user alone."""
    path = tmp_path / "used"
    assert [True, True, True] == [UsedLinkFile(path).first(token) for token in ("a", "b", "c")]

    assert [path] == list(tmp_path.iterdir())
    assert hashlib.sha256(b"c").digest() == path.read_bytes()
    assert 0o600 == S_IMODE(path.stat().st_mode)


def test_a_use_that_cannot_be_kept_is_none(tmp_path: Path) -> None:
    """It fails instead of letting somebody in who would be forgotten, and the link stays good."""
    path = tmp_path / "later" / "used"
    with pytest.raises(OSError, match="No such file"):
        UsedLinkFile(path).first("once")

    path.parent.mkdir()
    assert UsedLinkFile(path).first("once")


def test_a_crash_half_way_changes_nothing(tmp_path: Path) -> None:
    """What was half written is no use, and stands in nobody's way."""
    path = tmp_path / "used"
    assert UsedLinkFile(path).first("before")
    path.with_suffix(".new").write_bytes(hashlib.sha256(b"once").digest()[:7])

    assert not UsedLinkFile(path).first("before")
    assert UsedLinkFile(path).first("once")
    assert [path] == list(tmp_path.iterdir())


def test_what_is_replaced_stays_whole_until_then(tmp_path: Path) -> None:
    """When the new content cannot be written, the file holds the old."""
    path = tmp_path / "file"
    replace(path, b"old")
    path.with_suffix(".new").mkdir()

    with pytest.raises(IsADirectoryError):
        replace(path, b"new")
    assert b"old" == path.read_bytes()
