"""When something happened, by the clock of whoever tells of it, as far as that can be believed."""

from collections.abc import Callable, Sequence
from typing import cast

from remit.policy.reduce import DAY_MS
from remit.policy.values import moment, moments
from remit.policy.words import Item, Value

LATE_DAYS_MAX = 30
"""How long a client may have held a record back. More is a clock that jumped, or an import of what is long past."""
LATE_MS_MAX = LATE_DAYS_MAX * DAY_MS
NO_TIME = ""
"""What stands for a time that is none or cannot be believed: a text of no type."""

TIMES = frozenset({Item("account.accessed"), Item("account.active")})
"""Items that the clock of whoever sends tells."""
WORTH = "says what the other times are worth"


def clock(sent: Value | None, received: int) -> Callable[[Sequence[Value | None]], list[Value | None]]:
    """What ``happened`` makes of each time of a column that one clock told: what that is off by is found once."""
    off = moment(sent) if sent is not None else None
    ahead = 0 if off is None else received - off
    first = received - LATE_MS_MAX

    def corrected(column: Sequence[Value | None]) -> list[Value | None]:
        found = moments(column)
        if None not in found:  # nearly every column: a third of the time that telling each time apart takes
            there = [at + ahead for at in cast("list[int]", found)]
            if there and min(there) >= first:
                return [*there] if max(there) <= received else [min(received, at) for at in there]
        return [
            min(received, at + ahead) if at is not None and at + ahead >= first else (None if told is None else NO_TIME)
            for told, at in zip(column, found, strict=True)
        ]

    return corrected


def each_happened(
    told: Sequence[Value | None], sent: Sequence[Value | None], received: Sequence[int]
) -> list[Value | None]:
    """What ``happened`` makes of each of these times."""
    clocks = [by - off if off is not None else 0 for by, off in zip(received, moments(sent), strict=True)]
    return [
        None if value is None else NO_TIME if at is None or at + ahead < by - LATE_MS_MAX else min(by, at + ahead)
        for value, at, ahead, by in zip(told, moments(told), clocks, received, strict=True)
    ]


def happened(told: Value | None, sent: Value | None, received: int) -> Value | None:
    """The time of happening in ms since 1970; None where none is told.

    A client that says when it sent the request has told both times by one clock, so what it is off by is the
    difference to ours, and goes: ``received - (sent - told)``. Without ``sent`` the clock is taken as it is. Nothing
    happens after it is told of: what would be later than receipt happened then.

    Source: Segment, HTTP API, "timestamps".
    """
    return each_happened([told], [sent], [received])[0]


def ago(told: Value | None, received: int) -> Value | None:
    """The time so many ms before receipt; of what is no such number, one that cannot be believed."""
    if told is None:
        return None
    if isinstance(told, str | bool) or not 0 <= told <= LATE_MS_MAX:
        return NO_TIME
    return received - int(told)
