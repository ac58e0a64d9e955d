"""Heads, as protocols see them and as they are sent: of a request, of a reply."""

from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import parse_qsl

from remit.wire.request import Reply, Request

LINES_REMEMBERED = 1_000
"""Replies have the same lines of head again and again."""

HeadLine = tuple[bytes, bytes]


def head(target: tuple[str, str, bytes], lines: Iterable[HeadLine], peer: str) -> Request:
    """A request whose body has not come yet; ``target`` is its method, path and query."""
    method, path, query = target
    return Request(
        method=method,
        path=path,
        query=dict(parse_qsl(query.decode("latin-1"))) if query else {},
        headers={name.decode("latin-1"): value.decode("latin-1") for name, value in lines},
        peer=peer,
        body=b"",
    )


def lines_of(reply: Reply) -> list[HeadLine]:
    """The lines of a reply's head, with the length of its body as the last."""
    return [*(_line(*one) for one in reply.headers.items()), (b"content-length", b"%d" % len(reply.body))]


@lru_cache(maxsize=LINES_REMEMBERED)
def _line(name: str, value: str) -> HeadLine:
    assert not set(name + value) & set("\r\n"), "a line of a head is one line"
    return name.lower().encode(), value.encode()
