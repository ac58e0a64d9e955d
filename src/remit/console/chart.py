"""The one chart: how uses ended over the last minutes, as geometry for an SVG."""

from collections.abc import Sequence
from dataclasses import dataclass

from remit.console.backend import Moment

WIDTH, HEIGHT = 640, 160
SERIES = ("kept", "reduced", "counted", "dropped")


@dataclass(frozen=True, slots=True)
class Chart:
    """Polylines by series, in a box of ``WIDTH`` x ``HEIGHT``, and the value at the top edge."""

    lines: dict[str, str]
    top: int
    minutes: int
    """At least one: a chart that has just begun."""


def chart(history: Sequence[Moment]) -> Chart:
    """One polyline per fate; time runs to the right, numbers upwards."""
    top = max([1, *(getattr(moment, name) for moment in history for name in SERIES)])
    step = WIDTH / max(1, len(history) - 1)
    lines = {
        name: " ".join(
            f"{i * step:.1f},{HEIGHT - getattr(moment, name) / top * (HEIGHT - 8):.1f}"
            for i, moment in enumerate(history)
        )
        for name in SERIES
    }
    minutes = (history[-1].at - history[0].at) // 60 if history else 0
    return Chart(lines, top, max(1, minutes))
