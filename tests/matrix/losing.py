"""A way to a house on which the first answer is lost: what was taken is sent again by whoever did not hear so."""

import copy
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
from running import House

HOP = frozenset({"host", "connection", "transfer-encoding"})
"""Headers of one connection, which are not passed on."""


class _Way(ThreadingHTTPServer):
    house: House
    instead: tuple[int, dict[str, str]]
    answered: list[int]


class _Handler(BaseHTTPRequestHandler):
    server: _Way

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP}
        answer = httpx.post(self.server.house.sdk + self.path, content=body, headers=headers, timeout=30)
        assert answer.status_code == 200, answer.text
        status, more = (answer.status_code, {}) if self.server.answered else self.server.instead
        self.server.answered.append(status)
        self.send_response(status)
        for name, value in more.items():
            self.send_header(name, value)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the library's name
        """Bodies and paths of tests need no log."""


@contextmanager
def losing(house: House, status: int, **headers: str) -> Iterator[tuple[House, list[int]]]:
    """The house by this way, and the statuses that were answered: the first is this one, though all was taken."""
    way = _Way(("127.0.0.1", 0), _Handler)
    way.house, way.answered = house, []
    way.instead = status, {name.replace("_", "-"): value for name, value in headers.items()}
    thread = threading.Thread(target=way.serve_forever, daemon=True)
    thread.start()
    by_it = copy.copy(house)
    by_it.port = way.server_address[1]
    try:
        yield by_it, way.answered
    finally:
        way.shutdown()
        way.server_close()
        thread.join()
