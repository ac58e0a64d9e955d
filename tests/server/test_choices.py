"""A choice reaches every worker before the command that recorded it returns, and whatever waits in the journal."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from running import House, stopped

GAID = "123e4567-e89b-42d3-a456-42661417400{}"


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(Path(tmp_path_factory.mktemp("crowded")), workers=2)
    yield house.start()
    house.stop()


def page(who: str, url: str) -> dict[str, Any]:
    return {"type": "page", "userId": who, "properties": {"url": url}}


@pytest.mark.parametrize("who", ["ada", "grace", "mary"])
def test_a_grant_is_known_to_every_worker(crowded: House, who: str) -> None:
    """Each of two workers, alone with a record that came just after, lets through what it took a yes for.

    What a worker bars stays barred, so a worker that had not heard of the grant would show.
    """
    crowded.command("choose", "measure-ads", "grant", typed=who)
    for number, other in enumerate(crowded.intakes()):
        device = {"advertisingId": GAID.format(number), "adTrackingEnabled": True}
        with stopped(other):
            sent = crowded.segment([{"type": "identify", "userId": who, "context": {"device": device}}])
        assert 200 == sent.status_code

    found = crowded.person(who, "measure-ads")  # of one second, which has no order
    assert {"device.gaid": [GAID.format(0), GAID.format(1)]} == {item: sorted(told) for item, told in found.items()}
    assert 2 == len({segment.parent for segment in crowded.data.glob("journal/*/*.segment")})


def test_a_refusal_holds_for_what_is_still_in_the_journal(crowded: House) -> None:
    """A divider that was frozen, and cut off as deaf, judges by what was said meanwhile."""
    with stopped(crowded.children()["divider"]):
        assert 200 == crowded.segment([page("emmy", "/search"), page("else", "/account")]).status_code
        crowded.command("choose", "learn-usage", "refuse", typed="emmy")

    assert [{"page": "/account"}] == crowded.facts("SELECT page FROM page_visit")
    refused = [(row["item"], row["n"]) for row in crowded.tally() if row["reason"] == "refused"]
    assert {("account.id", 1), ("page.url", 1)} == set(refused)
