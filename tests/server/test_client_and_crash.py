"""The client of Python before a house that is killed: both ends keep what they said."""

from pathlib import Path

from running import House

from remit.client import Client, ClientLimits

HASTY = ClientLimits(bundle_records=7, bundle_seconds=0.05, wait_seconds_min=0.05, wait_seconds_max=0.5)
RECORDS, KILLS = 600, (150, 350)


def test_a_house_that_is_killed_loses_and_doubles_nothing_that_a_client_recorded(house: House, tmp_path: Path) -> None:
    """Killed with signal 9 as bundles come in, and started again: every record counts once."""
    with Client(house.sdk, "demo-android", tmp_path / "buffer", limits=HASTY) as client:
        for number in range(RECORDS):
            client.record("page_visit", {"account.id": f"visitor-{number}", "page.url": "/cart"})
            if number in KILLS:
                assert client.flush(60)
            elif number - 50 in KILLS:
                house.kill_all()
            elif number - 100 in KILLS:
                house.start()

        assert client.flush(60)
        assert (RECORDS, 0, {}) == (client.stats().taken, client.stats().waiting, client.stats().dropped)
    assert [{"n": RECORDS}] == house.facts("SELECT sum(n) AS n FROM page_visit")
