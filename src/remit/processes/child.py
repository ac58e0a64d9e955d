"""What every child of the supervisor does first: take its orders, and go when the supervisor goes."""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from remit.processes.stopping import FOR_THE_SUPERVISOR, StopSignal
from remit.processes.terminal import say
from remit.settings import Settings
from remit.stores.link import Unreachable

SAID = 78
"""The exit status of a process that could not start and said why: what sysexits.h calls a matter of configuration."""
LEAVE = b"leave\n"
"""What the supervisor says behind the orders, once the process serves."""
GOING_SECONDS_MAX = 20
"""So long a process may take to leave once its supervisor is gone, which would else have ended it by force."""


class Orders(msgspec.Struct, frozen=True, kw_only=True):
    """One line of JSON on standard input: secrets never stand in arguments or the environment.

    ``token`` is that of the console's link, ``session`` what it buys; only who serves the console has them. ``says`` is
    the pipe by which a process says that it serves.
    """

    settings: Settings
    worker: int = 0
    listener: int | None = None
    says: int | None = None
    token: str = ""
    session: str = ""

    def line(self) -> bytes:
        """As the supervisor writes them."""
        return msgspec.json.encode(self, enc_hook=str) + b"\n"

    def serves(self) -> None:
        """Tell the supervisor so; one that is gone hears nothing."""
        assert self.says is not None, "the supervisor hands its pipe over"
        with contextlib.suppress(OSError):
            os.write(self.says, b"\n")


@contextmanager
def opening() -> Iterator[None]:
    """While stores are opened: what is wrong, or who is away, is said to whoever starts them, and the process ends."""
    try:
        yield
    except (ValueError, Unreachable) as error:
        say(str(error))
        raise SystemExit(SAID) from error


def orders(leaving: threading.Event | None = None) -> Orders:
    """Read the orders; from then on the end of standard input means that the supervisor is gone.

    ``leaving`` is set when it tells the process to leave.
    """
    # Ctrl-C reaches the whole foreground group, and the supervisor decides who stops when. It stays held back: to
    # ignore it is not enough, since uvicorn sets a handler of its own.
    signal.pthread_sigmask(signal.SIG_BLOCK, FOR_THE_SUPERVISOR)
    line = sys.stdin.buffer.readline()
    if not line:
        raise SystemExit  # the supervisor was gone before it gave any
    found = msgspec.json.decode(line, type=Orders, dec_hook=_path)
    told = leaving or threading.Event()
    threading.Thread(target=_leave_with_supervisor, args=(told,), name="leash", daemon=True).start()
    return found


def _path(kind: type, value: Any) -> Path:
    assert kind is Path, "nothing else in the orders needs help"
    return Path(value)


def _leave_with_supervisor(leaving: threading.Event) -> None:
    # The raw descriptor: a daemon thread inside a buffered reader would hold its lock at shutdown.
    while os.read(sys.stdin.fileno(), 4096):  # there is nothing else that it could say
        leaving.set()
    # A process that waits for another that hangs would never leave, and the next house could not start. The system's
    # own clock ends it, whatever its threads are at: what it acknowledged is on disk, as after a kill.
    signal.alarm(GOING_SECONDS_MAX)
    os.kill(os.getpid(), signal.SIGTERM)


def until_term() -> StopSignal:
    """Set when the process should stop."""
    return StopSignal(signal.SIGTERM)
