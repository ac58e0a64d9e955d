"""What questions may be asked of the facts: parsed, judged by an allow-list, and written anew from the tree.

The text that a person typed is never run. Whatever this module does not know is refused: it parses with
the engine's dialect, takes one SELECT, and lets only listed nodes, parts of nodes, functions and spellings
through. Sources hold by construction, not by scope analysis: a fact or count is replaced by a subquery over
its cells, and every name that WITH gives is renamed to one that no stored table has.
"""

import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.tokenizer_core import TokenType

from remit.policy.functions import FUNCTIONS, PAGE, nearest, word_of
from remit.policy.generations import Generations, stored
from remit.policy.grouping import GroupingSet, sets, table_name
from remit.policy.headings import headings, named
from remit.policy.model import Fact, Policy
from remit.policy.views import IDENTIFIERS, views

DIALECT = "clickhouse"
SQL_CHARACTERS_MAX, COLUMNS_MAX = 20_000, 1_000
NESTING_MAX = 40
CTE_PREFIX = "W_"
"""Names of facts, counts and stored tables are lower case, and the engine tells case apart."""

_TAIL = frozenset({"with_", "distinct", "order", "limit", "offset"})
_BRANCHES = _TAIL | {"this", "expression"}

STRUCTURE: Mapping[type[exp.Expr], frozenset[str]] = {
    exp.Select: _TAIL | {"expressions", "from_", "joins", "where", "group", "having", "windows"},
    exp.Union: _BRANCHES,
    exp.Except: _BRANCHES,
    exp.Intersect: _BRANCHES,
    exp.Subquery: frozenset({"this", "alias"}),
    exp.With: frozenset({"expressions"}),
    exp.CTE: frozenset({"this", "alias"}),
    exp.Table: frozenset({"this", "alias", "db", "catalog"}),
    exp.TableAlias: frozenset({"this"}),
    exp.From: frozenset({"this"}),
    exp.Join: frozenset("this on side kind using method".split()),
    exp.Group: frozenset({"expressions", "all"}),
    exp.Ordered: frozenset({"this", "desc", "nulls_first"}),
    exp.Limit: frozenset({"this", "expression", "offset", "expressions"}),
    exp.Column: frozenset({"this", "table"}),
    exp.Star: frozenset({"except_"}),
    exp.In: frozenset({"this", "expressions", "query", "field"}),
    exp.Exists: frozenset({"this"}),
    exp.Cast: frozenset({"this", "to"}),
    exp.DataType: frozenset({"this", "nullable", "nested"}),
    exp.Interval: frozenset({"this", "unit"}),
}
"""Nodes of which only these parts may be filled: whatever else the grammar hangs on them is refused."""

PLAIN: frozenset[type[exp.Expr]] = frozenset(
    {
        exp.Where, exp.Having, exp.Order, exp.Offset, exp.Distinct, exp.Alias, exp.Identifier, exp.Literal,
        exp.Null, exp.Boolean, exp.Paren, exp.Tuple, exp.Array, exp.Bracket, exp.Var, exp.And, exp.Or, exp.Not,
        exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between, exp.Is, exp.Like, exp.ILike, exp.Add,
        exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.IntDiv, exp.Neg, exp.DPipe, exp.Case, exp.If, exp.Coalesce,
        exp.Nullif, exp.Count, exp.Sum, exp.Avg, exp.Min, exp.Max, exp.AnyValue, exp.Quantile,
        exp.Round, exp.Floor, exp.Ceil, exp.Abs, exp.Sqrt, exp.Lower, exp.Upper, exp.Length, exp.Concat,
        exp.Substring, exp.Trim, exp.StrPosition, exp.Greatest, exp.Least, exp.DateTrunc, exp.TimestampTrunc,
        exp.Year, exp.Month, exp.Day, exp.DayOfWeek, exp.DayOfMonth, exp.Quarter, exp.Hour, exp.Minute, exp.DateAdd,
        exp.DateSub, exp.DateDiff, exp.CurrentDate, exp.CurrentTimestamp, exp.Window, exp.WindowSpec, exp.RowNumber,
        exp.Rank, exp.DenseRank, exp.Filter, exp.CountIf, exp.StartsWith, exp.EndsWith,
        exp.ApproxDistinct, exp.TimeToStr, exp.DayOfWeekIso, exp.Pow, exp.Explode,
    }
)  # fmt: skip
"""Nodes that may stand with all their parts, since each part is judged as a node itself."""

UNITS = frozenset("SECOND MINUTE HOUR DAY WEEK MONTH QUARTER YEAR".split())
TYPES = frozenset(
    exp.DataType.Type[name]
    for name in """
    TINYINT SMALLINT INT BIGINT UTINYINT USMALLINT UINT UBIGINT FLOAT DOUBLE TEXT VARCHAR DATE DATETIME BOOLEAN
    """.split()
)

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_NUMBER = re.compile(r"[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?|\.[0-9]+")
_FIRST = frozenset({TokenType.SELECT, TokenType.WITH, TokenType.FROM, TokenType.L_PAREN})
_OPENING = frozenset({TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE, TokenType.CASE})
_CLOSING = frozenset({TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE, TokenType.END})


class Unaskable(ValueError):
    """Why a question is not asked; the text carries a permanent code and the way out."""

    def __init__(self, code: str, says: str, fix: str) -> None:
        super().__init__(f"{code} {says}; {fix}")
        self.code = code


@dataclass(frozen=True, slots=True)
class Question:
    """What may run. ``columns`` are the headings of its answer.

    ``small`` are those that show a count's identifiers, and so may hide a small one. ``finer`` are the tables it asks
    in which groups may be counted together, of periods that are over.
    """

    sql: str
    columns: tuple[str, ...]
    small: frozenset[str]
    finer: frozenset[str]


def checked(sql: str, policy: Policy, kept: Generations | None = None) -> Question:
    """The question, fit to run. Raises Unaskable. ``kept`` is what is stored, if not the policy's own forms."""
    try:
        shown = views(policy, stored([policy]) if kept is None else kept)
        return _written(_parsed(sql), policy, shown, typed=sql)
    except RecursionError:
        raise Unaskable("S005", "the question is nested too deeply", "split it with WITH") from None


def _written(tree: exp.Query, policy: Policy, shown: Mapping[str, str], *, typed: str) -> Question:
    tables = _tables(policy)
    _check_nodes(tree, typed)
    _check_sources(tree, tables)
    _rename_ctes(tree)
    computed = named(tree, typed)
    qualified = _qualified(tree, tables)
    _check_nodes(qualified, typed)
    columns = headings(qualified.named_selects, computed)
    outputs = _Outputs(qualified, {one.table for count in policy.counts.values() for one in sets(count)})
    small = frozenset(name for i, name in enumerate(columns) if outputs.show_identifiers(qualified, i))
    finer = {one.table for count in policy.counts.values() for one in sets(count)[1:]}
    asked = frozenset(one.name for one in qualified.find_all(exp.Table)) & finer
    run = _expanded(qualified, shown)
    return Question(run.sql(dialect=DIALECT, comments=False), columns, small, asked)


def _parsed(sql: str) -> exp.Query:
    if len(sql) > SQL_CHARACTERS_MAX:
        raise Unaskable("S001", "the question is too long", f"keep it below {SQL_CHARACTERS_MAX} characters")
    try:
        _check_shape(sql)
        trees = sqlglot.parse(sql, read=DIALECT)
    except (SqlglotError, ValueError) as error:
        if isinstance(error, Unaskable):
            raise
        raise Unaskable("S002", "this is not SQL that can be read", "write one SELECT") from None
    if len(trees) != 1:
        raise Unaskable("S003", "exactly one statement can be asked", "send them one by one")
    (tree,) = trees
    if not isinstance(tree, exp.Select | exp.SetOperation):
        raise Unaskable("S004", "only SELECT can be asked", "write  SELECT ... FROM a fact or count")
    if any(len(one.expressions) > COLUMNS_MAX for one in tree.find_all(exp.Select)):
        raise Unaskable("S006", "a SELECT has too many columns", f"ask for at most {COLUMNS_MAX}")
    return tree


def _check_shape(sql: str) -> None:
    """What is plain before parsing, so that the parser neither digs deep nor logs what it could not read."""
    tokens = sqlglot.tokenize(sql, read=DIALECT)
    if not tokens:
        raise Unaskable("S003", "exactly one statement can be asked", "send them one by one")
    if tokens[0].token_type not in _FIRST:
        raise Unaskable("S004", "only SELECT can be asked", "write  SELECT ... FROM a fact or count")
    depth = 0
    for token in tokens:
        depth += (token.token_type in _OPENING) - (token.token_type in _CLOSING)
        if depth > NESTING_MAX:
            raise Unaskable("S005", "the question is nested too deeply", "split it with WITH")


def _check_nodes(tree: exp.Expr, typed: str) -> None:
    for node in tree.walk():
        _check_kind(node, typed)
        _check_parts(node)
        _check_spelling(node)
        _check_operands(node)


def _check_kind(node: exp.Expr, typed: str) -> None:
    kind = type(node)
    if kind in {exp.Anonymous, exp.AnonymousAggFunc, exp.CombinedAggFunc}:
        if node.name.lower() not in FUNCTIONS:
            word = word_of(node, typed)
            raise Unaskable("S010", f"the function {word} is not allowed", nearest(word))
    elif kind in {exp.Parameter, exp.Placeholder}:
        raise Unaskable("S011", "parameters are not allowed", "write the value itself")
    elif kind not in PLAIN and kind not in STRUCTURE and not _listed(node):
        word = word_of(node, typed)
        if isinstance(node, exp.Func):
            raise Unaskable("S012", f"{word} is not allowed here", nearest(word))
        raise Unaskable("S012", f"{word} is not allowed here", f"ask with plain SELECT, as {PAGE} shows")


def _listed(node: exp.Expr) -> bool:
    return isinstance(node, exp.Func) and node.sql_name().lower().replace("_", "") in FUNCTIONS


def _check_parts(node: exp.Expr) -> None:
    allowed = STRUCTURE.get(type(node))
    if allowed is None:
        return
    for part, value in node.args.items():
        if value and part not in allowed:
            raise Unaskable("S013", f"{part.strip('_').upper()} is not allowed", "leave it out")


def _check_spelling(node: exp.Expr) -> None:
    """Whatever is printed as it stands is matched against what it may look like."""
    if isinstance(node, exp.Identifier) and not _NAME.fullmatch(node.name):
        raise Unaskable("S014", "a name has other characters than letters, digits and _", "rename it")
    if isinstance(node, exp.Literal) and not node.is_string and not _NUMBER.fullmatch(node.name):
        raise Unaskable("S015", "a number is not written in digits", "write it plainly")
    if isinstance(node, exp.Var) and node.name.upper() not in UNITS:
        raise Unaskable("S016", "a unit of time is not known", "use one from SECOND to YEAR")
    if isinstance(node, exp.DataType) and node.this not in TYPES:
        raise Unaskable("S017", "a type is not allowed", "use a whole number, float, String, Date or DateTime")


def _check_operands(node: exp.Expr) -> None:
    """Places where the engine, not the parser, decides whether a word is a column or a table."""
    if isinstance(node, exp.In):
        for operand in (*node.expressions, node.args.get("field")):
            if operand is not None and operand.find(exp.Column, exp.Table):
                raise Unaskable("S018", "IN takes values or a SELECT", "write  IN (SELECT ...)")
    if isinstance(node, exp.Exists | exp.CTE) and not isinstance(node.this, exp.Query):
        raise Unaskable("S018", "WITH and EXISTS take a SELECT", "write  (SELECT ...)")
    if isinstance(node, exp.Subquery) and not isinstance(node.this, exp.Query):
        raise Unaskable("S018", "parentheses after FROM take a SELECT", "write  (SELECT ...)")
    if isinstance(node, exp.Join) and node.kind == "ARRAY":
        raise Unaskable("S013", "ARRAY JOIN is not allowed", "write arrayJoin(mapKeys(...))")


def _tables(policy: Policy) -> dict[str, dict[str, str]]:
    return {fact.name: _fact_columns(fact) for fact in policy.facts.values()} | {
        one.table: _count_columns(one) for count in policy.counts.values() for one in sets(count)
    }


def _fact_columns(fact: Fact) -> dict[str, str]:
    names = [*(one.name for one in fact.dimensions), "n", *(one.name for one in fact.measures)]
    return dict.fromkeys(names, "String")


def _count_columns(of: GroupingSet) -> dict[str, str]:
    names = ["period", "start", *(one.name for one in of.columns), IDENTIFIERS]
    return dict.fromkeys(names, "String")


def _check_sources(tree: exp.Expr, tables: Iterable[str]) -> None:
    there = f"there are: {', '.join(tables)}"
    ctes = {cte.alias for cte in tree.find_all(exp.CTE)}
    for name in sorted(ctes & set(tables)):
        raise Unaskable("S020", f"'{name}' is a fact or count", "give the WITH part another name")
    for node in tree.find_all(exp.From, exp.Join):
        if not isinstance(node.this, exp.Table | exp.Subquery):
            raise Unaskable("S021", "only facts and counts can be asked", there)
    for table in tree.find_all(exp.Table):
        if not isinstance(table.this, exp.Identifier) or table.db or table.catalog:
            raise Unaskable("S021", "only facts and counts can be asked", there)
        if table.name not in ctes and table.name not in tables:
            raise Unaskable("S022", "there is no such fact or count", there)


def _rename_ctes(tree: exp.Expr) -> None:
    """After this no name of a WITH part is the name of a stored table, in whatever scope it stands."""
    ctes = list(tree.find_all(exp.CTE))
    names = {cte.alias for cte in ctes}
    for table in list(tree.find_all(exp.Table)):
        if table.name in names:
            alias = table.alias_or_name
            table.set("this", exp.to_identifier(CTE_PREFIX + table.name))
            table.set("alias", exp.TableAlias(this=exp.to_identifier(alias)))
    for cte in ctes:
        cte.set("alias", exp.TableAlias(this=exp.to_identifier(CTE_PREFIX + cte.alias)))


def _qualified(tree: exp.Query, tables: Mapping[str, Mapping[str, str]]) -> exp.Query:
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
    except SqlglotError:
        raise Unaskable("S030", "a column is not one of the declared ones", _columns_of(tree, tables)) from None
    assert isinstance(made, exp.Query), "a SELECT stays a SELECT"
    return made


def _columns_of(tree: exp.Query, tables: Mapping[str, Mapping[str, str]]) -> str:
    asked = {table.name for table in tree.find_all(exp.Table)} & set(tables)
    finer = {name for name in tables for one in asked if name.startswith(table_name(one, [""]))}
    told = [f"{name} has: {', '.join(tables[name])}" for name in sorted(asked | finer)]
    return "; ".join(told) or "say FROM which fact"


class _Outputs:
    """Follows output columns of a qualified question to where they come from."""

    def __init__(self, tree: exp.Query, counts: Container[str]) -> None:
        self._counts = counts
        self._parts = {cte.alias: cte.this for cte in tree.find_all(exp.CTE)}

    def show_identifiers(self, query: exp.Expr, position: int) -> bool:
        """Whether this output is a count's ``identifiers`` and nothing but it, through any subqueries."""
        if isinstance(query, exp.SetOperation):
            return any(self.show_identifiers(branch, position) for branch in (query.this, query.expression))
        if isinstance(query, exp.Subquery):
            return self.show_identifiers(query.this, position)
        if not isinstance(query, exp.Select) or position >= len(query.selects):
            return False
        column = query.selects[position].unalias()
        return isinstance(column, exp.Column) and self._leads_to(column, _sources(query).get(column.table))

    def _leads_to(self, column: exp.Column, source: exp.Expr | None) -> bool:
        if isinstance(source, exp.Table):
            if source.name in self._counts:
                return column.name == IDENTIFIERS
            source = self._parts.get(source.name)
        query = source.unnest() if isinstance(source, exp.Query) else None
        if not isinstance(query, exp.Query) or column.name not in query.named_selects:
            return False
        return self.show_identifiers(query, query.named_selects.index(column.name))


def _sources(query: exp.Select) -> dict[str, exp.Expr]:
    start = query.args.get("from_")
    nodes = [*([start] if start else []), *query.args.get("joins", [])]
    return {node.this.alias_or_name: node.this for node in nodes}


def _expanded(tree: exp.Query, views: Mapping[str, str]) -> exp.Expr:
    """Replaces a fact by the sum of its cells, and a count by its figures with small ones hidden."""

    def expand(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Table):
            return node
        if node.name in views:
            view = sqlglot.parse_one(views[node.name], read=DIALECT)
            assert isinstance(view, exp.Query), "views are SELECTs"
            return view.subquery(exp.to_identifier(node.alias_or_name, quoted=True))
        assert node.name.startswith(CTE_PREFIX), "what is not a fact or count is a WITH part"
        return node

    return tree.transform(expand)
