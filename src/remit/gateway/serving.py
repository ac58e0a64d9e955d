"""How one worker serves SDKs over HTTP."""

from collections.abc import Callable, Sequence
from functools import partial

import uvicorn

from remit.gateway.app import Collects, Gateway
from remit.gateway.bounds import Bounds
from remit.gateway.connection import Connection, Crowd

GRACE_SECONDS = 5


def serving(
    collector: Collects,
    trouble: Callable[[], str | None],
    bounds: Bounds | None = None,
    *,
    proxies: Sequence[str] = (),
) -> uvicorn.Config:
    """What uvicorn runs. Who sends is who a listed proxy says, else whoever is connected."""
    known = bounds or Bounds()
    return uvicorn.Config(
        Gateway(collector, trouble, known),
        loop="uvloop",
        http=partial(Connection, Crowd(known, collector.count)),  # type: ignore[arg-type]  # called like the class
        ws="none",
        lifespan="off",
        access_log=False,  # an access log is a store of addresses that no policy names
        log_level="critical",
        timeout_graceful_shutdown=GRACE_SECONDS,
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=list(proxies),  # given also where it is empty: uvicorn would look in the environment
    )
