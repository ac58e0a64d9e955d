"""Programs that record and are killed: each line that they print is a number that ``record`` returned from."""

import subprocess
import sys
from pathlib import Path

from moody import KEY

_HEAD = """
import os, sys
from remit.client import Client, ClientLimits

address, folder, first = sys.argv[1], sys.argv[2], int(sys.argv[3])
waits = dict(wait_seconds_min=0.01, wait_seconds_max=0.05)
limits = ClientLimits(bundle_records=5, bundle_seconds={seconds}, timeout_seconds=0.5, **waits)
client = Client(address, "{key}", folder, limits=limits)

def tell(number):
    client.record("event", {{"number": number}})
    os.write(1, f"{{number}}\\n".encode())
"""
ENDLESS = """
number = first
while True:
    tell(number)
    if number % 17 == 0 and client.flush(0.2):
        os.write(1, b"flushed\\n")
    number += 1
"""
FORKS = """
tell(first)
children = []
for child in (1, 2, 3):
    tell(first + 10 * child)
    if (pid := os.fork()) == 0:
        tell(first + 10 * child + 1)
        assert client.stats().recorded == client.stats().waiting == 1, client.stats()
        if child == 1:
            os._exit(0 if client.flush(30) else 1)
        os._exit(0)  # what it recorded waits on disk
    children.append(pid)
    tell(first + 10 * child + 2)
assert all(os.waitpid(pid, 0)[1] == 0 for pid in children)
assert client.flush(30)
assert client.stats().recorded == 7, client.stats()
"""
ENDS = """
tell(first)
"""


def begun(program: str, address: str, folder: Path, *, first: int = 0, seconds: float = 0.02) -> subprocess.Popen[str]:
    """The program, running; what it records waits so many seconds for more."""
    return subprocess.Popen(
        [sys.executable, "-c", _HEAD.format(key=KEY, seconds=seconds) + program, address, str(folder), str(first)],
        stdout=subprocess.PIPE,
        text=True,
    )
