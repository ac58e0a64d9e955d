"""How long an export of spans takes to be read: ``python benchmarks/otlp.py [FILE]``.

100 spans of HTTP with ten attributes each, under the example policy, in protobuf and in JSON; CPU time of one process,
the best of several rounds. Beside each the bare parse of the same bytes, by the published classes of
opentelemetry-proto or by msgspec without types: their ratio does not depend on the machine, and is what is compared.
With FILE, the results are appended to it as lines of JSON.
"""

import json
import platform
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from remit.policy.choices import NO_CHOICES
from remit.policy.compile import compiled
from remit.policy.model import Policy
from remit.policy.narrow import Narrower
from remit.policy.plan import plans
from remit.proof.exports_walked import hexed
from remit.wire.otlp import Otlp
from remit.wire.request import Request

EXAMPLE = Path(__file__).parents[1] / "examples" / "device-maker" / "remit.yaml"
SPANS, ROUNDS, REPEATS = 100, 9, 60
RESOURCE = {
    "service.name": "shop", "service.version": "1.4.2", "telemetry.sdk.language": "python",
    "telemetry.sdk.name": "opentelemetry", "telemetry.sdk.version": "1.45.2", "device.manufacturer": "Example",
    "device.model.identifier": "E1", "os.name": "Android", "os.version": "14", "app.installation.id": "inst-1",
}  # fmt: skip


def pairs(told: dict[str, str | int]) -> list[dict[str, Any]]:
    """Attributes as JSON has them."""
    return [
        {"key": name, "value": {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value}}
        for name, value in told.items()
    ]


def span(number: int) -> dict[str, Any]:
    """One request of one of ten people."""
    told: dict[str, str | int] = {
        "http.request.method": "GET", "url.full": f"https://shop.example/product/{number}?coupon=x",
        "server.address": "shop.example", "server.port": 443, "http.response.status_code": 200,
        "network.protocol.version": "1.1", "network.peer.address": "192.0.2.7", "network.peer.port": 443,
        "user_agent.original": "Example/1.0", "user.id": f"u{number % 10}",
    }  # fmt: skip
    began = 1_764_000_000_000_000_000 + number
    times = {"startTimeUnixNano": str(began), "endTimeUnixNano": str(began + 7_000_000 * number)}
    ids = {"traceId": f"{number + 1:032x}", "spanId": f"{number + 1:016x}", "parentSpanId": f"{number + 2:016x}"}
    return {**ids, "name": "GET", "kind": 3, "flags": 256, **times, "attributes": pairs(told), "status": {}}


def export() -> dict[str, Any]:
    """One export as JSON has it."""
    scope = {"scope": {"name": "opentelemetry.instrumentation.requests"}, "spans": [span(n) for n in range(SPANS)]}
    return {"resourceSpans": [{"resource": {"attributes": pairs(dict(RESOURCE))}, "scopeSpans": [scope]}]}


def in_protobuf() -> bytes:
    """The same, as most exporters send it."""
    return json_format.ParseDict(hexed(export(), back=True), ExportTraceServiceRequest()).SerializeToString()


def microseconds(work: Callable[[], object]) -> float:
    """CPU time a span of the fastest round."""
    times = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        for _ in range(REPEATS):
            work()
        times.append(time.process_time() - begun)
    return min(times) / REPEATS / SPANS * 1e6


def main() -> None:
    """Measure and print."""
    policy = compiled(EXAMPLE.read_text(encoding="utf-8"), EXAMPLE.name)
    assert isinstance(policy, Policy)
    plan = plans(policy)["shop-android"]
    ways: dict[str, tuple[bytes, Callable[[bytes], object]]] = {
        "protobuf": (in_protobuf(), ExportTraceServiceRequest.FromString),
        "json": (json.dumps(export()).encode(), msgspec.json.decode),
    }
    decode, narrower = Otlp().decoder(plan), Narrower(plan)
    for coding, (body, bare) in ways.items():
        asked = Request(method="POST", path="/v1/traces", query={}, headers={}, peer="192.0.2.1", body=body)
        (batch,) = decode(asked, 0).batches
        assert batch.size == SPANS
        found = {
            "parsed": microseconds(partial(bare, body)),
            "read": microseconds(partial(decode, asked, 0)),
            "narrowed": microseconds(partial(narrower.narrow, batch, NO_CHOICES)),
        }
        found["ratio"] = found["read"] / found["parsed"]
        for what, took in found.items():
            unit = "" if what == "ratio" else f" us a span, {1e6 / took:,.0f} spans/s"
            sys.stdout.write(f"{coding:<10}{what:<10}{took:8.2f}{unit}\n")
        if len(sys.argv) > 1:
            line = {
                "at": datetime.now(UTC).date().isoformat(),
                "python": platform.python_version(),
                "machine": platform.machine(),
                "coding": coding,
                "microseconds": {what: round(took, 3) for what, took in found.items()},
            }
            with Path(sys.argv[1]).open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
