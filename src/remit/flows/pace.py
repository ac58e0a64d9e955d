"""How often the clients of one app may ask, so that one app, or who has its key, leaves room for the others."""

from remit.ports import Clock

BURST_SECONDS = 10
"""So many seconds' worth may come at once: clients flush when they start, and after they were offline."""


class Pace:
    """Lets ``per_second`` requests a second through for each app; 0 for as many as come.

    Each app has a bucket of ``BURST_SECONDS`` worth that fills as time goes by (a token bucket). A clock that steps
    back fills nothing.
    """

    def __init__(self, per_second: float, clock: Clock) -> None:
        self._per_second, self._clock = per_second, clock
        self._most = max(1.0, per_second * BURST_SECONDS)
        self._left: dict[str, tuple[float, int]] = {}

    def may_pass(self, app: str) -> bool:
        """Whether the next request would not be one too many."""
        return self._per_second <= 0 or self._filled(app)[0] >= 1

    def take(self, app: str) -> bool:
        """Whether this request may pass; one that may counts."""
        if self._per_second <= 0:
            return True
        left, now = self._filled(app)
        may_pass = left >= 1
        self._left[app] = left - 1 if may_pass else left, now
        return may_pass

    def _filled(self, app: str) -> tuple[float, int]:
        now = self._clock.now()
        left, since = self._left.get(app, (self._most, now))
        return min(self._most, left + max(0, now - since) / 1000 * self._per_second), now
