"""Items that a policy adds to the catalogue: how they are read, and the rules that they keep."""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import TypeVar

from remit.policy.catalogue import CATALOGUE, Catalogue, DataElement, extended
from remit.policy.items import STRONGEST_FIRST
from remit.policy.language import Finding, near, rows
from remit.policy.read import Node
from remit.policy.values import TYPES
from remit.policy.words import RECEIVED, Category, Item, Label, Sensitivity

Word = TypeVar("Word", bound=StrEnum)

_KEY = re.compile(r"[a-z][a-z0-9_]{0,30}(\.[a-z][a-z0-9_]{0,30}){0,2}")
_OWN_TYPES = TYPES.keys() - {CATALOGUE[RECEIVED].type.name}
_NAMING = frozenset("identifier assigned email phone imei imsi mac uuid oaid android_id".split())
"""Types whose values have one form, so that two spellings of one identifier name one subject."""
_TELLING_TYPES = _NAMING | {"url", "ip", "time"}
_TELLING = frozenset({Sensitivity.IDENTIFIER, Sensitivity.CONTACT, Sensitivity.CONTENT, Sensitivity.FINANCIAL})


def catalogue(root: Node) -> Catalogue:
    """All items that this policy may name. What a rule below will refuse counts as the most telling meanwhile."""
    return extended(_entries(root))


def _entries(root: Node) -> Iterator[DataElement]:
    # An identifier of a maker's own is weaker than all that others would know somebody by, too.
    rank = len(STRONGEST_FIRST)
    for key, node in rows(root, "items.*"):
        if key in CATALOGUE:
            continue
        sensitivity = _word(node, "sensitivity", Sensitivity.CONTENT)
        names = sensitivity is Sensitivity.IDENTIFIER
        rank += names
        yield DataElement(
            key=Item(key),
            title=_text(node, "title"),
            label=_word(node, "label", Label.DIRECTLY),
            category=_word(node, "category", Category.YOU),
            sensitivity=sensitivity,
            type=TYPES.get(_text(node, "type"), TYPES["text"]),
            rank=rank if names else None,
            terms=CATALOGUE.get(Item(_text(node, "like")), CATALOGUE[Item("name")]).terms,
        )


def _text(node: Node, key: str) -> str:
    found = node.get(key)
    return "" if found is None else found.text()


def _word(node: Node, key: str, otherwise: Word) -> Word:
    try:
        return type(otherwise)(_text(node, key))
    except ValueError:
        return otherwise


def own_items_are_new(root: Node) -> Iterator[Finding]:
    """An item of the policy's own has a key and a title that no other item has."""
    titles = {entry.title: key for key, entry in CATALOGUE.items()}
    for _, items in rows(root, "items"):
        for key, node in items.entries():
            if key in CATALOGUE:
                yield items.keys[key], f"'{key}' is in the catalogue already", "use it as it is, or choose another key"
            elif not _KEY.fullmatch(key):
                yield items.keys[key], f"'{key}' cannot be an item", "write it like  loyalty.card"
            title = _text(node, "title")
            if titles.setdefault(title, Item(key)) != key:
                yield node, f"'{titles[title]}' has the title '{title}' too", "say in the title what tells them apart"


def own_items_are_described(root: Node) -> Iterator[Finding]:
    """The words that describe an item are of the closed lists; ``like`` is an item that others know."""
    lists: dict[str, list[str]] = {
        "label": [word.value for word in Label],
        "category": [word.value for word in Category],
        "sensitivity": [word.value for word in Sensitivity],
        "type": sorted(_OWN_TYPES),
        "like": [*CATALOGUE],
    }
    for key, known in lists.items():
        for _, node in rows(root, f"items.*.{key}"):
            if node.text() not in known:
                yield node, f"'{node.text()}' is no {key} of an item", near(node.text(), known)


def own_items_are_labelled(root: Node) -> Iterator[Finding]:
    """What recognises, reaches, quotes or charges somebody is labelled so and no symbol; an identifier has one form."""
    for key, node in rows(root, "items.*"):
        label, sensitivity = _word(node, "label", Label.DIRECTLY), _word(node, "sensitivity", Sensitivity.CONTENT)
        kind = _text(node, "type")
        if label is Label.NOT and (sensitivity in _TELLING or kind in _TELLING_TYPES):
            what = sensitivity.value if sensitivity in _TELLING else kind
            yield node, f"'{key}' is of '{what}', so it identifies somebody", "write  label: indirectly  (or directly)"
        elif kind == "symbol" and (sensitivity in _TELLING or label is Label.DIRECTLY):
            yield (
                node,
                f"'{key}' is of people, so it is no name of a piece of a program",
                "write  type: text  (which no column shows as it is)",
            )
        if sensitivity is Sensitivity.IDENTIFIER and kind in _OWN_TYPES - _NAMING:
            yield (
                node,
                f"'{key}' identifies, but '{kind}' can spell one identifier in several ways",
                "choose one of the types: " + ", ".join(sorted(_NAMING)),
            )


def own_items_are_collected(root: Node) -> Iterator[Finding]:
    """An item that the policy adds is collected by it."""
    taken = {node.text() for _, node in rows(root, "collect[].items[]")}
    for _, items in rows(root, "items"):
        for key in items.keys:
            if key not in taken and key not in CATALOGUE:
                yield items.keys[key], f"'{key}' is declared, and nothing collects it", "collect it, or leave it out"
