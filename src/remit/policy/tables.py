"""The non-personal tables that a policy generates: one of cells per fact, one of figures per count, and the tally."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from remit.policy.model import Count, Dimension, Fact, Policy
from remit.policy.words import RECEIVED

WORD, TIME, SUM = "LowCardinality(String)", "DateTime('UTC')", "SimpleAggregateFunction(sum, UInt64)"
LARGEST, HISTOGRAM = "SimpleAggregateFunction(max, UInt64)", "SimpleAggregateFunction(sumMap, Map(Int16, UInt64))"
TALLY = "tally"


class Column(NamedTuple):
    """One column as the engine tells of it. Rows lie in the order of those that are ``sorted``."""

    name: str
    type: str
    sorted: bool


def tables(policy: Policy) -> Mapping[str, tuple[Column, ...]]:
    """Every table of a policy with its columns, in their order."""
    found = {TALLY: _TALLY}
    found |= {fact_table(fact.name): _of_fact(fact) for fact in policy.facts.values()}
    return found | {count_table(count.name): _of_count(count) for count in policy.counts.values()}


def fact_table(name: str) -> str:
    """The table of a fact's cells."""
    return f"fact_{name}"


def count_table(name: str) -> str:
    """The table of a count's figures."""
    return f"count_{name}"


def _key(columns: Iterable[tuple[str, str]]) -> tuple[Column, ...]:
    return tuple(Column(name, kind, sorted=True) for name, kind in columns)


def _dimensions(columns: Iterable[Dimension]) -> tuple[Column, ...]:
    return _key((one.name, TIME if one.item == RECEIVED else WORD) for one in columns)


def _of_fact(fact: Fact) -> tuple[Column, ...]:
    measures = (Column(one.name, HISTOGRAM, sorted=False) for one in fact.measures)
    return (*_dimensions(fact.dimensions), Column("n", SUM, sorted=False), *measures)


def _of_count(count: Count) -> tuple[Column, ...]:
    period = _key([("period", WORD), ("start", TIME)])
    return (*period, *_dimensions(count.dimensions), Column("identifiers", LARGEST, sorted=False))


_TALLY = (
    *_key([("day", TIME), *((name, WORD) for name in ("app", "item", "purpose", "fate", "reason"))]),
    Column("n", SUM, sorted=False),
)
