"""What every child of the supervisor does first: take its orders, and go when the supervisor goes."""

import os
import signal
import sys
import threading
from pathlib import Path

import msgspec

from remit.settings import Settings


class Orders(msgspec.Struct, frozen=True, kw_only=True):
    """One line of JSON on standard input: secrets never stand in arguments or the environment."""

    data: str
    keys: str
    policy: str | None = None
    adopt: bool = False
    host: str = "127.0.0.1"
    port: int = 0
    console_port: int = 0
    banner: str = ""
    worker: int = 0
    listener: int | None = None
    token: str = ""

    def settings(self) -> Settings:
        """The house's settings."""
        return Settings(
            data=Path(self.data),
            keys=Path(self.keys),
            policy=Path(self.policy) if self.policy else None,
            adopt=self.adopt,
            host=self.host,
            port=self.port,
            console_port=self.console_port,
            banner=self.banner,
        )


def orders() -> Orders:
    """Read the orders; from then on the end of standard input means that the supervisor is gone."""
    # Ctrl-C reaches the whole foreground group: the supervisor decides who stops when.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    found = msgspec.json.decode(sys.stdin.buffer.readline(), type=Orders)
    threading.Thread(target=_leave_with_supervisor, name="leash", daemon=True).start()
    return found


def _leave_with_supervisor() -> None:
    # The raw descriptor: a daemon thread inside a buffered reader would hold its lock at shutdown.
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def until_term() -> threading.Event:
    """Set when the process should stop."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    return stop
