"""Health is told truly: 503 while the house cannot do its work, 200 again when it can, and nobody waits for it."""

import resource
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import psutil
import pytest
from running import House, stopped, until

from remit.processes.lately import Lately

PAGE = {"type": "page", "userId": "u", "properties": {"url": "/cart"}}


def status(address: str) -> int:
    return httpx.get(f"{address}/healthz", timeout=30).status_code


@contextmanager
def unattended(house: House) -> Iterator[None]:
    """Nobody starts again what dies."""
    assert house.process is not None
    with stopped(psutil.Process(house.process.pid)):
        yield


@pytest.mark.parametrize("name", ["facts_keeper", "divider"])
def test_the_console_is_unwell_while_a_process_hangs(house: House, name: str) -> None:
    """Its own answer is not enough: it asks the facts keeper and the divider, and does not wait for ever."""
    until(lambda: status(house.console) == 200)
    with stopped(house.children()[name]):
        until(lambda: status(house.console) == 503)
    until(lambda: status(house.console) == 200)


@pytest.mark.parametrize("name", ["facts_keeper", "divider"])
def test_the_console_is_unwell_while_a_process_is_gone(house: House, name: str) -> None:
    """Killed, it is missed until it has been started again."""
    until(lambda: status(house.console) == 200)
    with unattended(house):
        house.children()[name].kill()
        until(lambda: status(house.console) == 503)
    until(lambda: status(house.console) == 200)


def test_pages_go_on_while_the_facts_keeper_hangs(house: House) -> None:
    """More visitors than there are threads get their page, without the figures, and the health check its answer."""
    with httpx.Client(base_url=house.console, timeout=30) as client:
        client.get(house.console_link())
        with stopped(house.children()["facts_keeper"]), ThreadPoolExecutor(60) as visitors:
            pages = list(visitors.map(lambda _: client.get("/live").status_code, range(60)))
            assert {200} == set(pages)
            assert 503 == status(house.console)


def test_intake_is_unwell_while_it_cannot_hear_of_choices(house: House) -> None:
    """Without the ledger, a refusal could pass it by; it still takes what needs no consent."""
    assert 200 == status(house.sdk)
    with unattended(house):
        house.children()["vault_keeper"].kill()
        until(lambda: status(house.sdk) == 503)
        assert 200 == house.segment([PAGE]).status_code
    until(lambda: status(house.sdk) == 200)


def test_intake_is_unwell_while_it_cannot_write(house: House) -> None:
    """A record that does not fit on the disk is refused and said; with room again, nobody has to restart anything."""
    intake = house.children()["intake"]
    before = intake.rlimit(resource.RLIMIT_FSIZE)
    intake.rlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    assert 503 == house.segment([PAGE]).status_code
    assert 503 == status(house.sdk)

    intake.rlimit(resource.RLIMIT_FSIZE, before)
    until(lambda: status(house.sdk) == 200)
    assert 200 == house.segment([PAGE]).status_code


def test_many_who_ask_are_one_question() -> None:
    """Whoever comes while somebody asks, or soon after, shares the answer."""
    asked, free = list[int](), threading.Event()

    def ask() -> int:
        free.wait()
        asked.append(1)
        return len(asked)

    lately = Lately(ask, seconds=3600)
    with ThreadPoolExecutor(20) as crowd:
        answers = [crowd.submit(lately) for _ in range(200)]
        free.set()
        assert {1} == {answer.result() for answer in answers}
    assert 2 == Lately(ask, seconds=0)()


def test_nothing_of_it_is_a_fault(house: House) -> None:
    """After all that, there is no traceback in the output."""
    assert "Traceback" not in house.output.read_text()
