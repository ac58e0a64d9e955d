"""Folders of a buffer, one a process: a lock says that their process lives, and ends with it however that ends."""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Self

LOCK = "lock"
ENDING = ".ndjson"


class Folder:
    """One folder, locked for as long as this process has it."""

    def __init__(self, path: Path, lock: int) -> None:
        self.path, self._lock = path, lock

    @classmethod
    def made(cls, root: Path) -> Self:
        """A new folder that nobody but this user can open. Raises OSError."""
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        while True:
            path = root / secrets.token_hex(8)
            path.mkdir(mode=0o700)
            with suppress(FileNotFoundError, BlockingIOError):  # somebody took it for one that was left
                return cls(path, _locked(path / LOCK, os.O_CREAT))

    def bundles(self) -> list[Path]:
        """The files of bundles, oldest first."""
        return sorted(self.path.glob(f"*{ENDING}"))

    def leave(self) -> None:
        """Remove the folder if it is empty, and let whoever comes have the rest."""
        if not self.bundles():
            with suppress(OSError):
                (self.path / LOCK).unlink()
                self.path.rmdir()
        self.let_go()

    def let_go(self) -> None:
        """Close the lock: in a child of the process that has it, that takes nothing from the parent."""
        os.close(self._lock)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.leave()


def orphans(root: Path) -> Iterator[Folder]:
    """Each folder whose process is gone, locked now by this one."""
    for path in sorted(root.iterdir()):
        if not path.is_dir():
            continue
        try:
            lock = _locked(path / LOCK, 0)
        except BlockingIOError:
            continue  # its process lives
        except OSError:
            with suppress(OSError):  # left while it was made or removed; who is just making it begins anew
                path.rmdir()
            continue
        yield Folder(path, lock)


def _locked(path: Path, flags: int) -> int:
    """An open file that no other process has locked. Raises BlockingIOError, or FileNotFoundError if it is gone."""
    lock = os.open(path, os.O_RDWR | flags, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(lock).st_nlink == 0:
            raise FileNotFoundError(path)
    except OSError:
        os.close(lock)
        raise
    return lock
