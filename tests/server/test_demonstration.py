"""`make run` as a newcomer has it: it says what it is, and soon shows life."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from browser import chromium
from playwright.sync_api import expect
from running import ROOT, SECONDS_MAX, ToldByEnvironment, figures, hears, until

BANNER = "A demonstration: these people and devices are simulated."


class Demonstration(ToldByEnvironment):
    """What `make run` runs, in folders and at ports of its own."""

    def __init__(self, folder: Path, *, demo: bool = True) -> None:
        super().__init__(folder)
        self.program = [sys.executable, str(ROOT / "demo/run.py")]
        self.environment = {"DEMO": "1" if demo else "0"}

    def fleet(self) -> list[psutil.Process]:
        """The simulated devices, where there are any."""
        return [one for one in self.family() if any(word.endswith("fleet.py") for word in one.cmdline())]


@contextmanager
def demonstration(folder: Path, *, demo: bool = True) -> Iterator[Demonstration]:
    """One that runs, and ends well."""
    running = Demonstration(folder, demo=demo)
    running.start()
    try:
        yield running
    finally:
        tell(running)


def tell(running: Demonstration) -> None:
    """Ctrl-C, which all its processes hear."""
    assert running.process is not None
    os.killpg(running.process.pid, signal.SIGINT)
    assert 0 == running.process.wait(SECONDS_MAX), running.output.read_text()
    assert [] == running.family()
    assert "Traceback" not in running.output.read_text()


@pytest.mark.browser
def test_a_demonstration_says_so_and_shows_life(tmp_path: Path) -> None:
    """On the terminal and above the console; within a minute records have come in, and values are kept and counted."""
    with demonstration(tmp_path) as running, chromium() as browser:
        page = browser.new_page()
        page.goto(running.console_link())
        assert BANNER in running.output.read_text()
        assert BANNER == page.locator(".banner").text_content()
        for name in ("records", "kept", "counted"):
            expect(page.locator(f"[data-figure={name}]")).not_to_have_text("0", timeout=SECONDS_MAX * 1000)
        assert running.fleet()


def test_without_the_demonstration_nobody_is_simulated(tmp_path: Path) -> None:
    """DEMO=0: no banner, no fleet, and no record but those that somebody sends."""
    with demonstration(tmp_path, demo=False) as running:
        page = {"type": "page", "userId": "u", "messageId": "m", "properties": {"url": "/cart"}}
        assert 200 == running.segment([page]).status_code
        until(lambda: figures(running.operator().get("/").text)["records"] > 0)

        overview = running.operator().get("/").text
        assert 1 == figures(overview)["records"]
        assert 'class="banner"' not in overview
        assert BANNER not in running.output.read_text()
        assert not running.fleet()


@pytest.mark.parametrize("moment", ["remit begins", "the fleet begins"])
def test_a_demonstration_ends_whenever_it_is_told_to(tmp_path: Path, moment: str) -> None:
    """Ctrl-C while one of its programs has only just begun leaves neither a process nor a traceback."""
    running = Demonstration(tmp_path)
    running.launch()
    begun = running.fleet if moment == "the fleet begins" else lambda: running.family()[1:]
    until(lambda: [one for one in begun() if hears(one, signal.SIGINT)])
    tell(running)


def test_a_fleet_that_has_just_begun_hears_of_ctrl_c_once_it_listens(tmp_path: Path) -> None:
    """Told alone, before anybody dismisses it, it ends without a traceback."""
    running = Demonstration(tmp_path)
    running.launch()
    until(lambda: [one for one in running.fleet() if hears(one, signal.SIGINT)])
    for one in running.fleet():
        one.send_signal(signal.SIGINT)
    until(lambda: not running.fleet())
    tell(running)
