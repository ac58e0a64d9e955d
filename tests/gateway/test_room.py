"""Room for bodies: bounded for all together, free again in time, and never lacking for what is small."""

import asyncio
import gzip
import select
from contextlib import ExitStack

import pytest
from street import BASIC, WAIT_SECONDS_MAX, Street, head, heard, reply, request, street

from remit.gateway.app import BODY_BYTES_MAX
from remit.gateway.bounds import Bounds
from remit.gateway.room import Busy, Room, Share

SMALL, MOST = 100, 1000
TIGHT = Bounds(small_bytes=SMALL, held_bytes_max=MOST)
KIB = 1024
CROWDED = Bounds(small_bytes=64 * KIB, held_bytes_max=512 * KIB)
IMPATIENT = Bounds(small_bytes=64 * KIB, held_bytes_max=512 * KIB, fair_seconds=0.0)
NOBODY = "authorization: Basic bm9ib2R5Og=="


def within(room: Room, *sizes: int) -> list[Share]:
    """Shares that each hold so much."""
    shares = []
    for size in sizes:
        shares.append(Share(room))
        shares[-1].add(size)
    return shares


def test_the_room_is_one_for_all() -> None:
    """What each may hold anyway is not counted; beyond it, all together hold as much as is allowed and no more."""

    async def act() -> None:
        room = Room(TIGHT)
        shares = within(room, *[SMALL] * 50, SMALL + MOST // 2, SMALL + MOST // 2)
        assert MOST == room.held
        with pytest.raises(Busy):
            shares[0].add(1)
        shares[-1].drop(1)
        shares[0].add(1)
        with room.share() as one:
            one.add(SMALL)
            with pytest.raises(Busy):
                one.add(1)
        assert MOST == room.held

    asyncio.run(act())


def test_what_is_given_back_is_free() -> None:
    """However a request ends, nothing of it stays taken."""

    async def act() -> None:
        room = Room(TIGHT)
        for _ in range(3):
            with pytest.raises(ZeroDivisionError), room.share() as share:
                share.add(SMALL + MOST)
                raise ZeroDivisionError
        assert 0 == room.held

    asyncio.run(act())


@pytest.mark.parametrize(("fair", "given"), [(0.0, True), (3600.0, False)])
def test_who_takes_long_gives_way(fair: float, given: bool) -> None:
    """A body that had its time gives its room to one that needs it; one that comes as fast as others does not."""

    async def act() -> None:
        room = Room(Bounds(small_bytes=SMALL, held_bytes_max=MOST, fair_seconds=fair))
        started, ended = asyncio.Event(), list[str]()

        async def slow() -> None:
            with room.share() as share:
                try:
                    async with share.arriving():
                        share.add(SMALL + MOST)
                        started.set()
                        await asyncio.sleep(60)
                except Busy:
                    ended.append("slow")

        task = asyncio.create_task(slow())
        await started.wait()
        with room.share() as share:
            try:
                share.add(SMALL + 1)
            except Busy:
                ended.append("fast")
                task.cancel()
            await asyncio.wait([task])
        assert ["slow" if given else "fast"] == ended
        assert 0 == room.held

    asyncio.run(act())


def test_who_is_there_does_not_give_way() -> None:
    """A body that is there is on its way to the disk: whoever comes has to wait for that."""

    async def act() -> None:
        room = Room(Bounds(small_bytes=SMALL, held_bytes_max=MOST, fair_seconds=0.0))
        with room.share() as whole, room.share() as late:
            async with whole.arriving():
                whole.add(SMALL + MOST)
            with pytest.raises(Busy):
                late.add(SMALL + 1)

    asyncio.run(act())


def test_with_no_room_large_bodies_are_told_to_come_again_and_small_ones_taken() -> None:
    """In the vendor's words, with the time to wait, while the unfinished bodies of strangers hold all there is."""
    large = b" " * (200 * KIB)
    with street(CROWDED) as there, ExitStack() as crowd:
        hogs = [crowd.enter_context(there.connect(head(20 << 20) + b" " * (310 * KIB))) for _ in range(2)]
        there.until_held(2 * (310 - 64) * KIB)
        said = there.ask(request(large, "connection: close"))
        assert said.startswith(b"HTTP/1.1 503")
        assert b"\r\nretry-after: 10\r\n" in said
        assert said.endswith(b'{"code":"busy","message":"busy"}')
        assert b"HTTP/1.1 200" in there.ask(request(b" " * (60 * KIB), "connection: close"))
        for hog in hogs:
            hog.close()
        until_taken(there, large)


def test_who_is_refused_early_may_send_on_and_hears_it() -> None:
    """A client that writes its whole body before it reads is not cut off meanwhile, and finds the refusal."""
    nobodys = head(4 << 20, "connection: close").replace(BASIC.encode(), NOBODY.encode())
    with street() as there, there.connect(nobodys + b" " * (64 * KIB)) as client:
        select.select([client], [], [], WAIT_SECONDS_MAX)
        for _ in range(32):
            client.sendall(b" " * (64 * KIB))
        assert b"HTTP/1.1 401" in heard(client)


def until_taken(there: Street, body: bytes) -> None:
    """A client that tries again, as it was told."""
    for _ in range(1000):
        if b"HTTP/1.1 200" in there.ask(request(body, "connection: close")):
            return
    pytest.fail("there was never room")


def test_strangers_that_had_their_time_give_way() -> None:
    """Whoever fills the room with bodies that do not end is told, and others have their place."""
    large = b" " * (500 * KIB)
    with street(IMPATIENT) as there, ExitStack() as crowd:
        hogs = [crowd.enter_context(there.connect(head(20 << 20) + b" " * (310 * KIB))) for _ in range(2)]
        there.until_held(2 * (310 - 64) * KIB)
        assert b"HTTP/1.1 200" in there.ask(request(large, "connection: close"))
        assert reply(hogs[0]).startswith(b"HTTP/1.1 503")
        assert [large] == there.taker.bodies


def test_what_a_body_inflates_to_takes_room() -> None:
    """Small as it came, and as large as any when it is opened."""
    body = gzip.compress(bytes(2 << 20))
    with street(CROWDED) as there:
        assert b"HTTP/1.1 503" in there.ask(request(body, "content-encoding: gzip", "connection: close"))
        body = gzip.compress(bytes(200 * KIB))
        for _ in range(20):
            assert b"HTTP/1.1 200" in there.ask(request(body, "content-encoding: gzip", "connection: close"))


def test_a_body_that_says_it_is_too_large_is_not_read() -> None:
    """Its length is refused in the vendor's words, without waiting for what it will never take."""
    with street() as there, there.connect(head(BODY_BYTES_MAX + 1) + b" " * (64 * KIB)) as client:
        assert b'"too_large"' in reply(client)
        assert [] == there.taker.bodies


@pytest.mark.parametrize("path", ["/v1/batch", "/api/1/envelope/?sentry_key=nobody"])
def test_a_key_that_is_nobodys_is_refused_before_the_body(path: str) -> None:
    """Where the head says whose it is, the body of nobody is not waited for: after a small part of it, the refusal."""
    unknown = head(10 << 20, path=path).replace(b"authorization: Basic ZGVtbzo=", NOBODY.encode())
    with street() as there:
        with there.connect(unknown + b" " * (64 * KIB)) as client:
            assert reply(client).split(b" ")[1] in (b"401", b"403")
        whole = unknown.replace(b"%d" % (10 << 20), b"1000") + b" " * 1000
        with there.connect(whole + whole) as client:
            assert reply(client)[:12] == reply(client)[:12]
        assert {"unknown_key": 3} == there.taker.refused


def test_who_asks_before_sending_is_answered_before_sending() -> None:
    """A client that waits for a word gets one: to go on, or the refusal and the end, without a byte of the body."""
    unknown = head(1000, "expect: 100-continue").replace(b"ZGVtbzo=", b"bm9ib2R5Og==")
    with street() as there:
        said = there.ask(unknown)
        assert said.startswith(b"HTTP/1.1 401")
        assert b"connection: close" in said
        with there.connect(head(2, "expect: 100-continue")) as client:
            assert b"HTTP/1.1 100" in client.recv(25, 0x100)
            client.sendall(b"{}")
            assert b"HTTP/1.1 200" in reply(client)


def test_who_leaves_in_the_middle_is_nobodys_mistake() -> None:
    """A request that never came whole is neither taken nor counted as refused."""
    with street() as there:
        for _ in range(5):
            there.connect(head(1000) + b"{").close()
        assert heard(there.connect(request(b"{}", "connection: close"))).startswith(b"HTTP/1.1 200")
        assert ({}, [b"{}"]) == (there.taker.refused, there.taker.bodies)
