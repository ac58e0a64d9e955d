"""Who has a duty, and who comes after: one successor at a time, and never nobody because of it."""

import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from running import until

from remit.processes import duty as duties
from remit.processes.child import Orders
from remit.processes.duty import Duty
from remit.processes.succession import Succession
from remit.settings import Settings

REPLACED = "every intake worker has a successor that serves"


class Watch:
    """A succession through one duty, and all that it said; as a watch, it looks at who died, too."""

    def __init__(self, duty: Duty, seconds_max: float) -> None:
        self.duty, self.said = duty, list[str]()
        self.succession = Succession(self.said.append, seconds_max)

    def until(self, fact: Callable[[], object]) -> None:
        """Go on until something is so. There are never two successors, nor two who leave."""

        def step() -> object:
            self.succession.step([self.duty])
            return fact()

        until(step)


@pytest.fixture
def watch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    """Of a duty whose process serves."""
    paths = [str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
    orders = Orders(settings=Settings(data=tmp_path, keys=tmp_path))
    duty = Duty("intake-1", ("worker", "serves"), orders)
    duty.start()
    until(lambda: duty.now is not None and duty.now.serves())
    yield Watch(duty, 60)
    duty.stop()


def come(watch: Watch, way: str) -> None:
    """From now on, who is started acts so."""
    watch.duty.command = ("worker", way)


@contextmanager
def no_room() -> Iterator[None]:
    """The system opens no more files for this process."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_a_successor_takes_over_and_the_one_before_leaves(watch: Watch) -> None:
    """It is there beside the other until it serves; then the other goes, of its own accord."""
    before = watch.duty.now
    assert before is not None
    watch.succession.ask()
    watch.until(lambda: watch.duty.successor)
    successor = watch.duty.successor
    assert watch.duty.now is before
    watch.until(lambda: watch.duty.now is successor)
    assert watch.duty.leaving is before
    watch.until(lambda: watch.duty.leaving is None)
    assert 0 == before.process.returncode
    assert [REPLACED] == watch.said


def test_asked_often_it_goes_round_once_more(watch: Watch) -> None:
    """However often meanwhile: what was asked for before a round began is done with it."""
    watch.succession.ask()
    watch.until(lambda: watch.duty.successor)
    for _ in range(3):
        watch.succession.ask()
    watch.until(lambda: len(watch.said) == 2)
    watch.until(lambda: watch.duty.leaving is None)
    for _ in range(10):
        watch.succession.step([watch.duty])
    assert watch.duty.is_settled()
    assert [REPLACED] * 2 == watch.said


@pytest.mark.parametrize(
    ("way", "why"), [("hangs", "it did not serve within 0 seconds"), ("fails", "it ended with status 3")]
)
def test_a_successor_that_does_not_serve_is_let_go(watch: Watch, way: str, why: str) -> None:
    """Whether it ends by itself or has to be ended: the one before stays, and it is said."""
    before = watch.duty.now
    come(watch, way)
    watch.succession = Succession(watch.said.append, 0.4 if way == "hangs" else 60)
    watch.succession.ask()
    watch.until(lambda: watch.duty.successor)
    successor = watch.duty.successor
    assert successor is not None
    watch.until(lambda: watch.said)
    assert successor.dead()
    assert watch.duty.now is before
    assert watch.duty.is_settled()
    assert [f"the intake-1 goes on, and those after it: its successor did not come to serve, {why}"] == watch.said


def test_no_other_is_called_while_somebody_leaves(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    """So nobody piles up, and one that does not leave is ended once its time is over."""
    monkeypatch.setattr(duties, "LEAVE_SECONDS_MAX", 0.5)
    come(watch, "stays")
    watch.succession.ask()
    watch.until(lambda: watch.duty.leaving is None and watch.said)
    watch.succession.ask()
    watch.until(lambda: watch.duty.leaving)
    leaving, second = watch.duty.leaving, watch.duty.now
    assert leaving is not None
    watch.succession.ask()
    watch.until(lambda: leaving.dead() or watch.duty.successor)
    assert leaving.dead()
    watch.until(lambda: len(watch.said) == 3)
    assert watch.duty.now is not second
    assert -9 == leaving.process.returncode


def test_who_dies_while_a_successor_comes_is_not_started_again(watch: Watch) -> None:
    """The successor has the duty then; and where it fails, the duty is seen to as after any death."""
    for way in ("serves", "fails"):
        come(watch, way)
        watch.succession.ask()
        watch.until(lambda: watch.duty.successor)
        before, successor = watch.duty.now, watch.duty.successor
        assert before is not None
        before.end()
        assert not watch.duty.restart(0)
        watch.until(lambda: watch.duty.successor is None)
        assert (watch.duty.now is successor) == (way == "serves")
        watch.until(lambda: watch.duty.leaving is None)
        watch.said.clear()
    come(watch, "serves")
    assert watch.duty.restart(0)
    watch.until(lambda: not watch.duty.restart(1e9) and watch.duty.is_settled())


def test_where_there_is_no_room_it_is_tried_again(watch: Watch) -> None:
    """A successor that the system cannot start leaves the one before; one that died is started when there is room."""
    before = watch.duty.now
    assert before is not None
    watch.succession.ask()
    with no_room():
        watch.until(lambda: watch.said)
        assert "it could not be started (Too many open files)" in watch.said[0]
        assert watch.duty.is_settled()
        before.end()
        assert watch.duty.restart(0)
        assert not watch.duty.restart(1e9)
        assert watch.duty.now is before
    watch.until(lambda: not watch.duty.restart(1e9) and watch.duty.is_settled())
    assert watch.duty.now is not before
