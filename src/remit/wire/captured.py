"""What PostHog's clients capture: how bodies are packed, which paths bear which item, and whom an event names."""

import base64
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

import msgspec

from remit.policy.plan import Plan
from remit.policy.values import TYPES
from remit.policy.words import Item, Kind, Value
from remit.wire import exceptions
from remit.wire.decoder import JSON_BYTES_MAX, Field, TooMuch, field, shape, walk
from remit.wire.happening import TIMES, WORTH
from remit.wire.origins import Origin, Place, Record, own, taken

PACKED_BYTES_MAX = 4 * JSON_BYTES_MAX
"""A text in base64, with every character of it escaped, is at most so long."""
_FORM = b"data="

KINDS: Mapping[str, Kind] = {
    "$pageview": Kind.PAGE_VISIT,
    "$pageleave": Kind.PAGE_LEAVE,
    "$screen": Kind.SCREEN_VISIT,
    "$identify": Kind.ACCOUNT,
    "$set": Kind.ACCOUNT,
    "$create_alias": Kind.ACCOUNT,
    "$exception": Kind.CRASH,
}
"""What an event tells, by its name; any other is an ``event``."""
NOBODYS = frozenset({"$groupidentify", "$snapshot"})
"""A group's own properties name none of its people; a recording is nothing that there is an item for."""

AT, OFFSET, SENT = "timestamp", "offset", "sent_at"
"""When it happened, by the sender's clock or in ms before it was sent; and when it was sent, in an event or around."""
EVENT, MESSAGE, LEFT, STAYED = (
    "event",
    "uuid",
    "properties.$prev_pageview_pathname",
    "properties.$prev_pageview_duration",
)
KEYS = ("api_key", "token", "properties.token")
SERVER = "properties.$is_server"
DISTINCT = ("distinct_id", "properties.distinct_id")
DEVICE, BEFORE = "properties.$device_id", "properties.$anon_distinct_id"
IDENTIFIED, PROFILED, COOKIELESS = (
    "properties.$is_identified",
    "properties.$process_person_profile",
    "properties.$cookieless_mode",
)
WHO = (*DISTINCT, DEVICE, BEFORE, IDENTIFIED, PROFILED, COOKIELESS)
"""What says who it is, and whether that is an account."""
NOBODY = "$posthog_cookieless"
"""What the browser's client puts for an id where it keeps none."""
ACCOUNT, INSTALLATION = Item("account.id"), Item("device.installation")
NAMES = (ACCOUNT, INSTALLATION)
IP, AGENT, REFERRER = Item("net.ip"), Item("net.user_agent"), Item("page.referrer")
DIRECT = "$direct"
"""What stands for the page before where there was none."""
LIST = "properties.$exception_list[]"
CRASH_PATHS: Mapping[Item, tuple[str, ...]] = {
    item: tuple(LIST + path.removeprefix("exception[]") for path in paths if path.startswith("exception[]"))
    for item, paths in exceptions.PATHS.items()
}
"""Exceptions are those of Sentry's protocol, in the other order: the first is the one that was seen."""

_COMMON = (
    field(IP, "properties.$ip"),
    field(AGENT, "properties.$raw_user_agent"),
    field("os.name", "properties.$os_name", "properties.$os"),
    field("os.version", "properties.$os_version"),
    field("device.manufacturer", "properties.$device_manufacturer"),
    field("device.model", "properties.$device_model"),
    field("device.name", "properties.$device_name"),
    field("network.operator", "properties.$network_carrier"),
    field("screen.width", "properties.$screen_width"),
    field("screen.height", "properties.$screen_height"),
    field("locale", "properties.$locale", "properties.$browser_language"),
    field("timezone", "properties.$timezone"),
    field("app.version", "properties.$app_version"),
    field("campaign.name", "properties.utm_campaign"),
    field("campaign.source", "properties.utm_source"),
)
_ACTIVE, _ACCESSED = (field(item, AT, OFFSET) for item in ("account.active", "account.accessed"))
CURRENT, _REFERRER_AT = "properties.$current_url", "properties.$referrer"
_PAGE = (field("page.url", CURRENT), field(REFERRER, _REFERRER_AT))
FIELDS: Mapping[Kind, tuple[Field, ...]] = {
    Kind.PAGE_VISIT: (*_COMMON, *_PAGE, _ACTIVE),
    Kind.PAGE_LEAVE: (
        *_COMMON,
        field("page.url", LEFT, CURRENT),
        field(REFERRER, _REFERRER_AT),
        field("page.duration", STAYED),
    ),
    Kind.SCREEN_VISIT: (*_COMMON, field("screen.name", "properties.$screen_name"), _ACTIVE),
    Kind.EVENT: (*_COMMON, *_PAGE, field("event.name", EVENT), _ACTIVE),
    Kind.ACCOUNT: (
        *_COMMON,
        _ACCESSED,
        field("email", "$set.email", "properties.$set.email"),
        field("phone", "$set.phone", "properties.$set.phone"),
        field("name", "$set.name", "properties.$set.name"),
    ),
    Kind.CRASH: _COMMON,
}
"""Beside these: who it is (``NAMES``), and of a crash what ``CRASH_PATHS`` bear."""

OWN: Mapping[str, str] = {
    EVENT: "says what it tells of",
    MESSAGE: "tells a repeat",
    **dict.fromkeys(KEYS, "says whose it is"),
}
"""What the protocol itself needs of every event, and what for."""


def unpacked(body: bytes) -> bytes:
    """The JSON text of a body, which may be the base64 of a form. Raises ValueError or TooMuch."""
    if not body.startswith(_FORM):
        return body
    if len(body) > PACKED_BYTES_MAX:
        raise TooMuch
    data = unquote_to_bytes(body.removeprefix(_FORM).partition(b"&")[0])
    if data[:1] in (b"{", b"["):
        return data
    return base64.b64decode(data.replace(b" ", b"+") + b"=" * (-len(data) % 4), validate=True)


class Parts(NamedTuple):
    """One body: the text of each event, and where events stand in it."""

    events: list[msgspec.Raw]
    place: str
    """``batch[%d]``, ``[%d]``, or nothing for an event that comes alone."""


def parts(text: bytes) -> Parts:
    """The events of a batch, of a list, or the one that the text is. Raises UNREADABLE."""
    if is_list(text):
        return Parts(_LIST.decode(text), "[%d]")
    batch = batch_of(text)
    return Parts([msgspec.Raw(text)], "") if batch is None else Parts(_LIST.decode(batch), "batch[%d]")


def batch_of(text: bytes) -> msgspec.Raw | None:
    """What stands at ``batch`` of an object; None where there is none. Raises UNREADABLE."""
    batch = _WHOLE.decode(text).batch
    return None if bytes(batch) in (b"", b"null") else batch


def fields_of(plan: Plan, kind: Kind) -> tuple[Field, ...]:
    """What the plan needs of events of one kind."""
    return tuple(one for one in FIELDS[kind] if one.item in plan.tables[kind].items)


def is_ours(keys: Iterable[object], plan: Plan) -> bool:
    """Whether an event that bears these of ``KEYS`` says nothing of whose it is, or that it is the app's."""
    return all(key in (None, "", plan.app.key) for key in keys)


def kind_of(event: object) -> Kind | None:
    """The kind of record that an event is, by its name; None for what is none."""
    return KINDS.get(event, Kind.EVENT) if isinstance(event, str) and event and event not in NOBODYS else None


def is_timed(plan: Plan) -> bool:
    """Whether anything needs to know when events happened."""
    return any(plan.tables[kind].items & TIMES for kind in FIELDS)


def sent_of(text: bytes) -> Value | None:
    """When a batch says that it was sent."""
    (found,) = (None,) if is_list(text) else _SENT.walk(msgspec.Raw(text))
    return found


class Named(NamedTuple):
    """Whom an event names, and which of ``WHO`` bore that."""

    account: Value | None = None
    installation: Value | None = None
    account_at: str = ""
    installation_at: str = ""


def named(at: Mapping[str, Value | None]) -> Named:
    """Whom an event names.

    A client that knows says whether somebody is signed in. One that does not may send the id of its device for both,
    or an id that it made up, a UUID, and that it asks to make no profile of.
    """
    there = next((path for path in DISTINCT if at.get(path) is not None), "")
    distinct, device = at.get(there), at.get(DEVICE)
    if distinct == NOBODY or at.get(COOKIELESS) is True:
        return Named()
    device_at = next((path for path in (DEVICE, BEFORE) if at.get(path) is not None), "")
    if distinct is not None and not _is_anonymous(at, distinct, device):
        return Named(distinct, at.get(device_at), there, device_at)
    at_last = device_at or there
    return Named(None, at.get(at_last), "", at_last)


def _is_anonymous(at: Mapping[str, Value | None], distinct: Value, device: Value | None) -> bool:
    if isinstance(told := at.get(IDENTIFIED), bool):
        return not told
    return distinct == device or (at.get(PROFILED) is False and TYPES["uuid"].fits(distinct))


def raised(event: bytes | msgspec.Raw) -> bytes | None:
    """The exceptions of an event, as those of a Sentry event; None where there is no list of them."""
    try:
        found = _RAISED.decode(event).properties.exceptions
    except msgspec.ValidationError:
        return None
    return b'{"exception":[' + b",".join(bytes(one) for one in reversed(found)) + b"]}"


class _Whole(msgspec.Struct):
    batch: msgspec.Raw = msgspec.Raw(b"")


class _Raised(msgspec.Struct):
    exceptions: list[msgspec.Raw] = msgspec.field(name="$exception_list", default_factory=list)


class _Raising(msgspec.Struct):
    properties: _Raised


_WHOLE = msgspec.json.Decoder(_Whole)
_SENT = shape([SENT])
_LIST = msgspec.json.Decoder(list[msgspec.Raw])
_RAISED = msgspec.json.Decoder(_Raising)


def is_list(text: bytes) -> bool:
    """Whether a text has several events, with nothing around them."""
    return text.lstrip()[:1] == b"["


def needed(plan: Plan, event: object) -> frozenset[str]:
    """The paths of an event, opened, that something needs."""
    kind = _read_as(plan, event)
    if kind is None:
        return frozenset(OWN)
    paths = [*OWN, *(path for one in _read_of(plan, kind, event) for path in one.paths)]
    for about in {kind, Kind.PAGE_LEAVE} if _is_left_by(plan, kind, event) else {kind}:
        wanted = plan.tables[about].items
        paths += WHO if wanted & set(NAMES) else ()
        paths += [SENT] if wanted & TIMES else []
        paths += [SERVER] if wanted & {IP, AGENT} else []
        if about is Kind.CRASH:
            paths += [path for item in wanted & CRASH_PATHS.keys() for path in CRASH_PATHS[item]]
            paths.append(LIST + exceptions.SYNTHETIC[-1].removeprefix("exception[]"))
    return frozenset(paths)


def origins(plan: Plan, event: object, rows: Counter[Kind], *, place: Place) -> Iterator[Origin]:
    """What each path of an event, opened, was read for. ``rows`` counts its records by kind."""
    yield from own(OWN.items(), place)
    kind = _read_as(plan, event)
    if kind is None:
        return
    for about in (kind, Kind.PAGE_LEAVE) if _is_left_by(plan, kind, event) else (kind,):
        record, wanted = Record(about, rows[about]), plan.tables[about].items
        rows[about] += 1
        yield from taken(event, _of_one(plan, kind, about, event=event), record, place=place)
        yield from own([(SERVER, "says whether a server speaks for somebody")] if wanted & {IP, AGENT} else [], place)
        if wanted & set(NAMES):
            yield from own([(path, "says who it is") for path in WHO], place)
            who = named({path: walk(event, path) for path in WHO})
            at = zip(NAMES, (who.account_at, who.installation_at), strict=True)
            yield from (Origin(place(path), "", item, record) for item, path in at if path and item in wanted)
        yield from own([(SENT, WORTH)] if wanted & TIMES else [], place)
        asks = any(one.item == REFERRER for one in fields_of(plan, about))
        if asks and walk(event, _REFERRER_AT) == DIRECT:
            yield Origin(place(_REFERRER_AT), "says that no page led here")
        if about is Kind.CRASH:
            chain = _chain(event)[::-1]
            yield from exceptions.origins({"exception": chain}, record, wanted, place=_raised_at(place, len(chain)))


def _read_as(plan: Plan, event: object) -> Kind | None:
    """The kind of record that is made of an event, opened."""
    kind = kind_of(walk(event, EVENT)) if is_ours((walk(event, path) for path in KEYS), plan) else None
    return None if kind is Kind.CRASH and not _chain(event) else kind


def _raised_at(place: Place, n: int) -> Place:
    """From where an exception stands in the order of Sentry's protocol to where it stands here."""
    return lambda path: place(
        re.sub(r"^exception\[(\d+)\]", lambda at: f"{LIST[:-2]}[{n - 1 - int(at[1])}]", path, count=1)
    )


def _chain(event: object) -> list[object]:
    """The exceptions of an event, opened; none where there is not one that can be read."""
    properties = event.get("properties") if isinstance(event, dict) else None
    found = properties.get("$exception_list") if isinstance(properties, dict) else None
    return found if isinstance(found, list) and any(isinstance(one, dict) for one in found) else []


def _is_left_by(plan: Plan, kind: Kind, event: object) -> bool:
    """Whether a page view tells how long the page before it was looked at, and something needs that."""
    needs = Item("page.duration") in plan.tables[Kind.PAGE_LEAVE].items
    return kind is Kind.PAGE_VISIT and needs and walk(event, STAYED) is not None


def _read_of(plan: Plan, kind: Kind, event: object) -> Iterator[Field]:
    kinds = (kind, Kind.PAGE_LEAVE) if _is_left_by(plan, kind, event) else (kind,)
    return (one for about in kinds for one in _of_one(plan, kind, about, event=None))


def _of_one(plan: Plan, kind: Kind, about: Kind, *, event: object) -> list[Field]:
    """The fields of a record of one kind that an event of another brings."""
    fields = list(fields_of(plan, about))
    if about is not kind:
        fields = [Field(one.item, tuple(path for path in one.paths if path != CURRENT)) for one in fields]
    if walk(event, _REFERRER_AT) == DIRECT:
        fields = [one for one in fields if one.item != REFERRER]
    return fields
