"""What an export of OpenTelemetry tells: spans and histograms of requests, crashes, ends of sessions, other events."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, NamedTuple

from remit.policy.columns import Batch
from remit.policy.plan import Plan
from remit.policy.words import Item, Kind, Value
from remit.wire import histograms, stacktraces
from remit.wire.coding import LOGS, METRICS, TRACES, Budget, Coding, Export
from remit.wire.conventions import (
    CONNECTIONS,
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
from remit.wire.decoder import Field, message_id, short
from remit.wire.protocol import Skip

OF_REQUESTS = frozenset({2, 3})
"""Kinds of span: of a server, and of a client."""
FAILED = 2
"""The status of a span that failed."""
SERVER_ERRORS = 500
"""Statuses from here on are errors of the server; what older instrumentations count says nothing else of errors."""
CRASHED, ENDED, BEGUN = ("app.crash", "device.crash"), "session.end", "session.start"
DURATION, ERRORS, COUNT = Item("request.duration"), Item("request.errors"), Item("request.count")
STATUS, FEATURE, HANDLED = Item("session.status"), Item("event.name"), Item("crash.handled")
MODULE, PLACE = Item("crash.module"), Item("crash.function")
_CONNECTION = Item("network.connection")
_NO_VALUE = 1
"""The flag of a point at which there was nothing to measure."""
_NANOSECONDS = 1e9

Row = Sequence[Value | None]
Made = Mapping[Item, Sequence[Value | None]]
"""Columns by item that no attribute bears as it stands."""


@dataclass(slots=True)
class Exported:
    """What an export came to: batches, what became no record, and how many points say again what was said before."""

    batches: list[Batch] = field(default_factory=list)
    skipped: Counter[Skip] = field(default_factory=Counter)
    repeated: int = 0


class Columns:
    """The columns of one kind of record: rows of attributes by name, and what is made beside them."""

    def __init__(self, plan: Plan, kind: Kind, *own: str) -> None:
        self.kind, self._fields = kind, fields(plan, kind)
        keys = dict.fromkeys([*own, *paths(self._fields)])
        self.places = {key: place for place, key in enumerate(keys)}
        """Names to look up; first those that the protocol itself needs."""
        self._wanted = plan.tables[kind].items
        self._nothing: Row = [None] * len(keys)
        self._lendable = {key: place for key, place in self.places.items() if key in LENT}

    def beneath(self, coding: Coding, attributes: Any) -> Row:
        """What a resource lends to its records."""
        return coding.values(attributes, self._lendable, self._nothing)

    def batch(self, rows: Sequence[Row], made: Made, **rest: Any) -> Batch:
        """One batch of all rows."""
        by_key = list(zip(*rows, strict=True))
        found: dict[Item, Sequence[Value | None]] = {}
        for one in self._fields:
            column = self._first(one, by_key)
            if column is not None:
                found[one.item] = column
        if _CONNECTION in found:
            found[_CONNECTION] = [CONNECTIONS.get(str(value)) or value for value in found[_CONNECTION]]
        wanted = {item: column for item, column in made.items() if item in self._wanted}
        found |= {item: column for item, column in wanted.items() if column.count(None) < len(column)}
        return Batch(kind=self.kind, size=len(rows), columns=found, **rest)

    def _first(self, one: Field, by_key: Sequence[Sequence[Value | None]]) -> Sequence[Value | None] | None:
        """Of each row, the first of the field's attributes that is there; None where no row has any."""
        column: Sequence[Value | None] | None = None
        for path in one.paths:
            here = by_key[self.places[path]]
            if column is None:
                column = here if here.count(None) < len(here) else None
            elif None in column:
                column = [there if value is None else value for value, there in zip(column, here, strict=True)]
        return column


class Spans:
    """Spans of requests of HTTP, told by who made them or by who answered them; all others are no record."""

    def __init__(self, plan: Plan) -> None:
        self._is_timed = needs(plan, Kind.REQUEST, DURATION)
        self._is_judged = needs(plan, Kind.REQUEST, ERRORS)
        self._columns = Columns(plan, Kind.REQUEST, *METHODS, *([ERROR] if self._is_judged else []))

    def read(self, coding: Coding, body: bytes) -> Exported:
        """One record a span. Raises ValueError, or TooMuch."""
        places, told, budget = self._columns.places, Exported(), Budget()
        rows: list[Row] = []
        ids: list[str] = []
        seconds: list[Value | None] = []
        errors: list[Value | None] = []
        for attributes, spans in coding.groups(TRACES, body, budget):
            beneath = self._columns.beneath(coding, attributes)
            before = len(rows)
            for span in spans:
                if span.kind not in OF_REQUESTS:
                    continue
                row = coding.values(span.attributes, places, beneath)
                if row[0] is None and row[1] is None:
                    continue
                rows.append(row)
                ids.append(message_id(coding.identity(span)))
                if self._is_timed:
                    end = span.end_time_unix_nano
                    seconds.append((end - span.start_time_unix_nano) / _NANOSECONDS if end else None)
                if self._is_judged:
                    errors.append(int(row[2] is not None or _has_failed(span)))
            told.skipped[Skip.NO_RECORD] += len(spans) - (len(rows) - before)
            budget.lend(beneath, len(rows) - before)
        made: Made = {DURATION: seconds, ERRORS: errors, COUNT: [1] * len(rows)}
        if rows:
            told.batches.append(self._columns.batch(rows, made, messages=ids))
        return told


def _has_failed(span: Any) -> bool:
    return span.status is not None and span.status.code == FAILED


class Points:
    """Histograms of the durations of requests: a record for each bucket, which stands for all requests in it."""

    def __init__(self, plan: Plan) -> None:
        self._columns = Columns(plan, Kind.REQUEST, *METHODS, ERROR, OLD_STATUS)

    def read(self, coding: Coding, body: bytes) -> Exported:
        """Points that tell what is new since the last. Raises ValueError, or TooMuch."""
        told, budget, found = Exported(), Budget(), _Buckets()
        number = 0
        for attributes, metrics in coding.groups(METRICS, body, budget):
            beneath = self._columns.beneath(coding, attributes)
            for metric in metrics:
                unit = HISTOGRAMS.get(metric.name or "")
                histogram = coding.histogram(metric, budget) if unit is not None else None
                if unit is None or histogram is None:
                    told.skipped[Skip.UNREAD] += 1
                    continue
                if not histogram.is_new:
                    told.skipped[Skip.CUMULATIVE] += len(histogram.points)
                    told.repeated += len(histogram.points)
                    continue
                for point in histogram.points:
                    number += 1
                    took = buckets(coding, point, unit, is_exponential=histogram.is_exponential)
                    if not took:
                        told.skipped[Skip.UNREAD if took is None else Skip.NO_RECORD] += 1
                        continue
                    row = coding.values(point.attributes, self._columns.places, beneath)
                    budget.take(len(took))
                    budget.lend(row, len(took))
                    found.add(row, took, _identity(coding, point, f"{number} {metric.name}"))
        made: Made = {DURATION: found.seconds, ERRORS: found.errors, COUNT: [1] * len(found.rows)}
        if found.rows:
            batch = self._columns.batch(found.rows, made, messages=found.ids, weights=found.weights)
            told.batches.append(batch)
        return told


class _Took(NamedTuple):
    """A bucket without its duration: a point that tells only how many there were."""

    seconds: None
    n: int
    place: str = "count"


def buckets(coding: Coding, point: Any, unit: float, *, is_exponential: bool) -> Sequence[Any] | None:
    """How many requests took how long; nothing where there was nothing, None where the point cannot be read."""
    if point.flags & _NO_VALUE or not point.count:
        return []
    if is_exponential:
        return histograms.exponential(point, unit)
    if not len(point.bucket_counts):
        return [_Took(None, point.count)] if point.count <= histograms.COUNT_MAX else None
    bounds = histograms.Extent(coding.stated(point, "min"), coding.stated(point, "max"))
    return histograms.explicit(point, bounds, unit)


def _identity(coding: Coding, point: Any, which: str) -> str:
    """By what a point is told from its repeat: its times and its sum, of which no two programs have the same.

    Nothing of its attributes goes into it. Without a sum there is none.
    """
    total = coding.stated(point, "sum")
    if total is None:
        return ""
    told = f"{which} {point.start_time_unix_nano} {point.time_unix_nano} {point.count} {total!r}"
    return blake2b(told.encode(), digest_size=16).hexdigest()


@dataclass(slots=True)
class _Buckets:
    """Buckets as they are found."""

    rows: list[Row] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    weights: list[int] = field(default_factory=list)
    seconds: list[Value | None] = field(default_factory=list)
    errors: list[Value | None] = field(default_factory=list)

    def add(self, row: Row, took: Sequence[Any], identity: str) -> None:
        failed = int(row[2] is not None or (isinstance(row[3], int) and row[3] >= SERVER_ERRORS))
        for i, one in enumerate(took):
            self.rows.append(row)
            self.ids.append(f"{identity}-{i}" if identity else "")
            self.weights.append(one.n)
            self.seconds.append(one.seconds)
            self.errors.append(failed)


class Events:
    """Log records that are events: crashes, ends of sessions, and what an application calls by a name."""

    def __init__(self, plan: Plan) -> None:
        self._is_placed = needs(plan, Kind.CRASH, MODULE, PLACE)
        own = (NAME, EXCEPTION, SESSION, CRASH, RECORD, *((*FUNCTION, NAMESPACE) if self._is_placed else ()))
        self._columns = {kind: Columns(plan, kind, *own) for kind in (Kind.CRASH, Kind.SESSION, Kind.EVENT)}

    def read(self, coding: Coding, body: bytes) -> Exported:
        """One record an event. Raises ValueError, or TooMuch."""
        told, budget = Exported(), Budget()
        found = {kind: _Rows() for kind in self._columns}
        for attributes, records in coding.groups(LOGS, body, budget):
            lent = {kind: one.beneath(coding, attributes) for kind, one in self._columns.items()}
            for record in records:
                name = record.event_name or coding.text(record.attributes, NAME)
                kind = kind_of(name, has_exception=bool(coding.text(record.attributes, EXCEPTION)))
                if kind is None:
                    told.skipped[Skip.NO_RECORD] += 1
                    continue
                row = coding.values(record.attributes, self._columns[kind].places, lent[kind])
                found[kind].rows.append(row)
                found[kind].ids.append(message_id(identity(kind, row)))
                found[kind].names.append(short(name))
                if kind is Kind.CRASH and self._is_placed:
                    found[kind].frames.append(frame(row[5:8], coding.text(record.attributes, STACK)))
                budget.lend(lent[kind], 1)
        for kind, rows in found.items():
            if rows.rows:
                told.batches.append(self._columns[kind].batch(rows.rows, rows.made(kind), messages=rows.ids))
        return told


@dataclass(slots=True)
class _Rows:
    """Events of one kind as they are found."""

    rows: list[Row] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    names: list[Value | None] = field(default_factory=list)
    frames: list[stacktraces.Frame] = field(default_factory=list)

    def made(self, kind: Kind) -> Made:
        """What is told beside attributes."""
        if kind is Kind.EVENT:
            return {FEATURE: self.names}
        if kind is Kind.SESSION:
            return {STATUS: ["exited"] * len(self.rows)}
        handled = [False if name in CRASHED else None for name in self.names]
        return {
            HANDLED: handled,
            MODULE: [short(one.module) for one in self.frames],
            PLACE: [short(one.function) for one in self.frames],
        }


def kind_of(name: str, *, has_exception: bool) -> Kind | None:
    """What a log record tells; None for a line of a log, and for a session that has only begun."""
    if name in CRASHED or (has_exception and name not in (ENDED, BEGUN)):
        return Kind.CRASH
    if name in (ENDED, BEGUN):
        return Kind.SESSION if name == ENDED else None
    return Kind.EVENT if name else None


def identity(kind: Kind, row: Row) -> Value | None:
    """By what an event is told from its repeat: a session ends once, and a crash has an id of its own, if any."""
    _, _, session, crash, record, *_ = row
    return {Kind.SESSION: session, Kind.CRASH: record if crash is None else crash}.get(kind, record)


def frame(told: Row, trace: str) -> stacktraces.Frame:
    """Where an error happened: by the function that the record names, else by its stack trace."""
    named, older, namespace = told
    if isinstance(named, str):
        return stacktraces.named(named)
    if isinstance(older, str):
        return stacktraces.Frame(namespace, older) if isinstance(namespace, str) else stacktraces.named(older)
    return stacktraces.innermost(trace)


Reads = Spans | Points | Events


def reader(of: Export, plan: Plan) -> Reads:
    """What reads exports of one kind for a plan."""
    return _READERS[of](plan)


_READERS: Mapping[Export, type[Spans] | type[Points] | type[Events]] = {TRACES: Spans, METRICS: Points, LOGS: Events}
