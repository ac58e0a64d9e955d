"""A terminal for commands: what a person would see of them."""

import os
import pty
import re
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path

from running import REMIT, SECONDS_MAX

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


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
