"""Which leaf of an export gave which item: to be shown, never on the way of a record."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from remit.policy.plan import Plan
from remit.policy.words import Item, Kind
from remit.wire import telemetry
from remit.wire.coding import METRICS, TRACES, Excerpt, Export, camel
from remit.wire.conventions import (
    ERROR,
    EXCEPTION,
    FUNCTION,
    HISTOGRAMS,
    METHODS,
    NAME,
    NAMESPACE,
    OLD_STATUS,
    STACK,
    fields,
    needs,
    paths,
)
from remit.wire.decoder import escaped
from remit.wire.origins import Origin, Place, Record, instead, own, within
from remit.wire.otlp_json import Text, points_of
from remit.wire.otlp_needs import (
    KEY_ATTRIBUTE,
    OF_A_POINT,
    OF_ITS_BUCKETS,
    REPEAT,
    event,
    histogram,
    is_request,
    lendable,
    scalars,
)
from remit.wire.telemetry import COUNT, DURATION, ERRORS, FEATURE, HANDLED, MODULE, PLACE, STATUS

_NODES = Text()
_DELTA = 1


class Retold:
    """Tells of the parts of one export, in their order: a resource comes before its records."""

    def __init__(self, of: Export, plan: Plan) -> None:
        self._plan, self._records = plan, camel(of.records)
        self._tells = self._span if of is TRACES else self._metric if of is METRICS else self._event
        self._lendable = lendable(of, plan)
        self._resource: Excerpt = Excerpt("", "", {})
        self._rows: Counter[Kind] = Counter()

    def origins(self, excerpt: Excerpt) -> Iterator[Origin]:
        """What was read of one part."""
        if excerpt.kind == "resource":
            self._resource = excerpt
            lent = (escaped(name) for name in scalars(excerpt.node) if name in self._lendable)
            place = within(f"{excerpt.place}.attributes")
            yield from own(((name, "says what its records have in common") for name in lent), place)
            yield from own([(escaped(KEY_ATTRIBUTE), "says whose it is")], place)
        elif excerpt.kind == self._records:
            yield from self._tells(excerpt.node, within(excerpt.place))

    def _record(self, kind: Kind) -> Record:
        record = Record(kind, self._rows[kind])
        self._rows[kind] += 1
        return record

    def _borne(self, attributes: Mapping[str, Any], record: Record, place: Place) -> Iterator[Origin]:
        """Of each field, the first attribute that is there was taken, be it the record's own or its resource's."""
        lent, around = scalars(self._resource.node), within(f"{self._resource.place}.attributes")
        for one in fields(self._plan, record.kind):
            present = [
                place(f"attributes.{escaped(path)}") if path in attributes else around(escaped(path))
                for path in one.paths
                if path in attributes or (path in lent and path in self._lendable)
            ]
            for path in present:
                yield Origin(path, "" if path == present[0] else instead(one.item, present[0]), one.item, record)

    def _span(self, node: Any, place: Place) -> Iterator[Origin]:
        attributes = scalars(node)
        if not is_request(node):
            yield Origin(place("kind"), "says that it tells of no request, or of another than HTTP's")
            return
        record = self._record(Kind.REQUEST)
        repeat = [("traceId", "tells a repeat"), ("spanId", "tells a repeat"), ("kind", "says that it is a request")]
        yield from own([*repeat, *_read(METHODS, "says that it is of HTTP")], place)
        yield from self._borne(attributes, record, place)
        if needs(self._plan, Kind.REQUEST, COUNT):
            yield Origin(place("kind"), "", COUNT, record)
        if needs(self._plan, Kind.REQUEST, DURATION):
            yield Origin(place("startTimeUnixNano"), "says when it began")
            ended = str(node.get("endTimeUnixNano") or 0) != "0"
            yield Origin(place("endTimeUnixNano"), "" if ended else "it has no end", DURATION, record)
        if needs(self._plan, Kind.REQUEST, ERRORS):
            yield from own(
                [*_read([ERROR], "says whether it failed"), ("status.code", "says whether it failed")], place
            )
            yield Origin(place(_judged(node, attributes)), "", ERRORS, record)

    def _metric(self, node: Any, place: Place) -> Iterator[Origin]:
        called = histogram(node)
        yield Origin(place("name"), "says what is measured")
        if called is None:
            return
        yield Origin(place(f"{called}.aggregationTemporality"), "says whether points repeat those before")
        temporality, points = points_of(node[called])
        for i, (plain, point) in enumerate(points) if temporality == _DELTA else ():
            unit = HISTOGRAMS[node["name"]]
            took = telemetry.buckets(_NODES, point, unit, is_exponential=called != "histogram")
            yield from self._point(plain, took or (), within(place(f"{called}.dataPoints[{i}]")))

    def _point(self, plain: Any, took: Sequence[Any], place: Place) -> Iterator[Origin]:
        yield from own(OF_A_POINT.items(), place)
        for path, why in OF_ITS_BUCKETS.items():
            head, _, name = path.rpartition(".")
            below = plain.get(head) if head else plain
            numbers = below.get(name) if isinstance(below, dict) else None
            yield from own(((f"{path}[{i}]", why) for i, _ in enumerate(numbers or ())), place)
        yield from own(_read([ERROR, OLD_STATUS], "says whether they failed"), place)
        if not took:
            names = paths(fields(self._plan, Kind.REQUEST))
            yield from own(_read(names, "says of what nothing was measured"), place)
        for one in took:
            record = self._record(Kind.REQUEST)
            yield from self._borne(scalars(plain), record, place)
            for item in (DURATION, COUNT, ERRORS):
                if needs(self._plan, Kind.REQUEST, item) and not (item == DURATION and one.seconds is None):
                    yield Origin(place(one.place), "", item, record)

    def _event(self, node: Any, place: Place) -> Iterator[Origin]:
        attributes, (named, kind) = scalars(node), event(node)
        yield from own([("eventName", "says what happened"), *_read([NAME, EXCEPTION], "says what happened")], place)
        if kind is None:
            return
        record = self._record(kind)
        yield from own(_read(REPEAT[kind], "tells a repeat"), place)
        yield from self._borne(attributes, record, place)
        name = str(node.get("eventName") or attributes.get(NAME))
        for item, path in _made(kind, attributes, named, name=name).items():
            if needs(self._plan, kind, item):
                yield Origin(place(path), "", item, record)
        if kind is Kind.CRASH and needs(self._plan, kind, MODULE, PLACE):
            yield from own(_read([*FUNCTION, NAMESPACE, STACK], "says where it happened"), place)


def _judged(node: Any, attributes: Mapping[str, Any]) -> str:
    """Where it says whether a span failed."""
    code = (node.get("status") or {}).get("code")
    if str(code) != str(telemetry.FAILED) and ERROR in attributes:
        return f"attributes.{escaped(ERROR)}"
    return "kind" if code is None else "status.code"


def _made(kind: Kind, attributes: Mapping[str, Any], named: str, *, name: str) -> Mapping[Item, str]:
    """Where each item stands that is made of something else than an attribute for it."""
    if kind is not Kind.CRASH:
        return {STATUS: named} if kind is Kind.SESSION else {FEATURE: named}
    trace = attributes.get(STACK)
    told = [attributes.get(key) for key in (*FUNCTION, NAMESPACE)]
    frame = telemetry.frame(told, trace if isinstance(trace, str) else "")
    where = next((key for key in FUNCTION if isinstance(attributes.get(key), str)), STACK)
    path = f"attributes.{escaped(where)}"
    found = {HANDLED: named} if name in telemetry.CRASHED else {}
    found |= {MODULE: path} if frame.module else {}
    return found | ({PLACE: path} if frame.function else {})


def _read(names: Sequence[str], why: str) -> list[tuple[str, str]]:
    return [(f"attributes.{escaped(name)}", why) for name in names]
