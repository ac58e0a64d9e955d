"""The card of today's count: the question fits any policy, and says what the facts hold of today."""

import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remit.console.backend import Daily
from remit.policy.compile import compiled
from remit.policy.flow import checked
from remit.policy.generations import stored
from remit.policy.model import Count, Dimension, Policy
from remit.policy.words import ALL, APP_NAME, RECEIVED, Item, Period, PurposeKey
from remit.ports import Figure
from remit.processes.console_backend import daily_question
from remit.stores.facts import ChdbFacts

EXAMPLE = Path(__file__).resolve().parents[2] / "examples/device-maker/remit.yaml"
DAY_SECONDS = 86_400
K = 5
APPS = ("shop-web", "shop-android")
PEOPLE = "How many, without knowing who."

APP = Dimension(name="app", item=APP_NAME, reduction=None, line=1)
SENDER = Dimension(name="sent_by", item=APP_NAME, reduction=None, line=1)
PAGE = Dimension(name="page", item=Item("page.url"), reduction="route", line=1)
RELEASE = Dimension(name="app_release", item=Item("app.version"), reduction="major_minor", line=1)
HOUR = Dimension(name="hour", item=RECEIVED, reduction="hour", line=1)
CELLS: dict[str, Sequence[str | int]] = {
    "app": APPS,
    "sent_by": APPS,
    "page": ("/", "/cart"),
    "app_release": ("1.2", "1.3"),
    "hour": (0, 3600),
}
Row = tuple[tuple[str | int, ...], int]
"""A group, and how many were in it."""


def count(name: str, *columns: Dimension, every: Sequence[Period] = (Period.DAY,)) -> Count:
    return Count(
        name=name,
        of=(Item("account.id"),),
        every=tuple(every),
        dimensions=columns,
        purpose=PurposeKey("learn-usage"),
        line=1,
    )


@dataclass
class Told:
    """A policy with these counts, and what the facts were told of today, among figures of other days and of months."""

    counts: Sequence[Count]
    rows: Mapping[str, Sequence[Row]]

    def figures(self) -> list[Figure]:
        today = int(time.time()) // DAY_SECONDS * DAY_SECONDS
        # Tomorrow as today, lest midnight comes while this runs.
        wanted = [(Period.DAY, today, 0), (Period.DAY, today + DAY_SECONDS, 0)]
        others = [(Period.DAY, today - DAY_SECONDS, 700), (Period.MONTH, today, 7_000)]
        return [
            Figure(name, period, start, group, n + more)
            for name, rows in self.rows.items()
            for group, n in rows
            for period, start, more in wanted + others
        ]

    def card(self) -> Daily | None:
        """The question of this policy, judged as any question, and answered by the real store."""
        policy = compiled(EXAMPLE.read_text(encoding="utf-8"), EXAMPLE.name)
        assert isinstance(policy, Policy)
        policy = replace(policy, counts={one.name: one for one in self.counts})
        question = daily_question(policy.counts)
        if question is None:
            return None
        with tempfile.TemporaryDirectory() as folder:
            facts = ChdbFacts(Path(folder))
            facts.prepare(stored([policy]))
            facts.take(b"1", {}, self.figures(), [])
            try:
                return question.answered(facts.ask(checked(question.sql, policy).sql).rows, K)
            finally:
                facts.close()


CASES: dict[str, tuple[Told, Daily]] = {
    "the example's": (
        Told([count("active_users", APP)], {"active_users": [(("shop-web",), 4), (("shop-android",), 12)]}),
        Daily("Active users", {"shop-android": 12, "shop-web": None}, PEOPLE),
    ),
    "another name for the app": (
        Told([count("readers", SENDER)], {"readers": [(("shop-web",), 5)]}),
        Daily("Readers", {"shop-web": 5}, PEOPLE),
    ),
    "no columns": (
        Told([count("readers")], {"readers": [((), 7)]}),
        Daily("Readers", {"in all": 7}, PEOPLE),
    ),
    "no columns, and few": (
        Told([count("readers")], {"readers": [((), 1)]}),
        Daily("Readers", {"in all": None}, PEOPLE),
    ),
    "several columns": (
        Told(
            [count("readers", PAGE, APP, RELEASE)],
            {
                "readers": [
                    (("/", "shop-web", "1.2"), 6),
                    (("/cart", "shop-web", "1.2"), 8),
                    (("/cart", "shop-web", "1.3"), 4),
                    (("/", "shop-android", "1.2"), 3),
                    (("/cart", "shop-android", "1.2"), 4),
                ]
            },
        ),
        Daily(
            "Readers",
            {"shop-web": 14},
            "Summed over page and app release: who is in two groups counts twice. Groups of fewer than 5 are left out.",
        ),
    ),
    "one column that is not the app": (
        Told([count("readers", HOUR)], {"readers": [((0,), 6), ((3600,), 4), ((7200,), 5)]}),
        Daily(
            "Readers",
            {"in all": 11},
            "Summed over hour: who is in two groups counts twice. Groups of fewer than 5 are left out.",
        ),
    ),
    "small groups only": (
        Told([count("readers", PAGE)], {"readers": [(("/",), 4), (("/cart",), 4)]}),
        Daily("Readers", {}, "Only groups of fewer than 5 so far, which are not shown."),
    ),
    "nobody yet, in groups": (
        Told([count("readers", PAGE)], {}),
        Daily("Readers", {}, "Nobody has been counted yet."),
    ),
    "nobody yet": (
        Told([count("readers", APP)], {}),
        Daily("Readers", {}, "Nobody has been counted yet."),
    ),
    "the best known first": (
        Told([count("readers"), count("active_users")], {"readers": [((), 7)], "active_users": [((), 9)]}),
        Daily("Active users", {"in all": 9}, PEOPLE),
    ),
    "the coarsest set": (
        Told(
            [replace(count("readers", APP, PAGE), sets=((), (APP,), (APP, PAGE)))],
            {"readers": [((ALL, ALL), 30), (("shop-web", ALL), 20), (("shop-web", "/"), 20)]},
        ),
        Daily(
            "Readers",
            {"in all": 30},
            f"{PEOPLE} More once the day is over, with small groups together: readers_by_app and readers_by_app_page.",
        ),
    ),
    "the coarsest set tells apps apart": (
        Told(
            [replace(count("readers", APP, PAGE), sets=((APP,), (APP, PAGE)))],
            {"readers": [(("shop-web", ALL), 20), (("shop-android", ALL), 0), (("shop-web", "/"), 20)]},
        ),
        Daily(
            "Readers",
            {"shop-android": None, "shop-web": 20},
            f"{PEOPLE} More once the day is over, with small groups together: readers_by_app_page.",
        ),
    ),
    "the first that has days": (
        Told(
            [count("active_users", every=[Period.MONTH]), count("readers", every=list(Period)), count("writers")],
            {"readers": [((), 7)], "writers": [((), 8)]},
        ),
        Daily("Readers", {"in all": 7}, PEOPLE),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_card_says_what_the_facts_hold(case: str) -> None:
    """Policies by hand: which count is asked, how its columns are summed, and the words for each state."""
    told, card = CASES[case]
    assert card == told.card()


@pytest.mark.parametrize("counts", [[], [count("active_users", APP, every=[Period.MONTH])]], ids=["none", "months"])
def test_a_policy_that_counts_nobody_per_day_is_asked_nothing(counts: list[Count]) -> None:
    """There is no question, rather than one about something else."""
    assert Told(counts, {}).card() is None


@st.composite
def told(draw: st.DrawFn) -> Told:
    """Counts of any columns in any order, some of their groups, and how many were in each."""
    counts, rows = [], {}
    for name in draw(st.lists(st.sampled_from(["active_users", "readers", "x"]), min_size=1, unique=True)):
        columns = draw(st.lists(st.sampled_from([APP, PAGE, RELEASE, HOUR, SENDER]), unique_by=lambda one: one.item))
        every = draw(st.lists(st.sampled_from(Period), min_size=1, unique=True))
        counts.append(count(name, *columns, every=every))
        groups = draw(st.lists(st.tuples(*(st.sampled_from(CELLS[one.name]) for one in columns)), unique=True))
        rows[name] = [(group, draw(st.integers(1, 2 * K))) for group in groups]
    return Told(counts, rows)


def expected(asked: Count, rows: Sequence[Row]) -> dict[str, int | None]:
    """The card's figures, as one would add them up by hand."""
    apps = [place for place, one in enumerate(asked.dimensions) if one.item == APP_NAME]
    told = [(str(group[apps[0]]) if apps else "in all", n) for group, n in rows]
    if len(apps) == len(asked.dimensions):
        return {app: n if n >= K else None for app, n in told}
    shown = [(app, n) for app, n in told if n >= K]
    return {app: sum(n for other, n in shown if other == app) for app, _ in shown}


@settings(max_examples=40, deadline=None)
@given(told=told())
def test_the_card_is_right_under_any_policy(told: Told) -> None:
    """Whatever is counted by whatever columns: the figures are today's, by app, and no group below k is in them."""
    daily = [one for one in told.counts if Period.DAY in one.every]
    card = told.card()
    if not daily:
        assert card is None
        return
    asked = next((one for one in daily if one.name == "active_users"), daily[0])

    assert card is not None
    assert expected(asked, told.rows[asked.name]) == card.figures
    assert sorted(card.figures) == list(card.figures)
    assert all(n is None or n >= K for n in card.figures.values())
