"""Histograms of OTLP as durations with how many requests took so long: merged into our buckets, never averaged.

An exponential histogram of a scale of 2 or more falls into our buckets exactly (``policy/reduce.bucket``). Of a wider
bucket, and of one between two bounds, the middle of what it can hold stands for all of it.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from remit.policy.reduce import bucket

BUCKETS_MAX = 1_000
"""Of one point. Clients make 160, and 15 for requests."""
SCALES = range(-10, 21)
COUNT_MAX = 2**31
_EXPONENT_MAX = 1_000


class Took(NamedTuple):
    """So many requests took about so many seconds; ``place`` is the number's own in its point."""

    seconds: float
    n: int
    place: str


class Extent(NamedTuple):
    """The least and the most that the point saw, where it says so."""

    least: float | None
    most: float | None


def explicit(point: Any, extent: Extent, unit: float) -> list[Took] | None:
    """What took how long, by the bounds of the point; None where counts and bounds do not fit together."""
    counts, ends = point.bucket_counts, point.explicit_bounds
    if len(counts) != len(ends) + 1 or len(counts) > BUCKETS_MAX:
        return None
    lows, highs = (-math.inf, *ends), (*ends, math.inf)
    found = (
        Took(_middle(low, high, extent) * unit, n, f"bucketCounts[{i}]")
        for i, (low, high, n) in enumerate(zip(lows, highs, counts, strict=True))
        if n
    )
    return _merged(found)


def exponential(point: Any, unit: float) -> list[Took] | None:
    """The same of buckets that grow by a factor; None for a scale that nobody means."""
    both = (("positive", 1, point.positive), ("negative", -1, point.negative))
    if point.scale not in SCALES or any(len(one.bucket_counts) > BUCKETS_MAX for _, _, one in both):
        return None
    found = [
        Took(sign * _power((one.offset + i + 0.5) * 2.0**-point.scale) * unit, n, f"{name}.bucketCounts[{i}]")
        for name, sign, one in both
        for i, n in enumerate(one.bucket_counts)
        if n
    ]
    return _merged([Took(0.0, point.zero_count, "zeroCount"), *found] if point.zero_count else found)


def _merged(found: Iterator[Took] | Sequence[Took]) -> list[Took] | None:
    merged: dict[tuple[int, bool], Took] = {}
    for one in found:
        at = bucket(one.seconds), one.seconds < 0
        before = merged.get(at)
        merged[at] = one if before is None else before._replace(n=before.n + one.n)
    return list(merged.values()) if all(0 < one.n <= COUNT_MAX for one in merged.values()) else None


def _middle(low: float, high: float, extent: Extent) -> float:
    """What stands for all between two bounds: the middle, by factors, of what the point can have seen there."""
    if extent.least is not None and low < extent.least <= high:
        low = extent.least
    if extent.most is not None and low <= extent.most < high:
        high = extent.most
    if low == high:
        return low
    if not low > 0:
        return high / 2 if math.isfinite(high) else max(low, 0.0)
    return math.sqrt(low) * math.sqrt(high) if math.isfinite(high) else low


def _power(exponent: float) -> float:
    return math.pow(2, max(-_EXPONENT_MAX, min(_EXPONENT_MAX, exponent)))
