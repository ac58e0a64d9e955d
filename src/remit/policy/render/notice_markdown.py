"""The notice as Markdown."""

import re
from itertools import groupby

from remit.policy.model import Policy
from remit.policy.render.notice import blocks

_LINES = {"h1": "# {}\n", "h2": "## {}\n", "h3": "### {}\n", "p": "{}\n", "li": "- {}"}
_MARKS = re.compile(r"[\\`*<>\[\]&]")
"""What Markdown or the HTML within it would read as more than a character."""


def markdown(policy: Policy) -> str:
    """The notice in Markdown, in the language that the policy is spoken in."""
    out = []
    for kind, run in groupby(blocks(policy), key=lambda block: block.kind):
        lines = [_LINES[kind].format(_MARKS.sub(r"\\\g<0>", block.text)) for block in run]
        out.append("\n".join(lines) + ("\n" if kind == "li" else ""))
    return "\n".join(out)
