"""Which path gave what: the origins of each protocol, against its decoder and against the body itself."""

import json
import re
from collections import Counter
from typing import Any

import pytest
from bodies import ODD, PAGE, envelopes, messages, spots
from exports import CODINGS, body, exponential, point, sent
from hypothesis import example, given, settings
from hypothesis import strategies as st
from test_otlp import ATTRIBUTES, EXPORTED
from test_ways import RECORD
from wide import PEER, envelope, leaves_of, planned, request, spoken, undeclared

from remit.policy.words import Item, Value
from remit.wire.coding import EXPORTS, METRICS, Export
from remit.wire.conventions import CONNECTIONS
from remit.wire.decoder import bounded
from remit.wire.happening import TIMES, ago, happened
from remit.wire.origins import Record
from remit.wire.parts import MEGABYTE
from remit.wire.request import Request
from remit.wire.sentry import READ
from remit.wire.sessions import ENDS

PLANS = {
    "every item": planned(),
    "some items": planned([Item("email"), Item("device.gaid"), Item("crash.function"), Item("page.referrer")]),
}
AROUND = {Item("net.ip"): PEER, Item("net.user_agent"): "Example/1"}
RECEIVED = 1_700_000_000_000
SENDINGS: tuple[Any, ...] = ("soon", "2023-11-13T22:13:20Z", "2023-11-14T22:13:20.5Z", 1_699_000_000_000)
JOINED: dict[Item, tuple[str, ...]] = {
    Item("name"): ("firstName", "lastName"),
    Item("shipping_address"): ("street", "city", "state", "postalCode", "country"),
}
"""Items that are told in parts, and what the paths of these end with: the first begins the value."""
CLIENTS = st.sampled_from(["sentry.python/2", "sentry.cocoa/8", "sentry.native/1"])


OF_EXPORTS = frozenset(
    "request.duration request.count request.errors crash.module crash.function crash.handled session.status".split()
)
"""Items of an export that are made of several leaves, and of which one is said to tell them."""


def became(item: Item, path: str, value: Any) -> list[Value | None]:
    """What a decoder may make of a value that stands at a path. A list: 0 and 0.0 are two."""
    value = bounded(value)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if path.endswith("payload.screen") and isinstance(value, str) and re.fullmatch(r"\d{1,5}x\d{1,5}", value):
        return [int(value.split("x")[item == "screen.height"])]
    if item in TIMES and path.endswith("offset"):
        return [ago(value, RECEIVED)]
    if item in TIMES:
        return [happened(value, sent, RECEIVED) for sent in (None, *SENDINGS)]
    return [value, *_spelt(item, path, value), *(_scaled(item, path, value) if number else ())]


def _spelt(item: Item, path: str, value: Any) -> set[Value | None]:
    match item:
        case "app.version":
            return {str(value).rpartition("@")[2]}
        case "network.connection":
            return {CONNECTIONS.get(value, value), path.rpartition(".")[2] if value is True else value}
        case "session.status":
            return {ENDS.get(path.rpartition(".")[2]), ENDS.get(str(value)), "errored"}
        case _:
            return set()


def _scaled(item: Item, path: str, value: float) -> set[Value | None]:
    if path == "e":
        return {value / 1000}
    scale = {"message.sent": 1000.0, "hardware.memory": 1 / MEGABYTE, "hardware.storage": 1 / MEGABYTE}
    return {round(value * 1000) if item == "message.sent" else value * scale[item]} if item in scale else set()


MADE = ("crash.stack", "request.duration", "request.errors", "request.count")
"""Items that are made of what stands at several paths."""


def made(item: Item, path: str, value: Any, became: Any) -> bool:
    """Whether a decoder may have made this of several paths, of which one is told."""
    match item:
        case "crash.stack":
            return str(value) in str(became)
        case "request.duration":
            return isinstance(became, int | float) and path.endswith("timestamp")
        case "request.errors":
            return became in (0, 1)
        case _:
            return item == "request.count" and became == 1


def agrees(sent: Request) -> None:
    """Every value that the decoder made has one origin in the body, or came from the connection; and the reverse."""
    leaves = dict(leaves_of(sent))
    for plan in PLANS.values():
        decoded = spoken(sent.path).decoder(plan)(sent, RECEIVED)
        values = {
            (Record(batch.kind, i), item): column[i]
            for batch in decoded.batches
            for item, column in batch.columns.items()
            for i in range(batch.size)
            if column[i] is not None
        }
        taken = [one for one in spoken(sent.path).origins(sent, plan) if not one.why and one.path in leaves]
        told = {(one.record, one.item): one for one in taken}

        assert len(taken) == len(told)
        assert told.keys() <= values.keys()
        for (record, item), value in values.items():
            one = told.get((record, item))
            if one is not None and item in JOINED and isinstance(value, str) and one.path.endswith(JOINED[item]):
                assert value.startswith(str(leaves[one.path]).strip())
                continue
            if item in MADE and sent.path not in EXPORTS:
                assert one is not None
                assert made(item, one.path, leaves[one.path], value)
                continue
            allowed = [AROUND.get(item)] if one is None else became(item, one.path, leaves[one.path])
            is_made = item in OF_EXPORTS and sent.path in EXPORTS
            assert is_made or type(value) in {type(other) for other in allowed if other == value}, (
                item,
                one,
                allowed,
            )


def misses_nothing(sent: Request, *, shared: bool) -> None:
    """What nobody needs is what has no origin. Of a path that several records share, each tells for itself."""
    protocol = spoken(sent.path)
    for plan in PLANS.values():
        known = {one.path for one in protocol.origins(sent, plan) if one.item is None or one.record is not None}
        missing = {name(path, protocol.name) for path, _ in leaves_of(sent) if path not in known}
        # What a batch lends is told of as its messages' own, and in place of a context that is odd.
        missing -= {one for one in missing if shared and one.startswith("context")}
        missed = {path.removeprefix(".") for path in undeclared(sent, plan)}

        assert missing <= missed
        assert shared or missing == missed


def name(path: str, protocol: str) -> str:
    """A path as the vendor's documents spell it: without positions and without where its record stands."""
    plain = re.sub(r"(?<!\\)\[\d+\]", "", path).removeprefix(".")
    if protocol == "otlp":
        return re.sub(r"^(resource|scope)(Spans|Metrics|Logs)([.](scope)(Spans|Metrics|Logs))?[.]?", "", plain)
    if protocol == "remit":
        return plain.removeprefix("records").removeprefix(".")
    for place in ("batch", *(f"items.{kind}" for kind in READ)):
        if plain == place or plain.startswith(place + "."):
            return plain.removeprefix(place).removeprefix(".")
    return re.sub("^items[.]", "item.", re.sub("^items[.]header[.]", "item_header.", plain))


@settings(max_examples=150, deadline=None)
@given(
    st.lists(messages(typed=True) | messages(typed=False), max_size=3),
    st.fixed_dictionaries({}, optional={"context": ODD | st.just({"ip": "192.0.2.3", "os": {"name": "x"}})}),
)
@example([{"type": "page"}], {"context": {"os": {"name": "x"}, "device": {"advertisingId": "a"}}})
def test_origins_of_a_segment_batch(batch: list[Any], around: dict[str, Any]) -> None:
    """Of messages and of the context that their batch lends them."""
    sent = request("/v1/batch", {"batch": batch, **around, "sentAt": "2023-11-14T22:13:20.5Z"}, user_agent="Example/1")
    whole = json.loads(sent.body)

    assert spots(whole) == leaves_of(sent)
    agrees(sent)
    misses_nothing(sent, shared="context" in around)


@settings(max_examples=60, deadline=None)
@given(messages(typed=False).filter(lambda one: isinstance(one, dict)), st.sampled_from(["g", "page", "identify"]))
def test_origins_of_a_segment_message(message: dict[str, Any], operation: str) -> None:
    """Of a message that comes alone its path says what it is."""
    sent = request(f"/v1/{operation}", message, user_agent="Example/1")

    assert spots(json.loads(sent.body)) == leaves_of(sent)
    agrees(sent)
    misses_nothing(sent, shared=False)


@settings(max_examples=150, deadline=None)
@given(PAGE)
@example({"n": "engagement", "u": "https://shop.example/", "e": 0})
def test_origins_of_a_plausible_event(event: dict[str, Any]) -> None:
    """Of short keys and long ones."""
    sent = request("/api/event", event, user_agent="Example/1")

    assert spots(json.loads(sent.body)) == leaves_of(sent)
    agrees(sent)
    misses_nothing(sent, shared=False)


@settings(max_examples=250, deadline=None)
@given(envelopes(), CLIENTS)
@example(
    [("sessions", {"aggregates": [{"exited": 1, "crashed": 1}]}), ("session", {"status": "exited", "did": "u1"})],
    "sentry.python/2",
)
def test_origins_of_a_sentry_envelope(found: list[tuple[str, Any]], client: str) -> None:
    """Of header, item headers, exceptions, sessions and aggregates; what is not read is one leaf."""
    head = {"event_id": "e", "sdk": {"name": client, "x": [1]}}
    sent = request("/api/1/envelope/", envelope(*found, **head), user_agent="Example/1")
    expected = spots(head, "header")
    for i, (kind, payload) in enumerate(found):
        text = json.dumps(payload)
        expected += [(f"items[{i}].header.type", kind), (f"items[{i}].header.length", len(text))]
        escaped = kind.replace(".", "\\.") or '""'
        read = spots(json.loads(text), f"items[{i}].{kind}")
        expected += read if kind in READ else [(f"items[{i}].{escaped}", f"{len(text)} bytes")]

    assert expected == leaves_of(sent)
    agrees(sent)
    misses_nothing(sent, shared=Counter(kind for kind, _ in found)["sessions"] > 0)


@settings(max_examples=150, deadline=None)
@given(st.lists(RECORD, min_size=1, max_size=3), st.sampled_from(["text", "lines"]))
def test_origins_of_records(records: list[dict[str, Any]], form: str) -> None:
    """Of records in one text, and of records one a line."""
    lines = "\n".join(json.dumps(one) for one in records)
    sent = request("/remit/v1/records", lines.encode() if form == "lines" else {"records": records, "key": "k"})

    agrees(sent)
    misses_nothing(sent, shared=False)


@pytest.mark.parametrize("of", EXPORTS.values(), ids=lambda of: of.records)
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_origins_of_an_export(of: Export, data: st.DataObject) -> None:
    """Of records and of the resource that lends to them, in either coding."""
    records, resource = data.draw(st.lists(EXPORTED[of], max_size=3)), data.draw(ATTRIBUTES)
    for coding in CODINGS:
        asked = sent(of, body(of, records, resource), coding)
        agrees(asked)
        misses_nothing(asked, shared=False)


def test_origins_of_an_exponential_histogram() -> None:
    """Of buckets that are one of ours, the first tells of the record."""
    one = point(count=6, scale=4, zeroCount="1", positive={"offset": 3, "bucketCounts": ["1", "2", "0", "2"]}, sum=1.0)
    for coding in CODINGS:
        asked = sent(METRICS, body(METRICS, [exponential(one), exponential(one, new=2)]), coding)
        agrees(asked)
        misses_nothing(asked, shared=False)
