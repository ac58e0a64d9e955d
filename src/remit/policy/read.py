"""YAML text -> a tree of nodes that know their line and column. Nothing is guessed and nothing is skipped."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from remit.policy.problem import Problem

Scalar = str | int | float | bool | None
NODES_MAX = 100_000


@dataclass(frozen=True, slots=True)
class Node:
    """A value of the policy with its place. ``keys`` holds the nodes of a mapping's keys."""

    value: "Scalar | list[Node] | dict[str, Node]"
    line: int
    column: int
    keys: "dict[str, Node]" = field(default_factory=dict)

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
        return str(self.value) if isinstance(self.value, str | int | float) else ""


def read(text: str, file: str) -> tuple[Node | None, list[Problem]]:
    """The tree, and everything that is wrong with the text as YAML."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        says = str(getattr(error, "problem", None) or "this is not YAML")
        return None, [Problem(file, line, column, "P001", says, "mend the YAML here")]
    except (RecursionError, ValueError):
        return None, [
            Problem(file, 1, 1, "P001", "this is not YAML that can be read", "write plain, shallow YAML")
        ]
    if not isinstance(root, yaml.MappingNode):
        return None, [Problem(file, 1, 1, "P001", "a policy is a mapping", "start with  version: 1")]
    return _Reading(file).read(root)


class _Reading:
    def __init__(self, file: str) -> None:
        self._file, self._problems, self._count = file, list[Problem](), 0

    def read(self, root: yaml.Node) -> tuple[Node, list[Problem]]:
        return self._node(root), self._problems

    def _node(self, node: yaml.Node) -> Node:
        line, column = node.start_mark.line + 1, node.start_mark.column + 1
        self._count += 1
        if self._count > NODES_MAX:
            if self._count == NODES_MAX + 1:
                self._say(line, column, "P001", "the policy is too large", "write fewer than 100,000 values")
            return Node(None, line, column)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, line, column)
        if isinstance(node, yaml.SequenceNode):
            return Node([self._node(one) for one in node.value], line, column)
        return Node(_scalar(node), line, column)

    def _mapping(self, node: yaml.MappingNode, line: int, column: int) -> Node:
        values: dict[str, Node] = {}
        keys: dict[str, Node] = {}
        for key_node, value_node in node.value:
            # YAML 1.1 reads the keys `on` and `no` as booleans; a key is what its author wrote.
            name = str(key_node.value)
            key = Node(name, key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            if name in values:
                self._say(key.line, key.column, "P002", f"'{name}' stands here twice", "keep one of the two")
            values[name], keys[name] = self._node(value_node), key
        return Node(values, line, column, keys)

    def _say(self, line: int, column: int, code: str, says: str, fix: str) -> None:
        self._problems.append(Problem(self._file, line, column, code, says, fix))


def _scalar(node: yaml.Node) -> Scalar:
    if node.tag == "tag:yaml.org,2002:bool" and node.value not in {"true", "false"}:
        return str(node.value)  # NO is Norway
    try:
        value = yaml.SafeLoader("").construct_object(node, deep=True)
    except (yaml.YAMLError, ValueError, OverflowError):
        return str(node.value)
    return value if isinstance(value, str | int | float | bool) or value is None else str(node.value)
