"""Every worker gets a successor, one after the other: it serves before the one that served leaves."""

import time
from collections import deque
from collections.abc import Sequence

from remit.processes.duty import Duty
from remit.stores.link import Say

SERVE_SECONDS_MAX = 60.0
"""So long a process may take until it serves."""


class Succession:
    """One round at a time through some duties; asked for meanwhile, another follows. ``step`` is called over and over.

    A successor that does not come to serve ends the round: whatever ails it would ail the next.
    """

    def __init__(self, say: Say, seconds_max: float = SERVE_SECONDS_MAX) -> None:
        self._say, self._seconds_max = say, seconds_max
        self._asked = False
        self._waiting = deque[Duty]()
        self._coming: Duty | None = None
        self._is_under_way = False

    def ask(self) -> None:
        """Have a round made. A handler of signals may call it."""
        self._asked = True

    def step(self, duties: Sequence[Duty]) -> None:
        """Go on as far as that goes without waiting."""
        now = time.monotonic()
        for duty in duties:
            duty.see_off(now)
        if self._coming is not None:
            self._await(self._coming, now)
        elif self._waiting:
            self._call(self._waiting[0])
        elif self._is_under_way:
            self._is_under_way = False
            self._say("every intake worker has a successor that serves")
        elif self._asked and duties:
            self._asked, self._is_under_way = False, True
            self._waiting.extend(duties)

    def _call(self, duty: Duty) -> None:
        """Start a successor once the one before the one that serves has left; who was just started needs none."""
        if duty.leaving is not None:
            return
        self._waiting.popleft()
        if not duty.is_settled():
            return
        try:
            duty.call_successor()
        except OSError as error:
            self._give_up(duty, f"it could not be started ({error.strerror})")
        else:
            self._coming = duty

    def _await(self, duty: Duty, now: float) -> None:
        successor = duty.successor
        assert successor is not None, "it was called"
        if successor.dead():
            self._give_up(duty, successor.why())
        elif successor.serves():
            self._coming = None
            duty.hand_over(now)
        elif now - successor.since > self._seconds_max:
            self._give_up(duty, f"it did not serve within {self._seconds_max:.0f} seconds")

    def _give_up(self, duty: Duty, why: str) -> None:
        duty.send_away()
        self._coming, self._is_under_way = None, False
        self._waiting.clear()
        self._say(f"the {duty.name} goes on, and those after it: its successor did not come to serve, {why}")
