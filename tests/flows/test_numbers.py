"""What the facts keeper does with a load of a version of which it has not heard yet."""

from dataclasses import replace
from pathlib import Path

import pytest

from remit.flows.load import pack_factual
from remit.flows.numbers import Numbers, NumbersWorld
from remit.policy.compile import compiled
from remit.policy.model import Dimension, Policy
from remit.policy.split import Cell, CellKey
from remit.policy.words import Item
from remit.stores.facts import ChdbFacts

EXAMPLE = Path(__file__).parents[2] / "examples/device-maker/remit.yaml"


def later(policy: Policy) -> Policy:
    """The next version, in which page visits have another column."""
    release = Dimension(name="release", item=Item("app.version"), reduction="major_minor", line=1)
    visits = policy.facts["page_visit"]
    changed = replace(visits, dimensions=(*visits.dimensions, release))
    return replace(policy, version=2, facts={**policy.facts, "page_visit": changed})


def test_a_load_of_a_version_that_was_just_adopted_waits_until_it_is_heard(tmp_path: Path) -> None:
    """None of it is dropped for being unknown: who knows it then takes it, and who does not gives it back."""
    first = compiled(EXAMPLE.read_text(encoding="utf-8"), EXAMPLE.name)
    assert isinstance(first, Policy)
    versions, announced = [first], [later(first)]

    def catch_up() -> None:
        for policy in announced:
            numbers.go_over(policy)
        announced.clear()

    facts = ChdbFacts(tmp_path / "facts")
    numbers = Numbers(NumbersWorld(facts=facts, versions=lambda: versions, catch_up=catch_up))
    versions.extend(announced)  # heard, and not gone over to: its tables may not be there
    load = pack_factual({CellKey("page_visit_V2", ("/", "shop-web", 0, "3.1")): Cell(3)}, [], [])
    numbers.take(b"1", load)
    assert (("3.1", 3),) == numbers.ask("SELECT release, n FROM page_visit")["rows"]

    with pytest.raises(AssertionError):
        numbers.take(b"2", pack_factual({CellKey("page_visit_V9", ("/",)): Cell(1)}, [], []))
    facts.close()
