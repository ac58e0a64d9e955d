"""Files that survive a power cut: one is there after it, and whole, only if it and its folder were synced."""

import os
from pathlib import Path


def sync_names(folder: Path) -> None:
    """Return when the folder's entries are on disk. Raises OSError."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def write(path: Path, content: bytes) -> None:
    """Return when the file's content is on disk, for its user alone; its name is not yet. Raises OSError."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(fd, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(fd)


def replace(path: Path, content: bytes) -> None:
    """Return when the file holds this, whatever fails; until then it holds what it held. Raises OSError.

    For files that one process writes: what a crash left half written stands under one name, and goes next time.
    """
    half = path.with_suffix(".new")
    write(half, content)
    half.replace(path)
    sync_names(path.parent)
