"""remit's own client, and curl, against a running house."""

import json
import re

from running import ROOT, House
from unmodified import ran, run

PAGE = (ROOT / "docs/client.md").read_text(encoding="utf-8")


def test_remits_own_client(house: House) -> None:
    """What it records is kept and counted once, also by a client that comes back; what nothing needs stays with it."""
    said = run(
        house,
        "remit.client",
        then="""
import json
items = {"account.id": "client-ada", "email": "ada@example.org", "page.url": "/product/7?coupon=x"}
client.record("page_visit", items | {"shoe.size": 42}, id="client-1", n=2)
assert client.flush(30)
client.record("page_visit", items | {"shoe.size": 42}, id="client-1", n=2)
print(next(client._buffer._own().glob("*.ndjson")).read_text())
assert client.close(30)
print(json.dumps([client.stats().taken, client.stats().waiting]))
""",
    )

    again, _, numbers = said.strip().splitlines()
    assert [2, 0] == json.loads(numbers)
    assert {"account.id", "email", "page.url"} == set(json.loads(again)["items"])
    held = house.person("client-ada", "run-account")
    assert ["ada@example.org"] == held["email"]
    assert [{"page": "/product/*", "n": 2}] == house.facts("SELECT page, n FROM page_visit")
    assert "shoe.size" not in house.command("tally")


def test_curl(house: House) -> None:
    """A record in one line of shell is taken."""
    assert {"taken": 1, "unread": 0} == json.loads(run(house, "curl", then=""))

    assert ["curl-ada"] == house.person("curl-ada", "run-account")["account.id"]
    assert [{"page": "/cart", "n": 1}] == house.facts("SELECT page, n FROM page_visit WHERE page = '/cart'")


def test_the_example_of_the_clients_page(house: House) -> None:
    """The lines that the page begins with run as they stand, and arrive when the program ends."""
    (lines,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)

    ran(house, "python", lines)

    assert [{"page": "/cart", "n": 2}] == house.facts("SELECT page, n FROM page_visit WHERE page = '/cart'")
    assert [{"n": 40}] == house.facts("SELECT sum(n) AS n FROM network")
