"""A terminal for commands: what a person would see of them."""

import os
import pty
import re
import subprocess
import termios
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from running import REMIT, SECONDS_MAX, until

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


PROMPT, ASKED = re.compile(r"status=(\d+)> $"), "identifier: "


class Shell:
    """A shell on a terminal of its own, into which somebody types."""

    def __init__(self, folder: Path) -> None:
        self._ours, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, (50, 200))
        # The first terminal that the leader of a session opens is its own, as a command needs that asks in secret.
        begin = 'exec bash --norc --noprofile --noediting -i <"$0" >"$0" 2>&1'
        self.process = subprocess.Popen(
            ["sh", "-c", begin, os.ttyname(theirs)],
            cwd=folder,
            env=os.environ | {"PS1": "status=$?> ", "VIRTUAL_ENV_DISABLE_PROMPT": "1", "TERM": "xterm"},
            start_new_session=True,
        )
        self._written = bytearray()
        threading.Thread(target=self._read, daemon=True).start()
        until(lambda: PROMPT.search(self._said(0)))
        os.close(theirs)
        self.type("stty -echo")

    def type(
        self, line: str, answer: str = "", *, asked: str = ASKED, meanwhile: Callable[[], object] = lambda: None
    ) -> tuple[int, str]:
        """The exit status of a line, and what was said; the answer is typed once it is asked for, and that is done."""
        before = len(self._written)
        os.write(self._ours, f"{line}\n".encode())
        if answer:
            until(lambda: self._said(before).endswith(asked))
            meanwhile()
            os.write(self._ours, f"{answer}\n".encode())
        until(lambda: PROMPT.search(self._said(before)))
        said = self._said(before)
        (status,) = PROMPT.findall(said)
        return int(status), PROMPT.sub("", said)

    def close(self) -> None:
        """Leave it."""
        os.write(self._ours, b"exit\n")
        self.process.wait(SECONDS_MAX)

    def _said(self, since: int) -> str:
        return ESCAPES.sub("", self._written[since:].decode("utf-8", "replace"))

    def _read(self) -> None:
        try:
            while part := os.read(self._ours, 4096):
                self._written += part
        except OSError:
            os.close(self._ours)  # the other end is closed, which a terminal says in this way


class Terminal:
    """One command, with the terminal as its output; ``piped`` takes standard error away from it."""

    def __init__(self, arguments: Sequence[str], *, folder: Path, piped: bool = False) -> None:
        ours, theirs = pty.openpty()
        self._written = bytearray()
        self.process = subprocess.Popen(
            [REMIT, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=theirs,
            stderr=subprocess.PIPE if piped else theirs,
            cwd=folder,
            # Colour is forced, as some CI does: it is no reason to show a person's line to a pipe.
            env=os.environ | {"TERM": "xterm", "COLUMNS": "200", "FORCE_COLOR": "1"},
        )
        os.close(theirs)
        self._reader = threading.Thread(target=self._read, args=(ours,), daemon=True)
        self._reader.start()

    @property
    def seen(self) -> str:
        """All that was ever on it, also what is gone by now."""
        return ESCAPES.sub("", self._written.decode("utf-8", "replace"))

    def end(self) -> int:
        """The exit status."""
        status = self.process.wait(SECONDS_MAX)
        self._reader.join(SECONDS_MAX)
        return status

    def errors(self) -> str:
        """What went to a piped standard error."""
        assert self.process.stderr is not None
        return self.process.stderr.read().decode()

    def _read(self, ours: int) -> None:
        try:
            while part := os.read(ours, 4096):
                self._written += part
        except OSError:
            pass  # the other end is closed, which a terminal says in this way
        finally:
            os.close(ours)
