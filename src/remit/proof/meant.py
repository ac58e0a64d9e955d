"""What a record means, and how its values are found the slow way: what all walks over bodies share."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from remit.policy.words import Item, Kind, Value
from remit.wire.decoder import Field

Leaves = Mapping[str, Value]
Found = dict[Item, Value]


@dataclass(frozen=True, slots=True)
class Meant:
    """One record as its sender meant it."""

    kind: Kind
    values: Found
    message: str = ""
    weight: int = 1
    told_for: Item | None = None
    """The item for which alone it is a record: where no rule or statistic needs that of its kind, there is none."""


def leaves(node: object, path: str = "") -> Iterator[tuple[str, Value]]:
    """Every scalar of a body with its dotted path, ``[]`` for each list on the way; nulls are none."""
    if isinstance(node, dict):
        for key, below in node.items():
            yield from leaves(below, f"{path}.{key}" if path else key)
    elif isinstance(node, list):
        for below in node:
            yield from leaves(below, path + "[]")
    elif isinstance(node, str | int | float | bool):
        yield path, node


def first(fields: Sequence[Field], at: Leaves) -> Found:
    """Of each field the value at the first of its paths that is there."""
    # A dot within a key is escaped in the tables of protocols, and stands as it is in ``at``.
    plain = [(one.item, [path.replace("\\", "") for path in one.paths]) for one in fields]
    found = {item: [at[path] for path in paths if path in at] for item, paths in plain}
    return {item: values[0] for item, values in found.items() if values}
