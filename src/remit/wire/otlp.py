"""OTLP over HTTP, as OpenTelemetry's SDKs and its collector send it: traces, metrics and logs."""

from collections.abc import Iterator

import msgspec

from remit.policy.model import App
from remit.policy.plan import Plan
from remit.wire.coding import EXPORTS, LOGS, METRICS, TRACES, Coding, Excerpt, Export, camel, export_of, is_json
from remit.wire.conventions import FIELDS, NAMES, OF_ONE_RECORD, PUBLISHED, fields, paths
from remit.wire.decoder import UNREADABLE, TooMuch, nodes
from remit.wire.origins import Origin
from remit.wire.otlp_binary import Binary
from remit.wire.otlp_json import Text
from remit.wire.otlp_needs import KEY_ATTRIBUTE, Needs
from remit.wire.otlp_origins import Retold
from remit.wire.protocol import (
    LATER,
    OPEN,
    AppKey,
    Decode,
    Decoded,
    Protocol,
    Refused,
    Rejection,
    Skip,
    Stopping,
    statuses,
)
from remit.wire.request import Reply, Request
from remit.wire.route import posted
from remit.wire.sampled import UNSEEN, Seen
from remit.wire.telemetry import reader

KEY_HEADER = "x-remit-key"
BINARY, TEXT = Binary(), Text()
DELTA = (
    "points of cumulative histograms were not taken, since each repeats the one before:"
    " set OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=delta"
)
WORDS_CHARACTERS_MAX = 1_000
_STATUS = statuses(unknown_key=401)
_CODE = {
    Rejection.UNKNOWN_KEY: 16,
    Rejection.MALFORMED: 3,
    Rejection.TOO_LARGE: 8,
    Rejection.TOO_MANY: 8,
    Rejection.NO_ROOM: 14,
    Rejection.BUSY: 14,
}
"""By ``google.rpc.Code``: unauthenticated, invalid argument, resource exhausted, unavailable."""


class Otlp(Protocol):
    """``POST /v1/traces``, ``/v1/metrics`` and ``/v1/logs``, in either coding; the reply is in the request's own."""

    name = "otlp"
    routes = posted(
        "`Authorization: Bearer`, else `x-remit-key`, else the attribute `remit.key` of a resource", *EXPORTS
    )
    PUBLISHED = PUBLISHED

    def key(self, request: Request) -> AppKey | None:
        """``Authorization: Bearer``, else ``x-remit-key``, else the first resource that has ``remit.key``."""
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        key = given.strip() if scheme.lower() == "bearer" else ""
        key = key or request.headers.get(KEY_HEADER, "").strip() or self._told(request)
        return AppKey(key=key) if key else None

    def _told(self, request: Request) -> str:
        coding = _coding(request)
        try:
            found = coding.resources(export_of(request.path), request.body)
            return next((key for one in found if (key := coding.text(one, KEY_ATTRIBUTE))), "")
        except (*UNREADABLE, TooMuch):
            return ""

    def decoder(self, plan: Plan) -> Decode:
        """A reader of each export that looks up only the attributes that the plan needs."""
        return _Decoder(plan).decode

    def refusal(self, rejection: Rejection) -> Reply:
        """A ``google.rpc.Status`` in JSON, where nothing is known of the request."""
        return _refusal(rejection, TEXT)

    def refusing(self, rejection: Rejection, request: Request) -> Reply:
        """The same in the coding of the request."""
        return _refusal(rejection, _coding(request))

    def stopping(self, plan: Plan) -> Stopping:
        """A warning beside a full accept, with published names that no purpose of the plan needs, whatever was sent."""
        words = unneeded_names(plan)

        def warned(reply: Reply) -> Reply:
            coding = TEXT if reply.headers["content-type"] == TEXT.content else BINARY
            if not words or reply.body != coding.accepted(TRACES, 0, ""):
                return reply
            return msgspec.structs.replace(reply, body=coding.accepted(TRACES, 0, words))

        return warned

    def seen(self, request: Request, plan: Plan) -> Iterator[Seen | None]:
        """Those of each part; a large one is one leaf."""
        of = export_of(request.path)
        needed = Needs(of, plan)
        for excerpt in _excerpts(of, request):
            if excerpt is None:
                yield Seen(UNSEEN, is_needed=False)
                continue
            known = needed.paths(excerpt)
            for path, value in nodes(excerpt.node, excerpt.kind):
                yield None if value is None else Seen(path.replace("[]", ""), path in known, value)

    def origins(self, request: Request, plan: Plan) -> list[Origin]:
        """Record by record, in the order in which they are decoded."""
        of = export_of(request.path)
        told = Retold(of, plan)
        excerpts = _excerpts(of, request)
        return [origin for excerpt in excerpts if excerpt is not None for origin in told.origins(excerpt)]

    def nodes(self, request: Request) -> Iterator[tuple[str, object]]:
        """Those of each part, where it stands, with attributes by their names; a part too large is one leaf."""
        for excerpt in _excerpts(export_of(request.path), request):
            if excerpt is None:
                yield UNSEEN, ""
            else:
                yield from nodes(excerpt.node, excerpt.place, positions=True)

    def example_path(self, body: bytes, app: App) -> str | None:
        """That of the export of which it has records; the binary ones are told apart by what only they have."""
        del app
        asked = Request(method="POST", path="", query={}, headers={}, peer="", body=body)
        return next((of.path for of in EXPORTS.values() if _is_of(of, asked)), None)


_MARKS = {
    TRACES: {"spanId"},
    METRICS: {"histogram", "exponentialHistogram", "sum", "gauge", "summary"},
    LOGS: {"timeUnixNano", "observedTimeUnixNano", "eventName", "severityNumber", "severityText", "body", "attributes"},
}


def _is_of(of: Export, request: Request) -> bool:
    try:
        parts = [part for part in _excerpts(of, request) if part is not None and part.kind == camel(of.records)]
    except UNREADABLE:
        return False
    return any(isinstance(part.node, dict) and _MARKS[of] & part.node.keys() for part in parts)


def _excerpts(of: Export, request: Request) -> Iterator[Excerpt | None]:
    """The parts of a body. Raises ValueError, also for more than is decoded."""
    try:
        yield from _coding(request).excerpts(of, request.body)
    except TooMuch:
        raise ValueError("there is more than is decoded") from None


def _coding(request: Request) -> Coding:
    return TEXT if is_json(request) else BINARY


def _reply(coding: Coding, status: int, body: bytes, **headers: str) -> Reply:
    return Reply(status, body, {"content-type": coding.content} | OPEN | headers)


def _refusal(rejection: Rejection, coding: Coding) -> Reply:
    status = coding.status(_CODE[rejection], rejection.value.replace("_", " "))
    return _reply(coding, _STATUS[rejection], status, **LATER.get(rejection, {}))


def unneeded_names(plan: Plan) -> str:
    """Names of attributes that nothing of the plan needs, those first that tell most of somebody; '' if there is none.

    They come from the published conventions alone, so that a reply says nothing of what was sent.
    """
    read = {path for kind in FIELDS for path in paths(fields(plan, kind))} | OF_ONE_RECORD
    spare = [name for name in NAMES if name not in read]
    words, left = "no purpose needs: ", len(spare)
    for name in spare:
        if len(words) + len(name) > WORDS_CHARACTERS_MAX:
            return f"{words}and {left} more published names"
        words, left = f"{words}{name}, ", left - 1
    return words.removesuffix(", ") if spare else ""


class _Decoder:
    def __init__(self, plan: Plan) -> None:
        self._readers = {of: reader(of, plan) for of in EXPORTS.values()}

    def decode(self, request: Request, _received: int) -> Decoded:
        """One batch of each kind of record."""
        coding, of = _coding(request), export_of(request.path)
        try:
            told = self._readers[of].read(coding, request.body)
        except TooMuch:
            raise _refused(Rejection.TOO_LARGE, coding) from None
        except UNREADABLE as error:
            raise _refused(Rejection.MALFORMED, coding) from error
        skipped = +told.skipped if told.batches or +told.skipped else {Skip.EMPTY: 1}
        words = f"{told.repeated} {DELTA}" if told.repeated else ""
        return Decoded(told.batches, _reply(coding, 200, coding.accepted(of, told.repeated, words)), skipped)


def _refused(rejection: Rejection, coding: Coding) -> Refused:
    return Refused(rejection, _refusal(rejection, coding))
