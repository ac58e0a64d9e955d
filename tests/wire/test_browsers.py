"""Unmodified client packages in a real browser: what they send of a visitor is read as it was said."""

import json

import pytest
from loopback import PEER, listening
from running import until
from visitor import plausible, sentry, site, visitor
from wide import planned, spoken

from remit.policy.catalogue import CATALOGUE
from remit.policy.columns import Batch
from remit.policy.words import Item, Kind, Value
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
