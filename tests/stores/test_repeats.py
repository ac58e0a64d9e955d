"""Repeats are found exactly, whatever the filters say, however often the desk is opened anew."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from remit.stores.repeats import REPEAT_HOURS, SCHEMA, RepeatSizes, SqliteRepeats
from remit.stores.sqlite import connect

HASHES = st.lists(st.integers(0, 40).map(lambda n: bytes([n]) * 16), max_size=12)
HOURS = st.sampled_from([0, 1, 2, 23, 24, 25, 26, 50])
STEPS = st.lists(
    st.tuples(st.sampled_from(["unseen", "unseen", "unseen", "cut off", "opened", "forget"]), HASHES, HOURS),
    max_size=25,
)
FIRST, SECOND = ([bytes([n]) * 16 for n in range(start, start + 12)] for start in (0, 12))


CROWDED, SPARSE = (RepeatSizes(part=4, filter=12, parts=3, bits=bits) for bits in (1 << 6, 1 << 14))
"""Parts and filters that are soon full, and filters that are often wrong, or hardly ever."""


@pytest.mark.parametrize("sizes", [CROWDED, SPARSE], ids=["crowded", "sparse"])
@given(steps=STEPS)
@example(steps=[("unseen", FIRST, 0), ("opened", [], 0), ("unseen", FIRST, 0)])
@example(steps=[("unseen", FIRST, 1), ("unseen", SECOND[:2], 0), ("unseen", FIRST, 2), ("unseen", SECOND, 0)])
@example(
    steps=[
        ("unseen", SECOND[:2], 0),
        ("unseen", FIRST, 1),
        ("unseen", SECOND[2:4], 0),
        ("opened", [], 0),
        ("unseen", SECOND[:4], 0),
    ]
)
@example(steps=[("unseen", FIRST, 0), ("cut off", SECOND, 0), ("unseen", SECOND, 0), ("unseen", SECOND, 0)])
@example(steps=[("unseen", FIRST, 0), ("unseen", SECOND, 0), ("opened", [], 0), ("unseen", FIRST, 23)])
def test_what_is_new_is_what_a_list_of_all_would_say(
    sizes: RepeatSizes, steps: list[tuple[str, list[bytes], int]]
) -> None:
    """Of each hash its hour is remembered: within 24 of it, or before it, it is a repeat, and afterwards new."""
    with TemporaryDirectory() as folder:
        db = connect(Path(folder) / "desk.db")
        db.executescript(SCHEMA)
        found, known = SqliteRepeats(db, sizes), dict[bytes, int]()
        for step, hashes, hour in steps:
            if step == "opened":
                found = SqliteRepeats(db, sizes)
                continue
            db.execute("begin")
            found.begin()
            if step == "forget":
                found.forget(hour)
                known = {one: at for one, at in known.items() if at > hour - REPEAT_HOURS}
            else:
                told, after = listed(known, hashes, hour)
                assert told == found.unseen(hashes, hour)
                known = after if step == "unseen" else known
            db.execute("rollback" if step == "cut off" else "commit")
        db.close()


def listed(known: dict[bytes, int], hashes: list[bytes], hour: int) -> tuple[list[bool], dict[bytes, int]]:
    """What is new, and what is known afterwards: of each hash the latest hour."""
    told, after = list[bool](), dict(known)
    for one in hashes:
        told.append(one not in after or after[one] <= hour - REPEAT_HOURS)
        if told[-1]:
            after[one] = hour
    return told, after
