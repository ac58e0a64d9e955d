"""A worker's HTTP on a free port, under bounds of the test's own, with what sends to it byte by byte."""

import asyncio
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from remit.gateway.bounds import Bounds
from remit.gateway.connection import Connection
from remit.gateway.serving import Worker, serving
from remit.wire.protocol import AppKey, Protocol, Rejection
from remit.wire.request import Asker, Reply, Request
from remit.wire.routes import protocol_for

WAIT_SECONDS_MAX = 30.0
BASIC = "authorization: Basic ZGVtbzo="


class Taker:
    """Takes what is sent under the key ``demo``; remembers the bodies, and what was refused."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.refused: Counter[str] = Counter()
        self.free = threading.Event()
        self.free.set()
        self.asked = self.brief = 0
        self._tasks = set[asyncio.Task[None]]()

    def turned_away(self, head: Request) -> Reply | None:
        protocol = protocol_for(head.method, head.path)
        assert protocol is not None
        key = protocol.key(head)
        return self.refuse(protocol, Rejection.UNKNOWN_KEY, head) if key not in (None, AppKey("demo")) else None

    async def collect(self, request: Request) -> Reply:
        self.asked += 1
        await asyncio.to_thread(self.free.wait)
        self.bodies.append(request.body)
        return Reply(200, request.body[:16])

    def take(self, request: Request, asker: Asker) -> None:
        self.brief += 1
        nobodys = self.turned_away(request)
        if nobodys is not None:
            asker.set_result(nobodys)
            return
        task = asyncio.get_running_loop().create_task(self._taken(request, asker))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _taken(self, request: Request, asker: Asker) -> None:
        reply = await self.collect(request)
        if not asker.done():
            asker.set_result(reply)

    def refuse(self, protocol: Protocol, rejection: Rejection, request: Request) -> Reply:
        self.count(rejection)
        return protocol.refusing(rejection, request)

    def count(self, rejection: str) -> None:
        self.refused[str(rejection)] += 1


class Street:
    """Where strangers come from."""

    def __init__(self, taker: Taker, sock: socket.socket, server: Worker) -> None:
        self.taker, self.server, self._port = taker, server, int(sock.getsockname()[1])
        self._leaving, self._sock = threading.Event(), sock.dup()
        stages = {"leaving": self._leaving, "serves": lambda: None}
        self._thread = threading.Thread(target=server.work, args=(sock,), kwargs=stages, daemon=True)
        self._thread.start()

    def connections(self) -> list[Connection]:
        """Those that the worker has."""
        return [one for one in self.server.server_state.connections if isinstance(one, Connection)]

    def leave(self) -> None:
        """Tell the worker to leave; it has begun to."""
        self._leaving.set()
        self.until(lambda: self.server._crowd.leaves)

    def has_left(self) -> bool:
        """Whether the worker is there no more."""
        return not self._thread.is_alive()

    def another(self) -> socket.socket:
        """The socket at which it listens, for somebody else."""
        self._sock.settimeout(WAIT_SECONDS_MAX)
        return self._sock

    def close(self) -> None:
        """Have it stop."""
        self._sock.close()
        self.server.should_exit = True
        self._thread.join()

    def until_held(self, size: int) -> None:
        """Wait until so much of the room is taken."""
        self.until(lambda: self.server.config.app._room.held == size)  # type: ignore[union-attr]  # the gateway of serving()

    def until(self, is_so: Callable[[], bool]) -> None:
        """Wait until it is."""
        deadline = time.monotonic() + WAIT_SECONDS_MAX
        while not is_so():
            assert time.monotonic() < deadline, "it never is"
            time.sleep(0.01)

    def connect(self, *sent: bytes) -> socket.socket:
        """A client that sent something and goes on waiting."""
        client = socket.create_connection(("127.0.0.1", self._port), WAIT_SECONDS_MAX)
        for part in sent:
            client.sendall(part)
        return client

    def ask(self, *sent: bytes) -> bytes:
        """All that a client hears who sent this, until the connection ends."""
        with self.connect(*sent) as client:
            return heard(client)


def heard(client: socket.socket) -> bytes:
    """All that comes until the connection ends, however it ends."""
    parts = []
    try:
        while part := client.recv(65536):
            parts.append(part)
    except ConnectionError:
        pass
    return b"".join(parts)


def told(client: socket.socket) -> bytes:
    """One head of a reply, and nothing behind it."""
    found = b""
    while b"\r\n\r\n" not in found:
        part = client.recv(1)
        assert part, "the connection ended"
        found += part
    return found


def reply(client: socket.socket) -> bytes:
    """One reply of a connection that goes on."""
    found = told(client)
    length = int(found.lower().partition(b"content-length: ")[2].partition(b"\r")[0])
    while not found.endswith(b"\r\n\r\n") and length:
        found += client.recv(1)
    return found + (client.recv(length, socket.MSG_WAITALL) if length else b"")


def request(body: bytes = b"", *lines: str, path: str = "/v1/batch") -> bytes:
    """A request with a body of known length."""
    return head(len(body), *lines, path=path) + body


def head(length: int, *lines: str, path: str = "/v1/batch") -> bytes:
    """The head of a request whose body is to be so long."""
    told = ["host: remit.example.org", BASIC, f"content-length: {length}", *lines]
    return "\r\n".join([f"POST {path} HTTP/1.1", *told, "", ""]).encode()


@contextmanager
def street(bounds: Bounds | None = None, *, taker: Taker | None = None) -> Iterator[Street]:
    """A worker that serves, until the test is over."""
    taker = taker or Taker()
    sock = socket.create_server(("127.0.0.1", 0), backlog=1024)
    there = Street(taker, sock, serving(taker, lambda: None, bounds))
    try:
        yield there
    finally:
        taker.free.set()
        there.close()
