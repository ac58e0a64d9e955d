"""Collecting under the version that is in force, whichever that is when a request comes."""

from collections.abc import Callable

from remit.flows.collect import Collector
from remit.policy.model import Policy
from remit.wire.protocol import Protocol, Rejection
from remit.wire.request import Asker, Reply, Request


class Intake:
    """Goes over to another version between two requests; a request ends under the one under which it began."""

    def __init__(self, made: Callable[[Policy], Collector], policy: Policy) -> None:
        self._made, self._now = made, made(policy)

    def go_over(self, policy: Policy) -> None:
        """Returns when every later request is collected under this version. Nobody waits for its decoders meanwhile."""
        later = self._made(policy)
        later.get_ready(self._now)
        self._now = later

    def turned_away(self, head: Request) -> Reply | None:
        """The refusal of a request whose head says whose it is, and that is nobody; None where the body is needed."""
        return self._now.turned_away(head)

    async def collect(self, request: Request) -> Reply:
        """The reply, after the commit."""
        return await self._now.collect(request)

    def take(self, request: Request, asker: Asker) -> None:
        """The same, without a wait."""
        self._now.take(request, asker)

    def refuse(self, protocol: Protocol, rejection: Rejection, request: Request) -> Reply:
        """The vendor's words for a request that cannot be taken."""
        return self._now.refuse(protocol, rejection, request)

    def count(self, rejection: str) -> None:
        """Count one request that was not taken."""
        self._now.count(rejection)
