"""L10: every sentence of the notice is made from a part of the policy, and something enforces it."""

from pathlib import Path

import pytest
from house_rules import ROOT, SOURCE

from remit.policy.brought import brought
from remit.policy.checks import RULES
from remit.policy.compile import compiled
from remit.policy.model import Policy
from remit.policy.render.notice import blocks
from remit.policy.render.told import ENFORCED, By, Topic, stands

SOUND = [ROOT / "examples/device-maker/remit.yaml", *sorted((ROOT / "tests/policy/cases").glob("sound*.yaml"))]


def policy_of(path: Path) -> Policy:
    """The compiled policy."""
    found = compiled(path.read_text(encoding="utf-8"), path.name)
    assert isinstance(found, Policy)
    return found


@pytest.mark.parametrize("told", Topic)
def test_every_kind_of_part_names_what_enforces_it(told: Topic) -> None:
    """Codes of checks, modules and tests that there are; or, marked as such, what people check."""
    enforcement = ENFORCED[told]

    assert enforcement.by_something
    assert [] == [code for code in enforcement.checks if code not in RULES]
    assert [] == [module for module in enforcement.rules if not (SOURCE / f"{module}.py").exists()]
    assert [] == [test for test in enforcement.tests if not (ROOT / test).exists()]


def test_what_only_people_check_is_little() -> None:
    """Beside headings, names of people and what happens outside remit, something of ours enforces every sentence."""
    nobody = {told for told, one in ENFORCED.items() if not (one.rules or one.tests or one.checks)}

    assert {Topic.HEADING, Topic.NO_RECIPIENT} == nobody


@pytest.mark.parametrize("path", SOUND, ids=lambda path: path.stem)
def test_every_sentence_is_made_from_a_part_that_the_policy_has(path: Path) -> None:
    """Blocks name rules, statistics, purposes and services of the policy, and every one of these is told of."""
    policy = brought(policy_of(path))
    by = {block.by for block in blocks(policy)}

    assert {True} == {stands(policy, one) for one in by}
    assert {By(Topic.RULE, str(rule.index)) for rule in policy.collect} <= by
    assert {By(Topic.PURPOSE, key) for key in policy.purposes} <= by
    assert {By(Topic.FACT, name) for name in policy.facts} | {By(Topic.COUNT, name) for name in policy.counts} <= by
