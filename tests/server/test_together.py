"""Several commands at one house that is stopped, and a house that stops or starts meanwhile."""

import fcntl
import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from running import NARROW, REMIT, SECONDS_MAX, House, stopped, until
from terminal import Shell, Terminal

FIRST = NARROW.read_text(encoding="utf-8")
OTHERS = FIRST.replace("  session:\n", "  sittings:\n    on: [session]\n")
"""Without the first one's statistic on sessions: its numbers would be dropped, so people are asked."""
PAGES = "SELECT page, n FROM page_visit"
VISITED = [{"page": "/cart", "n": 1}]
AT_WORK = "waiting for another command that is at work in"


@pytest.fixture
def stood(tmp_path: Path) -> House:
    """A house that ran once, and is stopped."""
    house = House(tmp_path).start()
    assert 200 == house.segment([{"type": "page", "userId": "u", "properties": {"url": "/cart"}}]).status_code
    house.stop()
    return house


@contextmanager
def locked(house: House, *names: str) -> Iterator[None]:
    """The locks of a house, as somebody holds them who has it."""
    files = [(house.data / name).open("a") for name in names]
    try:
        for file in files:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        for file in files:
            file.close()


@contextmanager
def frozen(command: "subprocess.Popen[str]", house: House) -> "Iterator[subprocess.Popen[str]]":
    """A command that has the house to itself, and comes to no end."""
    house.process = command
    until(lambda: "divider" in house.children())
    with stopped(house.children()["divider"]):
        yield command


def asked(house: House) -> "subprocess.Popen[str]":
    question = [str(REMIT), "facts", PAGES, "--json", *house.folders()]
    return subprocess.Popen(question, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=house.folder)


def answered(command: "subprocess.Popen[str]") -> list[dict[str, object]]:
    said, complained = command.communicate(timeout=3 * SECONDS_MAX)
    assert "" == complained
    found: list[dict[str, object]] = json.loads(said)
    return found


def test_commands_that_overlap_are_all_answered(stood: House) -> None:
    """Whoever comes while another has the stopped house waits for it, and then has it to itself."""
    commands = [asked(stood) for _ in range(3)]

    assert [VISITED] * 3 == [answered(one) for one in commands]


def test_who_waits_for_another_command_is_told_so(stood: House) -> None:
    """A question waits until the command that is at work has ended, and says so on a terminal."""
    with frozen(asked(stood), stood) as first:
        second = Terminal(["facts", PAGES, *stood.folders()], folder=stood.folder)
        until(lambda: AT_WORK in second.seen)

    assert VISITED == answered(first)
    assert 0 == second.end()
    assert "/cart" in second.seen


def test_a_house_is_started_once_the_command_in_it_has_ended(stood: House) -> None:
    """`remit up` says on its terminal what it waits for, in a line that stays; told to stop, it stops."""
    with locked(stood, "house.lock", "visit.lock"):
        given_up, up = (Terminal(["up", *one.arguments()], folder=stood.folder) for one in twins(stood))
        until(lambda: AT_WORK in given_up.seen and AT_WORK in up.seen)
        given_up.process.terminate()
        assert 0 == given_up.end()
    until(lambda: "remit is ready" in up.seen)
    up.process.terminate()
    assert 0 == up.end()


def twins(house: House) -> Iterator[House]:
    """The same house at other ports, twice."""
    for _ in range(2):
        yield House(house.folder)


def test_who_is_asked_for_a_yes_keeps_nobody_out(tmp_path: Path) -> None:
    """While a person thinks about a version, the stopped house answers others; what one of them adopts is not undone.

    The yes is to the version that was in force when it was asked, so it comes too late for another one.
    """
    house = House(tmp_path, policy=tmp_path / "remit.yaml")
    house.policy.write_text(FIRST, encoding="utf-8")
    house.start().stop()
    second, third = (tmp_path / f"{n}.yaml" for n in (2, 3))
    for n, file in ((2, second), (3, third)):
        file.write_text(OTHERS.replace("version: 1\n", f"version: {n}\n"), encoding="utf-8")

    def another() -> None:
        assert "version 2 is in force" in house.command("adopt", str(second), "--yes")

    shell = Shell(tmp_path)
    folders = " ".join(house.folders())
    status, told = shell.type(f"{REMIT} adopt {third} {folders}", "y", asked="[y/N]: ", meanwhile=another)
    assert 1 == status
    assert "version 2 was adopted meanwhile, and nothing was changed: ask again" in told

    assert (0, True) == (
        (done := shell.type(f"{REMIT} adopt {third} {folders}"))[0],
        "version 3 is in force" in done[1],
    )
    shell.close()


def test_a_question_outlives_the_house_that_it_was_asked_of(stood: House) -> None:
    """Remit stops just then, so that nobody will ever answer: the command answers it by itself."""
    with locked(stood, "house.lock"):
        command = Terminal(["facts", PAGES, *stood.folders()], folder=stood.folder)
        until(lambda: "waiting until everything acknowledged is divided" in command.seen)

    assert 0 == command.end()
    assert "/cart" in command.seen
