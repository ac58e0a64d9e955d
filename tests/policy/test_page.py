"""docs/policy.md, from which alone people write a policy: what it shows is sound, and what it lists is the code's."""

import re
from pathlib import Path

from remit.policy.compile import compiled
from remit.policy.model import Policy

PAGE = (Path(__file__).parents[2] / "docs" / "policy.md").read_text(encoding="utf-8")
WHOLE = re.findall(r"```yaml\n(# remit\.yaml\n.*?)```\n", PAGE, re.DOTALL)
"""The policies that the page shows from beginning to end."""


def test_a_whole_policy_of_the_page_is_sound() -> None:
    """Who copies a policy from the page has one that compiles."""
    found = [compiled(text, "remit.yaml") for text in WHOLE]

    assert found
    assert [] == [one for one in found if not isinstance(one, Policy)]
