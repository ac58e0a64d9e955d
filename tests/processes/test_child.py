"""What becomes of a child whose supervisor is gone."""

import signal
import subprocess
import sys
from pathlib import Path

from remit.processes.child import Orders
from remit.settings import Settings

HANGS = """
import threading
from remit.processes.child import orders, until_term
orders()
until_term().wait()
print("told to stop", flush=True)
threading.Event().wait()
"""


def test_who_hangs_does_not_outlive_the_supervisor(tmp_path: Path) -> None:
    """It is told to stop, as by the supervisor, and ended by the system's clock where it does not."""
    given = Orders(settings=Settings(data=tmp_path / "data", keys=tmp_path / "keys"))
    child = subprocess.Popen([sys.executable, "-c", HANGS], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    told, _ = child.communicate(given.line(), timeout=60)

    assert b"told to stop\n" == told
    assert -signal.SIGALRM == child.returncode
