"""Room for bodies: what all requests of a worker hold together is bounded, and nobody keeps it for long."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self

from remit.gateway.bounds import Bounds


class Busy(Exception):
    """There is no room for a body, or another needed it."""


class Room:
    """The bytes that the requests of one worker hold beyond what each may hold anyway."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds, self._held = bounds, 0
        self._arriving: OrderedDict[Share, None] = OrderedDict()

    @property
    def held(self) -> int:
        """How much of the room is taken."""
        return self._held

    def share(self) -> "Share":
        """What one request holds, until it is answered: a context."""
        return Share(self)

    def take(self, size: int, share: "Share") -> None:
        """Take so much more for a share. Raises Busy when those who had their time do not have enough to give.

        Whoever comes last is refused, not whoever came first, as long as bodies come as fast as most do: else, with
        more large bodies than there is room for, each would push out another and none would ever be whole.
        """
        while size > 0 and self._held + size > self.bounds.held_bytes_max:
            oldest = next(iter(self._arriving), None)
            if oldest is None or oldest is share or not oldest.had_its_time:
                raise Busy
            oldest.give_way()
        self._held += size

    def may_ask(self, share: "Share") -> None:
        """Its body is still on its way, so that it can give room back."""
        self._arriving.setdefault(share, None)

    def may_not_ask(self, share: "Share") -> None:
        """Its body is there, or it gave up."""
        self._arriving.pop(share, None)


class Share:
    """One request's part of the room."""

    def __init__(self, room: Room) -> None:
        self._room, self._lost = room, False
        self.size = self._counted = 0
        self._patience: asyncio.Timeout | None = None
        self._began = 0.0

    def __enter__(self) -> Self:
        """Holds nothing yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """All of it is free again."""
        self.drop(self.size)

    @property
    def had_its_time(self) -> bool:
        """Whether its body has taken longer than most do."""
        return asyncio.get_running_loop().time() - self._began >= self._room.bounds.fair_seconds

    @asynccontextmanager
    async def arriving(self) -> AsyncIterator[None]:
        """While the body is on its way, its room may be given to another: raises Busy."""
        self._began = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(None) as self._patience:
                yield
        except TimeoutError:
            raise Busy from None
        finally:
            self._patience = None
            self._room.may_not_ask(self)

    def add(self, size: int) -> None:
        """Hold so many bytes more. Raises Busy when there is no room for them."""
        if self._lost:
            raise Busy
        self._hold(self.size + size)
        if self._patience is not None and self._counted:
            self._room.may_ask(self)

    def drop(self, size: int) -> None:
        """Hold so many bytes less."""
        self._hold(self.size - size)

    def _hold(self, size: int) -> None:
        counted = max(0, size - self._room.bounds.small_bytes)
        self._room.take(counted - self._counted, self)
        self.size, self._counted = size, counted

    def give_way(self) -> None:
        """Another needs the room: it is free at once, and whoever reads the body hears of it at the next wait."""
        assert self._patience is not None, "only who still waits for a body gives way"
        self._lost = True
        self._patience.reschedule(0)
        self._room.may_not_ask(self)
        self._hold(0)
