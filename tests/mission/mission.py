"""Each sentence of "What information we collect", with what makes it true: docs/mission.md.

``table.yaml`` says which parts of the example policy a sentence is about and what enforces it; lines and words of the
notice come from the policy itself. ``python tests/mission/mission.py`` writes the page.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from remit.policy.compile import compiled
from remit.policy.model import Collect, Policy
from remit.policy.phrases import listed
from remit.policy.render.notice import Piece, blocks
from remit.policy.render.told import By, Topic
from remit.policy.words import Item

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = "examples/device-maker/remit.yaml"
TEXT = Path(__file__).parent / "text.txt"
TABLE = Path(__file__).parent / "table.yaml"
PAGE = ROOT / "docs/mission.md"
TOPICS = {"facts": Topic.FACT, "counts": Topic.COUNT}
WORDS_MAX = 90
"""So many characters of a statistic's sentence are quoted."""
INTRODUCTION = f"""\
The text that remit was built for, piece by piece, held against [the example](../{EXAMPLE}): the lines of the policy,
what enforces them, and what the notice rendered from them says. Where something is missing it says **not yet**, and
the notice says nothing of it. `make pages` writes this page, and a test holds it."""


@dataclass(frozen=True, slots=True)
class Hold:
    """What enforces something: codes of checks, modules, and files of tests."""

    says: str
    tests: Sequence[str]
    modules: Sequence[str] = ()
    checks: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A piece of the text, the parts of the policy that it is about, and what holds remit to it."""

    text: str
    of: Mapping[str, Any] = field(default_factory=dict)
    held: Sequence[str] = ()
    notice: Sequence[str] = ()
    not_yet: str = ""

    @property
    def is_heading(self) -> bool:
        """Whether it says nothing by itself."""
        return not self.of and not self.not_yet

    def rules(self, policy: Policy) -> list[Collect]:
        """The collection rules that it is about."""
        items, teller = set(self.of.get("items", ())), self.of.get("from")
        return [one for one in policy.collect if items & set(one.items) and teller in (one.source, one.provider)]

    def items(self, rule: Collect) -> list[Item]:
        """Those of its items that a rule collects, in its own order."""
        return [Item(item) for item in self.of["items"] if item in rule.items]

    def lines(self, policy: Policy) -> list[int]:
        """Where the policy says it."""
        named = [
            getattr(policy, kind)[name].line
            for kind, names in self.of.items()
            if kind not in ("items", "from")
            for name in names
        ]
        return sorted({*named, *(rule.line for rule in self.rules(policy))})

    def told(self, policy: Policy) -> Iterator[str]:
        """What the notice says of it: the words of the table, or of each part's own sentence."""
        notice = _notice()
        yield from self.notice
        for rule in self.rules(policy):
            for one in _by(notice, By(Topic.RULE, str(rule.index))):
                teller, _, _ = one.text.partition(":")
                titles = listed([policy.catalogue[item].title for item in self.items(rule)])
                yield f"{teller}: ... {titles} ...; {policy.purposes[rule.purpose].says}"
        if self.notice:
            return
        for kind, topic in TOPICS.items():
            for name in self.of.get(kind, ()):
                yield from (_short(one.text) for one in _by(notice, By(topic, name)))


@cache
def example() -> Policy:
    """The device maker's policy."""
    found = compiled((ROOT / EXAMPLE).read_text(encoding="utf-8"), "remit.yaml")
    assert isinstance(found, Policy)
    return found


@cache
def _notice() -> tuple[Piece, ...]:
    return tuple(blocks(example()))


@cache
def holds() -> Mapping[str, Hold]:
    """What enforces the sentences, by name."""
    return {name: Hold(**one) for name, one in _table()["held"].items()}


@cache
def rows() -> Sequence[Row]:
    """The text, piece by piece."""
    return [Row(**one) for one in _table()["sentences"]]


def _table() -> Any:
    return yaml.safe_load(TABLE.read_text(encoding="utf-8"))


def _by(notice: Sequence[Piece], by: By) -> list[Piece]:
    return [one for one in notice if one.by == by]


def _short(text: str) -> str:
    return text if len(text) <= WORDS_MAX else f"{text[:WORDS_MAX].rsplit(' ', 1)[0]} ..."


def page() -> str:
    """The table in Markdown."""
    out = ["# Every sentence, and what makes it true", "", INTRODUCTION, ""]
    out += _sections()
    out += ["## What enforces it", ""]
    for name, hold in holds().items():
        out += [f"### {name}", "", f"{hold.says[:1].upper()}{hold.says[1:]}.", ""]
        if hold.checks:
            out.append(f"- Checks: {', '.join(f'[{code}](policy.md#{code.lower()})' for code in hold.checks)}")
        if hold.modules:
            out.append(f"- Code: {', '.join(_link(one, f'src/remit/{one}.py') for one in hold.modules)}")
        out += [f"- Tests: {', '.join(_link(one, one) for one in hold.tests)}", ""]
    return "\n".join(out)


def _sections() -> Iterator[str]:
    head = ["| The text | Lines | Held by | The notice says |", "|---|---|---|---|"]
    yield from head
    for row in rows()[1:]:
        if row.text[:2] in ("1.", "2.", "3.", "4."):
            yield from ("", f"## {row.text}", "", *head)
        else:
            yield f"| {' | '.join(_cells(row))} |"
    yield ""


def _cells(row: Row) -> Iterator[str]:
    policy = example()
    yield row.text
    yield ", ".join(_link(str(line), f"{EXAMPLE}#L{line}") for line in row.lines(policy))
    if row.not_yet:
        yield f"**not yet**: {row.not_yet}"
        yield ""
    else:
        yield ", ".join(f"[{name}](#{name})" for name in row.held)
        yield "<br>".join(dict.fromkeys(row.told(policy)))


def _link(says: str, path: str) -> str:
    return f"[{says}](../{path})"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
