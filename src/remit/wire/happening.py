"""When something happened, by the clock of whoever tells of it, as far as that can be believed."""

from remit.policy.reduce import DAY_MS
from remit.policy.values import TYPES
from remit.policy.words import Value

LATE_DAYS_MAX = 30
"""How long a client may have held a record back. More is a clock that jumped, or an import of what is long past."""
NO_TIME = ""
"""What stands for a time that is none or cannot be believed: a text of no type."""

_time = TYPES["time"].form


def happened(told: Value | None, sent: Value | None, received: int) -> Value | None:
    """The time of happening in ms since 1970; None where none is told.

    A client that says when it sent the request has told both times by one clock, so what it is off by is the
    difference to ours, and goes: ``received - (sent - told)``. Without ``sent`` the clock is taken as it is. Nothing
    happens after it is told of: what would be later than receipt happened then.

    Source: Segment, HTTP API, "timestamps".
    """
    if told is None:
        return None
    at, off = _time(told), _time(sent) if sent is not None else str(received)
    if not at:
        return NO_TIME
    corrected = min(int(at) + received - int(off or received), received)
    return corrected if corrected >= received - LATE_DAYS_MAX * DAY_MS else NO_TIME
