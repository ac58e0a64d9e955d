"""The divider: the line between the two stores."""

import contextlib
import os
import sys
import threading

from remit.flows.counters import Counters
from remit.flows.divide import Divider
from remit.house import DIVIDER, LEDGER, Listener, link, open_divider, sockets
from remit.processes.child import opening, orders, until_term
from remit.processes.intake import report
from remit.stores.link import Declined, Server, Unreachable

TURN_SECONDS = 1.0


def main() -> None:
    """Divide every second, and at once when somebody is about to read; drain before leaving."""
    given = orders()
    settings, stop, counters = given.settings, until_term(), Counters()
    listener = Listener(settings, changed=stop.set)
    with opening():
        divider, close = open_divider(settings, listener, counters)
    lock = threading.Lock()

    def drain() -> None:
        with lock:
            divider.drain()

    ledger, process = link(settings, LEDGER), f"divider-{os.getpid()}"
    report(ledger, counters, process)  # before its first turn, so that the console's history has all that follows
    door = Server(sockets(settings) / f"{DIVIDER}.sock", {"ping": lambda: "pong", "drain": drain})
    while not stop.wait(TURN_SECONDS):
        with lock:
            _turns(divider)
        report(ledger, counters, process)
    with contextlib.suppress(Unreachable, Declined):  # what a keeper did not take stays written down at the desk
        drain()
    door.close()
    close()


def _turns(divider: Divider) -> None:
    try:
        divider.drain()
    except (Unreachable, Declined) as error:
        # A keeper is away: the load stays at the desk and goes out with a later turn.
        sys.stderr.write(f"divider: waiting for a keeper ({error})\n")


if __name__ == "__main__":
    main()
