"""The console's numbers: sums over processes, and what happened in each interval."""

from remit.flows.reports import Reports


def test_an_interval_holds_what_happened_in_it() -> None:
    """The sums of all processes grow; an interval has only what was added since the one before."""
    reports = Reports()
    reports.report("intake", {"records": 0})
    reports.report("divider", {})
    reports.report("intake", {"records": 3, "dropped:refused": 1, "dropped:repeat": 1})
    reports.report("divider", {"kept": 5})
    reports.tick(5)
    reports.report("divider", {"kept": 7, "counted": 1})
    reports.tick(10)

    first = {"kept": 5, "reduced": 0, "counted": 0, "dropped": 2}
    assert [(5, first), (10, {"kept": 2, "reduced": 0, "counted": 1, "dropped": 0})] == reports.history()
    assert {"records": 3, "kept": 7, "counted": 1, "dropped:refused": 1, "dropped:repeat": 1} == reports.sums()


def test_a_keeper_that_starts_again_sees_no_burst() -> None:
    """What a process had done before it was first heard of is in the sums, and in no interval."""
    reports = Reports()
    reports.report("divider", {"kept": 1_000_000})
    reports.report("divider", {"kept": 1_000_002})
    reports.tick(5)

    assert [2] == [fates["kept"] for _, fates in reports.history()]
    assert 1_000_002 == reports.sums()["kept"]
