"""Clients of the Segment protocol, unmodified, against a running house."""

from typing import Any

import pytest
from losing import losing
from running import House
from unmodified import run

PYTHON = """
analytics.identify("WHO", {"email": "WHO@example.org", "favourite_colour": "green"})
analytics.page("WHO", properties={"url": "https://shop.examplePATH?coupon=x"})
analytics.shutdown()
"""
NODE = """
const said = (error) => { if (error) { console.log(error); process.exitCode = 1 } }
analytics.identify({ userId: "WHO", traits: { email: "WHO@example.org", favourite_colour: "green" } })
analytics.page({ userId: "WHO", properties: { url: "https://shop.examplePATH?coupon=x" } })
"""
CLIENTS = {
    "segment-analytics-python": PYTHON,
    "rudder-sdk-python": PYTHON,
    "@segment/analytics-node": NODE + 'analytics.on("error", said)\nawait analytics.closeAndFlush()\n',
    "@rudderstack/rudder-sdk-node": NODE
    + "await new Promise((done) => analytics.flush((error) => done(said(error))))\nprocess.exit()\n",
}
"""By package, how somebody is known and looks at a page."""


def does(package: str, who: str, path: str) -> str:
    """The same of one person and page."""
    return CLIENTS[package].replace("WHO", who).replace("PATH", path)


def visits(house: House, path: str) -> list[dict[str, Any]]:
    """How often a page was visited."""
    return house.facts(f"SELECT sum(n) AS n FROM page_visit WHERE page = '{path}' AND app = 'shop-android'")


def dropped(house: House) -> dict[str, int]:
    """How many uses ended in a drop, by reason."""
    found: dict[str, int] = {}
    for row in house.tally():
        if row["fate"] == "dropped":
            found[row["reason"]] = found.get(row["reason"], 0) + row["n"]
    return found


def told(house: House, who: str, path: str) -> None:
    """What identify and page tell is kept and counted as the policy says, and nothing else; nothing is malformed."""
    held = house.person(who, "run-account")
    assert {"account.id", "account.accessed", "email"} == set(held)
    assert [f"{who}@example.org"] == held["email"]
    # It speaks for people from a server: what its connection tells is none of theirs.
    assert {"account.active"} == set(house.person(who, "prevent-fraud"))
    assert [{"n": 1}] == visits(house, path)
    assert 0 == dropped(house).get("malformed", 0)


def test_segments_own_package_for_python(house: House) -> None:
    """It hears that all was taken, and what it tells is kept and counted as the policy says."""
    then = does("segment-analytics-python", "python-ada", "/product/7")
    assert "" == run(house, "segment-analytics-python", then=then)

    told(house, "python-ada", "/product/*")


def test_segments_own_package_for_node(house: House) -> None:
    """The same of another language."""
    then = does("@segment/analytics-node", "node-ada", "/order/7")
    assert "" == run(house, "@segment/analytics-node", then=then)

    told(house, "node-ada", "/order/*")


def test_rudderstacks_package_for_python(house: House) -> None:
    """Of another vendor, which puts traits into the context."""
    then = does("rudder-sdk-python", "rudder-python-ada", "/cart")
    assert "" == run(house, "rudder-sdk-python", then=then)

    told(house, "rudder-python-ada", "/cart")


def test_rudderstacks_package_for_node(house: House) -> None:
    """Of another vendor, which calls its gzip a form."""
    then = does("@rudderstack/rudder-sdk-node", "rudder-node-ada", "/search")
    assert "" == run(house, "@rudderstack/rudder-sdk-node", then=then)

    told(house, "rudder-node-ada", "/search")


@pytest.mark.parametrize("status", [503, 429])
@pytest.mark.parametrize("package", CLIENTS)
def test_what_is_sent_again_counts_once(house: House, package: str, status: int) -> None:
    """A client whose answer was lost sends again under the same ids, hears yes, and everything is there once."""
    who = f"again-{status}-{list(CLIENTS).index(package)}"
    before = visits(house, "/checkout")[0]["n"] or 0
    repeats = dropped(house).get("repeat", 0)
    with losing(house, status, retry_after="1") as (way, answered):
        run(way, package, then=does(package, who, "/checkout"))

    assert status == answered[0]
    assert {200} == set(answered[1:])
    assert before + 1 == visits(house, "/checkout")[0]["n"]
    assert [f"{who}@example.org"] == house.person(who, "run-account")["email"]
    assert repeats < dropped(house)["repeat"]
