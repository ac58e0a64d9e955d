"""A little server that fails in every way a client may meet, and knows what it was told."""

import gzip
import json
import ssl
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

GARBAGE = b"\x00\xffSSH-2.0 what?\r\n\r\n"
PORTAL = b"<html>Welcome to the hotel. Please log in.</html>"
MOODS = (
    "takes",
    "takes and loses the reply",
    "takes and never replies",
    "takes and cuts the reply off",
    "takes and replies without end",
    "hangs up",
    "garbage",
    "portal",
    "busy",
    "too many",
    "broken",
    "elsewhere",
    "one at a time",
    "malformed",
    "stranger",
)
KEY = "demo-watch"
REFUSALS = {"busy": 503, "too many": 429, "broken": 500, "elsewhere": 302, "malformed": 400, "stranger": 401}
PROBLEMS = {"busy": "busy", "too many": "too_many", "malformed": "malformed", "stranger": "unknown_key"}


class Moody(ThreadingHTTPServer):
    """``taken`` has each record once, by its id, as remit has them; ``bodies`` all that came, in order."""

    daemon_threads = True
    mood = "takes"
    needed: tuple[str, dict[str, list[str]]] | None = None
    dropped: str | None = None
    retry_after: str | None = None

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.taken: dict[str, dict[str, Any]] = {}
        self.refused: set[str] = set()
        self.bodies: list[list[dict[str, Any]]] = []
        self.asked = Counter[str]()
        self.heads: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.scheme = "http"
        self.faults: list[str] = []
        self.may_refuse = threading.Event()
        self.may_refuse.set()
        self.lock = threading.Lock()
        self.came = threading.Condition(self.lock)

    @property
    def address(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.server_address[1]}"

    def numbers(self) -> list[int]:
        """What the records of a test are told apart by."""
        with self.lock:
            return sorted(one["items"]["number"] for one in self.taken.values())

    def until_asked(self, times: int) -> None:
        """Wait until so many requests came in this mood."""
        with self.came:
            assert self.came.wait_for(lambda: self.asked[self.mood] >= times, 30), "nobody asks"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that leaves is what some moods are for."""


class _Handler(BaseHTTPRequestHandler):
    server: Moody
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        mood = self.server.mood
        if mood == "hangs up":
            self._note(mood)
            self._leave()
            return
        records = self._records()
        taking = mood.startswith("takes") or (mood == "one at a time" and len(records) == 1)
        with self.server.lock:
            self.server.bodies.append(records)
            self.server.paths.append(self.path)
            self.server.heads.append({name.lower(): value for name, value in self.headers.items()})
            if taking:
                self.server.taken.update({one["id"]: one for one in records})
            elif mood == "malformed":
                self.server.refused.update(one["id"] for one in records)
        self._note(mood)
        self._reply(mood, len(records), taking=taking)

    def _note(self, mood: str) -> None:
        with self.server.came:
            self.server.asked[mood] += 1
            self.server.came.notify_all()

    def _records(self) -> list[dict[str, Any]]:
        body = self.rfile.read(int(self.headers["content-length"]))
        try:
            return [json.loads(line) for line in gzip.decompress(body).splitlines()]
        except ValueError as error:
            self.server.faults.append(str(error))
            raise

    def _reply(self, mood: str, size: int, *, taking: bool) -> None:
        if mood == "takes and loses the reply":
            self._leave()
        elif mood == "takes and never replies":
            self.connection.settimeout(30)
            self.connection.recv(1)  # until the client has had enough
            self._leave()
        elif mood == "takes and cuts the reply off":
            self.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{")
            self._leave()
        elif mood == "takes and replies without end":
            self._answer(200, b" " * 2_000_000)
        elif mood == "garbage":
            self.wfile.write(GARBAGE)
            self._leave()
        elif mood == "portal":
            self._answer(200, PORTAL)
        elif taking:
            self._take(size)
        else:
            assert self.server.may_refuse.wait(30), "nobody lets the server refuse"
            status = REFUSALS.get(mood, 413)
            self._answer(status, json.dumps({"problem": PROBLEMS.get(mood, "too_large")}).encode())

    def _take(self, size: int) -> None:
        told: dict[str, Any] = {"taken": size, "unread": 0}
        headers = {"remit-dropped": self.server.dropped} if self.server.dropped else {}
        if self.server.needed is not None:
            tag, items = self.server.needed
            headers["remit-needed"] = tag
            if self.headers["remit-needed"] != tag:
                told["needed"] = items
        self._answer(200, json.dumps(told).encode(), **headers)

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        if self.server.retry_after is not None and status in (429, 503):
            self.send_header("retry-after", self.server.retry_after)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _leave(self) -> None:
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the library's name
        """Tests need no log."""


@contextmanager
def moody(certificate: tuple[Path, Path] | None = None) -> Iterator[Moody]:
    """A server on a free port, for as long as it is needed; with a certificate and its key, over TLS."""
    server = Moody()
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.scheme = "https"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
