"""What the keepers of a house answered, compared with the versions of the policy that were adopted there.

What an earlier version allowed stays allowed: its cells, blocks and figures do not become wrong by a later one. Only
a statistic that the version in force does not have at all is to be gone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from remit.flows.sampling import UNDECLARED
from remit.policy.generations import generations, stored
from remit.policy.model import Collect, Policy
from remit.policy.phrases import duration, listed
from remit.policy.plan import plans
from remit.policy.regions import rulings
from remit.policy.render.notice import blocks
from remit.policy.tables import Column, tables
from remit.ports import Held
from remit.proof.sentences import sentenced
from remit.proof.verdict import Comparison, some

TABLES, HELD = "The tables of statistics", "What is held"
Found = Mapping[str, Sequence[Column]]


def found_tables(rows: Sequence[Sequence[object]]) -> Found:
    """Rows of a schema (table, column, type, sorted) by table."""
    found: dict[str, list[Column]] = {}
    for table, name, kind, is_sorted in rows:
        found.setdefault(str(table), []).append(Column(str(name), str(kind), sorted=bool(is_sorted)))
    return found


def columns_told(versions: Sequence[Policy], found: Found) -> Comparison:
    """Every column that exists has a sentence in the notice of an adopted version."""
    told: dict[str, frozenset[str]] = {}
    known = generations(versions)
    for policy in versions:
        for table, names in sentenced(policy, list(blocks(policy)), known).items():
            told[table] = told.get(table, frozenset()) | names
    return Comparison(
        name="columns",
        group=TABLES,
        says="every column that exists has a sentence",
        told=f"{some(sum(map(len, found.values())), 'column')} of {some(len(found), 'table')}",
        found=tuple(
            f"{table}.{column.name} exists, and no sentence of the notice tells of it"
            for table, columns in found.items()
            for column in columns
            if column.name not in told.get(table, ())
        ),
    )


def tables_as_planned(versions: Sequence[Policy], found: Found) -> Comparison:
    """The tables that exist are those that the policy generates, column by column."""
    return Comparison(
        name="tables",
        group=TABLES,
        says="every generated table is as the plan says: its columns, their types, and the order of its rows",
        told=some(len(found), "table"),
        found=tuple(_unplanned(versions, found)),
    )


def _unplanned(versions: Sequence[Policy], found: Found) -> Iterator[str]:
    planned = tables(stored(versions)) if versions else {}
    yield from (f"{table} does not exist" for table in planned if table not in found)
    for table, columns in found.items():
        if table not in planned:
            yield f"{table} exists, and the version in force has no such fact or count"
            continue
        there, wanted = ({one.name: one for one in side} for side in (columns, planned[table]))
        yield from (f"{table} has no column {name}" for name in wanted if name not in there)
        yield from (f"{table} has a column {name} that the plan does not have" for name in there if name not in wanted)
        yield from _otherwise(table, [(there[name], wanted[name]) for name in wanted if name in there])


def _otherwise(table: str, pairs: Sequence[tuple[Column, Column]]) -> Iterator[str]:
    for there, wanted in pairs:
        if there.type != wanted.type:
            yield f"{table}.{there.name} is {there.type}, and the plan says {wanted.type}"
        if there.sorted != wanted.sorted:
            yield f"rows of {table} lie {'in' if there.sorted else 'in no'} order of {there.name}: position could tell"


def kept_in_time(versions: Sequence[Policy], held: Sequence[Held]) -> Comparison:
    """No block stays longer than its rule says, and none is meant to."""
    rules = _rules(versions)
    found = []
    for one in held:
        rule = rules.get((one.version, one.rule))
        if rule is None:
            continue  # told below
        place = f"under version {one.version}, line {rule.line} ({listed([str(item) for item in rule.items])})"
        longest = "nothing stays" if rule.keep is None else f"it stays {duration(rule.keep)}"
        if one.over:
            found.append(f"{one.over} of {one.blocks} blocks {place} are past their time: {longest}")
        if one.beyond:
            found.append(f"{one.beyond} of {one.blocks} blocks {place} are meant to stay longer: {longest}")
    return Comparison(
        name="time",
        group=HELD,
        says="nothing is kept past its time",
        told=some(sum(one.blocks for one in held), "block"),
        found=tuple(found),
    )


def kept_by_a_rule(versions: Sequence[Policy], held: Sequence[Held]) -> Comparison:
    """Every block lies under a rule of an adopted version."""
    rules = _rules(versions)
    return Comparison(
        name="kept",
        group=HELD,
        says="every block lies under a rule of an adopted version",
        told=f"{some(len(held), 'rule')}, {some(len(versions), 'version')}",
        found=tuple(
            f"{some(one.blocks, 'block')} under rule {one.rule} of version {one.version}, which no adopted version has"
            for one in held
            if (one.version, one.rule) not in rules
        ),
    )


def uses_declared(versions: Sequence[Policy], tally: Sequence[Sequence[object]]) -> Comparison:
    """Every use of a value that ended is one that an adopted version declares. Rows: app, item, purpose, fate ..."""
    declared = {
        (plan.app.name, str(item), str(use.purpose))
        for policy in versions
        for plan in plans(policy).values()
        for table in plan.tables.values()
        for item, uses in table.uses.items()
        for use in uses
    }
    uses: dict[tuple[str, str, str], int] = {}
    for app, item, purpose, fate, _reason, n in tally:
        if fate != UNDECLARED:  # which older houses counted here
            use = str(app), str(item), str(purpose)
            uses[use] = uses.get(use, 0) + int(str(n))
    return Comparison(
        name="declared",
        group=HELD,
        says="every use of a value that was made is declared by an adopted version",
        told=some(len(uses), "use"),
        found=tuple(
            f"{app} used {item} for '{purpose}' {some(n, 'time')}, and no adopted version declares that"
            for (app, item, purpose), n in uses.items()
            if (app, item, purpose) not in declared
        ),
    )


def _rules(versions: Sequence[Policy]) -> dict[tuple[int, int], Collect]:
    """What a block may lie under: every rule of a version under every law, with the time that this law leaves it."""
    return {
        (policy.version, number): replace(rule, keep=law.keep(rule))
        for policy in versions
        for number, rule, law in rulings(policy)
    }
