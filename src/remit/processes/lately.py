"""An answer that is fetched once in a while, however many want to know."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Lately(Generic[T]):
    """What ``ask`` answered at most ``seconds`` ago. Who comes while it is being asked waits for that answer."""

    def __init__(self, ask: Callable[[], T], seconds: float) -> None:
        self._ask, self._seconds, self._lock = ask, seconds, threading.Lock()
        self._answer: tuple[float, T] | None = None

    def __call__(self) -> T:
        """The answer; asks where the last one is too old."""
        with self._lock:
            if self._answer is None or time.monotonic() - self._answer[0] >= self._seconds:
                found = self._ask()
                self._answer = time.monotonic(), found
            return self._answer[1]
