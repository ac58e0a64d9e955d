"""Words that an SDK put wherever it can put something, and the search for them in everything at rest."""

import base64
import gzip
import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import httpx
import lz4.block
import zstandard
from running import NARROW, House

from remit.flows.sampling import NAMED_AFTER_BATCHES, RATES
from remit.policy.catalogue import CATALOGUE
from remit.policy.compile import compiled
from remit.policy.model import Policy
from remit.policy.plan import Plan, plans
from remit.policy.words import Kind
from remit.wire import captured, events, messages, plausible, posthog, segment, sentry_published, umami

CANARY = "zqcanaryzq"
PERSONAL = "zqpersonalzq"
REDUCED = "zqreducedzq"
CONTROL = "zqcontrolzq"
MIXED = "zq canary@zq"
"""With characters that a URL writes otherwise."""
BASIC = "Basic ZGVtby1hbmRyb2lkOg=="


PERSONAL_LEAVES: dict[str, dict[str, object]] = {
    "identify": {"traits.email": f"{PERSONAL}@example.org", "traits.name": PERSONAL, "traits.address": PERSONAL,
                 "anonymousId": f"{PERSONAL}-anon", "context.device.model": PERSONAL},
    "group": {}, "alias": {"context.traits.name": PERSONAL},
    "page": {"properties.url": f"/{REDUCED}?q={REDUCED}#{REDUCED}"}, "screen": {"context.device.model": PERSONAL},
    "track": {"anonymousId": f"{PERSONAL}-anon"},
}  # fmt: skip
"""What the policy keeps, and what it reduces, by kind of message."""


def narrow_plan(app: str) -> Plan:
    """The plan of an app of the policy that needs little."""
    policy = compiled(NARROW.read_text(encoding="utf-8"), NARROW.name)
    assert isinstance(policy, Policy)
    return plans(policy)[app]


def encodings(word: str) -> Iterator[bytes]:
    """The forms in which a word could be written down."""
    raw = word.encode()
    yield raw
    yield word.encode("utf-16-le")
    yield word.encode("utf-16-be")
    yield raw.hex().encode()
    yield raw.hex().upper().encode()
    yield quote(word).encode()
    yield quote_plus(word).encode()
    for shift in range(3):
        # Three offsets: base64 groups three bytes, so only the inner part is the same at each.
        yield base64.b64encode(b"x" * shift + raw)[4:-4]
    for kind in ("md5", "sha1", "sha256", "blake2b"):
        yield hashlib.new(kind, raw).digest()
        yield hashlib.new(kind, raw).hexdigest().encode()
        yield hashlib.new(kind, raw).hexdigest().upper().encode()


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


def nested(leaves: Mapping[str, object]) -> dict[str, Any]:
    """An object of dotted paths; one that would run through a leaf that is there already is left out."""
    body: dict[str, Any] = {}
    for path, value in leaves.items():
        *inner, last = path.split(".")
        node: Any = body
        for part in inner:
            node = node.setdefault(part, {}) if isinstance(node, dict) else None
        if isinstance(node, dict):
            node.setdefault(last, value)
    return body


def undeclared(published: Iterable[str], needed: Iterable[str], prefix: str = "") -> dict[str, object]:
    """A canary at every published path that nothing needs, and at one that no vendor ever published."""
    known = {path.replace("[]", "").removeprefix(prefix) for path in needed}
    paths = [path.removeprefix(prefix) for path in sorted(published) if path.startswith(prefix)]
    return {path: MIXED for path in paths if path not in known} | {CANARY: {CANARY: [CANARY, {CANARY: MIXED}]}}


def segment_messages() -> Iterator[dict[str, Any]]:
    """One Segment message of each kind: canaries at all published paths but those that the policy needs."""
    plan = narrow_plan("shop-android")
    for called, kind in messages.KINDS.items():
        needed = [path for one in messages.FIELDS[kind] if one.item in plan.tables[kind].items for path in one.paths]
        needed += [path for one in (*messages.composed_of(plan, kind), *messages.ADDRESSES) for path in one.paths]
        own = {"type": called, "messageId": f"{PERSONAL}-{called}", "userId": f"{PERSONAL}-user",
               "context.device.adTrackingEnabled": True}  # fmt: skip
        yield nested(own | PERSONAL_LEAVES[called] | undeclared(segment.PUBLISHED, [*needed, *own]))


def _span(op: str) -> dict[str, Any]:
    return {op: "http.client" if op == "op" else {"value": "http.client"}, CANARY: CANARY, "description": MIXED}


def envelopes(house: House) -> Iterator[str]:
    """Sentry items that are read, with canaries around what is needed of them, and items that are not read."""
    frame = {"filename": MIXED, "vars": {CANARY: CANARY}, "context_line": CANARY, "pre_context": [MIXED],
             "module": "shop", "function": "pay", "abs_path": CANARY}  # fmt: skip
    exception = {"type": "KeyError", "value": MIXED, "stacktrace": {"frames": [frame]}, CANARY: CANARY}
    needed = [path for one in events.AROUND for path in one.paths]
    event = nested(undeclared(sentry_published.PUBLISHED, [*needed, "event_id"])) | {
        "exception": {"values": [exception]}
    }
    session = {"sid": f"{PERSONAL}-sid", "status": "exited", "did": f"{PERSONAL}-user"}
    read = ("sid", "status", "did", "errors", "duration", "attrs.release", "attrs.ip_address")
    around = nested(undeclared(sentry_published.PUBLISHED, read))
    group = {"exited": 1, "did": f"{PERSONAL}-user", "started": MIXED, CANARY: CANARY}
    items = {
        "event": event, "session": {**around, **session}, "sessions": {"aggregates": [group], "attrs": {CANARY: MIXED}},
        "transaction": {"contexts": {"trace": _span("op")}, "spans": [_span("op")], CANARY: MIXED},
        "span": {"items": [{"attributes": _span("sentry.op"), CANARY: MIXED}], CANARY: MIXED},
        "log": {"items": [{"attributes": {CANARY: {"value": MIXED}}, CANARY: MIXED}], CANARY: MIXED},
        "client_report": {"discarded_events": [{"reason": CANARY, "category": MIXED, "quantity": 1}], CANARY: MIXED},
        **{kind: {CANARY: MIXED} for kind in ("feedback", "user_report", CANARY)},
    }  # fmt: skip
    for kind, payload in items.items():
        head = {"dsn": house.dsn, "sent_at": MIXED, CANARY: CANARY, "sdk": {"version": MIXED}, "trace": {CANARY: MIXED}}
        yield "\n".join([json.dumps(head), json.dumps({"type": kind, CANARY: MIXED}), json.dumps(payload), ""])


def visits() -> Iterator[dict[str, Any]]:
    """Plausible events of each kind, with a canary in every key that is not needed."""
    for name in ("pageview", "engagement", MIXED):
        around = undeclared(plausible.PUBLISHED, ("n", "name", "u", "url", "d", "domain", "e"))
        yield nested({"n": name, "u": f"https://shop.example/{REDUCED}", "d": "shop.example", **around})


def posthog_events() -> Iterator[dict[str, Any]]:
    """PostHog events of each kind, with canaries in all that is not needed, and around the exceptions of one."""
    plan = narrow_plan("shop-android")
    frame = {"module": "shop", "function": "pay", "in_app": True, "filename": MIXED, "vars": CANARY, CANARY: MIXED}
    raised = {"type": "KeyError", "value": MIXED, "stacktrace": {"frames": [frame]}, CANARY: MIXED}
    own = {"distinct_id": f"{PERSONAL}-user", "properties.$is_identified": True}
    for i, called in enumerate((*captured.KINDS, "$snapshot", "$groupidentify", MIXED)):
        kind = captured.KINDS.get(called, Kind.EVENT)
        needed = ["batch", *captured.OWN, *captured.WHO, captured.SERVER, captured.LEFT, captured.STAYED]
        needed += [path for one in captured.fields_of(plan, kind) for path in one.paths]
        needed += [path for paths in captured.CRASH_PATHS.values() for path in paths]
        page = {"event": called, "uuid": f"{PERSONAL}-{i}", "properties.$current_url": f"/{REDUCED}"}
        event = nested({**page, **own, **undeclared(posthog.PUBLISHED, needed)})
        event["properties"]["$exception_list"] = [raised, {"value": MIXED}]
        yield event


def umami_events() -> Iterator[dict[str, Any]]:
    """Umami events of each type, with a canary in every key that is not needed."""
    plan = narrow_plan("shop-web")
    kinds = (("event", None, Kind.PAGE_VISIT), ("event", MIXED, Kind.EVENT), ("identify", None, Kind.ACCOUNT))
    for called, name, kind in kinds:
        fields = [one for one in umami.FIELDS[kind] if one.item in plan.tables[kind].items]
        needed = [path for one in fields for path in one.paths]
        own = {"type": called, "payload.website": plan.app.website, "payload.name": name}
        told = {"payload.url": f"https://shop.example/{REDUCED}", "payload.id": f"{PERSONAL}-user"}
        yield nested(undeclared(umami.PUBLISHED, [*needed, *own]) | {"payload.data": {CANARY: MIXED}} | told | own)


def records() -> Iterator[bytes]:
    """Remit's own records of each kind, in one text and one a line, with canaries in all that is not needed."""
    plan = narrow_plan("shop-android")
    one: list[dict[str, Any]] = []
    for kind in Kind:
        needed = plan.tables[kind].items
        spared = {item: MIXED for item in CATALOGUE if item not in needed}
        named = {"account.id": f"{PERSONAL}-user"}
        one.append({"kind": kind, "id": f"{PERSONAL}-{kind}", CANARY: MIXED, "items": spared | named | {CANARY: MIXED}})
    one += [{"kind": CANARY, "items": {"email": f"{CANARY}@example.org"}}, {"kind": "event", "n": CANARY}]
    yield json.dumps({"key": "demo-android", "records": one, CANARY: {CANARY: MIXED}}).encode()
    yield "\n".join(json.dumps(record | {"id": f"{PERSONAL}-line"}) for record in one).encode()


def send(house: House) -> None:
    """Put canaries into every undeclared field, key, header, parameter and malformed body.

    Other words go where the policy keeps a value, and where it reduces one.
    """
    batch = [*segment_messages()]
    for i in range(20):  # enough for the sampling of undeclared paths to strike
        again = [{**one, "messageId": f"{PERSONAL}-{i}-{one['type']}"} for one in batch]
        body = {"writeKey": "demo-android", "batch": again, CANARY: MIXED, "context": {CANARY: {CANARY: MIXED}}}
        assert house.post("/v1/batch", body).status_code == 200
    headers = {"x_" + CANARY: MIXED, "user_agent": MIXED, "cookie": f"a={CANARY}", "referer": CANARY}
    for one in batch:
        path = f"/v1/{one['type']}?{CANARY}={quote(MIXED)}"
        assert house.post(path, {**one, "writeKey": "demo-android"}, **headers).status_code == 200
    auth = {"x_sentry_auth": f"Sentry sentry_key=demo-android, sentry_client={CANARY}/1, sentry_{CANARY}={CANARY}"}
    for envelope in envelopes(house):
        assert house.post(f"/api/1/envelope/?{CANARY}={CANARY}", envelope, **auth, **headers).status_code == 200
    for form in records():
        bearer = {"authorization": "Bearer demo-android", **headers}
        assert house.post(f"/remit/v1/records?{CANARY}={CANARY}", form, **bearer).status_code == 200
    for visit in visits():
        assert house.post(f"/api/event?{CANARY}={CANARY}", visit, **headers).status_code == 202
    for event in posthog_events():
        alone = event | {"api_key": "demo-android"}
        packed = b"data=" + base64.b64encode(json.dumps(alone).encode())
        for form in (json.dumps(alone).encode(), gzip.compress(json.dumps(alone).encode()), packed):
            assert house.post(f"/e/?{CANARY}={CANARY}", form, **headers).status_code == 200
    around = {"api_key": "demo-android", "batch": [*posthog_events()], CANARY: MIXED}
    assert house.post("/batch", around, **headers).status_code == 200
    asks = {"token": "demo-android", "distinct_id": CANARY, "person_properties": {CANARY: MIXED}}
    assert house.post("/flags/?v=2", asks, **headers).status_code == 200
    assert house.post("/flags/?v=2", {**asks, "token": CANARY}, **headers).status_code == 401
    for key, status in (("demo-android", 200), (CANARY, 401)):
        assert httpx.get(f"{house.sdk}/array/{key}/config?{CANARY}={CANARY}", timeout=30).status_code == status
    for event in umami_events():
        assert house.post(f"/api/send?{CANARY}={CANARY}", event, x_umami_cache=CANARY, **headers).status_code == 200
    assert house.post("/api/batch", json.dumps([*umami_events()]), **headers).status_code == 200
    _malformed(house, batch)
    _insistent(house)


def _insistent(house: House) -> None:
    """The same key in so many bodies that a field of that name would be told of."""
    keys = {f"{CANARY}@example.org": 1, f"{CANARY} {CANARY}": {MIXED: 1}}
    with httpx.Client(base_url=house.sdk) as client:
        for _ in range(NAMED_AFTER_BATCHES * RATES[0][1] * 3 // 2):
            body = {"writeKey": "demo-android", "batch": [{"type": "track", "userId": "u", "properties": keys}]}
            assert 200 == client.post("/v1/batch", json=body).status_code


def _malformed(house: House, batch: list[dict[str, Any]]) -> None:
    broken = f'"batch":[{{"{CANARY}": tru'
    for body in (f'{{"writeKey":"demo-android",{broken}', f'{{"writeKey":"{CANARY}",{broken}'):
        house.post("/v1/batch", body.encode())
    house.post("/v1/batch", f"{{{broken}".encode(), authorization=BASIC)
    house.post("/v1/batch", {"writeKey": CANARY, "batch": batch})
    house.post("/v1/batch", gzip.compress(CANARY.encode() * 9)[:-12], content_encoding="gzip")
    house.post(f"/{CANARY}", CANARY.encode())
    house.post("/api/1/envelope/?sentry_key=demo-android", f'{{}}\n{{"type":"event"}}\n{{"{CANARY}": tru'.encode())
    house.post(f"/api/1/envelope/?sentry_key={CANARY}", f'{{"{CANARY}": tru'.encode())
    house.post("/remit/v1/records", f'{{"key":"demo-android","records":[{{"kind":"{CANARY}'.encode())
    house.post("/remit/v1/records", {"key": CANARY, "records": [{"kind": "event", "items": {CANARY: CANARY}}]})
    house.post("/api/event", f'{{"n":"pageview","d":"shop.example","u":"{CANARY}'.encode())
    house.post("/api/event", {"n": CANARY, "d": f"{CANARY}.example", "u": "/"})
    house.post("/e/", {"api_key": CANARY, "event": CANARY})
    house.post("/e/", f'{{"api_key":"demo-android","event":"{CANARY}'.encode())
    house.post("/e/", f"data={CANARY}".encode())
    house.post("/api/send", {"type": "event", "payload": {"website": CANARY, "url": CANARY}})
    house.post("/api/batch", f'[{{"type":"event","payload":{{"website":"{CANARY}","url":"{CANARY}'.encode())
