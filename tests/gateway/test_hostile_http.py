"""Requests that are two things at once, and connections that end in the middle."""

import socket
import threading

import pytest
from street import BASIC, WAIT_SECONDS_MAX, heard, reply, request, street

from remit.gateway.connection import Connection

pytestmark = pytest.mark.usefixtures("way")

HIDDEN = request(b"smuggled")
_START = f"POST /v1/batch HTTP/1.1\r\nhost: remit.example.org\r\n{BASIC}\r\n".encode()
_CHUNKS = b"3\r\nabc\r\n0\r\n\r\n"


def _head(*lines: bytes) -> bytes:
    return _START + b"".join(line + b"\r\n" for line in lines) + b"\r\n"


SMUGGLED = {
    "a length and chunks": _head(b"content-length: 4", b"transfer-encoding: chunked") + b"0\r\n\r\n",
    "chunks and a length": _head(b"transfer-encoding: chunked", b"content-length: 3") + _CHUNKS,
    "two lengths": _head(b"content-length: 3", b"content-length: %d" % (3 + len(HIDDEN))) + b"abc",
    "a length with a sign": _head(b"content-length: +3") + b"abc",
    "a length of two numbers": _head(b"content-length: 3, 3") + b"abc",
    "a length that is none": _head(b"content-length: 0x3") + b"abc",
    "a negative length": _head(b"content-length: -3") + b"abc",
    "a length without an end": _head(b"content-length: " + b"9" * 40) + b"abc",
    "chunks that are no last coding": _head(b"transfer-encoding: chunked, identity") + _CHUNKS,
    "another coding": _head(b"transfer-encoding: xchunked") + _CHUNKS,
    "chunks, twice": _head(b"transfer-encoding: chunked", b"transfer-encoding: identity") + _CHUNKS,
    "a blank before the colon": _head(b"transfer-encoding : chunked") + _CHUNKS,
    "a line that goes on": _head(b"transfer-encoding:", b" chunked", b"content-length: 3") + b"abc",
    "a bare line feed": _head(b"x: y\ntransfer-encoding: chunked", b"content-length: 3") + b"abc",
    "a bare carriage return": _head(b"x: y\rcontent-length: 0", b"content-length: 3") + b"abc",
    "a null": _head(b"x: y\x00", b"content-length: 3") + b"abc",
    "a size of a chunk with a sign": _head(b"transfer-encoding: chunked") + b"+3\r\nabc\r\n0\r\n\r\n",
    "a size of a chunk that is too large": _head(b"transfer-encoding: chunked") + b"f" * 17 + b"\r\nabc\r\n0\r\n\r\n",
    "a chunk longer than it says": _head(b"transfer-encoding: chunked") + b"1\r\nabc\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("how", SMUGGLED)
def test_no_request_is_two_things_at_once(how: str) -> None:
    """What two servers could divide differently is refused, or taken as one alone, and nothing behind it is heard."""
    with street() as there:
        said = there.ask(SMUGGLED[how] + HIDDEN)

        assert b"HTTP/1.1 400" in said
        assert b"smuggled" not in b"".join(there.taker.bodies)


def test_a_request_behind_a_sound_one_is_heard() -> None:
    """The same bytes are a request of their own where nothing is wrong before them."""
    with street() as there, there.connect(request(b"abc") + HIDDEN) as client:
        assert [b"abc", b"smuggled"] == [reply(client).rpartition(b"\n")[2] for _ in range(2)]


def test_who_says_no_more_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client may close its half of a connection once it has sent its request: it hears the reply, then the end."""
    ended, received = threading.Event(), Connection.eof_received

    def noted(connection: Connection) -> bool:
        stays = received(connection)
        ended.set()
        return stays

    monkeypatch.setattr(Connection, "eof_received", noted)
    with street() as there, there.connect() as client:
        there.taker.free.clear()
        client.sendall(request(b"last"))
        client.shutdown(socket.SHUT_WR)
        assert ended.wait(WAIT_SECONDS_MAX), "the end comes before the reply"
        there.taker.free.set()
        said = heard(client)

        assert 1 == said.count(b"HTTP/1.1 200")
        assert [b"last"] == there.taker.bodies


def test_who_says_no_more_hears_of_all_that_was_sent_ahead() -> None:
    """Each of several requests has its reply, in their order, whenever the end is noticed."""
    with street() as there, there.connect() as client:
        there.taker.free.clear()
        client.sendall(b"".join(request(b"%d" % number) for number in range(3)))
        client.shutdown(socket.SHUT_WR)
        there.until(lambda: there.taker.asked >= 1)
        there.taker.free.set()

        assert 3 == heard(client).count(b"HTTP/1.1 200")
        assert [b"0", b"1", b"2"] == there.taker.bodies


@pytest.mark.parametrize("sent", [b"", b"POST /v1/ba", request(b"abc")[:-1]])
def test_who_ends_before_the_request_is_there_is_let_go(sent: bytes) -> None:
    """Half a request and the end is nothing: no reply is owed, nothing is taken, and the connection ends."""
    with street() as there, there.connect(sent) as client:
        client.shutdown(socket.SHUT_WR)

        assert b"" == heard(client)
        assert [] == there.taker.bodies
