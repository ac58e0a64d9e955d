"""The standard data dictionary: every item that policies may name. To read it, open ``items`` and ``terms``."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from remit.policy.items import PAGE, STRONGEST_FIRST
from remit.policy.terms import TABLE
from remit.policy.values import TYPES, ValueType
from remit.policy.words import Category, Item, Label, Sensitivity, Value


@dataclass(frozen=True, slots=True)
class Terms:
    """What other vocabularies call an item, in their own spelling; None where they have no such thing."""

    fideslang: str | None
    dpv: str | None
    play: str | None
    apple: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DataElement:
    """One kind of value. ``rank`` orders the items that name a subject, strongest first."""

    key: Item
    title: str
    label: Label
    category: Category
    sensitivity: Sensitivity
    type: ValueType
    rank: int | None
    terms: Terms

    def fits(self, value: Value) -> bool:
        """Whether the value is of the item's type."""
        return self.type.fits(value)

    def form(self, value: Value) -> str:
        """The one spelling in which two equal identifiers compare equal."""
        return self.type.form(value)


_PREFIXES = ("", "", "PSL_", "NSPrivacyCollectedDataType")


def _lines(text: str) -> Iterator[str]:
    return (line for line in text.splitlines() if line and not line.startswith("#"))


def _terms() -> Iterator[tuple[str, Terms]]:
    terms = Terms(None, None, None, None)
    for line in _lines(TABLE):
        words = line.split()
        if line.startswith(" "):
            yield from ((key, terms) for key in words)
        else:
            pairs = zip(_PREFIXES, words, strict=True)
            terms = Terms(*(None if word == "none" else prefix + word for prefix, word in pairs))


def _entries() -> Iterator[DataElement]:
    terms = dict(_terms())
    ranks = {key: rank for rank, key in enumerate(STRONGEST_FIRST, 1)}
    category = Category.YOU
    for line in _lines(PAGE):
        if line.startswith("= "):
            category = Category(line[2:])
            continue
        key, title, label, sensitivity, kind = re.split(r" {2,}", line)
        yield DataElement(
            key=Item(key),
            title=title,
            label=Label(label),
            category=category,
            sensitivity=Sensitivity(sensitivity),
            type=TYPES[kind],
            rank=ranks.get(key),
            terms=terms[key],
        )


Catalogue = Mapping[Item, DataElement]
"""The items that a policy may name: what everybody has, and what the policy adds."""

CATALOGUE: Catalogue = {entry.key: entry for entry in _entries()}
"""Every item of the text, by key, in its order."""


def extended(own: Iterable[DataElement]) -> Catalogue:
    """The catalogue with a policy's own items behind it; none of them has the key of another."""
    more = {entry.key: entry for entry in own}
    assert not more.keys() & CATALOGUE.keys(), "checked by the compiler"
    return {**CATALOGUE, **more}
