"""The rules about counts: what one may be told apart by, and what several together would tell."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise

from remit.policy.grouping import table_name
from remit.policy.language import Finding, columns, grouping_sets, near, rows, voters
from remit.policy.read import Node
from remit.policy.uses import NAME
from remit.policy.words import RECEIVED


def sets_are_a_chain(root: Node) -> Iterator[Finding]:
    """The grouping sets of a count are a chain: each has the columns of the one before, and more; the last has all."""
    for name, count in rows(root, "counts.*"):
        sets = count.get("sets")
        if sets is None:
            continue
        known = {column: item for column, _, item, _ in columns(count)}
        found = [*_misspelt(sets, known), *_without_word_for_all(count)]
        found = found or [*_unchained(sets, list(known))]
        yield from found or _unnameable(name, sets)


def _misspelt(sets: Node, known: Mapping[str, str]) -> Iterator[Finding]:
    if not isinstance(sets.value, list):
        yield sets, "'sets' must be a list of lists", _chain(list(known))
        return
    for one in sets.elements():
        seen: set[str] = set()
        for column in one.elements():
            if column.text() not in known:
                yield column, f"'{column.text()}' is no column here", near(column.text(), known)
            elif column.text() in seen:
                yield column, f"'{column.text()}' stands twice in one set", "keep one of the two"
            seen.add(column.text())


def _without_word_for_all(count: Node) -> Iterator[Finding]:
    for name, node, item, _ in columns(count):
        if item == RECEIVED:
            yield node, f"'{name}' tells when, which is never (all) or (other)", "leave it out: a count has its periods"


def _unchained(sets: Node, known: Sequence[str]) -> Iterator[Finding]:
    listed = [(one, {column.text() for column in one.elements()}) for one in sets.elements()]
    broken = [(two, after, before) for (_, before), (two, after) in pairwise(listed) if not before < after]
    for node, after, before in broken:
        yield (
            node,
            f"{_said(after, known)} does not have what {_said(before, known)} has, and more",
            f"{_chain(known)}; of sets that overlap otherwise, one tells what another hides",
        )
    last = listed[-1][1] if listed else set[str]()
    if not broken and last != set(known):
        yield sets, f"the last set is {_said(last, known)}, and lacks a column", _chain(known)
    elif not broken and len(listed) == 1:
        yield sets, "one set of all columns is what a count has anyway", "leave it out, or add a coarser set before it"


def _unnameable(count: str, sets: Node) -> Iterator[Finding]:
    for one in sets.elements():
        told = table_name(count, [column.text() for column in one.elements()])
        if not NAME.fullmatch(told):
            yield one, f"its table would be called '{told}', which is too long", "give count or columns shorter names"


def _said(of: Collection[str], known: Sequence[str]) -> str:
    return f"[{', '.join(column for column in known if column in of)}]"


def _chain(known: Sequence[str]) -> str:
    return f"write  sets: [{', '.join(_said(known[:n], known) for n in range(len(known) + 1))}]"


def counts_are_not_linked(root: Node) -> Iterator[Finding]:
    """No two counts of one item and period tell differently of those who have it: one would tell what the other hides.

    Neither by other columns, nor for another purpose, nor beside other items: what they differ by are those who
    refused, or who have nothing but the other item.
    """
    seen: list[tuple[str, Node]] = []
    for name, count in rows(root, "counts.*"):
        for other, before in seen:
            if (shared := _shared(count, before)) and _told(count) != _told(before):
                both = f"'{name}' and '{other}' both count by '{shared[0]}'"
                yield (
                    count.get("by") or count,
                    f"{both}, and otherwise differ: one tells what the other hides",
                    "make one count of them, if need be with  sets: [...]  or count other items",
                )
        seen.append((name, count))


def _shared(one: Node, other: Node) -> list[str]:
    """The items by which both count in the same period."""
    periods, others = ({node.text() for _, node in rows(count, "every[]")} for count in (one, other))
    items = {item for _, item in voters(other)}
    return [item for _, item in voters(one) if item in items and periods & others]


def _told(count: Node) -> tuple[object, ...]:
    """What makes the numbers of two counts the same."""
    grounds = [node and node.text() for node in (count.get("for"), count.get("device_access"))]
    return _grouping(count), [item for _, item in voters(count)], grounds


def _grouping(count: Node) -> tuple[object, ...]:
    items = {name: (item, reduction) for name, _, item, reduction in columns(count)}
    sets = [frozenset(items.get(name) for name in one) for one in grouping_sets(count)]
    return frozenset(items.values()), *(sets or [frozenset(items.values())])


def tables_are_distinct(root: Node) -> Iterator[Finding]:
    """Facts and counts, each grouping set by itself, are asked by name in the same place."""
    taken = {name: f"'{name}' is a fact already" for name, _ in rows(root, "facts.*")}
    for _, counts in rows(root, "counts"):
        for name, count in counts.entries():
            for table in [table_name(name, one) for one in grouping_sets(count)] or [name]:
                if table in taken:
                    yield counts.keys[name], taken[table], "give the count another name"
                taken[table] = f"'{table}' is a table of the count '{name}' already"
