"""The catalogue as a page of the docs: every item with all that is known of it, part by part of the text."""

from collections.abc import Iterable, Iterator

from remit.policy.catalogue import CATALOGUE, DataElement
from remit.policy.values import TYPES
from remit.policy.words import TELLS, Category, Label

_INTRODUCTION = """# The catalogue

The items that a policy may name. `make pages` writes this page from `policy/items` and `policy/terms`.

A rank marks the items that name a subject, strongest first: a choice is made, and a person is found, under these.
Terms are those of fideslang, of W3C DPV (after `https://w3id.org/dpv/pd#`), of Google Play's Data safety (after
`PSL_`) and of Apple's privacy manifest (after `NSPrivacyCollectedDataType`)."""
_HEADINGS = {
    Category.YOU: "Personal information that people provide",
    Category.DEVICE: "Information about the device",
    Category.PARTNER: "Identifiers that partners assigned",
    Category.LOG: "Log information",
    Category.THIRD_PARTY: "Information from third parties",
    Category.NON_PERSONAL: "Non-personal information",
}
_IDENTIFIES = {
    Label.DIRECTLY: "says who somebody is",
    Label.INDIRECTLY: "recognises a person or a device, by itself or with something else",
    Label.NOT: "identifies nobody while it is used apart from the above",
}
_COLUMNS = "item, title, identifies, sensitivity, type, rank, fideslang, DPV, Google Play, Apple".split(", ")
_PREFIXES = ("PSL_", "NSPrivacyCollectedDataType")


def markdown() -> str:
    """The page in Markdown."""
    return "\n".join([_INTRODUCTION, *_items(), *_meanings()]) + "\n"


def _items() -> Iterator[str]:
    for category, heading in _HEADINGS.items():
        yield f"\n## {heading}\n"
        yield from _table(_COLUMNS, (_row(entry) for entry in CATALOGUE.values() if entry.category is category))


def _row(entry: DataElement) -> list[str]:
    said = (entry.label.value, entry.sensitivity.value, entry.type.name, str(entry.rank or ""))
    terms = (entry.terms.fideslang, entry.terms.dpv, entry.terms.play, entry.terms.apple)
    return [f"`{entry.key}`", entry.title, *said, *map(_short, terms)]


def _short(term: str | None) -> str:
    for prefix in _PREFIXES:
        term = term and term.removeprefix(prefix)
    return term or "none"


def _meanings() -> Iterator[str]:
    types = {kind.name: kind.says for kind in TYPES.values()}
    for heading, column, meanings in (
        ("What a label says", "identifies", _IDENTIFIES),
        ("What a value tells", "sensitivity", TELLS),
        ("What is of a type", "type", types),
    ):
        yield f"\n## {heading}\n"
        yield from _table((column, "it means"), ((f"`{word}`", says) for word, says in meanings.items()))


def _table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    names = list(columns)
    for cells in (names, ["---"] * len(names), *rows):
        yield f"| {' | '.join(map(_cell, cells))} |"


def _cell(text: str) -> str:
    return text.replace("|", r"\|")
