"""Compiled decoders: the plan's items become structs that know only the declared paths.

msgspec skips everything else in C without making a Python object of it, so a value that nothing
declares does not even exist here. Bodies with a wrong type or a null at an inner node go through a
tolerant walk of the same paths, which is also the specification of the fast way.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec

from remit.policy.words import Item, Value

JSON_BYTES_MAX = 1024 * 1024
"""The largest JSON text that is decoded: twice what Segment takes, and what Relay takes for an event."""
NESTING_MAX = 64
INTEGER_MAX = 2**63 - 1
UNREADABLE = (ValueError, RecursionError)
"""All that bytes can do to msgspec and to Python's decoders; their errors are ValueErrors."""

Leaf = str | int | float | bool | None
Row = tuple[Value | None, ...]
Tree = Mapping[str, "Tree | None"]
"""Keys that are known at one level; None where a leaf is expected."""
Node = Mapping[str, "Node"] | msgspec.Raw
"""One value of a body: opened one level, or not at all."""

_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LEAF: msgspec.json.Decoder[Leaf] = msgspec.json.Decoder(Leaf)


class TooMuch(Exception):
    """A JSON text is larger than any SDK sends."""


class Field(NamedTuple):
    """An item and the dotted paths that may bear it; the first that is present wins."""

    item: Item
    paths: tuple[str, ...]


def field(item: str, *paths: str) -> Field:
    """A field of a protocol's table."""
    return Field(Item(item), paths)


def readable(text: bytes) -> bytes:
    """The text, if it is UTF-8 throughout and not too large. Raises UnicodeDecodeError or TooMuch.

    msgspec does not look inside what it skips: without this, a body could be taken or not by luck.
    """
    if len(text) > JSON_BYTES_MAX:
        raise TooMuch
    str(text, "utf-8")
    return text


@dataclass(frozen=True, slots=True)
class Shape:
    """A struct for one kind of object, and how to read its paths, fast and tolerantly."""

    struct: type[msgspec.Struct]
    read: Callable[[Any], Row]
    paths: tuple[str, ...]
    tree: Tree

    def walk(self, node: Node) -> Row:
        """What ``read`` gives, for any body: what is not where it should be reads as None."""
        found: dict[str, Value] = {}
        _gather(node, self.tree, "", found=found)
        return tuple(found.get(path) for path in self.paths)


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
    read: Callable[[Any], Row] = eval(source, {"__builtins__": {}})  # noqa: S307
    return Shape(struct, read, ordered, tree)


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
            # Frozen, so that all rows share one empty object: a body of {} must not become a gigabyte.
            fields.append((name, struct, struct()))
    made = msgspec.defstruct("Node", fields, rename=rename, gc=False, frozen=True)
    back = {key: name for name, key in rename.items()}

    def names(path: str) -> list[str]:
        head, _, rest = path.partition(".")
        return [back[head], *(inner[head](rest) if rest else [])]

    return made, names


def opened(node: Node | None) -> Mapping[str, Node]:
    """One level of an object; empty where the value is not one."""
    if not isinstance(node, msgspec.Raw):
        return node or {}
    try:
        return _OBJECT.decode(node)
    except msgspec.ValidationError:
        return {}


def leaf(node: Node | None) -> Value | None:
    """A scalar; None for a container. Raises DecodeError for a number that no SDK means."""
    if not isinstance(node, msgspec.Raw) or bytes(node)[:1] in (b"{", b"["):
        return None
    return _LEAF.decode(node)


def _gather(node: Node, tree: Tree, prefix: str, *, found: dict[str, Value]) -> None:
    here = opened(node)
    for key, below in tree.items():
        if key not in here:
            continue
        if below is not None:
            _gather(here[key], below, f"{prefix}{key}.", found=found)
        elif (value := leaf(here[key])) is not None:
            found[prefix + key] = value


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


def columns(fields: Sequence[Field], paths: Sequence[str], rows: Sequence[Row]) -> dict[Item, list[Value | None]]:
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


def leaves(node: object, prefix: str = "", depth: int = 0, *, positions: bool = False) -> Iterator[tuple[str, object]]:
    """Paths and values of all leaves of an untyped body, in order; nulls and empty containers are none.

    Elements of a list stand at ``[]``, or with ``positions`` at ``[0]``, ``[1]``. A dot or bracket inside a key is
    escaped, so that no key can pass for a path. What is nested too deeply is one leaf.
    """
    if depth > NESTING_MAX:
        yield prefix, node
    elif isinstance(node, dict):
        for key, below in node.items():
            name = escaped(str(key))
            yield from leaves(below, f"{prefix}.{name}" if prefix else name, depth + 1, positions=positions)
    elif isinstance(node, list):
        for i, below in enumerate(node):
            yield from leaves(below, f"{prefix}[{i if positions else ''}]", depth + 1, positions=positions)
    elif node is not None:
        yield prefix, node


def escaped(key: str) -> str:
    """One key, as a part of a path; an empty one is two quotation marks."""
    return key.replace("\\", "\\\\").replace(".", "\\.").replace("[", "\\[") or '""'


def unneeded(node: object, needed: frozenset[str]) -> list[str]:
    """Paths of the leaves that are not among the needed, without the marks of lists."""
    return [path.replace("[]", "") for path, _ in leaves(node) if path not in needed]
