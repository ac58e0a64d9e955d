"""The real clock and the real coins."""

import random
import secrets
import time


class SystemClock:
    """The machine's wall clock."""

    def now(self) -> int:
        """Milliseconds since 1970 (UTC)."""
        return time.time_ns() // 1_000_000


class SystemChance:
    """The operating system's randomness."""

    def __init__(self) -> None:
        self._samples = random.Random(secrets.randbits(128))  # noqa: S311 -- which bodies are sampled is no secret

    def token(self, size: int) -> bytes:
        """Unpredictable bytes."""
        return secrets.token_bytes(size)

    def one_in(self, n: int) -> bool:
        """True once in n, on average."""
        return self._samples.randrange(n) == 0
