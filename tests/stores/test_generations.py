"""Facts whose columns change from version to version: nothing is lost, a load finds its table, and the rest goes."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from remit.policy.compile import compiled
from remit.policy.flow import Unaskable, checked
from remit.policy.generations import generations, stored, stored_as
from remit.policy.model import Dimension, Policy
from remit.policy.split import Cell, CellKey
from remit.policy.words import ALL, RECEIVED, Item, Period
from remit.ports import Figure
from remit.stores.facts import ChdbFacts

NARROW = Path(__file__).resolve().parents[1] / "server/narrow.yaml"
RELEASE = Dimension(name="release", item=Item("app.version"), reduction="major_minor", line=1)
DAY = Dimension(name="hour", item=RECEIVED, reduction="day", line=1)


@pytest.fixture(scope="module")
def first() -> Policy:
    found = compiled(NARROW.read_text(encoding="utf-8"), NARROW.name)
    assert isinstance(found, Policy)
    return found


def later(policy: Policy, version: int, *columns: Dimension) -> Policy:
    """The next version, in which page visits and active users have other columns, and sessions are no more."""
    visits, users = policy.facts["page_visit"], policy.counts["active_users"]
    return replace(
        policy,
        version=version,
        facts={"page_visit": replace(visits, dimensions=columns), "crash": policy.facts["crash"]},
        counts={"active_users": replace(users, dimensions=(*users.dimensions, RELEASE))},
    )


def test_a_name_is_of_one_form_for_good(first: Policy) -> None:
    """What keeps its columns keeps its name, also when they come back; other columns begin a generation."""
    page, app, _ = first.facts["page_visit"].dimensions
    second, third = later(first, 2, page, app, RELEASE), replace(first, version=7)
    known = generations([first, second, third])

    assert {"page_visit": "page_visit_V2", "active_users": "active_users_V2", "crash": "crash"} == stored_as(
        second, known
    )
    assert {name: name for name in (*first.facts, *first.counts)} == stored_as(third, known)
    assert ["page_visit", "page_visit_V2"] == [one.name for one in stored([first, second])["page_visit"]]
    assert "session" not in stored([first, second])


def test_all_generations_are_read_as_one(first: Policy, tmp_path: Path) -> None:
    """A column that was not there is (none), one that is no more is summed over, and no load is taken twice."""
    page = first.facts["page_visit"].dimensions[0]
    second = later(first, 2, page, RELEASE, DAY)
    kept = stored([first, second])
    facts = ChdbFacts(tmp_path / "facts")
    facts.prepare(stored([first]))
    old = {CellKey("page_visit", ("/", one, 3600)): Cell(2, {"seconds": Counter({3: 1})}) for one in ("a", "b")}
    facts.take(b"1", old, [Figure("active_users", Period.DAY, 86_400, ("a",), 9)], [])
    facts.prepare(kept)
    facts.contract(kept)
    facts.take(b"1", old, [], [])
    new = {CellKey("page_visit_V2", ("/", "3.1", 86_400)): Cell(5, {"seconds": Counter({3: 2, 4: 1})})}
    facts.take(b"2", new, [Figure("active_users_V2", Period.DAY, 86_400, ("a", "3.1"), 7)], [])

    def ask(sql: str) -> list[tuple[object, ...]]:
        return list(facts.ask(checked(sql, second, kept).sql).rows)

    visits = ask("SELECT page, release, toUInt64(toDate(hour)) AS day, n, seconds FROM page_visit ORDER BY n")
    assert [("/", "(none)", 0, 4, {"3": 2}), ("/", "3.1", 1, 5, {"3": 2, "4": 1})] == visits
    users = ask("SELECT app, release, identifiers FROM active_users ORDER BY identifiers DESC")
    assert [("a", "(none)", 9), ("a", "3.1", 7)] == users
    facts.close()


def test_each_grouping_set_is_a_table_of_what_was_counted_by_it(first: Policy, tmp_path: Path) -> None:
    """No total stands among its groups, and a version that groups otherwise shows those sets that both have."""
    users = first.counts["active_users"]
    (app,) = users.dimensions
    chained = replace(first, version=2, counts={"active_users": replace(users, sets=((), (app,)))})
    finer = replace(users, dimensions=(app, RELEASE), sets=((app,), (app, RELEASE)))
    third = replace(first, version=3, counts={"active_users": finer})
    facts = ChdbFacts(tmp_path / "facts")
    facts.prepare(stored([first, chained, third]))

    def told(load: bytes, count: str, start: int, **groups: int) -> None:
        split = {tuple(group.split("_")): n for group, n in groups.items()}
        rows = {tuple("(all)" if one == "all" else one for one in group): n for group, n in split.items()}
        facts.take(load, {}, [Figure(count, Period.DAY, start, group, n) for group, n in rows.items()], [])

    told(b"1", "active_users", 0, a=9, b=8)
    told(b"2", "active_users_V2", 86_400, all=20, a=13, b=7)
    told(b"3", "active_users_V3", 172_800, a_all=6, a_31=6)

    def ask(versions: list[Policy], sql: str) -> list[tuple[object, ...]]:
        kept = stored(versions)
        return sorted(facts.ask(checked(sql, versions[-1], kept).sql).rows, key=repr)

    now = [first, chained]
    assert [(20,)] == ask(now, "SELECT identifiers FROM active_users")
    groups = ask(now, "SELECT toUInt64(toDate(start)) AS day, app, identifiers FROM active_users_by_app")
    assert [(0, "a", 9), (0, "b", 8), (1, "a", 13), (1, "b", 7)] == groups
    now.append(third)
    assert [("a",)] * 3 == ask(now, "SELECT app FROM active_users_by_app WHERE app = 'a'")
    assert [("a", "31", 6)] == ask(now, "SELECT app, release, identifiers FROM active_users_by_app_release")
    with pytest.raises(Unaskable, match="S022"):
        ask(now, "SELECT identifiers FROM active_users")
    now.append(replace(first, version=4))
    assert [4] == [len(ask(now, "SELECT app, identifiers FROM active_users WHERE start < toDateTime(172800)"))]
    facts.close()


def test_a_larger_k_hides_no_group_beside_its_total_and_the_others(first: Policy, tmp_path: Path) -> None:
    """Of a period in which a finer number is too small now there are none, and the total stands; others stay."""
    users = first.counts["active_users"]
    (app,) = users.dimensions
    columns = (app, RELEASE)
    chained = replace(users, dimensions=columns, sets=((), (app,), columns))
    policy = replace(first, k=5, counts={"active_users": chained})
    facts = ChdbFacts(tmp_path / "facts")
    facts.prepare(stored([policy]))
    days = {
        0: [(ALL, ALL, 23), ("a", ALL, 14), ("b", ALL, 9), ("a", "1", 14)],
        86_400: [(ALL, ALL, 40), ("a", ALL, 25), ("b", ALL, 15), ("a", "1", 25), ("b", "1", 15)],
    }
    rows = [(day, *row) for day, of_day in days.items() for row in of_day]
    told = [Figure("active_users", Period.DAY, day, (of, release), n) for day, of, release, n in rows]
    facts.take(b"1", {}, told, [])

    def ask(k: int, table: str) -> list[tuple[object, ...]]:
        sql = f"SELECT toUInt64(toDate(start)) AS day, identifiers FROM {table}"
        return sorted(facts.ask(checked(sql, replace(policy, k=k), stored([policy])).sql).rows)

    both, all_groups = [(0, 23), (1, 40)], [(0, 9), (0, 14), (1, 15), (1, 25)]
    assert [both, all_groups] == [ask(5, "active_users"), ask(5, "active_users_by_app")]
    assert [(0, 14), (1, 15), (1, 25)] == ask(5, "active_users_by_app_release")
    assert both == ask(10, "active_users")
    assert [(1, 15), (1, 25)] == ask(10, "active_users_by_app") == ask(10, "active_users_by_app_release")
    facts.close()


def test_what_no_version_shows_goes_whenever_it_is_tried_again(first: Policy, tmp_path: Path) -> None:
    """Tables of a version that was not adopted go, and of facts that are no more; late rows of them are dropped."""
    page, app, hour = first.facts["page_visit"].dimensions
    second = later(first, 2, page, app, hour)
    facts = ChdbFacts(tmp_path / "facts")
    facts.prepare(stored([first, replace(later(first, 2, page), facts=first.facts)]))
    facts.contract(stored([first]))
    assert {"fact_page_visit", "fact_session", "fact_crash", "count_active_users"} == tables(facts)
    facts.take(b"1", {CellKey("session", ("ok", "1.0", "a", 0)): Cell(1)}, [], [])
    for _ in range(2):
        facts.prepare(stored([first, second]))
        facts.contract(stored([first, second]))
    late = {CellKey("session", ("ok", "1.0", "a", 0)): Cell(1)}
    facts.take(b"2", late | {CellKey("page_visit", ("/", "a", 0)): Cell(3)}, [], [])

    assert {"fact_page_visit", "fact_crash", "count_active_users", "count_active_users_V2"} == tables(facts)
    assert [(3,)] == list(facts.ask(checked("SELECT n FROM page_visit", second, stored([first, second])).sql).rows)
    facts.close()


@pytest.mark.parametrize("corrected", ["columns", "types"])
def test_a_table_of_a_version_that_was_not_adopted_bars_none(first: Policy, tmp_path: Path, corrected: str) -> None:
    """A corrected version has its own columns under the same name, as long as nothing stands there yet."""
    page, app, hour = first.facts["page_visit"].dimensions
    wrong = replace(app, name=hour.name)
    facts = ChdbFacts(tmp_path / "facts")
    facts.prepare(stored([first]))
    facts.prepare(stored([first, later(first, 2, page, app if corrected == "columns" else wrong)]))
    right = later(first, 2, page, hour)
    kept = stored([first, right])
    facts.prepare(kept)
    facts.take(b"1", {CellKey("page_visit_V2", ("/", 3_600)): Cell(3)}, [], [])
    facts.prepare(kept)
    assert [("/", "1970-01-01 01:00:00", 3)] == list(
        facts.ask(checked("SELECT page, hour, n FROM page_visit", right, kept).sql).rows
    )

    with pytest.raises(ValueError, match=r"fact_page_visit_V2 .*give the fact or count a new name"):
        facts.prepare(stored([first, later(first, 2, page, RELEASE)]))
    facts.close()


def tables(facts: ChdbFacts) -> set[str]:
    """Those that are there, but for the tally."""
    found = facts.ask("select name from system.tables where database = currentDatabase()").rows
    return {str(name) for (name,) in found} - {"tally", "sent"}
