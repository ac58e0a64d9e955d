"""HTTP for SDKs: a raw ASGI callable with bounds on size and on what a body may inflate to."""

import gzip
import zlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Protocol
from urllib.parse import parse_qsl

import brotli
import zstandard

from remit.wire.protocol import Problem
from remit.wire.protocol import Protocol as Wire
from remit.wire.request import Reply, Request
from remit.wire.routes import preflight, protocol_for

BODY_BYTES_MAX = 20 * 1024 * 1024
INFLATED_BYTES_MAX = 20 * 1024 * 1024
CHUNK_BYTES = 64 * 1024
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


class TooLarge(Exception):
    """A body, or what it inflates to, is over its bound."""


class Broken(Exception):
    """A body is not in the encoding that it claims."""


def gateway(collector: Collects, healthy: Callable[[], bool]) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    """The ASGI application of one intake worker."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await _answer(send, await _handle(collector, healthy, scope, receive=receive))

    return app


async def _handle(collector: Collects, healthy: Callable[[], bool], scope: Scope, *, receive: Receive) -> Reply:
    method, path = scope["method"], scope["path"]
    if path == "/healthz":
        ok = healthy()
        return Reply(200 if ok else 503, b"ok" if ok else b"not ok", PLAIN)
    if method == "OPTIONS":
        return preflight()
    protocol = protocol_for(method, path)
    if protocol is None:
        return Reply(404, b"no protocol here; see the docs for routes", PLAIN)
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    try:
        body = inflated(await _body(receive), headers.get("content-encoding", ""))
    except TooLarge:
        return collector.refuse(protocol, Problem.TOO_LARGE)
    except Broken:
        return collector.refuse(protocol, Problem.MALFORMED)
    query = dict(parse_qsl(scope["query_string"].decode("latin-1")))
    peer = scope["client"][0] if scope.get("client") else ""
    reply = await collector.collect(
        Request(method=method, path=path, query=query, headers=headers, peer=peer, body=body)
    )
    assert reply is not None, "the protocol was found above"
    return reply


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


def inflated(body: bytes, encoding: str) -> bytes:
    """The body as it was before compression, bounded while it grows. Raises TooLarge or Broken.

    Some SDKs label gzip wrongly or not at all, so the magic number counts too.
    """
    coding = encoding.strip().lower()
    try:
        if coding == "gzip" or (not coding and body[:2] == b"\x1f\x8b"):
            return _zlib(body, 16 + zlib.MAX_WBITS)
        if coding == "deflate":
            return _zlib(body, zlib.MAX_WBITS if body[:1] == b"\x78" else -zlib.MAX_WBITS)
        if coding == "br":
            return _brotli(body)
        if coding == "zstd":
            return _zstd(body)
    except (zlib.error, gzip.BadGzipFile, brotli.error, zstandard.ZstdError, EOFError) as error:
        raise Broken from error
    if coding in ("", "identity"):
        return body
    raise Broken


def _zlib(body: bytes, window: int) -> bytes:
    stream = zlib.decompressobj(window)
    out = stream.decompress(body, INFLATED_BYTES_MAX + 1)
    if len(out) > INFLATED_BYTES_MAX:
        raise TooLarge
    if not stream.eof:
        raise Broken
    return out


def _brotli(body: bytes) -> bytes:
    stream = brotli.Decompressor()
    out = bytearray(stream.process(body, output_buffer_limit=CHUNK_BYTES))
    while not stream.is_finished():
        if len(out) > INFLATED_BYTES_MAX:
            raise TooLarge
        part = stream.process(b"", output_buffer_limit=CHUNK_BYTES)
        if not part:
            raise Broken
        out += part
    return bytes(out)


def _zstd(body: bytes) -> bytes:
    out = bytearray()
    with zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(body) as stream:
        while part := stream.read(CHUNK_BYTES):
            out += part
            if len(out) > INFLATED_BYTES_MAX:
                raise TooLarge
    return bytes(out)


async def _answer(send: Send, reply: Reply) -> None:
    headers = [(name.lower().encode(), value.encode()) for name, value in reply.headers.items()]
    headers.append((b"content-length", str(len(reply.body)).encode()))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})
