"""Unmodified client packages in a real browser: what they send of a visitor is read as it was said."""

import json
from collections.abc import Callable
from urllib.parse import parse_qsl, urlsplit

import pytest
from loopback import PEER, listening
from playwright.sync_api import Route
from running import until
from visitor import HOST, PERSON, plausible, posthog, sentry, site, visitor
from wide import planned, spoken

from remit.gateway.inflate import inflated
from remit.policy.catalogue import CATALOGUE
from remit.policy.columns import Batch
from remit.policy.plan import Plan
from remit.policy.words import Item, Kind, Value
from remit.wire.captured import parts, unpacked
from remit.wire.posthog import PostHog
from remit.wire.request import Request
from remit.wire.sessions import NAMES

PLAN = planned()
OPENED = 1_800_000_000
pytestmark = pytest.mark.browser


def read(seen: list[Request]) -> list[Batch]:
    """All batches of all requests."""
    return [batch for sent in seen for batch in spoken(sent.path).decoder(PLAN)(sent, 0).batches]


def first(batch: Batch) -> dict[Item, Value | None]:
    """What the first record of a batch bears."""
    return {item: column[0] for item, column in batch.columns.items()}


def test_plausibles_tracker_tells_of_a_visit_and_its_end_and_of_nobody() -> None:
    """A page view and, four seconds later, leaving the page: two records, a duration, no identifier and no cookie."""
    with listening(plausible("/api/event")) as (host, seen), visitor() as page:
        address = f"{site(host)}/product/7?coupon=ada@example.org"
        page.clock.set_fixed_time(OPENED)
        with page.expect_response("**/api/event"):
            page.goto(address)
        page.clock.set_fixed_time(OPENED + 4)
        page.goto("about:blank")
        until(lambda: len(seen) == 2)
        assert [] == page.context.cookies()
    visit, leave = read(seen)
    around = {Item("net.ip"): PEER, Item("net.user_agent"): seen[0].headers["user-agent"]}

    assert ["text/plain", "text/plain"] == [sent.headers["content-type"] for sent in seen]
    assert {"shop.example"} == {(key := spoken(sent.path).key(sent)) and key.domain for sent in seen}
    assert [Kind.PAGE_VISIT, Kind.PAGE_LEAVE] == [visit.kind, leave.kind]
    assert {Item("page.url"): address, **around} == first(visit)
    assert {Item("page.url"): address, Item("page.duration"): 4.0, **around} == first(leave)
    assert 4000 == json.loads(seen[1].body)["e"]
    assert [] == [item for batch in (visit, leave) for item in batch.columns if CATALOGUE[item].rank is not None]


@pytest.mark.parametrize(
    ("user", "names"),
    [
        ({"id": "u1"}, {"account.id": "u1"}),
        ({"email": "ada@example.org"}, {"email": "ada@example.org"}),
    ],
)
def test_sentrys_browser_package_tells_of_a_session_that_went_wrong(user: dict[str, str], names: object) -> None:
    """An error that nobody caught: one errored session and one crash, both of the user, and of no device."""
    with listening(sentry(user)) as (host, seen), visitor() as page:
        page.goto(site(host))
        page.wait_for_function("document.title === 'ready'")
        page.evaluate("setTimeout(() => dispatchEvent(new Event('pay')))")
        until(lambda: len(read(seen)) == 2)
        batches = {batch.kind: first(batch) for batch in read(seen)}

    assert "errored" == batches[Kind.SESSION][Item("session.status")]
    assert "TypeError" == batches[Kind.CRASH][Item("crash.type")]
    assert [names, names] == [
        {item: told[item] for item in (NAMES & set(told)) - {Item("net.ip")}} for told in batches.values()
    ]


def answering(plan: Plan, seen: list[Request]) -> Callable[[Route], None]:
    """Answers PostHog's client as the protocol does, and keeps what was captured."""
    protocol = PostHog()

    def answer(route: Route) -> None:
        asked, url = route.request, urlsplit(route.request.url)
        body = inflated(asked.post_data_buffer or b"", "")
        sent = Request(
            method=asked.method, path=url.path, query=dict(parse_qsl(url.query)), headers={}, peer=PEER, body=body
        )
        reply = protocol.answer(sent, plan)
        if reply is None:
            seen.append(sent)
            reply = protocol.stopping(plan)(protocol.decoder(plan)(sent, 0).reply)
        route.fulfill(status=reply.status, body=reply.body, headers=dict(reply.headers))

    return answer


def names_of(sent: Request) -> list[str]:
    """The events of one request."""
    return [json.loads(bytes(event))["event"] for event in parts(unpacked(sent.body)).events]


def test_posthogs_client_watches_clicks_where_they_are_needed() -> None:
    """A policy that wants the names of features used gets a click, and what the page itself captures."""
    seen: list[Request] = []
    with listening(posthog(f"http://{HOST}:9", PLAN.app.key)) as (shop, _), visitor(PERSON) as page:
        page.route(f"http://{HOST}:9/**", answering(planned([Item("event.name")]), seen))
        page.goto(site(shop))
        page.wait_for_function(LIMITED)
        with page.expect_response("**/e/**"):
            page.click("button")
        with page.expect_response("**/e/**"):
            page.evaluate("posthog.capture('bought', {total: 3})")

    assert ["$autocapture", "$pageview", "bought"] == sorted(name for sent in seen for name in names_of(sent))


def test_posthogs_client_sends_no_more_of_what_nothing_needs() -> None:
    """After the first reply of a policy that needs none of it: neither a click nor what the page itself captures."""
    seen: list[Request] = []
    with listening(posthog(f"http://{HOST}:9", PLAN.app.key)) as (shop, _), visitor(PERSON) as page:
        page.route(f"http://{HOST}:9/**", answering(planned([Item("log.line")]), seen))
        page.goto(site(shop))
        page.wait_for_function(LIMITED)
        assert page.evaluate("posthog.rateLimiter.isServerRateLimited()")
        page.click("button")
        page.evaluate("posthog.capture('bought', {total: 3})")
        with page.expect_response(f"{site(shop)}/"):
            page.evaluate("fetch('/')")
        page.goto("about:blank")

    assert ["$pageview"] == [name for sent in seen for name in names_of(sent)]


LIMITED = "document.title === 'ready' && posthog.rateLimiter.serverLimits.recordings > 0"
"""The client has read a reply to what it captured."""
