"""What an envelope of Sentry's clients means, found the slow way."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from remit.policy.catalogue import CATALOGUE
from remit.policy.reduce import is_symbol
from remit.policy.words import Item, Kind, Value
from remit.proof.meant import Found, Meant, first, leaves
from remit.wire import errors, events, exceptions, feedback, logs, sessions, spans
from remit.wire.decoder import Field
from remit.wire.request import Request


def enveloped(request: Request) -> Iterator[Meant]:
    """The records of an envelope."""
    lines = request.body.split(b"\n")
    event_id = json.loads(lines[0]).get("event_id")
    for header, payload in zip(lines[1::2], lines[2::2], strict=False):
        node = json.loads(payload)
        match json.loads(header)["type"]:
            case "event":
                yield _event(node, event_id, request)
            case "session":
                yield from _session(node, request)
            case "sessions":
                yield from _aggregates(node, request)
            case "transaction":
                yield from _transaction(node, event_id, request)
            case "span":
                yield from _spans(node, request)
            case "log":
                rows = [first(logs.FIELDS, dict(leaves(one))) for one in node["items"]]
                yield from (Meant(Kind.LOG, _mended(row, request)) for row in rows)
            case "feedback":
                yield Meant(Kind.MESSAGE, _wrote(node, request), str(event_id))
            case "user_report":
                found = first(feedback.REPORT, dict(leaves(node)))
                yield Meant(Kind.MESSAGE, found, f"report of {node['event_id']}")


def _event(node: dict[str, Any], event_id: str | None, request: Request) -> Meant:
    found, message = _of_event(node, events.AROUND, request), str(event_id or node.get("event_id", ""))
    chain = node.get("exception", {}).get("values", [])
    if not chain:
        return Meant(Kind.LOG, found | first(errors.LINE, dict(leaves(node))), message)
    return Meant(Kind.CRASH, found | raised(chain[-1], node.get("fingerprint")), message)


def raised(last: Mapping[str, Any], fingerprint: list[Any] | None = None) -> Found:
    """Where and what the exception is that was seen."""
    frames = last.get("stacktrace", {}).get("frames", [])
    place = (_counting(frames) or frames or [{}])[-1]
    told = {
        "crash.type": last.get("type"),
        "crash.message": last.get("value"),
        "crash.module": place.get("module", last.get("module")),
        "crash.function": place.get("function"),
        "crash.line": place.get("lineno"),
        "crash.in_app": place.get("in_app"),
        "crash.handled": last.get("mechanism", {}).get("handled"),
        "crash.stack": _stack(last, fingerprint),
    }
    assert set(told) == set(exceptions.PATHS)
    return {Item(item): one for item, one in told.items() if one is not None}


def _counting(frames: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    ours = [frame for frame in frames if frame.get("in_app") is True]
    return ours or [frame for frame in frames if frame.get("in_app") is None]


def stack_of(event: Mapping[str, Any]) -> str | None:
    """The names that tell which error an event is of: as its client says, or of its type and of what called what."""
    return _stack(event["exception"]["values"][-1], event.get("fingerprint"))


def _stack(last: Mapping[str, Any], fingerprint: list[Any] | None) -> str | None:
    names = [last.get("type")]
    for frame in reversed(_counting(last.get("stacktrace", {}).get("frames", []))):
        if is_symbol(str(frame.get("function", "?"))):
            whole = f"{frame.get('module', '?')}.{frame['function']}"
            names.append(whole if is_symbol(whole) else frame["function"])
    told = [name for name in names if isinstance(name, str) and is_symbol(name)]
    said = [str(one) for one in fingerprint or ["{{ default }}"]]
    own = [one for one in said if one != "{{ default }}"]
    if own and all(map(is_symbol, own)):
        told = [*own, *told] if len(own) < len(said) else own
    return " <- ".join(told) or None


_REQUESTS = ("http.client", "http.server")


def _of_event(node: dict[str, Any], fields: Sequence[Field], request: Request) -> Found:
    found = _mended(first(fields, dict(leaves(node))), request)
    if nobody_is_signed_in(node):
        found.pop(Item("account.id"), None)
    return found


class SaidOfSpan(NamedTuple):
    """What a span says of itself."""

    op: str
    went: str
    began: Value
    ended: Value


def _transaction(node: dict[str, Any], event_id: str | None, request: Request) -> Iterator[Meant]:
    around = _of_event(node, events.AROUND, request)
    trace = node["contexts"]["trace"]
    said = SaidOfSpan(trace["op"], trace["status"], node["start_timestamp"], node["timestamp"])
    if said.op in _REQUESTS:
        yield Meant(Kind.REQUEST, around | _request(said, spans.ROOT_FIELDS, node), str(event_id))
    for span in node["spans"]:
        said = SaidOfSpan(span["op"], span["status"], span["start_timestamp"], span["timestamp"])
        if said.op in _REQUESTS:
            yield Meant(Kind.REQUEST, around | _request(said, spans.CHILD_FIELDS, span), str(span["span_id"]))


def _spans(node: dict[str, Any], request: Request) -> Iterator[Meant]:
    for span in node["items"]:
        op = span["attributes"]["sentry.op"]["value"]
        said = SaidOfSpan(op, span["status"], span["start_timestamp"], span["end_timestamp"])
        if op in _REQUESTS:
            yield Meant(Kind.REQUEST, _mended(_request(said, spans.ALONE_FIELDS, span), request), str(span["span_id"]))


def _request(said: SaidOfSpan, fields: Sequence[Field], span: Mapping[str, Any]) -> Found:
    found = first(fields, dict(leaves(span)))
    found |= {Item("request.count"): 1, Item("request.errors"): int(failed(said, found.get(Item("request.status"))))}
    numbers = [one for one in (said.began, said.ended) if isinstance(one, int | float) and not isinstance(one, bool)]
    if len(numbers) == 2:
        found[Item("request.duration")] = numbers[1] - numbers[0]
    return found


def failed(said: SaidOfSpan, status: Value | None) -> bool:
    """Whether a request failed: by its status, from 400 on for who asked and from 500 on for who answered."""
    form = "" if status is None else CATALOGUE[Item("request.status")].form(status)
    return int(form) >= (400 if said.op == "http.client" else 500) if form else said.went != "ok"


def status_of(fields: Sequence[Field], span: Mapping[str, Any]) -> Value | None:
    """The first status of HTTP that a span bears."""
    return first(fields, dict(leaves(span))).get(Item("request.status"))


def _wrote(node: dict[str, Any], request: Request) -> Found:
    around = tuple(one for one in events.AROUND if one.item != "email")
    found = _of_event(node, (*around, *feedback.FEEDBACK), request)
    found[Item("message.sent")] = round(node["timestamp"] * 1000)
    return found


def nobody_is_signed_in(event: Mapping[str, Any]) -> bool:
    """Whether one text stands for the user and for the device: Android's client put it there."""
    at = dict(leaves(event))
    return isinstance(at.get("user.id"), str) and at["user.id"] == at.get("contexts.device.id")


def _session(node: dict[str, Any], request: Request) -> Iterator[Meant]:
    at = dict(leaves(node))
    status, errors = at.get("status"), at.get("errors", 0)
    if not isinstance(status, str) or status == "ok":
        return
    went_wrong = isinstance(errors, int | float) and errors > 0
    end = "errored" if status == "unhandled" or (status == "exited" and went_wrong) else status
    found = _named(at.get("did"), request) | first(sessions.FIELDS, at) | {Item("session.status"): end}
    yield Meant(Kind.SESSION, _mended(found, request), str(at.get("sid", "")))


def _aggregates(node: dict[str, Any], request: Request) -> Iterator[Meant]:
    release = dict(leaves(node)).get("attrs.release")
    for group in node["aggregates"]:
        for status in ("exited", "errored", "unhandled", "abnormal", "crashed"):
            if group.get(status):
                end = "errored" if status == "unhandled" else status
                found = _named(group.get("did"), request) | {Item("session.status"): end}
                found |= {Item("app.version"): _version(release)} if release is not None else {}
                yield Meant(Kind.SESSION, found, weight=group[status])


def _named(did: Value | None, request: Request) -> Found:
    """Who the distinct id of a session is: an installation to some clients, and a person to the others."""
    if did is None:
        return {}
    client = request.headers["x-sentry-auth"].rpartition("sentry_client=")[2]
    of_a_device = client.split("/")[0] in ("sentry.cocoa", "sentry.java.android", "sentry.dotnet", "sentry.dart")
    if of_a_device or (client.startswith("sentry.native") and CATALOGUE[Item("device.gaid")].fits(did)):
        return {Item("device.installation"): did}
    kinds = [item for item in (Item("email"), Item("net.ip")) if CATALOGUE[item].fits(did)]
    return {(kinds or [Item("account.id")])[0]: did}


def _mended(found: Found, request: Request) -> Found:
    if found.get(Item("net.ip")) == "{{auto}}":
        found[Item("net.ip")] = request.peer
    if Item("app.version") in found:
        found[Item("app.version")] = _version(found[Item("app.version")])
    for item in (Item("hardware.memory"), Item("hardware.storage")):
        size = found.get(item)
        if isinstance(size, int | float) and not isinstance(size, bool):
            found[item] = size / 1024 / 1024
    return found


def _version(release: Value) -> Value:
    return release.rpartition("@")[2] if isinstance(release, str) else release
