"""A server on loopback that keeps the requests of unmodified SDKs, as a gateway would hand them on."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from remit.gateway.inflate import inflated
from remit.wire.request import Request

PEER = "192.0.2.9"
SDKS = Path(__file__).resolve().parents[1] / "sdks"
"""Where the client packages of browsers are."""


class _Server(ThreadingHTTPServer):
    seen: list[Request]
    page: bytes


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        """The one page of the site, and files of client packages."""
        packaged = self.path.startswith("/node_modules/")
        body = (SDKS / self.path[1:]).read_bytes() if packaged else self.server.page
        self.send_response(200)
        self.send_header("content-type", "text/javascript" if packaged else "text/html; charset=utf-8")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        length = self.headers["content-length"]
        body = self._chunks() if length is None else self.rfile.read(int(length))
        headers = {name.lower(): value for name, value in self.headers.items()}
        url = urlsplit(self.path)
        self.server.seen.append(
            Request(
                method="POST",
                path=url.path,
                query=dict(parse_qsl(url.query)),
                headers=headers,
                peer=PEER,
                body=inflated(body, headers.get("content-encoding", "")),
            )
        )
        self.send_response(200)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def _chunks(self) -> bytes:
        """A body that was sent in pieces, each after its length."""
        found = b""
        while size := int(self.rfile.readline(), 16):
            found += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return found

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the library's name
        """Bodies and paths of tests need no log."""


@contextmanager
def listening(page: str = "") -> Iterator[tuple[str, list[Request]]]:
    """Host and port, and the requests that have been answered. Whoever gets anything is given this page."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.seen, server.page = [], page.encode()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}", server.seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
