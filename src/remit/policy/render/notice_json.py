"""The notice for machines: the very blocks that people read, with an id for each sentence, and the notices of fields.

``by`` and ``of`` say which part of the policy a block is made from. A block's id is that of its element in the HTML. A
sentence's id follows from the section and the words, so it stays while they do, and a link to a sentence that was
changed leads nowhere rather than to other words.
"""

import re
from collections import Counter

from remit.policy.model import Policy
from remit.policy.render.fields import field_notices, structured
from remit.policy.render.notice import HEADINGS, blocks, words_id
from remit.policy.render.writing import json

_END = re.compile(r"(?<=[.!?]) (?=[A-ZÄÖÜ])")
"""Where a sentence ends. An abbreviation may end one early; no word is lost by that."""


def as_json(policy: Policy) -> str:
    """The notice as JSON: every block in its order, with its kind, its section and its sentences."""
    seen: Counter[str] = Counter()
    section, out = "", []
    for kind, text, by, key in blocks(policy):
        if kind in HEADINGS:
            section = text
        words = _fresh(seen, words_id(section, text))
        sentences = [{"id": f"{words}.{n}", "text": one} for n, one in enumerate(_END.split(text), 1)]
        out.append(
            {"id": key, "kind": kind, "section": section, "by": by.told.value, "of": by.key, "sentences": sentences}
        )
    return json(
        {
            "language": policy.language,
            "languages": policy.languages,
            "policy_version": policy.version,
            "blocks": out,
            "fields": [structured(policy, field) for field in field_notices(policy)],
        }
    )


def _fresh(seen: Counter[str], key: str) -> str:
    seen[key] += 1
    return key if seen[key] == 1 else f"{key}-{seen[key]}"
