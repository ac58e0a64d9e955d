"""The divider's turns, one at a time, and whether they end well."""

import contextlib
import threading
import time
from collections.abc import Callable

from remit.house import Undelivered
from remit.processes.terminal import say

LATE_SECONDS = 10.0
"""A few turns: so long a keeper may take to start again, and a large portion to be divided."""
LONG = "a turn does not end"

Ended = Callable[[], None]


class Turns:
    """Drains, and knows since when no turn was delivered, and why.

    ``drain`` tells its argument of every turn that ended well; ``clock`` is in seconds and only grows.
    """

    def __init__(self, drain: Callable[[Ended], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._drain, self._clock, self._lock = drain, clock, threading.Lock()
        self._why: str | None = None
        self._ended()

    def drain(self) -> None:
        """Divide and deliver all that was acknowledged before. Raises what kept it from that."""
        with self._lock:
            try:
                self._drain(self._ended)
            except Exception as error:
                self._failed(_words(error))
                raise

    def attempt(self) -> None:
        """Drain as far as it goes: what was not delivered stays at the desk, and goes out with a later turn."""
        with contextlib.suppress(Exception):  # said by `drain`, by its kind: an error's own words could bear a value
            self.drain()

    def trouble(self) -> str | None:
        """Since when nothing was delivered, and why; None while the last turn that was is a few turns ago at most."""
        last, when = self._last
        if self._clock() - last <= LATE_SECONDS:
            return None
        since = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(when))
        return f"nothing was delivered since {since}: {self._why or LONG}"

    def _ended(self) -> None:
        self._last = self._clock(), time.time()
        if self._why is not None:
            self._why = None
            say("the divider delivers again")

    def _failed(self, why: str) -> None:
        if self._why != why:
            self._why = why
            say(f"the divider waits, and tries again: {why}")


def _words(error: Exception) -> str:
    return str(error) if isinstance(error, Undelivered) else f"a turn failed ({type(error).__name__})"
