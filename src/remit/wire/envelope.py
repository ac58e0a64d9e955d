"""The grammar of Sentry envelopes: a header line, then items, each a header line and a payload."""

import re
from collections.abc import Iterator

import msgspec

ITEMS_MAX = 200
_BLANK = re.compile(rb"\s*")


class Header(msgspec.Struct):
    """What a whole envelope says of itself, as far as anything needs it."""

    event_id: str | None = None
    dsn: str | None = None
    sdk: msgspec.Raw = msgspec.Raw(b"null")


class _ItemHeader(msgspec.Struct):
    type: str = ""
    length: int | None = None


_HEADER = msgspec.json.Decoder(Header)
_ITEM_HEADER = msgspec.json.Decoder(_ItemHeader)


def first_line(body: bytes) -> bytes:
    """The text of the header; what follows is not copied."""
    return body[: _end_of_line(body, 0)]


def header(body: bytes) -> Header:
    """The first line. Raises DecodeError where there is none."""
    return _HEADER.decode(first_line(body))


def items(body: bytes) -> Iterator[tuple[str, bytes]]:
    """Type and payload of each item. Raises ValueError (also as DecodeError) where the envelope is broken."""
    return ((kind, payload) for kind, payload, _ in lines(body))


def lines(body: bytes) -> Iterator[tuple[str, bytes, bytes]]:
    """Type, payload and header line of each item. Raises as ``items`` does."""
    # Positions, never a shortened copy of the rest: a body of line ends must not cost its square.
    at, count = _end_of_line(body, 0), 0
    while (at := _past_blanks(body, at)) < len(body):
        end = _end_of_line(body, at)
        head = body[at:end]
        item = _ITEM_HEADER.decode(head)
        at = min(end + 1, len(body))
        stop = _end_of_line(body, at) if item.length is None else at + item.length
        if stop < at or stop > len(body):
            raise ValueError("an item is shorter than it says")
        if stop < len(body) and body[stop] != ord("\n"):
            raise ValueError("an item is longer than it says")
        count += 1
        if count > ITEMS_MAX:
            raise ValueError("too many items")
        yield item.type, body[at:stop], head
        at = stop + 1


def _end_of_line(body: bytes, at: int) -> int:
    found = body.find(b"\n", at)
    return len(body) if found < 0 else found


def _past_blanks(body: bytes, at: int) -> int:
    found = _BLANK.match(body, at)
    return found.end() if found else len(body)
