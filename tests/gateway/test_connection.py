"""What strangers send before anybody reads it: bounded in bytes, time and number, and told why where that can be."""

import time
from contextlib import ExitStack

import pytest
from street import BASIC, head, heard, reply, request, street, told

from remit.gateway.bounds import Bounds

QUICK = Bounds(silent_seconds_max=0.3, request_seconds_max=1.0)
PATIENT_SECONDS_MAX = 60.0
CHUNKED = f"POST /v1/batch HTTP/1.1\r\nhost: x\r\n{BASIC}\r\ntransfer-encoding: chunked\r\n\r\n".encode()


pytestmark = pytest.mark.usefixtures("way")


def test_a_head_as_large_as_allowed_is_read_and_a_larger_one_refused() -> None:
    """Up to the bound a head may have any form; beyond it, whole or not, it gets 431 and the connection ends."""
    most = Bounds().head_bytes_max
    with street() as there:
        assert b"HTTP/1.1 200" in there.ask(request(b"{}", f"x: {'a' * (most - 200)}", "connection: close"))
        for form in (f"x: {'a' * most}", "\r\n".join([f"x: {'a' * 1000}"] * (most // 1000 + 1))):
            assert b"HTTP/1.1 431" in there.ask(request(b"{}", form))
        assert b"HTTP/1.1 431" in there.ask(b"POST /" + b"a" * (2 * most))
        assert b"HTTP/1.1 431" in there.ask(head(0)[:-2] + b"x: " + b"a" * (4 * most))
        assert {"too_large": 4} == there.taker.refused


def test_a_head_has_so_many_lines_and_no_more() -> None:
    """Each line costs much more than it says."""
    lines = [f"x{i}: 1" for i in range(Bounds().header_lines_max - 4)]
    with street() as there:
        assert b"HTTP/1.1 200" in there.ask(request(b"{}", *lines, "connection: close"))
        assert b"HTTP/1.1 431" in there.ask(request(b"{}", *lines, "one: more", "connection: close"))


def test_what_follows_a_chunked_body_is_bounded_too() -> None:
    """Lines after a body are of no use to anybody, so they are not kept; one without an end is refused."""
    most = Bounds().head_bytes_max
    with street() as there:
        few = b"2\r\n{}\r\n0\r\n" + b"x: 1\r\n" * 500 + b"\r\n"
        with there.connect(CHUNKED, few) as client:
            assert b"HTTP/1.1 200" in reply(client)
            client.sendall(request(b"{}", "connection: close"))
            assert b"HTTP/1.1 200" in heard(client)
        assert b"HTTP/1.1 431" in there.ask(CHUNKED, b"2\r\n{}\r\n0\r\nx: ", b"a" * (4 * most))
        assert b"HTTP/1.1 431" in there.ask(CHUNKED, b"2;" + b"a" * (4 * most))


def test_bodies_come_in_chunks_of_any_size() -> None:
    """A body in chunks of one byte is as good as in one, though its frames are larger than it is."""
    body = b'{"batch":[]}' * 4000
    with street() as there, there.connect(CHUNKED) as client:
        client.sendall(b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n")
        assert b"HTTP/1.1 200" in reply(client)
        assert [body] == there.taker.bodies


def test_a_connection_serves_one_request_after_the_other() -> None:
    """Kept alive, also when requests are sent before their replies are there: each gets its own, in order."""
    with street() as there, there.connect() as client:
        for number in range(20):
            client.sendall(request(b"%d" % number))
            assert reply(client).endswith(b"\r\n\r\n%d" % number)
        client.sendall(b"".join(request(b"%d" % number + b" " * 20_000) for number in range(6)))
        assert [b"%d " % number for number in range(6)] == [reply(client)[-16:][:2] for number in range(6)]
        assert {} == there.taker.refused


def test_a_reply_without_a_body_leaves_at_once() -> None:
    """Also one to a request that is waited for behind another, and the word by which a client goes on."""
    asked = b"HEAD /nowhere HTTP/1.1\r\nhost: x\r\n\r\n"
    with street() as there, there.connect(asked * 2) as client:
        assert [b"HTTP/1.1 404"] * 2 == [told(client)[:12] for _ in range(2)]
        client.sendall(head(2)[:-2] + b"expect: 100-continue\r\n\r\n")
        assert b"HTTP/1.1 100 Continue\r\n\r\n" == told(client)
        client.sendall(b"{}")
        assert reply(client).startswith(b"HTTP/1.1 200")


def test_who_sends_too_much_ahead_is_cut_off() -> None:
    """Requests that wait for others of their connection are held by nobody's word: only a few may."""
    with street() as there:
        there.taker.free.clear()
        assert b"" == there.ask(request(b"{}") * 5000)
        assert {"busy": 1} == there.taker.refused


@pytest.mark.parametrize("part", [b"", b"POST /v1/ba", head(0)[:-2], head(100), head(100) + b"{", CHUNKED + b"2\r\n{"])
def test_a_request_that_stops_coming_is_given_up(part: bytes) -> None:
    """Wherever it stops, the connection ends; who had begun to ask is told."""
    with street(QUICK) as there:
        said = there.ask(part) if part else there.ask()
        assert (b"HTTP/1.1 408" in said) == bool(part)
        assert ({"too_slow": 1} if part else {}) == there.taker.refused


@pytest.mark.parametrize("start", [b"POST /v1/batch HTTP/1.1\r\nx: ", head(10_000)])
def test_a_request_that_comes_drop_by_drop_is_given_up(start: bytes) -> None:
    """Never silent for long, and never done: there is an end to it all the same."""
    with street(QUICK) as there, there.connect(start) as client:
        client.settimeout(0.05)
        said, patience = b"", time.monotonic() + PATIENT_SECONDS_MAX
        while not said:
            assert time.monotonic() < patience
            client.sendall(b"a")
            try:
                said = client.recv(1000)
            except TimeoutError:
                continue
        assert said.startswith(b"HTTP/1.1 408")


def test_who_was_answered_is_not_waited_for() -> None:
    """A reply that did not need the body leaves the rest of it no more time than it had."""
    with street(QUICK) as there:
        said = there.ask(head(1_000_000, path="/nowhere") + b"a" * 1000)
        assert said.startswith(b"HTTP/1.1 404")
        assert {"no_protocol": 1} == there.taker.refused


def test_slow_requests_that_are_not_too_slow_are_taken() -> None:
    """Who never stops for long is waited for, though all together takes longer than one silence may."""
    body = b'{"a":1}'
    with street(Bounds(silent_seconds_max=1.0)) as there, there.connect(head(len(body))) as client:
        for byte in body:
            time.sleep(0.2)
            client.sendall(bytes([byte]))
        assert b"HTTP/1.1 200" in reply(client)


def test_the_longest_waited_for_gives_way() -> None:
    """With all places taken by requests that do not come, whoever comes next has one; the first of them is told."""
    with street(Bounds(connections_max=20)) as there, ExitStack() as crowd:
        slow = [crowd.enter_context(there.connect(head(100))) for _ in range(10)]
        slow += [crowd.enter_context(there.connect(b"POST /")) for _ in range(10)]
        for number in range(30):
            assert b"HTTP/1.1 200" in there.ask(request(b"%d" % number, "connection: close"))
        said = heard(slow[0])
        assert said.startswith(b"HTTP/1.1 503")
        assert b"retry-after: 5\r\n" in said
        assert 1 <= there.taker.refused["busy"] <= len(slow)


def test_who_is_being_answered_does_not_give_way() -> None:
    """A request that is there keeps its place, and newcomers are told to come again."""
    with street(Bounds(connections_max=5)) as there, ExitStack() as crowd:
        there.taker.free.clear()
        asked = [crowd.enter_context(there.connect(request(b"%d" % number))) for number in range(5)]
        there.until(lambda: there.taker.asked == len(asked))
        assert heard(there.connect()).startswith(b"HTTP/1.1 503")
        there.taker.free.set()
        assert all(reply(client).startswith(b"HTTP/1.1 200") for client in asked)


def test_what_is_not_http_is_told_so() -> None:
    """Without a word of what was sent."""
    with street() as there:
        assert b"HTTP/1.1 400" in there.ask(b"\x16\x03\x01secret\r\n\r\n")
        assert b"secret" not in there.ask(b"\x16\x03\x01secret\r\n\r\n")
        assert {"malformed": 2} == there.taker.refused
