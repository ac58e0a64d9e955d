"""Bodies that real devices could send, written to a script by which wrk sends them with new message ids."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

KEY = "demo-android"
BATCH = 50
ID = "@message@"
"""Where a message id stands until it is sent."""


def event(device: int, message: str = ID) -> dict[str, Any]:
    """One track call of an app on a phone: about a kilobyte, 35 leaves."""
    return {
        "type": "track",
        "event": "Product Viewed",
        "messageId": message,
        "anonymousId": f"b2a1c3d4-0000-4000-8000-{device:012x}",
        "userId": f"user-{device}",
        "timestamp": "2026-11-23T18:10:00.000Z",
        "properties": {
            "path": "/product/7",
            "duration_ms": 123,
            "revenue": 12.5,
            "category": "garden",
            "note": "n" * 150,
            "position": 3,
        },
        "context": {
            "ip": "192.0.2.7",
            "locale": "nl-NL",
            "timezone": "Europe/Amsterdam",
            "app": {"name": "shop", "version": "1.4.2", "build": "142", "namespace": "example.shop"},
            "os": {"name": "Android", "version": "14"},
            "device": {
                "id": f"{device:016x}",
                "manufacturer": "Example",
                "model": "E1",
                "name": "phone",
                "type": "android",
            },
            "network": {"bluetooth": False, "carrier": "ExTel", "cellular": True, "wifi": False},
            "screen": {"width": 1080, "height": 2400, "density": 3},
            "library": {"name": "analytics-android", "version": "4.11.3"},
        },
    }


class Payload(NamedTuple):
    """What is sent: ``events`` of them are one body, of a type of content, with a header that says whose it is."""

    name: str
    path: str
    body: bytes
    events: int
    content: str = "application/json"
    header: tuple[str, str] = ("authorization", "Basic ZGVtby1hbmRyb2lkOg==")  # demo-android and no password

    def whole(self) -> bytes:
        """The body with ids in it."""
        return self.body.replace(ID.encode(), b"m" * 36)


def _text(node: Mapping[str, Any]) -> bytes:
    return json.dumps(node, separators=(",", ":")).encode()


SINGLE = Payload("single", "/v1/track", _text(event(7)), 1)
ONE_DEVICE = Payload("batch", "/v1/batch", _text({"batch": [event(7)] * BATCH}), BATCH)
MANY_DEVICES = Payload("batch, 50 devices", "/v1/batch", _text({"batch": [event(i) for i in range(BATCH)]}), BATCH)
PAYLOADS = (SINGLE, ONE_DEVICE, MANY_DEVICES)

_SCRIPT = """
local parts = {parts}
local made, thread = 0, 0
function setup(t) thread = thread + 1; t:set("me", thread) end
function init() math.randomseed(os.time() * 100 + me); start = string.format("%08x", math.random(0, 2^31 - 1)) end
local headers = {{ ["content-type"] = "{content}", ["{name}"] = "{value}" }}
function request()
  local out = {{ parts[1] }}
  for i = 2, #parts do
    made = made + 1
    out[#out + 1] = string.format("%s-%04x-%023x", start, me, made)
    out[#out + 1] = parts[i]
  end
  return wrk.format("POST", "{path}", headers, table.concat(out))
end
"""


def _literal(part: bytes) -> str:
    """As Lua writes any bytes."""
    plain = {byte: chr(byte) for byte in range(32, 127)} | {ord('"'): '\\"', ord("\\"): "\\\\"}
    return '"' + "".join([plain.get(byte) or f"\\{byte:03d}" for byte in part]) + '"'


def script(payload: Payload, folder: Path, *, delay_ms: int = 0) -> Path:
    """A file for ``wrk --script``: each body it sends has message ids of its own. A connection may rest in between."""
    parts = "{" + ", ".join(map(_literal, payload.body.split(ID.encode()))) + "}"
    name, value = payload.header
    text = _SCRIPT.format(parts=parts, path=payload.path, name=name, value=value, content=payload.content)
    if delay_ms:
        text += f"function delay() return {delay_ms} end\n"
    file = folder / f"{payload.name}-{delay_ms}.lua"
    file.write_text(text, encoding="utf-8")
    return file
