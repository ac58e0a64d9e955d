"""The compiled way, the tolerant walk, and a third reading by the standard library: all say the same."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from bodies import PAGE, events, messages
from hypothesis import given, settings
from hypothesis import strategies as st
from wide import PEER, envelope, planned, request, spoken

from remit.policy.catalogue import CATALOGUE
from remit.policy.compile import compiled
from remit.policy.model import Policy
from remit.policy.plan import plans
from remit.policy.words import Item, Kind
from remit.wire import exceptions
from remit.wire.happening import TIMES
from remit.wire.messages import FIELDS, KINDS, Messages

ROOT = Path(__file__).parents[2]
PLAN = planned()


def at(body: object, path: str) -> Any:
    """The scalar at a path, as anybody would write it down."""
    for part in path.split("."):
        body = body.get(part) if isinstance(body, dict) else None
    return None if isinstance(body, dict | list) else body


RECEIVED = 1_700_000_000_000


def by_hand(batch: list[Any]) -> dict[Kind, list[dict[str, Any]]]:
    """What must come out for each message, read one by one from the untyped body."""
    found: dict[Kind, list[dict[str, Any]]] = {}
    for message in batch:
        kind = KINDS.get(str(message.get("type"))) if isinstance(message, dict) else None
        if kind is None:
            continue
        barred = "traits." if message["type"] == "group" else "\0"

        def told(path: str, message: Any = message, barred: str = barred) -> Any:
            if path.startswith(barred):
                return None
            address = (
                texts([at(message, f"{path}.{part}") for part in PARTS]) if path.endswith("traits.address") else []
            )
            return ", ".join(address) or at(message, path)

        row = {one.item: next((v for v in map(told, one.paths) if v is not None), None) for one in FIELDS[kind]}
        for item in TIMES & set(row):
            row[item] = corrected(row[item], at(message, "sentAt"))
        row |= made(kind, told, row)
        if at(message, "context.device.adTrackingEnabled") is not True:
            row[Item("device.gaid")] = None
        found.setdefault(kind, []).append({key: value for key, value in row.items() if value is not None})
    return found


PARTS = ("street", "city", "state", "postalCode", "country")


def texts(values: list[Any]) -> list[str]:
    """Those that say something."""
    return [value.strip() for value in values if isinstance(value, str) and value.strip()]


def made(kind: Kind, told: Callable[[str], Any], row: dict[Item, Any]) -> dict[Item, Any]:
    """What stands at no one path: a name in parts, the connection that is said to be there, the sender's address."""
    names = [
        texts([told(f"{traits}.{part}Name") for part in ("first", "last")]) for traits in ("traits", "context.traits")
    ]
    whole = row.get(Item("name"))
    found: dict[Item, Any] = {Item("name"): whole}
    if whole is None and kind is Kind.ACCOUNT:
        found[Item("name")] = next((" ".join(one) for one in names if one), None)
    words = [word for word in ("wifi", "cellular", "bluetooth") if told(f"context.network.{word}") is True]
    found[Item("network.connection")] = words[0] if words else None
    of_a_server = "server" in (told("channel"), told("context.channel")) and told("context.direct") is not True
    if row[Item("net.ip")] is None and not of_a_server:
        found[Item("net.ip")] = PEER
    return found


def corrected(told: Any, sent: Any) -> Any:
    """When it happened, by our clock; nothing is later than now, or earlier than a month before."""
    if told is None:
        return None
    form = CATALOGUE[Item("account.active")].type.form
    if not form(told) or (sent is not None and not form(sent)):
        return corrected(told, None) if form(told) else ""
    early = RECEIVED - (int(form(sent)) if sent is not None else RECEIVED) + int(form(told))
    return min(early, RECEIVED) if RECEIVED - early <= 30 * 86_400_000 else ""


def same(one: Any) -> Any:
    """Equal numbers of different types are different values here; more than 64 bits become a text."""
    if isinstance(one, int) and abs(one) >= 2**63:
        one = hex(one)
    return one if one is None else (type(one), one)


@settings(max_examples=120, deadline=None)
@given(st.lists(messages(typed=True), max_size=3) | st.lists(messages(typed=False), max_size=3))
def test_a_segment_batch_is_read_as_by_hand(batch: list[Any]) -> None:
    """Whichever way a batch takes, its columns are what a plain reading of the untyped JSON gives."""
    decoded = spoken("/v1/batch").decoder(PLAN)(request("/v1/batch", {"batch": batch}), RECEIVED)
    rows = {
        batch.kind: [
            {item: same(column[i]) for item, column in batch.columns.items() if column[i] is not None}
            for i in range(batch.size)
        ]
        for batch in decoded.batches
    }
    expected = by_hand(json.loads(json.dumps(batch)))

    assert {kind: [{k: same(v) for k, v in row.items()} for row in found] for kind, found in expected.items()} == rows


@settings(max_examples=120, deadline=None)
@given(st.lists(messages(typed=True), max_size=3))
def test_both_ways_of_a_segment_batch_are_equal(batch: list[Any]) -> None:
    """Rows of the compiled structs equal rows of the walk, in value and in type, and typed bodies go the fast way."""
    decoder, body = Messages(PLAN), json.dumps({"batch": batch}).encode()

    assert repr(decoder.tolerant(body)) == repr(decoder.fast(body))


@settings(max_examples=120, deadline=None)
@given(events(typed=True))
def test_both_ways_of_an_exception_are_equal(event: Any) -> None:
    """Where the structs accept an event, the tolerant reading says the same of it."""
    payload = json.dumps(event).encode()
    made: Any = msgspec.defstruct("Event", [(key, *kind) for key, kind in exceptions.BESIDE.items()])
    node: msgspec.json.Decoder[Any] = msgspec.json.Decoder(made)
    ways = (exceptions.fast(node.decode(payload).exception, frozenset(exceptions.PATHS)), exceptions.tolerant(event))
    fingerprint = event.get("fingerprint")

    assert len({*map(bool, ways)}) == 1
    assert len({repr(one and exceptions.told(one, fingerprint, frozenset(exceptions.PATHS))) for one in ways}) == 1


@settings(max_examples=120, deadline=None)
@given(events(typed=True) | events(typed=False))
def test_an_event_with_an_exception_is_a_crash(event: Any) -> None:
    """However odd the rest of it is, an exception that is there is told; without one, what it says is of a log."""
    found = json.loads(json.dumps(event))["exception"]
    values = found.get("values") if isinstance(found, dict) else found
    there = [one for one in values if isinstance(one, dict)] if isinstance(values, list) else []
    decoded = spoken("/api/1/envelope/").decoder(PLAN)(request("/api/1/envelope/", envelope(("event", event))), 0)

    assert [Kind.CRASH if there else Kind.LOG] == [batch.kind for batch in decoded.batches]
    for batch in decoded.batches if there else []:
        told = batch.columns.get(Item("crash.type"), [None])
        assert [same(at(there[-1], "type"))] == [same(one) for one in told]


@settings(max_examples=120, deadline=None)
@given(PAGE)
def test_a_plausible_event_is_read_as_by_hand(event: dict[str, Any]) -> None:
    """Short keys win over long ones where they bear a scalar, whatever else is odd."""
    decoded = spoken("/api/event").decoder(PLAN)(request("/api/event", event), 0)
    referrer = next((at(event, key) for key in ("r", "referrer") if at(event, key) is not None), None)
    (batch,) = decoded.batches

    assert ["https://shop.example/"] == list(batch.columns[Item("page.url")])
    assert [same(referrer)] == [same(one) for one in batch.columns.get(Item("page.referrer"), [None])]


def test_the_fast_way_refuses_what_the_walk_takes() -> None:
    """The two ways are two: a null at an inner node is an error to the structs and nothing to the walk."""
    decoder = Messages(PLAN)
    body = b'{"batch":[{"type":"page","userId":"u","context":null}]}'
    try:
        decoder.fast(body)
    except msgspec.ValidationError:
        assert "u" in repr(decoder.tolerant(body).messages[0])
    else:
        raise AssertionError("the structs must be strict")


VALUES = st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.just([1]) | st.just({"a": 1})
ITEMS = st.dictionaries(st.sampled_from(["page.url", "email", "locale", "undeclared", "page"]), VALUES, max_size=4)
RECORD = st.fixed_dictionaries(
    {"kind": st.sampled_from(["event", "page_visit", "visit", 7])},
    optional={"items": ITEMS | st.just([]), "id": VALUES, "n": st.sampled_from([None, 1, 5, 0, -1, True, 1.5, "2"])},
)


@settings(max_examples=200, deadline=None)
@given(st.lists(RECORD | st.just({}), min_size=1, max_size=4), st.sampled_from(["text", "lines"]))
def test_records_are_read_as_by_hand(records: list[dict[str, Any]], form: str) -> None:
    """In one text or one a line, with values of any type: what is read is what stands below an item's own name."""
    lines = "\n".join(json.dumps(one) for one in records)
    body = lines.encode() if form == "lines" else json.dumps({"records": records}).encode()
    decoded = spoken("/remit/v1/records").decoder(PLAN)(request("/remit/v1/records", body), 0)
    expected: dict[Kind, list[tuple[int, dict[str, Any]]]] = {}
    for one in records:
        n = one.get("n")
        whole = n is None or (isinstance(n, int) and not isinstance(n, bool) and n > 0)
        if one.get("kind") in ("event", "page_visit") and whole:
            items = one.get("items")
            told = {
                key: value
                for key, value in (items if isinstance(items, dict) else {}).items()
                if key in PLAN.tables[Kind.EVENT].items and isinstance(value, str | int)
            }
            expected.setdefault(Kind(one["kind"]), []).append((n or 1, {"net.ip": PEER} | told))

    assert [*expected] == [batch.kind for batch in decoded.batches]
    for batch in decoded.batches:
        weights = batch.weights or [1] * batch.size
        rows = [
            (n, {key: same(column[i]) for key, column in batch.columns.items() if column[i] is not None})
            for i, n in enumerate(weights)
        ]
        assert [(n, {key: same(value) for key, value in told.items()}) for n, told in expected[batch.kind]] == rows
    taken = sum(map(len, expected.values()))
    assert {"taken": taken, "unread": len(records) - taken} == json.loads(decoded.reply.body)


def test_a_kind_of_record_brings_only_what_that_kind_needs() -> None:
    """Side by side in one body, a visit brings its page and an account does not, where only visits are told by page."""
    found = compiled((ROOT / "tests/policy/cases/sound-all.yaml").read_text(encoding="utf-8"), "remit.yaml")
    assert isinstance(found, Policy)
    told = {"page.url": "/", "email": "ada@example.org"}
    both = [{"kind": kind, "items": told} for kind in ("account", "page_visit")]
    decode = spoken("/remit/v1/records").decoder(plans(found)["web"])

    assert [{"email"}, {"email", "page.url"}] == [
        set(batch.columns) for batch in decode(request("/remit/v1/records", {"records": both}), 0).batches
    ]
