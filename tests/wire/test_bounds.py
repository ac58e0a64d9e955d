"""What one request may come to: a text that stands once in a body may be lent to thousands of records."""

import json
import tracemalloc
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wide import envelope, planned, request, spoken, undeclared

from remit.policy.columns import Batch
from remit.policy.values import TEXT_CHARACTERS_MAX, TYPES
from remit.policy.words import Item
from remit.wire.decoder import JSON_BYTES_MAX, PATH_CHARACTERS_MAX, nodes
from remit.wire.protocol import Refused, Rejection
from remit.wire.sampled import NODES_SAMPLED_MAX, UNSEEN, is_small

PLAN = planned()
LONG = "/" + "a" * 200_000
PAGES = [{"type": "page"}] * 1000
ENDS = ("exited", "errored", "unhandled", "abnormal", "crashed")
SESSIONS = {"attrs": {"release": LONG}, "aggregates": [dict.fromkeys(ENDS, 1)] * 200}
OVER_LONG = {
    "lent": ("/v1/batch", {"context": {"page": {"url": LONG}}, "batch": PAGES}, "page.url"),
    "own": ("/v1/batch", {"batch": [{"type": "page", "properties": {"url": LONG}}]}, "page.url"),
    "alone": ("/v1/page", {"properties": {"url": LONG}}, "page.url"),
    "event": ("/api/event", {"n": "pageview", "u": LONG}, "page.url"),
    "aggregates": ("/api/1/envelope/", envelope(("sessions", SESSIONS)), "app.version"),
    "crash": ("/api/1/envelope/", envelope(("event", {"release": LONG, "exception": [{"type": "E"}]})), "app.version"),
}
AROUND = {
    "page": {"url": "/" * TEXT_CHARACTERS_MAX, "referrer": "/" * TEXT_CHARACTERS_MAX},
    "device": {"model": "m" * TEXT_CHARACTERS_MAX, "name": "n" * TEXT_CHARACTERS_MAX},
}


def decoded(path: str, body: object, **headers: str) -> Batch:
    """The one batch of a body."""
    (batch,) = spoken(path).decoder(PLAN)(request(path, body, **headers), 0).batches
    return batch


@pytest.mark.parametrize("name", OVER_LONG)
def test_an_over_long_text_is_carried_as_an_empty_one(name: str) -> None:
    """It is present and of no type, as it stood in the body, and costs nothing in any record."""
    path, body, item = OVER_LONG[name]
    column = decoded(path, body).columns[Item(item)]

    assert {""} == set(column)


def test_an_over_long_user_agent_is_lent_to_no_record() -> None:
    """What the connection says goes into every record, so the same bound holds for it."""
    batch = decoded("/v1/batch", {"batch": PAGES}, user_agent=LONG)

    assert {""} == set(batch.columns[Item("net.user_agent")])


def test_a_text_at_the_bound_is_carried_whole() -> None:
    """The bound is the one of the types: what fits is not touched."""
    batch = decoded("/v1/batch", {"context": AROUND, "batch": PAGES[:2]})

    assert [AROUND["page"]["url"]] * 2 == batch.columns[Item("page.url")]


@pytest.mark.parametrize("name", TYPES)
def test_no_type_takes_an_over_long_text(name: str) -> None:
    """Blanks make nothing fit that intake would not carry; the empty text that it carries instead is of no type."""
    spelt = ("who-1", "+12025550100", "192.0.2.1", "/cart", "nl", "get", "200", "id.example.org|1", "2026-11-03")

    assert not TYPES[name].fits("")
    assert not any(TYPES[name].fits(text + " " * TEXT_CHARACTERS_MAX) for text in spelt)


def test_an_over_long_message_id_is_none() -> None:
    """An envelope's one id goes into every crash of it."""
    crashes = [("event", {"exception": [{"type": "E"}]})] * 3

    assert [""] * 3 == decoded("/api/1/envelope/", envelope(*crashes, event_id=LONG)).messages
    assert ["m"] * 3 == decoded("/api/1/envelope/", envelope(*crashes, event_id="m")).messages


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/batch", {"context": AROUND, "batch": [{"type": "page"}] * 2500}),
        ("/api/1/envelope/", envelope(*[("sessions", {"aggregates": [dict.fromkeys(ENDS, 1)] * 1000})] * 50)),
    ],
)
def test_values_that_come_to_too_much_are_refused(path: str, body: object) -> None:
    """Each value is short and each item within its bound: what counts is what all of them come to."""
    with pytest.raises(Refused) as refused:
        decoded(path, body)

    assert Rejection.TOO_LARGE is refused.value.rejection
    assert 413 == refused.value.reply.status


def test_what_stands_around_a_batch_is_counted_once() -> None:
    """However many messages it is lent to; what one of them needs is not undeclared."""
    body = {"context": {"z": [1] * 5000, "locale": "nl"}, "batch": PAGES}
    found = Counter(undeclared(request("/v1/batch", body), PLAN))

    assert {"context.z": 5000} == found


@pytest.mark.parametrize("filler", [1, [], {}, None, [[[[1]]]]])
def test_a_sample_looks_at_so_many_nodes_and_no_more(filler: object) -> None:
    """Leaves, nulls and containers cost alike: what stands behind the last that is looked at is not counted."""
    for n, seen in ((10, True), (NODES_SAMPLED_MAX // 10, False)):
        texts: list[object] = [{"type": "page", "a": [filler] * n}] * 12 + [{"behind": 1}]
        bodies = {
            "/v1/batch": request("/v1/batch", {"batch": texts}),
            "/api/1/envelope/": request("/api/1/envelope/", envelope(*[("event", one) for one in texts])),
        }
        for path, sent in bodies.items():
            assert seen is ("behind" in undeclared(sent, PLAN)), path


def test_a_long_key_does_not_make_every_path_long() -> None:
    """Of a sampled path the beginning is enough, also where other paths stand below it."""
    sent = request("/v1/page", json.dumps({"k" * 100_000: {"l" * 100_000: [1] * 100}}).encode())

    assert {"k" * PATH_CHARACTERS_MAX: 100} == Counter(undeclared(sent, PLAN))


LARGE = {
    "empty lists": "[" + "[]," * 300_000 + "1]",
    "lists in lists": "[" + ("[" * 60 + "]" * 60 + ",") * 7_000 + "1]",
    "empty objects": "[" + "{}," * 300_000 + "1]",
    "keys": "{" + ",".join(f'"{n}":1' for n in range(90_000)) + "}",
    "objects in objects": "[" + ('{"a":' * 60 + "1" + "}" * 60 + ",") * 400 + "1]",
    "numbers": "[" + "1," * 450_000 + "1]",
}


@pytest.mark.parametrize("name", LARGE)
@pytest.mark.parametrize("path", ["/v1/page", "/v1/batch", "/v1/batch around", "/api/event", "/api/1/envelope/"])
def test_a_text_of_too_many_values_is_not_opened_for_a_sample(path: str, name: str) -> None:
    """A megabyte of small values makes no objects: it is told of as one path, and its neighbours as ever."""
    text, page = LARGE[name], '{"type":"page","colour":1}'
    body = {
        "/v1/page": f'{{"x":{text}}}',
        "/v1/batch": f'{{"batch":[{page},{{"type":"page","x":{text}}},{page}]}}',
        "/v1/batch around": f'{{"batch":[{page},{page}],"x":{text}}}',
        "/api/event": f'{{"n":"pageview","u":"/","x":{text}}}',
        "/api/1/envelope/": f'{{}}\n{{"type":"event"}}\n{{"x":{text},"exception":[{{"type":"E"}}]}}',
    }[path]
    sent = request(path.partition(" ")[0], body.encode())
    tracemalloc.start()
    found = undeclared(sent, PLAN)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert Counter({UNSEEN: 1, "colour": 2} if "batch" in path else {UNSEEN: 1}) == Counter(found)
    # Two copies of the text, and nothing for each of its values.
    assert 3 * JSON_BYTES_MAX > most


def test_what_stands_around_a_batch_is_not_opened_for_a_sample_at_any_size() -> None:
    """Not key by key either: it is told of as one path, and the messages as ever."""
    sent = request("/v1/batch", f'{{"batch":[{{"type":"page","colour":1}}],{LARGE["keys"][1:]}'.encode())
    tracemalloc.start()
    found = undeclared(sent, PLAN)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert [UNSEEN, "colour"] == found
    assert 3 * JSON_BYTES_MAX > most


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(st.text(max_size=2), below, max_size=4),
    max_leaves=20,
)


@given(JSONS, st.sampled_from([None, 1]))
def test_a_text_that_is_small_has_few_nodes(value: object, indent: int | None) -> None:
    """However it is written: a text has no more nodes than commas and brackets that open, and one."""
    text = json.dumps(value, indent=indent).encode()

    assert sum(map(text.count, (b",", b"[", b"{"))) + 1 >= sum(1 for _ in nodes(value))


def test_where_a_text_is_too_large_to_be_opened() -> None:
    """At the bound it is not, below it is; a sample of small texts ends as it did."""
    assert [True, False] == [is_small(b"[" + b"1," * n + b"1]") for n in (NODES_SAMPLED_MAX - 2, NODES_SAMPLED_MAX - 1)]
