"""What people read of an answer: headings, how often, and why there is nothing."""

import json

from running import House

from remit.cli.questions import NOTHING_EVER

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
