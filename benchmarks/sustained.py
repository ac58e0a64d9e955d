"""How much a house takes and divides for ten minutes on one core: ``python benchmarks/sustained.py [FILE]``.

First what it acknowledges while nothing is divided, and what dividing that costs; then, for MINUTES, as much as both
together should allow, while the backlog and the memory of all processes are watched. A rate is sustained if neither
grows. With FILE, the results are appended to it as a line of JSON.
"""

import json
import os
import platform
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import intake
from intake import Round, load, machine, resting
from payloads import ONE_DEVICE, Payload
from servers import Server, alone, remit

from remit.stores.journal import FRAME, HEADER_BYTES, SUFFIX

MINUTES = float(os.environ.get("MINUTES", "10"))
ROUNDS, LOOK_SECONDS = 5, 10
SHARE = 0.85
"""Of what both together should allow: what else a house does, such as expiry, takes the rest."""


class Look(NamedTuple):
    """What waits to be divided (entries), and the memory of all processes, shared pages divided among them (MB)."""

    seconds: int
    entries: int
    mb: float


def waiting(folder: Path) -> int:
    """Entries of the journal that are not divided."""
    with closing(sqlite3.connect(f"file:{folder / 'data/desk/desk.db'}?mode=ro", uri=True)) as desk:
        done = {bytes(segment).hex(): n for segment, n in desk.execute("select segment, done from position")}
    found = 0
    for path in (folder / "data/journal").glob(f"*/*{SUFFIX}"):
        found += _frames(path) - done.get(path.stem, 0)
    return max(found, 0)


def _frames(path: Path) -> int:
    n, at = 0, HEADER_BYTES
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            while at + FRAME.size <= size:
                file.seek(at)
                at += FRAME.size + FRAME.unpack(file.read(FRAME.size))[0]
                n += 1
    except FileNotFoundError:  # divided in the meantime
        return 0
    return n


def drained(folder: Path) -> float:
    """Seconds until all is divided."""
    began = time.monotonic()
    while waiting(folder):
        time.sleep(0.2)
    return time.monotonic() - began


def dividing(house: Server, folder: Path, payload: Payload) -> float:
    """Microseconds of all processes but intake's to divide an event."""
    with alone(house):
        sent = load(house, payload, folder)
        before = house.seconds_of_all() - house.seconds()
    drained(folder)
    return (house.seconds_of_all() - house.seconds() - before) / (sent.rate * intake.SECONDS) * 1e6


def watched(house: Server, folder: Path, over: threading.Event) -> Iterator[Look]:
    """A look now and then."""
    began = time.monotonic()
    while not over.wait(LOOK_SECONDS):
        held = sum(one.memory_full_info().pss for one in house.family()) / 1e6
        yield Look(round(time.monotonic() - began), waiting(folder), round(held, 1))


def sustained(house: Server, folder: Path, *, rate: float) -> tuple[Round, list[Look]]:
    """So many events a second for ten minutes, and what was seen meanwhile."""
    delay = resting(house, ONE_DEVICE, folder, rate=rate)
    looks, over = list[Look](), threading.Event()
    watching = threading.Thread(target=lambda: looks.extend(watched(house, folder, over)))
    watching.start()
    intake.SECONDS = round(MINUTES * 60)
    found = load(house, ONE_DEVICE, folder, delay_ms=delay)
    over.set()
    watching.join()
    return found, looks


def _third(looks: list[Look], which: int) -> dict[str, float]:
    n = len(looks) // 3
    some = looks[which * n : (which + 1) * n]
    return {name: statistics.median(getattr(one, name) for one in some) for name in ("entries", "mb")}


def main() -> None:
    """Measure, print, and append."""
    with tempfile.TemporaryDirectory() as at, remit(Path(at)) as house:
        folder = Path(at)
        with alone(house):
            load(house, ONE_DEVICE, folder)
            acked = statistics.median(load(house, ONE_DEVICE, folder).rate for _ in range(ROUNDS))
        drained(folder)
        cost = dividing(house, folder, ONE_DEVICE)
        rate = SHARE * 1e6 / (1e6 / acked + cost)
        found, looks = sustained(house, folder, rate=rate)
        left = drained(folder)
    line: dict[str, Any] = {
        "at": datetime.now(UTC).date().isoformat(),
        "python": platform.python_version(),
        "machine": machine(),
        "minutes": MINUTES,
        "acked only": round(acked),
        "dividing, us of all processes": round(cost, 2),
        "acked and divided": round(found.rate),
        "ratio": round(found.rate / acked, 3),
        "p99": found.p99,
        "failed": found.failed,
        "seconds to the end of the backlog": round(left, 1),
        "thirds": [_third(looks, which) for which in range(3)],
    }
    sys.stdout.write(json.dumps(line, indent=1) + "\n")
    if len(sys.argv) > 1:
        with Path(sys.argv[1]).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
