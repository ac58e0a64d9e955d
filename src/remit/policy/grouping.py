"""Grouping sets: by which columns a count is told apart. They are a chain: each has those of the one before, and more.

So every group of a finer set lies in one group of the set before it. Sets that overlap in another way would be linked
tables, of which nobody oversees what one tells of the other.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from remit.policy.model import Count, Dimension
from remit.policy.words import ALL, Period

Group = tuple[str | int, ...]
"""A value for each column of a count, in its order; ``(all)`` where its set has no such column."""

Mask = tuple[bool, ...]
"""Which columns of a count a set has, in the order of the count."""


class GroupingSet(NamedTuple):
    """One set of a count. ``table`` is the name by which it is asked."""

    table: str
    columns: tuple[Dimension, ...]
    mask: Mask


class Place(NamedTuple):
    """A group in which a vote counts, and the group of the set before in which it lies; None in the coarsest."""

    group: Group
    above: Group | None


class Ballot(NamedTuple):
    """Where the votes of one count count: in which periods, and by which sets, coarsest first."""

    periods: Sequence[Period]
    sets: Sequence[Mask]

    def places(self, group: Group) -> Iterator[Place]:
        """The groups, one of each set, in which a vote with these values counts."""
        above = None
        for mask in self.sets:
            place = Place(coarsened(group, mask), above)
            yield place
            above = place.group


def sets(count: Count) -> tuple[GroupingSet, ...]:
    """The grouping sets of a count, coarsest first; one of all columns, where it declares none."""
    if not count.sets:
        return (GroupingSet(count.name, count.dimensions, (True,) * len(count.dimensions)),)
    return tuple(
        GroupingSet(
            table_name(count.name, [one.name for one in columns]),
            columns,
            tuple(one in columns for one in count.dimensions),
        )
        for columns in count.sets
    )


def table_name(count: str, columns: Sequence[str]) -> str:
    """By which name the figures of one of several sets are asked: each is a table, so that no sum mixes two."""
    return f"{count}_by_{'_'.join(columns)}" if columns else count


def ballot(count: Count, periods: Sequence[Period]) -> Ballot:
    """Where votes of a count count in some of its periods."""
    return Ballot(periods, [one.mask for one in sets(count)])


def coarsened(group: Group, mask: Mask) -> Group:
    """The group of a set in which another group lies."""
    return tuple(value if has else ALL for value, has in zip(group, mask, strict=True))
