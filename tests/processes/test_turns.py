"""The divider tells truly whether it delivers, since when it does not, and why, in words that bear no value."""

from collections.abc import Callable
from pathlib import Path

import pytest

from remit.house import FACTS, Undelivered, _delivery, sockets
from remit.processes.turns import LATE_SECONDS, LONG, Turns
from remit.settings import Settings
from remit.stores.link import Server

MAIL = "ada@example.org"


class Line:
    """A divider whose turns end as they are told to, and a clock that stands still."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.fault: Exception | None = None
        self.turns = Turns(self._drain, clock=lambda: self.seconds)

    def _drain(self, ended: Callable[[], None]) -> None:
        if self.fault is not None:
            raise self.fault
        ended()

    def after(self, seconds: float) -> str | None:
        """The trouble, once so much time has gone by and another turn was tried."""
        self.seconds += seconds
        self.turns.attempt()
        return self.turns.trouble()


def test_a_keeper_may_be_away_for_a_few_turns() -> None:
    """Trouble is what lasts: until then, and from the first turn that is delivered again, there is none."""
    line = Line()
    line.fault = Undelivered("the vault keeper does not take what was divided")

    assert line.after(LATE_SECONDS) is None
    told = line.after(1)
    assert told is not None
    assert told.startswith("nothing was delivered since 20")
    assert told.endswith(" UTC: the vault keeper does not take what was divided")
    line.fault = None
    assert line.after(0) is None


def test_trouble_names_the_last_turn_that_was_delivered() -> None:
    """However often it is tried since, the words stay the same: a page that shows them stands still."""
    line = Line()
    line.fault = Undelivered("the facts keeper does not take what was divided")

    assert 1 == len({line.after(LATE_SECONDS + 1) for _ in range(100)})


def test_a_turn_that_hangs_is_trouble_too() -> None:
    """Who asks does not wait for it, and who divides says nothing of it."""
    line = Line()
    line.seconds = LATE_SECONDS + 1

    assert str(line.turns.trouble()).endswith(LONG)


def test_a_long_drain_that_goes_forward_is_none() -> None:
    """A backlog takes as many turns as it takes: each that is delivered counts."""
    line, told = Line(), list[str | None]()

    def backlog(ended: Callable[[], None]) -> None:
        for _ in range(5):
            line.seconds += LATE_SECONDS
            told.append(turns.trouble())
            ended()

    turns = Turns(backlog, clock=lambda: line.seconds)
    turns.drain()
    assert [None] * 5 == told


def test_what_went_wrong_is_told_by_its_kind(capfd: pytest.CaptureFixture[str]) -> None:
    """A fault's own words could quote a value: neither the trouble nor the log bears them, and the log says it once."""
    line = Line()
    line.fault = KeyError(MAIL)
    told = [line.after(LATE_SECONDS) for _ in range(3)]
    line.fault = None
    line.after(0)

    said = capfd.readouterr().err.splitlines()
    assert str(told[-1]).endswith("a turn failed (KeyError)")
    assert ["the divider waits, and tries again: a turn failed (KeyError)", "the divider delivers again"] == [
        line.removeprefix("remit: ") for line in said
    ]


def test_a_keeper_that_refuses_a_load_is_not_quoted(tmp_path: Path) -> None:
    """Its words about a value could bear the value: it is told that it refuses, and no more."""

    def refuse(_load: bytes, _half: bytes) -> None:
        raise ValueError(MAIL)

    settings = Settings(data=tmp_path / "data", keys=tmp_path / "keys")
    door = Server(sockets(settings) / f"{FACTS}.sock", {"take": refuse})
    with pytest.raises(Undelivered) as told:
        _delivery(settings, FACTS)(b"load", b"half")
    door.close()

    assert "the facts keeper does not take what was divided (it refuses)" == str(told.value)


def test_who_asks_for_a_drain_hears_that_it_failed() -> None:
    """A reader must not be answered from stores that lack what was acknowledged."""
    line = Line()
    line.fault = OSError("no room")

    with pytest.raises(OSError, match="no room"):
        line.turns.drain()
