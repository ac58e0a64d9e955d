"""What people read of an answer: headings, how often, and why there is nothing."""

import json

from running import House

from remit.cli.questions import NOTHING_EVER, TOGETHER

HERE, VISITS = "192.0.2.77", 4
SELECT = "SELECT page, sum(n) FROM page_visit"
UNKNOWN = "nobody@example.org"


def page(number: int) -> dict[str, object]:
    return {"type": "page", "userId": f"u{number % 2}", "context": {"ip": HERE}, "properties": {"url": "/cart"}}


def test_a_column_is_headed_by_what_was_typed(house: House) -> None:
    """Also as the key of an object, where no two are alike; no rows are so many words for people, and an empty list."""
    house.segment([page(number) for number in range(VISITS)])

    assert [{"page": "/cart", "sum(n)": VISITS, "sum(n) (2)": VISITS}] == house.facts(
        "SELECT page,  sum(n), sum(n) FROM page_visit GROUP BY page"
    )
    assert "│ sum(n) │" in house.command("facts", f"{SELECT} GROUP BY page").replace("┃", "│")
    nothing = f"{SELECT} WHERE page = '/' GROUP BY page"
    assert "remit: no rows\n" == house.command("facts", nothing)
    assert [] == house.facts(nothing)


def test_who_asks_of_groups_is_told_that_few_are_put_together(house: House) -> None:
    """Also where there are no rows yet, since the period goes on; of the total there is nothing to say."""
    house.segment([page(0)])
    words = house.command("facts", "SELECT app, identifiers FROM active_users_by_app")
    total = house.command("facts", "SELECT identifiers FROM active_users WHERE period = 'day'")

    assert f"remit: {TOGETHER.format('active_users_by_app', 5)}\n" in words
    assert "<5" in total
    assert "(other)" not in total
    assert [] == house.facts("SELECT app, identifiers FROM active_users_by_app")


def test_equal_values_stand_once_with_how_often_they_came(house: House) -> None:
    """A table of a subject has each value once, and when it came first and last; --json has every one."""
    house.segment([page(number) for number in range(VISITS)])
    ask = ["person", "--purpose", "prevent-fraud"]
    every = [one for one in json.loads(house.command(*ask, "--json", typed=HERE)) if one["item"] == "net.ip"]
    said = house.command(*ask, typed=HERE)
    (line,) = [line for line in said.splitlines() if HERE in line]

    assert {HERE} == {one["value"] for one in every}
    assert [str(len(every)), every[0]["received"], every[-1]["received"]] == [
        cell.strip() for cell in line.split("│")[4:7]
    ]
    assert VISITS <= len(every)


def test_nothing_about_a_subject_is_said_in_a_sentence(house: House) -> None:
    """Of a purpose that keeps nothing, that it does; else the same words whether others know the identifier or not."""
    house.segment([page(0)])
    unknown, known = (house.command("person", "--purpose", "deliver-order", typed=who) for who in (UNKNOWN, "u0"))

    assert "nothing that 'deliver-order' may read is kept under this identifier" in unknown
    assert unknown == known
    never = {house.command("person", "--purpose", "learn-usage", typed=who) for who in (UNKNOWN, "u0")}
    assert {f"remit: {NOTHING_EVER.format('learn-usage')}\n"} == never
    assert "[]\n" == house.command("person", "--purpose", "learn-usage", "--json", typed=UNKNOWN)
