"""A machine that is not on UTC: a day is still the policy's day."""

import httpx
from running import House


def test_todays_figures_are_those_of_the_policys_day(house: House) -> None:
    """Where local midnight is never UTC's, the console shows the same day that the counts are kept by."""
    house.stop()
    house.environment = {"TZ": "Pacific/Kiritimati"}
    house.start()
    page = {"type": "page", "userId": "u", "messageId": "m", "properties": {"url": "/cart"}}
    assert 200 == house.segment([page]).status_code
    assert ["<5"] == [
        row["identifiers"] for row in house.facts("SELECT identifiers FROM active_users WHERE period = 'day'")
    ]

    overview = httpx.get(house.console_link(), follow_redirects=True).text
    assert "<dt>in all</dt><dd>&lt;5</dd>" in overview
