"""docs/asking.md: whoever asks finds every table, function, limit and refusal, and what stands there is so."""

import re
from collections.abc import Iterator
from pathlib import Path

import asking
import pytest
import sqlglot
from asking import PAGE, ROOT
from sqlglot import exp

from remit.policy.flow import DIALECT, PLAIN, Unaskable, checked
from remit.policy.functions import FUNCTIONS
from remit.policy.model import Policy
from remit.stores.facts import ChdbFacts

REFUSED = sorted((Path(__file__).parent / "refused").glob("S01[02]*.sql"))
WORDED = {"S012-heredoc", "S012-hexadecimal", "S012-subcolumn"}
"""Forms that the question has no word for, or only a value."""
OPERATORS = {exp.And, exp.Or, exp.Case, exp.Array}


@pytest.fixture(scope="module")
def policy() -> Policy:
    return asking.policy()


@pytest.fixture
def facts(tmp_path: Path) -> Iterator[ChdbFacts]:
    found = asking.filled(tmp_path)
    yield found
    found.close()


def test_the_page_is_what_the_code_says_and_the_store_answers() -> None:
    """`make pages` writes tables, buckets, limits and functions, and asks each question of the page once more."""
    text = PAGE.read_text(encoding="utf-8")

    assert asking.written(text) == text
    assert len(asking.questions(text)) > 6


def test_every_refusal_has_its_heading() -> None:
    """Each code of the source, and no other, in order."""
    source = "\n".join(path.read_text() for path in (ROOT / "src/remit/policy").glob("*.py"))
    headings = re.findall(r"^### (S\d+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)

    assert sorted(set(re.findall(r'"(S\d{3})"', source))) == headings


def test_every_function_may_be_called_and_means_what_was_typed(policy: Policy, facts: ChdbFacts) -> None:
    """What is written anew answers as the engine does to the text itself, over the same rows."""
    rows = checked("SELECT * FROM page_visit", policy).sql
    for function in FUNCTIONS.values():
        sql = f"SELECT {function.example} AS x FROM page_visit ORDER BY x"
        asked = facts.ask(checked(sql, policy).sql).rows
        assert facts.ask(f"WITH page_visit AS ({rows}) {sql}").rows == asked, function.example


def test_every_function_that_the_parser_knows_is_listed() -> None:
    """No class of functions is allowed without that some line shows it."""
    shown = {type(node) for one in FUNCTIONS.values() for node in sqlglot.parse_one(one.example, read=DIALECT).walk()}

    assert OPERATORS == {kind for kind in PLAIN if issubclass(kind, exp.Func)} - shown


@pytest.mark.parametrize("path", REFUSED, ids=lambda path: path.stem)
def test_a_refusal_quotes_what_was_typed(policy: Policy, path: Path) -> None:
    """The word of the question, not the parser's name for it, and where the page is that lists what is allowed."""
    sql = path.read_text(encoding="utf-8")
    with pytest.raises(Unaskable) as refused:
        checked(sql, policy)
    words = re.findall(r"'(\w+)'", str(refused.value))

    assert (path.stem in WORDED) == (words == [])
    assert [] == [word for word in words if word.lower() not in sql.lower()]
    assert "docs/asking.md" in str(refused.value)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("toStartOfHours(hour)", "toStartOfHour"), ("arrayMap(x -> x, [1])", "arraySum"), ("sumifs(n, 1)", "sumIf")],
)
def test_a_refusal_names_the_nearest_function(policy: Policy, typed: str, meant: str) -> None:
    """Who mistypes a name is told the one that there is, as it is spelled."""
    with pytest.raises(Unaskable, match=rf"did you mean {meant}\?"):
        checked(f"SELECT {typed} FROM page_visit", policy)


def test_a_value_is_never_taken_for_a_word(policy: Policy) -> None:
    """What a question quotes may be of somebody: it is in no refusal."""
    for form in ("$$ada$$", "page REGEXP 'ada'", "{'ada': 1}", "match(page, 'ada')", "file('ada')", "b'ada'"):
        with pytest.raises(Unaskable) as refused:
            checked(f"SELECT {form} FROM page_visit", policy)
        assert "ada" not in str(refused.value)


def test_an_unknown_column_is_answered_with_those_that_there_are(policy: Policy) -> None:
    """Of the facts and counts that the question names, and of finer sets of those, and not what was typed."""
    has = r"active_users has: period, start, identifiers; active_users_by_app has: period, start, app, identifiers$"
    with pytest.raises(Unaskable, match=has) as refused:
        checked("SELECT ada FROM active_users", policy)
    assert "ada" not in str(refused.value)


def test_a_select_has_a_largest_number_of_columns(policy: Policy) -> None:
    """The engine takes minutes over nine thousand, which no limit of its own ends."""
    checked(f"SELECT {', '.join(['n'] * 1_000)} FROM page_visit", policy)
    with pytest.raises(Unaskable, match=r"^S006"):
        checked(f"SELECT {', '.join(['n'] * 1_001)} FROM page_visit", policy)


@pytest.mark.parametrize(
    ("sql", "columns"),
    [
        ("SELECT page, count(),  n+1 -- more\n , 'ä' FROM page_visit", ("page", "count()", "n+1", "'ä'")),
        ("SELECT DISTINCT dateDiff('day', hour, now()) FROM page_visit", ("dateDiff('day', hour, now())",)),
        (
            "SELECT CASE WHEN n > 1 THEN 1 END, if(n, 1, 2) FROM page_visit",
            ("CASE WHEN n > 1 THEN 1 END", "if(n, 1, 2)"),
        ),
        ("WITH a AS (SELECT sum(n) FROM page_visit) SELECT *, 1 FROM a", ("sum(n)", "1")),
        ("SELECT 1 AS x UNION ALL SELECT 2", ("x",)),
        ("(SELECT 1+1) UNION ALL SELECT 2", ("1 + 1",)),
        ("FROM page_visit SELECT sum(n)", ("sum(n)",)),
        ("SELECT n AS _col_0, sum(n) OVER (ORDER BY n) FROM page_visit", ("_col_0", "sum(n) OVER (ORDER BY n)")),
        ("SELECT n, n, n AS m FROM page_visit", ("n", "n (2)", "m")),
    ],
)
def test_a_column_is_headed_by_its_name_or_what_was_typed(policy: Policy, sql: str, columns: tuple[str, ...]) -> None:
    """No two headings are alike, and none is a name that nobody wrote."""
    assert columns == checked(sql, policy).columns
