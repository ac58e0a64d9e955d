"""What becomes of a child whose supervisor is gone."""

import signal
import subprocess
import sys
from pathlib import Path

from running import POLICY

from remit.house import LEDGER, prepare, sockets
from remit.processes.child import SAID, Orders
from remit.settings import Settings
from remit.stores.link import Server, Watchers

HANGS = """
import threading
from remit.processes.child import orders, until_term
told = until_term()
orders()
told.wait()
print("told to stop", flush=True)
threading.Event().wait()
"""


def test_who_starts_while_another_goes_says_so_in_words(tmp_path: Path) -> None:
    """Told of the policy, and not of its versions, since the vault keeper went in between: that is no traceback."""
    settings = Settings(data=tmp_path / "data", keys=tmp_path / "keys")
    prepare(settings)
    told = {"text": POLICY.read_text(), "tag_key": b"", "token_key": b"", "journal": b"", "choices": [], "covered": []}
    watchers = Watchers(lambda: told)
    door = Server(sockets(settings) / f"{LEDGER}.sock", {}, watchers)
    child = subprocess.Popen(
        [sys.executable, "-m", "remit.processes.facts_keeper"], stdin=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert child.stdin is not None
    child.stdin.write(Orders(settings=settings).line())
    child.stdin.flush()
    ended = child.wait(60)
    _, said = child.communicate()
    door.close()

    assert [b"remit: ledger failed: KeyError\n", SAID] == [said, ended]


def test_who_hangs_does_not_outlive_the_supervisor(tmp_path: Path) -> None:
    """It is told to stop, as by the supervisor, and ended by the system's clock where it does not."""
    given = Orders(settings=Settings(data=tmp_path / "data", keys=tmp_path / "keys"))
    child = subprocess.Popen([sys.executable, "-c", HANGS], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    told, _ = child.communicate(given.line(), timeout=60)

    assert b"told to stop\n" == told
    assert -signal.SIGALRM == child.returncode
