"""What a running house tells clients of what it did not take: what the policy and their own signals say, no more."""

from pathlib import Path

import httpx
import pytest
from running import House

RUNS = Path(__file__).with_name("signals.yaml")
TAGS = {"campaign": {"name": "spring", "source": "news"}}


def page(house: House, who: str, context: dict[str, object] | None = None, **headers: str) -> httpx.Response:
    """One record of somebody who came by a campaign."""
    body = {"type": "page", "userId": who, "writeKey": "demo-android", "context": TAGS | (context or {})}
    return house.post("/v1/page", body, **headers)


def campaigns(house: House, who: str) -> list[object]:
    """What is kept of it for the purpose that signals refuse."""
    return house.person(who, "measure").get("campaign.name", [])


def test_without_a_signal_nothing_is_dropped(house: House) -> None:
    """The reply says that no use ended, and everything is kept."""
    assert "none" == page(house, "silent").headers["remit-dropped"]
    assert ["spring"] == campaigns(house, "silent")


@pytest.mark.parametrize(
    ("who", "context", "headers"),
    [
        ("controlled", {}, {"sec_gpc": "1"}),
        ("categorical", {"consent": {"categoryPreferences": {"Advertising": False}}}, {}),
    ],
)
def test_a_signal_refuses_for_its_own_request(
    house: House, who: str, context: dict[str, object], headers: dict[str, str]
) -> None:
    """What a signal refuses is dropped as refused, the reply says how much, and the next request is as any other."""
    assert "refused=2" == page(house, who, context, **headers).headers["remit-dropped"]
    assert [] == campaigns(house, who)
    page(house, who)
    assert ["spring"] == campaigns(house, who)


def test_a_choice_outweighs_a_general_signal_and_no_other(house: House) -> None:
    """Who chose the purpose by name keeps it under Global Privacy Control; a consent object's no is heard."""
    house.command("choose", "measure", "grant", typed="chooser")
    page(house, "chooser", sec_gpc="1")
    assert ["spring"] == campaigns(house, "chooser")
    page(house, "chooser", {"consent": {"categoryPreferences": {"Advertising": False}}})
    assert ["spring"] == campaigns(house, "chooser")


@pytest.mark.parametrize("headers", [{}, {"sec_gpc": "1"}])
def test_replies_tell_nobody_what_somebody_chose(house: House, headers: dict[str, str]) -> None:
    """Requests that differ in a guessable identifier alone get the same bytes, whatever its owner chose."""
    choices = (("granted", "ask", "grant"), ("granter", "measure", "grant"), ("refused", "measure", "refuse"))
    for who, purpose, choice in choices:
        house.command("choose", purpose, choice, typed=who)
    replies = set()
    for who in ("granted", "granter", "refused", "stranger"):
        reply = page(house, who, {"traits": {"email": f"{who}@example.org"}}, **headers)
        told = sorted((name, value) for name, value in reply.headers.items() if name != "date")
        replies.add((reply.status_code, reply.content, tuple(told)))

    assert 1 == len(replies)
