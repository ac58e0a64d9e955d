"""One request to remit over the standard library's HTTP."""

import http.client
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

PATH = "/remit/v1/records"
ANSWER_BYTES_MAX = 1024 * 1024
"""A longer reply is none of remit's."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What came back, from remit or from whoever stands before it."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Post:
    """Sends to one address, over one connection for as long as there is something to send."""

    def __init__(self, address: str, timeout: float, context: ssl.SSLContext | None) -> None:
        url = urlsplit(address)
        if url.scheme not in ("http", "https") or not url.hostname or url.query or url.fragment or url.username:
            raise ValueError("the address of remit is like https://remit.example.org, with a path if it has one")
        self._host, self._port, self._path = url.hostname, url.port, url.path.rstrip("/") + PATH
        self._timeout = timeout
        self._context = (context or ssl.create_default_context()) if url.scheme == "https" else None
        self._connection: http.client.HTTPConnection | None = None

    def send(self, body: bytes, headers: Mapping[str, str]) -> HttpAnswer:
        """What is answered. Raises OSError or HTTPException; the body may have arrived all the same."""
        if self._connection is None:
            self._connection = self._connected()
        try:
            self._connection.request("POST", self._path, body, dict(headers))
            reply = self._connection.getresponse()
            text = reply.read(ANSWER_BYTES_MAX + 1)
        except BaseException:
            self.close()
            raise
        if len(text) > ANSWER_BYTES_MAX:
            self.close()
            raise http.client.HTTPException("the reply is too long")
        return HttpAnswer(reply.status, {name.lower(): value for name, value in reply.getheaders()}, text)

    def close(self) -> None:
        """End the connection, if there is one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connected(self) -> http.client.HTTPConnection:
        if self._context is None:
            return http.client.HTTPConnection(self._host, self._port, timeout=self._timeout)
        return http.client.HTTPSConnection(self._host, self._port, timeout=self._timeout, context=self._context)
