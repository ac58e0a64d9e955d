"""How each protocol stood its last long attack: the table of docs/fuzzing.md, by `make pages`."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from remit.policy.render.page import Tables, written
from remit.wire.routes import PROTOCOLS

RESULTS = Path(__file__).parent / "results.jsonl"
PAGE = Path(__file__).resolve().parents[2] / "docs/fuzzing.md"
SECONDS_MIN = 600


def last() -> Mapping[str, Mapping[str, Any]]:
    """By protocol, the last run that took ten minutes, whatever became of it."""
    runs = map(json.loads, RESULTS.read_text(encoding="utf-8").splitlines())
    return {run["protocol"]: run for run in runs if run["seconds"] >= SECONDS_MIN}


def _table() -> Iterator[str]:
    yield "| Protocol | bodies | edges | kept | memory, at most | slowest | broke | on | commit |"
    yield "|---|---|---|---|---|---|---|---|---|"
    found = last()
    for protocol in PROTOCOLS:
        run = found[protocol.name]
        slowest = f"{run['slowest_s']} s" if run["slowest_s"] else "below 1 s"
        numbers = f"{run['executions']:,} | {run['edges']:,} | {run['corpus']:,} | {run['peak_mib']} MiB"
        broke = "yes" if run["broke"] else "nothing"
        yield f"| `{run['protocol']}` | {numbers} | {slowest} | {broke} | {run['at']} | {run['commit']} |"


MADE: Tables = {"runs": _table}


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), MADE), encoding="utf-8")
