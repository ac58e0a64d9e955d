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
    make: Callable[[Values], Value | None]
    """The item's value; None where no value takes part."""
    beside: str
    """What a value is that takes part, but is not the first: a word before that one's path."""


def flags(item: str, words: Mapping[str, str]) -> Composed:
    """The word of the first path at which ``true`` stands."""
    listed = tuple(words.values())

    def word(values: Values) -> Value | None:
        for one, value in zip(listed, values, strict=True):
            if value is True:
                return one
        return None

    return Composed(Item(item), tuple(words), lambda value: value is True, word, "passed over for")


def joined(item: str, *paths: str, by: str) -> Composed:
    """The texts that stand at these paths, one after the other; of no type where they come to more than a text."""

    def together(values: Values) -> Value | None:
        text = by.join(value.strip() for value in values if isinstance(value, str) and _says(value))
        return (text if len(text) <= TEXT_CHARACTERS_MAX else "") if text else None

    return Composed(Item(item), paths, _says, together, "joined to")


def _says(value: Value | None) -> bool:
    return isinstance(value, str) and len(value) <= TEXT_CHARACTERS_MAX and bool(value.strip())
