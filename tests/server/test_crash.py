"""L9: what was acknowledged is there once, after kill -9 of anything at any moment, and after the client's retry."""

import http.client
import json
import random
import select
import socket
import threading
from collections.abc import Callable, Iterator
from itertools import cycle, pairwise
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest
from running import House, until

KILLS = {"intake": 3, "divider": 3, "facts_keeper": 3, "vault_keeper": 3, "supervisor": 2, "all": 2}
SOAK_KILLS = dict.fromkeys(KILLS, 20)
WORKERS = ("worker-1", "worker-2")
BATCH = 5


class Attempt(NamedTuple):
    """One request: the first of its batch's messages, who accepted the connection, and whether it was acknowledged."""

    first: int
    worker: str
    acknowledged: bool


class Driver:
    """Sends pages of numbered people. Each batch goes, with the same ids, through one worker after the other.

    Whether the one before acknowledged it makes no difference: its reply may have been lost. A batch is done once
    every worker has acknowledged it.
    """

    def __init__(self, house: House) -> None:
        self.house, self.sent, self.stopped = house, 0, threading.Event()
        self.attempts = list[Attempt]()
        self._lock = threading.Lock()
        self.threads = [threading.Thread(target=self._run, daemon=True) for _ in range(3)]
        for thread in self.threads:
            thread.start()

    def _run(self) -> None:
        while not self.stopped.is_set():
            with self._lock:
                first = self.sent
                self.sent += BATCH
            self._sent_through_all(first)

    def _sent_through_all(self, first: int) -> None:
        left, turns = set(WORKERS), cycle(WORKERS if first // BATCH % 2 else reversed(WORKERS))
        while left:
            attempt = Attempt(first, worker := next(turns), self._accepted(worker, first))
            self.attempts.append(attempt)
            if attempt.acknowledged:
                left.discard(worker)
            else:
                self.stopped.wait(0.05)

    def _accepted(self, worker: str, first: int) -> bool:
        batch = [
            {"type": "page", "userId": f"u{n}", "messageId": f"m{n}", "properties": {"url": "/cart"}}
            for n in range(first, first + BATCH)
        ]
        connection = self._connection_to(worker)
        try:
            connection.request("POST", "/v1/batch", json.dumps({"batch": batch, "writeKey": "demo-android"}))
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _connection_to(self, worker: str) -> http.client.HTTPConnection:
        """Who accepts is chance: connections are made until it was this worker."""
        found = list[http.client.HTTPConnection]()

        def lucky() -> bool:
            connection = http.client.HTTPConnection("127.0.0.1", self.house.port, timeout=30)
            try:
                connection.connect()
                until(lambda: self._accepted_by(connection) is not None or is_closed(connection.sock))
            except OSError:
                return False
            if self._accepted_by(connection) != worker:
                connection.close()
                return False
            found.append(connection)
            return True

        until(lucky)
        return found[0]

    def _accepted_by(self, connection: http.client.HTTPConnection) -> str | None:
        """The worker at the other end, as the system knows it."""
        ours = connection.sock.getsockname()
        for worker, process in self.house.by_worker().items():
            try:
                if any(one.raddr == ours for one in process.net_connections("tcp")):
                    return worker
            except psutil.Error:
                continue  # it was just killed
        return None

    def stop(self) -> int:
        """Returns how many messages were acknowledged."""
        self.stopped.set()
        for thread in self.threads:
            thread.join()
        return self.sent


def is_closed(sock: socket.socket) -> bool:
    """Whether the other end is gone: nothing was sent to it, so it has nothing else to say."""
    readable, _, _ = select.select([sock], [], [], 0)
    return bool(readable)


def kill(house: House, who: str, dice: random.Random) -> None:
    if who == "all":
        house.kill_all()
        house.start()
    elif who == "supervisor":
        house.kill_supervisor()
        house.start()
    elif who == "intake":
        kill_one(house.by_worker, dice.choice(WORKERS))
    else:
        kill_one(house.children, who)


def kill_one(processes: Callable[[], dict[str, psutil.Process]], name: str) -> None:
    """Returns once it has been started again."""
    until(lambda: name in processes())
    victim = processes()[name]
    victim.kill()
    until(lambda: (found := processes().get(name)) is not None and found.pid != victim.pid)


@pytest.fixture
def crowded(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path, workers=len(WORKERS)).start()
    yield house
    house.stop()


def survive(house: House, who: str, times: int) -> None:
    dice = random.Random(who)
    driver = Driver(house)
    for _ in range(times):
        target = driver.sent + dice.randrange(20, 120)
        until(lambda at=target: driver.sent >= at)
        kill(house, who, dice)
    sent = driver.stop()

    check_attempts(driver)

    assert [{"n": sent}] == house.facts("SELECT sum(n) AS n FROM page_visit")
    assert [{"identifiers": sent}] == house.facts("SELECT identifiers FROM active_users WHERE period = 'day'")
    kept = [row["n"] for row in house.tally() if row["item"] == "account.id" and row["fate"] == "kept"]
    assert [sent] == kept
    repeats = [row["n"] for row in house.tally() if row["item"] == "account.id" and row["reason"] == "repeat"]
    assert sum(repeats) >= sent
    assert {"account.id": ["u7"]} == house.person("u7", "run-account")


def check_attempts(driver: Driver) -> None:
    """Every batch was acknowledged by each worker, and every retry went through another worker than the one before."""
    by_batch: dict[int, list[Attempt]] = {first: [] for first in range(0, driver.sent, BATCH)}
    for attempt in driver.attempts:
        by_batch[attempt.first].append(attempt)

    assert [{*WORKERS}] * len(by_batch) == [
        {one.worker for one in attempts if one.acknowledged} for attempts in by_batch.values()
    ]
    assert [] == [
        first
        for first, attempts in by_batch.items()
        if any(one.worker == retry.worker for one, retry in pairwise(attempts))
    ]


@pytest.mark.server
@pytest.mark.parametrize("who", KILLS)
def test_nothing_acknowledged_is_lost_or_doubled(crowded: House, who: str) -> None:
    """Facts, counts, tally and vault agree with what was acknowledged, whoever was killed under load.

    Every request is sent again through another worker, acknowledged or not.
    """
    survive(crowded, who, KILLS[who])


@pytest.mark.soak
@pytest.mark.parametrize("who", KILLS)
def test_nothing_acknowledged_is_lost_or_doubled_twenty_times(crowded: House, who: str) -> None:
    """The same, twenty times each."""
    survive(crowded, who, SOAK_KILLS[who])
