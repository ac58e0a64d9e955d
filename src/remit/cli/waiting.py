"""What a person at a terminal sees while a command takes longer than a moment. Scripts see nothing of it."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

MOMENT_SECONDS = 0.5

Now = Callable[[str], None]
"""Says what is waited for now."""


@contextmanager
def counting(words: str, total: int, *, quiet: bool = False) -> Iterator[Callable[[], object]]:
    """A bar on standard error, which whoever is given calls once for each of so many; it goes at the end."""
    is_seen = sys.stderr.isatty() and not quiet
    if not is_seen:
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import Progress

    # Bound to the stream of now: where a proof listens to what is printed meanwhile, this bar is not meant.
    bar = Progress(console=Console(file=sys.stderr), transient=True, redirect_stdout=False, redirect_stderr=False)
    with bar:
        task = bar.add_task(words, total=total)
        yield lambda: bar.advance(task)


@contextmanager
def waiting(*, quiet: bool = False, moment: float = MOMENT_SECONDS) -> Iterator[Now]:
    """A line on standard error that says what is waited for; it goes when the waiting ends."""
    if quiet or not sys.stderr.isatty():
        yield lambda _words: None
        return
    from rich.console import Console
    from rich.live import Live
    from rich.spinner import Spinner

    spinner = Spinner("dots")
    live = Live(spinner, console=Console(stderr=True), transient=True)

    def now(words: str) -> None:
        spinner.update(text=words)
        if live.is_started:
            live.refresh()

    shown = threading.Timer(moment, live.start)
    shown.start()
    try:
        yield now
    finally:
        shown.cancel()
        shown.join()
        live.stop()
