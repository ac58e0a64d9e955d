"""Many strangers at once: what a worker holds for all of them together is bounded, and others are served meanwhile."""

import socket
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

from running import House, until
from test_bombs import MIB, bounded

KEY = "authorization: Basic ZGVtby1hbmRyb2lkOg=="
PAGE = {"type": "page", "userId": "u", "properties": {"url": "/cart"}}
HEAD = f"POST /v1/batch HTTP/1.1\r\nhost: remit.example.org\r\n{KEY}\r\n"
BODY = HEAD + f"content-length: {20 * MIB}\r\n\r\n"
PATIENT_SECONDS_MAX = 60.0


@contextmanager
def clients(house: House, n: int) -> Iterator[list[socket.socket]]:
    """Connections that stay."""
    with ExitStack() as all_of_them:
        yield [
            all_of_them.enter_context(socket.create_connection(("127.0.0.1", house.port), PATIENT_SECONDS_MAX))
            for _ in range(n)
        ]


def send(start: str, amount: int) -> Callable[[socket.socket], None]:
    """Sends a beginning, and so much after it, as far as the other side listens."""

    def sent(client: socket.socket) -> None:
        try:
            client.sendall(start.encode())
            for _ in range(amount // MIB):
                client.sendall(b"a" * MIB)
        except ConnectionError:
            pass

    return sent


def status(client: socket.socket) -> str:
    """What a client is told; '' where the connection ended without a word."""
    try:
        return client.recv(12).decode()[9:]
    except ConnectionError:
        return ""


def taken(house: House) -> bool:
    """Whether an ordinary client is served."""
    return house.segment([PAGE]).status_code == 200


def test_long_header_lines_are_not_held(house: House) -> None:
    """Two hundred connections with a header line of a megabyte each are refused, in the memory of a few."""
    with (
        bounded(house.children()["intake"], 64 * MIB),
        clients(house, 200) as crowd,
        ThreadPoolExecutor(200) as at_once,
    ):
        list(at_once.map(send(HEAD + "x: ", MIB), crowd))
        assert taken(house)
        assert Counter({"431": 200}) == Counter(map(status, crowd))


def test_unfinished_bodies_are_not_all_held(house: House) -> None:
    """Of a hundred bodies of nineteen megabytes without an end, as many are held as there is room for."""
    with (
        bounded(house.children()["intake"], 192 * MIB),
        clients(house, 100) as crowd,
        ThreadPoolExecutor(100) as at_once,
    ):
        list(at_once.map(send(BODY, 19 * MIB), crowd))
        assert taken(house)
        for client in crowd:
            client.setblocking(False)
        assert 100 > len(hanging(crowd)) > 0
    until(lambda: house.segment([{**PAGE, "context": {"x": "a" * 500_000}}]).status_code == 200)


def hanging(crowd: list[socket.socket]) -> list[socket.socket]:
    """Those that nobody has answered."""
    found = []
    for client in crowd:
        try:
            client.recv(12)
        except BlockingIOError:
            found.append(client)
        except ConnectionError:
            pass
    return found


def test_many_small_bodies_that_do_not_end_cost_little(house: House) -> None:
    """With more connections than there are places, each holding what everybody may, an ordinary client is served."""
    with bounded(house.children()["intake"], 192 * MIB), clients(house, 950) as crowd:
        for client in crowd:
            send(BODY + "a" * 60_000, 0)(client)
        assert all(taken(house) for _ in range(20))


def test_who_says_nothing_more_is_given_up(house: House) -> None:
    """A request that stops coming ends its connection, while others are served; who had begun to ask is told."""
    starts = {HEAD + "x: ": "408", BODY + "a": "408", "": ""}
    with clients(house, 60) as crowd:
        told = dict(zip(crowd, [*starts] * 20, strict=True))
        for client, start in told.items():
            send(start, 0)(client)
        assert taken(house)
        assert [starts[start] for start in told.values()] == [status(client) for client in told]
        assert taken(house)


def test_nothing_of_it_is_a_fault(house: House) -> None:
    """No child died of it, and the output says nothing."""
    output = house.output.read_text()

    assert "died" not in output
    assert "Traceback" not in output
