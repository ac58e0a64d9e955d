"""Draws the last recorded run of intake: ``python benchmarks/plot_intake.py RESULTS docs/intake.svg``.

Bars are events a second as a share of what nginx, which throws the same bodies away, took in the same run.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

COLOURS = {"nginx": "#9a9a9a", "remit": "#4a6fa5", "fastapi": "#c69c6d"}
FLOORS = {"single": 0.20, "batch": 0.08, "batch, 50 devices": 0.08}
"""Of nginx, what remit is to reach at least."""
LEFT, WIDTH, ROW = 210, 420, 24


def shapes(run: Mapping[str, Any]) -> Iterator[str]:
    """For each body a bar for each server, and a line for what is to be reached."""
    y = 14
    for name, floor in FLOORS.items():
        top, base = y, run[name]["nginx"]["rate"]
        for server, colour in COLOURS.items():
            one = run[name][server]
            long = WIDTH * one["rate"] / base
            yield f'<rect x="{LEFT}" y="{y}" width="{long:.1f}" height="{ROW - 8}" fill="{colour}"/>'
            yield f'<text x="{LEFT - 8}" y="{y + 12}" text-anchor="end">{name}: {server}</text>'
            yield f'<text x="{LEFT + long + 6:.1f}" y="{y + 12}">{one["rate"]:,.0f} events/s</text>'
            y += ROW
        at = LEFT + WIDTH * floor
        yield f'<path d="M{at:.1f} {top - 4}V{y - 2}" stroke="#b03030" stroke-dasharray="4 3"/>'
        y += 14


def main() -> None:
    """Read, draw, write."""
    run = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()[-1])
    height = 20 + len(FLOORS) * (len(COLOURS) * ROW + 14)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 780 {height}" font-family="sans-serif" font-size="12">',
        "<title>Events a second on one core, beside nginx that throws the same bodies away</title>",
        f'<rect width="780" height="{height}" fill="#ffffff"/>',
        *shapes(run),
        "</svg>",
    ]
    Path(sys.argv[2]).write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
