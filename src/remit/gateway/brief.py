"""A small request that is answered as soon as it is there, without a task, a scope and messages of its own.

Most requests of SDKs are. To run an application for one costs as much as to read, judge and seal what it bears.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from remit.gateway.heads import head, lines_of
from remit.gateway.peers import Peers
from remit.wire.request import Asker, Reply, Request

_UNUSUAL = frozenset({"transfer-encoding", "expect", "upgrade"})
"""Lines of a head that take more than to read a body of known length."""
_FAILED = Reply(500, b"Internal Server Error", {"content-type": "text/plain; charset=utf-8", "connection": "close"})

Headers = Sequence[tuple[bytes, bytes]]


class Wire(Protocol):
    """The connection by which a request came."""

    def say(self, reply: Reply, *, last: bool) -> None:
        """Write the whole reply to the request that came before."""
        ...


class _NobodyWaits:
    """What uvicorn would wake an application by."""

    def set(self) -> None:
        """There is none."""


_NOBODY_WAITS = _NobodyWaits()


class Brief:
    """A request on its way and who waits for its reply: what uvicorn's connection knows by the name of ``cycle``."""

    message_event = _NOBODY_WAITS

    def __init__(self, head: Request, line: Wire) -> None:
        self.head, self._line = head, line
        self.parts: list[bytes] = []
        self.more_body = self.keep_alive = True
        self.response_started = self.response_complete = self.disconnected = False

    @property
    def request(self) -> Request:
        """The whole of it, once it is there."""
        return msgspec.structs.replace(self.head, body=b"".join(self.parts))

    def done(self) -> bool:
        """Whether it was answered, or nobody is there any more."""
        return self.response_complete or self.disconnected

    def set_result(self, reply: Reply, /) -> None:
        """Say the reply."""
        self.response_started = self.response_complete = True
        last = not self.keep_alive or reply.headers.get("connection") == "close"
        self._line.say(reply, last=last)

    def set_exception(self, error: BaseException, /) -> None:
        """Say that there is none, and no more; not behind a reply that was said, which would be taken for the next."""
        del error
        if not self.done():
            self.set_result(_FAILED)


class Briefs:
    """Which requests are brief, by the size of their bodies, and who takes them: ``take`` says whether it did."""

    def __init__(self, take: Callable[[Request, Asker], bool], peers: Peers, *, most: int) -> None:
        self.take, self._peers, self._most = take, peers, most
        self._written: tuple[Reply, Headers, bytes] | None = None

    def head(self, url: bytes, headers: Headers, connected: str) -> Request | None:
        """What is sent by POST, as a request without its body; None of what is not brief."""
        if url[:1] != b"/" or b"%" in url or b"#" in url or not url.isascii():
            return None
        path, _, query = url.partition(b"?")
        found = head(("POST", path.decode("ascii"), query), headers, self._peers.sender(connected, headers))
        length = found.headers.get("content-length", "")
        is_brief = length.isdecimal() and int(length) <= self._most and _UNUSUAL.isdisjoint(found.headers)
        return found if is_brief else None

    def written(self, reply: Reply, always: Headers, *, last: bool) -> bytes:
        """A reply as it is sent; the one before is remembered, since most clients are told the same."""
        before = self._written
        if before is not None and before[0] is reply and before[1] is always and not last:
            return before[2]
        sent = written(reply, always, last=last)
        if not last:
            self._written = reply, always, sent
        return sent


def written(reply: Reply, always: Headers, *, last: bool) -> bytes:
    """A reply as it is sent; ``always`` are lines that each has."""
    lines = [b"%b: %b\r\n" % line for line in (*always, *lines_of(reply))]
    if last and "connection" not in reply.headers:
        lines.append(b"connection: close\r\n")
    return b"".join((STATUS_LINE[reply.status], *lines, b"\r\n", reply.body))
