"""What a process tells the console: its sums, every second and once more when it leaves."""

import contextlib
import threading
from functools import partial

from remit.flows.counters import Counters
from remit.house import LEDGER, link
from remit.settings import Settings
from remit.stores.link import Declined, Link, Unreachable

REPORT_SECONDS, ANSWER_SECONDS_MAX = 1.0, 2.0


def report(ledger: Link, counters: Counters, process: str) -> None:
    """Tell the console this process's sums; a keeper that is away hears of them next time."""
    with contextlib.suppress(Unreachable, Declined):
        ledger.call("report", process, counters.sums())


class Reporter:
    """Reports for a process that has other things to do; a keeper that is slow is not waited for."""

    def __init__(self, settings: Settings, counters: Counters, process: str) -> None:
        ledger = link(settings, LEDGER, ANSWER_SECONDS_MAX)
        self._report = partial(report, ledger, counters, process)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="report", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Tell the last sums, behind all that were told before."""
        self._over.set()
        self._thread.join()
        self._report()

    def _run(self) -> None:
        while not self._over.is_set():
            self._report()
            self._over.wait(REPORT_SECONDS)
