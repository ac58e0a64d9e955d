"""Health is told truly: 503 while the house cannot do its work, 200 again when it can, and nobody waits for it."""

import resource
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager

import httpx
import psutil
import pytest
from running import House, figures, sick_vault, stopped, until

from remit.processes.lately import Lately

PAGE = {"type": "page", "userId": "u", "properties": {"url": "/cart"}}


def health(address: str) -> httpx.Response:
    return httpx.get(f"{address}/healthz", timeout=30)


def status(address: str) -> int:
    return health(address).status_code


@contextmanager
def no_room(process: psutil.Process) -> Iterator[None]:
    """Whatever it writes fails, as on a full disk."""
    before = process.rlimit(resource.RLIMIT_FSIZE)
    process.rlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        process.rlimit(resource.RLIMIT_FSIZE, before)


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
    client = house.operator()
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
        assert "not ok: nothing is heard of choices" == health(house.sdk).text
        assert 200 == house.segment([PAGE]).status_code
    until(lambda: status(house.sdk) == 200)


def test_intake_is_unwell_while_it_cannot_write(house: House) -> None:
    """A record that does not fit on the disk is refused and said; with room again, nobody has to restart anything."""
    with no_room(house.children()["intake"]):
        assert 503 == house.segment([PAGE]).status_code
        told = health(house.sdk)
        assert [503, "not ok: the journal cannot be written"] == [told.status_code, told.text]

    until(lambda: status(house.sdk) == 200)
    assert 200 == house.segment([PAGE]).status_code


FAULTS: dict[str, tuple[Callable[[House], AbstractContextManager[None]], str]] = {
    "a sick vault": (sick_vault, "the vault keeper does not take what was divided (vault failed: "),
    "facts on a full disk": (
        lambda house: no_room(house.children()["facts_keeper"]),
        "the facts keeper does not take what was divided (",
    ),
    "a desk on a full disk": (lambda house: no_room(house.children()["divider"]), "a turn failed (OperationalError)"),
}


def visits(house: House) -> int:
    (row,) = house.facts("SELECT sum(n) AS n FROM page_visit")
    return int(row["n"])


@pytest.mark.parametrize("fault", FAULTS)
def test_a_load_that_cannot_leave_is_told(house: House, fault: str) -> None:
    """The console says why nothing arrives; intake goes on; once it is mended all is well, and all is there once."""
    make, why = FAULTS[fault]
    before, seen = visits(house), settled(house)
    with make(house):
        assert 200 == house.segment([PAGE]).status_code
        until(lambda: why in health(house.console).text)
        told = health(house.console)
        assert 503 == told.status_code
        assert told.text.startswith("not ok: nothing was delivered since 20")
        assert str(house.folder) not in told.text
        assert 200 == status(house.sdk)
        assert 200 == house.segment([PAGE]).status_code

    until(lambda: status(house.console) == 200)
    assert before + 2 == visits(house)
    until(lambda: records(house) == seen + 2)


def settled(house: House) -> int:
    """How many records the console shows once it shows all that were divided: its figures come every second."""
    found = -1
    while found != (now := records(house)):
        found = now
        time.sleep(2.5)
    return found


def records(house: House) -> int:
    """How many records were divided, as the console shows it."""
    return figures(house.operator().get("/live").text)["records"]


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
