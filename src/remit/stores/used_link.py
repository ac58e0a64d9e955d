"""The console's link, once it was used: a file with the SHA-256 of its token, which outlives the process."""

import hashlib
import threading
from pathlib import Path

from remit.stores.durable import replace


class UsedLinkFile:
    """The link that was used last, and no other: each start of a house makes a new one, and none comes back."""

    def __init__(self, path: Path) -> None:
        self._path, self._lock = path, threading.Lock()

    def first(self, token: str) -> bool:
        """True for the first use of a token, which is on disk when this returns. Raises OSError if it cannot be."""
        digest = hashlib.sha256(token.encode()).digest()
        with self._lock:
            if self._last() == digest:
                return False
            replace(self._path, digest)
            return True

    def _last(self) -> bytes | None:
        try:
            return self._path.read_bytes()
        except FileNotFoundError:
            return None
