"""What a worker does besides: ``python benchmarks/worker.py [FILE]``.

Error events as `sentry-sdk` sends them, exports of 100 spans as OpenTelemetry does, how long single events wait at half
of the rate that is the most, and what a house costs while nothing comes. The house has the example policy and one core;
the load (wrk) has the other. With FILE, the results are appended to it as a line of JSON.
"""

import json
import platform
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sentry_sdk
from intake import Round, load, machine, resting
from otlp import SPANS, in_protobuf
from payloads import ID, KEY, SINGLE, Payload
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport
from servers import Server, alone, remit

ROUNDS, IDLE_SECONDS = 5, 30
ID_CHARACTERS = 37
"""As many as wrk's script puts in place of an id."""


class _Kept(Transport):
    """Keeps what would be sent."""

    def __init__(self, options: dict[str, Any] | None = None) -> None:
        super().__init__(options)
        self.envelopes = list[Envelope]()

    def capture_envelope(self, envelope: Envelope) -> None:
        self.envelopes.append(envelope)


def envelope() -> Payload:
    """One error event, with the frames, packages and contexts that the SDK finds here."""
    kept = _Kept()
    sentry_sdk.init(f"http://{KEY}@127.0.0.1/1", transport=kept, release="shop@1.4.2", server_name="shop")
    sentry_sdk.set_user({"id": "user-7"})
    try:
        _pay({"total": 12})
    except ValueError as error:
        sentry_sdk.capture_exception(error)
    sentry_sdk.get_client().close()
    (event,) = [item.get_event() for one in kept.envelopes for item in one.items if item.get_event()]
    event["event_id"] = ID
    payload = json.dumps(event)
    length = len(payload.encode()) + ID_CHARACTERS - len(ID)
    head = json.dumps({"event_id": ID, "sent_at": "2026-11-27T03:00:00.000Z"})
    item = json.dumps({"type": "event", "content_type": "application/json", "length": length})
    body, said = f"{head}\n{item}\n{payload}".encode(), f"Sentry sentry_key={KEY}, sentry_version=7"
    return Payload(
        "sentry error", "/api/1/envelope/", body, 1, "application/x-sentry-envelope", ("x-sentry-auth", said)
    )


def spans() -> Payload:
    """100 spans of HTTP, as OpenTelemetry's exporters send them in protobuf."""
    whose = ("authorization", f"Bearer {KEY}")
    return Payload("spans", "/v1/traces", in_protobuf(), SPANS, "application/x-protobuf", whose)


def _pay(cart: dict[str, int]) -> None:
    if cart["total"] > 10:
        raise ValueError(f"no more than 10, not {cart['total']}")


def idle(house: Server) -> dict[str, float]:
    """Memory of all processes, shared pages divided among them (PSS), and what of a core they take."""
    time.sleep(5)
    spent, began = house.seconds_of_all(), time.monotonic()
    time.sleep(IDLE_SECONDS)
    took, spent = time.monotonic() - began, house.seconds_of_all() - spent
    held = sum(one.memory_full_info().pss for one in house.family())
    return {"mb": round(held / 1e6, 1), "percent": round(100 * spent / took, 2), "processes": len(house.family())}


def _median(several: list[Round]) -> dict[str, float]:
    return {name: round(statistics.median(getattr(one, name) for one in several), 2) for name in Round._fields}


def main() -> None:
    """Measure, print, and append."""
    errors, exports = envelope(), spans()
    with tempfile.TemporaryDirectory() as folder, remit(Path(folder)) as house:
        found: dict[str, Any] = {"idle": idle(house)}
        with alone(house):
            load(house, SINGLE, Path(folder))
            found["sentry error"] = _median([load(house, errors, Path(folder)) for _ in range(ROUNDS)])
            found["spans"] = _median([load(house, exports, Path(folder)) for _ in range(ROUNDS)])
            most = _median([load(house, SINGLE, Path(folder)) for _ in range(ROUNDS)])
            rest = resting(house, SINGLE, Path(folder), rate=most["rate"] / 2)
            half = _median([load(house, SINGLE, Path(folder), delay_ms=rest) for _ in range(ROUNDS)])
    found |= {"single, at most": most, "single, at half": half, "bytes of an error": len(errors.whole())}
    line = {
        "at": datetime.now(UTC).date().isoformat(),
        "python": platform.python_version(),
        "machine": machine(),
        **found,
    }
    sys.stdout.write(json.dumps(line, indent=1) + "\n")
    if len(sys.argv) > 1:
        with Path(sys.argv[1]).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
