"""Being told to stop, by a signal, at whatever moment."""

import contextlib
import math
import signal
import time
from collections.abc import Callable, Iterator
from queue import Empty, SimpleQueue

FOR_THE_SUPERVISOR = frozenset({signal.SIGINT, signal.SIGUSR1})
"""A terminal sends the first to its whole group, and who runs services may send the other to all of one."""
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
            hear(number, self.set)

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


def hear(number: signal.Signals, act: Callable[[], None]) -> None:
    """Act when a signal comes, also one that who started this held back until somebody listens."""
    signal.signal(number, lambda *_: act())
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})


@contextlib.contextmanager
def deaf_to_the_group() -> Iterator[None]:
    """Processes that are started meanwhile hold back what is for who started them, for good unless they listen."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, FOR_THE_SUPERVISOR)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
