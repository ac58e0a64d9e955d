"""The non-personal tables that policies generate: one of cells per fact, one of figures per count, the tally, and what
SDKs send.

A fact or count that changed its columns has several: one for each of its generations.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from remit.policy.generations import Generations, table
from remit.policy.model import Count, Dimension, Fact
from remit.policy.words import RECEIVED

WORD, TIME, SUM = "LowCardinality(String)", "DateTime('UTC')", "SimpleAggregateFunction(sum, UInt64)"
LARGEST, HISTOGRAM = "SimpleAggregateFunction(max, UInt64)", "SimpleAggregateFunction(sumMap, Map(Int16, UInt64))"
TALLY, SENT = "tally", "sent"


class Column(NamedTuple):
    """One column as the engine tells of it. Rows lie in the order of those that are ``sorted``."""

    name: str
    type: str
    sorted: bool


def tables(stored: Generations) -> Mapping[str, tuple[Column, ...]]:
    """Every table with its columns, in their order."""
    made = (one for forms in stored.values() for one in forms)
    return {TALLY: _TALLY, SENT: _SENT} | {table(one): _columns(one.of) for one in made}


def _columns(of: Fact | Count) -> tuple[Column, ...]:
    return _of_fact(of) if isinstance(of, Fact) else _of_count(of)


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
_SENT = (
    *_key([("day", TIME), *((name, WORD) for name in ("app", "protocol", "sdk", "version", "path", "need"))]),
    Column("n", SUM, sorted=False),
    Column("variance", SUM, sorted=False),
)
