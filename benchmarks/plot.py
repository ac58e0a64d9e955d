"""Draws recorded results: ``python benchmarks/plot.py benchmarks/results/policy.jsonl docs/policy-check.svg``.

Of several records of one policy the fastest counts. Bars grow with the logarithm of the time.
"""

import json
import math
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

BUDGETS = {"example": 0.150, "catalogue": 0.150, "very large": 2.0}
"""Seconds that reading, checking and compiling may take."""
COLOURS = {"reading": "#7a9cc6", "rules": "#c69c6d", "as a whole": "#4a6fa5", "plans": "#9a9a9a"}
LEFT, WIDTH, ROW = 190, 420, 22
LEAST, DECADES = 1e-4, 4.5


def fastest(lines: str) -> dict[str, dict[str, float]]:
    """By policy and what was done, the least seconds."""
    found: dict[str, dict[str, float]] = {}
    for line in lines.splitlines():
        record = json.loads(line)
        known = found.setdefault(record["policy"], {})
        for what, took in record["seconds"].items():
            known[what] = min(took, known.get(what, took))
    return found


def x(seconds: float) -> float:
    """Where a time stands."""
    return LEFT + WIDTH * math.log10(max(seconds, LEAST) / LEAST) / DECADES


def shapes(found: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    """Bars, their names and times, and a line for each budget."""
    y = 10
    for policy, seconds in found.items():
        top = y
        for what, took in seconds.items():
            yield f'<rect x="{LEFT}" y="{y}" width="{x(took) - LEFT:.1f}" height="{ROW - 6}" fill="{COLOURS[what]}"/>'
            yield f'<text x="{LEFT - 8}" y="{y + 12}" text-anchor="end">{policy}: {what}</text>'
            yield f'<text x="{x(took) + 6:.1f}" y="{y + 12}">{took * 1000:,.1f} ms</text>'
            y += ROW
        at = x(BUDGETS[policy])
        yield f'<path d="M{at:.1f} {top - 4}V{y - 2}" stroke="#b03030" stroke-dasharray="4 3"/>'
        yield f'<text x="{at + 4:.1f}" y="{y - 6}" fill="#b03030">at most {BUDGETS[policy] * 1000:,.0f} ms</text>'
        y += 14


def main() -> None:
    """Read, draw, write."""
    found = fastest(Path(sys.argv[1]).read_text(encoding="utf-8"))
    height = 20 + sum(len(one) * ROW + 14 for one in found.values())
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 {height}" font-family="sans-serif" font-size="12">',
        "<title>Seconds to read, check and compile three policies, and to plan their apps</title>",
        f'<rect width="760" height="{height}" fill="#ffffff"/>',
        *shapes(found),
        "</svg>",
    ]
    Path(sys.argv[2]).write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
