"""A policy that has nothing in common with the example: the console follows it, whatever its names."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from running import House, until

POLICY = """
version: 1
controller: {name: Example Readers, contact: privacy@example.org, country: NL}
timezone: UTC
k: 3
purposes:
  learn-reading: {says: to learn which of our pages are read, basis: legitimate-interest, dpv: ServiceUsageAnalytics}
services:
  reading: {says: read our pages}
apps:
  reader: {id: 1, key: demo-android, services: [reading], routes: [/, /cart]}
collect:
  - {items: [account.id, page.url], from: device, for: learn-reading, keep: never}
counts:
  readers_seen:
    of: [account.id]
    every: [day]
    by: {page: page.url | route, sender: app.name}
    for: learn-reading
    device_access: exempt
    exemption: the law of the land
automated: none
"""
READERS = {"/": 4, "/cart": 3, "/elsewhere": 2}
"""How many accounts read each page; the last is no page of the policy's."""


@pytest.fixture(scope="module")
def readers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """The operator of a house with this policy, which some people read."""
    folder = Path(tmp_path_factory.mktemp("readers"))
    policy = folder / "remit.yaml"
    policy.write_text(POLICY, encoding="utf-8")
    house = House(folder, policy=policy).start()
    with httpx.Client(base_url=house.console, timeout=30) as operator:
        operator.get(house.console_link())
        assert 200 == house.segment(visits()).status_code
        yield operator
    house.stop()


def visits() -> list[dict[str, object]]:
    return [
        {"type": "page", "userId": f"u{n}", "properties": {"url": page}}
        for page, n in READERS.items()
        for n in range(n)
    ]


def test_the_card_is_that_of_the_policys_own_count(readers: httpx.Client) -> None:
    """Its name is the title, its groups are summed by app, and those below k are left out."""
    until(lambda: "<dt>reader</dt>" in readers.get("/").text)
    card = readers.get("/").text.partition('aria-labelledby="daily"')[2]

    assert '<h2 id="daily">Readers seen <' in card
    assert "<dt>reader</dt><dd>7</dd>" in card
    assert "Groups of fewer than 3 are left out." in card


def test_the_chart_is_about_any_policy(readers: httpx.Client) -> None:
    """Uses that ended over time are those of the overview, whatever was used."""
    until(lambda: sum(readers.get("/live.json").json()["counted"]) > 0)
    told = {name: int(n) for name, n in re.findall(r'data-figure="(\w+)">(\d+)<', readers.get("/").text)}

    fates = ("kept", "reduced", "counted", "dropped")
    assert {name: told[name] for name in fates} == {name: sum(readers.get("/live.json").json()[name]) for name in fates}
