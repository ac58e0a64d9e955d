"""Being told to stop, by a signal, at whatever moment."""

import contextlib
import math
import signal
import time
from collections.abc import Iterator
from queue import Empty, SimpleQueue

GLANCE_SECONDS = 0.2
"""A signal that comes just before a thread falls asleep does not wake it: it looks again after so long."""


class StopSignal:
    """Set once, by a signal or by a thread; whoever waits wakes up.

    No ``threading.Event``: a signal interrupts the very thread that waits, which may hold the lock that setting takes.
    """

    def __init__(self, *signals: signal.Signals) -> None:
        self._told = False
        self._news: SimpleQueue[None] = SimpleQueue()
        for number in signals:
            signal.signal(number, lambda *_: self.set())
        # Who started this may have held them back until somebody listens.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)

    def set(self) -> None:
        """Tell it."""
        self._told = True
        self._news.put(None)

    def wait(self, seconds: float | None = None) -> bool:
        """Whether it was told; waits for that, or for so long."""
        until = math.inf if seconds is None else time.monotonic() + seconds
        while not self._told and (left := until - time.monotonic()) > 0:
            with contextlib.suppress(Empty):
                self._news.get(timeout=min(left, GLANCE_SECONDS))
        return self._told


@contextlib.contextmanager
def deaf_to_ctrl_c() -> Iterator[None]:
    """Processes that are started meanwhile hold Ctrl-C back, for good unless they say that they listen."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
