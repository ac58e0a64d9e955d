"""Nothing undeclared is anywhere, nothing declared is in clear, and no process holds both stores."""

import base64
import gzip
import hashlib
import json
import shutil
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import lz4.block
import pytest
import zstandard
from running import House

CANARY = "zqcanaryzq"
PERSONAL = "zqpersonalzq"
CONTROL = "zqcontrolzq"


def encodings(word: str) -> Iterator[bytes]:
    """The forms in which a word could be written down."""
    raw = word.encode()
    yield raw
    yield word.encode("utf-16-le")
    yield raw.hex().encode()
    yield quote(word).encode()
    for shift in range(3):
        # Three offsets: base64 groups three bytes, so only the inner part is the same at each.
        yield base64.b64encode(b"x" * shift + raw)[4:-4]
    for kind in ("md5", "sha1", "sha256", "blake2b"):
        yield hashlib.new(kind, raw).digest()
        yield hashlib.new(kind, raw).hexdigest().encode()


def readings(path: Path) -> Iterator[bytes]:
    """The raw bytes, and what can be decompressed of them."""
    data = path.read_bytes()
    yield data
    yield from clickhouse_blocks(data)
    for start in range(min(len(data), 4096)):
        if data[start : start + 2] == b"\x1f\x8b":
            try:
                yield zlib.decompressobj(31).decompress(data[start:])
            except zlib.error:
                continue


def clickhouse_blocks(data: bytes) -> Iterator[bytes]:
    """Blocks of the engine's files: 16 bytes of checksum, method, compressed and plain size, then the data."""
    at = 0
    while at + 25 <= len(data):
        method = data[at + 16]
        packed = int.from_bytes(data[at + 17 : at + 21], "little")
        plain = int.from_bytes(data[at + 21 : at + 25], "little")
        if method not in (0x82, 0x90) or not 9 < packed <= len(data) - at - 16 or plain > 1 << 26:
            return
        body = data[at + 25 : at + 16 + packed]
        if method == 0x82:
            yield lz4.block.decompress(body, uncompressed_size=plain)
        else:
            yield zstandard.ZstdDecompressor().decompress(body, max_output_size=plain)
        at += 16 + packed


def found(folder: Path, word: str) -> list[str]:
    """Files in which the word stands, in any form."""
    forms = list(encodings(word))
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return [
        str(path.relative_to(folder))
        for path in files
        if any(form in text for text in readings(path) for form in forms)
    ]


@pytest.fixture(scope="module")
def sent(house: House) -> House:
    """A house that was sent canaries wherever an SDK can put something."""
    message: dict[str, Any] = {
        "type": "track", "userId": f"{PERSONAL}-user", "anonymousId": f"{PERSONAL}-anon", "messageId": f"{PERSONAL}-m",
        "event": f"{CANARY} event", "properties": {CANARY: CANARY, "deep": [{CANARY: {"x": CANARY}}]},
        "traits": {CANARY: 1}, "context": {"device": {"name": CANARY, "token": CANARY}, "page": {"title": CANARY}},
    }  # fmt: skip
    identify = {"type": "identify", "userId": f"{PERSONAL}-user", "traits": {"email": f"{PERSONAL}@example.org",
                "name": PERSONAL, "company": CANARY}, "messageId": f"{PERSONAL}-i"}  # fmt: skip
    page = {"type": "page", "userId": f"{PERSONAL}-user", "messageId": f"{PERSONAL}-p",
            "properties": {"url": f"https://shop.example/{CANARY}?q={CANARY}#{CANARY}", "title": CANARY}}  # fmt: skip
    for _ in range(20):  # enough for the sampling of undeclared paths to strike
        message["messageId"] += "x"
        assert house.segment([message, identify, page]).status_code == 200
    headers = {"x_" + CANARY: CANARY, "user_agent": CANARY, "cookie": f"a={CANARY}", "referer": CANARY}
    house.post(f"/v1/track?{CANARY}={CANARY}", {**message, "writeKey": "demo-android"}, **headers)
    house.post("/v1/batch", f'{{"writeKey":"demo-android","batch":[{{"{CANARY}": tru'.encode())
    house.post("/v1/batch", {"writeKey": CANARY, "batch": [message]})
    house.post(f"/{CANARY}", CANARY.encode())
    house.post("/v1/batch", gzip.compress(CANARY.encode() * 9)[:-12], content_encoding="gzip")
    frame = {
        "filename": CANARY,
        "vars": {CANARY: CANARY},
        "context_line": CANARY,
        "module": "shop",
        "function": "pay",
    }
    event = {"exception": {"values": [{"type": "KeyError", "value": CANARY, "stacktrace": {"frames": [frame]}}]},
             "message": CANARY, "breadcrumbs": {"values": [{"message": CANARY}]}, "tags": {CANARY: CANARY},
             "user": {"username": CANARY}, "server_name": CANARY}  # fmt: skip
    envelope = "\n".join([json.dumps({"dsn": house.dsn, CANARY: CANARY}), '{"type":"event"}', json.dumps(event),
                          '{"type":"attachment"}', CANARY, ""])  # fmt: skip
    assert house.post("/api/1/envelope/", envelope).status_code == 200
    house.post(
        "/api/event",
        {"n": CANARY, "u": f"https://shop.example/{CANARY}", "d": "shop.example", "p": {CANARY: 1}},
    )
    house.tally()
    return house


def test_what_nothing_declares_is_nowhere(sent: House) -> None:
    """No undeclared value, key, header, query or malformed body is at rest, in an output or in an answer."""
    answers = json.dumps([sent.tally(), sent.facts("SELECT * FROM page_visit"), sent.facts("SELECT * FROM crash")])

    assert [] == found(sent.folder, CANARY)
    assert CANARY not in answers


def test_declared_personal_values_are_nowhere_in_clear(sent: House) -> None:
    """What the vault keeps is sealed, in data and keys alike; only a read for its purpose shows it."""
    assert [] == found(sent.folder, PERSONAL)
    assert {f"{PERSONAL}@example.org"} == set(sent.person(f"{PERSONAL}-user", "run-account")["email"])


def test_the_search_would_find_it(sent: House, tmp_path: Path) -> None:
    """A control per form and path: what the search above did not find, it could have."""
    for number, form in enumerate(encodings(CONTROL)):
        (tmp_path / f"form-{number}").write_bytes(b"..." + form + b"...")
    (tmp_path / "gz").write_bytes(gzip.compress(CONTROL.encode()))
    assert len(list(tmp_path.iterdir())) == len(found(tmp_path, CONTROL))

    # A word that is in the facts on purpose: the parts of the engine can be read too.
    assert any(name.startswith("data/facts/") for name in found(sent.folder, "demo-android".replace("demo", "shop")))


def test_no_process_has_both_stores_open(sent: House) -> None:
    """Of all open files, the facts are only the facts keeper's, and the vault is only the vault keeper's."""
    opened: dict[str, set[str]] = {}
    for name, process in sent.children().items():
        for link in Path(f"/proc/{process.pid}/fd").iterdir():
            try:
                target = link.readlink()
            except OSError:
                continue
            if target.is_relative_to(sent.data):
                opened.setdefault(target.relative_to(sent.data).parts[0], set()).add(name)

    assert {"facts_keeper"} == opened["facts"]
    assert {"vault_keeper"} == opened["personal"]
    assert {"divider"} == opened["desk"]


def test_a_copy_of_the_data_without_the_keys_opens_nothing(sent: House, tmp_path: Path) -> None:
    """With fresh keys the copied vault, ledger, desk and journal give nothing back. (Facts are about nobody.)"""
    sent.stop()
    shutil.copytree(sent.data, tmp_path / "data", ignore=shutil.ignore_patterns("run", "facts"))
    other = House(tmp_path)

    assert {} == other.person(f"{PERSONAL}-user", "run-account")
    sent.start()


def test_keys_inside_data_are_refused(tmp_path: Path) -> None:
    """The folders must lie apart; the message says how to mend it."""
    house = House(tmp_path)
    house.keys = house.data / "keys"

    assert "choose another --keys folder" in house.command("tally", ok=False)
