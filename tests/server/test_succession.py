"""Workers are replaced under load: a successor serves before the one before leaves, and nobody is refused or cut off.

Law L9, through any number of replacements: what was acknowledged is there once.
"""

import http.client
import json
import os
import random
import re
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from running import SECONDS_MAX, House, until

pytestmark = pytest.mark.server
WORKERS = ("worker-1", "worker-2")
CLIENTS, BATCH, ROUNDS = 4, 5, 3
PAUSE_SECONDS_MAX = 1.0
WAIT_SECONDS_MAX = 20.0
REPLACED = "every intake worker has a successor that serves"
BROKEN = """
import pathlib, sys
if "remit.processes.intake" in sys.orig_argv and pathlib.Path(__file__).with_name("broken").exists():
    raise SystemExit(1)
"""


class Senders:
    """Clients that keep their connections and never try again by themselves; what goes wrong is noted.

    Each sends pages of numbered people, batch after batch: most without a pause, one now and then. Another has a key
    that nobody knows. A batch that was not acknowledged is sent again.
    """

    def __init__(self, house: House) -> None:
        self.house, self.sent, self.unknown = house, 0, 0
        self.wrong, self.longest = list[str](), 0.0
        self._over, self._lock = threading.Event(), threading.Lock()
        runs = [self._run] * (CLIENTS - 1) + [self._run_slowly, self._run_unknown]
        self._threads = [threading.Thread(target=run, daemon=True) for run in runs]
        for thread in self._threads:
            thread.start()

    def _run(self) -> None:
        self._send_on(lambda: 0.0)

    def _run_slowly(self) -> None:
        dice = random.Random(CLIENTS)
        self._send_on(lambda: dice.uniform(0, PAUSE_SECONDS_MAX))

    def _send_on(self, pause: Callable[[], float]) -> None:
        kept = self._connection()
        while not self._over.is_set():
            with self._lock:
                first, self.sent = self.sent, self.sent + BATCH
            while not self._was_answered(kept, "demo-android", first, http.client.OK):
                self._over.wait(0.05)
            self._over.wait(pause())

    def _run_unknown(self) -> None:
        kept = self._connection()
        while not self._over.is_set():
            self.unknown += self._was_answered(kept, "nobodys", 0, http.client.UNAUTHORIZED)

    def _connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.house.port, timeout=SECONDS_MAX)

    def _was_answered(self, kept: http.client.HTTPConnection, key: str, first: int, status: int) -> bool:
        names = [f"u{n}" for n in range(first, first + BATCH)]
        pages = [{"type": "page", "userId": one, "messageId": one, "properties": {"url": "/cart"}} for one in names]
        began = time.monotonic()
        try:
            kept.request("POST", "/v1/batch", json.dumps({"batch": pages, "writeKey": key}))
            said = kept.getresponse()
            said.read()
        except (OSError, http.client.HTTPException) as error:
            kept.close()
            self.wrong.append(type(error).__name__)
            return False
        finally:
            self.longest = max(self.longest, time.monotonic() - began)
        if said.status != status:
            self.wrong.append(str(said.status))
        return said.status == status

    def more(self, n: int) -> None:
        """Returns when so many more were sent."""
        target = self.sent + n
        until(lambda: self.sent >= target)

    def stop(self) -> int:
        """Returns how many people were acknowledged."""
        self._over.set()
        for thread in self._threads:
            thread.join(SECONDS_MAX)
            assert not thread.is_alive()
        return self.sent


@contextmanager
def sending(house: House) -> Iterator[Senders]:
    """Somebody sends all the time."""
    senders = Senders(house)
    try:
        yield senders
    finally:
        senders.stop()


@pytest.fixture
def crowded(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path, workers=len(WORKERS)).start()
    yield house
    house.stop()


def replace(house: House) -> None:
    """Ask for successors, as who runs services may: every process of the group is told."""
    assert house.process is not None
    os.killpg(house.process.pid, signal.SIGUSR1)


def replaced(house: House) -> int:
    """How often it has said that all have one."""
    return house.output.read_text().count(REPLACED)


def pids(house: House) -> set[int]:
    """Those of all workers, successors and leaving ones too."""
    return {process.pid for process in workers(house)}


def workers(house: House) -> list[psutil.Process]:
    assert house.process is not None
    return [one for one in psutil.Process(house.process.pid).children() if is_worker(one)]


def is_worker(process: psutil.Process) -> bool:
    try:
        return "remit.processes.intake" in process.cmdline() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def check_all_is_there(house: House, senders: Senders) -> None:
    """Facts, counts, tally and vault have each acknowledged page once; unless somebody was cut off, it came once."""
    sent = senders.sent
    assert [{"n": sent}] == house.facts("SELECT sum(n) AS n FROM page_visit")
    assert [{"identifiers": sent}] == house.facts("SELECT identifiers FROM active_users WHERE period = 'day'")
    ends = [row for row in house.tally() if row["item"] == "account.id"]
    assert sent == sum(row["n"] for row in ends if row["fate"] == "kept")
    assert senders.wrong or not [row for row in ends if row["reason"] == "repeat"]
    assert {"account.id": ["u7"]} == house.person("u7", "run-account")


def refused(house: House) -> int:
    """How many requests had a key that nobody knows, as the console says."""
    found = re.search(r"<dt>unknown key</dt><dd>([\d,]+)", house.operator().get("/").text)
    return int(found[1].replace(",", "")) if found else 0


def test_nobody_is_refused_or_cut_off_while_workers_are_replaced(crowded: House) -> None:
    """Through round after round under load: each request has its answer, and all that was acknowledged is there once.

    What a worker counted last is told, too, and of journals of those that left nothing stays.
    """
    with sending(crowded) as senders:
        for number in range(1, ROUNDS + 1):
            senders.more(100)
            before = pids(crowded)
            replace(crowded)
            until(lambda n=number: replaced(crowded) == n)
            until(lambda gone=before: not gone & pids(crowded))
            assert len(WORKERS) == len(pids(crowded))
        senders.more(100)
    assert [] == senders.wrong
    assert senders.longest < WAIT_SECONDS_MAX
    assert "died" not in crowded.output.read_text()
    check_all_is_there(crowded, senders)
    until(lambda: refused(crowded) == senders.unknown)
    until(lambda: len(list(crowded.data.glob("journal/*/*.segment"))) <= len(WORKERS))


@pytest.mark.parametrize("who", ["the one before", "the successor"])
def test_a_kill_in_the_middle_loses_nothing(crowded: House, who: str) -> None:
    """Whoever is killed while both are there: the other serves, and all that was acknowledged is there once.

    A request that the killed one had is cut off, and sent again.
    """
    with sending(crowded) as senders:
        senders.more(100)
        before = pids(crowded)
        replace(crowded)
        until(lambda: len(pids(crowded)) > len(WORKERS))
        both = {one.pid in before: one for one in workers(crowded) if one.cmdline()[-1] == WORKERS[0]}
        both[who == "the one before"].kill()
        until(lambda: replaced(crowded) == 1 or "goes on" in crowded.output.read_text())
        until(lambda: len(pids(crowded)) == len(WORKERS))
        senders.more(100)
    assert [] == [what for what in senders.wrong if what.isdecimal()]
    check_all_is_there(crowded, senders)


@pytest.fixture
def breakable(tmp_path: Path) -> Iterator[House]:
    """A house whose workers cannot start while a file says so."""
    (tmp_path / "sitecustomize.py").write_text(BROKEN)
    house = House(tmp_path, workers=len(WORKERS))
    house.environment["PYTHONPATH"] = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    yield house.start()
    house.stop()


def test_a_successor_that_cannot_start_leaves_the_one_before(breakable: House) -> None:
    """It is said in one line, everybody goes on, and once what ailed it is mended another round replaces them."""
    fault = breakable.folder / "broken"
    with sending(breakable) as senders:
        before = pids(breakable)
        fault.touch()
        replace(breakable)
        until(lambda: "goes on" in breakable.output.read_text())
        senders.more(100)
        assert before == pids(breakable)
        assert 0 == replaced(breakable)
        fault.unlink()
        replace(breakable)
        until(lambda: replaced(breakable) == 1)
        until(lambda: not before & pids(breakable))
        senders.more(100)
    assert [] == senders.wrong
    said = [line for line in breakable.output.read_text().splitlines() if line.startswith("remit: ")]
    assert [
        "remit: the intake-1 goes on, and those after it: its successor did not come to serve, it ended with status 1",
        f"remit: {REPLACED}",
    ] == [line for line in said if "remit is ready" not in line]
    check_all_is_there(breakable, senders)


def test_told_to_stop_while_workers_are_replaced_it_stops(crowded: House) -> None:
    """Successors that do not serve yet and those that leave end with it, and all that was acknowledged is kept."""
    assert crowded.process is not None
    for number in range(BATCH):
        assert 200 == crowded.segment([{"type": "page", "userId": f"u{number}"}]).status_code
    with socket.create_connection(("127.0.0.1", crowded.port), SECONDS_MAX) as kept:
        until(lambda: any(accepted(one, kept) for one in workers(crowded)))
        replace(crowded)
        until(lambda: len(pids(crowded)) > len(WORKERS))
        crowded.process.send_signal(signal.SIGTERM)
        assert 0 == crowded.process.wait(SECONDS_MAX)
    assert [] == crowded.family()
    assert "Traceback" not in crowded.output.read_text()
    assert [{"n": BATCH}] == crowded.facts("SELECT sum(n) AS n FROM page_visit")


GAID = "123e4567-e89b-42d3-a456-42661417400{}"


def identify(number: int) -> bytes:
    """A request by which somebody's device is told."""
    device = {"advertisingId": GAID.format(number), "adTrackingEnabled": True}
    message = {"type": "identify", "userId": "ada", "context": {"device": device}}
    body = json.dumps({"batch": [message], "writeKey": "demo-android"})
    return f"POST /v1/batch HTTP/1.1\r\nhost: x\r\ncontent-length: {len(body)}\r\n\r\n{body}".encode()


def test_a_choice_is_known_to_who_leaves_and_to_the_successor(tmp_path: Path) -> None:
    """While both are there, each lets through what it took a yes for: it was confirmed by both.

    What a worker bars stays barred, so one that had not heard of the grant would show.
    """
    house = House(tmp_path).start()
    try:
        with socket.create_connection(("127.0.0.1", house.port), SECONDS_MAX) as kept:
            kept.sendall(identify(0)[:-10])
            until(lambda: any(accepted(one, kept) for one in workers(house)))
            replace(house)
            until(lambda: replaced(house) == 1)
            house.command("choose", "measure-ads", "grant", typed="ada")
            assert 2 == len(pids(house))
            kept.sendall(identify(0)[-10:])
            assert kept.recv(1 << 16).startswith(b"HTTP/1.1 200")
        until(lambda: len(pids(house)) == 1)
        with socket.create_connection(("127.0.0.1", house.port), SECONDS_MAX) as new:
            new.sendall(identify(1))
            assert new.recv(1 << 16).startswith(b"HTTP/1.1 200")
        found = house.person("ada", "measure-ads")
        assert [GAID.format(0), GAID.format(1)] == sorted(found["device.gaid"])
    finally:
        house.stop()


def accepted(worker: psutil.Process, client: socket.socket) -> bool:
    """Whether this one is at the other end."""
    return any(one.raddr == client.getsockname() for one in worker.net_connections("tcp"))
