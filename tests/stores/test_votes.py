"""Open counts on SQLite: the sketch of the many, the keys, and what is left when a count has closed."""

import sqlite3
from pathlib import Path

import pytest
from desks import ACCOUNT, COUNTS, Cut, FixedChance, K, cast, close, ms, on_sqlite, open_figures, vote

from remit.policy.periods import GRACE_MS
from remit.policy.split import Vote
from remit.policy.words import ALL, OTHER, Period
from remit.stores.desk import SqliteDesk
from remit.stores.sketch import Sketch
from remit.stores.votes import EXACT_IDENTIFIERS_MAX, OpenCount, VoteKeys

NOON = ms("2026-03-31T12:00")
OVER = ms("2026-04-01") + GRACE_MS
DAY = OpenCount("visitors", Period.DAY, ms("2026-03-31") // 1000)
SMALL = 1_000
"""A limit that is quick to pass."""


def people(first: int, after: int, group: str = "shop-web") -> list[Vote]:
    """Votes of a run of people in the count that has days only."""
    return [vote(f"person {n}", count="visitors", group=group) for n in range(first, after)]


def figure(desk: SqliteDesk, group: str = "shop-web") -> int:
    (found,) = [one.identifiers for one in open_figures(desk) if one.group == (group,)]
    return found


def rows(desk: SqliteDesk) -> tuple[int, int]:
    """Votes that have a row, and groups that have a sketch."""
    sql = "select (select count(*) from vote), (select count(*) from open_group where sketch is not null)"
    found: tuple[int, int] = desk.db.execute(sql).fetchone()
    return found


def in_files(folder: Path, *marks: bytes) -> list[str]:
    """Files in which one of the marks stands."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return [path.name for path in files if any(mark in path.read_bytes() for mark in marks)]


def test_a_count_is_exact_up_to_65536(tmp_path: Path) -> None:
    """With one more there is a sketch and no row, and the figure is at least what was counted."""
    desk = on_sqlite(tmp_path)
    cast(desk, people(0, 65_536), NOON)
    assert (65_536, (65_536, 0)) == (figure(desk), rows(desk))

    cast(desk, people(65_536, 65_537), NOON)
    assert (0, 1) == rows(desk)
    assert 65_537 <= figure(desk) <= 65_537 * 1.02
    assert EXACT_IDENTIFIERS_MAX == 65_536
    desk.close()


@pytest.mark.parametrize("seed", range(3))
def test_a_sketch_is_within_four_percent(tmp_path: Path, seed: int) -> None:
    """Of 20,000 people that come in many turns, with restarts; five standard errors, with fixed coins."""
    for turn in range(10):
        desk = on_sqlite(tmp_path, exact_max=SMALL, seed=seed)
        cast(desk, people(turn * 2_000, (turn + 1) * 2_000), NOON)
        assert (0, 1) == rows(desk)
        assert figure(desk) == pytest.approx((turn + 1) * 2_000, rel=0.04)
        desk.close()


def test_votes_of_one_turn_go_to_one_sketch(tmp_path: Path) -> None:
    """As many requests as a turn has, below and above the limit: nobody is lost between them."""
    desk = on_sqlite(tmp_path, exact_max=SMALL)
    with desk.turn() as turn:
        for first in range(0, 5_000, 100):
            turn.votes.cast(people(first, first + 100), COUNTS, NOON)
        (told,) = turn.votes.figures(K)
        turn.votes.cast(people(5_000, 10_000), COUNTS, NOON)

    assert told.identifiers == pytest.approx(5_000, rel=0.04)
    assert figure(desk) == pytest.approx(10_000, rel=0.04)
    desk.close()


def test_what_is_put_together_may_be_estimated(tmp_path: Path) -> None:
    """Of groups of which some have a sketch and some do not, the union is within four percent."""
    desk = on_sqlite(tmp_path, exact_max=SMALL)
    apps = {
        "large": range(6_000),
        "small": range(4_600, 6_500),
        "tiny": range(3_700, 4_600),
        "else": range(6_500, 8_400),
    }
    votes = [Vote("chained", (app, "x"), ACCOUNT, f"person {n}") for app, some in apps.items() for n in some]
    cast(desk, votes, NOON)
    told = {one.group[0]: one.identifiers for one in close(desk, OVER, k=2_000) if one.group[1] == ALL}

    assert {ALL: 8_400, "large": 6_000, OTHER: 4_700} == pytest.approx(told, rel=0.04)
    desk.close()


def test_repeated_votes_change_no_sketch(tmp_path: Path) -> None:
    """Neither its bytes nor its figure, whether they came before it or after; they are no news."""
    desk = on_sqlite(tmp_path, exact_max=SMALL)
    cast(desk, people(0, 5_000), NOON)
    cast(desk, people(5_000, 8_000), NOON)
    before = desk.db.execute("select identifiers, sketch from open_group").fetchall()

    assert [] == cast(desk, people(0, 8_000), NOON)
    assert before == desk.db.execute("select identifiers, sketch from open_group").fetchall()
    desk.close()


@pytest.mark.parametrize("seed", range(4))
def test_a_figure_never_shrinks(tmp_path: Path, seed: int) -> None:
    """From turn to turn it grows or stays, also where the sketch is first asked and knows of fewer."""
    desk = on_sqlite(tmp_path, exact_max=5_000, seed=seed)
    cast(desk, people(0, 4_990), NOON)
    found = []
    for first in range(4_990, 5_050, 2):
        cast(desk, people(first, first + 2), NOON)
        found.append(figure(desk))

    assert sorted(found) == found
    assert [*range(4_992, 5_002, 2)] == [n for n in found if n <= 5_000]
    desk.close()


def test_a_vote_that_moves_no_figure_is_not_lost(tmp_path: Path) -> None:
    """While the sketch knows of fewer than were counted, a turn for each vote leaves what one turn for all leaves."""
    left = []
    for step in (1, 50):
        desk = on_sqlite(tmp_path / str(step), exact_max=5_000)
        cast(desk, people(0, 5_001), NOON)
        for first in range(5_001, 5_051, step):
            cast(desk, people(first, first + step), NOON)
        left += desk.db.execute("select identifiers, sketch from open_group").fetchall()
        desk.close()

    assert left[0] == left[1]


def test_only_the_group_that_grew_is_sketched(tmp_path: Path) -> None:
    """Another group of the same count stays exact, and goes over by itself."""
    desk = on_sqlite(tmp_path, exact_max=SMALL)
    cast(desk, [*people(0, 1_001), *people(0, 10, "shop-android")], NOON)
    assert ((10, 1), 10) == (rows(desk), figure(desk, "shop-android"))

    cast(desk, people(0, 1_001, "shop-android"), NOON)
    assert (0, 2) == rows(desk)
    desk.close()


def test_a_crash_at_the_switch_leaves_the_exact_state(tmp_path: Path) -> None:
    """Rows and figure are as before the turn, and the next turn counts on from there."""
    desk = on_sqlite(tmp_path, exact_max=SMALL)
    cast(desk, people(0, 900), NOON)
    before = sorted(desk.db.execute("select ref, hash from vote"))
    with pytest.raises(Cut), desk.turn() as turn:
        turn.votes.cast(people(900, 1_100), COUNTS, NOON)
        turn.votes.figures(K)
        assert (0, 1) == rows(desk)
        raise Cut
    desk.close()
    desk = on_sqlite(tmp_path, exact_max=SMALL, seed=1)

    assert before == sorted(desk.db.execute("select ref, hash from vote"))
    assert ((900, 0), 900) == (rows(desk), figure(desk))
    cast(desk, people(850, 1_000), NOON)
    assert ((1_000, 0), 1_000) == (rows(desk), figure(desk))
    desk.close()


@pytest.mark.parametrize("exact_max", [SMALL, 10])
def test_when_a_count_closes_its_state_is_gone(tmp_path: Path, exact_max: int) -> None:
    """No vote, no sketch and no group of the day is left; the month's stay."""
    desk = on_sqlite(tmp_path, exact_max=exact_max)
    votes = [vote(f"person {n}") for n in range(500)]
    cast(desk, votes, ms("2026-03-15T12:00"))
    (month,) = desk.db.execute("select identifiers, sketch from open_group where period = 'month'").fetchall()
    close(desk, ms("2026-03-16") + GRACE_MS)

    assert [month] == desk.db.execute("select identifiers, sketch from open_group").fetchall()
    assert ((0, 1) if month[1] else (500, 0)) == rows(desk)
    desk.close()


@pytest.mark.parametrize("spread", [15, 52, 61])
def test_no_byte_of_a_destroyed_key_stays(tmp_path: Path, spread: int) -> None:
    """Among keys of counts with names of many lengths, where balancing the tree leaves copies: neither half."""
    keys = VoteKeys(tmp_path / "votes.db", FixedChance())
    keys._db.execute("pragma synchronous = off")
    made = {of: keys.key(of) for of in (OpenCount("x" * (n * 7 % spread), Period.DAY, n) for n in range(300))}
    gone = {of for of in made if of.start % 3}
    for first in range(0, 300, 3):
        keys.destroy({of for of in gone if first <= of.start < first + 3})

    left = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert [] == [of for of in gone if made[of][:16] in left or made[of][16:] in left]
    assert set(made) - gone == {of for of, key in made.items() if key in left} == keys.held()
    keys.close()


def test_a_key_is_not_called_destroyed_while_a_reader_holds_the_log(tmp_path: Path) -> None:
    """It raises, and the next time, also after a restart, what is left is wiped."""
    keys = VoteKeys(tmp_path / "votes.db", FixedChance())
    key = keys.key(DAY)
    keys._db.execute("pragma busy_timeout = 1")
    reader = sqlite3.connect(tmp_path / "votes.db", isolation_level=None)
    reader.execute("begin")
    reader.execute("select * from vote_key").fetchall()
    with pytest.raises(TimeoutError, match="reads"):
        keys.destroy({DAY})
    assert [] != in_files(tmp_path, key)

    reader.close()
    keys.destroy(set())
    assert [] == in_files(tmp_path, key)
    keys.close()


def test_a_late_vote_makes_no_key(tmp_path: Path) -> None:
    """After its count has closed nobody can be told from anybody: no key, no row, also after a restart."""
    desk = on_sqlite(tmp_path)
    cast(desk, people(0, 5), NOON)
    close(desk, OVER)
    for seed in (0, 1):
        cast(desk, people(0, 5), NOON)
        assert (set(), (0, 0), []) == (desk.vote_keys.held(), rows(desk), open_figures(desk))
        desk.close()
        desk = on_sqlite(tmp_path, seed=seed)
    desk.close()


def test_a_vote_in_the_turn_that_closed_leaves_nothing(tmp_path: Path) -> None:
    """Neither a row nor a key, though its group was open when the turn began."""
    desk = on_sqlite(tmp_path)
    with desk.turn() as turn:
        turn.votes.cast(people(0, 2), COUNTS, NOON)
        turn.votes.close(OVER, K)
        turn.votes.cast(people(2, 4), COUNTS, NOON)

    assert ((0, 0), set()) == (rows(desk), desk.vote_keys.held())
    desk.close()


def test_every_count_has_a_key_of_its_own(tmp_path: Path) -> None:
    """The same person leaves hashes that have nothing in common in the day, the month and the next day."""
    desk = on_sqlite(tmp_path)
    for at in ("2026-03-15T12:00", "2026-03-16T12:00"):
        cast(desk, [vote("a"), vote("a", count="visitors")], ms(at))
    hashes = {row[0] for row in desk.db.execute("select hash from vote")}
    keys = {row[0] for row in desk.vote_keys._db.execute("select key from vote_key")}

    assert (5, 5) == (len(hashes), len(keys))
    assert {32} == {len(key) for key in keys}
    desk.close()


class LostFolder(VoteKeys):
    """Keys that cannot be destroyed just now."""

    def destroy(self, gone: set[OpenCount]) -> None:
        raise OSError(f"the disk is away: {len(gone)} stay")


def test_a_key_that_outlived_its_count_dies_at_the_next_opening(tmp_path: Path) -> None:
    """A crash between the commit and the destruction leaves a key of nothing, and not for long."""
    desk = on_sqlite(tmp_path)
    cast(desk, [vote("a")], ms("2026-03-15T12:00"))
    desk.vote_keys.__class__ = LostFolder
    with pytest.raises(OSError, match="away"):
        close(desk, ms("2026-03-16") + GRACE_MS)
    assert 2 == len(desk.vote_keys.held())
    assert [Period.MONTH] == [one.period for one in open_figures(desk)]
    desk.close()

    desk = on_sqlite(tmp_path)
    assert [Period.MONTH] == [of.period for of in desk.vote_keys.held()]
    desk.close()


def test_a_sketch_is_small_and_comes_back_as_it_was() -> None:
    """However many were added: less than 9 KB; stored and read it has the same bytes and goes on."""
    sketch = Sketch()
    sketch.add(b"%d" % n for n in range(200_000))
    again = Sketch(bytes(sketch))

    assert (bytes(sketch), sketch.estimate()) == (bytes(again), again.estimate())
    assert len(bytes(sketch)) < 9_000
    again.add(b"%d" % n for n in range(200_000, 210_000))
    assert again.estimate() > sketch.estimate()


def test_the_estimate_has_the_error_that_it_states() -> None:
    """Over forty keys the mean is true within 0.4 % and the spread is near 0.65 %, never above 2 %."""
    n = 30_000
    errors = []
    for key in range(40):
        sketch = Sketch()
        sketch.add(b"%d of %d" % (one, key) for one in range(n))
        errors.append(sketch.estimate() / n - 1)

    assert abs(sum(errors) / 40) < 0.004
    assert 0.004 < (sum(error**2 for error in errors) / 40) ** 0.5 < 0.009
    assert max(map(abs, errors)) < 0.02
