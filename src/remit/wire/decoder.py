"""Compiled decoders: the plan's items become structs that know only the declared paths.

msgspec skips everything else in C without making a Python object of it, so a value that nothing
declares does not even exist here. Bodies with a wrong type or a null at an inner node go through a
tolerant walk of the same paths, which is also the specification of the fast way.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec

from remit.policy.words import Item, Value

Leaf = str | int | float | bool | None
NESTING_MAX = 64
INTEGER_MAX = 2**63 - 1


class Field(NamedTuple):
    """An item and the dotted paths that may bear it; the first that is present wins."""

    item: Item
    paths: tuple[str, ...]


def field(item: str, *paths: str) -> Field:
    """A field of a protocol's table."""
    return Field(Item(item), paths)


@dataclass(frozen=True, slots=True)
class Shape:
    """A struct for one kind of object, and how to read a path from it."""

    struct: type[msgspec.Struct]
    read: Callable[[Any], tuple[Value | None, ...]]
    paths: tuple[str, ...]


def shape(paths: Iterable[str]) -> Shape:
    """A struct that knows only these dotted paths; absent ones read as None."""
    ordered = tuple(dict.fromkeys(paths))
    tree: dict[str, Any] = {}
    for path in ordered:
        node = tree
        *inner, last = path.split(".")
        for part in inner:
            node = node.setdefault(part, {})
        node.setdefault(last, None)
    struct, names = _struct(tree)
    reads = ", ".join("row." + ".".join(names(path)) for path in ordered)
    source = f"lambda row: ({reads}{',' if ordered else ''})"
    # The source holds only generated attribute names (f0.f1...), nothing of any policy or body.
    read: Callable[[Any], tuple[Value | None, ...]] = eval(source, {"__builtins__": {}})  # noqa: S307
    return Shape(struct, read, ordered)


def _struct(tree: Mapping[str, Any]) -> tuple[type[msgspec.Struct], Callable[[str], list[str]]]:
    fields: list[tuple[str, Any, Any]] = []
    rename: dict[str, str] = {}
    inner: dict[str, Callable[[str], list[str]]] = {}
    for number, (key, below) in enumerate(tree.items()):
        name = f"f{number}"
        rename[name] = key
        if below is None:
            fields.append((name, Leaf, None))
        else:
            struct, inner[key] = _struct(below)
            fields.append((name, struct, msgspec.field(default_factory=struct)))
    made = msgspec.defstruct("Node", fields, rename=rename, gc=False)
    back = {key: name for name, key in rename.items()}

    def names(path: str) -> list[str]:
        head, _, rest = path.partition(".")
        return [back[head], *(inner[head](rest) if rest else [])]

    return made, names


def walk(node: object, path: str) -> Value | None:
    """The leaf at a dotted path of an untyped body; None where there is none."""
    for part in path.split("."):
        if not isinstance(node, dict):
            return None
        node = node.get(part)
    return node if isinstance(node, str | int | float | bool) else None


def bounded(value: Value | None) -> Value | None:
    """The value as 64 bits can carry it: a longer number becomes a text."""
    if isinstance(value, int) and not -INTEGER_MAX <= value <= INTEGER_MAX:
        return hex(value)
    return value


def columns(
    fields: Sequence[Field], paths: Sequence[str], rows: Sequence[tuple[Value | None, ...]]
) -> dict[Item, list[Value | None]]:
    """Columns by item from rows of leaves; columns that no row bears are left out."""
    at = {path: position for position, path in enumerate(paths)}
    found: dict[Item, list[Value | None]] = {}
    for one in fields:
        positions = [at[path] for path in one.paths]
        if len(positions) == 1:
            (only,) = positions
            column = [bounded(row[only]) for row in rows]
        else:
            column = [bounded(next((row[p] for p in positions if row[p] is not None), None)) for row in rows]
        if any(value is not None for value in column):
            found[one.item] = column
    return found


def leaves(node: object, prefix: str = "", depth: int = 0) -> list[str]:
    """Paths of all leaves of an untyped body; positions in lists are left out, empty containers are none."""
    if depth > NESTING_MAX:
        return []
    if isinstance(node, dict):
        return [
            path
            for key, below in node.items()
            for path in leaves(below, f"{prefix}.{key}" if prefix else str(key), depth + 1)
        ]
    if isinstance(node, list):
        return [path for below in node for path in leaves(below, prefix, depth + 1)]
    return [] if node is None else [prefix]
