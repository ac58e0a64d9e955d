"""The console's live numbers: what each process reported, summed, and a quarter of an hour of history."""

import threading
from collections import Counter, deque
from collections.abc import Mapping

from remit.policy.words import Fate

INTERVAL_SECONDS = 5
HISTORY_SECONDS = 900
DROPPED = "dropped:"


class Reports:
    """Cumulative sums by process; a process that died keeps its last report.

    What a process had done before it was first heard of is in the sums, and in no interval: a keeper that was started
    again hears of hours at once.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_process: dict[str, dict[str, int]] = {}
        self._before: Counter[str] = Counter()
        self._history: deque[tuple[int, dict[str, int]]] = deque(maxlen=HISTORY_SECONDS // INTERVAL_SECONDS)

    def report(self, process: str, sums: Mapping[str, int]) -> None:
        """One process's sums since its start."""
        with self._lock:
            if process not in self._by_process:
                self._before.update(sums)
            self._by_process[process] = dict(sums)

    def sums(self) -> Counter[str]:
        """Sums of all processes since the house started."""
        with self._lock:
            return self._total()

    def tick(self, now: int) -> None:
        """Close one interval that ends at ``now`` (epoch seconds)."""
        with self._lock:
            total = self._total()
            change = {name: total[name] - self._before[name] for name in total}
            self._before = total
            fates = {fate.value: change.get(fate.value, 0) for fate in Fate}
            fates["dropped"] = sum(n for name, n in change.items() if name.startswith(DROPPED))
            self._history.append((now, fates))

    def history(self) -> list[tuple[int, dict[str, int]]]:
        """Intervals, oldest first: their end, and how many uses ended how."""
        with self._lock:
            return list(self._history)

    def _total(self) -> Counter[str]:
        total: Counter[str] = Counter()
        for sums in self._by_process.values():
            total.update(sums)
        return total
