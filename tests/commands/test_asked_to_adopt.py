"""`remit adopt` in a house of one process: what it tells, when it asks, and how it ends."""

import json

import keepers
import pytest
from keepers import House

house = keepers.house
HARMLESS = {"version: 1\n": "version: 2\n"}
RENEWED = HARMLESS | {"campaign.source]": "campaign.source, os.name]"}
DROPPED = HARMLESS | {"  session:\n    by:": "  sittings:\n    on: [session]\n    by:"}


def test_what_concerns_nobody_is_adopted_without_asking(house: House) -> None:
    """It is told what changes; the same file again, also with --yes, changes nothing more."""
    status, told = house.adopt(HARMLESS)
    assert (0, "version 2 is in force") == (status, told.splitlines()[-1])

    assert [(0, "version 2 is in force\n")] * 2 == [house.adopt(HARMLESS), house.adopt(HARMLESS, "--yes")]
    assert 2 == house.version


def test_what_is_adopted_is_what_a_start_reads(house: House) -> None:
    """Of a file whose lines end as on Windows, too: else the next start would take it for changed."""
    house.adopt(HARMLESS)
    file = house.settings.data.parent / "next.yaml"

    assert b"\r\n" in file.read_bytes()
    assert file.read_text(encoding="utf-8") == house.house.ledger["adopted"](1)[0]  # type: ignore[index]  # as it is


@pytest.mark.parametrize(
    ("changes", "status", "says"),
    [
        (RENEWED, 2, "Consents that no longer cover it"),
        (DROPPED, 3, "Numbers that are dropped for good\n  fact session"),
    ],
)
def test_what_needs_a_yes_is_not_adopted_where_nobody_can_be_asked(
    house: House, changes: dict[str, str], status: int, says: str
) -> None:
    """A consent that has to be renewed, or numbers that would be lost: it is told, by the exit status too."""
    found, told = house.adopt(changes)
    assert (status, 1) == (found, house.version)
    assert says in told
    assert "nothing was changed: add --yes" in told
    assert (status, 1) == (house.adopt(changes, "--json")[0], house.version)

    assert (0, 2) == (house.adopt(changes, "--yes")[0], house.version)


def test_a_program_is_told_what_changed(house: House) -> None:
    """With --json: both versions, what `remit diff --json` says, and what was dropped."""
    status, told = house.adopt(DROPPED, "--yes", "--json")
    found = json.loads(told)

    assert (0, 2, 1, ["fact session"]) == (status, found["version"], found["before"], found["dropped"])
    assert found["difference"]["concerns_people"]
    assert [] == found["difference"]["renewals"]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"k: 5": "k: 6"}, "raise it above 1, which is in force"),
        (HARMLESS | {"basis: consent": "basis: whim"}, "1 problem; nothing was changed."),
    ],
)
def test_a_version_with_problems_or_no_higher_number_is_refused(
    house: House, changes: dict[str, str], says: str
) -> None:
    """Also with --yes, with the words that help, and status 1."""
    status, told = house.adopt(changes, "--yes")

    assert (1, 1) == (status, house.version)
    assert says in told
    assert "Traceback" not in told
