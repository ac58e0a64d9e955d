"""Bad input gets the protocol's own answer, leaves a number, and costs bounded memory."""

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from running import NARROW, House, until

RUNS = NARROW

PAGE = {"type": "page", "userId": "u", "messageId": "m", "properties": {"url": "/cart"}}


def batch(message: str, **told: Any) -> bytes:
    """A batch of one page visit, which is no repeat of another case's."""
    return json.dumps({"batch": [{**PAGE, "messageId": message, **told}], "writeKey": "demo-android"}).encode()


BATCH = batch("m")
KEY = {"authorization": "Basic ZGVtby1hbmRyb2lkOg=="}
ENVELOPE = "/api/1/envelope/?sentry_key=demo-android"
DEEP = (
    b'{"writeKey":"demo-android","batch":[{"type":"page","context":'
    + b'{"a":' * 100_000
    + b"1"
    + b"}" * 100_000
    + b"}]}"
)


VISIT = {"records": 1, "kept": 2, "reduced": 1, "counted": 1}
"""What becomes of the page visit where nothing is wrong with it."""
UNKNOWN, MALFORMED = {"refused: unknown key": 1}, {"refused: malformed": 1}
NAMELESS = {"records": 1, "reduced": 1, "dropped": 1, "dropped: no subject": 1}
HUGE = {**NAMELESS, "dropped": 3, "dropped: malformed": 2}
Case = tuple[str, bytes, dict[str, str], int, dict[str, int]]

CASES: dict[str, Case] = {
    "wrong key": ("/v1/batch", BATCH.replace(b"demo-android", b"nobody"), {}, 401, UNKNOWN),
    "no key": ("/v1/batch", b'{"batch":[]}', {}, 401, UNKNOWN),
    "broken json": ("/v1/batch", b'{"writeKey":"demo-android","batch":[{', {}, 401, UNKNOWN),
    "broken json, key in header": ("/v1/batch", b'{"batch":[{', KEY, 400, MALFORMED),
    "truncated gzip": ("/v1/batch", gzip.compress(BATCH)[:-9], {"content-encoding": "gzip"}, 400, MALFORMED),
    "not gzip": ("/v1/batch", BATCH, {"content-encoding": "gzip"}, 400, MALFORMED),
    "unknown coding": ("/v1/batch", BATCH, {"content-encoding": "rot13"}, 400, MALFORMED),
    "bomb": ("/v1/batch", gzip.compress(bytes(21 << 20)), KEY, 413, {"refused: too large": 1}),
    "deep nesting": ("/v1/batch", DEEP, KEY, 400, MALFORMED),
    "invalid utf-8": ("/v1/batch", BATCH.replace(b"/cart", b"/\xff\xfe"), {}, 400, MALFORMED),
    "wrong content type": ("/v1/batch", BATCH, {"content-type": "application/x-www-form-urlencoded"}, 200, VISIT),
    "gzip without a label": ("/v1/batch", gzip.compress(batch("gzip")), {}, 200, VISIT),
    "the same again": ("/v1/batch", BATCH, {}, 200, {"records": 1, "dropped": 4, "dropped: repeat": 4}),
    "empty batch": ("/v1/batch", b'{"writeKey":"demo-android","batch":[]}', {}, 200, {"skipped: empty": 1}),
    "unknown messages": ("/v1/batch", b'{"batch":[1,{},{"type":"x"}]}', KEY, 200, {"skipped: unread": 3}),
    "huge numbers": ("/v1/batch", batch("huge").replace(b'"u"', b"9" * 400), {}, 200, HUGE),
    "wrong types": ("/v1/batch", batch("types", userId={"x": [1]}), {}, 200, NAMELESS),
    "long ago": ("/v1/batch", batch("ago", timestamp="1970-01-01T00:00:00Z"), {}, 200, VISIT),
    "far ahead": ("/v1/batch", batch("ahead", timestamp="2100-01-01T00:00:00Z"), {}, 200, VISIT),
    "unknown item": (ENVELOPE, b'{}\n{"type":"strange"}\n{"a":1}\n', {}, 200, {"skipped: unread": 1}),
    "transaction without a request": (
        ENVELOPE,
        b'{}\n{"type":"transaction"}\n{}\n',
        {},
        200,
        {"skipped: no record": 1},
    ),
    "empty envelope": (ENVELOPE, b"{}", {}, 200, {"skipped: empty": 1}),
    "short item": (ENVELOPE, b'{}\n{"type":"event","length":99}\n{}', {}, 400, MALFORMED),
    "no sentry key": ("/api/1/envelope/", b"{}\n", {}, 403, UNKNOWN),
    "wrong project": ("/api/9/envelope/?sentry_key=demo-android", b"{}\n", {}, 403, UNKNOWN),
    "unknown domain": ("/api/event", b'{"n":"pageview","u":"https://other.example/"}', {}, 400, UNKNOWN),
    "data url": ("/api/event", b'{"n":"x","u":"data:,x","d":"shop.example"}', {}, 202, {"skipped: no record": 1}),
    "no protocol": ("/nowhere", b"x", {}, 404, {"refused: no protocol": 1}),
}
SECTIONS = {"why": "dropped", "requests": "refused", "passed-over": "skipped"}


@pytest.fixture(scope="module")
def console(house: House) -> Iterator[httpx.Client]:
    """Somebody who looks at the numbers."""
    with httpx.Client(base_url=house.console, timeout=30) as client:
        client.get(house.console_link())
        yield client


def numbers(console: httpx.Client) -> Counter[str]:
    """All that the console counts, by the words that it shows."""
    page = console.get("/live").text
    found = Counter({name: int(n.replace(",", "")) for name, n in re.findall(r'data-figure="(\w+)">([\d,]+)<', page)})
    for part, name in SECTIONS.items():
        section = re.search(rf'aria-labelledby="{part}">(.*?)</section>', page, re.DOTALL)
        for word, n in re.findall(r"<dt>([^<]*)</dt><dd>([\d,]+)</dd>", section[1] if section else ""):
            found[f"{name}: {word}"] += int(n.replace(",", ""))
    return found


@pytest.mark.parametrize("name", CASES)
def test_bad_input_gets_the_protocols_own_answer_and_leaves_a_number(
    house: House, console: httpx.Client, name: str
) -> None:
    """The status that the vendor's clients understand, never a traceback, and on the console what became of it."""
    path, body, headers, status, counted = CASES[name]
    before = numbers(console)
    answer = house.post(path, body, **{key.replace("-", "_"): value for key, value in headers.items()})

    assert (name, status) == (name, answer.status_code)
    assert "Traceback" not in answer.text
    assert "set-cookie" not in answer.headers
    until(lambda: before + Counter(counted) == numbers(console))


def test_what_a_client_says_of_time_is_not_believed(house: House) -> None:
    """Records of 1970 and of 2100 count when they are received, and what they say of it is named as not needed."""
    now = datetime.now(UTC)
    hours = {row["hour"][:10] for row in house.facts("SELECT hour FROM page_visit")}
    assert hours <= {(now - timedelta(days=1)).date().isoformat(), now.date().isoformat()}

    def told() -> bool:
        for _ in range(50):  # one body in sixteen is looked at
            house.post("/v1/batch", batch("", timestamp="1970-01-01T00:00:00Z"))
        return any((row["path"], row["need"]) == ("timestamp", "undeclared") for row in house.sdk_fields())

    until(told)


def test_a_body_over_the_limit_is_refused(house: House) -> None:
    """The bound holds for bodies that are not compressed, too."""
    answer = house.post("/v1/batch", b" " * (21 << 20), **KEY)
    assert 413 == answer.status_code


def test_the_house_still_stands(house: House) -> None:
    """After all that: no child died, nothing of it is in the output, and good input is taken."""
    assert 200 == house.segment([{**PAGE, "messageId": "after"}]).status_code
    output = house.output.read_text()
    assert "died" not in output
    assert "Traceback" not in output
    assert not [word for word in ("writeKey", "demo-android", "/cart", "strange") if word in output]
