"""Compiled decoders: the plan's items become structs that know only the declared paths.

msgspec skips everything else in C without making a Python object of it, so on the way of a record a value
that nothing declares does not even exist. Bodies with a wrong type or a null at an inner node go through a
tolerant walk of the same paths, which is also the specification of the fast way.

Beside that way two look at all of a body: a sample (``sampled``) of what an SDK sends, and a trial (``nodes``), which
shows a body to whom it came from.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, NamedTuple

import msgspec
from msgspec import Meta

from remit.policy.values import TEXT_CHARACTERS_MAX
from remit.policy.words import Item, Value

JSON_BYTES_MAX = 1024 * 1024
"""The largest JSON text that is decoded: twice what Segment takes, and what Relay takes for an event."""
NESTING_MAX = 64
VALUES_SIZE_MAX = 8 * 1024 * 1024
"""What all values of one request may come to, each with its characters and ``VALUE_SIZE``: a text that stands once
in a body may be lent to thousands of records."""
VALUE_SIZE = 64
"""About what one more reference to a value costs until its request is answered."""
PATH_CHARACTERS_MAX = 256
"""More of a sampled path is cut off: a long key is part of every path below it."""
INTEGER_MIN, INTEGER_MAX = -(2**63), 2**63 - 1
UNREADABLE = (ValueError, RecursionError)
"""All that bytes can do to msgspec and to Python's decoders; their errors are ValueErrors."""

Leaf = str | int | float | bool | None
Short = (
    Annotated[str, Meta(max_length=TEXT_CHARACTERS_MAX)]
    | Annotated[int, Meta(ge=INTEGER_MIN, le=INTEGER_MAX)]
    | float
    | bool
    | None
)
"""A leaf that ``short`` would leave as it is."""
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


_PART = re.compile(r"(?:\\.|[^.\\])+")


@lru_cache(maxsize=4096)
def keys(path: str) -> tuple[str, ...]:
    """The keys of a dotted path of a protocol's table; a dot that is part of a key is escaped, as in ``nodes``."""
    return tuple(re.sub(r"\\(.)", r"\1", part) for part in _PART.findall(path))


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
    places: tuple[tuple[str, ...], ...]
    """Keys on the way to each path."""
    build: Callable[[Row], Any]
    """The struct that reads as this row."""
    attributes: Mapping[str, str]
    """Where each path stands in a struct."""

    def column(self, paths: Sequence[str]) -> Callable[[Sequence[Any]], list[Value | None]]:
        """Reads many structs: of each, the first of these paths that bears a value.

        A comprehension made for the paths takes a fifth of the time that rows and positions take.
        """
        made: Callable[[Sequence[Any]], list[Value | None]] = _evaluated(
            f"lambda rows: [{self._first(paths)} for row in rows]"
        )
        return made

    def pairs(self, fields: Sequence["Field"]) -> Callable[[Any], tuple[tuple[Item, Value | None], ...]]:
        """Reads one struct: each item with its value."""
        source = "".join(f"(item{number}, {self._first(one.paths)}), " for number, one in enumerate(fields))
        items = {f"item{number}": one.item for number, one in enumerate(fields)}
        made: Callable[[Any], tuple[tuple[Item, Value | None], ...]] = _evaluated(f"lambda row: ({source})", **items)
        return made

    def _first(self, paths: Sequence[str]) -> str:
        *before, last = (f"row.{self.attributes[path]}" for path in paths)
        value = last
        for one in reversed(before):
            value = f"({one} if {one} is not None else {value})"
        return value

    def walk(self, node: Node) -> Row:
        """What ``read`` gives, for any body: what is not where it should be reads as None."""
        found: dict[tuple[str, ...], Value] = {}
        _gather(node, self.tree, (), found=found)
        return tuple(found.get(place) for place in self.places)


def shape(paths: Iterable[str], leaf: Any = Leaf) -> Shape:
    """A struct that knows only these dotted paths, at each a ``leaf`` or less; absent ones read as None."""
    ordered = tuple(dict.fromkeys(paths))
    tree: dict[str, Any] = {}
    for path in ordered:
        node = tree
        *inner, last = keys(path)
        for part in inner:
            node = node.setdefault(part, {})
        node.setdefault(last, None)
    struct, names = _struct(tree, leaf)
    attributes = {path: ".".join(names(keys(path))) for path in ordered}
    reads = ", ".join(f"row.{attribute}" for attribute in attributes.values())
    read: Callable[[Any], Row] = _evaluated(f"lambda row: ({reads}{',' if ordered else ''})")
    return Shape(struct, read, ordered, tree, tuple(map(keys, ordered)), _builder(struct, attributes), attributes)


def _evaluated(source: str, **known: Any) -> Any:
    # The source holds only generated attribute names (f0.f1...), nothing of any policy or body.
    return eval(source, {"__builtins__": {}, **known})  # noqa: S307


def _builder(struct: type[msgspec.Struct], attributes: Mapping[str, str]) -> Callable[[Row], Any]:
    at = {attribute: place for place, attribute in enumerate(attributes.values())}
    made: dict[str, type[msgspec.Struct]] = {}

    def source(of: type[msgspec.Struct], prefix: str) -> str:
        name = f"s{len(made)}"
        made[name] = of
        parts = [
            f"row[{at[prefix + one.name]}]"
            if prefix + one.name in at
            else source(type(one.default), f"{prefix}{one.name}.")
            for one in msgspec.structs.fields(of)
        ]
        return f"{name}({', '.join(parts)})"

    text = source(struct, "")
    builds: Callable[[Row], Any] = _evaluated(f"lambda row: {text}", **made)
    return builds


def named(keys: Iterable[str]) -> Shape:
    """A struct that knows only these keys of one object, whatever stands in them; absent ones read as None."""
    ordered = tuple(dict.fromkeys(keys))
    fields: list[tuple[str, Any, Any]] = [(f"f{number}", Leaf, None) for number in range(len(ordered))]
    rename = {f"f{number}": key for number, key in enumerate(ordered)}
    struct = msgspec.defstruct("Node", fields, rename=rename, gc=False, frozen=True)
    tree: Tree = dict.fromkeys(ordered)
    attributes = {key: name for name, key in rename.items()}
    places = tuple((key,) for key in ordered)
    return Shape(struct, msgspec.structs.astuple, ordered, tree, places, lambda row: struct(*row), attributes)


def _struct(tree: Mapping[str, Any], leaf: Any) -> tuple[type[msgspec.Struct], Callable[[Sequence[str]], list[str]]]:
    fields: list[tuple[str, Any, Any]] = []
    rename: dict[str, str] = {}
    inner: dict[str, Callable[[Sequence[str]], list[str]]] = {}
    for number, (key, below) in enumerate(tree.items()):
        name = f"f{number}"
        rename[name] = key
        if below is None:
            fields.append((name, leaf, None))
        else:
            struct, inner[key] = _struct(below, leaf)
            # Frozen, so that all rows share one empty object: a body of {} must not become a gigabyte.
            fields.append((name, struct, struct()))
    made = msgspec.defstruct("Node", fields, rename=rename, gc=False, frozen=True)
    back = {key: name for name, key in rename.items()}

    def names(path: Sequence[str]) -> list[str]:
        head, *rest = path
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


def _gather(node: Node, tree: Tree, way: tuple[str, ...], *, found: dict[tuple[str, ...], Value]) -> None:
    here = opened(node)
    for key, below in tree.items():
        if key not in here:
            continue
        if below is not None:
            _gather(here[key], below, (*way, key), found=found)
        elif (value := leaf(here[key])) is not None:
            found[*way, key] = value


def walk(node: object, path: str) -> Value | None:
    """The leaf at a dotted path of an untyped body; None where there is none."""
    for part in keys(path):
        if not isinstance(node, dict):
            return None
        node = node.get(part)
    return node if isinstance(node, str | int | float | bool) else None


def bounded(value: Value | None) -> Value | None:
    """The value as 64 bits can carry it: a longer number becomes a text."""
    if isinstance(value, int) and not INTEGER_MIN <= value <= INTEGER_MAX:
        return hex(value)
    return value


def short(value: Value | None) -> Value | None:
    """The value as a column bears it. An over-long text is of no type, and so is the empty one, which costs nothing.

    Cut to its beginning it could become what its sender did not mean: an identifier, if the rest was blank.
    """
    if isinstance(value, str):
        return value if len(value) <= TEXT_CHARACTERS_MAX else ""
    return bounded(value)


def message_id(value: object) -> str:
    """The id under which a record is told from its repeats; an over-long one is none, like no id."""
    text = "" if value is None else str(value)
    return text if len(text) <= TEXT_CHARACTERS_MAX else ""


def size(values: Iterable[Value | None]) -> int:
    """What values come to, by the measure of ``VALUES_SIZE_MAX``."""
    return sum(
        VALUE_SIZE + len(value) if isinstance(value, str) else VALUE_SIZE for value in values if value is not None
    )


def lent(node: Node | None, tree: Tree) -> Mapping[str, Node]:
    """What is read of an object that many records share: opened once, without the rest, its texts made short."""
    here = opened(node)
    return {
        key: _short_leaf(here[key]) if below is None else lent(here[key], below)
        for key, below in tree.items()
        if key in here
    }


def _short_leaf(node: Node) -> Node:
    first = bytes(node)[:1] if isinstance(node, msgspec.Raw) else b"{"
    if first in (b"{", b"["):
        return msgspec.Raw(b"null")
    return msgspec.Raw(b'""') if first == b'"' and short(leaf(node)) == "" else node


def columns(fields: Sequence[Field], paths: Sequence[str], rows: Sequence[Row]) -> dict[Item, list[Value | None]]:
    """Columns by item from rows of leaves; columns that no row bears are left out."""
    at = {path: position for position, path in enumerate(paths)}
    found: dict[Item, list[Value | None]] = {}
    for one in fields:
        positions = [at[path] for path in one.paths]
        if len(positions) == 1:
            (only,) = positions
            column = [short(row[only]) for row in rows]
        else:
            column = [short(next((row[p] for p in positions if row[p] is not None), None)) for row in rows]
        if any(value is not None for value in column):
            found[one.item] = column
    return found


def leaves(node: object, prefix: str = "", *, positions: bool = False) -> Iterator[tuple[str, object]]:
    """Paths and values of all leaves of an untyped body, in order; nulls and empty containers are none.

    Elements of a list stand at ``[]``, or with ``positions`` at ``[0]``, ``[1]``. A dot or bracket inside a key is
    escaped, so that no key can pass for a path. What is nested too deeply is one leaf.
    """
    return ((path, value) for path, value in nodes(node, prefix, positions=positions) if value is not None)


def nodes(node: object, prefix: str = "", *, positions: bool = False) -> Iterator[tuple[str, object]]:
    """The same, and None for each container and null on the way: a step costs the same wherever it is."""
    above = [iter([(prefix, node)])]
    while above:
        for path, value in above[-1]:
            if isinstance(value, dict | list) and len(above) <= NESTING_MAX + 1:
                yield path, None
                above.append(_below(path, value, positions=positions))
                break
            yield path, value
        else:
            above.pop()


def _below(path: str, node: Mapping[str, object] | list[object], *, positions: bool) -> Iterator[tuple[str, object]]:
    if isinstance(node, list):
        yield from ((f"{path}[{i if positions else ''}]", value) for i, value in enumerate(node))
        return
    for key, value in node.items():
        name = escaped(str(key))
        below = f"{path}.{name}" if path else name
        yield below if positions else below[:PATH_CHARACTERS_MAX], value


def escaped(key: str) -> str:
    """One key, as a part of a path; an empty one is two quotation marks."""
    return key.replace("\\", "\\\\").replace(".", "\\.").replace("[", "\\[") or '""'
