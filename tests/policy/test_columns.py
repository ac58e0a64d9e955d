"""Columns: what is made of each value is made once of those that are the same, and nobody can tell."""

import msgspec
from hypothesis import example, given
from hypothesis import strategies as st

from remit.policy.columns import Batch, Rows, each, joined
from remit.policy.words import Item, Kind

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 2),
    st.sampled_from([0.0, -0.0, 1.0, 2.5]),
    st.sampled_from(["", "a", "1"]),
)


@given(st.lists(VALUES, max_size=8))
@example([0.0, -0.0])
@example([1, True, None])
def test_of_each_value_the_same_is_made_as_of_it_alone(column: list[str | int | float | None]) -> None:
    """Also of values that are equal and not the same, such as True and 1, or a zero and its negative."""
    assert [None if value is None else repr(value) for value in column] == each(column, repr)


@given(st.lists(st.sampled_from(["a", "b", None]), max_size=8))
def test_of_values_that_are_the_same_it_is_made_once(column: list[str | None]) -> None:
    """However many records bear them."""
    made: list[str] = []

    def note(value: str) -> int:
        made.append(value)
        return len(made)

    each(column, note)
    assert sorted(made) == sorted({value for value in column if value is not None})


def test_a_batch_without_a_column_brings_the_neutral_value_to_those_with_one() -> None:
    """A record without a weight stands for one happening, without a mask nothing is refused, and it has no value."""
    plain = Batch(kind=Kind.PAGE_VISIT, size=1, columns={})
    whole = Batch(
        kind=Kind.PAGE_VISIT,
        size=2,
        columns={Item("page.url"): ["/", "/cart"]},
        messages=["a", "b"],
        weights=[2, 3],
        refused=[1, 2],
        unasked=[4, 4],
        countries=["NL", "US"],
        signals=[8, 8],
    )
    both = joined([plain, whole])

    assert (
        Batch(
            kind=Kind.PAGE_VISIT,
            size=3,
            columns={Item("page.url"): [None, "/", "/cart"]},
            messages=["", "a", "b"],
            weights=[1, 2, 3],
            refused=[0, 1, 2],
            unasked=[0, 4, 4],
            countries=["", "NL", "US"],
            signals=[0, 8, 8],
        )
        == both
    )
    assert plain is joined([plain])


@given(st.lists(st.dictionaries(st.sampled_from([Item("a"), Item("b"), Item("c")]), VALUES, max_size=3), min_size=1))
@example([{Item("a"): "x"}, {Item("a"): "x"}, {}])
@example([{Item("a"): "x"}] * 3)
@example([{Item("a"): True}, {Item("a"): 1}])
def test_rows_are_what_each_record_bears(records: list[dict[Item, str | int | float | None]]) -> None:
    """Also on the way through bytes; what a record does not bear it has no key for."""
    borne = [{item: value for item, value in one.items() if value is not None} for one in records]
    told = Rows.made(borne)

    assert repr([dict(sorted(one.items())) for one in borne]) == repr([dict(sorted(one.items())) for one in told])
    assert repr(list(told)) == repr(list(msgspec.msgpack.decode(msgspec.msgpack.encode(told), type=Rows)))
    assert len(told) == len(records)
