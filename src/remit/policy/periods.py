"""When counts begin, end and close."""

from datetime import UTC, datetime

from remit.policy.words import Period

GRACE_MS = 10 * 60_000
"""How long a count waits after its period for what was received in it."""


def period_start(period: Period, at: int) -> tuple[int, int]:
    """Start and end of the period that holds a moment (ms), in epoch seconds, UTC."""
    day = datetime.fromtimestamp(at / 1000, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if period is Period.DAY:
        return int(day.timestamp()), int(day.timestamp()) + 86_400
    first = day.replace(day=1)
    following = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    return int(first.timestamp()), int(following.timestamp())
