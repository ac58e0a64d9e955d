"""Which leaves of a part of an export the plan needs, by their paths: what ``otlp_origins`` tells of one by one."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from remit.policy.plan import Plan
from remit.policy.words import Kind
from remit.wire import telemetry
from remit.wire.coding import LOGS, METRICS, TRACES, Excerpt, Export
from remit.wire.conventions import (
    CRASH,
    ERROR,
    EXCEPTION,
    FUNCTION,
    HISTOGRAMS,
    LENT,
    METHODS,
    NAME,
    NAMESPACE,
    OLD_STATUS,
    RECORD,
    SESSION,
    STACK,
    fields,
    needs,
    paths,
)
from remit.wire.decoder import escaped
from remit.wire.telemetry import DURATION, ERRORS, MODULE, PLACE

KEY_ATTRIBUTE = "remit.key"
OF_A_POINT = {
    "startTimeUnixNano": "tells a repeat",
    "timeUnixNano": "tells a repeat",
    "sum": "tells a repeat",
    "count": "tells a repeat",
    "flags": "says whether there is a value",
    "min": "says where the outermost buckets end",
    "max": "says where the outermost buckets end",
    "scale": "says how wide a bucket is",
    "zeroCount": "says how many took no time",
    "positive.offset": "says where the buckets begin",
    "negative.offset": "says where the buckets begin",
}
"""What the protocol itself needs of a point, and what for."""
OF_ITS_BUCKETS = {
    "bucketCounts": "says how many took so long",
    "positive.bucketCounts": "says how many took so long",
    "negative.bucketCounts": "says how many took so long",
    "explicitBounds": "says where a bucket ends",
}
_KINDS = {TRACES: (Kind.REQUEST,), METRICS: (Kind.REQUEST,), LOGS: (Kind.CRASH, Kind.SESSION, Kind.EVENT)}
REPEAT = {Kind.CRASH: (CRASH, RECORD), Kind.SESSION: (SESSION,), Kind.EVENT: (RECORD,)}
"""Attributes by which an event is told from its repeat."""


def lendable(of: Export, plan: Plan) -> frozenset[str]:
    """Attributes that a resource lends to its records, where they need them."""
    return LENT.intersection(path for kind in _KINDS[of] for path in paths(fields(plan, kind)))


def scalars(node: Any) -> Mapping[str, Any]:
    """The scalars among the attributes of a node; of what are no attributes, none."""
    found = node.get("attributes") if isinstance(node, dict) else None
    named = found.items() if isinstance(found, dict) else ()
    return {key: value for key, value in named if isinstance(value, str | int | float | bool)}


def is_request(node: Any) -> bool:
    """Whether a span is read."""
    return str(node.get("kind")) in ("2", "3") and not scalars(node).keys().isdisjoint(METHODS)


def histogram(node: Any) -> str | None:
    """Under which name a metric that is read has its points; None for any other."""
    if str(node.get("name")) not in HISTOGRAMS:
        return None
    return next((name for name in ("histogram", "exponentialHistogram") if isinstance(node.get(name), dict)), None)


def event(node: Any) -> tuple[str, Kind | None]:
    """Which leaf names what happened, and what that tells."""
    attributes = scalars(node)
    named = "eventName" if node.get("eventName") else f"attributes.{escaped(NAME)}"
    told = node.get("eventName") or attributes.get(NAME)
    thrown = attributes.get(EXCEPTION)
    has_exception = isinstance(thrown, str) and thrown != ""
    return named, telemetry.kind_of(told if isinstance(told, str) else "", has_exception=has_exception)


class Needs:
    """The needed paths of each kind of part, without positions."""

    def __init__(self, of: Export, plan: Plan) -> None:
        self._of, self._plan = of, plan
        self._lent = frozenset(_under("resource.attributes", [*lendable(of, plan), KEY_ATTRIBUTE]))
        self._spans = frozenset(self._span())
        self._events = {kind: frozenset(self._event(kind)) for kind in (*_KINDS[LOGS], None)}
        self._attributes = (ERROR, OLD_STATUS, *paths(fields(plan, Kind.REQUEST)))

    def paths(self, excerpt: Excerpt) -> frozenset[str]:
        """Those of one part."""
        match excerpt.kind:
            case "resource":
                return self._lent
            case "spans":
                return self._spans if is_request(excerpt.node) else frozenset({"spans.kind"})
            case "metrics":
                return frozenset(self._metric(excerpt.node))
            case "logRecords":
                return self._events[event(excerpt.node)[1]]
            case _:
                return frozenset()

    def _span(self) -> Iterator[str]:
        kind = Kind.REQUEST
        yield from ("spans.traceId", "spans.spanId", "spans.kind")
        yield from _under("spans.attributes", [*METHODS, *paths(fields(self._plan, kind))])
        if needs(self._plan, kind, DURATION):
            yield from ("spans.startTimeUnixNano", "spans.endTimeUnixNano")
        if needs(self._plan, kind, ERRORS):
            yield from ("spans.status.code", *_under("spans.attributes", [ERROR]))

    def _metric(self, node: Any) -> Iterator[str]:
        called = histogram(node)
        yield "metrics.name"
        if called is None:
            return
        head = f"metrics.{called}"
        yield f"{head}.aggregationTemporality"
        if str(node[called].get("aggregationTemporality")) == "1":
            yield from (f"{head}.dataPoints[].{name}" for name in OF_A_POINT)
            yield from (f"{head}.dataPoints[].{name}[]" for name in OF_ITS_BUCKETS)
            yield from _under(f"{head}.dataPoints[].attributes", self._attributes)

    def _event(self, kind: Kind | None) -> Iterator[str]:
        head = "logRecords.attributes"
        yield from ("logRecords.eventName", *_under(head, [NAME, EXCEPTION]))
        if kind is not None:
            yield from _under(head, [*REPEAT[kind], *paths(fields(self._plan, kind))])
        if kind is Kind.CRASH and needs(self._plan, kind, MODULE, PLACE):
            yield from _under(head, [*FUNCTION, NAMESPACE, STACK])


def _under(place: str, names: Sequence[str]) -> Iterator[str]:
    return (f"{place}.{escaped(name)}" for name in names)
