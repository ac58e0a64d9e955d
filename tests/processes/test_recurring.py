"""What recurs goes on."""

import threading

import pytest

from remit.processes.recurring import Recurring


def test_a_round_that_fails_ends_no_other(capfd: pytest.CaptureFixture[str]) -> None:
    """A failure is counted and said by its kind, never in its words, and later rounds come."""
    rounds, later = list[int](), threading.Event()

    def work() -> None:
        rounds.append(1)
        if len(rounds) <= 2:
            raise RuntimeError("ada@example.org")
        later.set()

    recurring = Recurring("expiry", 0, work)

    assert later.wait(30)
    said = capfd.readouterr().err
    assert 2 == recurring.failures
    assert "expiry failed (RuntimeError), 2 times so far" in said
    assert "ada@" not in said
