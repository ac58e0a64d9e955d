"""What a process says where remit runs, in words without values."""

import contextlib
import sys


def say(words: str) -> None:
    """One line on standard error. Where nobody reads it any more, whoever says it goes on all the same."""
    with contextlib.suppress(OSError):
        sys.stderr.write(f"remit: {words}\n")
        sys.stderr.flush()
