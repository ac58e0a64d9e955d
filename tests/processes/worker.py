"""A process that acts as a worker would, in one of several ways: `python -m worker WAY`."""

import sys
import threading

from remit.processes.child import orders, until_term


def main(way: str) -> None:
    """``serves`` and leaves when it is told to; ``stays``, then; ``hangs``, and never serves; ``fails``."""
    told, leaving = until_term(), threading.Event()
    given = orders(leaving)
    if way == "fails":
        raise SystemExit(3)
    if way != "hangs":
        given.serves()
    while not told.wait(0.01):
        if way == "serves" and leaving.is_set():
            return


if __name__ == "__main__":
    main(sys.argv[1])
