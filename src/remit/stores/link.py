"""How the processes of one house talk: framed msgpack over Unix sockets that only their user can reach.

A call is a method and its arguments; a watch is a connection on which the keeper pushes updates and
waits for each to be confirmed.
"""

import contextlib
import socket
import socketserver
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

FRAME = struct.Struct("<I")
FRAME_BYTES_MAX = 512 * 1024 * 1024
SOCKET_PATH_BYTES_MAX = 100
CONFIRM_SECONDS_MAX = 2.0
CATCH_UP_SECONDS_MAX = 10.0
RETRY_SECONDS, RETRY_SECONDS_MAX = 0.2, 5.0
STALE_SECONDS = 5.0
WATCH = "watch"

Say = Callable[[str], None]
"""Tells whoever runs the house something, in words without values."""


class Declined(ValueError):
    """The other process refused, in words for people."""


class Unreachable(ConnectionError):
    """The other process is not there, or broke while it worked."""


class Unheard(Exception):
    """News that could not be taken in; the text says why, and nothing of what they hold."""


def send(sock: socket.socket, message: object) -> None:
    """One frame out."""
    data = msgspec.msgpack.encode(message)
    sock.sendall(FRAME.pack(len(data)) + data)


def receive(sock: socket.socket) -> Any:
    """One frame in. Raises Unreachable when the other end is gone."""
    (size,) = FRAME.unpack(_exactly(sock, FRAME.size))
    if size > FRAME_BYTES_MAX:
        raise Unreachable("frame too large")
    return msgspec.msgpack.decode(_exactly(sock, size))


def _exactly(sock: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        part = sock.recv(min(size - len(data), 1 << 20))
        if not part:
            raise Unreachable("closed")
        data += part
    return bytes(data)


class Link:
    """A client: one connection, made when needed, one call at a time.

    ``seconds_max`` bounds each step of a call, for those who would rather go without an answer than wait for it.
    """

    def __init__(self, path: Path, seconds_max: float | None = None) -> None:
        self._path, self._seconds_max, self._lock = path, seconds_max, threading.Lock()
        self._sock: socket.socket | None = None

    def call(self, method: str, *args: object) -> Any:
        """The other process's answer. Raises Declined with its words, or Unreachable."""
        with self._lock:
            try:
                if self._sock is None:
                    self._sock = _connected(self._path, self._seconds_max)
                send(self._sock, [method, list(args)])
                ok, result = receive(self._sock)
            except OSError as error:
                self._drop()
                raise Unreachable(f"no answer from {self._path.stem}") from error
        if ok is True:
            return result
        raise Declined(result) if ok is False else Unreachable(f"{self._path.stem} failed: {result}")

    def close(self) -> None:
        """Let go of the connection."""
        with self._lock:
            self._drop()

    def _drop(self) -> None:
        if self._sock is not None:
            self._sock.close()
            self._sock = None


def _connected(path: Path, seconds_max: float | None = None) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.settimeout(seconds_max)
        sock.connect(str(path))
    except OSError:
        sock.close()
        raise
    return sock


class Watchers:
    """Everyone who has to hear of a change before it counts as made."""

    def __init__(self, snapshot: Callable[[], object]) -> None:
        self._snapshot, self._lock = snapshot, threading.Lock()
        self._socks: list[socket.socket] = []
        self._latest = time.monotonic_ns()

    def latest(self) -> int:
        """The number of the last announcement. It grows, also from one process of this machine to the next."""
        return self._latest

    def add(self, sock: socket.socket) -> None:
        """Send the state of things, then keep the connection for changes."""
        with self._lock:
            if self._push(sock, [self._latest, self._snapshot()]):
                self._socks.append(sock)

    def announce(self, change: Callable[[], None] = lambda: None) -> None:
        """Returns when every watcher confirmed, or was cut off. Nobody is told of ``change`` under an older number."""
        with self._lock:
            change()
            self._latest = time.monotonic_ns()
            update = [self._latest, self._snapshot()]
            self._socks = [sock for sock in self._socks if self._push(sock, update)]

    def _push(self, sock: socket.socket, update: object) -> bool:
        try:
            sock.settimeout(CONFIRM_SECONDS_MAX)
            send(sock, update)
            receive(sock)
        except OSError:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            return False
        return True


def pauses() -> Iterator[float]:
    """How long to wait before each next try, in seconds: twice as long as before, up to a bound."""
    seconds = RETRY_SECONDS
    while True:
        yield seconds
        seconds = min(2 * seconds, RETRY_SECONDS_MAX)


class Watch:
    """The other end: calls ``on_update`` for each update, confirms it, and reconnects for ever.

    Whatever fails ends the connection: news that were not taken in, for whatever reason, are news that did not come.
    That the other end is away is for its keeper to say; anything else is said here, once.
    """

    def __init__(self, path: Path, on_update: Callable[[Any], None], say: Say) -> None:
        self._path, self._on_update, self._say = path, on_update, say
        self._trouble: str | None = None
        self._pauses = pauses()
        self._lost = time.monotonic()
        self._connected = False
        self._heard, self._news = 0, threading.Condition()
        self.first = threading.Event()
        threading.Thread(target=self._run, name="watch", daemon=True).start()

    @property
    def stale(self) -> bool:
        """Whether the last update may be out of date: nobody to hear from for some seconds."""
        return not self._connected and time.monotonic() - self._lost > STALE_SECONDS

    def catch_up(self, number: int) -> None:
        """Returns when the announcement of this number, or a later one, was heard. Raises Unreachable."""
        with self._news:
            if not self._news.wait_for(lambda: self._heard >= number, CATCH_UP_SECONDS_MAX):
                raise Unreachable(f"no news from {self._path.stem}")

    def _run(self) -> None:
        while True:
            try:
                with _connected(self._path) as sock:
                    send(sock, [WATCH, []])
                    while True:
                        self._hear(sock)
            except Exception as error:  # noqa: BLE001 -- a thread that ended here would be taken for one that hears
                self._lose(error)
            time.sleep(next(self._pauses))

    def _hear(self, sock: socket.socket) -> None:
        number, update = receive(sock)
        self._on_update(update)
        with self._news:
            self._heard = int(number)
            self._news.notify_all()
        send(sock, True)
        self._connected = True
        self.first.set()
        self._pauses = pauses()
        if self._trouble is not None:
            self._trouble = None
            self._say(f"what the {self._path.stem} tells is heard again")

    def _lose(self, error: Exception) -> None:
        if self._connected:
            self._lost = time.monotonic()
            self._connected = False
        if isinstance(error, OSError):
            self._pauses = pauses()
            return
        unheard = f"what the {self._path.stem} tells cannot be taken in ({type(error).__name__})"
        trouble = str(error) if isinstance(error, Unheard) else unheard
        if trouble != self._trouble:
            self._trouble = trouble
            self._say(f"{trouble}; it is asked again")


Methods = Mapping[str, Callable[..., object]]


class Server:
    """A server: a thread per connection, a fixed table of methods."""

    def __init__(self, path: Path, methods: Methods, watchers: Watchers | None = None) -> None:
        path.unlink(missing_ok=True)
        self._server = _Server(str(path), _Handler)
        self._server.methods, self._server.watchers = methods, watchers
        path.chmod(0o600)
        threading.Thread(target=self._server.serve_forever, args=(0.1,), name=path.stem, daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64
    methods: Methods
    watchers: Watchers | None


class _Handler(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        """Answer calls until the other end goes."""
        with contextlib.suppress(OSError):
            while True:
                method, args = receive(self.request)
                if method == WATCH and self.server.watchers is not None:
                    self.server.watchers.add(self.request)
                    threading.Event().wait()  # the watchers own the connection now
                send(self.request, _answer(self.server.methods, method, args))


def _answer(methods: Methods, method: str, args: list[object]) -> list[object]:
    try:
        return [True, methods[method](*args)]
    except ValueError as error:
        return [False, str(error)]
    except Exception as error:  # noqa: BLE001 -- the edge of the process: only the kind of error may leave
        return [None, type(error).__name__]
