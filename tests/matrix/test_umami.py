"""Umami's package for Node, unmodified, against a running house."""

import json

from running import House
from unmodified import run

STORY = """
const said = []
for (const one of [
  () => umami.track({ url: "/product/7?coupon=ada@example.org", language: "nl-NL", title: "secret" }),
  () => umami.track({ url: "/cart" }),
  () => umami.track("bought", { total: 3 }),
  () => umami.identify({ email: "umami-ada@example.org", favourite_colour: "green" }),
]) {
  const reply = await one()
  said.push(reply.status, await reply.text())
}
console.log(JSON.stringify(said))
"""


def test_umamis_package_for_node(house: House) -> None:
    """Pages are counted, what somebody says of themselves is kept, the rest is gone; each event is sent once."""
    said = run(house, "@umami/node", then=STORY)

    assert [200, "{}"] * 4 == json.loads(said)
    assert [{"page": "/cart", "n": 1}, {"page": "/product/*", "n": 1}] == house.facts(
        "SELECT page, n FROM page_visit WHERE app = 'shop-web' ORDER BY page"
    )
    held = house.person("umami-ada@example.org", "run-account")
    assert {"email": ["umami-ada@example.org"]} == held
    ends = {(row["item"], row["fate"], row["reason"]) for row in house.tally() if row["app"] == "shop-web"}
    kept = {("email", "kept", ""), ("net.ip", "kept", ""), ("net.user_agent", "kept", "")}
    of_nobody = {("net.ip", "dropped", "no_subject"), ("net.user_agent", "dropped", "no_subject")}
    assert kept | of_nobody | {("page.url", "reduced", "")} == ends
