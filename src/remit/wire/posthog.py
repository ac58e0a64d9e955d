"""PostHog: what its clients capture, and what they ask before that (flags, and which of their features to run)."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from remit.policy.columns import Batch
from remit.policy.model import App
from remit.policy.plan import Plan
from remit.policy.words import Item, Kind, Value
from remit.wire import captured, exceptions, remote_config
from remit.wire.decoder import UNREADABLE, Row, TooMuch, columns, message_id, nodes, shape, short, walk
from remit.wire.happening import TIMES, WORTH, ago, happened
from remit.wire.origins import Origin, own, within
from remit.wire.protocol import (
    JSON,
    LATER,
    OPEN,
    AppKey,
    Decode,
    Decoded,
    Protocol,
    Rejection,
    Skip,
    Stopping,
    statuses,
)
from remit.wire.request import Reply, Request
from remit.wire.route import fetched, posted
from remit.wire.sampled import Seen, always, seen, seen_around

EVENTS_PER_BATCH_MAX = 2500
_OF_THE_BODY = "`api_key` or `token` of the body, or of its first event"
_FLAGS = ("/flags", "/decide")
_CONFIG = fetched(
    "the path; nothing is kept of who asks which features to run", "/array/{key}/config", "/array/{key}/config.js"
)
_AROUND = tuple(path for path in captured.KEYS if "." not in path)

PUBLISHED = frozenset(
    """
    api_key token batch sent_at historical_migration event uuid distinct_id timestamp type $set.email $set.name
    $set.phone
    """.split()
) | frozenset(
    f"properties.{name}"
    for name in """
    token distinct_id alias title utm_source utm_medium utm_campaign utm_content utm_term $active_feature_flags
    $anon_distinct_id $app_build $app_name $app_namespace $app_version $browser $browser_language
    $browser_language_prefix $browser_type $browser_version $configured_session_timeout_ms $cookieless_mode
    $current_url $device_id $device_manufacturer $device_model $device_name $device_type $elements_chain $event_type
    $exception_level $feature_flag $feature_flag_response $geoip_disable $group_key $group_type $host
    $initialization_time $insert_id $ip $is_identified $is_server $lib $lib_custom_api_host
    $lib_rate_limit_remaining_tokens $lib_version $locale $network_carrier $network_cellular $network_wifi $os
    $os_distro $os_name $os_version $pageview_id $pathname $prev_pageview_duration $prev_pageview_id
    $prev_pageview_last_content $prev_pageview_last_content_percentage $prev_pageview_last_scroll
    $prev_pageview_last_scroll_percentage $prev_pageview_max_content $prev_pageview_max_content_percentage
    $prev_pageview_max_scroll $prev_pageview_max_scroll_percentage $prev_pageview_pathname $process_person_profile
    $python_runtime $python_version $raw_user_agent $recording_status $referrer $referring_domain $screen_height
    $screen_name $screen_width $sdk_dist_channel $session_id $time $timezone $timezone_offset $user_id
    $viewport_height $viewport_width $window_id $set.email $set.name $set.phone $exception_list.type
    $exception_list.value $exception_list.module $exception_list.mechanism.handled $exception_list.mechanism.type
    $exception_list.mechanism.synthetic $exception_list.mechanism.exception_id $exception_list.stacktrace.type
    $exception_list.stacktrace.frames.abs_path $exception_list.stacktrace.frames.colno
    $exception_list.stacktrace.frames.context_line $exception_list.stacktrace.frames.filename
    $exception_list.stacktrace.frames.function $exception_list.stacktrace.frames.in_app
    $exception_list.stacktrace.frames.lineno $exception_list.stacktrace.frames.module
    $exception_list.stacktrace.frames.platform $exception_list.stacktrace.frames.post_context
    $exception_list.stacktrace.frames.pre_context
    """.split()
)
_STATUS = statuses(unknown_key=401)
_OK = Reply(200, b'{"status":"Ok"}', JSON | OPEN)
_SCRIPT = {"content-type": "application/javascript; charset=utf-8"}


class PostHog(Protocol):
    """Capture in all its paths and packings, flags, and the configuration of the browser's client."""

    name = "posthog"
    routes = (
        *posted(_OF_THE_BODY, "/batch", "/i/v0/e", "/e", "/capture", "/track", "/engage", "/s"),
        *posted(f"{_OF_THE_BODY}; nothing is kept of who asks for flags", *_FLAGS),
        *_CONFIG,
    )
    PUBLISHED = PUBLISHED

    def key(self, request: Request) -> AppKey | None:
        """The project's key: of the path, else of the body, else of its first event."""
        if request.method == "GET":
            asked = next((found for route in _CONFIG if (found := route.parts(request.path))), None)
            return AppKey(key=asked["key"]) if asked else None
        try:
            text = captured.unpacked(request.body)
            key = _key(msgspec.Raw(text)) or next(map(_key, captured.parts(text).events), None)
        except (TooMuch, *UNREADABLE):
            return None
        return AppKey(key=key) if key else None

    def answer(self, request: Request, plan: Plan) -> Reply | None:
        """No flags for anybody, and the features that the app's plan has a use for."""
        path = request.path.rstrip("/")
        if request.method == "GET":
            if path.endswith(".js"):
                return Reply(200, remote_config.script(plan), _SCRIPT | OPEN)
            return Reply(200, msgspec.json.encode(remote_config.config(plan)), JSON | OPEN)
        if path not in _FLAGS:
            return None
        told = dict(remote_config.NO_FLAGS)
        if path == "/decide" or request.query.get("config") == "true":
            told |= remote_config.config(plan)
        return Reply(200, msgspec.json.encode(told), JSON | OPEN)

    def decoder(self, plan: Plan) -> Decode:
        """One struct for all events; a batch is decoded at once."""
        return _Decoder(self, plan).decode

    def refusal(self, rejection: Rejection) -> Reply:
        """``{"type", "code", "detail"}``; the clients send again what was not taken for want of room."""
        told = {"type": "validation_error", "code": rejection.value, "detail": rejection.value.replace("_", " ")}
        return Reply(_STATUS[rejection], msgspec.json.encode(told), JSON | OPEN | LATER.get(rejection, {}))

    def stopping(self, plan: Plan) -> Stopping:
        """``quota_limited``, by which the browser's client sends nothing of a queue for a minute."""
        queues = [remote_config.RECORDINGS]
        if not any(plan.tables[kind].needs_any(_items(kind)) for kind in captured.FIELDS if kind is not Kind.CRASH):
            queues.append(remote_config.EVENTS)
        if not remote_config.needs_crashes(plan):
            queues.append(remote_config.EXCEPTIONS)
        body = msgspec.json.encode({"status": "Ok", "quota_limited": queues})
        return lambda reply: Reply(reply.status, body, reply.headers)

    def seen(self, request: Request, plan: Plan) -> Iterator[Seen | None]:
        """Leaves of each event that its kind of record does not need, and of what stands around them."""
        text = captured.unpacked(request.body)
        events = captured.parts(text).events
        batch = None if captured.is_list(text) else captured.batch_of(text)
        if batch is not None:
            around = (*_AROUND, *([captured.SENT] if captured.is_timed(plan) else []))
            yield from seen_around(text, always(*around), key="batch", part=batch)
        for event in events:
            yield from seen(event, lambda node: captured.needed(plan, node))

    def origins(self, request: Request, plan: Plan) -> list[Origin]:
        """The paths of each event, and whose they are."""
        events, place = captured.parts(captured.unpacked(request.body))
        found = list(own([(path, "says whose it is") for path in _AROUND], within("")))
        found += own([(captured.SENT, WORTH)] if captured.is_timed(plan) else [], within(""))
        rows = Counter[Kind]()
        for i, event in enumerate(events):
            found += captured.origins(plan, msgspec.json.decode(event), rows, place=within(place.replace("%d", str(i))))
        return found

    def nodes(self, request: Request) -> Iterator[tuple[str, object]]:
        """Those of the text, however it was packed."""
        return nodes(msgspec.json.decode(captured.unpacked(request.body)), positions=True)

    def example_path(self, body: bytes, app: App) -> str | None:
        """Something with events that have names, and a key or somebody."""
        del app
        try:
            events = [msgspec.json.decode(one) for one in captured.parts(captured.unpacked(body)).events[:1]]
        except (TooMuch, *UNREADABLE):
            return None
        told = (*captured.WHO, *captured.KEYS)
        known = [one for one in events if walk(one, captured.EVENT) and any(walk(one, path) for path in told)]
        return "/batch" if known else None


_KEYS = shape(captured.KEYS)


def _key(event: msgspec.Raw) -> str | None:
    """Whose an event says that it is; the same of what stands around events. Raises UNREADABLE."""
    return next((one for one in _KEYS.walk(event) if isinstance(one, str) and one), None)


def _items(kind: Kind) -> Iterator[Item]:
    yield from captured.NAMES
    yield from (one.item for one in captured.FIELDS[kind])


class _Captured(NamedTuple):
    """One record of an event: its leaves, its message id, and what was raised."""

    row: Row
    message: str
    crash: Mapping[Item, Value | None] = {}


class _Around(NamedTuple):
    """What events of a body have in common: when it was received (ms), and when it says that it was sent."""

    request: Request
    received: int
    sent: Value | None


class _Decoder:
    """Reads events as structs that know only what the plan needs."""

    def __init__(self, protocol: PostHog, plan: Plan) -> None:
        self._protocol, self._plan = protocol, plan
        self._wanted = {kind: plan.tables[kind].items for kind in captured.FIELDS}
        self._fields = {kind: captured.fields_of(plan, kind) for kind in captured.FIELDS}
        paths = [path for fields in self._fields.values() for one in fields for path in one.paths]
        own = [captured.EVENT, captured.MESSAGE, *captured.KEYS, captured.SENT, captured.SERVER, *captured.WHO]
        self._shape = shape([*own, *paths])
        self._is_timed = captured.is_timed(plan)
        self._at = {path: i for i, path in enumerate(self._shape.paths)}
        self._one = msgspec.json.Decoder(self._shape.struct)
        several: Any = list[self._shape.struct]  # type: ignore[name-defined]  # a struct made at run time
        self._several: msgspec.json.Decoder[Any] = msgspec.json.Decoder(several)
        batch = msgspec.defstruct("Batch", [("batch", several | None, None)], gc=False)
        self._batch: msgspec.json.Decoder[Any] = msgspec.json.Decoder(batch)

    def decode(self, request: Request, received: int) -> Decoded:
        """Columns by kind, in the order in which kinds first occur."""
        try:
            text = self._protocol.text(captured.unpacked(request.body))
            rows = self.rows(text)
            around = _Around(request, received, captured.sent_of(text) if self._is_timed else None)
            batches, skipped = self._records(text, rows, around)
        except TooMuch:
            raise self._protocol.refuse(Rejection.TOO_LARGE) from None
        except UNREADABLE as error:
            raise self._protocol.refuse(Rejection.MALFORMED) from error
        return Decoded(batches, _OK, skipped)

    def rows(self, text: bytes) -> list[Row]:
        """The leaves of each event. Raises UNREADABLE or TooMuch."""
        try:
            return self.fast(text)
        except msgspec.ValidationError:
            return self.tolerant(text)

    def fast(self, text: bytes) -> list[Row]:
        """Raises ValidationError for what is not of the declared types."""
        found = self._several.decode(text) if captured.is_list(text) else self._batch.decode(text).batch
        return [self._shape.read(one) for one in _bounded([self._one.decode(text)] if found is None else found)]

    def tolerant(self, text: bytes) -> list[Row]:
        """The same of any body; an event that is no object is one of no name."""
        return [self._shape.walk(one) for one in _bounded(captured.parts(text).events)]

    def _records(self, text: bytes, rows: Sequence[Row], around: _Around) -> tuple[list[Batch], Counter[Skip]]:
        found: dict[Kind, list[_Captured]] = {}
        skipped = Counter[Skip]() if rows else Counter({Skip.EMPTY: 1})
        texts = captured.parts(text).events if any(row[0] == "$exception" for row in rows) else []
        for i, row in enumerate(rows):
            ours = captured.is_ours((row[self._at[path]] for path in captured.KEYS), self._plan)
            kind = captured.kind_of(row[0]) if ours else None
            crash = self._crash(texts[i]) if kind is Kind.CRASH else {}
            if kind is None or crash is None:
                skipped[Skip.UNREAD if kind is None else Skip.NO_RECORD] += 1
                continue
            one = _Captured(row, message_id(row[1]), crash)
            found.setdefault(kind, []).append(one)
            if kind is Kind.PAGE_VISIT and captured.STAYED in self._at and row[self._at[captured.STAYED]] is not None:
                found.setdefault(Kind.PAGE_LEAVE, []).append(self._left(one))
        return [self._made(kind, records, around) for kind, records in found.items()], skipped

    def _crash(self, event: msgspec.Raw) -> Mapping[Item, Value | None] | None:
        payload, wanted = captured.raised(event), self._wanted[Kind.CRASH]
        told = exceptions.crash(payload, wanted) if payload else None
        return told and {item: value for item, value in told.items() if item in wanted}

    def _left(self, one: _Captured) -> _Captured:
        """A page that shows the next by itself tells with it how long the one before was looked at."""
        row = tuple(None if i == self._at.get(captured.CURRENT) else value for i, value in enumerate(one.row))
        return _Captured(row, f"{one.message} left" if one.message else "")

    def _made(self, kind: Kind, records: Sequence[_Captured], around: _Around) -> Batch:
        rows = [one.row for one in records]
        found = columns(self._fields[kind], self._shape.paths, rows)
        if captured.REFERRER in found:
            found[captured.REFERRER] = [
                None if value == captured.DIRECT else value for value in found[captured.REFERRER]
            ]
        for item in TIMES & found.keys():
            found[item] = [self._happened(row, around) for row in rows]
        extra = [{**one.crash, **self._names(kind, one.row)} for one in records]
        for item in dict.fromkeys(item for one in extra for item in one):
            found[item] = [short(one.get(item)) for one in extra]
        self._lend(found, kind, rows, request=around.request)
        present = {item: column for item, column in found.items() if column.count(None) < len(column)}
        return Batch(kind=kind, size=len(rows), columns=present, messages=[one.message for one in records])

    def _happened(self, row: Row, around: _Around) -> Value | None:
        at, offset, sent = (row[self._at[path]] for path in (captured.AT, captured.OFFSET, captured.SENT))
        if at is None:
            return ago(offset, around.received)
        return happened(at, around.sent if sent is None else sent, around.received)

    def _names(self, kind: Kind, row: Row) -> Mapping[Item, Value | None]:
        if not self._wanted[kind] & set(captured.NAMES):
            return {}
        who = captured.named({path: row[self._at[path]] for path in captured.WHO})
        return {
            item: value for item, value in zip(captured.NAMES, (who.account, who.installation), strict=True)
            if item in self._wanted[kind]
        }  # fmt: skip

    def _lend(
        self, found: dict[Item, list[Value | None]], kind: Kind, rows: Sequence[Row], *, request: Request
    ) -> None:
        """What the connection tells of whoever sends, unless that is a server which speaks for others."""
        speaks = [row[self._at[captured.SERVER]] is True for row in rows]
        for item, value in ((captured.IP, request.peer), (captured.AGENT, request.headers.get("user-agent", ""))):
            if value and item in self._wanted[kind]:
                column, told = found.get(item, [None] * len(rows)), short(value)
                both = zip(column, speaks, strict=True)
                found[item] = [told if one is None and not is_server else one for one, is_server in both]


def _bounded(events: list[Any]) -> list[Any]:
    if len(events) > EVENTS_PER_BATCH_MAX:
        raise TooMuch
    return events
