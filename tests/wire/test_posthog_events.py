"""PostHog: what is read of what its clients capture, whom it names, what is refused, and what they are told."""

import base64
import gzip
import json
from typing import Any
from urllib.parse import quote

import pytest
from bodies import EXCEPTION, FRAME, ODD, node, spots, tree
from hypothesis import example, given, settings
from hypothesis import strategies as st
from test_origins import agrees, misses_nothing
from test_refusals import BROKEN, DEEP, HUGE
from test_trial import POLICIES, tells
from test_ways import at, same
from wide import PEER, leaves_of, planned, request, spoken, undeclared

from remit.gateway.inflate import compressed, inflated
from remit.policy.words import Item, Kind, Value
from remit.wire import exceptions
from remit.wire.captured import FIELDS, KINDS, NOBODY, PACKED_BYTES_MAX, WHO, Named, named, parts
from remit.wire.decoder import JSON_BYTES_MAX
from remit.wire.happening import TIMES, ago, happened
from remit.wire.posthog import EVENTS_PER_BATCH_MAX, PostHog, _Decoder
from remit.wire.protocol import AppKey, Decoded, Refused, Rejection, Skip
from remit.wire.request import Request
from remit.wire.sampled import NODES_SAMPLED_MAX, UNSEEN

PLAN = planned()
KEY = PLAN.app.key
EVENT = tree(
    [path for fields in FIELDS.values() for one in fields for path in one.paths if path != "event"]
    + [*WHO, "properties.$session_id"]
)
CALLED = st.sampled_from([*KINDS, "bought", "$groupidentify", "$snapshot", ""])
WHOM = st.sampled_from(["u1", "d1", NOBODY, "11111111-2222-4333-8444-555555555555"])
OWN = {"uuid": st.sampled_from(["m1", None, 7]), "distinct_id": WHOM, "token": st.sampled_from([KEY, "other", None])}


def lists(*, typed: bool) -> st.SearchStrategy[Any]:
    """Lists of exceptions."""
    odd = st.nothing() if typed else ODD
    frames = st.lists(node(FRAME, typed=typed) | odd, max_size=3)
    trace = st.fixed_dictionaries({}, optional={"frames": frames | odd})
    one = st.tuples(node(EXCEPTION, typed=typed), trace | odd).map(
        lambda both: {**both[0], "stacktrace": both[1]} if isinstance(both[0], dict) else both[0]
    )
    return st.lists(one | odd, max_size=3) | odd


def events(*, typed: bool) -> st.SearchStrategy[Any]:
    """Events of every name, of this app and of others."""
    odd = st.nothing() if typed else ODD
    props = {
        "$device_id": WHOM | odd,
        "$is_identified": st.booleans() | odd,
        "$is_server": st.booleans() | odd,
        "$referrer": st.sampled_from(["$direct", "https://search.example/"]) | odd,
        "$prev_pageview_duration": st.floats(0, 99) | odd,
        "$exception_list": lists(typed=typed),
    }
    around = st.fixed_dictionaries({"event": CALLED | odd}, optional=OWN)
    whole = st.tuples(node(EVENT, typed=typed), around, st.fixed_dictionaries({}, optional=props))
    return whole.map(_joined)


def _joined(drawn: tuple[Any, dict[str, Any], dict[str, Any]]) -> Any:
    event, around, props = drawn
    if not isinstance(event, dict):
        return event
    own = event.get("properties")
    return {**event, **around, "properties": {**own, **props} if isinstance(own, dict) else own or props}


def sent(body: object, path: str = "/batch", **headers: str) -> Decoded:
    """What comes out of a body."""
    return spoken(path).decoder(PLAN)(request(path, body, **headers), 0)


def batch(*several: Any) -> dict[str, Any]:
    """A batch of this app."""
    return {"api_key": KEY, "batch": list(several), "sent_at": "x"}


def who(event: Any) -> dict[Item, Any]:
    """Whom an event names, by the rules of the page."""
    distinct = next((at(event, p) for p in ("distinct_id", "properties.distinct_id") if at(event, p) is not None), None)
    device, before = at(event, "properties.$device_id"), at(event, "properties.$anon_distinct_id")
    if distinct == NOBODY or at(event, "properties.$cookieless_mode") is True:
        return {}
    signed_in = at(event, "properties.$is_identified")
    if not isinstance(signed_in, bool):
        made_up = at(event, "properties.$process_person_profile") is False and distinct == WHOM_MADE_UP
        signed_in = distinct != device and not made_up
    installation = next((one for one in (device, before) if one is not None), None)
    if distinct is None or not signed_in:
        return {Item("device.installation"): distinct if installation is None else installation}
    return {Item("account.id"): distinct, Item("device.installation"): installation}


WHOM_MADE_UP = "11111111-2222-4333-8444-555555555555"


def by_hand(event: Any) -> list[tuple[Kind, dict[str, Value]]]:
    """The records that an event is, read from the untyped body."""
    name = at(event, "event")
    foreign = any(at(event, path) not in (None, "", KEY) for path in ("api_key", "token", "properties.token"))
    if foreign or not isinstance(name, str) or name in ("", "$groupidentify", "$snapshot"):
        return []
    kind = KINDS.get(name, Kind.EVENT)
    told: dict[Item, Any] = who(event)
    if at(event, "properties.$is_server") is not True:
        told[Item("net.ip")] = PEER
    if kind is Kind.CRASH:
        properties = event["properties"] if isinstance(event["properties"], dict) else {}
        found = properties.get("$exception_list")
        chain = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
        if not chain:
            return []
        told |= exceptions.crash(json.dumps({"exception": chain[:1]}).encode(), frozenset(exceptions.PATHS)) or {}
    records = [(kind, told | _fields(event, kind, ()))]
    if kind is Kind.PAGE_VISIT and at(event, "properties.$prev_pageview_duration") is not None:
        records.append((Kind.PAGE_LEAVE, told | _fields(event, Kind.PAGE_LEAVE, ("properties.$current_url",))))
    return [(its, {item: same(one) for item, one in told.items() if one is not None}) for its, told in records]


def _fields(event: Any, kind: Kind, barred: tuple[str, ...]) -> dict[Item, Any]:
    found = {
        one.item: next((at(event, p) for p in one.paths if p not in barred and at(event, p) is not None), None)
        for one in FIELDS[kind]
    }
    for item in TIMES & set(found):
        at_own, offset = at(event, "timestamp"), at(event, "offset")
        found[item] = happened(at_own, at(event, "sent_at") or "x", 0) if at_own is not None else ago(offset, 0)
    if found.get(Item("page.referrer")) == "$direct":
        del found[Item("page.referrer")]
    return {item: value for item, value in found.items() if value is not None}


@settings(max_examples=100, deadline=None)
@given(st.lists(events(typed=True), max_size=3) | st.lists(events(typed=False) | ODD, max_size=3))
def test_events_are_read_as_by_hand(several: list[Any]) -> None:
    """Whichever way a batch takes, its columns are what a plain reading gives; what is no record is counted."""
    decoded = sent(batch(*several))
    rows: list[tuple[Kind, dict[str, Value]]] = [
        (one.kind, {item: same(column[i]) for item, column in one.columns.items() if column[i] is not None})
        for one in decoded.batches
        for i in range(one.size)
    ]
    read = [by_hand(event) for event in json.loads(json.dumps(several))]
    expected = [record for records in read for record in records]
    order = [*dict.fromkeys(kind for kind, _ in expected)]

    assert sorted(expected, key=lambda one: order.index(one[0])) == rows
    assert (read.count([]) if several else 1) == sum(decoded.skipped.values())


@settings(max_examples=60, deadline=None)
@given(st.lists(events(typed=True), max_size=3))
def test_both_ways_of_a_batch_are_equal(several: list[Any]) -> None:
    """Rows of the compiled structs equal rows of the walk, and typed bodies go the fast way."""
    decoder = _Decoder(PostHog(), PLAN)
    bodies = [json.dumps(batch(*several)), json.dumps(several), *map(json.dumps, several)]
    for body in (one.encode() for one in bodies if "$exception_list" not in one or not one.startswith("{")):
        tolerant, fast = decoder.tolerant(body), decoder.fast(body)
        assert [[same(v) for v in row] for row in tolerant] == [[same(v) for v in row] for row in fast]


@settings(max_examples=60, deadline=None)
@given(st.lists(events(typed=True) | events(typed=False), max_size=2))
@example([{"event": "$pageview", "properties": {"$prev_pageview_duration": 1, "$current_url": "/"}}])
@example([{"event": "$exception", "properties": {"$exception_list": [1, {"type": "E"}, {"type": "F"}]}}])
@example([{"event": "$exception", "properties": {"$exception_list": []}, "token": "other"}])
def test_origins_of_events(several: list[Any]) -> None:
    """Which path gave what, in each form of a body; what nobody needs is what has no origin."""
    for body in (batch(*several), several, *(one for one in several if isinstance(one, dict) and "batch" not in one)):
        one = request("/batch", body)
        assert spots(json.loads(one.body)) == leaves_of(one)
        agrees(one)
        misses_nothing(one, shared=False)


@settings(max_examples=20, deadline=None)
@given(events(typed=True))
def test_every_leaf_of_an_event_is_told_of(event: dict[str, Any]) -> None:
    """A trial shows them in their order."""
    body = {"batch": [{"event": "bought", "distinct_id": "u1"}, {**event, "token": None}]}

    tells(json.dumps(body).encode(), spots(json.loads(json.dumps(body))), POLICIES[2:])


MADE_UP = "e8f00ac1-d43e-4905-9dc0-a4c88c4891fb"
WHOSE: dict[str, tuple[dict[str, Value], Named]] = {
    "somebody who is signed in": (
        {"distinct_id": "u1", "properties.$device_id": "d1", "properties.$is_identified": True},
        Named("u1", "d1", "distinct_id", "properties.$device_id"),
    ),
    "nobody who is signed in": (
        {"distinct_id": "d1", "properties.$device_id": "d1", "properties.$is_identified": False},
        Named(None, "d1", "", "properties.$device_id"),
    ),
    "somebody who just signs in": (
        {"distinct_id": "u1", "properties.$anon_distinct_id": "d1", "properties.$is_identified": True},
        Named("u1", "d1", "distinct_id", "properties.$anon_distinct_id"),
    ),
    "a client that does not say, with one id for both": (
        {"properties.distinct_id": "d1", "properties.$device_id": "d1"},
        Named(None, "d1", "", "properties.$device_id"),
    ),
    "a client that does not say": (
        {"properties.distinct_id": "u1", "properties.$device_id": "d1"},
        Named("u1", "d1", "properties.distinct_id", "properties.$device_id"),
    ),
    "an application without an id of its device": (
        {"distinct_id": MADE_UP, "properties.$is_identified": False},
        Named(None, MADE_UP, "", "distinct_id"),
    ),
    "a server that names somebody": ({"distinct_id": "u1"}, Named("u1", None, "distinct_id")),
    "a server that names nobody": (
        {"distinct_id": MADE_UP, "properties.$process_person_profile": False},
        Named(None, MADE_UP, "", "distinct_id"),
    ),
    "a server that wants no profile of somebody": (
        {"distinct_id": "u1", "properties.$process_person_profile": False},
        Named("u1", None, "distinct_id"),
    ),
    "a page that keeps nothing": ({"distinct_id": NOBODY}, Named()),
    "a page that keeps nothing, and says so": (
        {"distinct_id": "x", "properties.$device_id": "y", "properties.$cookieless_mode": True},
        Named(),
    ),
    "nobody at all": ({}, Named()),
}


@pytest.mark.parametrize("name", WHOSE)
def test_an_id_is_an_accounts_or_an_installations(name: str) -> None:
    """As the vendor means it, and as the page of routes says it."""
    told, expected = WHOSE[name]
    assert expected == named(told)


def packed(text: bytes) -> dict[str, bytes]:
    """One body in each way in which clients pack it."""
    return {
        "plain": text,
        "gzip": gzip.compress(text),
        "form": b"data=" + quote(base64.b64encode(text), safe="").encode() + b"&compression=base64&ip=1",
        "form, not escaped": b"data=" + base64.b64encode(text),
        "form, without padding": b"data=" + base64.b64encode(text).rstrip(b"="),
        "form, in clear": b"data=" + quote(text).encode(),
    }


ONE = {"event": "bought", "distinct_id": "u1", "uuid": "m1", "properties": {"token": KEY, "a": "\u00e9>>?~~"}}


@pytest.mark.parametrize("way", packed(b""))
@pytest.mark.parametrize("form", ["batch", "list", "alone"])
@pytest.mark.parametrize("path", ["/batch", "/batch/", "/i/v0/e", "/e/", "/capture", "/track/", "/engage"])
def test_every_packing_of_every_form_is_read_on_every_path(path: str, form: str, way: str) -> None:
    """In gzip without saying so, in base64 with or without escapes; several events or one; the key is found in each."""
    text = json.dumps({"batch": batch(ONE), "list": [ONE], "alone": ONE}[form]).encode()
    body = packed(text)[way]
    one = request(path, inflated(body, "") if compressed(body, "") else body)
    (found,) = spoken(path).decoder(PLAN)(one, 0).batches

    assert AppKey(key=KEY) == spoken(path).key(one)
    assert (["u1"], ["bought"], ["m1"]) == (
        list(found.columns[Item("account.id")]), list(found.columns[Item("event.name")]), found.messages,
    )  # fmt: skip
    assert ["properties.a"] == undeclared(one, PLAN)


RECEIVED, DAY = 1_795_489_205_000, 86_400_000
TIMED: dict[str, tuple[dict[str, Any], str | None, Any]] = {
    "by a right clock": ({"timestamp": "2026-11-24T03:00:00Z"}, None, RECEIVED - 5_000),
    "a year ahead": ({"timestamp": "2027-11-24T03:00:00Z"}, "2027-11-24T03:00:02Z", RECEIVED - 2_000),
    "sent by itself": (
        {"timestamp": "2001-01-01T00:00:01Z", "sent_at": "2001-01-01T00:00:04Z"},
        "2027-11-24T03:00:02Z",
        RECEIVED - 3_000,
    ),
    "later than told": ({"timestamp": "2027-11-24T03:00:00Z"}, None, RECEIVED),
    "an offset": ({"offset": 1_500.7}, "2001-01-01T00:00:00Z", RECEIVED - 1_500),
    "both": ({"timestamp": "2026-11-24T03:00:00Z", "offset": 9}, None, RECEIVED - 5_000),
    "long past": ({"timestamp": "2001-01-01T00:00:00Z"}, None, ""),
    "an offset of a year": ({"offset": 365 * DAY}, None, ""),
    "an offset before it was sent": ({"offset": -1}, None, ""),
    "an offset that is none": ({"offset": True}, None, ""),
    "no time": ({"timestamp": "soon"}, None, ""),
}


@pytest.mark.parametrize("odd", [False, True])
@pytest.mark.parametrize("how", TIMED)
def test_a_wrong_clock_cancels_out(how: str, *, odd: bool) -> None:
    """An event happened as long before receipt as its client says that it did before sending."""
    own, around, at = TIMED[how]
    events = [{"event": "x", **own}, {"event": "$set", **own}, *([{"event": "y", "properties": 7}] if odd else [])]
    one = request("/batch", {"api_key": KEY, "batch": events, "sent_at": around})
    found = {batch.kind: batch.columns for batch in spoken("/batch").decoder(PLAN)(one, RECEIVED).batches}

    assert at == found[Kind.EVENT][Item("account.active")][0]
    assert [at] == found[Kind.ACCOUNT][Item("account.accessed")]


def test_a_time_is_read_only_where_something_needs_it() -> None:
    """Without a purpose for it, neither that of happening nor that of sending is."""
    one = request("/batch", batch({"event": "x", "timestamp": "2026-11-24T03:00:00Z", "offset": 3}))
    plan = planned([Item("event.name")])

    assert {"sent_at", "timestamp", "offset"} == set(undeclared(one, plan))
    assert Item("account.active") not in spoken("/batch").decoder(plan)(one, 0).batches[0].columns


def test_a_recording_is_nothing_that_is_read() -> None:
    """Its endpoint is answered, so that its client does not try again, and told that no more is wanted."""
    decoded = sent({"api_key": KEY, "event": "$snapshot", "properties": {"$snapshot_data": [1]}}, "/s/")

    assert ([], {Skip.UNREAD: 1}) == (decoded.batches, dict(decoded.skipped))
    assert "recordings" in json.loads(PostHog().stopping(PLAN)(decoded.reply).body)["quota_limited"]


HOSTILE: dict[str, bytes] = {
    **{name: body for name, body in BROKEN.items() if name not in ("a list", "nothing of the protocol")},
    "a batch that is an object": b'{"api_key":"k","batch":{}}',
    "a batch that is a number": b'{"api_key":"k","batch":7}',
    "deep where it is read": b'{"event":"x","distinct_id":' + DEEP + b"}",
    "5000 digits": b'{"event":"x","distinct_id":' + HUGE + b"}",
    "beyond a float": b'{"event":"x","distinct_id":1e999}',
    "half a surrogate": b'{"event":"\\ud800"}',
    "half a surrogate in an exception": b'{"event":"$exception","properties":{"$exception_list":[{"type":"\\ud800"}]}}',
    "5000 digits in an exception": b'{"event":"$exception","properties":{"$exception_list":[{"type":' + HUGE + b"}]}}",
    "not UTF-8 where nothing is read": b'{"event":"x","properties":{"y":"\xff"}}',
    "a form of nothing": b"data=",
    "a form that is no base64": b"data=%%%",
    "a form of base64 that is no JSON": b"data=" + base64.b64encode(b"hello"),
    "a form of base64 that is not UTF-8": b"data=" + base64.b64encode(b'{"event":"\xff"}'),
    "a form of base64 in base64": b"data=" + base64.b64encode(base64.b64encode(b"{}")),
}
HOSTILE.pop("deep, declared")
HOSTILE.pop("deep, undeclared", None)


@pytest.mark.parametrize("name", HOSTILE)
def test_what_cannot_be_read_is_malformed(name: str) -> None:
    """Broken, deep, cut off, packed wrongly: 400, and nothing else escapes on the way to it."""
    one = request("/e", HOSTILE[name])
    protocol = spoken("/e")
    protocol.key(one)
    undeclared(one, PLAN)
    protocol.example_path(one.body, PLAN.app)
    with pytest.raises(Refused) as refused:
        protocol.decoder(PLAN)(one, 0)

    assert (Rejection.MALFORMED, 400) == (refused.value.rejection, refused.value.reply.status)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=80), st.sampled_from([b"", b"data=", b'{"batch":[', b"["]))
def test_no_bytes_escape_as_an_error(noise: bytes, before: bytes) -> None:
    """Noise in place of a body, or inside one, is read or refused."""
    one = request("/e", before + noise)
    protocol = spoken("/e")
    protocol.key(one)
    undeclared(one, PLAN)
    protocol.example_path(one.body, PLAN.app)
    try:
        reply = protocol.decoder(PLAN)(one, 0).reply
    except Refused as refused:
        reply = refused.reply
    assert reply.status in (200, 400)


def test_a_batch_holds_so_many_events() -> None:
    """One more is too large, whichever way the batch takes; and so is a text that is, however it was packed."""
    for odd in ({}, {"properties": 7}):
        several = [{"event": "x", **odd}] * EVENTS_PER_BATCH_MAX
        assert EVENTS_PER_BATCH_MAX == sent(batch(*several)).batches[0].size
        for body in (batch(*several, {"event": "x"}), [*several, {"event": "x"}]):
            with pytest.raises(Refused, match="too_large"):
                sent(body)
    large = json.dumps({"event": "x", "y": "y" * JSON_BYTES_MAX}).encode()
    for text in (*packed(large).values(), b"data=" + b"%41" * (PACKED_BYTES_MAX // 3)):
        with pytest.raises(Refused, match="too_large"):
            sent(inflated(text, "") if compressed(text, "") else text)


def test_what_has_too_many_values_is_not_opened_for_a_sample() -> None:
    """It is told of as one path, in whatever stands around it."""
    many: list[list[int]] = [[]] * NODES_SAMPLED_MAX
    one = request("/batch", batch({"event": "x", "z": 1}, {"event": "x", "y": many}))

    assert {"z", UNSEEN} == set(undeclared(one, PLAN))


@pytest.mark.parametrize(
    ("body", "key"),
    [
        (batch(), KEY),
        ({"token": KEY, "event": "x"}, KEY),
        ({"event": "x", "properties": {"token": KEY}}, KEY),
        ([{"event": "x", "properties": {"token": KEY}}, {"event": "x", "properties": {"token": "other"}}], KEY),
        ({"batch": [{"event": "x", "api_key": KEY}]}, KEY),
        ({"api_key": "", "batch": [7]}, None),
        ({"api_key": 7, "event": "x", "properties": []}, None),
        ([], None),
        (7, None),
    ],
)
def test_a_request_is_of_its_key(body: object, key: str | None) -> None:
    """Of the body, else of its first event, whatever else is odd."""
    assert (AppKey(key=key) if key else None) == spoken("/e").key(request("/e", body))


def test_a_head_alone_says_nothing_of_a_body() -> None:
    """The gateway asks before the body is there."""
    assert None is PostHog().key(request("/batch", b""))


def config(items: list[Item] | None = None) -> dict[str, Any]:
    """What the browser's client is told to run, by a policy that keeps these items."""
    plan = PLAN if items is None else planned(items)
    asked = _asked(f"/array/{KEY}/config")
    told = PostHog().answer(asked, plan)
    assert told is not None
    found: dict[str, Any] = json.loads(told.body)
    script = PostHog().answer(_asked(f"/array/{KEY}/config.js"), plan)
    assert script is not None
    assert f'["{KEY}"]={{"config":{told.body.decode()},"siteApps":[]}}' in script.body.decode()
    assert "application/javascript; charset=utf-8" == script.headers["content-type"]
    assert "*" == script.headers["access-control-allow-origin"] == told.headers["access-control-allow-origin"]
    return found


def _asked(path: str) -> Request:
    return Request(method="GET", path=path, query={}, headers={}, peer=PEER, body=b"")


def test_a_client_runs_no_feature_that_nothing_needs() -> None:
    """What the catalogue has no item for is always off; clicks and errors are on where an item of theirs is needed."""
    wide, narrow = config(), config([Item("locale")])
    never = ("sessionRecording", "heatmaps", "capturePerformance", "captureDeadClicks", "surveys", "hasFeatureFlags")

    assert [False] * len(never) == [wide[one] for one in never] == [narrow[one] for one in never]
    assert (False, True) == (wide["autocapture_opt_out"], narrow["autocapture_opt_out"])
    assert (True, False) == (wide["autocaptureExceptions"], narrow["autocaptureExceptions"])
    assert KEY == wide["token"]


@pytest.mark.parametrize(
    ("items", "queues"),
    [
        (None, {"recordings"}),
        ([Item("crash.type")], {"recordings", "events"}),
        ([Item("locale")], {"recordings"}),
        ([Item("event.name")], {"recordings", "exceptionEvent"}),
        ([Item("log.line")], {"recordings", "events", "exceptionEvent"}),
    ],
)
def test_a_client_is_told_which_queues_nothing_needs(items: list[Item] | None, queues: set[str]) -> None:
    """In the reply to what it captured, in the vendor's own words."""
    plan = PLAN if items is None else planned(items)
    told = json.loads(PostHog().stopping(plan)(sent(batch()).reply).body)

    assert "Ok" == told["status"]
    assert queues - {"exceptionEvent"} == set(told["quota_limited"]) - {"exceptionEvent"}
    assert ("exceptionEvent" in queues) <= ("exceptionEvent" in told["quota_limited"])


@pytest.mark.parametrize("path", ["/flags", "/flags/", "/decide/"])
def test_nobody_has_flags(path: str) -> None:
    """Two people get the same answer, in the vendor's shape, without a record; an old client its features too."""
    bodies = [{"token": KEY, "distinct_id": who, "person_properties": {"email": f"{who}@example.org"}} for who in "ab"]
    told = [PostHog().answer(request(path, body), PLAN) for body in bodies]
    assert told[0] == told[1]
    assert told[0] is not None
    found = json.loads(told[0].body)

    assert {} == found["flags"] == found["featureFlags"] == found["featureFlagPayloads"]
    assert False is found["errorsWhileComputingFlags"]
    assert ("decide" in path) is ("sessionRecording" in found)


def test_only_what_asks_is_answered_from_the_plan() -> None:
    """Whatever is captured goes on to be read."""
    assert None is PostHog().answer(request("/batch", batch()), PLAN)
    assert 2 == len(parts(json.dumps(batch(ONE, ONE)).encode()).events)
