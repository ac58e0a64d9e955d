"""What is divided together: nothing of another app, version or second, and all of it."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from remit.flows.entry import Entry
from remit.flows.runs import runs
from remit.policy.columns import Batch
from remit.policy.words import Item, Kind

BATCHES = st.builds(
    lambda kind, forms: Batch(kind=kind, size=len(forms), columns={Item("email"): forms}),
    st.sampled_from([Kind.PAGE_VISIT, Kind.CRASH]),
    st.lists(st.none() | st.sampled_from(["ada", "ben"]), min_size=1, max_size=3),
)
ENTRIES = st.builds(
    lambda app, version, received, batches: Entry(
        app=app, version=version, received=received, batches=batches, tally=[]
    ),
    st.sampled_from(["shop", "web"]),
    st.integers(1, 2),
    st.integers(0, 2999),
    st.lists(BATCHES, max_size=3),
)


@given(st.lists(ENTRIES, max_size=8))
def test_what_runs_hold_is_what_entries_held_of_one_app_version_and_second(entries: list[Entry]) -> None:
    """Each record is in the run of its app, version and second, once; the run's time is that of its first entry."""
    found = runs(entries)
    due = {(one.app, one.version, one.received // 1000) for one in entries}

    assert due == {(run.app, run.version, run.received // 1000) for run in found}
    assert len(due) == len(found)
    assert sum(run.size for run in found) == sum(batch.size for one in entries for batch in one.batches)
    for run in found:
        mine = [
            one
            for one in entries
            if (one.app, one.version, one.received // 1000) == (run.app, run.version, run.received // 1000)
        ]
        assert run.received == min(one.received for one in mine)
        assert told([batch for one in mine for batch in one.batches]) == told(list(run.batches()))


def told(batches: list[Batch]) -> Counter[tuple[Kind, object]]:
    return Counter((batch.kind, value) for batch in batches for value in batch.columns[Item("email")])
