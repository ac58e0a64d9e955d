"""How one worker serves SDKs over HTTP."""

from collections.abc import Callable, Sequence
from functools import partial

import uvicorn

from remit.gateway.app import Collects, Gateway
from remit.gateway.bounds import Bounds
from remit.gateway.brief import Briefs
from remit.gateway.connection import Connection, Crowd
from remit.gateway.peers import Peers

GRACE_SECONDS = 5


def serving(
    collector: Collects,
    trouble: Callable[[], str | None],
    bounds: Bounds | None = None,
    *,
    proxies: Sequence[str] = (),
) -> uvicorn.Config:
    """What uvicorn runs. Who sends is who a listed proxy says, else whoever is connected."""
    known, peers = bounds or Bounds(), Peers(proxies)
    gateway = Gateway(collector, trouble, known, peers=peers)
    return uvicorn.Config(
        gateway,
        loop="uvloop",
        http=partial(Connection, Crowd(known, collector.count), Briefs(gateway.take, peers, most=known.small_bytes)),  # type: ignore[arg-type]  # called like the class
        ws="none",
        lifespan="off",
        access_log=False,  # an access log is a store of addresses that no policy names
        log_level="critical",
        timeout_graceful_shutdown=GRACE_SECONDS,
        server_header=False,
        proxy_headers=False,  # Peers reads them, for brief requests too
    )
