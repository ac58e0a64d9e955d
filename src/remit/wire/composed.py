"""Items that no path bears as they are: made of the flags, or of the parts, that stand at several."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from remit.policy.values import TEXT_CHARACTERS_MAX
from remit.policy.words import Item, Value

Values = Sequence[Value | None]


class Composed(NamedTuple):
    """An item and the dotted paths that it is made of; ``counts`` says which of the values there take part."""

    item: Item
    paths: tuple[str, ...]
    counts: Callable[[Value | None], bool]
    column: Callable[[Sequence[Values]], list[Value | None]]
    """The item's values, of a column for each path; None where no value takes part."""
    beside: str
    """What a value is that takes part, but is not the first: a word before that one's path."""

    def make(self, values: Values) -> Value | None:
        """The item's value, of a value for each path."""
        return self.column([[value] for value in values])[0]


def flags(item: str, words: Mapping[str, str]) -> Composed:
    """The word of the first path at which ``true`` stands."""
    listed = tuple(words.values())

    def column(columns: Sequence[Values]) -> list[Value | None]:
        found: list[Value | None] = [None] * len(columns[0])
        for one, values in reversed(list(zip(listed, columns, strict=True))):
            if True not in values:
                continue
            found = [one if value is True else below for value, below in zip(values, found, strict=True)]
        return found

    return Composed(Item(item), tuple(words), lambda value: value is True, column, "passed over for")


def joined(item: str, *paths: str, by: str) -> Composed:
    """The texts that stand at these paths, one after the other; of no type where they come to more than a text."""

    def together(values: Values) -> Value | None:
        text = by.join(value.strip() for value in values if isinstance(value, str) and _says(value))
        return (text if len(text) <= TEXT_CHARACTERS_MAX else "") if text else None

    def column(columns: Sequence[Values]) -> list[Value | None]:
        return [together(values) for values in zip(*columns, strict=True)]

    return Composed(Item(item), paths, _says, column, "joined to")


def _says(value: Value | None) -> bool:
    return isinstance(value, str) and len(value) <= TEXT_CHARACTERS_MAX and bool(value.strip())
