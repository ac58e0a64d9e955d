"""What a Sentry client did not send, and why: counted by words of closed lists, and never a record.

This is how a client tells that it does as it was told: what it may not send, it counts under ``ratelimit_backoff``.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from remit.wire import sampled
from remit.wire.decoder import Leaf
from remit.wire.origins import Origin, Place, own
from remit.wire.sampled import Seen

REASONS = frozenset(
    """
    backpressure before_send buffer_overflow cache_overflow event_processor ignored insufficient_data internal_sdk_error
    invalid network_error no_parent_span queue_overflow ratelimit_backoff sample_rate send_error too_big
    """.split()
)
CATEGORIES = frozenset(
    """
    attachment default error feedback internal log_byte log_item metric_bucket monitor profile profile_chunk
    profile_chunk_ui profile_duration replay security session span trace_metric transaction user_report user_report_v2
    """.split()
)
ELSE = "other"
"""Stands for a word that is not of the list: it could be anything."""
DISCARDED_MAX = 1_000
QUANTITY_MAX = 2**31
_WORDS = ("reason", "category", "quantity")
_KEY, _COUNTED = "discarded_events", "says how much a client did not send, and why"


class _Discarded(msgspec.Struct, gc=False):
    reason: Leaf = None
    category: Leaf = None
    quantity: Leaf = None


class _Report(msgspec.Struct, gc=False):
    discarded_events: list[_Discarded] = []


_REPORT = msgspec.json.Decoder(_Report)


def discarded(payload: bytes) -> Mapping[tuple[str, str], int]:
    """How many, by reason and category. A report that is none, or an odd one, tells of nothing."""
    try:
        found = _REPORT.decode(payload).discarded_events[:DISCARDED_MAX]
    except msgspec.ValidationError:
        return {}
    sums: Counter[tuple[str, str]] = Counter()
    for one in found:
        if isinstance(one.quantity, int) and not isinstance(one.quantity, bool) and 0 < one.quantity <= QUANTITY_MAX:
            sums[_listed(one.reason, REASONS), _listed(one.category, CATEGORIES)] += one.quantity
    return sums


def _listed(word: Leaf, words: frozenset[str]) -> str:
    return word if isinstance(word, str) and word in words else ELSE


def seen(payload: bytes) -> Iterator[Seen | None]:
    """What each node of a report is."""
    return sampled.seen(payload, lambda _: frozenset(f"{_KEY}[].{word}" for word in _WORDS))


def origins(node: Any, *, place: Place) -> Iterator[Origin]:
    """What each path of a report was read for."""
    listed = node.get(_KEY) if isinstance(node, dict) else None
    for i, _ in enumerate(listed if isinstance(listed, list) else []):
        yield from own(((f"{_KEY}[{i}].{word}", _COUNTED) for word in _WORDS), place)
