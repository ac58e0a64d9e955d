"""A duty in a house: one process has it at a time, and another comes when that one dies or is to be replaced."""

import contextlib
import socket
from dataclasses import dataclass

from remit.gateway.bounds import Bounds
from remit.processes.child import Orders
from remit.processes.started import STOP_SECONDS_MAX, Started, started

RESTART_SECONDS_MAX = 5.0
LEAVE_SECONDS_MAX = Bounds().leaving_seconds_max + STOP_SECONDS_MAX
"""One that leaves ends by itself before that, unless it hangs."""


@dataclass(slots=True, eq=False)
class Duty:
    """Who has it, who is to have it next, and who had it and has not left yet; and what each of them is told."""

    name: str
    command: tuple[str, ...]
    orders: Orders
    listener: socket.socket | None = None
    now: Started | None = None
    successor: Started | None = None
    leaving: Started | None = None
    _failures: int = 0
    _due: float = 0.0
    _leave_by: float = 0.0

    def start(self) -> Started:
        """Start the first process that has it, or the next where the one before died. Raises OSError."""
        before, self.now = self.now, started(self.command, self.orders, self.listener)
        self._due = 0.0
        if before is not None:
            before.let_go()
        return self.now

    def restart(self, now: float) -> bool:
        """Start again what died, after a pause that grows from one death to the next; True when a death is new."""
        if self.now is None or self.successor is not None or not self.now.dead():
            return False
        is_new = not self._due
        if is_new:
            self._failures = 0 if now - self.now.since > RESTART_SECONDS_MAX else self._failures + 1
            self._due = now + min(RESTART_SECONDS_MAX, 0.1 * 2**self._failures)
        elif now >= self._due:
            with contextlib.suppress(OSError):  # the system has no room for it now: soon it is tried again
                self.start()
        return is_new

    def is_settled(self) -> bool:
        """Whether one has it and serves, and nobody else is there."""
        alone = self.successor is None and self.leaving is None
        return alone and self.now is not None and self.now.serves() and not self.now.dead()

    def call_successor(self) -> None:
        """Start another beside the one that serves. Raises OSError where the system has no room for it."""
        assert self.successor is None, "there is never more than one"
        self.successor = started(self.command, self.orders, self.listener)

    def hand_over(self, now: float) -> None:
        """The successor serves: the one before leaves."""
        assert self.now is not None, "called where one served"
        assert self.leaving is None, "called where nobody else was"
        self.now.leave()
        self.leaving, self._leave_by = self.now, now + LEAVE_SECONDS_MAX
        self.now, self.successor, self._due = self.successor, None, 0.0

    def send_away(self) -> None:
        """The successor does not come to serve: the one before stays."""
        if self.successor is not None:
            self.successor.end()
            self.successor.let_go()
            self.successor = None

    def see_off(self, now: float) -> None:
        """Let go of one that has left, and end one that does not."""
        if self.leaving is not None:
            if not self.leaving.dead() and now > self._leave_by:
                self.leaving.end()
            if self.leaving.dead():
                self.leaving.let_go()
                self.leaving = None

    def stop(self) -> None:
        """Have everyone stop who is there, at the same time."""
        everyone = [one for one in (self.successor, self.leaving, self.now) if one is not None]
        self.now = self.successor = self.leaving = None
        for one in everyone:
            one.process.terminate()
        for one in everyone:
            one.stop()
