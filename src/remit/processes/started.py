"""One process of a house, from its start to its end: what the supervisor gives it, tells it and hears of it."""

import contextlib
import os
import select
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field

import msgspec

from remit.processes.child import LEAVE, SAID, Orders
from remit.processes.stopping import deaf_to_the_group

STOP_SECONDS_MAX = 30.0


@dataclass(slots=True, eq=False)
class Started:
    """A process. It says that it serves through a pipe of its own, whose end is the end of the process."""

    process: "subprocess.Popen[bytes]"
    _said: int
    _serves: bool = False
    since: float = field(default_factory=time.monotonic)

    def tell(self, words: bytes) -> None:
        """A few words on its standard input; one that is dead hears nothing."""
        assert self.process.stdin is not None, "it was started with one"
        with contextlib.suppress(OSError):
            self.process.stdin.write(words)
            self.process.stdin.flush()

    def leave(self) -> None:
        """Have it go once everybody who is connected has had an answer."""
        self.tell(LEAVE)

    def serves(self) -> bool:
        """Whether it has said so."""
        if not self._serves and select.select([self._said], [], [], 0)[0]:
            self._serves = bool(os.read(self._said, 1))
        return self._serves

    def dead(self) -> bool:
        """Whether it has ended."""
        return self.process.poll() is not None

    def said_why(self) -> bool:
        """Whether one that ended without coming to serve has said why itself."""
        return self.process.returncode == SAID

    def why(self) -> str:
        """How one ended that did not come to serve."""
        return "it says above why" if self.said_why() else f"it ended with status {self.process.returncode}"

    def stop(self) -> None:
        """Have it stop, by force where it takes too long, and let go of it."""
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.end()
        self.let_go()

    def end(self) -> None:
        """Have it end at once."""
        self.process.kill()
        self.process.wait()

    def let_go(self) -> None:
        """Close what led to one that has ended."""
        assert self.process.stdin is not None, "it was started with one"
        with contextlib.suppress(OSError):  # what it was to be told and never read
            self.process.stdin.close()
        os.close(self._said)


def started(command: tuple[str, ...], orders: Orders, listener: socket.socket | None) -> Started:
    """Start a module of ours. Raises OSError where the system has no room for it."""
    said, says = os.pipe()
    try:
        with deaf_to_the_group():
            process = subprocess.Popen(  # noqa: S603 -- our own modules, no shell, no input of anybody's
                [sys.executable, "-m", *command],
                stdin=subprocess.PIPE,
                pass_fds=(says, *(() if listener is None else (listener.fileno(),))),
            )
    except BaseException:
        os.close(said)
        raise
    finally:
        os.close(says)
    one = Started(process, said)
    one.tell(msgspec.structs.replace(orders, says=says).line())
    return one
