"""What the tour of the README shows, closely, with the SDKs that a newcomer has, unmodified."""

import json
import re
import time
from collections import Counter
from collections.abc import Callable
from html import unescape
from pathlib import Path

import httpx
import pytest
import segment.analytics
import sentry_sdk
from loopback import listening
from playwright.sync_api import Response
from running import POLICY, House, figures, remit, until
from visitor import plausible, site, visitor

PERSON, HOUR_SECONDS = "tour-user", 3600
TRAITS = {"email": "tour@example.org", "name": "Tour", "favourite_colour": "green"}


def client(house: House) -> segment.analytics.Client:
    return segment.analytics.Client("demo-android", host=house.sdk, sync_mode=True)


def test_an_event_of_your_own_sdk_is_split(house: House) -> None:
    """One identify and one page: values in the vault, a cell in the facts, nothing else."""
    sdk = client(house)
    sdk.identify(PERSON, TRAITS)
    sdk.page(PERSON, properties={"url": "https://shop.example/product/7?coupon=tour@example.org"})

    assert [{"page": "/product/*", "n": 1}] == house.facts("SELECT page, n FROM page_visit")
    held = house.person(PERSON, "run-account")
    (accessed,) = held.pop("account.accessed")
    assert abs(int(accessed) / 1000 - time.time()) < HOUR_SECONDS, "when the identify was sent, by this machine's clock"
    assert {"account.id": [PERSON, PERSON], "email": ["tour@example.org"], "name": ["Tour"]} == held


def test_the_printed_link_opens_the_console(house: House) -> None:
    """The link works once; the overview behind it shows the records that were sent, and how their values ended."""
    with httpx.Client(base_url=house.console) as console:
        assert 401 == console.get("/").status_code
        assert 303 == console.get(house.console_link()).status_code
        until(lambda: figures(console.get("/").text)["records"] >= 2)
        numbers = figures(console.get("/").text)

    ends = Counter[str]()
    for row in house.tally():
        ends[row["fate"]] += row["n"]
    assert {"records": 2} | {fate: ends[fate] for fate in ("kept", "reduced", "counted", "dropped")} == numbers
    assert 401 == httpx.get(house.console_link()).status_code


def test_the_consoles_port_answers_global_privacy_control(house: House) -> None:
    """Whoever asks by the well-known path is told as JSON what `remit publish gpc` says of the policy that runs."""
    reply = httpx.get(f"{house.console}/.well-known/gpc.json")

    assert (200, "application/json") == (reply.status_code, reply.headers["content-type"])
    assert json.loads(remit("publish", "gpc", str(POLICY)).partition("}")[0] + "}") == reply.json()


def test_the_notice_on_the_console_is_that_of_the_policy(house: House) -> None:
    """Anybody may read it, and it says what `remit notice` says of the policy that runs."""
    page, markdown = remit("notice", "--html", str(POLICY)), remit("notice", str(POLICY))
    notice = page[page.index("<article") : page.index("</article>")]
    text = re.sub(r"<nav .*?</nav>|<a href=\"#.*?</a>|<[^>]*>", " ", notice, flags=re.DOTALL)

    assert notice in httpx.get(f"{house.console}/notice").text
    assert words(markdown) == words(text)


def words(text: str) -> list[str]:
    """What is said, without how it is set."""
    return re.findall(r"\w+", unescape(text))


def test_a_body_can_be_tried_before_it_is_sent(house: House, tmp_path: Path) -> None:
    """`remit try` tells each value's fate with the policy's line, from a file or standard input, and sends nothing."""
    before, body = house.tally(), tmp_path / "body.json"
    body.write_text(json.dumps({"batch": [{"type": "identify", "userId": PERSON, "traits": TRAITS}]}))
    command = ("try", "--app", "shop-android", "--policy", str(POLICY))
    told = json.loads(remit(*command, "--json", str(body)))

    fates = {(line["path"].rpartition(".")[2], line["fate"]) for line in told}
    assert {("email", "kept"), ("name", "kept"), ("favourite_colour", "dropped")} <= fates
    assert all(line["policy line"] for line in told if line["fate"] == "kept")
    table = remit(*command, typed=body.read_text())
    assert [] == [word for word in ("kept", "dropped", "favourite_colour", "undeclared") if word not in table]
    assert before == house.tally()


def test_small_counts_are_shown_as_less_than_k(house: House) -> None:
    """One person is fewer than five."""
    assert ["<5"] == [
        row["identifiers"] for row in house.facts("SELECT identifiers FROM active_users WHERE period = 'day'")
    ]


def test_a_crash_is_a_fact_without_its_message(house: House) -> None:
    """An exception of the unmodified Sentry SDK becomes type, module and function."""
    with sentry_sdk.new_scope() as scope:
        scope.set_client(sentry_sdk.Client(dsn=house.dsn, release="shop@1.2.3"))
        try:
            raise KeyError("tour@example.org")
        except KeyError as error:
            scope.capture_exception(error)
        scope.get_client().flush()

    (crash,) = house.facts("SELECT type, release, handled, n FROM crash")
    assert {"type": "KeyError", "release": "1.2", "handled": "yes", "n": 1} == crash


def test_sessions_of_the_sdk_are_counted_by_how_they_ended(house: House) -> None:
    """Release health of the unmodified Sentry SDK becomes session facts."""
    sdk = sentry_sdk.Client(dsn=house.dsn, release="shop@1.2.3", auto_session_tracking=True)
    with sentry_sdk.new_scope() as scope:
        scope.set_client(sdk)
        scope.start_session(session_mode="application")
        scope.end_session()
        sdk.flush()

    rows = house.facts("SELECT status, release, sum(n) AS n FROM session GROUP BY status, release")
    assert [{"status": "exited", "release": "1.2", "n": 1}] == rows


@pytest.mark.browser
def test_plausible_counts_visits_and_their_duration(house: House) -> None:
    """A visitor's browser with Plausible's own tracker: a page view and its engagement, without any identifier."""
    endpoint, opened = f"{site(house.sdk)}/api/event", 1_800_000_000
    with listening(plausible(endpoint)) as (shop, _), visitor() as page:
        page.clock.set_fixed_time(opened)
        with page.expect_response(endpoint) as viewed:
            page.goto(f"{site(shop)}/help/delivery?ask=tour@example.org")
        page.clock.set_fixed_time(opened + 3)
        with page.expect_response(about("engagement")) as left, page.expect_response(about("/search")) as next_viewed:
            page.evaluate("history.pushState({}, '', '/search')")
        assert [202] * 3 == [one.value.status for one in (viewed, left, next_viewed)]

    rows = house.facts("SELECT page, n FROM page_visit WHERE app = 'shop-web' ORDER BY page")
    assert [{"page": "/help/*", "n": 1}, {"page": "/search", "n": 1}] == rows
    (seconds,) = house.facts("SELECT seconds FROM page_visit WHERE page = '/help/*'")
    assert {"seconds": {"6": 1}} == seconds
    fates = {row["fate"] for row in house.tally() if row["app"] == "shop-web"}
    assert {"reduced", "dropped"} == fates


def about(word: str) -> Callable[[Response], bool]:
    """Whether a response is to a request that says this word."""
    return lambda response: word in (response.request.post_data or "")


def test_a_refusal_holds_from_the_next_record_on(house: House) -> None:
    """After `remit choose learn-usage refuse`, visits of that person are not counted any more."""
    house.command("choose", "learn-usage", "refuse", typed=PERSON)
    client(house).page(PERSON, properties={"url": "https://shop.example/cart"})

    assert [] == house.facts("SELECT page FROM page_visit WHERE page = '/cart'")
    refused = [row for row in house.tally() if row["reason"] == "refused"]
    assert {"account.id", "page.url"} == {row["item"] for row in refused}


def test_consent_is_needed_and_a_grant_is_enough(house: House) -> None:
    """Advertising ids stay out until somebody says yes."""
    gaid = {"device": {"advertisingId": "123e4567-e89b-42d3-a456-426614174000", "adTrackingEnabled": True}}
    sdk = client(house)
    sdk.identify("ads-user", {}, context=gaid)
    assert "needs consent" in house.command("person", "--purpose", "measure-ads", typed="ads-user", ok=False)

    house.command("choose", "measure-ads", "grant", typed="ads-user")
    sdk.identify("ads-user", {}, context=gaid)
    assert {"device.gaid": [gaid["device"]["advertisingId"]]} == house.person("ads-user", "measure-ads")


def test_forgetting_destroys_rows_and_leaves_counts(house: House) -> None:
    """After `remit forget` nothing is held about the person; the published visit stays."""
    house.command("forget", typed=PERSON)

    assert {} == house.person(PERSON, "run-account")
    assert [{"n": 1}] == house.facts("SELECT sum(n) AS n FROM page_visit WHERE page = '/product/*'")


def test_a_retry_with_the_same_message_ids_changes_nothing(house: House) -> None:
    """The same batch twice is one batch."""
    batch = [
        {"type": "page", "userId": "again", "messageId": f"m{i}", "properties": {"url": "/order/1"}} for i in range(3)
    ]
    assert [200, 200] == [house.segment(batch).status_code for _ in range(2)]

    assert [{"n": 3}] == house.facts("SELECT sum(n) AS n FROM page_visit WHERE page = '/order/*'")
    repeats = [row["n"] for row in house.tally() if row["reason"] == "repeat" and row["item"] == "page.url"]
    assert [3] == repeats


def test_a_question_outside_the_facts_is_refused_in_words(house: House) -> None:
    """The analyst learns what is allowed, and nothing of the engine."""
    said = house.command("facts", "SELECT * FROM file('/etc/passwd')", ok=False)

    assert "S010" in said
    assert "Traceback" not in said


def test_reading_works_while_nothing_runs(house: House) -> None:
    """Stopped cleanly, the house still answers, and nothing acknowledged is missing."""
    house.segment([{"type": "page", "userId": "late", "messageId": "late", "properties": {"url": "/account"}}])
    house.stop()

    assert [{"n": 1}] == house.facts("SELECT sum(n) AS n FROM page_visit WHERE page = '/account'")
    house.start()
