"""An entry comes back from the journal as it was written down."""

from hypothesis import given
from hypothesis import strategies as st

from remit.flows.entry import Entry, packed, unpacked
from remit.policy.columns import Batch
from remit.policy.words import Item, Kind

MASKS = st.none() | st.lists(st.sampled_from([0, 1, 2**63, 2**64 - 1, 2**64, 2**500 + 1]), min_size=2, max_size=2)


@given(st.lists(st.tuples(MASKS, MASKS, MASKS), max_size=3))
def test_masks_of_any_number_of_purposes_come_back(masks: list[tuple[list[int] | None, ...]]) -> None:
    """A policy may have more purposes than a number has bits: what was said of any of them is written down."""
    columns = {Item("account.id"): ["a", None]}
    batches = [
        Batch(kind=Kind.EVENT, size=2, columns=columns, refused=refused, unasked=unasked, granted=granted)
        for refused, unasked, granted in masks
    ]
    entry = Entry(app="shop", version=1, received=1, batches=batches, tally=[])

    assert entry == unpacked(packed(entry))
