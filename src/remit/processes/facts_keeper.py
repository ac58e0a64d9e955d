"""The facts keeper: the one process that owns the non-personal store."""

from remit.house import FACTS, listening, open_facts_house, sockets
from remit.processes.child import opening, orders, until_term
from remit.processes.terminal import say
from remit.stores.link import Server


def main() -> None:
    """Serve until SIGTERM."""
    settings, stop = orders().settings, until_term()
    with opening():
        house = open_facts_house(settings, listening(settings, say))
    door = Server(sockets(settings) / f"{FACTS}.sock", house.methods)
    stop.wait()
    door.close()
    # Calls that were let in are at work in threads that end with the interpreter. Cut off inside the engine, one may
    # keep it waiting for ever, and with it this process and whoever waits for its answer.
    house.close()


if __name__ == "__main__":
    main()
