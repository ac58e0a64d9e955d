"""Questions: what is allowed is written anew, everything else is refused with a code."""

from pathlib import Path

import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from remit.policy.compile import compiled
from remit.policy.flow import Refusal, checked
from remit.policy.model import Policy

EXAMPLE = Path(__file__).resolve().parents[2] / "examples/device-maker/remit.yaml"
REFUSED = {
    "SELECT * FROM file('/etc/passwd')": "S010",
    "SELECT * FROM url('http://192.0.2.1/')": "S010",
    "SELECT * FROM remote('192.0.2.1', 'a.b')": "S010",
    "SELECT * FROM s3('http://192.0.2.1/x')": "S010",
    "SELECT * FROM executable('ls', TSV, 'x String')": "S010",
    "SELECT * FROM numbers(10)": "S010",
    "SELECT dictGet('a', 'b', 1)": "S010",
    "SELECT file('/etc/passwd')": "S010",
    "SELECT sleep(3) FROM page_visit": "S010",
    "SELECT hostName() FROM page_visit": "S010",
    "SELECT n FROM page_visit WHERE n IN (SELECT file('x'))": "S010",
    "SELECT n FROM page_visit ORDER BY currentUser()": "S010",
    "SELECT * FROM system.tables": "S021",
    "SELECT * FROM default.page_visit": "S021",
    "SELECT n FROM page_visit WHERE page IN (SELECT name FROM system.tables)": "S021",
    "SELECT n FROM fact_page_visit": "S022",
    "SELECT * FROM tally": "S022",
    "SELECT * FROM page_visit FORMAT JSON": "S013",
    "SELECT * FROM page_visit SETTINGS max_threads = 64": "S013",
    "SELECT n FROM page_visit PREWHERE n > 1": "S013",
    "SELECT _part FROM page_visit": "S030",
    "SELECT secret FROM page_visit": "S030",
    "SELECT {x:String} FROM page_visit": "S011",
    "SELECT COLUMNS('.*') FROM page_visit": "S012",
    "SELECT * FROM page_visit INTO OUTFILE 'x'": "S002",
    "SELECT 1; SELECT 2": "S003",
    "": "S003",
    "-- nothing": "S003",
    "INSERT INTO page_visit VALUES (1)": "S004",
    "DROP TABLE fact_page_visit": "S004",
    "CREATE TABLE x (a Int8) ENGINE = File(CSV)": "S004",
    "WITH page_visit AS (SELECT 1 AS n) SELECT n FROM page_visit": "S020",
    "SELECT n FROM page_visit " + " " * 20_000: "S001",
}
ALLOWED = (
    "SELECT page, sum(n) AS v FROM page_visit GROUP BY page ORDER BY v DESC LIMIT 5",
    "SELECT * FROM active_users WHERE period = 'day'",
    "WITH a AS (SELECT page, n FROM page_visit) SELECT page, sum(n) FROM a GROUP BY page",
    "SELECT toDate(hour) AS day, sumMap(seconds) FROM page_visit GROUP BY day",
    "SELECT a.page FROM page_visit a JOIN session b ON a.hour = b.hour",
    "SELECT n FROM page_visit UNION ALL SELECT n FROM crash",
    "SELECT n /* SETTINGS max_threads = 9 */ FROM page_visit -- FORMAT JSON",
)


@pytest.fixture(scope="module")
def policy() -> Policy:
    found = compiled(EXAMPLE.read_text(encoding="utf-8"), EXAMPLE.name)
    assert isinstance(found, Policy)
    return found


def tables(sql: str) -> set[str]:
    return {table.name for tree in sqlglot.parse(sql, read="clickhouse") if tree for table in tree.find_all(exp.Table)}


def real(policy: Policy) -> set[str]:
    return {f"fact_{name}" for name in policy.facts} | {f"count_{name}" for name in policy.counts}


@pytest.mark.parametrize(("sql", "code"), REFUSED.items(), ids=lambda value: str(value)[:60])
def test_what_is_not_listed_is_refused(policy: Policy, sql: str, code: str) -> None:
    """Functions, sources, clauses and statements outside the list end with their permanent code."""
    with pytest.raises(Refusal) as refused:
        checked(sql, policy)
    assert code == refused.value.code


@pytest.mark.parametrize("sql", ALLOWED)
def test_what_is_allowed_reads_only_the_facts(policy: Policy, sql: str) -> None:
    """The generated statement touches tables of the policy's facts and counts, and carries no comment."""
    made = checked(sql, policy).sql

    ctes = {cte.alias for tree in sqlglot.parse(made, read="clickhouse") if tree for cte in tree.find_all(exp.CTE)}
    assert tables(made) - ctes <= real(policy)
    assert "--" not in made
    assert "SETTINGS" not in made


PIECES = (
    "SELECT FROM WHERE GROUP BY ORDER LIMIT page n page_visit active_users identifiers system.tables file('x')"
    " ( ) , * = 1 'a' ; -- /* */ WITH AS UNION ALL JOIN ON FORMAT SETTINGS sum( count( url( _part"
).split()


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join))
def test_any_text_is_refused_in_words_or_made_safe(policy: Policy, sql: str) -> None:
    """No text escapes as an exception of the parser, and none reaches anything but the facts."""
    try:
        made = checked(sql, policy).sql
    except Refusal:
        return
    ctes = {cte.alias for tree in sqlglot.parse(made, read="clickhouse") if tree for cte in tree.find_all(exp.CTE)}
    assert tables(made) - ctes <= real(policy)


def test_small_counts_are_hidden_in_the_statement_itself(policy: Policy) -> None:
    """The number of a small count does not leave the store, whatever is done with the column."""
    question = checked("SELECT identifiers + 1 AS x, identifiers FROM active_users", policy)

    assert f'"whole" < {policy.k} THEN NULL' in question.sql
    assert frozenset({"identifiers"}) == question.small
