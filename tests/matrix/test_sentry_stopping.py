"""Clients of Sentry's protocol, unmodified, under a policy without requests and logs: they are seen to stop."""

import re
from collections import Counter

from running import NARROW, House, until
from unmodified import run

RUNS = NARROW
PYTHON = """
def error(name):
    try:
        raise KeyError(name)
    except KeyError as one:
        sentry_sdk.capture_exception(one)
    sentry_sdk.flush()

error("the reply to this says what to stop")
for i in range(5):
    with sentry_sdk.start_transaction(op="http.server", name="/cart"):
        pass
    sentry_sdk.logger.warning("a line")
sentry_sdk.flush()
error("this goes on")
error("and this")
"""
NODE = """
const error = (name) => { Sentry.captureException(new RangeError(name)); return Sentry.flush(5000); };
await error("the reply to this says what to stop");
for (let i = 0; i < 5; i++) {
  Sentry.startSpan({op: "http.server", name: "/cart", forceTransaction: true}, () => {});
  Sentry.logger.warn("a line");
}
await Sentry.flush(5000);
await error("this goes on");
await error("and this");
"""


def unsent(house: House) -> Counter[str]:
    """What clients told that they did not send, as the console shows it."""
    page = house.operator().get("/live").text
    section = re.search(r'aria-labelledby="unsent">(.*?)</section>', page, re.DOTALL)
    found = re.findall(r"<dt>([^<]*)</dt><dd>([\d,]+)</dd>", section[1] if section else "")
    return Counter({word: int(n.replace(",", "")) for word, n in found})


def skipped(house: House) -> Counter[str]:
    """What was taken and became no record."""
    page = house.operator().get("/live").text
    section = re.search(r'aria-labelledby="passed-over">(.*?)</section>', page, re.DOTALL)
    found = re.findall(r"<dt>([^<]*)</dt><dd>([\d,]+)</dd>", section[1] if section else "")
    return Counter({word: int(n.replace(",", "")) for word, n in found})


def test_the_package_for_python_stops_what_nothing_needs(house: House) -> None:
    """Transactions and lines stay where they are and are counted; every error comes, once."""
    run(house, "sentry-sdk", then=PYTHON)

    until(lambda: unsent(house)["ratelimit backoff: transaction"] >= 5)
    assert 5 == unsent(house)["ratelimit backoff: transaction"]
    assert unsent(house)["ratelimit backoff: log item"] >= 1
    assert [{"n": 3}] == house.facts("SELECT sum(n) AS n FROM crash WHERE type = 'KeyError'")


def test_the_package_for_node_stops_what_nothing_needs(house: House) -> None:
    """The same of the other client, which sends spans by themselves."""
    run(house, "@sentry/node", then=NODE)

    until(lambda: unsent(house)["ratelimit backoff: span"] >= 5)
    assert [{"n": 3}] == house.facts("SELECT sum(n) AS n FROM crash WHERE type = 'RangeError'")
