"""The languages that remit has words for. Another one is a file beside this one, and a word in the list."""

from remit.policy.phrasebooks.english import ENGLISH
from remit.policy.phrasebooks.german import GERMAN
from remit.policy.phrasebooks.phrasebook import Phrasebook

BOOKS = {book.tag: book for book in (ENGLISH, GERMAN)}
"""Every phrasebook, by its tag."""


def found(tag: str) -> Phrasebook | None:
    """The phrasebook for a BCP 47 tag, or for the language that it narrows: de-AT is said in German (RFC 4647)."""
    parts = tag.casefold().split("-")
    tags = ("-".join(parts[:size]) for size in range(len(parts), 0, -1))
    return next((BOOKS[one] for one in tags if one in BOOKS), None)


def book(tag: str) -> Phrasebook:
    """The phrasebook for a declared language. Raises ValueError where there is none, which checks rule out."""
    known = found(tag)
    if known is None:
        raise ValueError(f"there are no words for the language '{tag}'; known: {', '.join(BOOKS)}")
    return known
