"""Bodies as they were before compression: whole or refused, bounded, and nobody waits behind a large one."""

import asyncio
import gzip
import zlib
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import brotli
import pytest
import zstandard

from remit.gateway.app import Gateway
from remit.gateway.bounds import Bounds
from remit.gateway.inflate import INFLATED_BYTES_MAX, SLICE_BYTES, Broken, TooLarge, inflated, slices
from remit.wire.protocol import Protocol, Rejection
from remit.wire.request import Asker, Reply, Request


def _raw(body: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return stream.compress(body) + stream.flush()


def _streamed(body: bytes) -> bytes:
    stream = zstandard.ZstdCompressor().compressobj()
    return stream.compress(body) + stream.flush()


CODINGS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "gzip without a label": ("", gzip.compress),
    "gzip in capitals": (" GZIP ", gzip.compress),
    "deflate": ("deflate", zlib.compress),
    "deflate without a head": ("deflate", _raw),
    "br": ("br", brotli.compress),
    "zstd": ("zstd", zstandard.compress),
    "zstd as a stream": ("zstd", _streamed),
    "identity": ("identity", bytes),
}
SIZES = (0, 1, SLICE_BYTES - 1, SLICE_BYTES, SLICE_BYTES + 1, 3 * SLICE_BYTES)


def noise(size: int) -> bytes:
    """Bytes that cannot be compressed, so that what comes in is as long as what goes out."""
    return b"".join(zlib.crc32(i.to_bytes(4, "big")).to_bytes(4, "big") for i in range(size // 4 + 1))[:size]


@pytest.mark.parametrize(("name", "size"), list(product(CODINGS, SIZES)))
def test_what_was_compressed_comes_back(name: str, size: int) -> None:
    """In every coding, at every border of a slice, whether it shrinks or not."""
    label, compress = CODINGS[name]
    for body in (b" " * size, noise(size)):
        assert body == inflated(compress(body), label)
        assert all(len(part) < 2 * SLICE_BYTES for part in slices(compress(body), label) if label != "identity")


@pytest.mark.parametrize("name", ["gzip", "deflate", "deflate without a head", "br"])
def test_half_a_body_is_none(name: str) -> None:
    """What ends before its end is refused, wherever it was cut."""
    label, compress = CODINGS[name]
    whole = compress(noise(1000))
    for cut in range(0, len(whole), 7):
        with pytest.raises(Broken):
            inflated(whole[:cut], label)


@pytest.mark.parametrize("label", ["gzip", "deflate", "br", "zstd", "rot13"])
def test_another_coding_is_not_guessed(label: str) -> None:
    """A body that is not what it says is refused."""
    with pytest.raises(Broken):
        inflated(b'{"batch":[]}', label)


@pytest.mark.parametrize("name", CODINGS)
def test_the_bound_is_exact(name: str) -> None:
    """As much as is allowed comes through, and not a byte more."""
    label, compress = CODINGS[name]
    assert INFLATED_BYTES_MAX == len(inflated(compress(bytes(INFLATED_BYTES_MAX)), label))
    with pytest.raises(TooLarge):
        inflated(compress(bytes(INFLATED_BYTES_MAX + 1)), label)


def test_a_window_larger_than_http_allows_is_refused() -> None:
    """Who says that he needs 128 MiB to decompress does not get them (RFC 9659)."""
    parameters = zstandard.ZstdCompressionParameters(window_log=27)
    stream = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    with pytest.raises(Broken):
        inflated(stream.compress(b" ") + stream.flush(), "zstd")


class Order:
    """Collects nothing; remembers who was answered, in order."""

    def __init__(self) -> None:
        self.answered: list[str] = []

    def turned_away(self, _head: Request) -> Reply | None:
        return None

    async def collect(self, request: Request) -> Reply:
        self.answered.append(request.body.decode()[:8].strip() or "large")
        return Reply(200, b"", {})

    def take(self, _request: Request, _asker: Asker) -> None:
        raise AssertionError("the application asks for it")

    def refuse(self, _protocol: Protocol, rejection: Rejection, _request: Request) -> Reply:
        self.answered.append(rejection.value)
        return Reply(413, b"", {})

    def count(self, rejection: str) -> None:
        self.answered.append(rejection)


async def ask(app: Gateway, body: bytes, encoding: str) -> None:
    """One request, whose body is there at once."""
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/batch",
        "query_string": b"",
        "headers": [(b"content-encoding", encoding.encode())],
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    async def send(_message: Any) -> None:
        return None

    await app(scope, receive, send)


@pytest.mark.parametrize("name", ["gzip", "deflate", "br", "zstd"])
def test_nobody_waits_behind_a_large_body(name: str) -> None:
    """Small bodies that come after a bomb and a large body are answered before both, and those one after the other."""
    label, compress = CODINGS[name]
    order = Order()
    app = Gateway(order, trouble=lambda: None, bounds=Bounds())
    bodies = (bytes(INFLATED_BYTES_MAX + 1), b" " * INFLATED_BYTES_MAX, b"one", b"two")

    async def crowd() -> None:
        await asyncio.gather(*(ask(app, compress(body), label) for body in bodies))

    asyncio.run(crowd())
    assert ["one", "two", "too_large", "large"] == order.answered


def test_large_bodies_do_not_grow_side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many come at once, one of them is being inflated."""
    growing: list[int] = []

    def watched(body: bytes, encoding: str) -> Iterator[bytes]:
        for number, part in enumerate(slices(body, encoding)):
            if number >= 2:
                growing.append(id(body))
            yield part

    monkeypatch.setattr("remit.gateway.app.slices", watched)
    app = Gateway(Order(), trouble=lambda: None, bounds=Bounds())

    async def crowd() -> None:
        await asyncio.gather(*(ask(app, gzip.compress(bytes([n]) * (8 * SLICE_BYTES)), "gzip") for n in range(5)))

    asyncio.run(crowd())
    changes = [one for one, before in zip(growing, [0, *growing], strict=False) if one != before]
    assert 5 == len(changes)
