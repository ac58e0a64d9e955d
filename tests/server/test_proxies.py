"""Who sends: whoever is connected, or who a listed proxy says it is."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from running import House, remit

CALL = {"type": "page", "writeKey": "demo-android", "properties": {"url": "https://shop.example/"}}


@pytest.fixture(scope="module", params=[(), ("--proxies", "198.51.100.0/24, 127.0.0.1")], ids=["none listed", "listed"])
def listed(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[tuple[House, bool]]:
    """A house, and whether it lists the proxy that the tests are."""
    house = House(Path(tmp_path_factory.mktemp("house")), flags=request.param).start()
    yield house, bool(request.param)
    house.stop()


@pytest.mark.parametrize(
    ("who", "forwarded", "sender"),
    [
        ("plain", "203.0.113.9", "203.0.113.9"),
        ("chained", "192.0.2.66, 203.0.113.9, 198.51.100.7", "203.0.113.9"),
        ("empty", "", "127.0.0.1"),
    ],
)
def test_the_header_of_a_listed_proxy_tells_the_sender(
    listed: tuple[House, bool], who: str, forwarded: str, sender: str
) -> None:
    """The last address that is no proxy's is kept as the sender's; from anybody else the header says nothing."""
    house, is_listed = listed
    reply = house.post("/v1/page", CALL | {"userId": who}, x_forwarded_for=forwarded)

    assert 200 == reply.status_code
    assert [sender if is_listed else "127.0.0.1"] == house.person(who, "prevent-fraud")["net.ip"]


def test_what_is_no_address_ends_in_words(tmp_path: Path) -> None:
    """A list that would believe everybody, or nobody, is refused before anything starts."""
    for told in ("*", "10.0.0.0/8,proxy.example"):
        said = " ".join(remit("up", "--proxies", told, ok=False, cwd=tmp_path).split())
        assert "is no address or network of a proxy" in said.replace("│ ", "")
