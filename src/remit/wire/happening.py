"""When something happened, by the clock of whoever tells of it, as far as that can be believed."""

from collections.abc import Callable, Sequence

from remit.policy.reduce import DAY_MS
from remit.policy.values import moment, moments
from remit.policy.words import Item, Value

LATE_DAYS_MAX = 30
"""How long a client may have held a record back. More is a clock that jumped, or an import of what is long past."""
NO_TIME = ""
"""What stands for a time that is none or cannot be believed: a text of no type."""

TIMES = frozenset({Item("account.accessed"), Item("account.active")})
"""Items that the clock of whoever sends tells."""
WORTH = "says what the other times are worth"


def clock(sent: Value | None, received: int) -> Callable[[Sequence[Value | None]], list[Value | None]]:
    """What ``happened`` makes of each time of a column that one clock told: what that is off by is found once."""
    off = moment(sent) if sent is not None else None
    ahead = 0 if off is None else received - off
    first = received - LATE_DAYS_MAX * DAY_MS

    def corrected(column: Sequence[Value | None]) -> list[Value | None]:
        return [
            min(received, at + ahead) if at is not None and at + ahead >= first else (None if told is None else NO_TIME)
            for told, at in zip(column, moments(column), strict=True)
        ]

    return corrected


def happened(told: Value | None, sent: Value | None, received: int) -> Value | None:
    """The time of happening in ms since 1970; None where none is told.

    A client that says when it sent the request has told both times by one clock, so what it is off by is the
    difference to ours, and goes: ``received - (sent - told)``. Without ``sent`` the clock is taken as it is. Nothing
    happens after it is told of: what would be later than receipt happened then.

    Source: Segment, HTTP API, "timestamps".
    """
    return clock(sent, received)([told])[0]


def ago(told: Value | None, received: int) -> Value | None:
    """The time so many ms before receipt; of what is no such number, one that cannot be believed."""
    if told is None:
        return None
    if isinstance(told, str | bool) or not 0 <= told <= LATE_DAYS_MAX * DAY_MS:
        return NO_TIME
    return received - int(told)
