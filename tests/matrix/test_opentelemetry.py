"""Exporters of OpenTelemetry, unmodified, against a running house."""

import re

from running import House
from unmodified import run

WARNED = re.compile("no purpose needs: (?:[a-z_.]+, )+")
RETRIED = re.compile("retry|transient|timed? ?out|fail", re.IGNORECASE)
RESOURCE = """
    "service.name": "shop", "service.version": "1.4.2", "device.manufacturer": "Example", "os.name": "Android",
    "app.installation.id": "inst-1",
"""
PYTHON = f"""
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode

resource = Resource({{{RESOURCE}}})
spans = TracerProvider(resource=resource)
spans.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
for i in range(3):
    url = f"https://shop.example/product/{{i}}?coupon=ada@example.org"
    told = {{"http.request.method": "GET", "url.full": url, "user.id": "otel-python", "user.email": "ada@example.org"}}
    with spans.get_tracer("shop").start_as_current_span("GET", kind=SpanKind.CLIENT, attributes=told) as span:
        span.set_status(Status(StatusCode.ERROR if i == 2 else StatusCode.OK))

metrics = MeterProvider([PeriodicExportingMetricReader(OTLPMetricExporter())], resource=resource)
took = metrics.get_meter("shop").create_histogram("http.client.request.duration", unit="s")
for seconds in (0.02, 0.021, 0.3, 12.0):
    took.record(seconds, {{"http.request.method": "GET", "url.template": "/cart", "server.address": "shop.example"}})

logs = LoggerProvider(resource=resource)
logs.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter()))
logger = logs.get_logger("shop")
trace = "java.lang.Error: ada@example.org\\n\\tat com.example.shop.Cart.total(Cart.kt:12)"
thrown = {{"exception.type": "java.lang.Error", "exception.message": "ada@example.org", "exception.stacktrace": trace}}
logger.emit(event_name="app.crash", attributes=thrown | {{"app.crash.id": "c-1", "user.id": "otel-python"}})
logger.emit(event_name="session.end", attributes={{"session.id": "s-1"}})
logger.emit(body="a line of a log")

for provider in (spans, metrics, logs):
    provider.shutdown()
"""
CRASH = {"type": "java.lang.Error", "module": "com.example.shop.Cart", "function": "total", "handled": "no", "n": 1}
BUCKET_OF_ONE = "-1"


def test_the_exporters_for_python(house: House) -> None:
    """Spans, histograms and events in protobuf are kept and counted once as the policy says, and nobody tries again."""
    said = run(house, "opentelemetry-exporter-otlp-proto-http", then=PYTHON)

    assert "" == said
    held = house.person("otel-python", "run-device")
    assert {"device.manufacturer": {"Example"}, "os.name": {"Android"}} == {item: {*held[item]} for item in held}
    assert ["[email]"] == house.person("otel-python", "mend-crashes")["crash.message"]
    requests = "SELECT page, sum(n) AS n, sumMap(errors) AS errors FROM network GROUP BY page ORDER BY page"
    cart, product = house.facts(requests)
    assert ("/cart", 4, "/product/*", 3) == (cart["page"], cart["n"], product["page"], product["n"])
    assert (None, 1) == (cart["errors"].get(BUCKET_OF_ONE), product["errors"][BUCKET_OF_ONE])
    assert [CRASH] == house.facts("SELECT type, module, function, handled, n FROM crash")
    assert [{"status": "exited", "n": 1}] == house.facts("SELECT status, n FROM session")
    ends = {(row["item"], row["fate"], row["reason"]) for row in house.tally()}
    assert set() == {end for end in ends if end[2] == "repeat"}
    assert ("request.duration", "reduced", "") in ends


JAVASCRIPT = f"""
import {{ diag, DiagConsoleLogger, DiagLogLevel }} from '@opentelemetry/api';
import {{ resourceFromAttributes }} from '@opentelemetry/resources';
diag.setLogger(new DiagConsoleLogger(), DiagLogLevel.WARN);
const resource = resourceFromAttributes({{{RESOURCE}}});
"""
SPANS = """
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
const exporter = new OTLPTraceExporter();
const provider = new TracerProvider({ resource, spanProcessors: [new BatchSpanProcessor({ exporter })] });
const attributes = { 'http.request.method': 'GET', 'url.full': 'https://shop.example/search', 'user.id': 'otel-js' };
for (const kind of [2, 2, 0]) provider.getTracer('shop').startSpan('GET', { kind, attributes }).end();
await provider.shutdown();
"""
METRICS = """
import { AggregationType, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
const aggregation = { type: AggregationType.EXPONENTIAL_HISTOGRAM };
const provider = new MeterProvider({
  resource,
  views: [{ instrumentName: 'http.server.request.duration', aggregation }],
  readers: [new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter() })],
});
const histogram = provider.getMeter('shop').createHistogram('http.server.request.duration', { unit: 's' });
const attributes = { 'http.request.method': 'GET', 'http.route': '/order/:id' };
for (const seconds of [0, 0.02, 0.021, 3]) histogram.record(seconds, attributes);
await provider.shutdown();
"""
LOGS = """
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
const processor = new BatchLogRecordProcessor({ exporter: new OTLPLogExporter() });
const provider = new LoggerProvider({ resource, processors: [processor] });
const stack = 'TypeError: ada is undefined\\n    at Basket.empty (https://shop.example/app.js:10:5)';
const attributes = { 'exception.type': 'TypeError', 'exception.message': 'ada', 'exception.stacktrace': stack };
provider.getLogger('shop').emit({ eventName: 'app.crash', attributes: { ...attributes, 'user.id': 'otel-js' } });
await provider.shutdown();
"""


def is_content(said: str) -> bool:
    """Whether a client printed what nothing needs, and says of nothing that it failed or comes again."""
    return WARNED.search(said) is not None and RETRIED.search(WARNED.sub("", said)) is None


def test_the_exporter_of_traces_for_javascript(house: House) -> None:
    """Spans in JSON and in chunks; the client prints the names that no purpose needs, and is content."""
    said = run(house, "@opentelemetry/exporter-trace-otlp-http", then=JAVASCRIPT + SPANS)

    assert is_content(said), said
    assert {"device.manufacturer", "os.name"} == set(house.person("otel-js", "run-device"))
    assert [{"n": 2}] == house.facts("SELECT n FROM network WHERE page = '/search'")


def test_the_exporter_of_metrics_for_javascript(house: House) -> None:
    """An exponential histogram in JSON lies in the facts as it was made, bucket by bucket."""
    said = run(house, "@opentelemetry/exporter-metrics-otlp-http", then=JAVASCRIPT + METRICS)
    (told,) = house.facts("SELECT n, seconds FROM network WHERE page = '/order/*'")

    assert is_content(said), said
    assert {"n": 4, "seconds": {"-40": 1, "-23": 2, "6": 1}} == told


def test_the_exporter_of_logs_for_javascript(house: House) -> None:
    """A crash in JSON: its message is kept and is nowhere else."""
    said = run(house, "@opentelemetry/exporter-logs-otlp-http", then=JAVASCRIPT + LOGS)

    assert is_content(said), said
    assert [{"function": "Basket.empty", "n": 1}] == house.facts(
        "SELECT function, n FROM crash WHERE type = 'TypeError'"
    )
    assert ["ada"] == house.person("otel-js", "mend-crashes")["crash.message"]


def test_a_cumulative_histogram_is_told_to_be_none(house: House) -> None:
    """Without the setting for what is new, a client hears how many points were not taken, and how to send others."""
    without = "process.env.OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE = '';\n"
    said = run(house, "@opentelemetry/exporter-metrics-otlp-http", then=without + JAVASCRIPT + METRICS)

    assert "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=delta" in said
    assert re.search("rejectedDataPoints.*1", said), said
