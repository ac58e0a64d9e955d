"""Work that a process does again and again, whatever becomes of one round."""

import threading
from collections.abc import Callable

from remit.processes.terminal import say


class Recurring:
    """Work every so many seconds. A round that fails is counted and said by its kind; the next comes all the same."""

    def __init__(self, name: str, seconds: float, work: Callable[[], object]) -> None:
        self._name, self._seconds, self._work = name, seconds, work
        self.failures = 0
        threading.Thread(target=self._run, name=name, daemon=True).start()

    def _run(self) -> None:
        while not threading.Event().wait(self._seconds):
            try:
                self._work()
            except Exception as error:  # noqa: BLE001 -- the edge of the work: its words could bear a value, its kind not
                self.failures += 1
                kind = type(error).__name__
                say(f"{self._name} failed ({kind}), {self.failures} times so far; it goes on")
