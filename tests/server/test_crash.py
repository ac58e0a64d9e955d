"""L9: what was acknowledged is there once, after kill -9 of anything at any moment, and after the client's retry."""

import random
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from running import House, until

KILLS = {"intake": 3, "divider": 3, "facts_keeper": 3, "vault_keeper": 3, "all": 2}
SOAK_KILLS = dict.fromkeys(KILLS, 20)
BATCH = 5


class Driver:
    """Sends pages of numbered people, and sends each batch again, with the same ids, until it is acknowledged."""

    def __init__(self, house: House) -> None:
        self.house, self.sent, self.stopped = house, 0, threading.Event()
        self._lock = threading.Lock()
        self.threads = [threading.Thread(target=self._run, daemon=True) for _ in range(3)]
        for thread in self.threads:
            thread.start()

    def _run(self) -> None:
        while not self.stopped.is_set():
            with self._lock:
                first = self.sent
                self.sent += BATCH
            batch: list[dict[str, object]] = [
                {"type": "page", "userId": f"u{n}", "messageId": f"m{n}", "properties": {"url": "/cart"}}
                for n in range(first, first + BATCH)
            ]
            while not self._accepted(batch):
                self.stopped.wait(0.05)

    def _accepted(self, batch: list[dict[str, object]]) -> bool:
        try:
            return self.house.segment(batch).status_code == 200
        except httpx.HTTPError:
            return False

    def stop(self) -> int:
        """Returns how many messages were acknowledged."""
        self.stopped.set()
        for thread in self.threads:
            thread.join()
        return self.sent


def kill(house: House, who: str) -> None:
    if who == "all":
        house.kill_all()
        house.start()
        return
    victim = next(process for name, process in house.children().items() if name.startswith(who))
    victim.kill()
    until(lambda: any(n.startswith(who) and p.pid != victim.pid for n, p in house.children().items()))


@pytest.fixture
def crowded(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path, workers=2).start()
    yield house
    house.stop()


def survive(house: House, who: str, times: int) -> None:
    dice = random.Random(who)
    driver = Driver(house)
    for _ in range(times):
        target = driver.sent + dice.randrange(20, 120)
        until(lambda at=target: driver.sent >= at)
        kill(house, who)
    sent = driver.stop()

    assert [{"n": sent}] == house.facts("SELECT sum(n) AS n FROM page_visit")
    assert [{"identifiers": sent}] == house.facts("SELECT identifiers FROM active_users WHERE period = 'day'")
    kept = [row["n"] for row in house.tally() if row["item"] == "account.id" and row["fate"] == "kept"]
    assert [sent] == kept
    assert {"account.id": ["u7"]} == house.person("u7", "run-account")


@pytest.mark.server
@pytest.mark.parametrize("who", KILLS)
def test_nothing_acknowledged_is_lost_or_doubled(crowded: House, who: str) -> None:
    """Facts, counts, tally and vault agree with what was acknowledged, whoever was killed under load."""
    survive(crowded, who, KILLS[who])


@pytest.mark.soak
@pytest.mark.parametrize("who", KILLS)
def test_nothing_acknowledged_is_lost_or_doubled_twenty_times(crowded: House, who: str) -> None:
    """The same, twenty times each."""
    survive(crowded, who, SOAK_KILLS[who])
