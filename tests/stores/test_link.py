"""What happens to the end that listens, whatever the other sends and whatever becomes of it."""

import socket
import threading
from collections.abc import Iterator
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest
from running import until

from remit.stores.link import FRAME, RETRY_SECONDS_MAX, Watch, pauses, receive

MAIL = "ada@example.org"
SOUND = msgspec.msgpack.encode([1, {"text": "sound"}])
FAULTS = {
    "no message at all": b"\xc1" + MAIL.encode(),
    "no pair of number and news": msgspec.msgpack.encode({"number": 1, "news": MAIL}),
    "a number that is none": msgspec.msgpack.encode([MAIL, {"text": "sound"}]),
    "news of another shape": msgspec.msgpack.encode([1, {MAIL: MAIL}]),
    "news that a bug trips over": msgspec.msgpack.encode([1, {"text": ""}]),
}


class Teller:
    """The other end: tells every listener the same message, and again each time that it confirmed it."""

    def __init__(self, path: Path) -> None:
        self.message, self.again = SOUND, threading.Event()
        self._door = socket.socket(socket.AF_UNIX)
        self._door.bind(str(path))
        self._door.listen()
        threading.Thread(target=self._run, daemon=True).start()

    def tell(self, message: bytes) -> None:
        """Say this from now on, also to who listens already."""
        self.message = message
        self.again.set()

    def close(self) -> None:
        self._door.close()

    def _run(self) -> None:
        while True:
            try:
                sock, _ = self._door.accept()
            except OSError:
                return
            with sock:
                self._attend(sock)

    def _attend(self, sock: socket.socket) -> None:
        try:
            receive(sock)
            while True:
                self.again.clear()
                sock.sendall(FRAME.pack(len(self.message)) + self.message)
                receive(sock)
                self.again.wait()
        except OSError:
            return


class Ear:
    """Who listens to a teller that goes wrong in one way, and trips over news without a text."""

    def __init__(self, path: Path) -> None:
        self.said = list[str]()
        self.teller = Teller(path)
        self.watch = Watch(path, self.heard, self.said.append)
        assert self.watch.first.wait(20)

    def heard(self, update: Any) -> None:
        """The words of what it trips over bear a value."""
        if not update["text"]:
            raise RuntimeError(MAIL)


@pytest.fixture
def ears(tmp_path: Path) -> Iterator[list[Ear]]:
    """One for each fault."""
    found = []
    for number in range(len(FAULTS)):
        (tmp_path / str(number)).mkdir()
        found.append(Ear(tmp_path / str(number) / "ledger.sock"))
    yield found
    for ear in found:
        ear.teller.close()


def test_news_that_cannot_be_taken_in_are_news_that_did_not_come(ears: list[Ear]) -> None:
    """Whatever is wrong with them: it is lost time, is said once by its kind, and is over as soon as they are sound."""
    assert not any(ear.watch.stale for ear in ears)
    for ear, fault in zip(ears, FAULTS, strict=True):
        ear.teller.tell(FAULTS[fault])
    until(lambda: all(ear.watch.stale for ear in ears))

    told = dict(zip(FAULTS, (ear.said for ear in ears), strict=True))
    assert dict.fromkeys(FAULTS, 1) == {fault: len(said) for fault, said in told.items()}
    assert all(said[0].startswith("what the ledger tells cannot be taken in (") for said in told.values())
    assert MAIL not in str(told)

    for ear in ears:
        ear.teller.tell(SOUND)
    until(lambda: all(ear.said[1:] == ["what the ledger tells is heard again"] for ear in ears))
    assert not any(ear.watch.stale for ear in ears)


def test_what_fails_again_and_again_is_tried_less_and_less_often() -> None:
    """Each pause is longer than the one before, up to a bound that leaves nobody deaf for long."""
    first = list(islice(pauses(), 20))

    assert all(one < other for one, other in pairwise(first) if other < RETRY_SECONDS_MAX)
    assert {RETRY_SECONDS_MAX} == set(first[10:])
