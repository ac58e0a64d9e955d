"""Draws what two alike bodies bear, leaf by leaf: a value for one side, and a sibling of it for the other."""

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import TypeVar

from remit.policy.catalogue import Catalogue
from remit.policy.words import Item, Value
from remit.proof.pools import PERSONS, Sight, one_of, spellings
from remit.wire.decoder import keys

BORNE, RENAMED, VARIED = 0.8, 0.5, 0.7
MOMENTS: Sequence[Value] = ("2026-11-03T09:30:00Z", "2026-11-04T10:30:00.250+01:00", 1_793_700_000_000)
SENDINGS: Sequence[Value] = ("2026-11-06T09:30:00.000Z", "2026-11-07T11:00:00+02:00", 1_794_200_000_000)
"""Any of these is later than any of those, by less than a record may be held back."""
NO_TIMES: Sequence[Value] = ("", "soon", "y" * 3000)
"""How often a leaf is there, a kind of identifier is renamed, and a value is another on the other side."""

T = TypeVar("T")

Leaf = tuple[str, str, str]
"""Protocol, kind of record, path."""

Both = tuple[Value, Value]


class Loom:
    """Draws one leaf for both sides: the same person under two names, one value and its sibling, or one value."""

    sight: Sight
    client: str
    """Sentry's, where one sends."""

    def __init__(self, seed: int, catalogue: Catalogue, *, repeats: float, only: frozenset[Leaf] | None) -> None:
        self.dice, self._catalogue, self._only = random.Random(seed), catalogue, only  # noqa: S311 -- a lot, no secret
        self._ids, self._repeats = count(seed << 32), repeats
        self.varied: Counter[Leaf] = Counter()
        named = [entry.key for entry in catalogue.values() if entry.rank is not None]
        self._moved = frozenset(item for item in named if self.chance(RENAMED))
        self._messages_moved = self.chance(RENAMED)

    def chance(self, likely: float) -> bool:
        """True so often."""
        return self.dice.random() < likely

    def value(self, leaf: Leaf, item: Item | None, scale: int = 1) -> Both:
        """What stands at a leaf that bears this item; None is an item that no policy knows."""
        if item is None:
            return self._noted(leaf, (f"any {self.dice.random()}", f"any {self.dice.random()}"))
        entry = self._catalogue[item]
        if entry.rank is not None and self.chance(0.9):
            return self.identifier(leaf, item)
        is_varied = self.chance(VARIED)
        left, siblings = self.sight.drawn(self.dice, item, is_varied=is_varied)
        if entry.rank is not None and entry.fits(left):
            siblings = []  # names are renamed above, or nowhere
        right = one_of(self.dice, siblings) if siblings and is_varied else left
        return self._noted(leaf, (_scaled(left, scale), _scaled(right, scale)))

    def moment(self, leaf: Leaf) -> Both:
        """A time of happening, or once in a while what is none."""
        return self.either(leaf, MOMENTS if self.chance(0.9) else NO_TIMES)

    def sending(self, leaf: Leaf) -> Both:
        """A time of sending."""
        return self.either(leaf, SENDINGS)

    def either(self, leaf: Leaf, alike: Sequence[Value]) -> Both:
        """One of these values, which no column can tell apart, and one for the other side."""
        left = one_of(self.dice, alike)
        return self._noted(leaf, (left, one_of(self.dice, alike) if self.chance(VARIED) else left))

    def said(self, leaf: Leaf, item: Item) -> Both:
        """The same, where an empty text would count as absent."""
        both: Both = "", ""
        while "" in both:
            both = self.value(leaf, item)
        return both

    def identifier(self, leaf: Leaf, item: Item) -> Both:
        """One person's identifier, and the one it is renamed to."""
        kind, who = self._catalogue[item].type.name, self.dice.randrange(PERSONS)
        other = PERSONS + who * 7 % PERSONS if item in self._moved else who
        return self._noted(leaf, (one_of(self.dice, spellings(kind, who)), one_of(self.dice, spellings(kind, other))))

    def message(self, leaf: Leaf) -> tuple[str, str]:
        """A message id, of which there is one; but some come again."""
        number = self.dice.randrange(3) if self.chance(self._repeats) else next(self._ids)
        left = f"{number:032x}"
        right = f"{number + (1 << 80):032x}" if self._messages_moved else left
        self._noted(leaf, (left, right))
        return left, right

    def settled(self, made: Callable[[], T], alike: Callable[[T], bool]) -> T:
        """What is made, once both sides are alike in what follows from several leaves; what was drawn in vain is not
        counted.
        """
        while True:
            before = self.varied.copy()
            one = made()
            if alike(one):
                return one
            self.varied = before

    def _noted(self, leaf: Leaf, both: Both) -> Both:
        left, right = both
        if self._only is not None and leaf not in self._only:
            right = left
        if repr(left) != repr(right):
            self.varied[leaf] += 1
        return left, right


def _scaled(value: Value, scale: int) -> Value:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value * scale if is_number and scale != 1 else value


class Bodies:
    """Two bodies that grow together."""

    def __init__(self) -> None:
        self.left: dict[str, object] = {}
        self.right: dict[str, object] = {}

    def put(self, path: str, both: tuple[object, object]) -> None:
        """Set a leaf in both."""
        for body, value in zip((self.left, self.right), both, strict=True):
            *inner, last = keys(path)
            node = body
            for part in inner:
                below = node.setdefault(part, {})
                assert isinstance(below, dict), "a leaf is not on the way to another"
                node = below
            node[last] = value


Woven = tuple[str, Mapping[str, str], tuple[bytes, bytes]]
