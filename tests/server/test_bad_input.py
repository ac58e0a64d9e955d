"""Bad input gets the protocol's own answer, leaves a number, and costs bounded memory."""

import gzip
import json

import pytest
from running import House

PAGE = {"type": "page", "userId": "u", "messageId": "m", "properties": {"url": "/cart"}}
BATCH = json.dumps({"batch": [PAGE], "writeKey": "demo-android"}).encode()
DEEP = (
    b'{"writeKey":"demo-android","batch":[{"type":"page","context":'
    + b'{"a":' * 100_000
    + b"1"
    + b"}" * 100_000
    + b"}]}"
)


CASES: dict[str, tuple[str, bytes, dict[str, str], int]] = {
    "wrong key": ("/v1/batch", BATCH.replace(b"demo-android", b"nobody"), {}, 401),
    "no key": ("/v1/batch", b'{"batch":[]}', {}, 401),
    "broken json": ("/v1/batch", b'{"writeKey":"demo-android","batch":[{', {}, 401),
    "broken json, key in header": ("/v1/batch", b'{"batch":[{', {"authorization": "Basic ZGVtby1hbmRyb2lkOg=="}, 400),
    "truncated gzip": ("/v1/batch", gzip.compress(BATCH)[:-9], {"content-encoding": "gzip"}, 400),
    "not gzip": ("/v1/batch", BATCH, {"content-encoding": "gzip"}, 400),
    "unknown coding": ("/v1/batch", BATCH, {"content-encoding": "rot13"}, 400),
    "deep nesting": ("/v1/batch", DEEP, {"authorization": "Basic ZGVtby1hbmRyb2lkOg=="}, 400),
    "invalid utf-8": ("/v1/batch", BATCH.replace(b"/cart", b"/\xff\xfe"), {}, 400),
    "wrong content type": ("/v1/batch", BATCH, {"content-type": "application/x-www-form-urlencoded"}, 200),
    "gzip without a label": ("/v1/batch", gzip.compress(BATCH), {}, 200),
    "empty batch": ("/v1/batch", b'{"writeKey":"demo-android","batch":[]}', {}, 200),
    "huge numbers": ("/v1/batch", BATCH.replace(b'"u"', b"9" * 400), {}, 200),
    "wrong types": ("/v1/batch", BATCH.replace(b'"u"', b'{"x":[1]}'), {}, 200),
    "long ago": ("/v1/batch", BATCH.replace(b'"m"', b'"m2","timestamp":"1970-01-01T00:00:00Z"'), {}, 200),
    "far ahead": ("/v1/batch", BATCH.replace(b'"m"', b'"m3","timestamp":"2100-01-01T00:00:00Z"'), {}, 200),
    "unknown item": ("/api/1/envelope/?sentry_key=demo-android", b'{}\n{"type":"strange"}\n{"a":1}\n', {}, 200),
    "empty envelope": ("/api/1/envelope/?sentry_key=demo-android", b"{}", {}, 200),
    "short item": ("/api/1/envelope/?sentry_key=demo-android", b'{}\n{"type":"event","length":99}\n{}', {}, 400),
    "no sentry key": ("/api/1/envelope/", b"{}\n", {}, 403),
    "wrong project": ("/api/9/envelope/?sentry_key=demo-android", b"{}\n", {}, 403),
    "unknown domain": ("/api/event", b'{"n":"pageview","u":"https://other.example/","d":"other.example"}', {}, 400),
    "data url": ("/api/event", b'{"n":"pageview","u":"data:text/html,x","d":"shop.example"}', {}, 202),
    "no protocol": ("/nowhere", b"x", {}, 404),
}


@pytest.mark.parametrize("name", CASES)
def test_bad_input_gets_the_protocols_own_answer(house: House, name: str) -> None:
    """The status that the vendor's clients understand, and never a traceback."""
    path, body, headers, status = CASES[name]
    answer = house.post(path, body, **{key.replace("-", "_"): value for key, value in headers.items()})

    assert (name, status) == (name, answer.status_code)
    assert "Traceback" not in answer.text
    assert "set-cookie" not in answer.headers


def test_a_body_over_the_limit_is_refused(house: House) -> None:
    """The bound holds for bodies that are not compressed, too."""
    answer = house.post("/v1/batch", b" " * (21 << 20), authorization="Basic ZGVtby1hbmRyb2lkOg==")
    assert 413 == answer.status_code


def test_the_house_still_stands(house: House) -> None:
    """After all that: no child died, nothing of it is in the output, and good input is taken."""
    assert 200 == house.segment([{**PAGE, "messageId": "after"}]).status_code
    output = house.output.read_text()
    assert "died" not in output
    assert "Traceback" not in output
