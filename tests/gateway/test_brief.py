"""Small requests are answered without the application, and nobody can tell."""

import gzip
import re
import zlib
from contextlib import ExitStack

import brotli
import pytest
import zstandard
from street import Street, Taker, heard, reply, request, street, told

from remit.gateway.bounds import Bounds
from remit.gateway.brief import Briefs, written
from remit.gateway.peers import Peers
from remit.wire.request import Asker, Reply, Request

BODY = b'{"batch":[]}'
SMALL = Bounds().small_bytes
NOBODY = "authorization: Basic bm9ib2R5Og=="
_DATE = re.compile(rb"date: [^\r]*\r\n")


def chunked(body: bytes, *lines: str, path: str = "/v1/batch") -> bytes:
    """The same request in chunks, which is not brief."""
    found = request(body, *lines, path=path)
    named = found.replace(b"content-length: %d" % len(body), b"transfer-encoding: chunked", 1)
    head, _, _ = named.partition(b"\r\n\r\n")
    return head + b"\r\n\r\n" + (b"%x\r\n%b\r\n" % (len(body), body) if body else b"") + b"0\r\n\r\n"


ASKED: dict[str, tuple[bytes, tuple[str, ...], str]] = {
    "plain": (BODY, (), "/v1/batch"),
    "with a query": (BODY, (), "/v1/batch?writeKey=demo&a=%20b"),
    "empty": (b"", (), "/v1/batch"),
    "large enough": (b"x" * SMALL, (), "/v1/batch"),
    "gzip": (gzip.compress(BODY), ("content-encoding: gzip",), "/v1/batch"),
    "gzip without a word": (gzip.compress(BODY), (), "/v1/batch"),
    "deflate": (zlib.compress(BODY), ("content-encoding: deflate",), "/v1/batch"),
    "br": (brotli.compress(BODY), ("content-encoding: br",), "/v1/batch"),
    "zstd": (zstandard.compress(BODY), ("content-encoding: zstd",), "/v1/batch"),
    "half of a gzip": (gzip.compress(BODY * 99)[:40], ("content-encoding: gzip",), "/v1/batch"),
    "in no coding": (BODY, ("content-encoding: rot13",), "/v1/batch"),
    "grows to more than is small": (gzip.compress(b" " * (SMALL + 1)), ("content-encoding: gzip",), "/v1/batch"),
    "a bomb": (gzip.compress(bytes(21 * 1024 * 1024)), ("content-encoding: gzip",), "/v1/batch"),
    "nobody's": (BODY, (NOBODY,), "/v1/batch"),
    "nobody's, packed": (gzip.compress(BODY), (NOBODY, "content-encoding: gzip"), "/v1/batch"),
    "to nowhere": (BODY, (), "/nowhere"),
    "by the wrong method": (BODY, (), "/v1/projects/demo/settings"),
    "the last": (BODY, ("connection: close",), "/v1/batch"),
}


def test_a_reply_is_written_anew_where_it_differs() -> None:
    """The same reply under the same lines is written once; another one, other lines or an end make another text."""
    briefs = Briefs(lambda _request, _asker: True, Peers(), most=1)
    ok, other = Reply(200, b"ok"), Reply(200, b"no")
    now, later = [(b"date", b"now")], [(b"date", b"later")]
    asked = [(ok, now), (ok, now), (other, now), (ok, now), (ok, later), (ok, now)]

    for one, always in asked:
        assert written(one, always, last=False) == briefs.written(one, always, last=False)
        assert written(one, always, last=True) == briefs.written(one, always, last=True)


@pytest.mark.parametrize("how", ASKED)
def test_a_brief_request_is_answered_as_any_other_is(how: str) -> None:
    """Byte for byte but for the date, and the same is taken and refused, whichever way it goes."""
    body, lines, path = ASKED[how]
    heard_of = []
    for asked in (request(body, *lines, path=path), chunked(body, *lines, path=path)):
        with street() as there, there.connect(asked) as client:
            said = reply(client)
            heard_of.append((_DATE.sub(b"", said), there.taker.bodies, there.taker.refused))
            assert said != _DATE.sub(b"", said)

    assert heard_of[0] == heard_of[1]


@pytest.mark.parametrize(
    ("how", "asked", "expected"),
    [
        ("plain", request(BODY), True),
        ("packed", request(gzip.compress(BODY), "content-encoding: gzip"), True),
        ("as large as may be", request(b"x" * SMALL), True),
        ("larger", request(b"x" * (SMALL + 1)), False),
        ("larger than it looks", request(gzip.compress(b" " * (SMALL + 1)), "content-encoding: gzip"), False),
        ("in chunks", chunked(BODY), False),
        ("by an older client", request(BODY).replace(b"HTTP/1.1", b"HTTP/1.0"), False),
        ("the last", request(BODY, "connection: close"), False),
        ("who asks first", request(BODY, "expect: 100-continue"), False),
        ("in another spelling", request(BODY, path="/v1/%62atch"), False),
    ],
)
def test_what_is_small_and_whole_is_brief(how: str, asked: bytes, expected: bool) -> None:
    """Everything else is left to the application, which takes it as well."""
    del how
    with street() as there, there.connect(asked) as client:
        while not told(client).startswith(b"HTTP/1.1 200"):
            pass
        assert 1 == len(there.taker.bodies)
        assert expected == bool(there.taker.brief)


def test_replies_come_in_the_order_of_their_requests() -> None:
    """Also where the first is brief, waits, and others are sent behind it."""
    with street() as there, there.connect() as client:
        there.taker.free.clear()
        client.sendall(b"".join(request(b"%d" % number) for number in range(5)))
        until(there, 1)
        there.taker.free.set()
        assert [b"%d" % number for number in range(5)] == [reply(client)[-1:] for _ in range(5)]


def test_a_brief_request_that_waits_is_answered_before_the_end() -> None:
    """Told to stop, a worker says what it owes, and that it says no more."""
    with street() as there, there.connect(request(BODY)) as client:
        there.taker.free.clear()
        until(there, 1)
        there.server.should_exit = True
        there.taker.free.set()
        said = heard(client)
        assert said.startswith(b"HTTP/1.1 200")


def test_who_left_is_told_nothing_and_others_are() -> None:
    """A client that does not wait for its reply takes nothing from anybody."""
    with street() as there, ExitStack() as crowd:
        there.taker.free.clear()
        there.connect(request(b"gone")).close()
        until(there, 1)
        client = crowd.enter_context(there.connect(request(b"here")))
        until(there, 2)
        there.taker.free.set()
        assert reply(client).endswith(b"here")


class Clumsy(Taker):
    """Fails at the word, or once it has answered."""

    def take(self, request: Request, asker: Asker) -> None:
        if request.body == b"answer and fail":
            asker.set_result(Reply(200, b"answered"))
        if request.body.endswith(b"fail"):
            raise ZeroDivisionError
        super().take(request, asker)


def test_a_failure_is_the_failure_of_one_request() -> None:
    """Its client hears 500 without a word of why, and the next is served."""
    with street(taker=Clumsy()) as there:
        said = there.ask(request(b"fail"))
        assert said.startswith(b"HTTP/1.1 500")
        assert b"Zero" not in said
        with there.connect(request(BODY)) as client:
            assert reply(client).startswith(b"HTTP/1.1 200")


def test_nothing_is_said_behind_a_reply() -> None:
    """What fails after it was answered says no second time: the client would take it for the next reply."""
    with street(taker=Clumsy()) as there, there.connect(request(b"answer and fail") + request(BODY)) as client:
        assert [b"answered", BODY] == [reply(client).rpartition(b"\n")[2] for _ in range(2)]


def until(there: Street, n: int) -> None:
    """Wait until so many requests are being answered."""
    there.until(lambda: there.taker.asked >= n)
