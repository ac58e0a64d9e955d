"""What remit says that it needs is all that leaves the device."""

import json
import time
from pathlib import Path

import pytest
from moody import KEY, Moody, moody

from remit.client import Client, ClientLimits

QUIET = ClientLimits(bundle_seconds=3600, closing_seconds=0)
TOLD = ("v1", {"event": ["number"], "page_visit": ["page.url"]})


def tell(client: Client, *numbers: int) -> None:
    for number in numbers:
        client.record("event", {"number": number, "device.imei": "490154203237518"})


def names(server: Moody) -> list[set[str]]:
    return [set(one["items"]) for body in server.bodies for one in body]


def test_what_is_not_needed_reaches_neither_disk_nor_network(tmp_path: Path) -> None:
    """From the first reply that says so: items go, and kinds of record that are needed for nothing."""
    with moody() as server, Client(server.address, KEY, tmp_path, limits=QUIET) as client:
        server.needed = TOLD
        tell(client, 1)
        assert client.flush(30)
        tell(client, 2)
        client.record("account", {"email": "ada@example.org"})

        on_disk = b"".join(path.read_bytes() for path in tmp_path.rglob("*.ndjson"))
        assert (True, False, False) == (b"number" in on_disk, b"imei" in on_disk, b"ada" in on_disk)
        assert client.flush(30)
        assert [{"number", "device.imei"}, {"number"}] == names(server)
        assert {"unneeded": 1} == client.stats().dropped


def test_it_holds_for_what_waited_and_for_the_next_process(tmp_path: Path) -> None:
    """Records that were on disk before the reply are pared when they go; another client of the folder knows it too."""
    with moody() as server:
        server.needed = TOLD
        server.mood = "one at a time"
        with Client(server.address, KEY, tmp_path, limits=QUIET) as client:
            tell(client, 1, 2)
            assert client.flush(30)
        with Client(server.address, KEY, tmp_path, limits=QUIET) as client:
            tell(client, 3)
            assert client.flush(30)

        assert [{"number", "device.imei"}] * 3 + [{"number"}] * 2 == names(server)
        assert ["?", "?", "v1", "v1"] == [head["remit-needed"] for head in server.heads]


def test_another_word_replaces_it(tmp_path: Path) -> None:
    """A new tag with what it stands for, or a reply that says nothing: the last word counts."""
    with moody() as server, Client(server.address, KEY, tmp_path, limits=QUIET) as client:
        for number, word in enumerate([TOLD, ("v2", {"event": ["device.imei"]}), None, None]):
            server.needed = word
            tell(client, number)
            assert client.flush(30)

        both = {"number", "device.imei"}
        assert [both, {"number"}, {"device.imei"}, both] == names(server)


@pytest.mark.parametrize(
    ("hours", "key", "expected"),
    [(1, KEY, {"number"}), (-1, KEY, {"number", "device.imei"}), (1, "other", {"number", "device.imei"})],
    ids=["fresh", "hours old", "of another key"],
)
def test_it_is_not_believed_for_ever_nor_for_another_app(
    tmp_path: Path, hours: float, key: str, expected: set[str]
) -> None:
    """Some hours after the last reply, and under another key, everything is sent and remit is asked anew."""
    with moody() as server:
        server.needed = TOLD
        with Client(server.address, KEY, tmp_path, limits=QUIET) as client:
            tell(client, 1)
            assert client.flush(30)
        kept = tmp_path / "needed.json"
        kept.write_text(json.dumps(json.loads(kept.read_text()) | {"until": time.time() + 3600 * hours}))
        with Client(server.address, key, tmp_path, limits=QUIET) as client:
            tell(client, 2)
            assert client.flush(30)

        assert expected == names(server)[-1]


@pytest.mark.parametrize("kept", ["", "[]", '{"needed": 7}', '{"needed": {}, "until": "x", "source": ""}', "\0"])
def test_a_broken_file_is_no_word_of_it(tmp_path: Path, kept: str) -> None:
    """Whatever stands there, the client begins, and asks."""
    (tmp_path / "needed.json").write_text(kept)
    with moody() as server, Client(server.address, KEY, tmp_path, limits=QUIET) as client:
        tell(client, 1)

        assert client.flush(30)
        assert "?" == server.heads[0]["remit-needed"]


def test_what_remit_drops_of_what_it_took_is_told(tmp_path: Path) -> None:
    """The counts of ``Remit-Dropped`` add up over replies."""
    with moody() as server, Client(server.address, KEY, tmp_path, limits=QUIET) as client:
        for dropped in ("refused=2, no_consent=1", "refused=1", "what is this"):
            server.dropped = dropped
            tell(client, 1)
            assert client.flush(30)

        assert {"refused": 3, "no_consent": 1} == client.stats().reported
