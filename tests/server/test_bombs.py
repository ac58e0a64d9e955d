"""Ten gigabytes in a small body: refused in bounded memory, in every coding, while others are served."""

import json
import re
import struct
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import brotli
import httpx
import psutil
import pytest
from running import House

from remit.gateway.inflate import slices

INFLATED = 10 * 1000**3
GROWTH_BYTES_MAX = 100 << 20
MIB = 1 << 20
KEY = {"authorization": "Basic ZGVtby1hbmRyb2lkOg=="}
PAGE = {"type": "page", "userId": "u", "properties": {"url": "/cart"}}


def deflated(wbits: int) -> bytes:
    """Blanks by the MiB; flushed in full, each looks like the one before, so one is compressed and repeated."""
    stream = zlib.compressobj(9, wbits=wbits)
    head = stream.compress(b"") + stream.compress(b" " * MIB) + stream.flush(zlib.Z_FULL_FLUSH)
    again = stream.compress(b" " * MIB) + stream.flush(zlib.Z_FULL_FLUSH)
    return head + again * (INFLATED // MIB)


def brotlied() -> bytes:
    """The same with Brotli, whose longest run is 16 MiB: ten gigabytes are eight kilobytes."""
    stream, run = brotli.Compressor(lgwin=24), b" " * (16 * MIB)
    head, again = (stream.process(run) + stream.flush() for _ in range(2))
    return bytes(head + again * (INFLATED // (16 * MIB)))


def zstandardised() -> bytes:
    """Blocks of Zstandard that say in four bytes: 128 KiB of blanks. The window is the largest that HTTP allows."""
    size, window_log, repeated = 128 * 1024, 23, 1
    frame = struct.pack("<I", 0xFD2FB528) + bytes([0, (window_log - 10) << 3])
    block = struct.pack("<I", size << 3 | repeated << 1)[:3] + b" "
    last = struct.pack("<I", size << 3 | repeated << 1 | 1)[:3] + b" "
    return frame + block * (INFLATED // size) + last


BOMBS = {"gzip": deflated(31), "deflate": deflated(15), "br": brotlied(), "zstd": zstandardised()}


@contextmanager
def bounded(process: psutil.Process, growth_bytes_max: int = GROWTH_BYTES_MAX) -> Iterator[None]:
    """At no moment between does the process hold much more memory than before."""
    status, before = Path(f"/proc/{process.pid}/status"), process.memory_info().rss
    Path(f"/proc/{process.pid}/clear_refs").write_text("5")  # the peak is counted from here on
    yield
    (peak,) = re.findall(r"^VmHWM:\s+(\d+) kB$", status.read_text(), re.MULTILINE)
    assert int(peak) * 1024 - before < growth_bytes_max


def explode(house: House, coding: str) -> int:
    return house.post("/v1/batch", BOMBS[coding], content_encoding=coding, **KEY).status_code


@pytest.mark.parametrize("coding", BOMBS)
def test_a_bomb_is_one(coding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the bound it goes on and on, and all of it is blanks: the tests below try what they say."""
    monkeypatch.setattr("remit.gateway.inflate.INFLATED_BYTES_MAX", 200 * MIB)
    size = 0
    for part in slices(BOMBS[coding], coding):
        size += len(part)
        assert not part.strip()
        if size > 150 * MIB:
            return
    pytest.fail("it ended")


@pytest.mark.parametrize("coding", BOMBS)
def test_a_bomb_is_refused_in_bounded_memory(house: House, coding: str) -> None:
    """Ten gigabytes are given up at twenty megabytes, in the vendor's words."""
    with bounded(house.children()["intake"]):
        assert 413 == explode(house, coding)


def test_others_are_served_meanwhile(house: House) -> None:
    """While bombs of all codings arrive together, again and again, another client gets every answer."""
    served = 0
    with (
        bounded(house.children()["intake"]),
        ThreadPoolExecutor(len(BOMBS)) as crowd,
        httpx.Client(base_url=house.sdk, timeout=30) as client,
    ):
        bombs = [crowd.submit(explode, house, coding) for coding in BOMBS for _ in range(5)]
        while not all(bomb.done() for bomb in bombs):
            assert 200 == client.post("/v1/batch", json={"batch": [PAGE], "writeKey": "demo-android"}).status_code
            served += 1
        assert {413} == {bomb.result() for bomb in bombs}
    assert served > len(bombs)


AROUND = {"page": {"url": "/" + "\U0001f600" * 2047}}
SESSIONS = {"attrs": {"release": "r" * 200_000}, "aggregates": [dict.fromkeys(("exited", "crashed"), 1)] * 200}
LENT = {
    "a long address": ("/v1/batch", {"context": {"page": {"url": "/" + "a" * 200_000}}, "batch": [PAGE] * 1000}, 200),
    "much of all that fits": ("/v1/batch", {"context": AROUND, "batch": [{"type": "page"}] * 2500}, 413),
    "many undeclared leaves": ("/v1/batch", {"context": {"z": [1] * 5000}, "batch": [PAGE] * 1000}, 200),
    "a long release": ("/api/1/envelope/?sentry_key=demo-android", SESSIONS, 200),
}


@pytest.mark.parametrize("name", LENT)
def test_what_a_body_lends_to_its_records_is_bounded(house: House, name: str) -> None:
    """What stands once and goes into every record grows no further than memory that is there, and is no error."""
    path, told, status = LENT[name]
    text = json.dumps(told)
    body = text if path == "/v1/batch" else '{}\n{"type":"sessions"}\n' + text
    with bounded(house.children()["intake"]):
        assert [status] * 20 == [house.post(path, body, **KEY).status_code for _ in range(20)]


def test_a_bomb_leaves_a_number_and_nothing_else(house: House) -> None:
    """No child died of it, the output says nothing, and a page counts after it."""
    house.post("/v1/batch", {"batch": [PAGE], "writeKey": "demo-android"})
    output = house.output.read_text()

    assert "died" not in output
    assert "Traceback" not in output
    assert house.facts("SELECT sum(n) AS n FROM page_visit")[0]["n"] > 0
