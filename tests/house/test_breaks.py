"""The breaks as texts: each can still be made, and names a test that exists. `make breaks` makes them."""

import re

import pytest
import yaml
from house_rules import ROOT, text

from breaks import HERE, Break, breaks

PROVED = {"L1", "L2", "L3", "L4", "L5", "L7", "L8", "L9", "L10"}
"""Laws of which ARCHITECTURE.md names a test."""


def label(one: Break) -> str:
    """Its law and its words."""
    return f"{one.law}-{one.says}"


@pytest.mark.parametrize("one", breaks(), ids=label)
def test_a_break_can_be_made_and_its_test_exists(one: Break) -> None:
    """The text to break stands once in its file, and what must turn red is there."""
    path, _, name = one.red.partition("::")

    assert 1 == text(one.source(ROOT)).count(one.old)
    assert one.old != one.new
    assert (ROOT / path).exists()
    assert not name or re.search(rf"^def {name}\(", text(ROOT / path), re.MULTILINE)


def test_every_law_that_is_proved_can_be_broken() -> None:
    """A law whose test never turned red is only hoped for."""
    assert set() == PROVED - {one.law for one in breaks()}


def test_breaks_are_told_apart() -> None:
    """Two breaks of one law have different words."""
    assert len(breaks()) == len({label(one) for one in breaks()})


def test_no_break_is_lost_in_another() -> None:
    """Each break that a file writes down is one that is made: YAML keeps the last of two that run into one."""
    written = [line for path in HERE.glob("*.yaml") for line in text(path).splitlines() if line.startswith("  says: ")]

    assert sorted(yaml.safe_load(line)["says"] for line in written) == sorted(one.says for one in breaks())
