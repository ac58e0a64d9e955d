"""HTTP for SDKs: a raw ASGI callable with bounds on size and on what a body may inflate to."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from itertools import islice
from typing import Any, Protocol
from urllib.parse import parse_qsl

from remit.gateway.inflate import Broken, TooLarge, slices
from remit.wire.protocol import Problem
from remit.wire.protocol import Protocol as Wire
from remit.wire.request import Reply, Request
from remit.wire.routes import preflight, protocol_for

BODY_BYTES_MAX = 20 * 1024 * 1024
SLICES_AT_ONCE = 2
PLAIN = {"content-type": "text/plain; charset=utf-8"}

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Collects(Protocol):
    """What the gateway asks of the flow behind it."""

    async def collect(self, request: Request) -> Reply | None:
        """The reply, after the commit."""
        ...

    def refuse(self, protocol: Wire, problem: Problem) -> Reply:
        """The vendor's words for a request that cannot be taken."""
        ...


class Gateway:
    """The ASGI application of one intake worker. ``trouble`` says what it cannot do, in words; None while it can."""

    def __init__(self, collector: Collects, trouble: Callable[[], str | None]) -> None:
        self._collector, self._trouble = collector, trouble
        self._large = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http":
            await _answer(send, await self._reply(scope, receive))

    async def _reply(self, scope: Scope, receive: Receive) -> Reply:
        method, path = scope["method"], scope["path"]
        if path == "/healthz":
            trouble = self._trouble()
            return Reply(503, f"not ok: {trouble}".encode(), PLAIN) if trouble else Reply(200, b"ok", PLAIN)
        if method == "OPTIONS":
            return preflight()
        protocol = protocol_for(method, path)
        if protocol is None:
            return Reply(404, b"no protocol here; see the docs for routes", PLAIN)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        try:
            body = await self._inflated(await _body(receive), headers.get("content-encoding", ""))
        except TooLarge:
            return self._collector.refuse(protocol, Problem.TOO_LARGE)
        except Broken:
            return self._collector.refuse(protocol, Problem.MALFORMED)
        query = dict(parse_qsl(scope["query_string"].decode("latin-1")))
        peer = scope["client"][0] if scope.get("client") else ""
        reply = await self._collector.collect(
            Request(method=method, path=path, query=query, headers=headers, peer=peer, body=body)
        )
        assert reply is not None, "the protocol was found above"
        return reply

    async def _inflated(self, body: bytes, encoding: str) -> bytes:
        """The body as it was before compression. A large one grows alone, and others are served between its slices."""
        rest = slices(body, encoding)
        parts = list(islice(rest, SLICES_AT_ONCE))
        if len(parts) == SLICES_AT_ONCE:
            async with self._large:
                for part in rest:
                    parts.append(part)
                    await asyncio.sleep(0)
        return b"".join(parts)


async def _body(receive: Receive) -> bytes:
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Broken
        part = message.get("body", b"")
        size += len(part)
        if size > BODY_BYTES_MAX:
            raise TooLarge
        parts.append(part)
        if not message.get("more_body"):
            return b"".join(parts)


async def _answer(send: Send, reply: Reply) -> None:
    headers = [(name.lower().encode(), value.encode()) for name, value in reply.headers.items()]
    headers.append((b"content-length", str(len(reply.body)).encode()))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})
