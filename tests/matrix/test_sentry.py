"""Clients of Sentry's protocol, unmodified, against a house whose policy needs errors, requests and logs."""

from running import House
from unmodified import run

PYTHON = """
import logging, urllib.error, urllib.request
sentry_sdk.set_user({"id": "python-ada", "email": "python-ada@example.org"})
with sentry_sdk.start_transaction(op="task", name="restock"):
    for path in ("/product/7?coupon=x", "/product/8"):
        try:
            urllib.request.urlopen("ADDRESS" + path)
        except urllib.error.HTTPError:
            pass
logging.getLogger("shop.pay").warning("card 4111111111111111 of python-ada@example.org was refused")
def pay():
    secret = "python-ada@example.org"
    raise KeyError(secret)
try:
    pay()
except KeyError as error:
    sentry_sdk.capture_exception(error)
sentry_sdk.flush()
"""
NODE = """
import http from "node:http";
Sentry.setUser({id: "node-ada", email: "node-ada@example.org"});
const get = (path) => new Promise((done) => http.get("ADDRESS" + path, (answer) => answer.resume().on("end", done)));
await Sentry.startSpan({op: "task", name: "restock"}, () => get("/order/9?coupon=x"));
Sentry.logger.warn("mail to node-ada@example.org bounced");
Sentry.captureFeedback({message: "It hurts", name: "Ada", email: "node-ada@example.org"});
function ship() { throw new TypeError("at node-ada@example.org"); }
try { ship(); } catch (error) { Sentry.captureException(error); }
await Sentry.flush(5000);
"""
NETWORK = "SELECT page, sum(n) AS n FROM network GROUP BY page ORDER BY page"
CRASH = "SELECT type, function, line > 0 AS placed, sum(n) AS n FROM crash WHERE type = '{}' GROUP BY ALL"


def test_sentrys_own_package_for_python(house: House) -> None:
    """Requests and an error end where the policy says."""
    run(house, "sentry-sdk", then=PYTHON.replace("ADDRESS", house.sdk))

    held = house.person("python-ada", "mend-crashes")
    # This client puts nobody's name to a line of a log, so that lines are nobody's to keep.
    assert {"crash.message": ["'[email]'"]} == held
    assert [{"page": "/product/*", "n": 2}] == house.facts(NETWORK)
    assert [{"type": "KeyError", "function": "pay", "n": 1}] == house.facts(
        "SELECT type, function, n FROM crash WHERE type = 'KeyError'"
    )


def test_sentrys_own_package_for_node(house: House) -> None:
    """The same of the other client, which sends spans by themselves, and feedback, and ends each session."""
    run(house, "@sentry/node", then=NODE.replace("ADDRESS", house.sdk))

    held = house.person("node-ada", "mend-crashes")
    assert ["mail to [email] bounced"] == held["log.line"]
    assert ["at [email]"] == held["crash.message"]
    assert ["It hurts"] == house.person("node-ada", "answer-you")["message.text"]
    assert {"page": "/order/*", "n": 1} in house.facts(NETWORK)
    assert [{"type": "TypeError", "function": "ship", "n": 1}] == house.facts(
        "SELECT type, function, n FROM crash WHERE type = 'TypeError'"
    )
