"""Records from an app to remit: kept on disk first, sent in the background, and never more than the policy needs."""

import atexit
import os
import ssl
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from remit.client import forks, records
from remit.client.buffer import Buffer
from remit.client.limits import ClientLimits
from remit.client.needed import NeededItems
from remit.client.post import Post
from remit.client.records import Kind, Value
from remit.client.sender import Sender
from remit.client.stats import Stats

NEEDED_FILE = "needed.json"
_NOT_DROPPED = ("recorded", "found", "taken")


class Client:
    """What an app tells remit, under the key that the policy gives it. Safe to use from all threads.

    ``record`` is a write to a file: it neither waits for the network nor raises what an app cannot help. Mistakes in
    the program are raised: ValueError, TypeError, and OSError where the buffer's folder cannot be made.

    The buffer holds personal values, in files that only this user can read.
    """

    def __init__(
        self,
        address: str,
        key: str,
        buffer: str | os.PathLike[str],
        *,
        limits: ClientLimits | None = None,
        context: ssl.SSLContext | None = None,
    ) -> None:
        known, root = limits or ClientLimits(), Path(buffer)
        self._address, self._limits, self._closed = address, known, False
        post = Post(address, known.timeout_seconds, context)
        self._needed = NeededItems(root / NEEDED_FILE, _checked(key) + address)
        self._buffer = Buffer(root, known)
        self._sender = Sender(key, self._buffer, post=post, needed=self._needed, limits=known)
        forks.KNOWN.add(self._sender)
        atexit.register(self.close)
        self._sender.begin()  # an earlier process may have left something

    def record(
        self,
        kind: Kind,
        items: Mapping[str, Value | None] | None = None,
        *,
        n: int = 1,
        id: str | None = None,  # noqa: A002 -- the protocol's word
        choice: str | None = None,
    ) -> None:
        """Tell of something. ``n`` is for how many happenings it stands; under one ``id`` it counts once.

        ``choice`` is the choice token of whose it is, which holds for this record alone.
        """
        made = records.record(kind, items, n=n, key=id, choice=choice)
        if self._closed:
            self._buffer.pass_over("closed")
            return
        pared = self._needed.pared(made)
        if pared is None:
            self._buffer.pass_over("unneeded")
            return
        if self._buffer.append(records.line(pared)):
            self._sender.begin()
            self._sender.look()

    def flush(self, timeout: float | None = None) -> bool:
        """Send what is on disk; True once remit has answered for all that was recorded before. None waits for ever.

        False if the time is over, or if the key was refused: what was not answered for stays on disk.
        """
        until = None if timeout is None else time.monotonic() + timeout
        with suppress(OSError):  # what others left can wait
            self._buffer.adopt()
        mark = self._buffer.mark()
        self._sender.begin()
        self._sender.hurry()
        with self._buffer.changed:
            while not self._buffer.is_settled(mark):
                left = None if until is None else until - time.monotonic()
                if self._sender.halted or self._closed or (left is not None and left <= 0):
                    return False
                self._buffer.changed.wait(left)
        return True

    def resume(self, key: str | None = None) -> None:
        """Send again, after remit refused the key; with a new one where there is one."""
        if key is not None:
            self._needed.turn_to(_checked(key) + self._address)
        self._sender.resume(key)

    def forget(self) -> int:
        """Remove from disk all that remit has not answered for; returns how many records that were.

        A bundle that is on its way cannot be called back. What another living process has in the same folder stays.
        """
        return self._buffer.forget()

    def stats(self) -> Stats:
        """What became of the records of this process."""
        with self._buffer.changed:
            counts = +self._buffer.counts
            waiting = self._buffer.waiting
        return Stats(
            recorded=counts["recorded"],
            found=counts["found"],
            taken=counts["taken"],
            waiting=waiting,
            dropped={reason: n for reason, n in sorted(counts.items()) if reason not in _NOT_DROPPED},
            reported=dict(self._sender.reported),
            halted=self._sender.halted,
        )

    def close(self, timeout: float | None = None) -> bool:
        """Flush, and end; True if nothing is left. What is left on disk is sent by the next client of the folder."""
        if self._closed:
            return self._buffer.waiting == 0
        seconds = self._limits.closing_seconds if timeout is None else timeout
        until = time.monotonic() + seconds
        done = self.flush(seconds)
        self._closed = True
        self._sender.end(max(0.0, until - time.monotonic()))
        self._buffer.close()
        forks.KNOWN.discard(self._sender)
        atexit.unregister(self.close)
        return done

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _checked(key: str) -> str:
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise ValueError("a key is a word of printable ASCII")
    return key
