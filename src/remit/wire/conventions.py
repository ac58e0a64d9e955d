"""OpenTelemetry's semantic conventions: which attribute bears which item, and the names that are published.

What a resource says of a device, an application or a person counts for each of its records that does not say it. Names
that the conventions have given up are read too, since instrumentations send them for years.
"""

from collections.abc import Iterable, Mapping

from remit.policy.plan import Plan
from remit.policy.words import Item, Kind
from remit.wire.decoder import Field, escaped, field

_COMMON = (
    field("account.id", "user.id", "enduser.id"),
    field("email", "user.email"),
    field("name", "user.full_name"),
    field("device.installation", "app.installation.id"),
    field("device.manufacturer", "device.manufacturer"),
    field("device.model", "device.model.identifier", "device.model.name"),
    field("os.name", "os.name", "os.type"),
    field("os.version", "os.version"),
    field("network.operator", "network.carrier.name"),
    field("network.connection", "network.connection.type"),
    field("app.version", "service.version"),
    field("locale", "browser.language"),
    field("net.ip", "client.address"),
    field("net.user_agent", "user_agent.original"),
)
"""Who sends an export is a collector or a server as often as a device, so nothing is read of the connection."""

METHODS = ("http.request.method", "http.method")
"""One of them is on every span and point that tells of a request of HTTP."""
ERROR, OLD_STATUS, NAME, STACK = "error.type", "http.status_code", "event.name", "exception.stacktrace"
FUNCTION, NAMESPACE = ("code.function.name", "code.function"), "code.namespace"
EXCEPTION, SESSION, CRASH, RECORD = "exception.type", "session.id", "app.crash.id", "log.record.uid"
OF_ONE_RECORD = frozenset({*METHODS, ERROR, NAME, EXCEPTION, SESSION, CRASH, RECORD})
"""Attributes that say what a record is, or tell its repeat."""

FIELDS: Mapping[Kind, tuple[Field, ...]] = {
    Kind.REQUEST: (
        *_COMMON,
        field("request.url", "url.full", "url.path", "http.route", "url.template", "http.url", "http.target"),
        field("request.host", "server.address", "net.peer.name", "net.host.name", "http.host"),
        field("request.method", *METHODS),
        field("request.status", "http.response.status_code", OLD_STATUS),
    ),
    Kind.CRASH: (*_COMMON, field("crash.type", EXCEPTION), field("crash.message", "exception.message")),
    Kind.SESSION: _COMMON,
    Kind.EVENT: (*_COMMON, field("screen.name", "app.screen.name"), field("page.url", "url.full")),
}
"""Beside these: what is made of a record's own fields, which is for ``telemetry`` to say."""

CONNECTIONS: Mapping[str, str] = {"wired": "ethernet", "cell": "cellular", "unavailable": "none"}
"""The convention's words for the type of a connection, where they are not ours."""

HISTOGRAMS: Mapping[str, float] = {
    "http.client.request.duration": 1.0,
    "http.server.request.duration": 1.0,
    "http.client.duration": 0.001,
    "http.server.duration": 0.001,
}
"""Metrics that tell of requests, and how many seconds their unit has."""

NAMES: tuple[str, ...] = tuple(
    """
    user.id user.email user.full_name user.name user.hash user.roles enduser.id enduser.pseudo.id enduser.role
    enduser.scope client.address client.port device.id app.installation.id session.id session.previous_id
    exception.message exception.stacktrace url.full url.query url.path url.fragment http.url http.target
    user_agent.original http.user_agent http.client_ip net.sock.peer.addr network.peer.address network.peer.port
    network.local.address network.local.port net.peer.name net.peer.port net.peer.ip net.host.name net.host.port
    net.host.ip source.address destination.address geo.locality.name geo.location.lat geo.location.lon geo.postal_code
    geo.country.iso_code geo.region.iso_code host.id host.name host.ip host.mac host.arch host.type process.command
    process.command_args process.command_line process.owner process.pid process.parent_pid process.executable.name
    process.executable.path process.runtime.name process.runtime.version process.runtime.description db.query.text
    db.statement db.user db.system db.system.name db.name db.namespace db.operation db.operation.name
    messaging.message.id messaging.destination.name messaging.system rpc.system rpc.service rpc.method
    network.carrier.name network.carrier.icc network.carrier.mcc network.carrier.mnc network.connection.type
    network.connection.subtype network.protocol.name network.protocol.version network.transport network.type
    device.manufacturer device.model.identifier device.model.name os.name os.type os.version os.description os.build_id
    app.build_id app.crash.id app.screen.id app.screen.name app.screen.coordinate.x app.screen.coordinate.y
    app.widget.id app.widget.name app.jank.frame_count app.jank.period app.jank.threshold browser.language
    browser.brands browser.mobile browser.platform code.function code.function.name code.namespace code.filepath
    code.file.path code.lineno code.line.number code.column.number code.stacktrace thread.id thread.name
    exception.type exception.escaped error.type error.message event.name log.record.uid log.file.name log.iostream
    http.request.method http.request.method_original http.request.resend_count http.request.body.size
    http.request.size http.response.status_code http.response.body.size http.response.size http.route http.method
    http.scheme http.host http.flavor http.status_code http.status_text http.request_content_length
    http.response_content_length server.address server.port url.domain url.scheme url.template url.extension url.port
    service.name service.version service.namespace service.instance.id deployment.environment
    deployment.environment.name telemetry.sdk.name telemetry.sdk.language telemetry.sdk.version
    telemetry.distro.name telemetry.distro.version otel.scope.name otel.status_code otel.status_description
    container.id container.name k8s.pod.name k8s.pod.uid k8s.node.name k8s.namespace.name cloud.provider cloud.region
    cloud.account.id faas.name faas.instance android.os.api_level android.app.state ios.app.state
    """.split()
)
"""Published names of attributes; first those that tell most of somebody."""

_PLACES = (
    "resource.attributes spans.attributes spans.events.attributes spans.links.attributes scope.attributes"
    " logRecords.attributes metrics.histogram.dataPoints.attributes metrics.exponentialHistogram.dataPoints.attributes"
    " metrics.sum.dataPoints.attributes metrics.gauge.dataPoints.attributes"
).split()

PUBLISHED = frozenset(f"{place}.{escaped(name)}" for place in _PLACES for name in NAMES) | frozenset(
    """
    schemaUrl resource.droppedAttributesCount scope.name scope.version scope.droppedAttributesCount
    spans.traceId spans.spanId spans.parentSpanId spans.traceState spans.flags spans.name spans.kind
    spans.startTimeUnixNano spans.endTimeUnixNano spans.droppedAttributesCount spans.droppedEventsCount
    spans.droppedLinksCount spans.status.code spans.status.message spans.events.name spans.events.timeUnixNano
    spans.events.droppedAttributesCount spans.links.traceId spans.links.spanId spans.links.traceState
    spans.links.flags spans.links.droppedAttributesCount
    metrics.name metrics.description metrics.unit metrics.histogram.aggregationTemporality
    metrics.histogram.dataPoints.startTimeUnixNano metrics.histogram.dataPoints.timeUnixNano
    metrics.histogram.dataPoints.count metrics.histogram.dataPoints.sum metrics.histogram.dataPoints.min
    metrics.histogram.dataPoints.max metrics.histogram.dataPoints.flags metrics.histogram.dataPoints.bucketCounts
    metrics.histogram.dataPoints.explicitBounds metrics.exponentialHistogram.aggregationTemporality
    metrics.exponentialHistogram.dataPoints.startTimeUnixNano metrics.exponentialHistogram.dataPoints.timeUnixNano
    metrics.exponentialHistogram.dataPoints.count metrics.exponentialHistogram.dataPoints.sum
    metrics.exponentialHistogram.dataPoints.min metrics.exponentialHistogram.dataPoints.max
    metrics.exponentialHistogram.dataPoints.flags metrics.exponentialHistogram.dataPoints.scale
    metrics.exponentialHistogram.dataPoints.zeroCount metrics.exponentialHistogram.dataPoints.zeroThreshold
    metrics.exponentialHistogram.dataPoints.positive.offset
    metrics.exponentialHistogram.dataPoints.positive.bucketCounts
    metrics.exponentialHistogram.dataPoints.negative.offset
    metrics.exponentialHistogram.dataPoints.negative.bucketCounts
    metrics.sum.aggregationTemporality metrics.sum.isMonotonic metrics.sum.dataPoints.startTimeUnixNano
    metrics.sum.dataPoints.timeUnixNano metrics.sum.dataPoints.asInt metrics.sum.dataPoints.asDouble
    metrics.gauge.dataPoints.startTimeUnixNano metrics.gauge.dataPoints.timeUnixNano metrics.gauge.dataPoints.asInt
    metrics.gauge.dataPoints.asDouble
    logRecords.timeUnixNano logRecords.observedTimeUnixNano logRecords.severityNumber logRecords.severityText
    logRecords.body logRecords.droppedAttributesCount logRecords.flags logRecords.traceId logRecords.spanId
    logRecords.eventName
    """.split()
)


def fields(plan: Plan, kind: Kind) -> tuple[Field, ...]:
    """Those of a kind of record whose items the plan needs."""
    return tuple(one for one in FIELDS[kind] if one.item in plan.tables[kind].items)


def paths(known: Iterable[Field]) -> tuple[str, ...]:
    """The attributes that may bear them, each once."""
    return tuple(dict.fromkeys(path for one in known for path in one.paths))


LENT = frozenset(paths(_COMMON))
"""Attributes that a resource lends to its records."""


def needs(plan: Plan, kind: Kind, *items: Item) -> bool:
    """Whether the plan needs one of these items of such a record."""
    return not plan.tables[kind].items.isdisjoint(items)
