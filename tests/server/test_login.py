"""The operator's link and session, while the process that serves them is killed."""

import hashlib
import resource
from collections.abc import Iterator

import httpx
import pytest
from running import House, until


@pytest.fixture
def operator(house: House) -> Iterator[httpx.Client]:
    """A browser of its own on the house's console."""
    with httpx.Client(base_url=house.console, timeout=30) as client:
        yield client


def restart(house: House) -> None:
    """Stopped and started, as its operator would."""
    house.stop()
    house.start()


def kill_the_keeper(house: House) -> None:
    """Kill -9; returns when another one serves."""
    keeper = house.children()["vault_keeper"]
    keeper.kill()
    until(lambda: house.children().get("vault_keeper", keeper).pid != keeper.pid)
    until(lambda: httpx.get(f"{house.console}/healthz", timeout=30).status_code == 200)


def test_a_login_that_cannot_be_kept_is_refused(house: House, operator: httpx.Client) -> None:
    """On a full disk nobody gets in, with words that say why; with room again, the link works."""
    keeper = house.children()["vault_keeper"]
    before = keeper.rlimit(resource.RLIMIT_FSIZE)
    keeper.rlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    refused = operator.get(house.console_link())
    keeper.rlimit(resource.RLIMIT_FSIZE, before)

    assert 503 == refused.status_code
    assert "make room on the disk" in refused.text
    assert 401 == operator.get("/").status_code
    assert 303 == operator.get(house.console_link()).status_code


def test_a_killed_keeper_forgets_neither_link_nor_session(house: House, operator: httpx.Client) -> None:
    """Right after the login's reply, and again later: who was let in stays in, the link is used, others stay out."""
    restart(house)
    assert 303 == operator.get(house.console_link()).status_code

    for _ in range(2):
        kill_the_keeper(house)
        assert 200 == operator.get("/").status_code
        assert 401 == httpx.get(house.console_link()).status_code
        assert 401 == httpx.get(house.console).status_code


def test_a_house_that_starts_again_knows_nobody(house: House, operator: httpx.Client) -> None:
    """Sessions end with the house, and so do its links; of the links that were used, one leaves its mark."""
    restart(house)
    old = house.console_link()
    assert 303 == operator.get(old).status_code
    restart(house)

    assert 401 == operator.get("/").status_code
    assert 401 == operator.get(old).status_code
    assert 303 == operator.get(house.console_link()).status_code
    token = house.console_link().partition("token=")[2]
    marks = {path.name: path.read_bytes() for path in house.keys.iterdir() if "link" in path.name}
    assert {"console-link.used": hashlib.sha256(token.encode()).digest()} == marks
