"""The facts: loads are taken once, and figures are the newest."""

import json
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest
import weighed
from weighed import EXAMPLE

from remit.policy.compile import compiled
from remit.policy.flow import checked
from remit.policy.generations import stored
from remit.policy.model import Policy
from remit.policy.split import Cell, CellKey
from remit.policy.tables import tables
from remit.policy.words import ALL, Period
from remit.ports import Figure
from remit.proof.answers import columns_told, found_tables, tables_as_planned
from remit.stores.facts import ChdbFacts, Limits

CELLS = {
    CellKey("page_visit", ("/", "shop-web", 3600)): Cell(2, {"seconds": Counter({3: 1})}),
    CellKey("page_visit", ("/cart", "shop-web", 3600)): Cell(1),
}


HOUR = "1970-01-01 01:00:00"
THREE = "page_visit a CROSS JOIN page_visit b CROSS JOIN page_visit c"
NAMES, SMALL = "concat(a.page, b.page, c.page)", Limits(memory_bytes=32 << 20)
CROWD = f"{THREE} CROSS JOIN page_visit d CROSS JOIN page_visit e"
"""Ten thousand million rows of a hundred and one."""


@pytest.fixture(scope="module")
def policy() -> Policy:
    found = compiled(EXAMPLE.read_text(encoding="utf-8"), EXAMPLE.name)
    assert isinstance(found, Policy)
    return found


def ask(facts: ChdbFacts, policy: Policy, sql: str) -> list[tuple[object, ...]]:
    return list(facts.ask(checked(sql, policy).sql).rows)


def test_a_load_is_taken_once_also_after_reopening(policy: Policy, tmp_path: Path) -> None:
    """Cells, figures and tally of a repeated load change nothing; another load adds, and figures replace."""
    facts = ChdbFacts(tmp_path / "facts")
    facts.prepare(stored([policy]))
    tally = [(0, "shop-web", "page.url", "learn-usage", "reduced", "", 3)]
    figure = Figure("active_users", Period.DAY, 86_400, (ALL,), 4)
    for _ in range(2):
        facts.take(b"1", CELLS, [figure], tally)
    facts.close()
    facts = ChdbFacts(tmp_path / "facts")
    facts.prepare(stored([policy]))
    facts.take(b"1", CELLS, [figure], tally)
    facts.take(b"2", CELLS, [Figure("active_users", Period.DAY, 86_400, (ALL,), 7)], tally)

    assert [("/", 4, {"3": 2}), ("/cart", 2, {})] == ask(
        facts, policy, "SELECT page, n, seconds FROM page_visit ORDER BY page"
    )
    assert [(7,)] == ask(facts, policy, "SELECT identifiers FROM active_users")
    assert [("shop-web", "page.url", "learn-usage", "reduced", "", 6)] == list(facts.tally().rows)
    with pytest.raises(ValueError, match="cannot answer"):
        facts.ask("SELECT * FROM nowhere")
    facts.close()


SENT = ("shop-web", "segment", "analytics-python", "2.4")


def test_what_sdks_sent_is_summed_by_day_with_its_error(policy: Policy, tmp_path: Path) -> None:
    """Numbers and variances add up, once for each load; needed fields stand first, then the most frequent."""
    facts = ChdbFacts(tmp_path / "facts")
    facts.prepare(stored([policy]))
    today = [(0, *SENT, "traits.a", "undeclared", 16, 240), (0, *SENT, "userId", "needed", 16, 240)]
    for load in (b"1", b"1", b"2"):
        facts.take(load, {}, [], [], sent=today)
    facts.take(b"3", {}, [], [], sent=[(86_400, *SENT, "traits.a", "undeclared", 128, 16_256)])
    both, second = facts.sent(), facts.sent(86_400)
    facts.close()

    assert ("app", "protocol", "sdk", "version", "path", "need", "n", "error") == both.columns
    assert [(*SENT, "userId", "needed", 32, 43), (*SENT, "traits.a", "undeclared", 160, 254)] == list(both.rows)
    assert [(*SENT, "traits.a", "undeclared", 128, 250)] == list(second.rows)


@pytest.mark.parametrize(
    ("sql", "limit", "said"),
    [
        ("SELECT a.page FROM page_visit a CROSS JOIN page_visit b", Limits(), "more than 10000 rows"),
        (f"SELECT count() AS n FROM {CROWD}", Limits(seconds=0.5), "over the limits of 0.5 s"),
        (f"SELECT count() AS n FROM (SELECT DISTINCT {NAMES} AS name FROM {THREE})", SMALL, "32 MiB"),
    ],
    ids=["rows", "time", "memory"],
)
def test_a_question_is_stopped_at_its_limits(
    policy: Policy, tmp_path: Path, sql: str, limit: Limits, said: str
) -> None:
    """Too many rows, too long or too much memory end in words, and the store goes on answering."""
    facts = ChdbFacts(tmp_path / "facts", limit)
    facts.prepare(stored([policy]))
    facts.take(b"1", {CellKey("page_visit", (f"/{n}", "shop-web", 3600)): Cell(1) for n in range(101)}, [], [])

    with pytest.raises(ValueError, match=said):
        ask(facts, policy, sql)
    assert [(101,)] == ask(facts, policy, "SELECT count() AS n FROM page_visit")
    facts.close()


@pytest.mark.parametrize("question", weighed.QUESTIONS)
def test_no_answer_makes_the_keeper_large(tmp_path: Path, question: str) -> None:
    """However few rows carry however much, the answer is refused in words, and the process stays within its limit."""
    program = [sys.executable, weighed.__file__, str(tmp_path / "facts"), question]
    told = json.loads(subprocess.run(program, check=True, capture_output=True, timeout=120).stdout)

    assert any(words in told["said"] for words in ("more than 2 MiB", "192 MiB of memory"))
    assert weighed.LIMITS.memory_bytes + weighed.SPARE_BYTES > told["grown"]


REASONS = {
    f"SELECT {'+'.join('1' * 9_900)} AS n FROM page_visit": "too many terms in one expression",
    "SELECT page, sum(n) AS n FROM page_visit": "neither grouped nor added up",
    "SELECT sum(sum(n)) AS n FROM page_visit": "a sum of sums",
    "SELECT intDiv(n, 0) AS n FROM page_visit": "divided by zero",
    "SELECT sum(page) AS n FROM page_visit": "a type that it does not take",
    "SELECT greatest(n, page) AS n FROM page_visit": "values of different types",
    "SELECT n FROM page_visit WHERE n IN ('(TOO_DEEP_AST)')": "a value is compared with one of another type",
}


def test_what_the_store_cannot_answer_is_told_by_its_reason(policy: Policy, tmp_path: Path) -> None:
    """The kind of trouble, and what helps: never the engine's own words, which quote what was asked."""
    facts = ChdbFacts(tmp_path / "facts")
    facts.prepare(stored([policy]))
    facts.take(b"1", CELLS, [], [])
    told = {sql: why_not(facts, policy, sql) for sql in REASONS}
    facts.close()

    assert {} == {sql[:80]: told[sql] for sql, reason in REASONS.items() if reason not in told[sql]}


def why_not(facts: ChdbFacts, policy: Policy, sql: str) -> str:
    """What is said of a question that is not answered."""
    try:
        return f"answered: {ask(facts, policy, sql)}"
    except ValueError as error:
        return str(error)


def test_an_answer_below_its_limit_is_given_whole(policy: Policy, tmp_path: Path) -> None:
    """Rows in their order, columns under their names, and every kind of value as people have it."""
    facts = ChdbFacts(tmp_path / "facts", Limits(answer_bytes=3_000))
    facts.prepare(stored([policy]))
    facts.take(b"1", CELLS, [], [])
    sql = "SELECT page, hour, seconds, n / 2, 'x' AS t, NULL, 'x' LIKE 'y' AS no FROM page_visit ORDER BY n DESC"
    question = checked(sql, policy)
    answer = facts.ask(question.sql)

    assert ("page", "hour", "seconds", "n / 2", "t", "NULL", "no") == question.columns
    assert len(question.columns) == len(answer.columns)
    rest = ("x", None, 0)
    assert (("/", HOUR, {"3": 1}, 1.0, *rest), ("/cart", HOUR, {}, 0.5, *rest)) == answer.rows
    with pytest.raises(ValueError, match="fewer or shorter columns"):
        ask(facts, policy, f"SELECT '{'y' * 1_500}' AS t FROM page_visit")
    facts.close()


def test_the_tables_that_exist_are_those_that_the_policy_generates(policy: Policy, tmp_path: Path) -> None:
    """The engine tells of each column, its type and its place in the order as the plan does, and of what was added."""
    facts = ChdbFacts(tmp_path / "facts")
    facts.prepare(stored([policy]))
    facts.take(b"1", CELLS, [], [])
    found = found_tables(facts.schema().rows)
    assert {table: list(columns) for table, columns in tables(stored([policy])).items()} == found
    assert ((), ()) == (columns_told([policy], found).found, tables_as_planned([policy], found).found)

    for statement in (
        "alter table fact_page_visit add column address String",
        "alter table fact_crash modify column n SimpleAggregateFunction(sum, Int64)",
        "create database aside",
        "create table aside.diary (day String) engine = Log",
    ):
        facts._client.command(statement)
    found = found_tables(facts.schema().rows)
    facts.close()

    assert ["aside.diary.day", "fact_page_visit.address"] == [
        one.partition(" exists")[0] for one in columns_told([policy], found).found
    ]
    assert any("fact_crash.n is " in one for one in tables_as_planned([policy], found).found)
    with pytest.raises(ValueError, match="address; not page"):
        reopened(tmp_path).prepare(stored([policy]))


def test_the_store_is_let_go_of_once_nobody_is_at_work_in_it(tmp_path: Path) -> None:
    """Closing waits for who works there, and lets nobody in after; it opens again, in this process too."""
    facts = ChdbFacts(tmp_path / "facts")
    facts.prepare({})
    closing = threading.Thread(target=facts.close)
    with facts._lock:
        closing.start()
        closing.join(0.2)
        assert facts._client.query("select 1").result_rows == [(1,)]
        assert closing.is_alive()
    closing.join()

    with pytest.raises(AttributeError):
        facts.take(b"1", {}, [], [(0, "shop-web", "page.url", "learn-usage", "reduced", "", 3)])
    again = reopened(tmp_path)
    again.prepare({})
    assert () == again.tally().rows
    again.close()


def reopened(folder: Path) -> ChdbFacts:
    """The store of a folder, once more."""
    return ChdbFacts(folder / "facts")
