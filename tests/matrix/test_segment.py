"""Clients of the Segment protocol, unmodified, against a running house."""

from running import House
from unmodified import run

TRAITS = "{'email': 'ada@example.org', 'favourite_colour': 'green'}"


def test_segments_own_package_for_python(house: House) -> None:
    """What identify and page tell is kept and counted as the policy says, and nothing else."""
    run(
        house,
        "segment-analytics-python",
        then=f"""
analytics.identify("python-ada", {TRAITS})
analytics.page("python-ada", properties={{"url": "https://shop.example/product/7?coupon=x"}})
analytics.shutdown()
""",
    )

    held = house.person("python-ada", "run-account")
    assert {"account.id", "account.accessed", "email"} == set(held)
    assert ["ada@example.org"] == held["email"]
    assert [{"page": "/product/*", "n": 1}] == house.facts("SELECT page, n FROM page_visit")
