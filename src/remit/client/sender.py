"""The one thread of a client that talks to remit: bundle by bundle, as often as it takes."""

import gzip
import http.client
import logging
import random
import threading
import time
from collections import Counter
from contextlib import suppress

from remit.client import records
from remit.client.answers import Outcome, Upshot, outcome
from remit.client.buffer import Buffer, Bundle, lines, readable
from remit.client.limits import ClientLimits
from remit.client.needed import NeededItems
from remit.client.post import Post

ADOPT_EVERY_SECONDS = 60.0
AGENT = "remit-client-python"
_log = logging.getLogger("remit.client")
"""Says codes and numbers, and no value of any record."""


class Sender:
    """Sends what the buffer has, from one thread; a child process has none until it records something itself."""

    def __init__(self, key: str, buffer: Buffer, *, post: Post, needed: NeededItems, limits: ClientLimits) -> None:
        self.key = key
        self._buffer, self._post, self._needed, self._limits = buffer, post, needed, limits
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._failures, self._not_before, self._commanded, self._adopt_at = 0, 0.0, False, 0.0
        self._ending, self._hurried, self.halted = False, False, False
        self._resumed = self._resumed_before = 0
        self.reported = Counter[str]()

    def begin(self) -> None:
        """Start the thread, where there is none."""
        with self._buffer.changed:  # of two threads that record first in a child, one starts it
            if self._thread is not None or self._ending:
                return
            thread = threading.Thread(target=self._run, name="remit-client", daemon=True)
            with suppress(RuntimeError):  # the interpreter is ending: what is here stays on disk
                thread.start()
                self._thread = thread

    def look(self) -> None:
        """There is something new."""
        self._wake.set()

    def hurry(self) -> None:
        """Do not wait after a failure, once, unless remit asked for it."""
        self._hurried = True
        self._wake.set()

    def resume(self, key: str | None) -> None:
        """Try again after the key was refused, with another if there is one."""
        with self._buffer.changed:
            self.key = key or self.key
            self._resumed += 1
            self.halted = False
        self.hurry()

    def end(self, seconds: float) -> None:
        """Let the thread stop, once it has its reply."""
        self._ending = True
        self._wake.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(seconds)

    def hold(self) -> None:
        """Change nothing in the buffer: the process is about to fork."""
        self._buffer.changed.acquire()

    def let_go(self) -> None:
        """It has."""
        self._buffer.changed.release()

    def forked(self) -> None:
        """In a child process no thread has come along; the connection and the records are the parent's."""
        self._buffer.forked()
        self._post.close()
        self._wake, self._thread = threading.Event(), None
        self.reported = Counter()

    def _run(self) -> None:
        while not self._ending:
            try:
                wait = self._turn()
            except Exception as error:  # noqa: BLE001 -- a fault here may cost a delay, and never the app its records
                if self._ending:
                    break
                wait = self._later(type(error).__name__, 0.0)
            if wait > 0 and self._wake.wait(wait):
                self._wake.clear()
        self._post.close()

    def _turn(self) -> float:
        """Send one bundle, if it is time to; returns the seconds until there may be another."""
        if self.halted:
            return ADOPT_EVERY_SECONDS
        hurried, self._hurried = self._hurried, False
        left = self._not_before - time.monotonic()
        if left > 0 and (self._commanded or not hurried):
            return left
        self._adopt()
        bundle = self._buffer.due()
        if bundle is None:
            self._post.close()
            due_in = self._buffer.due_in()
            return ADOPT_EVERY_SECONDS if due_in is None else min(due_in, ADOPT_EVERY_SECONDS)
        return self._send(bundle)

    def _adopt(self) -> None:
        if time.monotonic() >= self._adopt_at:
            self._adopt_at = time.monotonic() + ADOPT_EVERY_SECONDS
            self._buffer.adopt()

    def _send(self, bundle: Bundle) -> float:
        try:
            found = lines(bundle)
        except FileNotFoundError:
            self._buffer.settle(bundle, disk=bundle.records)
            return 0.0
        needed = [made for one in readable(found) if (made := self._needed.pared(one)) is not None]
        if not needed:
            self._buffer.settle(bundle, unneeded=bundle.records)
            return 0.0
        body = gzip.compress(b"".join(map(records.line, needed)), compresslevel=6, mtime=0)
        self._resumed_before = self._resumed
        try:
            told = outcome(self._post.send(body, self._headers()))
        except (OSError, http.client.HTTPException) as error:
            self._buffer.give_back()
            return self._later(type(error).__name__, 0.0)
        return self._obey(bundle, told, sent=len(needed))

    def _headers(self) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self.key}",
            "Content-Type": "application/x-ndjson",
            "Content-Encoding": "gzip",
            "Remit-Needed": self._needed.tag,
            "User-Agent": AGENT,
        }

    def _obey(self, bundle: Bundle, told: Outcome, *, sent: int) -> float:
        match told.upshot:
            case Upshot.TAKEN:
                taken = min(told.taken, sent)
                ends = {"taken": taken, "unread": sent - taken, "unneeded": bundle.records - sent}
                # Before it is settled: who flushes may read both at once.
                self.reported.update(told.reported)
                self._needed.hear(told.tag, told.needed)
                self._buffer.settle(bundle, **ends)
            case Upshot.MALFORMED:
                _log.warning("remit does not take %d records: %s", bundle.records, told.code)
                self._buffer.settle(bundle, malformed=bundle.records)
            case Upshot.TOO_LARGE:
                self._split(bundle, told)
            case Upshot.STRANGER:
                return self._halt(told)
            case Upshot.LATER:
                self._buffer.give_back()
                return self._later(told.code, told.wait_seconds)
        self._failures, self._commanded = 0, False
        return 0.0

    def _split(self, bundle: Bundle, told: Outcome) -> None:
        """Send the halves; what is too large by itself goes."""
        if bundle.records > 1:
            self._buffer.split(bundle, lines(bundle))
        else:
            _log.warning("remit does not take a record: %s", told.code)
            self._buffer.settle(bundle, too_large=bundle.records)

    def _halt(self, told: Outcome) -> float:
        """Send nothing until ``resume``; if that came before the reply, the reply is to what was sent before it."""
        self._buffer.give_back()
        with self._buffer.changed:
            if self._resumed != self._resumed_before:
                return 0.0
            self.halted = True
            self._buffer.changed.notify_all()
        _log.error("remit does not know the key: %s; records stay on disk until resume()", told.code)
        return ADOPT_EVERY_SECONDS

    def _later(self, code: str, wait: float) -> float:
        """Wait as long as remit asks for, and for a random part of a time that doubles: not all shall come at once."""
        if not self._failures:
            _log.warning("remit takes nothing now: %s; records stay on disk", code)
        seconds = wait + random.uniform(0, self._limits.wait_seconds(self._failures))  # noqa: S311 -- it is no secret
        self._failures += 1
        self._commanded = wait > 0
        self._not_before = time.monotonic() + seconds
        return seconds
