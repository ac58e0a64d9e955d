"""Columns: what is made of each value is made once of those that are the same, and nobody can tell."""

from hypothesis import example, given
from hypothesis import strategies as st

from remit.policy.columns import each

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
