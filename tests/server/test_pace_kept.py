"""A house that was told how often an app may ask."""

import time
from pathlib import Path

from running import House

CALL = {"type": "page", "properties": {"url": "https://shop.example/"}}
SECONDS_MAX = 60.0


def test_an_app_that_asks_too_often_waits_and_another_does_not(tmp_path: Path) -> None:
    """429 with a time for the one; and once it waited, it is taken again. Two workers share what is allowed."""
    house = House(tmp_path, flags=("--requests-per-second", "1", "--workers", "2")).start()
    try:
        said = [house.post("/v1/page", CALL | {"writeKey": "demo-android", "userId": f"u{i}"}) for i in range(40)]
        taken = [reply.status_code for reply in said].count(200)
        assert {200, 429} == {reply.status_code for reply in said}
        assert {"60"} == {reply.headers["retry-after"] for reply in said if reply.status_code == 429}
        assert 5 <= taken < 40
        assert 200 == house.post("/v1/page", CALL | {"writeKey": "demo-web", "userId": "u0"}).status_code

        deadline = time.monotonic() + SECONDS_MAX
        while house.post("/v1/page", CALL | {"writeKey": "demo-android", "userId": "late"}).status_code == 429:
            assert time.monotonic() < deadline
            time.sleep(0.5)
    finally:
        house.stop()
