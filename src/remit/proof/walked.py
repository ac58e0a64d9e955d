"""What stands in a request, found the slow way: a walk over its JSON, leaf by leaf. The specification of decoders."""

import json
from collections.abc import Callable, Iterator, Mapping

from remit.policy.catalogue import CATALOGUE
from remit.policy.reduce import DAY_MS
from remit.policy.values import TEXT_CHARACTERS_MAX, TYPES
from remit.policy.words import Item, Kind, Value
from remit.proof.exports_walked import exported, plain
from remit.proof.meant import Found, Leaves, Meant, first, leaves
from remit.proof.sentry_walked import enveloped, raised
from remit.wire import captured, messages, plausible, umami
from remit.wire.coding import EXPORTS
from remit.wire.happening import TIMES
from remit.wire.request import Request
from remit.wire.routes import protocol_for


def texts(request: Request) -> Iterator[tuple[str, Value]]:
    """Every leaf of every JSON text of a body, one a line; of an export, as its JSON would be."""
    if request.path in EXPORTS:
        return leaves(plain(request))
    return (leaf for text in request.body.split(b"\n") for leaf in leaves(json.loads(text)))


def walked(request: Request, received: int) -> list[Meant]:
    """The records of a request to any route, received at a time (ms)."""
    protocol = protocol_for(request.method, request.path)
    assert protocol is not None, "pairs are sent where somebody reads them"
    if protocol.name in _TIMED:
        return list(_TIMED[protocol.name](request, received))
    return list(_READ[protocol.name](request))


def _segment(request: Request, received: int) -> Iterator[Meant]:
    body = json.loads(request.body)
    operation = request.path.rpartition("/")[2]
    for message in body["batch"] if operation == "batch" else [body]:
        called = message.get("type") if operation == "batch" else operation
        if called not in messages.KINDS:
            continue
        kind, at = messages.KINDS[called], dict(leaves(message))
        if called == "group":
            at = {path: value for path, value in at.items() if not path.startswith("traits.")}
        at |= put_together(at)
        found = first(messages.FIELDS[kind], at)
        if at.get("context.device.adTrackingEnabled") is not True:
            found.pop(Item("device.gaid"), None)
        for item in TIMES & set(found):
            found[item] = _corrected(found[item], at.get("sentAt", body.get("sentAt")), received)
        for path in ("context.network.wifi", "context.network.cellular", "context.network.bluetooth"):
            if at.get(path) is True:
                found.setdefault(Item("network.connection"), path.rpartition(".")[2])
        around = {} if at.get("channel") == "server" and at.get("context.direct") is not True else _connection(request)
        yield Meant(kind, around | found, str(at.get("messageId", "")))


_ADDRESS = ("street", "city", "state", "postalCode", "country")


def put_together(at: Leaves) -> dict[str, Value]:
    """Names and addresses that stand in parts, at the paths where they would stand whole; the person's own first."""
    found: dict[str, Value] = {}
    for traits in ("context.traits", "traits"):
        parts = [at.get(f"{traits}.address.{part}") for part in _ADDRESS]
        if texts := _texts(parts):
            found[f"{traits}.address"] = ", ".join(texts)
        if texts := _texts([at.get(f"{traits}.{part}") for part in ("firstName", "lastName")]):
            found["traits.name"] = " ".join(texts)
    if "traits.name" in at or "context.traits.name" in at:
        found.pop("traits.name", None)
    return found


def _texts(values: list[Value | None]) -> list[str]:
    return [value.strip() for value in values if isinstance(value, str) and value.strip() and len(value) <= _LONG]


def _corrected(told: Value, sent: Value | None, received: int) -> Value:
    """The time of happening by our clock: as long before receipt as it was before sending, by the client's."""
    happened, sending = (_TIME(value) if value is not None else "" for value in (told, sent))
    at = int(happened or -1) + (received - int(sending) if sending else 0)
    return min(at, received) if happened and at >= received - 30 * DAY_MS else ""


_TIME, _LONG = TYPES["time"].form, TEXT_CHARACTERS_MAX


def _plausible(request: Request) -> Iterator[Meant]:
    at = dict(leaves(json.loads(request.body)))
    name = at.get("n", at.get("name"))
    kind = plausible.KINDS.get(str(name), Kind.EVENT)
    found = first(plausible.FIELDS[kind], at)
    duration = at.get("e")
    if kind is Kind.PAGE_LEAVE and duration is not None:
        number = isinstance(duration, int | float) and not isinstance(duration, bool)
        found[Item("page.duration")] = duration / 1000 if number else duration  # type: ignore[operator]  # just asked
    yield Meant(kind, _connection(request) | found)


def _umami(request: Request) -> Iterator[Meant]:
    body = json.loads(request.body)
    for event in body if isinstance(body, list) else [body]:
        at = dict(leaves(event))
        kind = Kind.EVENT if at.get("payload.name") not in (None, "") else Kind.PAGE_VISIT
        kind = Kind.ACCOUNT if at["type"] == "identify" else kind
        found = first(umami.FIELDS[kind], at)
        sides = str(at.get("payload.screen", "")).split("x")
        if len(sides) == 2:
            found |= {Item("screen.width"): int(sides[0]), Item("screen.height"): int(sides[1])}
        yield Meant(kind, _connection(request) | found)


def _posthog(request: Request, received: int) -> Iterator[Meant]:
    body = json.loads(request.body)
    for event in body.get("batch", [body]):
        at = dict(leaves(event))
        kind, message = captured.KINDS.get(str(at["event"]), Kind.EVENT), str(at.get("uuid", ""))
        around = {} if at.get("properties.$is_server") is True else _connection(request)
        around |= _somebody(at)
        if kind is Kind.CRASH:
            around |= raised(event["properties"]["$exception_list"][0])
        found = first(captured.FIELDS[kind], at)
        for item in TIMES & set(found):
            found[item] = _captured_at(at, body, received)
        yield Meant(kind, around | found, message)
        if kind is Kind.PAGE_VISIT and "properties.$prev_pageview_duration" in at:
            before = {path: value for path, value in at.items() if path != "properties.$current_url"}
            left = first(captured.FIELDS[Kind.PAGE_LEAVE], before)
            message = f"{message} left" if message else ""
            yield Meant(Kind.PAGE_LEAVE, around | left, message, told_for=Item("page.duration"))


def _captured_at(at: Leaves, body: Mapping[str, Value], received: int) -> Value:
    """When an event says that it happened, by our clock."""
    if "timestamp" in at:
        return _corrected(at["timestamp"], at.get("sent_at", body.get("sent_at")), received)
    offset = at["offset"]
    return received - int(offset) if type(offset) in (int, float) and 0 <= float(offset) <= 30 * DAY_MS else ""


def _somebody(at: Leaves) -> Found:
    """Whom an event of PostHog's names: an account where somebody is signed in, and the installation."""
    distinct = at.get("distinct_id", at.get("properties.distinct_id"))
    if distinct in (None, "$posthog_cookieless"):
        return {}
    device = at.get("properties.$device_id", at.get("properties.$anon_distinct_id"))
    signed_in = at.get("properties.$is_identified", distinct != at.get("properties.$device_id"))
    names = {
        "account.id": distinct if signed_in else None,
        "device.installation": device if signed_in else device or distinct,
    }
    return {Item(item): value for item, value in names.items() if value is not None}


def _records(request: Request) -> Iterator[Meant]:
    texts = [json.loads(line) for line in request.body.split(b"\n")]
    for record in texts[0].get("records", texts):
        items = {Item(key): value for key, value in record["items"].items() if key in CATALOGUE}
        kind, weight = Kind(record["kind"]), record.get("n", 1)
        yield Meant(kind, _connection(request) | items, str(record.get("id", "")), weight)


def _connection(request: Request) -> Found:
    told = {"net.ip": request.peer, "net.user_agent": request.headers.get("user-agent")}
    return {Item(item): value for item, value in told.items() if value}


def _exported(request: Request) -> Iterator[Meant]:
    return (Meant(*one) for one in exported(request))


_READ: Mapping[str, Callable[[Request], Iterator[Meant]]] = {
    "plausible": _plausible,
    "umami": _umami,
    "otlp": _exported,
    "remit": _records,
    "sentry": enveloped,
}
"""By protocol."""
_TIMED: Mapping[str, Callable[[Request, int], Iterator[Meant]]] = {"segment": _segment, "posthog": _posthog}
"""Those of which what is told hangs on when it arrives."""
