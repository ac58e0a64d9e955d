"""The page of SDKs: each that it names is run."""

import re
from pathlib import Path

from unmodified import told

HERE = Path(__file__).parent


def test_every_sdk_of_the_page_is_run() -> None:
    """A package that the page names is started by a test with the page's own lines, and no test starts another."""
    tests = "\n".join(one.read_text(encoding="utf-8") for one in HERE.glob("test_*.py"))

    assert set(told()) == set(re.findall(r'(?:run|in_page)\(\s*house,\s*"([^"]+)"', tests))
