"""What keepers answer is compared with every version that was adopted, and what no version allows is named."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from test_apart import EXAMPLE, example

from remit.policy.generations import stored
from remit.policy.model import Dimension, Policy
from remit.policy.tables import Column, tables
from remit.policy.words import Item
from remit.ports import Held
from remit.proof.answers import (
    columns_told,
    found_tables,
    kept_by_a_rule,
    kept_in_time,
    tables_as_planned,
    uses_declared,
)
from remit.proof.house import COMPARISONS, Accounts, compared

Row = Sequence[object]


def planned(*versions: Policy) -> list[Row]:
    """The rows of a schema as it should be."""
    return [(table, *column) for table, columns in tables(stored(versions)).items() for column in columns]


def without_crashes() -> Policy:
    """A later version that has no fact of crashes."""
    policy = example()
    return replace(policy, version=2, facts={name: one for name, one in policy.facts.items() if name != "crash"})


def finer() -> Policy:
    """A later version that tells page visits apart by release, too."""
    policy, release = example(), Dimension(name="release", item=Item("app.version"), reduction="major_minor", line=1)
    visits = policy.facts["page_visit"]
    by_release = replace(visits, dimensions=(*visits.dimensions, release))
    return replace(policy, version=2, facts={**policy.facts, "page_visit": by_release})


def changed(table: str, name: str, **parts: object) -> list[Row]:
    """The example's schema with one column made otherwise."""
    return [
        (row[0], *Column(*row[1:])._replace(**parts)) if row[:2] == (table, name) else row  # type: ignore[arg-type]  # as named
        for row in planned(example())
    ]


def test_tables_as_planned_hold() -> None:
    """A schema of exactly the tables of all forms that the statistics in force have had."""
    for versions in ([example()], [example(), without_crashes()], [example(), finer()]):
        found = found_tables(planned(*versions))
        assert ((), ()) == (columns_told(versions, found).found, tables_as_planned(versions, found).found)


def test_the_table_of_a_statistic_that_is_no_more_is_found() -> None:
    """Its columns have a sentence in an earlier notice, and yet it is to be gone; so is a form that is missing seen."""
    found = found_tables(planned(example()))

    assert () == columns_told([example(), without_crashes()], found).found
    assert ("fact_crash exists, and the version in force has no such fact or count",) == tables_as_planned(
        [example(), without_crashes()], found
    ).found
    assert ("fact_page_visit_V2 does not exist",) == tables_as_planned([example(), finer()], found).found


def test_a_column_or_table_that_nobody_declared_is_found() -> None:
    """It has no sentence, and the plan does not have it."""
    rows = [*planned(example()), ("fact_page_visit", "address", "String", False), ("diary", "text", "String", True)]
    found = found_tables(rows)

    assert [
        "fact_page_visit.address exists, and no sentence of the notice tells of it",
        "diary.text exists, and no sentence of the notice tells of it",
    ] == list(columns_told([example()], found).found)
    assert [
        "fact_page_visit has a column address that the plan does not have",
        "diary exists, and the version in force has no such fact or count",
    ] == list(tables_as_planned([example()], found).found)


def test_another_type_or_order_or_a_missing_part_is_found() -> None:
    """A column that holds more than it should, rows whose position tells something, and what is not there."""
    finer = changed("fact_page_visit", "hour", type="DateTime64(3)")
    unsorted = changed("fact_page_visit", "page", sorted=False)
    fewer = [row for row in planned(example()) if row[0] != "count_active_users" and row[1] != "seconds"]

    def found(rows: Sequence[Row]) -> list[str]:
        return list(tables_as_planned([example()], found_tables(rows)).found)

    assert ["fact_page_visit.hour is DateTime64(3), and the plan says DateTime('UTC')"] == found(finer)
    assert ["rows of fact_page_visit lie in no order of page: position could tell"] == found(unsorted)
    measured = ("page_visit", "session", "device", "network")
    assert ["count_active_users does not exist", *(f"fact_{name} has no column seconds" for name in measured)] == found(
        fewer
    )


def test_blocks_past_their_time_or_under_no_rule_are_found() -> None:
    """With the number, the version, the line and the items; a rule of any adopted version counts as one."""
    held = [Held(1, 0, 9, 2, 0), Held(1, 3, 4, 0, 4), Held(2, 0, 1, 0, 0), Held(3, 77, 5, 5, 5)]
    versions = [example(), without_crashes()]
    late, longer = kept_in_time(versions, held).found

    assert late.startswith("2 of 9 blocks under version 1, line ")
    assert late.endswith("(account.id, email, phone and name) are past their time: it stays 2 years")
    assert "4 of 4 blocks" in longer
    assert longer.endswith("(shipping_address) are meant to stay longer: it stays 90 days")
    assert ["5 blocks under rule 77 of version 3, which no adopted version has"] == list(
        kept_by_a_rule(versions, held).found
    )


def test_a_block_may_lie_under_a_rule_by_the_law_of_a_place() -> None:
    """Its number is that of both; a law that shortens a time shortens it for what lies under it, and nothing else."""
    strict = len(example().collect)
    address = next(rule.index for rule in example().collect if rule.items == ("net.ip",))
    held = [Held(1, number, 1, 0, 1) for number in (address, strict + address, 2 * strict + address)]
    versions = [example()]

    assert ["30 days", "14 days"] == [one.partition("it stays ")[2] for one in kept_in_time(versions, held).found]
    assert [f"1 block under rule {2 * strict + address} of version 1, which no adopted version has"] == list(
        kept_by_a_rule(versions, held).found
    )


def test_a_use_that_nobody_declared_is_found() -> None:
    """By app, item and purpose, summed over its fates; paths that were passed over are no uses."""
    rows: list[Row] = [
        ("shop-web", "email", "run-account", "kept", "", 7),
        ("shop-web", "email", "measure-ads", "kept", "", 2),
        ("shop-web", "email", "measure-ads", "dropped", "no_consent", 1_000),
        ("shop-web", "properties.colour", "", "undeclared", "", 16),
    ]

    assert ["shop-web used email for 'measure-ads' 1,002 times, and no adopted version declares that"] == list(
        uses_declared([example()], rows).found
    )


def test_a_house_that_goes_over_to_another_version_meanwhile_holds() -> None:
    """Its tables are compared with the version that they were of when they were told of."""
    text = EXAMPLE.read_text(encoding="utf-8")
    later = text.replace("version: 1\n", "version: 2\n").replace(
        "  session:\n    by:", "  sittings:\n    on: [session]\n    by:"
    )
    schema = {"rows": planned(example()), "version": 1}
    answers = {"standing": {"texts": [text, later], "held": []}, "schema": schema, "tally": {"rows": []}, "drain": None}

    assert [] == [one for one in compared(Accounts(answers), None) if not one.holds]
    schema["version"] = 2
    assert ["tables"] == [one.name for one in compared(Accounts(answers), None) if not one.holds]


def test_what_could_not_be_asked_does_not_hold() -> None:
    """Whichever answer is missing, its comparisons fail with the reason; without versions nothing can be compared."""
    answers: dict[str, Any] = {
        "standing": {"texts": [], "held": []},
        "schema": {"rows": []},
        "tally": {"rows": []},
        "drain": None,
    }
    for question in answers:
        told = Accounts({name: one for name, one in answers.items() if name != question}, {question: "it is away"})
        away = [one for one in compared(told, None) if "it is away" in " ".join(one.found)]
        due = [one for asked, one in COMPARISONS if question in (asked, "standing")]

        assert len(due) + (question in ("drain", "standing")) == len(away)
        assert not any(one.holds for one in away)
