"""The divider: the line between the two stores."""

import os

from remit.flows.counters import Counters
from remit.house import DIVIDER, LEDGER, link, listening, open_divider, sockets
from remit.processes.child import opening, orders, until_term
from remit.processes.reporting import report
from remit.processes.terminal import say
from remit.processes.turns import Turns
from remit.stores.link import Server

TURN_SECONDS = 1.0


def main() -> None:
    """Divide every second, and at once when somebody is about to read; drain before leaving."""
    given = orders()
    settings, stop, counters = given.settings, until_term(), Counters()
    listener = listening(settings, say)
    with opening():
        divider, close = open_divider(settings, listener, counters)
    turns = Turns(divider.drain)
    methods = {"ping": lambda: "pong", "drain": turns.drain, "trouble": turns.trouble}
    ledger, process = link(settings, LEDGER), f"divider-{os.getpid()}"
    report(ledger, counters, process)  # before its first turn, so that the console's history has all that follows
    door = Server(sockets(settings) / f"{DIVIDER}.sock", methods)
    while not stop.wait(TURN_SECONDS):
        turns.attempt()
        report(ledger, counters, process)
    turns.attempt()
    door.close()
    close()


if __name__ == "__main__":
    main()
