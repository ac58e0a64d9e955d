"""The facts and the desk: loads are taken once, figures are the newest, votes are of different people."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import test_personal

from remit.policy.compile import compiled
from remit.policy.flow import checked
from remit.policy.model import Policy
from remit.policy.split import Cell, CellKey, Vote
from remit.policy.words import Item, Period
from remit.ports import Figure
from remit.stores.desk import SqliteDesk
from remit.stores.facts import ChdbFacts
from remit.stores.votes import GRACE_MS, VoteKeys, period_start
from remit.stores.world import SystemChance

EXAMPLE = Path(__file__).resolve().parents[2] / "examples/device-maker/remit.yaml"
NOW, HOUR = test_personal.NOW, 3_600_000
CELLS = {
    CellKey("page_visit", ("/", "shop-web", 3600)): Cell(2, {"seconds": Counter({3: 1})}),
    CellKey("page_visit", ("/cart", "shop-web", 3600)): Cell(1),
}
COUNTS = {"active_users": (Period.DAY, Period.MONTH)}


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
    facts.prepare(policy)
    tally = [(0, "shop-web", "page.url", "learn-usage", "reduced", "", 3)]
    figure = Figure("active_users", Period.DAY, 86_400, ("shop-web",), 4)
    for _ in range(2):
        facts.take(b"1", CELLS, [figure], tally)
    facts.close()
    facts = ChdbFacts(tmp_path / "facts")
    facts.prepare(policy)
    facts.take(b"1", CELLS, [figure], tally)
    facts.take(b"2", CELLS, [Figure("active_users", Period.DAY, 86_400, ("shop-web",), 7)], tally)

    assert [("/", 4, {"3": 2}), ("/cart", 2, {})] == ask(
        facts, policy, "SELECT page, n, seconds FROM page_visit ORDER BY page"
    )
    assert [(7,)] == ask(facts, policy, "SELECT identifiers FROM active_users")
    assert [("shop-web", "page.url", "learn-usage", "reduced", "", 6)] == list(facts.tally().rows)
    with pytest.raises(ValueError, match="cannot answer"):
        facts.ask("SELECT * FROM nowhere")
    facts.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[SqliteDesk]:
    keys = VoteKeys(tmp_path / "votes.db", SystemChance())
    desk = SqliteDesk(tmp_path / "desk" / "desk.db", key=b"k" * 32, vote_keys=keys, chance=SystemChance())
    yield desk
    desk.close()


def vote(who: str) -> Vote:
    return Vote("active_users", ("shop-web",), Item("account.id"), who)


def test_people_are_counted_once_per_period(desk: SqliteDesk) -> None:
    """Many votes of one identifier are one, in the day and in the month."""
    for _ in range(2):
        with desk.turn() as turn:
            turn.votes.cast([vote("a"), vote("b"), vote("a")], COUNTS, NOW)
            figures = turn.votes.figures(NOW)
    assert {(Period.DAY, 2), (Period.MONTH, 2)} >= {(figure.period, figure.identifiers) for figure in figures}
    with desk.turn() as turn:
        turn.votes.cast([vote("c")], COUNTS, NOW)
        assert [3, 3] == [figure.identifiers for figure in turn.votes.figures(NOW)]


def test_when_a_period_closes_its_state_and_key_are_gone(desk: SqliteDesk) -> None:
    """After the grace the last figure is released, and no vote nor key of the day is left; the month stays."""
    _, end = period_start(Period.DAY, NOW)
    later = end * 1000 + GRACE_MS
    with desk.turn() as turn:
        turn.votes.cast([vote("a")], COUNTS, NOW)
    with desk.turn() as turn:
        assert 1 in [figure.identifiers for figure in turn.votes.figures(later)]
        turn.votes.close(later)

    keys = desk.vote_keys._db.execute("select period from vote_key").fetchall()
    assert [(Period.MONTH.value,)] == keys
    assert [(1,)] == desk.db.execute("select count(*) from vote").fetchall()


def test_a_turn_that_fails_changes_nothing(desk: SqliteDesk) -> None:
    """Positions, repeats, votes and loads become true together, or not at all."""

    class Cut(Exception):
        """A crash in the middle."""

    with pytest.raises(Cut), desk.turn() as turn:
        turn.unseen([b"h"], NOW)
        turn.votes.cast([vote("a")], COUNTS, NOW)
        turn.reached({b"s": 1})
        turn.send(b"p", b"f")
        raise Cut

    assert ({}, []) == (desk.positions(), list(desk.loads()))
    with desk.turn() as turn:
        assert [True] == turn.unseen([b"h"], NOW)


def test_loads_wait_until_they_are_delivered(desk: SqliteDesk) -> None:
    """A load is given out again, byte for byte, under two ids that have nothing in common."""
    with desk.turn() as turn:
        turn.send(b"somebody's words", b"factual")
    first, second = list(desk.loads()), list(desk.loads())

    assert first == second
    assert (b"somebody's words", b"factual") == (first[0].personal, first[0].factual)
    assert first[0].vault_id != first[0].facts_id
    folder = Path(desk.db.execute("pragma database_list").fetchone()[2]).parent
    assert [] == [path.name for path in folder.iterdir() if b"somebody" in path.read_bytes()]
    desk.delivered(first[0].number)
    assert [] == list(desk.loads())


def test_repeats_are_remembered_for_a_day(desk: SqliteDesk) -> None:
    """The same hash is old within a list and for 24 whole hours from its own, and new again after them."""
    hour = NOW // HOUR * HOUR
    with desk.turn() as turn:
        assert [True, False] == turn.unseen([b"h", b"h"], hour + HOUR - 1)
        assert [False] == turn.unseen([b"h"], hour + 24 * HOUR - 1)
        assert [True] == turn.unseen([b"h"], hour + 24 * HOUR)
