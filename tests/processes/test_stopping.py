"""Being told to stop is heard, whatever the thread that is told does at that moment."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from remit.processes.stopping import FOR_THE_SUPERVISOR, StopSignal, deaf_to_the_group

ROUNDS = 300


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_a_signal_is_heard_at_any_moment() -> None:
    """Before who waits falls asleep, while it falls asleep, and after."""
    for _ in range(ROUNDS):
        told = StopSignal(signal.SIGTERM)
        teller = threading.Thread(target=os.kill, args=(os.getpid(), signal.SIGTERM))
        teller.start()
        assert told.wait()
        teller.join()


def test_a_signal_that_was_held_back_is_heard() -> None:
    """Whoever started this may have blocked it: it comes once somebody listens."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)

    assert StopSignal(signal.SIGTERM).wait()


def test_who_waits_for_a_while_is_let_go() -> None:
    """Nobody told anything: the answer is no, and waiting no longer than nothing is a question."""
    told = StopSignal()

    assert [False, False] == [told.wait(0), told.wait(0.01)]
    told.set()
    assert [True, True] == [told.wait(0), told.wait()]


def test_ctrl_c_waits_until_a_process_is_started() -> None:
    """It is not lost: it comes when the start is over."""
    told = StopSignal(signal.SIGINT)
    with deaf_to_the_group():
        signal.pthread_kill(threading.get_ident(), signal.SIGINT)
        assert not told.wait(0)
    assert told.wait()


def test_a_process_that_is_started_meanwhile_holds_it_back() -> None:
    """From its first moment, before it has read anything: what is for who started it does not end it."""
    masked = "import signal; print(*sorted(map(int, signal.pthread_sigmask(signal.SIG_BLOCK, ()))))"
    with deaf_to_the_group():
        said = subprocess.run([sys.executable, "-c", masked], capture_output=True, text=True, check=True).stdout

    assert set(map(int, FOR_THE_SUPERVISOR)) <= set(map(int, said.split()))
