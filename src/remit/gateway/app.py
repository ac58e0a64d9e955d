"""HTTP for SDKs: a raw ASGI callable with bounds on size and on what a body may inflate to."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from itertools import islice
from typing import Any
from typing import Protocol as Port

import msgspec

from remit.gateway.bounds import Bounds
from remit.gateway.heads import head, lines_of
from remit.gateway.inflate import Broken, TooLarge, compressed, slices
from remit.gateway.peers import Peers
from remit.gateway.room import Busy, Room, Share
from remit.wire.openapi import DOCUMENT_PATH, published
from remit.wire.protocol import Protocol, Rejection
from remit.wire.request import Asker, Reply, Request
from remit.wire.routes import PLAIN, elsewhere, preflight, protocol_for

BODY_BYTES_MAX = 20 * 1024 * 1024
SLICES_AT_ONCE = 2

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Gone(Exception):
    """The client left before its request was there, or its connection told it why it may not stay."""


class Collects(Port):
    """What the gateway asks of the flow behind it."""

    def turned_away(self, head: Request) -> Reply | None:
        """The refusal of a request whose head says whose it is, and that is nobody; None where the body is needed."""
        ...

    async def collect(self, request: Request) -> Reply:
        """The reply, after the commit."""
        ...

    def take(self, request: Request, asker: Asker) -> None:
        """The same, without a wait: who asks hears the reply, at once or after the commit."""
        ...

    def refuse(self, protocol: Protocol, rejection: Rejection, request: Request) -> Reply:
        """The vendor's words for a request that cannot be taken."""
        ...

    def count(self, rejection: str) -> None:
        """Count a request that was refused before anybody could tell whose it is."""
        ...


class Gateway:
    """The ASGI application of one intake worker. ``trouble`` says what it cannot do, in words; None while it can."""

    def __init__(
        self, collector: Collects, trouble: Callable[[], str | None], bounds: Bounds, *, peers: Peers | None = None
    ) -> None:
        self._collector, self._trouble, self._bounds = collector, trouble, bounds
        self._peers = peers or Peers()
        self._room, self._large = Room(bounds), asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        try:
            reply = await self._reply(scope, receive)
        except Gone:
            return
        await _answer(send, reply)

    async def _reply(self, scope: Scope, receive: Receive) -> Reply:
        method, path = scope["method"], scope["path"]
        if path == "/healthz":
            trouble = self._trouble()
            return Reply(503, f"not ok: {trouble}".encode(), PLAIN) if trouble else Reply(200, b"ok", PLAIN)
        if method == "OPTIONS":
            return preflight()
        if method == "GET" and path == DOCUMENT_PATH:
            return published()
        protocol = protocol_for(method, path)
        if protocol is None:
            self._collector.count("no_protocol")
            return elsewhere(path)
        return await self._answered(protocol, self._head(scope), receive)

    def take(self, request: Request, asker: Asker) -> bool:
        """Answer a small request that is there, whole, as the application does; False where it has to do it itself."""
        protocol = protocol_for(request.method, request.path)
        if protocol is None:
            self._collector.count("no_protocol")
            asker.set_result(elsewhere(request.path))
            return True
        encoding = request.headers.get("content-encoding", "")
        if compressed(request.body, encoding):
            nobody = self._collector.turned_away(request)
            if nobody is not None:
                asker.set_result(nobody)
                return True
            body = self._inflated_at_once(request.body, encoding)
            if body is None:
                return False
            request = msgspec.structs.replace(request, body=body)
        self._collector.take(request, asker)
        return True

    def _inflated_at_once(self, body: bytes, encoding: str) -> bytes | None:
        """The body as it was before compression; None of one that is large then, or broken."""
        try:
            parts = list(islice(slices(body, encoding), SLICES_AT_ONCE))
        except (Broken, TooLarge):
            return None
        is_small = len(parts) < SLICES_AT_ONCE and sum(map(len, parts)) <= self._bounds.small_bytes
        return b"".join(parts) if is_small else None

    def _head(self, scope: Scope) -> Request:
        connected = scope["client"][0] if scope.get("client") else ""
        target = scope["method"], scope["path"], scope["query_string"]
        return head(target, scope["headers"], self._peers.sender(connected, scope["headers"]))

    async def _answered(self, protocol: Protocol, head: Request, receive: Receive) -> Reply:
        """The reply in the vendor's words."""
        early = self._early(protocol, head)
        if early is not None:
            return await self._before_the_body(early, head, receive)
        try:
            return await self._collected(head, receive)
        except TooLarge:
            return self._collector.refuse(protocol, Rejection.TOO_LARGE, head)
        except Broken:
            return self._collector.refuse(protocol, Rejection.MALFORMED, head)
        except Busy:
            return self._collector.refuse(protocol, Rejection.BUSY, head)

    def _early(self, protocol: Protocol, head: Request) -> Reply | None:
        """What can be said already, whatever the body is."""
        length = head.headers.get("content-length", "")
        if length.isdecimal() and int(length) > BODY_BYTES_MAX:
            return self._collector.refuse(protocol, Rejection.TOO_LARGE, head)
        return self._collector.turned_away(head)

    async def _before_the_body(self, reply: Reply, head: Request, receive: Receive) -> Reply:
        """The reply, once so much of the body was passed over as most have: many clients read nothing before that."""
        if "expect" in head.headers:  # this one asked before it sent the body, and will not send it now
            return msgspec.structs.replace(reply, headers={**reply.headers, "connection": "close"})
        size, more = 0, True
        while more and size < self._bounds.small_bytes:
            part, more = await _part(receive)
            size += len(part)
        return reply

    async def _collected(self, head: Request, receive: Receive) -> Reply:
        """The reply to a request whose body is read. What it holds is counted until then, and no longer."""
        with self._room.share() as share:
            body = await _body(receive, share)
            body = await self._inflated(body, head.headers.get("content-encoding", ""), share)
            return await self._collector.collect(msgspec.structs.replace(head, body=body))

    async def _inflated(self, body: bytes, encoding: str, share: Share) -> bytes:
        """The body as it was before compression. A large one grows alone, and others are served between its slices."""
        if not compressed(body, encoding):
            return body
        rest = _counted(slices(body, encoding), share)
        parts = list(islice(rest, SLICES_AT_ONCE))
        if len(parts) == SLICES_AT_ONCE:
            async with self._large:
                for part in rest:
                    parts.append(part)
                    await asyncio.sleep(0)
        share.drop(len(body))
        return b"".join(parts)


def _counted(parts: Iterator[bytes], share: Share) -> Iterator[bytes]:
    for part in parts:
        share.add(len(part))
        yield part


async def _body(receive: Receive, share: Share) -> bytes:
    first, more = await _part(receive)
    share.add(len(first))
    if not more:
        return first
    body = bytearray(first)
    async with share.arriving():
        while more:
            part, more = await _part(receive)
            body += part
            if len(body) > BODY_BYTES_MAX:
                raise TooLarge
            share.add(len(part))
    return bytes(body)


async def _part(receive: Receive) -> tuple[bytes, bool]:
    """The next part of a body, and whether more is to come. Raises Gone."""
    message = await receive()
    if message["type"] == "http.disconnect":
        raise Gone
    return message.get("body", b""), message.get("more_body", False)


async def _answer(send: Send, reply: Reply) -> None:
    await send({"type": "http.response.start", "status": reply.status, "headers": lines_of(reply)})
    await send({"type": "http.response.body", "body": reply.body})
