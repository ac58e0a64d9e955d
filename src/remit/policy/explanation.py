"""What an explanation is made of: passages of sentences, each with the line that says it."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sentence:
    """One thing that is so. ``line`` is where the policy says it (1-based); None where it follows from all of it."""

    about: str
    says: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """What stands under one heading."""

    heading: str
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that a policy says of one name, as one kind of thing: an item, a purpose, a recipient ..."""

    kind: str
    name: str
    says: str
    parts: tuple[Passage, ...]


def explanation(kind: str, name: str, *, says: str, parts: Iterable[tuple[str, Iterable[Sentence]]]) -> Explanation:
    """An explanation of the passages that have something to say."""
    told = ((heading, tuple(sentences)) for heading, sentences in parts)
    return Explanation(kind, name, says, tuple(Passage(heading, told) for heading, told in told if told))
