"""How fast records are taken, beside what is known to be fast: ``python benchmarks/intake.py [FILE]``.

A house with the example policy, nginx that throws the same bodies away, and FastAPI that validates them; each on one
core, the load (wrk) on the other, in turns. Only ratios within a run mean something, and rounds in which the machine
gave its time to others (steal) are left out. With FILE, the results are appended to it as a line of JSON.

Needs nginx and wrk (Debian has both), and ``pip install --group bench``.
"""

import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import msgspec
from payloads import PAYLOADS, Payload, script
from rich.progress import track
from servers import Server, alone, nginx, remit, validating

from remit.policy.compile import compiled
from remit.policy.model import Policy
from remit.policy.plan import plans
from remit.wire.messages import Messages, batch_of

ROOT = Path(__file__).resolve().parents[1]
ROUNDS, SECONDS = int(os.environ.get("ROUNDS", "5")), int(os.environ.get("SECONDS", "3"))
CONNECTIONS = {1: 256, 50: 32, 100: 32}
STEAL_MAX = 0.02
TRIALS = 4
_UNITS = {"us": 1e-3, "ms": 1, "s": 1e3}


class Round(NamedTuple):
    """What one server did in one round: events a second, microseconds of its own for each, latencies in ms."""

    rate: float
    microseconds: float
    p50: float
    p99: float
    steal: float
    failed: int


def load(server: Server, payload: Payload, folder: Path, *, delay_ms: int = 0) -> Round:
    """One round."""
    sent = script(payload, folder, delay_ms=delay_ms)
    stolen, spent, began = _steal(), server.seconds(), time.monotonic()
    command = ["taskset", "-c", "1", "wrk", "-t1", f"-c{CONNECTIONS[payload.events]}", f"-d{SECONDS}s", "--latency"]
    said = subprocess.run(
        [*command, "-s", str(sent), f"http://127.0.0.1:{server.port}{payload.path}"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    took, spent = time.monotonic() - began, server.seconds() - spent
    events = int(_found(r"(\d+) requests in", said)) * payload.events
    errors = re.findall(r"Non-2xx or 3xx responses: (\d+)", said)
    return Round(
        rate=events / took,
        microseconds=spent / events * 1e6,
        p50=_latency("50%", said),
        p99=_latency("99%", said),
        steal=(_steal() - stolen) / took,
        failed=int(errors[0]) if errors else 0,
    )


def resting(server: Server, payload: Payload, folder: Path, *, rate: float) -> int:
    """How long (ms) each connection has to rest after a reply, so that so many events a second come.

    A reply takes its time, and more of it the more come, so what rests is found by trying.
    """
    turn = CONNECTIONS[payload.events] * payload.events * 1000 / rate
    rest = turn
    for _ in range(TRIALS):
        took = (
            CONNECTIONS[payload.events]
            * payload.events
            * 1000
            / load(server, payload, folder, delay_ms=round(rest)).rate
        )
        rest = max(1.0, rest + turn - took)
    return round(rest)


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    assert match, text
    return match[1]


def _latency(quantile: str, text: str) -> float:
    match = re.search(rf"{quantile}\s+([\d.]+)(us|ms|s)", text)
    assert match, text
    return float(match[1]) * _UNITS[match[2]]


def _steal() -> float:
    """Seconds that the machine under this one gave to others."""
    fields = Path("/proc/stat").read_text(encoding="ascii").splitlines()[0].split()
    return int(fields[8]) / os.sysconf("SC_CLK_TCK")


def decoding(payload: Payload) -> float:
    """Microseconds for each event of decoding the bytes into the structs that the policy needs, and no more."""
    policy = compiled((ROOT / "examples/device-maker/remit.yaml").read_text("utf-8"), "remit.yaml")
    assert isinstance(policy, Policy)
    struct, body = Messages(plans(policy)["shop-android"]).shape.struct, payload.whole()
    read: Callable[[bytes], object] = (batch_of(struct) if payload.events > 1 else msgspec.json.Decoder(struct)).decode
    turns, best = 20_000 // payload.events, float("inf")
    for _ in range(9):
        began = time.process_time()
        for _ in range(turns):
            read(body)
        best = min(best, time.process_time() - began)
    return best / turns / payload.events * 1e6


def rounds(folder: Path) -> Iterator[tuple[str, str, Round]]:
    """All servers and bodies, in turns."""
    with ExitStack() as stack:
        house = stack.enter_context(remit(_made(folder / "remit")))
        servers = {
            "nginx": stack.enter_context(nginx(_made(folder / "nginx"))),
            "fastapi": stack.enter_context(validating(_made(folder / "fastapi"))),
            "remit": house,
        }
        with alone(house):
            for _ in track(range(ROUNDS), description="Measuring", disable=not sys.stderr.isatty()):
                for payload in PAYLOADS:
                    for name, server in servers.items():
                        yield name, payload.name, load(server, payload, folder)


def _made(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return folder


def main() -> None:
    """Measure, print, and append."""
    found: dict[tuple[str, str], list[Round]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, payload, one in rounds(Path(folder)):
            found.setdefault((name, payload), []).append(one)
    line: dict[str, object] = {
        "at": datetime.now(UTC).date().isoformat(),
        "python": platform.python_version(),
        "machine": machine(),
        "rounds": ROUNDS,
    }
    for payload in PAYLOADS:
        bare = decoding(payload)
        calm = {
            name: [one for one in found[name, payload.name] if one.steal <= STEAL_MAX] or found[name, payload.name]
            for name in ("nginx", "fastapi", "remit")
        }
        median = {name: _median(several) for name, several in calm.items()}
        line[payload.name] = {"bare": round(bare, 3)} | {name: one._asdict() for name, one in median.items()}
        for name, one in median.items():
            sys.stdout.write(
                f"{payload.name:<18} {name:<8} {one.rate:>12,.0f} events/s {one.microseconds:8.2f} us/event"
                f"   p50 {one.p50:7.2f} ms   p99 {one.p99:7.2f} ms   of nginx {one.rate / median['nginx'].rate:6.3f}"
                f"   of bare decode {one.microseconds / bare:6.2f}   failed {one.failed}\n"
            )
    if len(sys.argv) > 1:
        with Path(sys.argv[1]).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def _median(several: list[Round]) -> Round:
    columns = [statistics.median(column) for column in zip(*several, strict=True)]
    return Round(*columns[:-1], failed=int(max(one.failed for one in several)))


def machine() -> str:
    """Cores, and of what."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")
    return f"{os.cpu_count()} cores of {model}"


if __name__ == "__main__":
    main()
