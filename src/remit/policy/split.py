"""What decide makes: the only values that stores accept. Only ``policy/decide`` builds the first three."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from remit.policy.columns import Rows
from remit.policy.words import Fate, Item, PurposeKey, Reason


class Name(NamedTuple):
    """One identifier of a record in its compared form."""

    item: Item
    form: str


class Clue(NamedTuple):
    """An identifier that many may share, in its compared form; it stays as long as ``rule`` keeps it."""

    item: Item
    form: str
    rule: int


@dataclass(frozen=True, slots=True)
class Block:
    """Values to keep, of records that bear the same names, under one rule of one policy version.

    ``names`` is never empty and the first owns the block. ``received`` is in ms since 1970. ``clues`` are those that
    the records bore and that are kept for the same purpose as the block.
    """

    names: tuple[Name, ...]
    version: int
    rule: int
    received: int
    rows: Rows
    clues: tuple[Clue, ...] = ()


class CellKey(NamedTuple):
    """Where a cell stands: its fact and its dimensions, in the fact's order. All closed values."""

    fact: str
    dimensions: tuple[str | int, ...]


@dataclass(slots=True)
class Cell:
    """A sum: how often, and for each measure an exponential histogram (bucket -> n)."""

    n: int = 0
    histograms: dict[str, Counter[int]] = field(default_factory=dict)

    def add(self, other: "Cell") -> None:
        """Cells of one key merge exactly."""
        self.n += other.n
        for measure, buckets in other.histograms.items():
            self.histograms.setdefault(measure, Counter()).update(buckets)


@dataclass(frozen=True, slots=True)
class Vote:
    """One identifier's contribution to one group of a count. Personal until hashed with the count's key."""

    count: str
    group: tuple[str | int, ...]
    item: Item
    form: str


class TallyKey(NamedTuple):
    """One kind of end that uses of an item can have."""

    app: str
    item: Item
    purpose: PurposeKey
    fate: Fate
    reason: Reason | None


Tally = Counter[TallyKey]
"""How many uses ended how."""


@dataclass(slots=True)
class Split:
    """Everything one batch came to."""

    blocks: list[Block] = field(default_factory=list)
    cells: dict[CellKey, Cell] = field(default_factory=dict)
    votes: list[Vote] = field(default_factory=list)
    tally: Tally = field(default_factory=Counter)

    def renamed(self, names: Mapping[str, str]) -> "Split":
        """The same, with each fact and count under another name."""
        if all(name == other for name, other in names.items()):
            return self
        cells = {CellKey(names[key.fact], key.dimensions): cell for key, cell in self.cells.items()}
        votes = [replace(vote, count=names[vote.count]) for vote in self.votes]
        return Split(self.blocks, cells, votes, self.tally)

    def add(self, other: "Split") -> None:
        """Sum with another split."""
        self.blocks += other.blocks
        for key, cell in other.cells.items():
            self.cells.setdefault(key, Cell()).add(cell)
        self.votes += other.votes
        self.tally.update(other.tally)


def merged(splits: Sequence[Split]) -> Split:
    """The sum of all."""
    total = Split()
    for split in splits:
        total.add(split)
    return total
