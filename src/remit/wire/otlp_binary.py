"""OTLP as protobuf: opened level by level, so that it is known how much there is before there is an object of any."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
from opentelemetry.proto.logs.v1 import logs_pb2
from opentelemetry.proto.metrics.v1 import metrics_pb2
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1 import trace_pb2

from remit.policy.values import TEXT_CHARACTERS_MAX
from remit.policy.words import Value
from remit.wire.coding import LOGS, METRICS, TRACES, Budget, Coding, Excerpt, Export, Group, Histogram, Places, camel
from remit.wire.decoder import TooMuch, bounded
from remit.wire.protobuf import UNOPENED, Known, partial
from remit.wire.sampled import AROUND_BYTES_MAX

BODY_BYTES_MAX = 4 * 1024 * 1024
"""The largest export that is decoded: parsed, the smallest attributes come to some ten times their bytes."""
DELTA = metrics_pb2.AGGREGATION_TEMPORALITY_DELTA

_TYPES: Mapping[Export, tuple[Any, Any, Any]] = {
    TRACES: (trace_service_pb2.ExportTraceServiceRequest, trace_pb2.ResourceSpans, trace_pb2.ScopeSpans),
    METRICS: (metrics_service_pb2.ExportMetricsServiceRequest, metrics_pb2.ResourceMetrics, metrics_pb2.ScopeMetrics),
    LOGS: (logs_service_pb2.ExportLogsServiceRequest, logs_pb2.ResourceLogs, logs_pb2.ScopeLogs),
}
_READ: Mapping[Export, Known] = {
    TRACES: {
        **dict.fromkeys(("trace_id", "span_id", "kind", "start_time_unix_nano", "end_time_unix_nano", "attributes")),
        "status": {"code": None},
    },
    METRICS: {"name": None, "histogram": UNOPENED, "exponential_histogram": UNOPENED},
    LOGS: {"event_name": None, "attributes": None},
}
"""What is read of a record; of what only some plans need, no object is made before it is asked for."""
_POINT: Known = dict.fromkeys(
    ("attributes", "start_time_unix_nano", "time_unix_nano", "count", "sum", "min", "max", "flags")
)
_BUCKETS: Known = {"offset": None, "bucket_counts": None}
_EXPONENTIAL: Known = {**_POINT, "scale": None, "zero_count": None, "positive": _BUCKETS, "negative": _BUCKETS}
_POINTS: Mapping[str, tuple[Any, Known]] = {
    "histogram": (metrics_pb2.Histogram, {**_POINT, "bucket_counts": None, "explicit_bounds": None}),
    "exponential_histogram": (metrics_pb2.ExponentialHistogram, _EXPONENTIAL),
}


class _Levels:
    """The classes by which one kind of export is opened."""

    def __init__(self, of: Export) -> None:
        self._of = of
        export, resource, scope = _TYPES[of]
        inner = {"resource": {"attributes": None}}
        self._export = partial(export.DESCRIPTOR, {of.resources: UNOPENED})
        self._resource = partial(resource.DESCRIPTOR, {**inner, of.scopes: UNOPENED})
        self._alone = partial(resource.DESCRIPTOR, inner)
        self._counted = partial(scope.DESCRIPTOR, {of.records: UNOPENED})
        self._scope = partial(scope.DESCRIPTOR, {of.records: _READ[of]})
        around: Known = {"schema_url": None}
        self._around = (
            partial(resource.DESCRIPTOR, {"resource": UNOPENED, of.scopes: UNOPENED, **around}),
            partial(scope.DESCRIPTOR, {"scope": UNOPENED, of.records: UNOPENED, **around}),
        )
        self._record = GetMessageClass(scope.DESCRIPTOR.fields_by_name[of.records].message_type)

    def groups(self, body: bytes, budget: Budget) -> Iterator[Group]:
        for data in self._resources(body, budget):
            resource = _parsed(self._resource, data)
            scopes = getattr(resource, self._of.scopes)
            budget.take(len(scopes))
            for scope in scopes:
                budget.take(len(getattr(_parsed(self._counted, scope), self._of.records)))
                records = getattr(_parsed(self._scope, scope), self._of.records)
                yield Group(resource.resource.attributes, records)

    def alone(self, body: bytes) -> Iterator[Any]:
        return (_parsed(self._alone, one).resource.attributes for one in self._resources(body, Budget()))

    def excerpts(self, body: bytes) -> Iterator[Excerpt | None]:
        resources, scopes = self._around
        name = camel(self._of.records)
        for i, data in enumerate(self._resources(body, Budget())):
            resource, place = _parsed(resources, data), f"{camel(self._of.resources)}[{i}]"
            yield Excerpt(place, "", _schema(resource))
            yield _excerpt(Resource, resource.resource, f"{place}.resource", kind="resource")
            for j, one in enumerate(getattr(resource, self._of.scopes)):
                scope, inner = _parsed(scopes, one), f"{place}.{camel(self._of.scopes)}[{j}]"
                yield Excerpt(inner, "", _schema(scope))
                yield _excerpt(InstrumentationScope, scope.scope, f"{inner}.scope", kind="scope")
                for k, record in enumerate(getattr(scope, self._of.records)):
                    yield _excerpt(self._record, record, f"{inner}.{name}[{k}]", kind=name)

    def _resources(self, body: bytes, budget: Budget) -> Sequence[bytes]:
        found: Sequence[bytes] = getattr(_parsed(self._export, body), self._of.resources)
        budget.take(len(found))
        return found


def _excerpt(of: Any, data: bytes, place: str, *, kind: str) -> Excerpt | None:
    return None if len(data) > AROUND_BYTES_MAX else Excerpt(place, kind, _plain(_parsed(of, data)))


def _schema(around: Any) -> dict[str, Any]:
    return {"schemaUrl": around.schema_url} if around.schema_url else {}


def _parsed(of: Any, data: bytes) -> Any:
    try:
        return of.FromString(data)
    except DecodeError:
        raise ValueError("the bytes are no such message") from None


_LEVELS = {one: _Levels(one) for one in _TYPES}
_HISTOGRAMS = {
    name: (
        partial(of.DESCRIPTOR, {"data_points": UNOPENED, "aggregation_temporality": None}),
        partial(of.DESCRIPTOR, {"data_points": known}),
    )
    for name, (of, known) in _POINTS.items()
}


class Binary(Coding):
    """Protobuf, as most SDKs and the collector send it."""

    content = "application/x-protobuf"

    def groups(self, of: Export, body: bytes, budget: Budget) -> Iterator[Group]:
        """The records of an export."""
        return _LEVELS[of].groups(_bounded(body), budget)

    def resources(self, of: Export, body: bytes) -> Iterator[Any]:
        """The attributes of each resource."""
        return _LEVELS[of].alone(_bounded(body))

    def values(self, attributes: Any, places: Places, beneath: Sequence[Value | None]) -> list[Value | None]:
        """Of what is not asked for, its name is seen and no value becomes an object."""
        row = list(beneath)
        for key in attributes:  # to ask for each of the names takes twice as long: most records bear few of them
            place = places.get(key)
            if place is not None and (value := _scalar(attributes[key])) is not None:
                row[place] = value
        return row

    def text(self, attributes: Any, key: str) -> str:
        """The text at a name."""
        node = attributes.get(key)
        return "" if node is None else node.string_value

    def histogram(self, metric: Any, budget: Budget) -> Histogram | None:
        """The points of the one kind of histogram that the metric has."""
        kind = metric.WhichOneof("data")
        if kind is None:
            return None
        outlined, whole = _HISTOGRAMS[kind]
        data = getattr(metric, kind)
        outline = _parsed(outlined, data)
        budget.take(len(outline.data_points))
        is_new = outline.aggregation_temporality == DELTA
        return Histogram(is_new, kind != "histogram", _parsed(whole, data).data_points)

    def stated(self, point: Any, name: str) -> float | None:
        """A number that a point may leave out."""
        return getattr(point, name) if point.HasField(name) else None

    def identity(self, span: Any) -> str:
        """The two ids of a span."""
        return (span.trace_id + span.span_id).hex() if span.trace_id and span.span_id else ""

    def excerpts(self, of: Export, body: bytes) -> Iterator[Excerpt | None]:
        """Each part, with the names that JSON has for its fields."""
        return _LEVELS[of].excerpts(body)

    def accepted(self, of: Export, rejected: int, message: str) -> bytes:
        """An empty message where there is nothing to say. The replies to all exports have the same numbered fields."""
        del of
        reply = trace_service_pb2.ExportTraceServiceResponse()
        if message:
            reply.partial_success.rejected_spans = rejected
            reply.partial_success.error_message = message
        return reply.SerializeToString()

    def status(self, code: int, message: str) -> bytes:
        """A ``google.rpc.Status``: a number and a text, in the fields in which a partial success has them too."""
        return trace_service_pb2.ExportTracePartialSuccess(
            rejected_spans=code, error_message=message
        ).SerializeToString()


def _bounded(body: bytes) -> bytes:
    if len(body) > BODY_BYTES_MAX:
        raise TooMuch
    return body


def _scalar(node: Any) -> Value | None:
    text: str = node.string_value
    if text:
        return text if len(text) <= TEXT_CHARACTERS_MAX else ""
    kind = node.WhichOneof("value")
    return None if kind is None else bounded(getattr(node, kind))


def _plain(node: Any) -> Any:
    """A message as its JSON is, but that attributes stand by their names and bytes in hexadecimal."""
    if isinstance(node, AnyValue):
        kind = node.WhichOneof("value")
        if kind == "bytes_value":
            return {"bytesValue": node.bytes_value.hex()}
        return None if kind is None else _plain(getattr(node, kind))
    if isinstance(node, bytes):
        return node.hex()
    if not isinstance(node, Message):
        return node
    found: dict[str, Any] = {}
    for field, value in node.ListFields():
        if field.message_type is not None and field.message_type.full_name == KeyValue.DESCRIPTOR.full_name:
            found[field.json_name] = {one.key: _plain(one.value) for one in value}
        elif isinstance(value, Message | str | bytes | int | float):
            found[field.json_name] = _plain(value)
        else:
            found[field.json_name] = [_plain(one) for one in value]
    return found
