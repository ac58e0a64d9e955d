"""What stands around the messages of a request: who sends them, and when; and of which messages that is told."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from remit.policy.words import Item, Value
from remit.wire.decoder import short

SENDER = ("context.direct", "channel", "context.channel", "context.library.name")
"""Where a message tells whether a device sent it, or a server for somebody."""
_SERVERS = frozenset(
    """
    analytics-python analytics-node @segment/analytics-node analytics-ruby analytics-java analytics-go analytics-php
    analytics-csharp Analytics.NET
    """.split()
)
"""Libraries that run on a maker's servers, as they call themselves."""


class Around(NamedTuple):
    """What stands around the messages of one request: who sends, and when it was received and sent."""

    peer: str
    agent: str
    received: int
    sent: Value | None


Surrounded = tuple[Around, int]
"""What stands around so many messages."""

TELLS: Mapping[Item, Callable[[Around], str]] = {
    Item("net.ip"): lambda one: one.peer,
    Item("net.user_agent"): lambda one: one.agent,
}
"""What a connection tells of whoever sends."""


def is_a_servers(direct: Value | None, channels: Sequence[Value | None], library: Value | None) -> bool:
    """Whether a message came from a server of the maker: then the connection is that server's, and nobody's else."""
    return direct is not True and ("server" in channels or library in _SERVERS)


def are_servers(
    direct: Sequence[Value | None], channels: Sequence[Sequence[Value | None]], library: Sequence[Value | None]
) -> Sequence[bool] | None:
    """The same of each message; None where no server sent any."""
    if _SERVERS.isdisjoint(library) and not any("server" in one for one in channels):
        return None
    return [
        is_a_servers(one, others, name)
        for one, others, name in zip(direct, zip(*channels, strict=True), library, strict=True)
    ]


def told(item: Item, around: Sequence[Surrounded], servers: Sequence[bool] | None) -> list[Value | None]:
    """What the connection of each message tells, where a device sent that."""
    tells, column = TELLS[item], list[Value | None]()
    for one, n in around:
        column += [short(tells(one) or None)] * n
    if servers is None:
        return column
    return [None if its else value for value, its in zip(column, servers, strict=True)]
