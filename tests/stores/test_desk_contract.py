"""What every desk promises, in memory and on SQLite."""

from itertools import product
from pathlib import Path

import desks
import pytest
from desks import HOUR, Cut, on_sqlite

from remit.ports import Desk

desk = desks.desk
NOON = desks.ms("2026-03-01T12:00")


def unseen(desk: Desk, hashes: list[bytes], now: int) -> list[bool]:
    with desk.turn() as turn:
        return turn.unseen(hashes, now)


def test_a_turn_that_fails_changes_nothing(desk: Desk) -> None:
    """Positions, repeats, votes and loads become true together, or not at all."""
    with desk.turn() as turn:
        turn.reached({b"s": 1})
        turn.send(b"p", b"f")
    before = desk.positions(), list(desk.loads())

    with pytest.raises(Cut), desk.turn() as turn:
        assert [True] == turn.unseen([b"h" * 16], NOON)
        turn.votes.cast([desks.vote("a")], desks.COUNTS, NOON)
        assert 2 == len(turn.votes.figures(desks.K))
        turn.reached({b"s": 2, b"t": 1})
        turn.send(b"p", b"f")
        raise Cut

    assert before == (desk.positions(), list(desk.loads()))
    assert [] == desks.open_figures(desk)
    assert [True] == unseen(desk, [b"h" * 16], NOON)


def test_positions_are_those_of_the_last_turn_until_their_segment_is_gone(desk: Desk) -> None:
    """A turn says how far it came in the segments that it read; the others stay where they were."""
    for reached in ({b"s": 1, b"t": 5}, {b"s": 3}, {}):
        with desk.turn() as turn:
            turn.reached(reached)
    assert {b"s": 3, b"t": 5} == desk.positions()

    desk.gone([b"s", b"never there"])
    assert {b"t": 5} == desk.positions()


def test_loads_wait_in_order_until_they_are_delivered(desk: Desk) -> None:
    """A load is given out again, byte for byte; those that were delivered are not, and the others stay."""
    for n in range(3):
        with desk.turn() as turn:
            turn.send(b"personal %d" % n, b"factual %d" % n)
    first, again = list(desk.loads()), list(desk.loads())
    assert first == again
    assert [(b"personal %d" % n, b"factual %d" % n) for n in range(3)] == [(one.personal, one.factual) for one in first]

    desk.delivered(first[1].number)
    assert [first[0], first[2]] == list(desk.loads())


def test_the_two_ids_of_a_load_have_nothing_in_common(desk: Desk) -> None:
    """Every half of every load has an id of its own, also if the halves are the same."""
    for _ in range(20):
        with desk.turn() as turn:
            turn.send(b"same", b"same")
    ids = [half for load in desk.loads() for half in (load.vault_id, load.facts_id)]

    assert 40 == len(set(ids))
    assert {16} == {len(one) for one in ids}


def test_a_message_is_new_once(desk: Desk) -> None:
    """Within one list, within one turn and from turn to turn; messages do not hide one another."""
    with desk.turn() as turn:
        assert [True, True, False] == turn.unseen([b"h" * 16, b"i" * 16, b"h" * 16], NOON)
        assert [False, True] == turn.unseen([b"h" * 16, b"j" * 16], NOON)
    assert [False, False, False, True] == unseen(desk, [b"h" * 16, b"i" * 16, b"j" * 16, b"k" * 16], NOON)


def test_repeats_are_remembered_by_whole_hours(desk: Desk) -> None:
    """Whether a repeat counts depends on the two hours alone, on nothing finer; 24 hours later it is new."""
    within = (0, 1, HOUR // 2, HOUR - 1)
    for n, (first, second, hours) in enumerate(product(within, within, (0, 1, 23, 24, 25))):
        message = b"%016d" % n
        assert [True] == unseen(desk, [message], NOON + first)
        if (hours, second) >= (0, first):
            assert [hours >= 24] == unseen(desk, [message], NOON + hours * HOUR + second), (first, second, hours)


def test_a_repeat_does_not_prolong_the_memory(desk: Desk) -> None:
    """24 hours count from the first, however often it is repeated; then a new memory begins."""
    asked = [unseen(desk, [b"h" * 16], NOON + hours * HOUR) for hours in (0, 23, 24, 47, 48)]

    assert [[True], [False], [True], [False], [True]] == asked


def test_the_order_of_a_backlog_makes_no_repeat_new(desk: Desk) -> None:
    """Entries of several workers come in no order of time: a later one does not forget for an earlier one."""
    assert [True] == unseen(desk, [b"h" * 16], NOON)
    assert [True] == unseen(desk, [b"i" * 16], NOON + 48 * HOUR)

    assert [False] == unseen(desk, [b"h" * 16], NOON)
    assert [False] == unseen(desk, [b"i" * 16], NOON)


def test_forgetting_deletes_what_24_hours_have_passed_over(desk: Desk) -> None:
    """Up to the last minute of its time a message is known; from the next hour on nothing is left to know it by."""
    found = []
    for now in (NOON + 24 * HOUR - 1, NOON + 24 * HOUR):
        unseen(desk, [b"h" * 16], NOON + HOUR - 1)
        with desk.turn() as turn:
            turn.forget_repeats(now)
        found += unseen(desk, [b"h" * 16], NOON)

    assert [False, True] == found


def test_the_stored_desk_goes_on_where_it_was(tmp_path: Path) -> None:
    """Opened again it has the same positions, repeats, loads and numbers."""
    desk = on_sqlite(tmp_path)
    with desk.turn() as turn:
        turn.unseen([b"h" * 16], NOON)
        turn.votes.cast([desks.vote("a")], desks.COUNTS, NOON)
        turn.reached({b"s": 1})
        turn.send(b"p", b"f")
    before = desk.positions(), list(desk.loads()), desks.open_figures(desk)
    desk.close()
    desk = on_sqlite(tmp_path, seed=1)

    assert before == (desk.positions(), list(desk.loads()), desks.open_figures(desk))
    assert [False] == unseen(desk, [b"h" * 16], NOON)
    desk.close()


def test_a_stored_load_is_sealed(tmp_path: Path) -> None:
    """Neither half stands in clear in any file of the desk, and the files are their user's alone."""
    desk = on_sqlite(tmp_path)
    with desk.turn() as turn:
        turn.send(b"somebody's words", b"somebody's cells")
        turn.reached({b"a-segment-in-clear": 1})
    files = [path for path in tmp_path.rglob("*") if path.is_file()]

    assert [] == [path.name for path in files if b"somebody" in path.read_bytes()]
    assert ["desk.db-wal"] == [path.name for path in files if b"a-segment-in-clear" in path.read_bytes()]
    assert {0o600} == {path.stat().st_mode & 0o777 for path in files}
    desk.close()
