"""OTLP as JSON: structs that know what is read, and leave each attribute unopened until it is asked for."""

from collections.abc import Iterator, Mapping, Sequence
from types import GenericAlias
from typing import Any

import msgspec

from remit.policy.values import TEXT_CHARACTERS_MAX
from remit.policy.words import Value
from remit.wire.coding import LOGS, METRICS, TRACES, Budget, Coding, Excerpt, Export, Group, Histogram, Places, camel
from remit.wire.decoder import bounded, readable
from remit.wire.sampled import AROUND_BYTES_MAX, is_small

DELTA = 1
_NULL = msgspec.Raw(b"null")


class _Pair(msgspec.Struct, gc=False, frozen=True):
    key: str = ""
    value: msgspec.Raw = _NULL


_Pairs = tuple[_Pair, ...] | None


class _Node(msgspec.Struct, gc=False, frozen=True, rename="camel"):
    """A message of the export; what it lacks reads as it does in protobuf."""


class _Status(_Node, frozen=True):
    code: int | None = None


class _Span(_Node, frozen=True):
    trace_id: str | None = None
    span_id: str | None = None
    kind: int | None = None
    start_time_unix_nano: int = 0
    end_time_unix_nano: int = 0
    attributes: _Pairs = None
    status: _Status | None = None


class _Buckets(_Node, frozen=True):
    offset: int = 0
    bucket_counts: tuple[int, ...] = ()


class _Point(_Node, frozen=True):
    attributes: _Pairs = None
    start_time_unix_nano: int = 0
    time_unix_nano: int = 0
    count: int = 0
    sum: float | None = None
    min: float | None = None
    max: float | None = None
    flags: int = 0
    bucket_counts: tuple[int, ...] = ()
    explicit_bounds: tuple[float, ...] = ()
    scale: int = 0
    zero_count: int = 0
    positive: _Buckets = _Buckets()
    negative: _Buckets = _Buckets()


class _Histogram(_Node, frozen=True):
    data_points: tuple[_Point, ...] = ()
    aggregation_temporality: int = 0


class _Metric(_Node, frozen=True):
    name: str | None = None
    histogram: msgspec.Raw = _NULL
    exponential_histogram: msgspec.Raw = _NULL


class _Record(_Node, frozen=True):
    event_name: str | None = None
    attributes: _Pairs = None


class _Resource(_Node, frozen=True):
    attributes: _Pairs = None


class _Any(msgspec.Struct, gc=False, rename="camel"):
    string_value: str | None = None
    bool_value: bool | None = None
    int_value: int | None = None
    double_value: float | None = None


# 64-bit numbers are texts, or numbers all the same.
_ANY = msgspec.json.Decoder(_Any, strict=False)
_HISTOGRAM = msgspec.json.Decoder(_Histogram, strict=False)
_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LIST = msgspec.json.Decoder(list[msgspec.Raw])
_TYPES: Mapping[Export, type[_Node]] = {TRACES: _Span, METRICS: _Metric, LOGS: _Record}


class _Levels:
    """The structs of one kind of export."""

    def __init__(self, of: Export) -> None:
        self._of = of
        scope = _struct("Scope", (of.records, _list(_TYPES[of])))
        whole = _struct("Group", ("resource", _Resource | None), (of.scopes, _list(scope)))
        alone = _struct("Group", ("resource", _Resource | None))
        self._whole = _decoder(of, whole)
        self._alone = _decoder(of, alone)

    def groups(self, body: bytes, budget: Budget) -> Iterator[Group]:
        for resource in self._opened(self._whole, body, budget):
            scopes = getattr(resource, self._of.scopes) or ()
            budget.take(len(scopes))
            for scope in scopes:
                records = getattr(scope, self._of.records) or ()
                budget.take(len(records))
                yield Group(resource.resource and resource.resource.attributes, records)

    def alone(self, body: bytes) -> Iterator[Any]:
        found = self._opened(self._alone, body, Budget())
        return (one.resource and one.resource.attributes for one in found)

    def _opened(self, decoder: msgspec.json.Decoder[Any], body: bytes, budget: Budget) -> Sequence[Any]:
        found: Sequence[Any] = getattr(decoder.decode(readable(body)), self._of.resources) or ()
        budget.take(len(found))
        return found

    def excerpts(self, body: bytes) -> Iterator[Excerpt | None]:
        name, around, resources = camel(self._of.records), _OBJECT.decode(body), camel(self._of.resources)
        yield _excerpt(_without(around, resources), "", "")
        for i, data in enumerate(_several(around, resources)):
            resource, place = _OBJECT.decode(data), f"{resources}[{i}]"
            scopes = camel(self._of.scopes)
            yield _excerpt(_without(resource, "resource", scopes), place, "")
            yield _excerpt(resource.get("resource", _NULL), f"{place}.resource", "resource")
            for j, one in enumerate(_several(resource, scopes)):
                scope, inner = _OBJECT.decode(one), f"{place}.{scopes}[{j}]"
                yield _excerpt(_without(scope, "scope", name), inner, "")
                yield _excerpt(scope.get("scope", _NULL), f"{inner}.scope", "scope")
                for k, record in enumerate(_several(scope, name)):
                    yield _excerpt(record, f"{inner}.{name}[{k}]", name)


def _list(of: Any) -> Any:
    return GenericAlias(tuple, (of, ...)) | None


def _struct(name: str, *fields: tuple[str, Any]) -> Any:
    optional = [(field, of, None) for field, of in fields]
    return msgspec.defstruct(name, optional, gc=False, frozen=True, rename="camel")


def _decoder(of: Export, resource: Any) -> msgspec.json.Decoder[Any]:
    export = _struct("Export", (of.resources, _list(resource)))
    return msgspec.json.Decoder(export, strict=False)


def _several(node: Mapping[str, msgspec.Raw], key: str) -> list[msgspec.Raw]:
    return [] if node.get(key, _NULL) == _NULL else _LIST.decode(node[key])


def _without(node: Mapping[str, msgspec.Raw], *keys: str) -> bytes:
    return msgspec.json.encode({name: below for name, below in node.items() if name not in keys})


def _excerpt(text: bytes | msgspec.Raw, place: str, kind: str) -> Excerpt | None:
    whole = len(bytes(text)) <= AROUND_BYTES_MAX and is_small(text)
    return Excerpt(place, kind, _plain(msgspec.json.decode(text))) if whole else None


_LEVELS = {one: _Levels(one) for one in _TYPES}


class Text(Coding):
    """JSON, as the SDKs for JavaScript send it."""

    content = "application/json"

    def groups(self, of: Export, body: bytes, budget: Budget) -> Iterator[Group]:
        """The records of an export."""
        return _LEVELS[of].groups(body, budget)

    def resources(self, of: Export, body: bytes) -> Iterator[Any]:
        """The attributes of each resource."""
        return _LEVELS[of].alone(body)

    def values(self, attributes: Any, places: Places, beneath: Sequence[Value | None]) -> list[Value | None]:
        """The values of other names are passed over unopened; of two with one name the last counts."""
        row = list(beneath)
        last = {place: one.value for one in attributes or () if (place := places.get(one.key)) is not None}
        for place, node in last.items():
            value = _short(node)
            if value is not None:
                row[place] = value
        return row

    def text(self, attributes: Any, key: str) -> str:
        """The text at a name; the last, if there are several."""
        found = [one.value for one in attributes or () if one.key == key]
        value = _scalar(found[-1]) if found else None
        return value if isinstance(value, str) else ""

    def histogram(self, metric: Any, budget: Budget) -> Histogram | None:
        """The points of the kind of histogram that the metric has."""
        is_exponential = metric.histogram == _NULL
        data = metric.exponential_histogram if is_exponential else metric.histogram
        if data == _NULL:
            return None
        found = _HISTOGRAM.decode(data)
        budget.take(len(found.data_points))
        return Histogram(found.aggregation_temporality == DELTA, is_exponential, found.data_points)

    def stated(self, point: Any, name: str) -> float | None:
        """A number that a point may leave out."""
        value: float | None = getattr(point, name)
        return value

    def identity(self, span: Any) -> str:
        """The two ids of a span, which are hexadecimal already."""
        return (span.trace_id + span.span_id).lower() if span.trace_id and span.span_id else ""

    def excerpts(self, of: Export, body: bytes) -> Iterator[Excerpt | None]:
        """Each part, its attributes by their names."""
        return _LEVELS[of].excerpts(body)

    def accepted(self, of: Export, rejected: int, message: str) -> bytes:
        """An empty object where there is nothing to say; 64-bit numbers are texts, and 0 is left out."""
        told = {camel(of.rejected): str(rejected)} if rejected else {}
        return msgspec.json.encode({"partialSuccess": {**told, "errorMessage": message}} if message else {})

    def status(self, code: int, message: str) -> bytes:
        """A ``google.rpc.Status``."""
        return msgspec.json.encode({"code": code, "message": message})


def _scalar(node: msgspec.Raw) -> Value | None:
    try:
        found = _ANY.decode(node)
    except msgspec.ValidationError:
        return None  # a list, or what no SDK means
    if found.string_value is not None:
        return found.string_value
    if found.bool_value is not None:
        return found.bool_value
    return found.double_value if found.int_value is None else bounded(found.int_value)


def _short(node: msgspec.Raw) -> Value | None:
    value = _scalar(node)
    return "" if isinstance(value, str) and len(value) > TEXT_CHARACTERS_MAX else value


def points_of(histogram: Mapping[str, Any]) -> tuple[int, list[tuple[Any, Any]]]:
    """The temporality of a plain histogram, and each plain point with its node. Raises ValidationError."""
    plain = msgspec.convert(histogram.get("dataPoints") or [], list[dict[str, Any]])
    bare = [{name: value for name, value in one.items() if name != "attributes"} for one in plain]
    found = msgspec.convert({**histogram, "dataPoints": bare}, _Histogram, strict=False)
    return found.aggregation_temporality, list(zip(plain, found.data_points, strict=True))


def _plain(node: Any) -> Any:
    """JSON in which attributes stand by their names, and scalars as what they are."""
    if isinstance(node, dict):
        return {key: _pairs(value) if _is_pairs(value) else _plain(_value(value)) for key, value in node.items()}
    return [_plain(_value(one)) for one in node] if isinstance(node, list) else node


def _is_pairs(node: Any) -> bool:
    return isinstance(node, list) and bool(node) and all(isinstance(one, dict) and "key" in one for one in node)


def _pairs(node: Any) -> dict[str, Any]:
    return {str(one["key"]): _plain(_value(one.get("value"))) for one in node}


_SCALARS = frozenset({"stringValue", "boolValue", "intValue", "doubleValue"})


def _value(node: Any) -> Any:
    """What an AnyValue holds; whatever is none stays as it stands."""
    if not isinstance(node, dict) or node.keys().isdisjoint(_SCALARS):
        several = [node[kind] for kind in ("arrayValue", "kvlistValue") if isinstance(node, dict) and kind in node]
        return several[0] if several else node
    value = _scalar(msgspec.Raw(msgspec.json.encode(node)))
    return node if value is None else value
