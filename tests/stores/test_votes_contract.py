"""What every count of people promises, with exact sets and on SQLite; and that both do the same."""

import tempfile
from pathlib import Path

import desks
import pytest
from desks import ACCOUNT, COUNTS, HOUR, Cut, K, cast, close, ms, on_sqlite, open_figures, vote
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from remit.policy.grouping import Ballot
from remit.policy.periods import GRACE_MS
from remit.policy.split import Vote
from remit.policy.words import ALL, OTHER, Item, Period
from remit.ports import Desk, Figure
from remit.proof.memory import MemoryDesk

desk = desks.desk
NOON = ms("2026-03-31T12:00")
DAY_ENDS = ms("2026-04-01")
TODAY, MONTH = ms("2026-03-31") // 1000, ms("2026-03-01") // 1000


def numbers(figures: list[Figure]) -> dict[tuple[str, str, str], int]:
    return {(one.count, one.period.value, str(one.group[0])): one.identifiers for one in figures}


def test_an_identifier_counts_once_in_each_period(desk: Desk) -> None:
    """However often it votes in a list, a turn, a day: one in the day and one in the month."""
    assert [1, 1] == [figure.identifiers for figure in cast(desk, [vote("a"), vote("a")], NOON)]
    with desk.turn() as turn:
        for votes in ([vote("a"), vote("b")], [vote("b"), vote("a")]):
            turn.votes.cast(votes, COUNTS, NOON + HOUR)

    expected = [
        Figure("active_users", Period.DAY, TODAY, ("shop-web",), 2),
        Figure("active_users", Period.MONTH, MONTH, ("shop-web",), 2),
    ]
    assert expected == open_figures(desk)


def test_counts_and_groups_do_not_see_one_another(desk: Desk) -> None:
    """The same identifier counts in each count and group that it votes in; a count has the periods it declares."""
    cast(desk, [vote("a"), vote("b"), vote("a", group="shop-android"), vote("a", count="visitors")], NOON)

    assert {
        ("active_users", "day", "shop-web"): 2,
        ("active_users", "month", "shop-web"): 2,
        ("active_users", "day", "shop-android"): 1,
        ("active_users", "month", "shop-android"): 1,
        ("visitors", "day", "shop-web"): 1,
    } == numbers(open_figures(desk))


def test_groups_have_any_columns(desk: Desk) -> None:
    """None, several, texts and whole numbers: they come back as they were, and 1 is not "1"."""
    groups: tuple[tuple[str | int, ...], ...] = ((), ("a", "bc"), ("ab", "c"), (1,), ("1",))
    ballots = {f"count_{len(group)}": Ballot((Period.DAY,), [(True,) * len(group)]) for group in groups}
    with desk.turn() as turn:
        turn.votes.cast([Vote(f"count_{len(group)}", group, ACCOUNT, "a") for group in groups], ballots, NOON)

    assert sorted((group, 1) for group in map(repr, groups)) == sorted(
        (repr(figure.group), figure.identifiers) for figure in open_figures(desk)
    )


def test_identifiers_that_look_alike_are_different(desk: Desk) -> None:
    """Where the item ends and the form begins is part of the identifier; odd characters are characters."""
    alike = [("email", "1:x"), ("email1", ":x"), ("email", ""), ("email", "\ud800"), ("email", "\udc00"), ("x", "1:x")]
    cast(desk, [vote(form, count="visitors", item=Item(item)) for item, form in alike], NOON)

    assert [len(alike)] == [figure.identifiers for figure in open_figures(desk)]


@pytest.mark.parametrize(
    ("at", "day", "month"),
    [
        ("2026-03-31T23:59:59.999", "2026-03-31", "2026-03-01"),
        ("2026-04-01T00:00:00.000", "2026-04-01", "2026-04-01"),
        ("2025-12-31T23:59:59.999", "2025-12-31", "2025-12-01"),
        ("2026-01-01T00:00:00.000", "2026-01-01", "2026-01-01"),
        ("2024-02-29T23:59:59.999", "2024-02-29", "2024-02-01"),
    ],
)
def test_periods_are_days_and_months_of_utc(desk: Desk, at: str, day: str, month: str) -> None:
    """A vote counts in the day and the month in which it was received, to the millisecond."""
    figures = cast(desk, [vote("a")], ms(at))

    assert [ms(day) // 1000, ms(month) // 1000] == [figure.start for figure in figures]


@pytest.mark.parametrize(
    ("at", "day_over", "month_over"),
    [
        ("2026-03-15T12:00", "2026-03-16", "2026-04-01"),
        ("2026-12-01T12:00", "2026-12-02", "2027-01-01"),
        ("2024-02-28T12:00", "2024-02-29", "2024-03-01"),
    ],
)
def test_a_count_closes_when_period_and_grace_are_over(desk: Desk, at: str, day_over: str, month_over: str) -> None:
    """Not a millisecond before; what closes is told once more, and never again."""
    cast(desk, [vote("a"), vote("b")], ms(at))
    day, month = ms(day_over) + GRACE_MS, ms(month_over) + GRACE_MS
    told = [numbers(close(desk, now)) for now in (day - 1, day, day, month - 1, month, month)]

    last = [{("active_users", period, "shop-web"): 2} for period in ("day", "month")]
    assert [{}, last[0], {}, {}, last[1], {}] == told
    assert [] == open_figures(desk)


def test_a_day_and_a_month_that_end_together_close_together(desk: Desk) -> None:
    """On the last day of a month both figures are told at once."""
    cast(desk, [vote("a")], NOON)

    assert [Period.DAY, Period.MONTH] == [figure.period for figure in close(desk, DAY_ENDS + GRACE_MS)]
    assert [] == open_figures(desk)


def test_figures_tell_what_changed(desk: Desk) -> None:
    """A group is told when it has grown since it was told; a repeated vote is no news, in this turn or a later one."""
    assert 2 == len(cast(desk, [vote("a")], NOON))
    assert [] == cast(desk, [vote("a")], NOON)
    assert {("visitors", "day", "shop-web"): 1} == numbers(cast(desk, [vote("x", count="visitors")], NOON))
    with desk.turn() as turn:
        turn.votes.cast([vote("b")], COUNTS, NOON)
        assert [2, 2] == [figure.identifiers for figure in turn.votes.figures(K)]
        assert [] == turn.votes.figures(K)
        turn.votes.cast([vote("c")], COUNTS, NOON)
    assert [3, 3] == [figure.identifiers for figure in cast(desk, [], NOON)]


def test_what_a_failed_turn_told_is_told_again(desk: Desk) -> None:
    """A figure that was never sent is still news, and a count that was not closed is still open."""
    cast(desk, [], NOON)
    with desk.turn() as turn:
        turn.votes.cast([vote("a", count="visitors")], COUNTS, NOON)
    with pytest.raises(Cut), desk.turn() as turn:
        assert 1 == len(turn.votes.figures(K))
        turn.votes.close(DAY_ENDS + GRACE_MS, K)
        raise Cut

    assert {("visitors", "day", "shop-web"): 1} == numbers(cast(desk, [], NOON))
    assert {("visitors", "day", "shop-web"): 2} == numbers(cast(desk, [vote("b", count="visitors")], NOON))


def test_a_late_vote_does_not_open_what_was_closed(desk: Desk) -> None:
    """In no group of the count; the day's figure stays as it was, and the vote still counts where it is not late."""
    noon = ms("2026-03-15T12:00")
    cast(desk, [vote("a"), vote("b")], noon)
    close(desk, ms("2026-03-16") + GRACE_MS)
    figures = cast(desk, [vote("a"), vote("c"), vote("d", group="shop-android")], noon)

    assert [(Period.MONTH, "shop-android", 1), (Period.MONTH, "shop-web", 3)] == sorted(
        (figure.period, figure.group[0], figure.identifiers) for figure in figures
    )
    assert [] == [figure for figure in open_figures(desk) if figure.period is Period.DAY]


def test_a_vote_in_the_turn_that_closed_is_late_too(desk: Desk) -> None:
    """Closing holds at once."""
    with desk.turn() as turn:
        turn.votes.cast([vote("a", count="visitors")], COUNTS, NOON)
        turn.votes.close(DAY_ENDS + GRACE_MS, K)
        turn.votes.cast([vote("b", count="visitors")], COUNTS, NOON)
        assert [] == turn.votes.figures(K)
    assert [] == open_figures(desk)


def test_a_day_that_was_never_closed_takes_votes_however_late(desk: Desk) -> None:
    """What waited in the journal over the end of its day is counted in that day."""
    late = cast(desk, [vote("a", count="visitors")], NOON)
    close(desk, DAY_ENDS + GRACE_MS)
    other = cast(desk, [vote("a", count="visitors")], NOON - 24 * HOUR)

    assert [(TODAY, 1), (TODAY - 86_400, 1)] == [(figure.start, figure.identifiers) for figure in [*late, *other]]


def chained(*who: tuple[str, str, str]) -> list[Vote]:
    """Votes in a count with three grouping sets: who, in which app, under which system."""
    return [Vote("chained", (app, system), ACCOUNT, form) for form, app, system in who]


def told(figures: list[Figure]) -> dict[tuple[str | int, ...], int]:
    return {figure.group: figure.identifiers for figure in figures}


def test_of_several_sets_only_the_coarsest_is_told_while_a_count_is_open(desk: Desk) -> None:
    """The others are told once, when it closes: a group that grows would show what (other) had hidden."""
    votes = chained(("a", "shop-web", "Linux"), ("b", "shop-web", "iOS"), ("b", "shop-android", "iOS"))
    assert {(ALL, ALL): 2} == told(cast(desk, votes, NOON))
    assert {(ALL, ALL): 3} == told(cast(desk, chained(("c", "shop-web", "iOS")), NOON))
    assert {} == told(cast(desk, chained(("c", "shop-android", "iOS")), NOON))

    assert {
        (ALL, ALL): 3,
        ("shop-web", ALL): 3,
        ("shop-android", ALL): 2,
        ("shop-web", "Linux"): 1,
        ("shop-web", "iOS"): 2,
        ("shop-android", "iOS"): 2,
    } == told(close(desk, DAY_ENDS + GRACE_MS))


def test_what_is_counted_together_counts_everybody_once(desk: Desk) -> None:
    """Who is in two of the groups that (other) takes in is one; who is in a group beside it counts there, too."""
    lone = {"a": ["phone", "watch"], "b": ["radio"], "e": ["tv"], "f": ["car"]}
    cast(desk, chained(*((one, "shop-web", "Linux") for one in "abcd")), NOON)
    cast(desk, chained(*((one, app, "Linux") for one, apps in lone.items() for app in apps)), NOON)

    assert {(ALL, ALL): 6, ("shop-web", ALL): 4, (OTHER, ALL): 4, ("shop-web", "Linux"): 4} == told(
        close(desk, DAY_ENDS + GRACE_MS, k=2)
    )


def test_a_number_below_k_is_not_told(desk: Desk) -> None:
    """It crosses as nothing, whether the count is open or closes, and with it all that lies within."""
    few = [vote("a", count="visitors"), *chained(("a", "shop-web", "Linux"))]
    assert [0, 0] == [figure.identifiers for figure in cast(desk, few, NOON, k=2)]
    assert {("shop-web",): 0, (ALL, ALL): 0} == told(open_figures(desk, k=2))
    assert [2] == [figure.identifiers for figure in cast(desk, [vote("b", count="visitors")], NOON, k=2)]


MOMENTS = [
    ms(at)
    for at in (
        "2026-03-30T12:00 2026-03-31T23:59:59.999 2026-04-01 2026-04-01T00:09:59.999 2026-04-01T00:10"
        " 2026-04-02T00:10 2026-05-01T00:10"
    ).split()
]
APPS = st.sampled_from(["shop-web", "shop-android", OTHER])
WHO = {"item": st.sampled_from([ACCOUNT, Item("device.android_id")]), "form": st.sampled_from("abcde")}
VOTES = st.lists(
    st.one_of(
        st.builds(Vote, count=st.sampled_from(["active_users", "visitors"]), group=st.tuples(APPS), **WHO),
        st.builds(
            Vote, count=st.just("chained"), group=st.tuples(APPS, st.sampled_from(["iOS", "Linux", OTHER])), **WHO
        ),
    ),
    max_size=8,
)
STEPS = st.lists(
    st.tuples(st.sampled_from(("cast", "cast", "figures", "close")), st.sampled_from(MOMENTS), VOTES), max_size=4
)


class SameAsIdeal(RuleBasedStateMachine):
    """Any history of the stored counts, with restarts and failures, tells what exact sets tell."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self.starts = 0
        self.stored, self.ideal = on_sqlite(Path(self._folder.name)), MemoryDesk()

    @rule(steps=STEPS, k=st.integers(1, 3), fails=st.sampled_from((False, False, True)))
    def turn(self, steps: list[tuple[str, int, list[Vote]]], k: int, *, fails: bool) -> None:
        assert self._told(self.ideal, steps, k, fails=fails) == self._told(self.stored, steps, k, fails=fails)

    @rule()
    def restart(self) -> None:
        self.starts += 1
        self.stored.close()
        self.stored = on_sqlite(Path(self._folder.name), seed=self.starts)

    @invariant()
    def tells_alike(self) -> None:
        for k in (1, 2, 3):
            assert open_figures(self.ideal, k) == open_figures(self.stored, k)

    @invariant()
    def keys_are_of_open_counts(self) -> None:
        held = self.stored.vote_keys.held()
        assert {(one.count, one.period, one.start) for one in open_figures(self.stored)} <= held

    def teardown(self) -> None:
        self.stored.close()
        self._folder.cleanup()

    def _told(self, desk: Desk, steps: list[tuple[str, int, list[Vote]]], k: int, *, fails: bool) -> list[list[Figure]]:
        told = []
        try:
            with desk.turn() as turn:
                for step, at, votes in steps:
                    if step == "cast":
                        turn.votes.cast(votes, COUNTS, at)
                    elif step == "close":
                        told.append(sorted(turn.votes.close(at, k), key=repr))
                    else:
                        told.append(sorted(turn.votes.figures(k), key=repr))
                if fails:
                    raise Cut
        except Cut:
            pass
        return told


TestSameAsIdeal = SameAsIdeal.TestCase
TestSameAsIdeal.settings = settings(
    max_examples=50, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
)
