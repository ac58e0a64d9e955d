"""What questions may be asked of the facts: parsed, judged by an allow-list, and written anew from the tree.

The text that a person typed is never run. Whatever this module does not know is refused: it parses with
the engine's dialect, takes one SELECT, resolves every source to a fact or count of the policy (or to a
CTE or subquery over them), and lets only listed functions through.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify

from remit.policy.model import Count, Fact, Policy

DIALECT = "clickhouse"
SQL_CHARACTERS_MAX = 20_000
IDENTIFIERS = "identifiers"

ALLOWED: tuple[type[exp.Expression], ...] = (
    exp.Select, exp.Union, exp.Subquery, exp.CTE, exp.With, exp.From, exp.Join, exp.Where, exp.Group,
    exp.Having, exp.Order, exp.Ordered, exp.Limit, exp.Offset, exp.Distinct, exp.Table, exp.TableAlias,
    exp.Alias, exp.Column, exp.Identifier, exp.Literal, exp.Star, exp.Null, exp.Boolean, exp.Paren,
    exp.Tuple, exp.Array, exp.Interval, exp.Var, exp.DataType, exp.DataTypeParam, exp.Cast, exp.And,
    exp.Or, exp.Not, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between, exp.In, exp.Is,
    exp.Like, exp.ILike, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.IntDiv, exp.Neg, exp.Case,
    exp.If, exp.Coalesce, exp.Nullif, exp.Count, exp.Sum, exp.Avg, exp.Min, exp.Max, exp.Round,
    exp.Floor, exp.Ceil, exp.Abs, exp.Lower, exp.Upper, exp.Length, exp.Concat, exp.Substring,
    exp.DateTrunc, exp.TimestampTrunc, exp.Year, exp.Month, exp.Day, exp.DayOfWeek, exp.DateAdd,
    exp.DateSub, exp.CurrentDate, exp.CurrentTimestamp, exp.Window, exp.RowNumber, exp.Bracket,
    exp.Map, exp.Exists,
)  # fmt: skip
"""Kinds of node that may stand in a question."""

FUNCTIONS = frozenset(
    """
    todate todatetime tostartofhour tostartofday tostartofweek tostartofmonth tostartofyear toyear tomonth
    todayofmonth todayofweek tohour tominute touint64 toint64 tofloat64 tostring mapkeys mapvalues summap
    arraysum sumif countif avgif minif maxif if multiif round floor ceil today now uniqexact startswith endswith
    greatest least formatdatetime
    """.split()
)
"""Functions that sqlglot has no class for, by lower-case name."""


class Refusal(ValueError):
    """Why a question is not asked; the text carries a permanent code and the way out."""

    def __init__(self, code: str, says: str, fix: str) -> None:
        super().__init__(f"{code} {says}; {fix}")
        self.code = code


@dataclass(frozen=True, slots=True)
class Question:
    """What may run. ``small`` are output columns that may hide a small count."""

    sql: str
    columns: tuple[str, ...]
    small: frozenset[str]


def checked(sql: str, policy: Policy) -> Question:
    """The question, fit to run. Raises Refusal."""
    tree = _parsed(sql)
    tables = _tables(policy)
    _check_nodes(tree)
    _check_sources(tree, tables)
    qualified = _qualified(tree, tables)
    _check_nodes(qualified)
    columns = tuple(qualified.named_selects)
    small = frozenset(name for name in columns if name == IDENTIFIERS)
    run = qualified.transform(_expanded(policy))
    return Question(run.sql(dialect=DIALECT, comments=False), columns, small)


def _parsed(sql: str) -> exp.Expression:
    if len(sql) > SQL_CHARACTERS_MAX:
        raise Refusal("S001", "the question is too long", f"keep it below {SQL_CHARACTERS_MAX} characters")
    try:
        trees = sqlglot.parse(sql, read=DIALECT)
    except (SqlglotError, RecursionError, ValueError):
        raise Refusal("S002", "this is not SQL that can be read", "write one SELECT") from None
    if len(trees) != 1 or trees[0] is None:
        raise Refusal("S003", "exactly one statement can be asked", "send them one by one")
    (tree,) = trees
    if not isinstance(tree, exp.Select | exp.Union):
        raise Refusal("S004", "only SELECT can be asked", "write  SELECT ... FROM a fact or count")
    return tree


_CLAUSES = {
    "settings",
    "format",
    "into",
    "locks",
    "sample",
    "pivots",
    "hint",
    "laterals",
    "prewhere",
    "options",
    "kind",
}


def _check_nodes(tree: exp.Expr) -> None:
    for node in tree.walk():
        if isinstance(node, exp.Anonymous | exp.AnonymousAggFunc | exp.CombinedAggFunc):
            if node.name.lower() not in FUNCTIONS:
                raise Refusal("S010", f"function '{node.name}' is not allowed", "see the docs for those that are")
        elif isinstance(node, exp.Parameter | exp.Placeholder):
            raise Refusal("S011", "parameters are not allowed", "write the value itself")
        elif not isinstance(node, ALLOWED) and not _listed(node):
            raise Refusal("S012", f"'{type(node).__name__}' is not allowed here", "ask with plain SELECT")
        if isinstance(node, exp.Select | exp.Union | exp.Table):
            for clause in _CLAUSES & set(node.args):
                if node.args[clause]:
                    raise Refusal("S013", f"{clause.upper()} is not allowed", "leave it out")


def _listed(node: exp.Expr) -> bool:
    return isinstance(node, exp.Func) and node.sql_name().lower().replace("_", "") in FUNCTIONS


def _tables(policy: Policy) -> dict[str, dict[str, str]]:
    return {fact.name: _fact_columns(fact) for fact in policy.facts.values()} | {
        count.name: _count_columns(count) for count in policy.counts.values()
    }


def _fact_columns(fact: Fact) -> dict[str, str]:
    names = [*(one.name for one in fact.dimensions), "n", *(one.name for one in fact.measures)]
    return dict.fromkeys(names, "String")


def _count_columns(count: Count) -> dict[str, str]:
    names = ["period", "start", *(one.name for one in count.dimensions), IDENTIFIERS]
    return dict.fromkeys(names, "String")


def _check_sources(tree: exp.Expression, tables: Mapping[str, object]) -> None:
    shadows = {cte.alias for cte in tree.find_all(exp.CTE)}
    for name in sorted(shadows & set(tables)):
        raise Refusal("S020", f"'{name}' is a fact or count", "give the WITH part another name")
    for table in tree.find_all(exp.Table):
        if not isinstance(table.this, exp.Identifier) or table.args.get("db") or table.args.get("catalog"):
            raise Refusal("S021", "only facts and counts can be asked", f"there are: {', '.join(tables)}")
        if table.name not in tables and table.name not in shadows:
            raise Refusal("S022", f"there is no fact or count '{table.name}'", f"there are: {', '.join(tables)}")


def _qualified(tree: exp.Expression, tables: Mapping[str, Mapping[str, str]]) -> exp.Query:
    schema: dict[str, object] = {name: dict(columns) for name, columns in tables.items()}
    try:
        made = qualify(
            tree,
            schema=schema,
            dialect=DIALECT,
            expand_stars=True,
            validate_qualify_columns=True,
            identify=True,
        )
    except (SqlglotError, RecursionError):
        raise Refusal("S030", "a column is not one of the declared ones", "see the policy for columns") from None
    assert isinstance(made, exp.Query), "a SELECT stays a SELECT"
    return made


def _expanded(policy: Policy) -> Callable[[exp.Expression], exp.Expression]:
    """Replaces a fact by the sum of its cells, and a count by its newest figures with small ones hidden."""
    views = {fact.name: _fact_view(fact) for fact in policy.facts.values()} | {
        count.name: _count_view(count, policy.k) for count in policy.counts.values()
    }

    def expand(node: exp.Expression) -> exp.Expression:
        if isinstance(node, exp.Table) and node.name in views:
            view = sqlglot.parse_one(views[node.name], read=DIALECT)
            assert isinstance(view, exp.Query), "views are SELECTs"
            return view.subquery(node.alias_or_name)
        return node

    return expand


def _fact_view(fact: Fact) -> str:
    dimensions = [f'"{one.name}"' for one in fact.dimensions]
    sums = ['sum("n") AS "n"', *(f'sumMap("{one.name}") AS "{one.name}"' for one in fact.measures)]
    group = f" GROUP BY {', '.join(dimensions)}" if dimensions else ""
    return f'SELECT {", ".join([*dimensions, *sums])} FROM "fact_{fact.name}"{group}'  # noqa: S608 -- names that checks admitted


def _count_view(count: Count, k: int) -> str:
    names = ['"period"', '"start"', *(f'"{one.name}"' for one in count.dimensions)]
    columns = ", ".join(names)
    inner = f'SELECT {columns}, max("{IDENTIFIERS}") AS "whole" FROM "count_{count.name}" GROUP BY {columns}'  # noqa: S608 -- as above
    shown = f'if("whole" < {int(k)}, NULL, "whole") AS "{IDENTIFIERS}"'
    return f'SELECT {columns}, {shown} FROM ({inner}) AS "figures"'  # noqa: S608 -- as above
