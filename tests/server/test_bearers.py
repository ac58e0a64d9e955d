"""What choice tokens do in a running house: a yes and a no for the request or record that bears them, and no more."""

import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from running import House, until
from test_told_clients import campaigns, page

from remit.client import Client
from remit.policy.choice_tokens import HEARD_DAYS, ChoiceToken, minted
from remit.policy.words import PurposeKey

RUNS = Path(__file__).with_name("signals.yaml")
ASK, MEASURE = PurposeKey("ask"), PurposeKey("measure")


def token(house: House, *said: str) -> str:
    """As the command makes it."""
    return str(json.loads(house.command("token", "--app", "web", *said, "--json"))["token"])


def proven(house: House, days: int = 0, **changes: Any) -> str:
    """A token of some days ago by the house's own key, of what the command does not make."""
    day = (datetime.now(UTC) - timedelta(days=days)).date()
    said: dict[str, Any] = {"version": 1, "day": day, "app": "web"}
    return minted(ChoiceToken(**said | changes), (house.keys / "tokens.key").read_bytes())


def emails(house: House) -> Counter[str]:
    """How the uses of addresses for the purpose on consent have ended."""
    ends: Counter[str] = Counter()
    for row in house.tally():
        if (row["item"], row["purpose"]) == ("email", "ask"):
            ends[row["reason"] or row["fate"]] += row["n"]
    return ends


def mailed(house: House, who: str, text: str | None, name: str = "") -> Counter[str]:
    """How the uses end of one address, sent with a token."""
    before = emails(house)
    known(house, who, name or who, **{"remit_choice": text} if text else {})
    return emails(house) - before


def known(house: House, who: str, name: str, **headers: str) -> httpx.Response:
    """One record of somebody's address."""
    body = {"type": "identify", "userId": who, "writeKey": "demo-android", "traits": {"email": f"{name}@example.org"}}
    return house.post("/v1/identify", body, **headers)


def test_a_yes_is_for_the_request_that_bears_it(house: House) -> None:
    """What needs a consent is kept with one and dropped without, before and after; nothing is written in the ledger."""
    text = token(house, "--yes", "ask")

    ends = [mailed(house, "ada", one, name) for one, name in ((None, "a1"), (text, "a2"), (None, "a3"))]
    assert [Counter(no_consent=1), Counter(kept=1), Counter(no_consent=1)] == ends
    assert "gave none" in house.command("person", "--purpose", "ask", typed="ada", ok=False)
    house.command("choose", "ask", "grant", typed="ada")
    assert ["a2@example.org"] == house.person("ada", "ask")["email"]


def test_a_yes_that_names_the_purpose_outweighs_a_general_signal(house: House) -> None:
    """As a choice of the ledger does, and is counted as such; a consent object's no stays one."""
    text = token(house, "--yes", "measure")
    page(house, "general", sec_gpc="1", remit_choice=text)
    page(house, "specific", {"consent": {"categoryPreferences": {"Advertising": False}}}, remit_choice=text)

    assert [["spring"], []] == [campaigns(house, who) for who in ("general", "specific")]


def test_a_no_is_heard_and_told_to_its_bearer(house: House) -> None:
    """It is dropped as refused, and the reply says so; the next request is as any other."""
    text = token(house, "--no", "measure")

    assert "refused=2" == page(house, "denier", remit_choice=text).headers["remit-dropped"]
    assert [] == campaigns(house, "denier")
    page(house, "denier")
    assert ["spring"] == campaigns(house, "denier")


def test_of_ledger_and_token_the_stricter_wins(house: House) -> None:
    """Whichever of them says no, whatever the other says."""
    house.command("choose", "ask", "refuse", typed="refuser")
    house.command("choose", "ask", "grant", typed="granter")

    assert Counter(refused=1) == mailed(house, "refuser", token(house, "--yes", "ask"))
    assert Counter(refused=1) == mailed(house, "granter", token(house, "--no", "ask"))
    assert Counter(kept=1) == mailed(house, "granter", None)


def test_a_yes_that_is_not_in_order_is_none(house: House) -> None:
    """Grown old, of another app, of no adopted version, changed, or no token at all."""
    yes: dict[str, Any] = {"granted": (ASK,)}
    others = {
        "expired": proven(house, HEARD_DAYS + 1, **yes),
        "early": proven(house, -3, **yes),
        "other_app": proven(house, app="shop", **yes),
        "unknown_version": proven(house, version=2, **yes),
        "unproven": proven(house, refused=(MEASURE,)).replace("web::measure", "web:ask:"),
    }
    for who, text in others.items():
        assert Counter(no_consent=1) == mailed(house, who, text), who
    assert Counter(refused=1) == mailed(house, "malformed", "undefined")
    assert Counter(kept=1) == mailed(house, "old", proven(house, HEARD_DAYS - 1, **yes))

    flaws = {one.replace("_", " ") for one in (*others, "malformed", "heard")}
    until(lambda: flaws <= told_of_tokens(house))


def told_of_tokens(house: House) -> set[str]:
    """What the console says that was wrong with some."""
    section = re.search(r'aria-labelledby="tokens">(.*?)</section>', house.operator().get("/live").text, re.DOTALL)
    return set(re.findall(r"<dt>([^<]*)</dt>", section[1] if section else ""))


def test_what_a_token_says_is_written_down_nowhere(house: House) -> None:
    """Neither one that is heard nor one that is not stands in any file or on any page of the house."""
    heard, canary = token(house, "--yes", "ask"), "remit-1:canary-of-a-token"
    mailed(house, "silent", heard)
    mailed(house, "silent", canary)

    seen = [path.read_bytes() for root in (house.data, house.keys) for path in root.rglob("*") if path.is_file()]
    seen += [house.output.read_bytes(), house.operator().get("/live").content]
    for text in (heard, heard[-32:], "canary-of-a-token"):
        assert not any(text.encode() in one for one in seen)


def test_a_record_bears_its_own(house: House, tmp_path: Path) -> None:
    """By remit's own client: each of one bundle is judged by its own token, and by none where it has none."""
    yes, no = token(house, "--yes", "ask"), token(house, "--no", "ask")
    before = emails(house)
    with Client(house.sdk, "demo-android", tmp_path / "buffer") as client:
        for number, text in enumerate((yes, None, no)):
            items = {"account.id": "own", "email": f"own{number}@example.org"}
            client.record("page_visit", items, choice=text)

    assert Counter(kept=1, no_consent=1, refused=1) == emails(house) - before


def test_replies_hang_on_the_token_and_on_nobodys_choice(house: House) -> None:
    """Requests with one token that differ in a guessable identifier alone get the same bytes."""
    for who, choice in (("first", "grant"), ("second", "refuse")):
        house.command("choose", "ask", choice, typed=who)
        house.command("choose", "measure", choice, typed=who)
    yes, both = token(house, "--yes", "ask"), token(house, "--yes", "measure", "--no", "ask")

    def told(who: str, text: str, general: str) -> set[object]:
        replies = (
            known(house, who, who, remit_choice=text, sec_gpc=general),
            page(house, who, remit_choice=text, sec_gpc=general),
        )
        return {
            (number, one.status_code, one.content, *sorted(one.headers.items() - {("date", one.headers["date"])}))
            for number, one in enumerate(replies)
        }

    for text in (yes, both, "undefined"):
        for general in ("0", "1"):
            first, *others = (told(who, text, general) for who in ("first", "second", "third"))
            assert [first, first] == others


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ((), "a token says yes or no to something"),
        (("--yes", "sell"), "the policy has no purpose 'sell'"),
        (("--no", "serve"), "'serve' cannot be refused"),
        (("--yes", "ask", "--no", "ask"), "'ask' is either granted or refused"),
        (("--app", "shop", "--yes", "ask"), "the policy has no app 'shop'"),
    ],
)
def test_what_nobody_can_say_is_no_token(house: House, said: tuple[str, ...], words: str) -> None:
    """The command says why, and what would be one."""
    assert words in house.command("token", "--app", "web", *said, ok=False)


def test_a_yes_lapses_with_a_version_that_it_does_not_cover(tmp_path: Path) -> None:
    """Adopted while everything runs: what its bearer said yes to is no longer what is done. A no stays one."""
    house = House(tmp_path, policy=RUNS).start()
    try:
        yes, no = token(house, "--yes", "ask"), token(house, "--no", "measure")
        assert Counter(kept=1) == mailed(house, "before", yes)
        wider = tmp_path / "wider.yaml"
        longer = RUNS.read_text(encoding="utf-8").replace("version: 1\n", "version: 2\n")
        wider.write_text(longer.replace("for: ask, keep: 30d", "for: ask, keep: 60d"), encoding="utf-8")
        house.command("adopt", str(wider), "--yes")

        assert Counter(no_consent=1) == mailed(house, "after", yes)
        page(house, "denied", remit_choice=no)
        assert [] == campaigns(house, "denied")
        assert Counter(kept=1) == mailed(house, "anew", token(house, "--yes", "ask"))
    finally:
        house.stop()
