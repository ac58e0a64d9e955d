"""PostHog's clients, unmodified, against a running house."""

import json
from collections import Counter
from typing import Any

import pytest
from loopback import listening
from playwright.sync_api import Page, Response
from running import House, until
from unmodified import in_page, run
from visitor import PERSON, page, site, visitor

from remit.gateway.inflate import inflated
from remit.wire.captured import parts, unpacked

PYTHON = """
posthog.capture("$pageview", distinct_id="python-ada", properties={"$current_url": "https://shop.example/order/7?mail=ada@example.org"})
posthog.capture("bought", distinct_id="python-ada", properties={"total": 3, "colour": "green"})
posthog.set(distinct_id="python-ada", properties={"email": "python-ada@example.org", "favourite_colour": "green"})
def pay():
    raise KeyError("total of ada@example.org")
try:
    pay()
except KeyError as error:
    posthog.capture_exception(error, distinct_id="python-ada")
print(posthog.get_all_flags("python-ada"), posthog.feature_enabled("new", "python-ada"))
posthog.shutdown()
"""
NODE = """
const properties = { $current_url: "https://shop.example/checkout?mail=ada@example.org" }
posthog.capture({ distinctId: "node-ada", event: "$pageview", properties })
posthog.identify({ distinctId: "node-ada", properties: { email: "node-ada@example.org", favourite_colour: "green" } })
function deliver() { throw new RangeError("weight of ada@example.org") }
try { deliver() } catch (error) { posthog.captureException(error, "node-ada") }
console.log(JSON.stringify(await posthog.getAllFlags("node-ada")), await posthog.getFeatureFlag("new", "node-ada"))
await posthog.shutdown()
"""


def pages(house: House) -> dict[str, int]:
    """How often each page was visited."""
    rows = house.facts("SELECT page, sum(n) AS n FROM page_visit GROUP BY page")
    return {row["page"]: row["n"] for row in rows}


def crashes(house: House) -> set[tuple[str, str, str, int]]:
    """What failed, where, whether the program went on, and how often."""
    rows = house.facts("SELECT type, function, handled, sum(n) AS n FROM crash GROUP BY type, function, handled")
    return {(row["type"], row["function"], row["handled"], row["n"]) for row in rows}


def test_posthogs_package_for_python(house: House) -> None:
    """A page, a person and an error are counted once each and kept as the policy says; nobody has a flag."""
    said = run(house, "posthog", then=PYTHON)

    assert "{} None" == said.strip()
    assert 1 == pages(house)["/order/*"]
    assert ("KeyError", "pay", "yes", 1) in crashes(house)
    held = house.person("python-ada", "run-account")
    assert {"account.accessed", "account.id", "email"} == set(held)
    assert ["python-ada@example.org"] == held["email"]
    # A server speaks for people: what its connection tells is none of theirs.
    assert {"account.active"} == set(house.person("python-ada", "prevent-fraud"))


def test_posthogs_package_for_node(house: House) -> None:
    """The same of another language, which packs what it sends."""
    said = run(house, "posthog-node", then=NODE)

    assert "{} undefined" == said.partition("\n")[0]
    assert 1 == pages(house)["/checkout"]
    assert ("RangeError", "deliver", "yes", 1) in crashes(house)
    assert ["node-ada@example.org"] == house.person("node-ada", "run-account")["email"]


@pytest.mark.browser
def test_posthogs_package_for_browsers(house: House) -> None:
    """It asks first and runs no feature that nothing needs: clicks say nothing, pages how long they were seen."""
    answers: list[Response] = []
    scripts = in_page(house, "posthog-js") + "<script type=module>" + READY
    with listening(page(scripts)) as (shop, _), visitor(PERSON) as tab:
        tab.on("response", lambda one: answers.append(one) if one.url.startswith(house.sdk) else None)
        _visit(tab, site(shop))
        until(lambda: ["/cart", "/help/*"] == [row["page"] for row in seen(house)])
        tab.goto("about:blank")
        until(lambda: [1, 1] == [len(row["seconds"]) for row in seen(house)])
        assert [] == [one.url for one in answers if one.status != 200]

    asked = Counter(one.url.removeprefix(house.sdk).partition("?")[0] for one in answers)
    assert 1 == asked["/array/demo-web/config"]
    assert set(asked) <= {"/array/demo-web/config", "/flags/", "/i/v0/e/", "/e/"}
    assert {"$pageview": 2, "$identify": 1, "bought": 1} == captured(answers)
    assert [("/cart", 1), ("/help/*", 1)] == [(row["page"], row["n"]) for row in seen(house)]
    assert ["js-ada@example.org"] == house.person("js-ada", "run-account")["email"]


READY = (
    "import posthog from 'posthog-js/dist/module.full.no-external';"
    "window.posthog = posthog; document.title = 'ready';</script>"
)


def _visit(tab: Page, shop: str) -> None:
    """Somebody looks for help, clicks, signs in, buys, goes on to the cart, and leaves."""
    with tab.expect_response("**/array/demo-web/config"):
        tab.goto(f"{shop}/help/delivery?mail=ada@example.org")
    tab.wait_for_function("document.title === 'ready'")
    tab.click("button")
    tab.evaluate("posthog.identify('js-ada', {email: 'js-ada@example.org', favourite_colour: 'green'})")
    tab.evaluate("posthog.capture('bought', {total: 3})")
    tab.evaluate("history.pushState({}, '', '/cart')")


def seen(house: House) -> list[dict[str, Any]]:
    """The pages of the shop that a browser showed, with how long."""
    return house.facts("SELECT page, n, seconds FROM page_visit WHERE app = 'shop-web' ORDER BY page")


def captured(answers: list[Response]) -> Counter[str]:
    """How often each event was sent."""
    sent = [one.request.post_data_buffer or b"" for one in answers if "/e/" in one.url]
    bodies = [unpacked(inflated(body, "")) for body in sent]
    return Counter(json.loads(bytes(event))["event"] for body in bodies for event in parts(body).events)
