"""What a fact or count looks like to questions: one SELECT over all its generations, with the columns that it has now.

A column that an older generation does not have is ``(none)`` there, and one that is no more is summed over. A count
with several grouping sets looks like as many tables, so that no sum takes a total and its groups together; each shows
what was counted by that very set. Where a finer number is below a k that grew since, no finer one of its period is
shown: a total less the others would tell it.
"""

from collections.abc import Iterable, Sequence

from remit.policy.generations import Generation, Generations, table
from remit.policy.grouping import GroupingSet, sets
from remit.policy.model import Count, Dimension, Fact, Measure, Policy
from remit.policy.words import ALL, NONE, RECEIVED

IDENTIFIERS = "identifiers"


def views(policy: Policy, stored: Generations) -> dict[str, str]:
    """The SELECT behind each fact, and each grouping set of a count, of a policy."""
    return {fact.name: _of_fact(fact, stored[fact.name]) for fact in policy.facts.values()} | {
        one.table: _of_set(one, _rows_of_set(count, one, stored[count.name]), policy.k)
        + ("" if place == 0 else _without_small(stored[count.name], policy.k))
        for count in policy.counts.values()
        for place, one in enumerate(sets(count))
    }


def _quoted(names: Iterable[str]) -> list[str]:
    return [f'"{name}"' for name in names]


def _of_fact(fact: Fact, stored: Sequence[Generation]) -> str:
    dimensions = _quoted(one.name for one in fact.dimensions)
    measures = _quoted(one.name for one in fact.measures)
    sums = ['sum("n") AS "n"', *(f"sumMap({name}) AS {name}" for name in measures)]
    group = f" GROUP BY {', '.join(dimensions)}" if dimensions else ""
    rows = _rows(fact, stored, [*dimensions, '"n"', *measures])
    return f"SELECT {', '.join([*dimensions, *sums])} FROM {rows}{group}"  # noqa: S608 -- names that checks admitted


def _of_set(one: GroupingSet, rows: str, k: int) -> str:
    """Of a period in which the columns changed the larger number is shown: nobody knows who is in both."""
    columns = ", ".join(_keys(one))
    inner = f'SELECT {columns}, max("{IDENTIFIERS}") AS "whole" FROM {rows} GROUP BY {columns}'  # noqa: S608 -- as above
    shown = f'if("whole" < {int(k)}, NULL, "whole") AS "{IDENTIFIERS}"'
    return f'SELECT {columns}, {shown} FROM ({inner}) AS "figures"'  # noqa: S608 -- as above


def _without_small(stored: Sequence[Generation], k: int) -> str:
    """What leaves the rows of a finer set of the periods in which no finer number is small."""
    finer = " UNION ALL ".join(
        f'SELECT "period", "start" FROM "{table(each)}"{small}'  # noqa: S608 -- as above
        for each in stored
        if isinstance(each.of, Count) and each.of.sets
        for small in (f'{_only(one, each.of)} AND "{IDENTIFIERS}" < {int(k)}' for one in sets(each.of)[1:])
    )
    return f' WHERE ("period", "start") NOT IN ({finer})'


def _keys(one: GroupingSet) -> list[str]:
    return _quoted(["period", "start", *(column.name for column in one.columns)])


def _rows_of_set(count: Count, one: GroupingSet, stored: Sequence[Generation]) -> str:
    """The rows of one set in all generations that have it."""
    columns = [*_keys(one), f'"{IDENTIFIERS}"']
    if not any(isinstance(each.of, Count) and each.of.sets for each in stored):
        return _rows(count, stored, columns)
    selects = [
        f'SELECT {", ".join(columns)} FROM "{table(each)}"{_only(other, each.of)}'  # noqa: S608 -- as above
        for each in stored
        if isinstance(each.of, Count)
        for other in sets(each.of)
        if _described(other.columns) == _described(one.columns)
    ]
    return f'({" UNION ALL ".join(selects)}) AS "stored"'


def _only(one: GroupingSet, of: Count) -> str:
    """What leaves the rows of one set, of all that a generation has."""
    if not of.sets:
        return ""
    told = zip(_quoted(column.name for column in of.dimensions), one.mask, strict=True)
    return " WHERE " + " AND ".join(f"{name} {'!=' if has else '='} '{ALL}'" for name, has in told)


def _described(columns: Iterable[Dimension]) -> set[tuple[object, ...]]:
    return {(one.name, *_said(one)) for one in columns}


def _rows(of: Fact | Count, stored: Sequence[Generation], columns: Sequence[str]) -> str:
    """All generations as one table with the columns of the one in force."""
    if [_form(one.of) for one in stored] == [_form(of)]:
        return f'"{table(stored[0])}"'
    union = " UNION ALL ".join(_one(of, generation, columns) for generation in stored)
    return f'({union}) AS "stored"'


def _one(of: Fact | Count, generation: Generation, columns: Sequence[str]) -> str:
    known, wanted = _columns(generation.of), _columns(of)
    lacking = {f'"{name}"': _empty(one) for name, one in wanted.items() if _said(known.get(name)) != _said(one)}
    shown = [f"{lacking[name]} AS {name}" if name in lacking else name for name in columns]
    return f'SELECT {", ".join(shown)} FROM "{table(generation)}"'  # noqa: S608 -- as above


def _columns(of: Fact | Count) -> dict[str, Dimension | Measure]:
    """What the policy says of each column, by name."""
    measures = of.measures if isinstance(of, Fact) else ()
    columns: tuple[Dimension | Measure, ...] = (*of.dimensions, *measures)
    return {one.name: one for one in columns}


def _form(of: Fact | Count) -> list[tuple[object, ...]]:
    return [(name, *_said(one)) for name, one in _columns(of).items()]


def _said(column: Dimension | Measure | None) -> tuple[object, ...]:
    """What makes two columns of one name the same."""
    return (column.item, getattr(column, "reduction", Measure)) if column is not None else ()


def _empty(column: Dimension | Measure) -> str:
    if isinstance(column, Measure):
        return "CAST(map() AS Map(Int16, UInt64))"
    return "toDateTime(0, 'UTC')" if column.item == RECEIVED else f"'{NONE}'"
