"""What a body was before compression, in slices: bounded in all, and in the work from one slice to the next."""

import zlib
from collections.abc import Iterator

import brotli
import zstandard

INFLATED_BYTES_MAX = 20 * 1024 * 1024
GZIP = b"\x1f\x8b"
SLICE_BYTES = 256 * 1024
PIECE_BYTES = 64 * 1024
"""What decompressors are fed at a time: what they have not consumed, they copy at every slice."""

ZSTD_WINDOW_BYTES_MAX = 8 * 1024 * 1024
"""RFC 9659: nobody may send more over HTTP, and a decompressor holds a whole window."""


class TooLarge(Exception):
    """A body, or what it inflates to, is over its bound."""


class Broken(Exception):
    """A body is not in the encoding that it claims."""


def compressed(body: bytes, encoding: str) -> bool:
    """Whether a body is anything but what it was from the beginning.

    Some SDKs label gzip wrongly or not at all, so the magic number counts too.
    """
    coding = encoding.strip().lower()
    return coding not in ("", "identity") or (not coding and body[:2] == GZIP)


def inflated(body: bytes, encoding: str) -> bytes:
    """The whole body as it was before compression. Raises TooLarge or Broken."""
    return b"".join(slices(body, encoding))


def slices(body: bytes, encoding: str) -> Iterator[bytes]:
    """The body as it was before compression, slice by slice. Raises TooLarge or Broken."""
    size = 0
    try:
        for part in _opened(body, encoding.strip().lower()):
            size += len(part)
            if size > INFLATED_BYTES_MAX:
                raise TooLarge
            yield part
    except (zlib.error, brotli.error, zstandard.ZstdError) as error:
        raise Broken from error


def _opened(body: bytes, coding: str) -> Iterator[bytes]:
    if not compressed(body, coding):
        return iter((body,))
    if coding in ("gzip", ""):
        return _zlib(body, 16 + zlib.MAX_WBITS)
    if coding == "deflate":
        return _zlib(body, zlib.MAX_WBITS if body[:1] == b"\x78" else -zlib.MAX_WBITS)
    if coding == "br":
        return _brotli(body)
    if coding == "zstd":
        return _zstd(body)
    raise Broken


def _pieces(body: bytes) -> Iterator[bytes]:
    return (body[start : start + PIECE_BYTES] for start in range(0, len(body), PIECE_BYTES))


def _zlib(body: bytes, window: int) -> Iterator[bytes]:
    stream = zlib.decompressobj(window)
    for piece in _pieces(body):
        left, part = piece, b""
        while not stream.eof and (left or len(part) == SLICE_BYTES):
            part = stream.decompress(left, SLICE_BYTES)
            left = stream.unconsumed_tail
            yield part
    if not stream.eof:
        raise Broken


def _brotli(body: bytes) -> Iterator[bytes]:
    stream = brotli.Decompressor()
    for piece in _pieces(body):
        part = stream.process(piece, output_buffer_limit=SLICE_BYTES)
        while part:
            yield part
            part = stream.process(b"", output_buffer_limit=SLICE_BYTES)
    if not stream.is_finished():
        raise Broken


def _zstd(body: bytes) -> Iterator[bytes]:
    with zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW_BYTES_MAX).stream_reader(body) as stream:
        while part := stream.read(SLICE_BYTES):
            yield part
