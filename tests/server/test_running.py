"""A house that is told to stop, and one that is told everything by the environment."""

import threading
from pathlib import Path

import httpx
import psutil
import pytest
from running import SECONDS_MAX, WAYS_TO_TELL, House, ToldByEnvironment, until


class Sender:
    """Sends one page after the other until it is no longer answered."""

    def __init__(self, house: House) -> None:
        self.house, self.acknowledged = house, 0
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        with httpx.Client(base_url=self.house.sdk, timeout=SECONDS_MAX) as client:
            while True:
                page = {"type": "page", "userId": "u", "properties": {"url": "/cart"}}
                body = {"batch": [page | {"messageId": f"m{self.acknowledged}"}], "writeKey": "demo-android"}
                try:
                    if client.post("/v1/batch", json=body).status_code != 200:
                        return
                except httpx.HTTPError:
                    return
                self.acknowledged += 1


@pytest.mark.parametrize("way", WAYS_TO_TELL)
def test_told_to_stop_it_loses_nothing(tmp_path: Path, way: str) -> None:
    """However it is told, and however often: it ends well, leaves no process, and has all that it acknowledged."""
    house = House(tmp_path).start()
    assert house.process is not None
    family = psutil.Process(house.process.pid).children()
    sender, (number, tell) = Sender(house), WAYS_TO_TELL[way]
    until(lambda: sender.acknowledged > 50)
    tell(house.process.pid, number)
    tell(house.process.pid, number)

    assert 0 == house.process.wait(SECONDS_MAX)
    sender.thread.join(SECONDS_MAX)
    assert [] == [process for process in family if process.is_running()]
    assert "remit:" not in house.output.read_text()
    assert "Traceback" not in house.output.read_text()
    (row,) = house.facts("SELECT sum(n) AS n FROM page_visit")
    # The last one may have been written without that its sender heard of it.
    assert row["n"] in (sender.acknowledged, sender.acknowledged + 1)


def test_a_house_can_be_told_by_the_environment(tmp_path: Path) -> None:
    """Without one typed flag: folders, policy, ports, addresses, workers and banner are as the environment says."""
    flags = ["--host", "127.0.0.2", "--console-host", "127.0.0.3", "--banner", "A rehearsal."]
    house = ToldByEnvironment(tmp_path, workers=2, flags=flags)
    try:
        said = house.start().output.read_text()
        assert f"sdk http://127.0.0.2:{house.port} console http://127.0.0.3:{house.console_port}/login" in said
        assert house.process is not None
        assert 5 == len(psutil.Process(house.process.pid).children())
        assert (house.data / "personal/ledger.db").exists()
        assert "A rehearsal." in httpx.get(f"http://127.0.0.3:{house.console_port}/notice").text
        assert [] == house.facts("SELECT n FROM page_visit")
    finally:
        house.stop()
