"""Words that an SDK put wherever it can put something, and the search for them in everything at rest."""

import base64
import gzip
import hashlib
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import lz4.block
import zstandard
from running import House

CANARY = "zqcanaryzq"
PERSONAL = "zqpersonalzq"
REDUCED = "zqreducedzq"
CONTROL = "zqcontrolzq"
BASIC = "Basic ZGVtby1hbmRyb2lkOg=="


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


def send(house: House) -> None:
    """Put canaries into every undeclared field, key, header, parameter and malformed body.

    Other words go where the policy keeps a value, and where it reduces one.
    """
    message: dict[str, Any] = {
        "type": "track", "userId": f"{PERSONAL}-user", "anonymousId": f"{PERSONAL}-anon", "messageId": f"{PERSONAL}-m",
        "event": f"{CANARY} event", "properties": {CANARY: CANARY, "deep": [{CANARY: {"x": CANARY}}]},
        "traits": {CANARY: 1}, "context": {"device": {"name": CANARY, "token": CANARY}, "page": {"title": CANARY}},
    }  # fmt: skip
    identify = {"type": "identify", "userId": f"{PERSONAL}-user", "traits": {"email": f"{PERSONAL}@example.org",
                "name": PERSONAL, "company": CANARY}, "messageId": f"{PERSONAL}-i"}  # fmt: skip
    page = {"type": "page", "userId": f"{PERSONAL}-user", "messageId": f"{PERSONAL}-p",
            "properties": {"url": f"/{REDUCED}?q={REDUCED}#{REDUCED}", "title": CANARY}}  # fmt: skip
    for _ in range(20):  # enough for the sampling of undeclared paths to strike
        message["messageId"] += "x"
        assert house.segment([message, identify, page]).status_code == 200
    headers = {"x_" + CANARY: CANARY, "user_agent": CANARY, "cookie": f"a={CANARY}", "referer": CANARY}
    house.post(f"/v1/track?{CANARY}={CANARY}", {**message, "writeKey": "demo-android"}, **headers)
    house.post("/v1/batch", f'{{"writeKey":"demo-android","batch":[{{"{CANARY}": tru'.encode())
    house.post("/v1/batch", f'{{"batch":[{{"{CANARY}": tru'.encode(), authorization=BASIC)
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
        {"n": CANARY, "u": f"https://shop.example/{REDUCED}", "d": "shop.example", "p": {CANARY: 1}},
    )
