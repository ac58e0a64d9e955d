"""What an app may rely on: records wait on disk for as long as they have to, and nothing is thrown at the app."""

import ssl
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from certified import certified
from hypothesis import given
from hypothesis import strategies as st
from moody import KEY, Moody, moody
from running import until

from remit.client import Client, ClientLimits

SLOW = ClientLimits(bundle_seconds=3600, wait_seconds_min=3600, wait_seconds_max=3600, closing_seconds=0)
"""Nothing happens by itself."""
SMALL = ClientLimits(buffer_bytes=16 * 4096, bundle_bytes=2048, bundle_seconds=3600, closing_seconds=0)
ONE = ClientLimits(bundle_records=1, closing_seconds=0)
NOBODY = "http://127.0.0.1:9"


def files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.ndjson"))


def sent(server: Moody) -> list[dict[str, Any]]:
    return [one for body in server.bodies for one in body]


def test_a_record_arrives_as_it_was_told(tmp_path: Path) -> None:
    """Kind, items, weight, id and choice token; what is None is left out, and ids differ."""
    with moody() as server, Client(server.address, KEY, tmp_path) as client:
        client.record("page_visit", {"page.url": "/cart", "screen.width": 1.5, "flag": True, "email": None}, n=3)
        client.record("event", id="order-7", choice="remit-1:a-token")
        client.record("event", choice="")
        assert client.flush(30)

        first, second, third = sent(server)
        assert {"kind": "page_visit", "n": 3, "items": {"page.url": "/cart", "screen.width": 1.5, "flag": True}} == {
            key: value for key, value in first.items() if key != "id"
        }
        assert {"kind": "event", "id": "order-7", "items": {}, "choice": "remit-1:a-token"} == second
        assert {"kind", "id", "items"} == set(third)
        assert 3 == len({first["id"], second["id"], third["id"]})
        assert f"Bearer {KEY}" == server.heads[0]["authorization"]
        assert (3, 3, 0) == (client.stats().recorded, client.stats().taken, client.stats().waiting)


def test_the_buffer_is_for_its_user_alone_and_empty_when_all_is_sent(tmp_path: Path) -> None:
    """Folders are 0700 and files 0600, whatever the umask; what was answered for leaves no file."""
    with moody() as server, Client(server.address, KEY, tmp_path / "buffer", limits=SLOW) as client:
        client.record("account", {"email": "ada@example.org"})

        (file,) = files(tmp_path)
        assert (0o600, 0o700, 0o700) == tuple(
            stat.S_IMODE(path.stat().st_mode) for path in (file, file.parent, tmp_path / "buffer")
        )
        assert b"ada@example.org" in file.read_bytes()
        assert client.flush(30)
        assert [] == files(tmp_path)


def test_forget_leaves_nothing(tmp_path: Path) -> None:
    """Neither what this process recorded nor what another left is on disk afterwards, or ever sent."""
    with Client(NOBODY, KEY, tmp_path, limits=SLOW) as client:
        client.record("account", {"email": "ada@example.org"})
    assert 1 == len(files(tmp_path))

    with moody() as server:
        server.mood = "busy"  # before there is a client: what it finds it may send at once
        with Client(server.address, KEY, tmp_path, limits=SLOW) as client:
            client.record("account", {"email": "bob@example.org"})
            assert 2 == client.forget()
            assert [] == files(tmp_path)

            server.mood = "takes"
            assert client.flush(30)
            assert {} == server.taken
            assert {"forgotten": 2} == client.stats().dropped


MISTAKES: list[tuple[str, Any, dict[str, Any], type[Exception]]] = [
    ("ada@example.org", {}, {}, ValueError),
    ("event", {"email": ["ada@example.org"]}, {}, TypeError),
    ("event", {7: "ada@example.org"}, {}, TypeError),
    ("event", {"": "ada@example.org"}, {}, TypeError),
    ("event", ["ada@example.org"], {}, TypeError),
    ("event", {}, {"n": 0}, ValueError),
    ("event", {}, {"n": 2**31 + 1}, ValueError),
    ("event", {}, {"n": 1.5}, TypeError),
    ("event", {}, {"id": ""}, ValueError),
    ("event", {}, {"choice": "é@example.org"}, ValueError),
    ("event", {}, {"choice": "ada@example.org" * 300}, ValueError),
]


@pytest.mark.parametrize(("kind", "items", "more", "error"), MISTAKES)
def test_a_mistake_of_the_program_is_raised_and_no_value_with_it(
    tmp_path: Path, kind: Any, items: Any, more: dict[str, Any], error: type[Exception]
) -> None:
    """A kind, name, type or number that no run of the program could make right: an error without what it was about."""
    with Client(NOBODY, KEY, tmp_path, limits=SLOW) as client:
        with pytest.raises(error) as raised:
            client.record(kind, items, **more)

        assert "example.org" not in str(raised.value)
        assert 0 == client.stats().recorded


@pytest.mark.parametrize(
    "arguments",
    [("ftp://127.0.0.1", KEY), ("127.0.0.1:8080", KEY), (NOBODY, ""), (NOBODY, "a\r\nb"), (NOBODY + "?a=b", KEY)],
)
def test_an_address_or_key_that_cannot_be_is_refused(tmp_path: Path, arguments: tuple[str, str]) -> None:
    """Before anything is recorded under it."""
    with pytest.raises(ValueError, match=r"address|key"):
        Client(*arguments, tmp_path)


def test_a_folder_that_cannot_be_is_said_at_once(tmp_path: Path) -> None:
    """An app that could keep nothing learns of it when it starts."""
    (tmp_path / "file").touch()

    with pytest.raises(OSError, match="file"):
        Client(NOBODY, KEY, tmp_path / "file")


ODD: list[str | float] = ["\ud800", "x" * 2049, float("nan"), float("inf"), 2**63, 10**5000]


def test_a_value_that_cannot_travel_takes_nothing_with_it(tmp_path: Path) -> None:
    """It is not the program's fault: the empty text stands for it, which is malformed, and the rest arrives."""
    with moody() as server, Client(server.address, KEY, tmp_path) as client:
        for value in ODD:
            client.record("event", {"event.value": value, "page.url": "/\n\u2028cart"})
        assert client.flush(30)

        assert [{"event.value": "", "page.url": "/\n\u2028cart"}] * len(ODD) == [one["items"] for one in sent(server)]


def test_the_oldest_gives_way_and_is_counted(tmp_path: Path) -> None:
    """However long nobody answers, the disk holds no more than was said, and the newest of it."""
    client = Client(NOBODY, KEY, tmp_path, limits=SMALL)
    for number in range(3000):
        client.record("event", {"number": number})
        assert sum(4096 for _ in files(tmp_path)) <= SMALL.buffer_bytes + 4096 or number % 100

    stats = client.stats()
    assert sum(4096 for _ in files(tmp_path)) <= SMALL.buffer_bytes
    assert stats.recorded == stats.waiting + stats.dropped["buffer_full"]
    assert stats.waiting > 100
    client.close()
    with moody() as server, Client(server.address, KEY, tmp_path) as again:
        assert again.flush(30)
        assert list(range(3000 - stats.waiting, 3000)) == server.numbers()


def test_a_record_that_no_bundle_can_hold_is_counted(tmp_path: Path) -> None:
    """It would be refused by itself, and others with it."""
    with Client(NOBODY, KEY, tmp_path, limits=SMALL) as client:
        client.record("event", {f"text.{n}": "x" * 2000 for n in range(2)})

        assert {"too_large": 1} == client.stats().dropped


def test_a_stranger_stops_until_told_otherwise(tmp_path: Path) -> None:
    """After a 401 nothing is sent, whatever is recorded; with a new key all of it is."""
    with moody() as server, Client(server.address, KEY, tmp_path) as client:
        server.mood = "stranger"
        client.record("event", {"number": 1})
        assert not client.flush(30)
        client.record("event", {"number": 2})
        assert not client.flush(30)
        assert (1, True) == (server.asked["stranger"], client.stats().halted)

        server.mood = "takes"
        client.resume("another")
        assert client.flush(30)
        assert ([1, 2], "Bearer another") == (server.numbers(), server.heads[-1]["authorization"])


def test_a_reply_to_an_older_key_stops_nobody(tmp_path: Path) -> None:
    """What was sent before resume() may be refused after it: what the app said last holds."""
    with moody() as server, Client(server.address, KEY, tmp_path, limits=ONE) as client:
        server.mood = "stranger"
        server.may_refuse.clear()
        client.record("event", {"number": 1})
        server.until_asked(1)
        server.mood = "takes"
        client.resume("another")
        server.may_refuse.set()

        assert client.flush(30)
        assert ([1], "Bearer another") == (server.numbers(), server.heads[-1]["authorization"])


def test_one_sender_runs_however_many_threads_record_first(tmp_path: Path) -> None:
    """A child process has no sender until it records: of threads that do so at once, one starts it."""
    with Client(NOBODY, KEY, tmp_path, limits=SLOW) as client:
        sender, running = client._sender, threading.active_count()
        sender._thread = None  # as in a child process, where no thread has come along
        ready = threading.Barrier(8)

        def first() -> None:
            ready.wait(30)
            sender.begin()

        threads = [threading.Thread(target=first) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert 1 == threading.active_count() - running


def test_what_remit_asks_to_wait_is_waited(tmp_path: Path) -> None:
    """Under Retry-After nothing is sent, not even for a flush; after a failure without it, a flush tries once."""
    with moody() as server, Client(server.address, KEY, tmp_path, limits=SLOW) as client:
        server.mood = "broken"
        client.record("event", {"number": 1})
        assert not client.flush(0.3)
        server.until_asked(1)
        until(lambda: client._sender._failures == 1)
        server.mood, server.retry_after = "busy", "86400"
        assert not client.flush(0.3)
        server.until_asked(1)
        until(lambda: client._sender._failures == 2)
        server.mood = "takes"

        assert not client.flush(0.3)
        assert (0, 1) == (server.asked["takes"], client.stats().waiting)


@given(st.floats(0.001, 10), st.floats(10, 1000), st.integers(0, 2000))
def test_waits_double_up_to_the_longest(shortest: float, longest: float, failures: int) -> None:
    """The first is the shortest, each at most twice the one before, none above the longest, however often it failed."""
    limits = ClientLimits(wait_seconds_min=shortest, wait_seconds_max=longest)
    waits = [limits.wait_seconds(failures + more) for more in (0, 1)]

    assert shortest == limits.wait_seconds(0) <= waits[0] <= waits[1] <= longest == limits.wait_seconds(2000)
    assert waits[1] in (2 * waits[0], longest)


def test_many_threads_may_record_at_once(tmp_path: Path) -> None:
    """Each record of each arrives once, whole."""
    with moody() as server, Client(server.address + "/below/", KEY, tmp_path) as client:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda number: client.record("event", {"number": number}), range(2000)))

        assert client.flush(60)
        assert list(range(2000)) == server.numbers()
        assert {"/below/remit/v1/records"} == set(server.paths)


def test_a_server_that_cannot_prove_itself_is_told_nothing(tmp_path: Path) -> None:
    """Over https nothing is sent before the certificate is believed; an authority of one's own may be named."""
    cert, key = certified(tmp_path)
    with moody((cert, key)) as server:
        with Client(server.address, KEY, tmp_path / "buffer", limits=SLOW) as client:
            client.record("event", {"number": 1})
            assert not client.flush(0.3)
            until(lambda: client._sender._failures >= 1)
            assert [] == server.bodies
        believed = ssl.create_default_context(cafile=str(cert))
        with Client(server.address, KEY, tmp_path / "buffer", context=believed) as client:
            assert client.flush(30)
            assert [1] == server.numbers()


def test_what_is_too_large_is_halved_until_it_is_taken(tmp_path: Path) -> None:
    """A server that takes one at a time gets each one once."""
    with moody() as server, Client(server.address, KEY, tmp_path, limits=SLOW) as client:
        server.mood = "one at a time"
        for number in range(11):
            client.record("event", {"number": number})

        assert client.flush(30)
        assert list(range(11)) == server.numbers()
        assert 11 == client.stats().taken


def test_what_nobody_will_ever_take_is_dropped_and_told_by_its_code(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A 400 ends a bundle: its number and remit's word for it are logged, and no value."""
    with moody() as server, Client(server.address, KEY, tmp_path, limits=SLOW) as client:
        server.mood = "malformed"
        client.record("account", {"email": "ada@example.org"})

        assert client.flush(30)
        assert {"malformed": 1} == client.stats().dropped
        assert "1 records: malformed" in caplog.text
        assert "ada" not in caplog.text


def test_a_line_that_a_power_cut_left_half_is_passed_over(tmp_path: Path) -> None:
    """The whole lines of a bundle arrive; what is no record is none."""
    client = Client(NOBODY, KEY, tmp_path, limits=SLOW)
    client.record("event", {"number": 1})
    client.record("event", {"number": 2})
    client.close()
    (file,) = files(tmp_path)
    file.write_bytes(file.read_bytes()[:-4] + b"\n\0\0\0\0\n{}")

    with moody() as server, Client(server.address, KEY, tmp_path) as again:
        assert again.flush(30)
        assert [1] == server.numbers()
        assert (1, 1) == (again.stats().found, again.stats().taken)


def test_after_its_end_a_client_takes_nothing_and_throws_nothing(tmp_path: Path) -> None:
    """A late record, as at the end of a program, is counted."""
    client = Client(NOBODY, KEY, tmp_path, limits=SLOW)
    client.close()
    client.record("event")

    assert {"closed": 1} == client.stats().dropped
    assert client.close()
