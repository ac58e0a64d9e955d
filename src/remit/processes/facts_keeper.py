"""The facts keeper: the one process that owns the non-personal store."""

from remit.house import FACTS, listening, open_facts_house, sockets
from remit.processes.child import opening, orders, until_term
from remit.processes.terminal import say
from remit.stores.link import Server


def main() -> None:
    """Serve until SIGTERM."""
    settings, stop = orders().settings, until_term()
    with opening():
        methods = open_facts_house(settings, listening(settings, say))
    door = Server(sockets(settings) / f"{FACTS}.sock", methods)
    stop.wait()
    door.close()


if __name__ == "__main__":
    main()
