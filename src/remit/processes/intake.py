"""Intake: serves SDKs, seals what is needed into its own journal, opens no store."""

import contextlib
import gc
import os
import socket
import threading

import uvicorn

from remit.flows.counters import Counters
from remit.gateway.serving import serving
from remit.house import LEDGER, link, listening, open_intake
from remit.processes.child import Orders, opening, orders
from remit.processes.terminal import say
from remit.settings import Settings
from remit.stores.link import Declined, Link, Unreachable

REPORT_SECONDS = 1.0
MADE_BETWEEN_SEARCHES = 50_000
"""So many objects are made before the collector looks for cycles among them: with Python's 700, that took a third of
the time, for what a worker makes lives until its request is answered, and hardly any of it in cycles."""


def report(ledger: Link, counters: Counters, process: str) -> None:
    """Tell the console this process's sums; a keeper that is away hears of them next time."""
    with contextlib.suppress(Unreachable, Declined):
        ledger.call("report", process, counters.sums())


def main() -> None:
    """Run one worker until SIGTERM."""
    given = orders()
    settings, counters = given.settings, Counters()
    listener = listening(settings, say)
    with opening():
        collector, journal = open_intake(settings, given.worker, listener, counters)

    def trouble() -> str | None:
        # A divider that is stuck is no trouble of intake: what it acknowledges is safe in the journal.
        if not journal.writable:
            return "the journal cannot be written"
        return "nothing is heard of choices" if listener.stale else None

    _report_for_ever(settings, given, counters)
    gc.collect()
    gc.freeze()  # the policy and its plans stay
    gc.set_threshold(MADE_BETWEEN_SEARCHES)
    config = serving(collector, trouble, proxies=settings.proxies)
    assert given.listener is not None, "the supervisor hands the listening socket over"
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=given.listener)])
    journal.close()


def _report_for_ever(settings: Settings, given: Orders, counters: Counters) -> None:
    ledger, process = link(settings, LEDGER), f"intake-{given.worker}-{os.getpid()}"

    def run() -> None:
        while True:
            report(ledger, counters, process)
            threading.Event().wait(REPORT_SECONDS)

    threading.Thread(target=run, name="report", daemon=True).start()


if __name__ == "__main__":
    main()
