"""How one worker serves SDKs over HTTP, and how it leaves."""

import math
import socket
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial

import uvicorn

from remit.gateway.app import Collects, Gateway
from remit.gateway.bounds import Bounds
from remit.gateway.brief import Briefs
from remit.gateway.connection import Connection, Crowd
from remit.gateway.peers import Peers

GRACE_SECONDS = 5


class Worker(uvicorn.Server):
    """Serves until it is told to stop, which cuts off who is slow, or to leave, which cuts off nobody.

    One that leaves accepts nobody any more; of each connection it answers the request that is under way, or else one
    more, and says with the reply that it is the last. Who asks nothing is waited for as ever.
    """

    def __init__(self, config: uvicorn.Config, crowd: Crowd) -> None:
        super().__init__(config)
        self._crowd, self._leaving = crowd, threading.Event()
        self._serves: Callable[[], None] = lambda: None
        self._leave_by = math.inf

    def work(self, listener: socket.socket, *, leaving: threading.Event, serves: Callable[[], None]) -> None:
        """Serve until it has stopped or left; ``serves`` is called once it accepts, ``leaving`` tells it to leave."""
        self._leaving, self._serves = leaving, serves
        self.run(sockets=[listener])

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept connections, and say so."""
        await super().startup(sockets)
        self._serves()

    async def on_tick(self, counter: int) -> bool:
        """Whether to stop: ten times a second uvicorn asks."""
        if self._crowd.leaves:
            is_alone = not self.server_state.connections and not self.server_state.tasks
            if is_alone or time.monotonic() > self._leave_by:
                return True
        elif self._leaving.is_set():
            self._leave()
        return await super().on_tick(counter)

    def _leave(self) -> None:
        for server in self.servers:
            server.close()
        self._crowd.leaves = True
        for connection in self.server_state.connections:
            assert isinstance(connection, Connection), "the configuration makes no others"
            connection.leave()
        self._leave_by = time.monotonic() + self._crowd.bounds.leaving_seconds_max


def serving(
    collector: Collects,
    trouble: Callable[[], str | None],
    bounds: Bounds | None = None,
    *,
    proxies: Sequence[str] = (),
) -> Worker:
    """Who serves them. Who sends is who a listed proxy says, else whoever is connected."""
    known, peers = bounds or Bounds(), Peers(proxies)
    gateway, crowd = Gateway(collector, trouble, known, peers=peers), Crowd(known, collector.count)
    config = uvicorn.Config(
        gateway,
        loop="uvloop",
        http=partial(Connection, crowd, Briefs(gateway.take, peers, most=known.small_bytes)),  # type: ignore[arg-type]  # called like the class
        ws="none",
        lifespan="off",
        access_log=False,  # an access log is a store of addresses that no policy names
        log_level="critical",
        timeout_graceful_shutdown=GRACE_SECONDS,
        server_header=False,
        proxy_headers=False,  # Peers reads them, for brief requests too
    )
    return Worker(config, crowd)
