"""Intake: serves SDKs, seals what is needed into its own journal, opens no store."""

import gc
import os
import signal
import socket
import threading
from functools import partial

from remit.flows.counters import Counters
from remit.gateway.serving import serving
from remit.house import listening, open_intake
from remit.processes.child import opening, orders
from remit.processes.reporting import Reporter
from remit.processes.stopping import hear
from remit.processes.terminal import say

MADE_BETWEEN_SEARCHES = 50_000
"""So many objects are made before the collector looks for cycles among them: with Python's 700, that took a third of
the time, for what a worker makes lives until its request is answered, and hardly any of it in cycles."""


def main() -> None:
    """Run one worker until SIGTERM, or until it is told to leave and everybody has been answered."""
    leaving = threading.Event()
    given = orders(leaving)
    settings, counters = given.settings, Counters()
    listener = listening(settings, say)
    with opening():
        collector, journal = open_intake(settings, given.worker, listener, counters)

    def trouble() -> str | None:
        # A divider that is stuck is no trouble of intake: what it acknowledges is safe in the journal.
        if not journal.writable:
            return "the journal cannot be written"
        return "nothing is heard of choices" if listener.stale else None

    reporter = Reporter(settings, counters, f"intake-{given.worker}-{os.getpid()}")
    gc.collect()
    gc.freeze()  # the policy and its plans stay
    gc.set_threshold(MADE_BETWEEN_SEARCHES)
    worker = serving(collector, trouble, proxies=settings.proxies)
    hear(signal.SIGTERM, partial(setattr, worker, "should_exit", True))  # uvicorn's own ends the process by the signal
    assert given.listener is not None, "the supervisor hands the listening socket over"
    worker.work(socket.socket(fileno=given.listener), leaving=leaving, serves=given.serves)
    journal.close()
    reporter.close()


if __name__ == "__main__":
    main()
