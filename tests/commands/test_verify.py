"""What `remit verify` says of a policy alone."""

import json
from pathlib import Path

from said import EXAMPLE, run

SURE = "--seed 1 --pairs 60"


def test_a_sound_policy_holds() -> None:
    """Every comparison holds, what needs a house and what nothing compares yet is listed, and the status is 0."""
    status, said, complained = run(f"verify --policy {EXAMPLE} {SURE} --json")
    found = json.loads(said)

    assert (0, "", True) == (status, complained, found["holds"])
    assert {"sentences", "rules", "uses", "languages", "closed", "apart"} == {
        one["name"] for one in found["comparisons"]
    }
    assert 5 == len(found["not_asked"])
    assert [] == [one for one in found["not_yet"] if not one["why"]]


def test_what_is_not_compared_is_said() -> None:
    """The lists stand in the text for people, with the seed by which it can be repeated."""
    status, said, _ = run(f"verify --policy {EXAMPLE} {SURE}")
    words = " ".join(said.split())

    assert 0 == status
    assert "seed 1, 60 pairs" in words
    for heading in ("Not asked", "Not yet", "a lease: nothing can combine them", "it has no way in"):
        assert heading in words
    assert words.endswith("All that was compared holds.")


def test_a_seed_is_drawn_and_told() -> None:
    """Two runs try other traces, and each says which."""
    seeds = [json.loads(run(f"verify --policy {EXAMPLE} --pairs 1 --json")[1])["seed"] for _ in range(2)]

    assert seeds[0] != seeds[1]


def test_too_few_pairs_prove_nothing() -> None:
    """A field that no pair varied is named, and the status is 1: what was not tried does not hold."""
    status, said, _ = run(f"verify --policy {EXAMPLE} --seed 1 --pairs 1")

    assert 1 == status
    assert "never tried, so that nothing is known of it" in " ".join(said.split())
    assert "1 of 6 do not hold." in said


def test_a_policy_with_problems_is_not_compared(tmp_path: Path) -> None:
    """Its problems are said, as `remit check` says them."""
    (tmp_path / "remit.yaml").write_text(EXAMPLE.read_text().replace("keep: 90d", "keep: long"))
    status, said, _ = run(f"verify --policy {tmp_path}/remit.yaml")

    assert 1 == status
    assert "P032" in said


def test_where_no_house_is_the_command_is_used_wrongly(tmp_path: Path) -> None:
    """Status 2, with the ways out; and for a seed that cannot be one."""
    status, said, complained = run(f"verify --data {tmp_path}/no --keys {tmp_path}/none")

    assert (2, "") == (status, said)
    assert "there is no house" in complained
    assert "--policy FILE" in complained
    assert not (tmp_path / "no").exists()
    assert 2 == run(f"verify --policy {EXAMPLE} --seed 0")[0]
