"""The one chart's numbers: how uses ended over the last minutes, as columns."""

from collections.abc import Sequence

from remit.console.backend import Moment

SERIES = ("at", "kept", "reduced", "counted", "dropped")


def series(history: Sequence[Moment]) -> dict[str, list[int]]:
    """One list per column, oldest first; all are equally long."""
    return {name: [getattr(moment, name) for moment in history] for name in SERIES}
