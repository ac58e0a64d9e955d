"""Let a fuzzer that sees what code it reaches look for a request that breaks a protocol: `make fuzz`.

Each protocol starts from the bodies that its SDKs send, and is fed what the fuzzer (atheris, on libFuzzer) and our own
changes make of them, for as long as it is told. What breaks it, or takes ten seconds or 2 GiB, is left in `findings/`.
How each run went is a line of `results.jsonl`, and the table of docs/fuzzing.md.
"""

import argparse
import json
import os
import platform
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "wire")]

import atheris  # noqa: E402 -- what it measures is imported under its eyes

with atheris.instrument_imports(include=["remit"], enable_loader_override=False):
    from held import Houses, Way, seeds

    from remit.wire.routes import PROTOCOLS

from mutations import BYTES_MAX, mutated  # noqa: E402 -- after the folder is on the way

SECONDS_MAX, MEBIBYTES_MAX = 10, 2048
RESULTS, FINDINGS = HERE / "results.jsonl", HERE / "findings"
_TOLD = {
    "executions": r"stat::number_of_executed_units:\s+(\d+)",
    "slowest_s": r"stat::slowest_unit_time_sec:\s+(\d+)",
    "peak_mib": r"stat::peak_rss_mb:\s+(\d+)",
    "edges": r"cov: (\d+)(?!.*cov: )",
    "corpus": r"corp: (\d+)(?!.*corp: )",
}


class Fuzzing:
    """One protocol under attack. The first byte of an input is the number of a way, the rest is a body."""

    def __init__(self, protocol: str) -> None:
        found = seeds(protocol)
        self.ways: list[Way] = list(dict.fromkeys(way for way, _ in found))
        self.seeds = [(self.ways.index(way), body) for way, body in found]
        self._bodies = [body for _, body in found]
        self._houses = Houses()

    def once(self, data: bytes) -> None:
        """One input."""
        if data:
            self._houses.hold(self.ways[data[0] % len(self.ways)].request(data[1:]))

    def mutate(self, data: bytes, most: int, seed: int) -> bytes:
        """An input made from another: by the fuzzer, or by a change that leaves JSON what it is."""
        dice = random.Random(seed)
        if not data or dice.random() < 0.3:
            return bytes(atheris.Mutate(data, most))
        return (data[:1] + mutated(data[1:], dice, dice.choices(self._bodies, k=2)))[:most]


def _one(protocol: str, seconds: int) -> None:
    """Attack one protocol in this process, until the time is over or something breaks."""
    fuzzing = Fuzzing(protocol)
    FINDINGS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as corpus:
        for number, (way, body) in enumerate(fuzzing.seeds):
            (Path(corpus) / str(number)).write_bytes(bytes([way]) + body)
        flags = [
            f"-max_total_time={seconds}",
            f"-timeout={SECONDS_MAX}",
            f"-rss_limit_mb={MEBIBYTES_MAX}",
            f"-max_len={BYTES_MAX + 1}",
            f"-artifact_prefix={FINDINGS}/{protocol}-",
            "-print_final_stats=1",
            "-len_control=0",
        ]
        atheris.Setup([sys.argv[0], *flags, corpus], fuzzing.once, custom_mutator=fuzzing.mutate)
        atheris.Fuzz()


def _attacked(protocol: str, seconds: int) -> dict[str, Any]:
    """How an attack in a process of its own went."""
    command = [sys.executable, __file__, "--inside", "--seconds", str(seconds), protocol]
    started = datetime.now(UTC)
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:
        said = "".join(_shown(protocol, process))
    took = (datetime.now(UTC) - started).total_seconds()
    told = {name: int(found[-1]) for name, pattern in _TOLD.items() if (found := re.findall(pattern, said))}
    if process.returncode:
        sys.stderr.write(said[-4000:])
    return {
        "protocol": protocol,
        "seconds": round(took),
        **told,
        "broke": process.returncode != 0,
        "at": started.date().isoformat(),
        "commit": _commit(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
    }


def _shown(protocol: str, process: subprocess.Popen[str]) -> Iterator[str]:
    assert process.stderr is not None, "it was asked for"
    for line in process.stderr:
        if line.startswith("#") and sys.stderr.isatty():
            sys.stderr.write(f"\r{protocol}: {line.strip()[:100]:<100}")
        yield line


def _commit() -> str:
    asked = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return asked.stdout.strip()


def main() -> None:
    """Attack what is named, or all, one after the other; exits 1 if anything broke."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("protocols", nargs="*", metavar="PROTOCOL", help="which; all, if none is named")
    parser.add_argument("--seconds", type=int, default=600, help="how long each is attacked (600)")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    names = [protocol.name for protocol in PROTOCOLS]
    wrong = [name for name in asked.protocols if name not in names]
    if wrong:
        parser.error(f"there is no protocol {wrong[0]}; there are {', '.join(names)}")
    if asked.inside:
        _one(asked.protocols[0], asked.seconds)
        return
    broke = False
    for name in asked.protocols or names:
        result = _attacked(name, asked.seconds)
        broke |= result["broke"]
        with RESULTS.open("a", encoding="utf-8") as file:
            file.write(json.dumps(result) + "\n")
        sys.stdout.write(json.dumps(result) + "\n")
    sys.exit(1 if broke else 0)


if __name__ == "__main__":
    main()
