"""The notice for machines: the very blocks that people read, with an id for each sentence.

``by`` and ``of`` say which part of the policy a block is made from. An id follows from the section and the words, so it
stays while they do, and a link to a sentence that was changed leads nowhere rather than to other words.
"""

import re
from collections import Counter
from hashlib import blake2b

from remit.policy.model import Policy
from remit.policy.render.notice import blocks
from remit.policy.render.writing import json

_HEADINGS = ("h1", "h2", "h3")
_END = re.compile(r"(?<=[.!?]) (?=[A-Z])")
"""Where a sentence ends. An abbreviation may end one early; no word is lost by that."""


def as_json(policy: Policy) -> str:
    """The notice as JSON: every block in its order, with its kind, its section and its sentences."""
    seen: Counter[str] = Counter()
    section, out = "", []
    for kind, text, by in blocks(policy):
        if kind in _HEADINGS:
            section = text
        key = _fresh(seen, f"{section}\n{text}")
        sentences = [{"id": f"{key}.{n}", "text": one} for n, one in enumerate(_END.split(text), 1)]
        out.append(
            {"id": key, "kind": kind, "section": section, "by": by.told.value, "of": by.key, "sentences": sentences}
        )
    return json({"language": "en", "policy_version": policy.version, "blocks": out})


def _fresh(seen: Counter[str], words: str) -> str:
    key = blake2b(words.encode(), digest_size=6).hexdigest()
    seen[key] += 1
    return key if seen[key] == 1 else f"{key}-{seen[key]}"
