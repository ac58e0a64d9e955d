"""A worker that leaves: whoever is connected gets their answer, told that it is the last, and nobody is cut off."""

import socket
from contextlib import ExitStack

import pytest
from street import BASIC, Street, head, heard, reply, request, street

from remit.gateway.bounds import Bounds

QUICK = Bounds(silent_seconds_max=0.3, request_seconds_max=1.0)
NEWCOMERS = 20
LAST = b"connection: close"
UNKNOWN = "authorization: Basic bm9ib2R5Og=="

pytestmark = pytest.mark.usefixtures("way")


def is_last(said: bytes) -> bool:
    """Whether a reply is a yes, and the last of its connection."""
    assert said.startswith(b"HTTP/1.1 200"), said
    return LAST in said


def asked(there: Street, *sent: bytes) -> socket.socket:
    """A client whose request the worker is at."""
    there.taker.free.clear()
    before = there.taker.asked
    client = there.connect(*sent)
    there.until(lambda: there.taker.asked > before)
    return client


def test_one_more_request_is_answered() -> None:
    """A connection that was kept gets one more reply, which says that it is the last; then both come to their end."""
    with street() as there, there.connect(request(b"0")) as kept, there.connect() as new:
        assert not is_last(reply(kept))
        there.until(lambda: len(there.connections()) == 2)
        there.leave()
        for number, client in enumerate((kept, new), start=1):
            client.sendall(request(b"%d" % number))
            assert is_last(reply(client))
            assert b"" == heard(client)
        there.until(there.has_left)
        assert [b"0", b"1", b"2"] == there.taker.bodies


def test_a_request_that_is_being_answered_is() -> None:
    """Its reply says that it is the last."""
    with street() as there, asked(there, request(b"0")) as client:
        there.leave()
        there.taker.free.set()
        assert is_last(reply(client))
        assert b"" == heard(client)
        there.until(there.has_left)


@pytest.mark.parametrize("cut", [1, 30, -1])
def test_a_request_that_is_on_its_way_is_waited_for(cut: int) -> None:
    """Wherever it is when the worker is told: in the middle of its head, or of its body."""
    whole = request(b"0123")
    with street() as there, there.connect(whole[:cut]) as client:
        there.until(lambda: any(one._part.value for one in there.connections()))
        there.leave()
        dated = there.server.server_state.default_headers
        there.until(lambda: there.server.server_state.default_headers is not dated)  # it goes on as ever
        client.sendall(whole[cut:])
        assert is_last(reply(client))
        there.until(there.has_left)
        assert [b"0123"] == there.taker.bodies


def test_requests_that_were_there_are_all_answered() -> None:
    """Those that wait behind another of their connection, too: the reply to the last of them says so."""
    with street() as there, asked(there, request(b"0"), request(b"1"), request(b"2")) as client:
        there.until(lambda: all(len(one.pipeline) == 2 for one in there.connections()))
        there.leave()
        there.taker.free.set()
        assert [False, False, True] == [is_last(reply(client)) for _ in range(3)]
        assert b"" == heard(client)
        assert [b"0", b"1", b"2"] == there.taker.bodies


@pytest.mark.parametrize("line", [BASIC, UNKNOWN])
def test_what_comes_behind_the_last_request_is_not_taken(line: str) -> None:
    """Sent with it or after it: who sends it hears nothing of it, and so sends it again."""
    with street() as there, there.connect() as client:
        there.until(lambda: len(there.connections()) == 1)
        there.leave()
        first = request(b"0").replace(BASIC.encode(), line.encode())
        client.sendall(first + request(b"1") + request(b"2"))
        said = heard(client)
        assert 1 == said.count(b"HTTP/1.1")
        assert LAST in said
        there.until(there.has_left)
        assert [b"0"][: line == BASIC] == there.taker.bodies


def test_what_comes_while_the_last_is_answered_is_not_taken() -> None:
    """The worker goes on to nothing else."""
    with street() as there, asked(there, request(b"0")) as client:
        there.leave()
        client.sendall(request(b"1"))
        there.until(lambda: all(len(one.pipeline) == 1 for one in there.connections()))
        there.taker.free.set()
        assert is_last(reply(client))
        assert b"" == heard(client)
        there.until(there.has_left)
        assert [b"0"] == there.taker.bodies


def test_who_asks_nothing_is_waited_for_as_ever() -> None:
    """The end of an idle connection comes when it would have come: earlier, a request could cross it on its way."""
    with street(QUICK) as there:
        there.server.config.timeout_keep_alive = 1
        with there.connect(request(b"0")) as kept, there.connect() as silent, there.connect(head(5)) as slow:
            reply(kept)
            there.until(lambda: len(there.connections()) == 3)
            there.leave()
            assert [b"", b""] == [heard(kept), heard(silent)]
            assert b"HTTP/1.1 408" in heard(slow)
            there.until(there.has_left)


def test_nobody_new_is_accepted() -> None:
    """Whoever connects from then on waits for another, who has the socket too."""
    with street() as there, asked(there, request(b"0")) as client, there.another() as another:
        there.leave()
        with ExitStack() as newcomers:
            for _ in range(NEWCOMERS):
                newcomers.enter_context(there.connect(request(b"1")))
            for _ in range(NEWCOMERS):
                accepted, _ = another.accept()
                newcomers.enter_context(accepted)
        there.taker.free.set()
        assert is_last(reply(client))
        there.until(there.has_left)
        assert [b"0"] == there.taker.bodies
