"""YAML text -> a tree of nodes that know their line and column. Nothing is guessed and nothing is skipped."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import yaml

from remit.policy.problem import Problem

Scalar = str | int | bool | None
READER = {
    "P001": "The text can be read as YAML.",
    "P002": "No key stands twice in one place.",
    "P003": "The text is neither endless nor deeper than anybody reads.",
}
"""Rules that hold before there is a tree to look at: code and sentence."""
LOADERS: tuple[Any, ...] = (getattr(yaml, "CSafeLoader", yaml.SafeLoader), yaml.SafeLoader)
"""libyaml first, where it is there: it reads twelve times as fast. What it refuses the other reads again: that one has
the last word of what is YAML, and the better words for what is not."""
NODES_MAX = 100_000
DEPTH_MAX = 20

_FIRST_OF = re.compile(r"(\bof: +)first-of(?= *\[)")
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_TAKEN_DIFFERENTLY = re.compile(r"\t|\?\s|\ufeff|(?<![^\s,\[{])!")
"""Where libyaml sees a part of a word, and the other something else."""
_SURROGATE = re.compile("[\ud800-\udfff]")


class Node(msgspec.Struct, frozen=True, gc=False):
    """A value of the policy with its place. ``keys`` holds the nodes of a mapping's keys.

    A tree has no cycles, so none are looked for: among its nodes that cost half the time of a check.
    """

    value: "Scalar | list[Node] | dict[str, Node]"
    line: int
    column: int
    keys: "dict[str, Node]" = msgspec.field(default_factory=dict)

    def entries(self) -> "Iterator[tuple[str, Node]]":
        """Key and value of a mapping; nothing of anything else."""
        if isinstance(self.value, dict):
            yield from self.value.items()

    def elements(self) -> "Iterator[Node]":
        """Elements of a list; a single value counts as a list of one."""
        if isinstance(self.value, list):
            yield from self.value
        elif self.value is not None:
            yield self

    def get(self, key: str) -> "Node | None":
        """The value under a key of a mapping."""
        return self.value.get(key) if isinstance(self.value, dict) else None

    def text(self) -> str:
        """A scalar as the author wrote it; '' for anything else."""
        if isinstance(self.value, bool):
            return str(self.value).lower()
        return str(self.value) if isinstance(self.value, str | int) else ""


def read(text: str, file: str, *, loaders: Sequence[Any] = LOADERS) -> tuple[Node | None, list[Problem]]:
    """The tree, and everything that is wrong with the text as YAML. Never raises."""
    # Blanked, not cut: every column after it stays where its author sees it.
    plain = _FIRST_OF.sub(lambda found: found[1] + " " * len("first-of"), text)
    try:
        root = _composed(plain, loaders)
    except yaml.YAMLError as error:
        return None, [_not_yaml(error, text, file)]
    except (RecursionError, ValueError, OverflowError):
        # The scanner turns escapes and version numbers into characters and integers unchecked.
        return None, [Problem(file, 1, 1, "P001", "this is not YAML that can be read", "write plain, shallow YAML")]
    if not isinstance(root, yaml.MappingNode):
        return None, [Problem(file, 1, 1, "P001", "a policy is a mapping", "start with  version: 1")]
    return _Reading(file).read(root)


def _composed(text: str, loaders: Sequence[Any]) -> yaml.Node | None:
    *others, last = loaders
    for loader in others if not _TAKEN_DIFFERENTLY.search(text) else ():
        try:
            return yaml.compose(text, Loader=loader)
        except (yaml.YAMLError, RecursionError, ValueError, OverflowError):
            continue
    return yaml.compose(text, Loader=last)


def _not_yaml(error: yaml.YAMLError, text: str, file: str) -> Problem:
    mark = getattr(error, "problem_mark", None)
    position = getattr(error, "position", None)
    if mark is not None:
        line, column = mark.line + 1, mark.column + 1
    elif isinstance(position, int):
        before = text[:position]
        line, column = before.count("\n") + 1, position - before.rfind("\n")
    else:
        line, column = 1, 1
    says = getattr(error, "problem", None) or getattr(error, "reason", None) or "this is not YAML"
    return Problem(file, line, column, "P001", str(says), "mend the YAML here")


class _Reading:
    def __init__(self, file: str) -> None:
        self._file, self._problems, self._count, self._depth = file, list[Problem](), 0, 0

    def read(self, root: yaml.Node) -> tuple[Node, list[Problem]]:
        return self._node(root), self._problems

    def _node(self, node: yaml.Node) -> Node:
        line, column = node.start_mark.line + 1, node.start_mark.column + 1
        self._count += 1
        if self._count > NODES_MAX or self._depth > DEPTH_MAX:
            # Aliases can make a short text endless; one problem says so.
            if not any(problem.code == "P003" for problem in self._problems):
                self._say((line, column), "P003", "this is too large or too deep", "write it out, without aliases")
            return Node(None, line, column)
        self._depth += 1
        try:
            if isinstance(node, yaml.MappingNode):
                return self._mapping(node, line, column)
            if isinstance(node, yaml.SequenceNode):
                return Node([self._node(one) for one in node.value], line, column)
            return Node(self._scalar(node, line, column), line, column)
        finally:
            self._depth -= 1

    def _mapping(self, node: yaml.MappingNode, line: int, column: int) -> Node:
        values: dict[str, Node] = {}
        keys: dict[str, Node] = {}
        for key_node, value_node in node.value:
            place = key_node.start_mark.line + 1, key_node.start_mark.column + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self._say(place, "P001", "a key is a plain word", "write  word: value")
                continue
            # YAML 1.1 reads the keys `on` and `no` as booleans; a key is what its author wrote.
            name = str(key_node.value)
            if name in values:
                self._say(place, "P002", f"'{name}' stands here twice", "keep one of the two")
            value = self._node(value_node)
            # What is not there has no place of its own: readers differ in the one that they give it.
            values[name] = Node(None, *place) if value.value is None else value
            keys[name] = Node(name, *place)
        return Node(values, line, column, keys)

    def _scalar(self, node: yaml.Node, line: int, column: int) -> Scalar:
        written = str(node.value)
        if _SURROGATE.search(written):
            self._say((line, column), "P001", "this holds half a character", "write the whole character")
            return ""
        if node.tag == "tag:yaml.org,2002:null":
            return None
        if node.tag == "tag:yaml.org,2002:bool" and written in {"true", "false"}:  # NO is Norway
            return written == "true"
        # Only plain decimals are numbers: 007 is a key and 12:30 a time, whatever YAML 1.1 says.
        if node.tag == "tag:yaml.org,2002:int" and _WHOLE.fullmatch(written):
            return int(written)
        return written

    def _say(self, place: tuple[int, int], code: str, says: str, fix: str) -> None:
        self._problems.append(Problem(self._file, *place, code, says, fix))
