"""A house that is told to stop before it is ready, at any moment."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from running import POLICY, REMIT, SECONDS_MAX, WAYS_TO_TELL, House, hears, until

from remit.cli.entry import INTERRUPTED

ENTRY = [sys.executable, "-X", "importtime", "-m", "remit.cli.entry"]
IMPORTED = re.compile(r"\| +typer$", re.MULTILINE)
"""What the interpreter says in the middle of all that it imports, before the command is read."""
SWEEP_SECONDS, STEP_SECONDS = 4.0, 0.05


def listens(house: House) -> bool:
    """From here on a signal is caught, or held back for who will; before it has begun it is not yet itself."""
    assert house.process is not None
    process = psutil.Process(house.process.pid)
    return "up" in process.cmdline() and hears(process, signal.SIGTERM)


def begins(name: str) -> Callable[[House], bool]:
    """A process of this name is there, and has only just begun."""
    return lambda house: name in house.children()


def made(path: str) -> Callable[[House], bool]:
    """Somebody is at work in this place for the first time."""
    return lambda house: (house.folder / path).exists()


STAGES = {
    "it listens": listens,
    "it holds the house": made("data/house.lock"),
    "the vault keeper begins": begins("vault_keeper"),
    "the ledger is made": made("data/personal/ledger.db"),
    "the vault is made": made("data/personal/vault.db"),
    "the facts keeper begins": begins("facts_keeper"),
    "the facts are made": made("data/facts"),
    "the divider begins": begins("divider"),
    "the desk is made": made("data/desk/desk.db"),
    "intake begins": begins("intake"),
}


def tell(house: House, way: str) -> None:
    """Say it, and see that it ends well and leaves nobody."""
    assert house.process is not None
    number, send = WAYS_TO_TELL[way]
    send(house.process.pid, number)

    assert 0 == house.process.wait(SECONDS_MAX), house.output.read_text()
    assert [] == house.family()
    assert "Traceback" not in house.output.read_text()


@pytest.mark.parametrize("way", ["SIGTERM", "Ctrl-C, which every process of the group hears"])
def test_told_to_stop_while_it_starts_it_stops(tmp_path: Path, way: str) -> None:
    """At each stage of a first start: it ends well, leaves no process, says nothing of a fault, and can start again."""
    house = House(tmp_path)
    for stage in STAGES.values():
        house.launch()
        until(lambda at=stage: listens(house) and at(house))
        tell(house, way)

    house.start()
    assert [] == house.facts("SELECT n FROM page_visit")
    tell(house, way)
    assert "remit:" not in house.output.read_text()


@pytest.mark.parametrize("way", WAYS_TO_TELL)
def test_told_to_stop_before_it_has_read_itself_it_stops(tmp_path: Path, way: str) -> None:
    """From its first line on a signal is held back, through all that is imported, for who will hear it."""
    house = House(tmp_path)
    house.program = ENTRY
    house.launch()
    until(lambda: IMPORTED.search(house.output.read_text()))
    tell(house, way)
    assert not house.data.exists()


def test_told_to_replace_its_workers_while_it_starts_it_starts(tmp_path: Path) -> None:
    """From its first line on that is no fault, whoever of the group hears it."""
    house = House(tmp_path)
    house.program = ENTRY
    house.launch()
    assert house.process is not None
    until(lambda: IMPORTED.search(house.output.read_text()))
    for name in ("vault_keeper", "divider", "intake"):
        os.killpg(house.process.pid, signal.SIGUSR1)
        until(lambda at=name: at in house.children())
    until(lambda: "remit is ready" in house.output.read_text() or house.process_ended())
    try:
        assert 200 == house.segment([{"type": "page", "userId": "u"}]).status_code
        assert "died" not in house.output.read_text()
    finally:
        house.stop()


def test_any_other_command_is_given_up_without_a_traceback(tmp_path: Path) -> None:
    """Also where Ctrl-C comes while it is still being read."""
    output = tmp_path / "output.txt"
    with output.open("wb") as file:
        check = subprocess.Popen([*ENTRY, "check", str(POLICY)], stdout=file, stderr=file)
    until(lambda: IMPORTED.search(output.read_text()))
    check.send_signal(signal.SIGINT)

    assert INTERRUPTED == check.wait(SECONDS_MAX)
    assert "Traceback" not in output.read_text()


@pytest.mark.parametrize("name", ["vault_keeper", "facts_keeper", "divider", "intake"])
def test_who_gets_no_orders_goes(name: str) -> None:
    """Its supervisor was killed before it gave any: that is no fault of the one that it had started."""
    child = [sys.executable, "-m", f"remit.processes.{name}"]
    done = subprocess.run(child, stdin=subprocess.DEVNULL, capture_output=True, check=True, timeout=SECONDS_MAX)

    assert [b"", b""] == [done.stdout, done.stderr]


@pytest.mark.soak
@pytest.mark.parametrize("way", WAYS_TO_TELL)
def test_told_to_stop_at_any_moment_it_stops(tmp_path: Path, way: str) -> None:
    """The same at every moment of a first start, each in a house of its own, which then starts."""
    for step in range(round(SWEEP_SECONDS / STEP_SECONDS)):
        house = House(tmp_path / str(step))
        house.folder.mkdir()
        house.launch()
        until(lambda at=house: listens(at))
        time.sleep(step * STEP_SECONDS)
        tell(house, way)
        house.start()
        tell(house, way)


def test_nobody_outlives_a_supervisor_that_is_killed_while_it_starts(tmp_path: Path) -> None:
    """A process that had no orders yet ends without a word, as does one that had."""
    house = House(tmp_path)
    for name in ("vault_keeper", "facts_keeper", "divider", "intake"):
        house.launch()
        assert house.process is not None
        until(lambda at=name: at in house.children())
        house.process.kill()
        house.process.wait()
        until(lambda: not house.family())
    assert "Traceback" not in house.output.read_text()

    house.start()
    house.stop()


def test_a_question_that_is_given_up_leaves_nobody(tmp_path: Path) -> None:
    """Ctrl-C while a command starts what it asks: it ends, and so does all that it started."""
    house = House(tmp_path).start()
    house.stop()
    for name in ("vault_keeper", "divider"):
        with house.output.open("ab") as output:
            question = [str(REMIT), "facts", "SELECT n FROM page_visit", *house.folders()]
            house.process = subprocess.Popen(question, stdout=output, stderr=output, process_group=0)
        until(lambda at=name: at in house.children())
        os.killpg(house.process.pid, signal.SIGINT)
        assert 0 != house.process.wait(SECONDS_MAX)
        assert [] == house.family()

    assert "Traceback" not in house.output.read_text()
    assert [] == house.facts("SELECT n FROM page_visit")
