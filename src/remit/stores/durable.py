"""Names of files that survive a power cut: a file is there after it only if its folder was synced."""

import os
from pathlib import Path


def sync_names(folder: Path) -> None:
    """Return when the folder's entries are on disk. Raises OSError."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
