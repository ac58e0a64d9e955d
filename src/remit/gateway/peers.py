"""Who sends: whoever is connected, or who a listed proxy says it is."""

from collections.abc import Iterable, Sequence

from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

FORWARDED = b"x-forwarded-for"


class Peers:
    """Believes the proxies of a list of addresses and networks, and nobody else."""

    def __init__(self, proxies: Sequence[str] = ()) -> None:
        # uvicorn's own reading of these lines, without its application around ours.
        self._proxies = ProxyHeadersMiddleware(None, list(proxies)).trusted_hosts if proxies else None  # type: ignore[arg-type]  # no application

    def sender(self, connected: str, headers: Iterable[tuple[bytes, bytes]]) -> str:
        """The address from which a request came: the last that is no proxy's, where a proxy tells."""
        if self._proxies is None or connected not in self._proxies:
            return connected
        told = b", ".join(value for name, value in headers if name == FORWARDED)
        host, _ = self._proxies.get_trusted_client_address(told.decode("latin-1"))
        return host or connected
