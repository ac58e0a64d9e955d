"""Which numbers of a count leave the personal side, so that neither they nor their differences tell of fewer than k.

A total less its groups that are shown is how many the hidden ones had, so it is not enough to hide what is small. Going
from the coarsest set to finer ones, the groups within one that is shown always cover it: what may not stand alone is
counted together, as ``(other)``. A group may not stand alone if it is small, and neither if all the others together
are: the total less that group is how many they have. Where ``(other)`` may not stand alone itself, it takes in the
smallest group beside it; and so it does where fewer than k are in two groups, which is what the groups have more than
their total. Nothing finer is shown within ``(other)`` that took something in, nor within what is hidden.

No other difference is left: whatever is added and subtracted of a total and the groups that cover it, and can never be
negative, is a sum of groups, of totals less a group, and of what groups have more than their total.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from remit.policy.grouping import Group, Mask, coarsened
from remit.policy.words import ALL, OTHER

Sizes = Mapping[Group, int]
Together = Callable[[Sequence[Group]], int]
"""How many different identifiers some groups have, each counted once."""


def shown(size: int, k: int) -> int:
    """The number that is told of a group which nothing is added up to: 0 stands for fewer than k."""
    return size if size >= k else 0


def released(sizes: Sizes, together: Together, k: int) -> dict[Group, int]:
    """The numbers of a count that has closed; 0 stands for fewer than k. ``sizes`` has every group of every set."""
    chain = sorted({_mask(group) for group in sizes}, key=sum)
    told = {group: shown(size, k) for group, size in sizes.items() if _mask(group) == chain[0]}
    standing = {group: size for group, size in told.items() if size}
    for before, mask in pairwise(chain):
        within = _within(sizes, before, mask)
        finer: dict[Group, int] = {}
        for group, size in standing.items():
            whole = _Whole(size, within[group], together, k)
            alone, rest = whole.divided(_other(group, mask))
            finer |= alone
            told |= rest
        told |= finer
        standing = finer
    return told


@dataclass(frozen=True, slots=True)
class _Whole:
    """One group that is shown, with the groups of the next set within it."""

    size: int
    groups: Sizes
    together: Together
    k: int

    def divided(self, other: Group) -> tuple[dict[Group, int], dict[Group, int]]:
        """The groups that stand alone, and what is counted together as ``(other)``, if anything is."""
        sizes = self.groups
        fit = [group for group, size in sizes.items() if group != other and self._may_stand(size)]
        alone = sorted(fit, key=lambda group: (sizes[group], repr(group)))
        rest = list(sizes.keys() - set(alone))
        while not self._may_be_told(alone, rest):
            rest.append(alone.pop(0))
        standing = {group: sizes[group] for group in alone}
        if rest == [other]:
            # What the reduction itself calls (other) is a group like any, as long as it took nothing in.
            return standing | {other: sizes[other]}, {}
        return standing, {other: self._of(rest)} if rest else {}

    def _may_stand(self, size: int) -> bool:
        """Whether neither a group of this size is small nor all that it leaves. An estimate may exceed its whole."""
        others = self.size - size
        return size >= self.k and (others <= 0 or others >= self.k)

    def _may_be_told(self, alone: Sequence[Group], rest: Sequence[Group]) -> bool:
        """Whether the rest may stand beside these groups, and what all have more than their whole tells of no few."""
        other = self._of(rest) if rest else 0
        more = sum(self.groups[group] for group in alone) + other - self.size
        return (not rest or self._may_stand(other)) and (more <= 0 or more >= self.k)

    def _of(self, rest: Sequence[Group]) -> int:
        """How many a rest has; it may be told at the latest when it is the whole."""
        return self.size if len(rest) == len(self.groups) else self.together(rest)


def _within(sizes: Sizes, before: Mask, mask: Mask) -> Mapping[Group, Sizes]:
    """The groups of a set, by the group of the set before in which each lies."""
    found: dict[Group, dict[Group, int]] = {}
    for group, size in sizes.items():
        if _mask(group) == mask:
            found.setdefault(coarsened(group, before), {})[group] = size
    return found


def _mask(group: Group) -> Mask:
    return tuple(value != ALL for value in group)


def _other(group: Group, mask: Mask) -> Group:
    return tuple(OTHER if has and value == ALL else value for value, has in zip(group, mask, strict=True))
