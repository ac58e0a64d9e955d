"""Intake: serves SDKs, seals what is needed into its own journal, opens no store."""

import contextlib
import os
import signal
import socket
import threading

import uvicorn

from remit.flows.counters import Counters
from remit.gateway.app import Gateway
from remit.house import LEDGER, Listener, link, open_intake
from remit.processes.child import Orders, opening, orders
from remit.settings import Settings
from remit.stores.link import Link, Refusal, Unreachable

REPORT_SECONDS = 1.0
GRACE_SECONDS = 5


def report(ledger: Link, counters: Counters, process: str) -> None:
    """Tell the console this process's sums; a keeper that is away hears of them next time."""
    with contextlib.suppress(Unreachable, Refusal):
        ledger.call("report", process, counters.sums())


def main() -> None:
    """Run one worker until SIGTERM."""
    given = orders()
    settings, counters = given.settings, Counters()
    listener = Listener(settings, changed=lambda: os.kill(os.getpid(), signal.SIGTERM))
    with opening():
        collector, journal = open_intake(settings, given.worker, listener, counters)

    def trouble() -> str | None:
        # A divider that is stuck is no trouble of intake: what it acknowledges is safe in the journal.
        if not journal.writable:
            return "the journal cannot be written"
        return "nothing is heard of choices" if listener.stale else None

    _report_for_ever(settings, given, counters)
    config = uvicorn.Config(
        Gateway(collector, trouble=trouble),
        loop="uvloop",
        http="httptools",
        lifespan="off",
        access_log=False,  # an access log is a store of addresses that no policy names
        log_level="critical",
        timeout_graceful_shutdown=GRACE_SECONDS,
        server_header=False,
        proxy_headers=False,
    )
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
