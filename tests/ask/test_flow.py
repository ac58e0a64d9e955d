"""Questions: what is allowed is written anew, everything else is refused with a code."""

import logging
from pathlib import Path

import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from remit.policy.compile import compiled
from remit.policy.flow import CTE_PREFIX, SQL_CHARACTERS_MAX, Unaskable, checked
from remit.policy.model import Policy

HERE = Path(__file__).resolve().parent
EXAMPLE = HERE.parents[1] / "examples/device-maker/remit.yaml"
REFUSED = sorted((HERE / "refused").glob("*.sql"))
ALLOWED = sorted((HERE / "allowed").glob("*.sql"))


@pytest.fixture(scope="module")
def policy() -> Policy:
    found = compiled(EXAMPLE.read_text(encoding="utf-8"), EXAMPLE.name)
    assert isinstance(found, Policy)
    return found


def tables(sql: str) -> set[str]:
    """Every table of the statement, but for those that its own WITH parts give."""
    (tree,) = sqlglot.parse(sql, read="clickhouse")
    assert tree is not None
    named = {table.sql(dialect="clickhouse", identify=False) for table in bare(tree)}
    return {name for name in named if not name.startswith(f'"{CTE_PREFIX}')}


def bare(tree: exp.Expr) -> list[exp.Table]:
    """The tables of a tree, without their aliases."""
    found = [table.copy() for table in tree.find_all(exp.Table)]
    for table in found:
        table.set("alias", None)
    return found


def real(policy: Policy) -> set[str]:
    cells = {f"fact_{name}" for name in policy.facts}
    return {f'"{name}"' for name in cells | {f"count_{name}" for name in policy.counts}}


@pytest.mark.parametrize("path", REFUSED, ids=lambda path: path.stem)
def test_what_is_not_listed_is_refused(policy: Policy, path: Path) -> None:
    """Functions, sources, clauses, spellings and statements outside the lists end with their permanent code."""
    with pytest.raises(Unaskable) as refused:
        checked(path.read_text(encoding="utf-8"), policy)
    assert path.stem.partition("-")[0] == refused.value.code


@pytest.mark.parametrize("path", ALLOWED, ids=lambda path: path.stem)
def test_what_is_allowed_reads_only_the_facts(policy: Policy, path: Path) -> None:
    """The generated statement touches tables of the policy's facts and counts, and bears no comment or clause."""
    made = checked(path.read_text(encoding="utf-8"), policy).sql

    assert tables(made) <= real(policy)
    assert "/*" not in made
    assert "SETTINGS" not in made


def test_a_question_has_a_largest_size(policy: Policy) -> None:
    """What is longer than the limit is not even parsed."""
    with pytest.raises(Unaskable) as refused:
        checked("SELECT n FROM page_visit" + " " * SQL_CHARACTERS_MAX, policy)
    assert "S001" == refused.value.code


def test_a_borrowed_name_does_not_reach_the_table_behind_it(policy: Policy) -> None:
    """A WITH part that is named like a stored table lends its name to nobody outside its scope."""
    sql = (HERE / "borrowed-name.sql").read_text(encoding="utf-8")
    try:
        made = checked(sql, policy).sql
    except Unaskable:
        return
    assert set() == tables(made)


def test_small_counts_are_hidden_in_the_statement_itself(policy: Policy) -> None:
    """The number of a small count does not leave the store, whatever is done with the column."""
    question = checked("SELECT identifiers + 1 AS x, identifiers FROM active_users", policy)

    assert f'"whole" < {policy.k}' in question.sql
    assert ("x", "identifiers") == question.columns


@pytest.mark.parametrize(
    ("sql", "small"),
    [
        ("SELECT identifiers AS x FROM active_users", {"x"}),
        ("SELECT x FROM (SELECT identifiers AS x FROM active_users)", {"x"}),
        ("WITH a AS (SELECT identifiers AS x, app FROM active_users_by_app) SELECT app, x AS y FROM a", {"y"}),
        ("SELECT n AS x FROM page_visit UNION ALL SELECT identifiers FROM active_users", {"x"}),
        ("SELECT identifiers + 1 AS x FROM active_users", set()),
        ("SELECT page AS identifiers FROM page_visit", set()),
    ],
)
def test_columns_that_may_hide_a_small_count_are_named(policy: Policy, sql: str, small: set[str]) -> None:
    """A column is marked where it is a count's identifiers under any name, and nowhere else."""
    assert small == checked(sql, policy).small


@pytest.mark.parametrize(
    ("sql", "finer"),
    [
        ("SELECT identifiers FROM active_users", set()),
        ("SELECT app, identifiers FROM active_users_by_app", {"active_users_by_app"}),
        ("WITH a AS (SELECT 1 FROM active_users_by_app) SELECT * FROM a", {"active_users_by_app"}),
        ("SELECT page FROM page_visit WHERE app IN (SELECT app FROM active_users_by_app)", {"active_users_by_app"}),
        ("WITH a AS (SELECT n FROM page_visit) SELECT n AS active_users_by_app FROM a", set()),
    ],
)
def test_tables_that_put_groups_together_are_named(policy: Policy, sql: str, finer: set[str]) -> None:
    """Wherever a question asks them, and only where it is they that it asks."""
    assert finer == checked(sql, policy).finer


PIECES = (
    "SELECT FROM WHERE GROUP BY ORDER LIMIT HAVING page n page_visit active_users identifiers count_active_users tally"
    " system.tables file('x') ( ) , * = 1 'a' IN EXISTS ; -- /* */ WITH a AS UNION ALL JOIN ON FORMAT SETTINGS"
    ' sum( count( url( _part `a\\` "a" [ ] INTERVAL DAY CASE WHEN END . a. EXPLAIN'
).split()
SOURCES = ("page_visit", "active_users", "count_active_users", "tally", "a", "system.tables", "default.tally")
COLUMNS = ("n", "page", "identifiers", "*", "_part", "a.n", "1", "count()", "file('x')", "sum(n)")


def statements(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Grammatical statements with another one in each clause."""
    column, source = st.sampled_from(COLUMNS), st.sampled_from(SOURCES)
    place = st.sampled_from(
        (
            "SELECT {c} AS n FROM ({i}) AS {s}",
            "SELECT {c} FROM {s} WHERE n IN ({i})",
            "SELECT {c} FROM {s} AS x, ({i}) AS y",
            "WITH {s} AS ({i}) SELECT {c} FROM {t}",
            "SELECT {c} FROM (WITH {s} AS ({i}) SELECT * FROM {s}) AS y, {t}",
            "SELECT {c} FROM {s} HAVING EXISTS ({i})",
            "SELECT ({i}) AS n FROM {s}",
            "SELECT {c} FROM {s} ORDER BY ({i})",
            "{i} UNION ALL SELECT {c} FROM {s}",
            "WITH a AS (SELECT 1 AS n), {s} AS (SELECT n FROM {t}) {i}",
        )
    )
    return st.builds(lambda p, c, s, t, i: p.format(c=c, s=s, t=t, i=i), place, column, source, source, inner)


TREES = st.recursive(
    st.builds("SELECT {} FROM {}".format, st.sampled_from(COLUMNS), st.sampled_from(SOURCES)), statements, max_leaves=4
)
PILES = st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join)


@settings(max_examples=400, deadline=None)
@given(st.one_of(TREES, PILES, PILES.map("SELECT ".__add__), st.text(max_size=40)))
def test_any_text_is_refused_in_words_or_made_safe(policy: Policy, sql: str) -> None:
    """No text escapes as an exception of the parser, and what is accepted reads nothing but cells and figures."""
    try:
        made = checked(sql, policy).sql
    except Unaskable:
        return
    assert tables(made) <= real(policy)


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=30))
def test_a_text_stays_the_same_text(policy: Policy, text: str) -> None:
    """A string of the question comes out as one string of the same characters, whatever quotes it bears."""
    literal = "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
    try:
        made = checked(f"SELECT {literal} AS x FROM page_visit", policy).sql
    except Unaskable:
        return
    (tree,) = sqlglot.parse(made, read="clickhouse")
    assert isinstance(tree, exp.Select)
    value = tree.selects[0].unalias()
    assert (text, True) == (value.name, value.is_string)


def told_about(sql: str, policy: Policy) -> str:
    try:
        checked(sql, policy)
    except Unaskable as refused:
        return str(refused)
    return ""


def test_what_was_asked_is_not_logged(policy: Policy, caplog: pytest.LogCaptureFixture) -> None:
    """A question may bear a name of somebody: neither the answer nor a log repeats it."""
    with caplog.at_level(logging.WARNING):
        told = [told_about(path.read_text(encoding="utf-8"), policy) for path in [*REFUSED, *ALLOWED]]
    assert [] == [says for says in told if "192.0.2.1" in says]
    assert [] == caplog.messages
