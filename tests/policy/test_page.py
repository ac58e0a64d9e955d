"""docs/policy.md, from which alone people write a policy: what it shows is sound, and what it lists is the code's."""

import json
import re
from pathlib import Path

import yaml

from remit.policy.compile import compiled
from remit.policy.model import Policy
from remit.policy.purposes import DPV_TOP
from remit.policy.reduce import REDUCTIONS
from remit.policy.render.page import MADE, written
from remit.policy.render.purposes import PURPOSES
from remit.policy.words import INTRINSIC, Basis, Kind

PAGE = (Path(__file__).parents[2] / "docs" / "policy.md").read_text(encoding="utf-8")
WHOLE = re.findall(r"```yaml\n(# remit\.yaml\n.*?)```\n", PAGE, re.DOTALL)
"""The policies that the page shows from beginning to end."""


def test_a_whole_policy_of_the_page_is_sound() -> None:
    """Who copies a policy from the page has one that compiles."""
    found = [compiled(text, "remit.yaml") for text in WHOLE]

    assert found
    assert [] == [one for one in found if not isinstance(one, Policy)]


def test_the_needs_of_the_page_are_sound() -> None:
    """The services that show every shape of a need compile in the place of those of the whole policy."""
    (needs,) = re.findall(r"## What a service needs\n.*?```yaml\n(.*?)```\n", PAGE, re.DOTALL)
    whole = yaml.safe_load(WHOLE[0])
    whole["services"] |= yaml.safe_load(needs)["services"]

    assert isinstance(compiled(json.dumps(whole), "remit.yaml"), Policy)


def test_the_tables_of_the_page_are_of_this_code() -> None:
    """Every table that the code can write stands on the page as the code writes it: `make pages` writes it anew."""
    assert set(MADE) == set(re.findall(r"<!-- made: (\w+) -->", PAGE))
    assert PAGE == written(PAGE)


def test_the_page_names_what_remit_knows_by_itself() -> None:
    """Whoever would collect these reads that nobody has to."""
    said = PAGE.partition("knows them by itself:")[2].partition("\n\n")[0]

    assert [] == [item for item in INTRINSIC if f"`{item}`" not in said]


def test_the_page_offers_terms_that_pass() -> None:
    """Every term of DPV that the page recommends is one that a purpose may have."""
    table = PAGE.partition("## Which term of DPV")[2].partition("\n## ")[0]
    terms = set(re.findall(r"^\| [^`]+ \| `(\w+)` \|$", table, re.MULTILINE)) - {"dpv"}

    assert terms
    assert terms <= PURPOSES.keys() - DPV_TOP


def test_the_page_lists_the_words_of_closed_lists() -> None:
    """Whoever looks for a ground or a kind of record finds each of them, with what it means."""
    assert [] == [word for word in (*Basis, *Kind) if not re.search(rf"^\| `{word}` \| [^|]+ \|$", PAGE, re.MULTILINE)]


def test_the_page_lists_every_reduction() -> None:
    """Whoever looks for a column's reduction finds each that there is, and none that there is not."""
    table = PAGE.partition("## Reductions")[2].partition("\n## ")[0]

    assert list(REDUCTIONS) == re.findall(r"^\| `(\w+)` \| [^|]+ \| [^|]+ \|$", table, re.MULTILINE)
