"""Where an error happened, as the exceptions of a Sentry event tell it."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from remit.policy.words import Item, Value
from remit.wire.decoder import Leaf, leaves, walk
from remit.wire.origins import Origin, Place, Record


class _Frame(msgspec.Struct, gc=False):
    module: Leaf = None
    function: Leaf = None
    in_app: Leaf = None


class _Frames(msgspec.Struct, gc=False):
    frames: list[_Frame] = []


class _Mechanism(msgspec.Struct, gc=False):
    handled: Leaf = None


class _Exception(msgspec.Struct, gc=False):
    type: Leaf = None
    value: Leaf = None
    module: Leaf = None
    mechanism: _Mechanism | None = None
    stacktrace: _Frames | None = None


class _Exceptions(msgspec.Struct, gc=False):
    values: list[_Exception] = []


class _Event(msgspec.Struct, gc=False):
    exception: _Exceptions | list[_Exception] | None = None


class _AnyEvent(msgspec.Struct, gc=False):
    exception: Any = None


_EVENT = msgspec.json.Decoder(_Event)
_ANY_EXCEPTION = msgspec.json.Decoder(_AnyEvent)

_MODULE, _FUNCTION = Item("crash.module"), Item("crash.function")
_FRAME = "stacktrace.frames[]."
_BELOW: Mapping[Item, tuple[str, ...]] = {
    Item("crash.type"): ("type",),
    _MODULE: ("module", _FRAME + "module", _FRAME + "in_app"),
    _FUNCTION: (_FRAME + "function", _FRAME + "in_app"),
    Item("crash.handled"): ("mechanism.handled",),
    Item("crash.message"): ("value",),
}
PATHS: Mapping[Item, tuple[str, ...]] = {
    item: tuple(head + path for head in ("exception.values[].", "exception[].") for path in paths)
    for item, paths in _BELOW.items()
}
"""Where each item is found; which of a list counts is for this module to say."""


def crash(payload: bytes) -> dict[Item, Value | None] | None:
    """The items of ``PATHS``; None where the event bears no exception (a message is free text)."""
    try:
        return fast(payload)
    except msgspec.ValidationError:
        return tolerant(payload)


def fast(payload: bytes) -> dict[Item, Value | None] | None:
    """Reads events as SDKs write them. Raises ValidationError for any other."""
    found = _EVENT.decode(payload).exception
    chain = found.values if isinstance(found, _Exceptions) else found
    if not chain:
        return None
    last = chain[-1]  # exceptions stand in the order of cause, the one that was seen is the last
    frames = [(one.in_app, one.module, one.function) for one in last.stacktrace.frames] if last.stacktrace else []
    handled = last.mechanism.handled if last.mechanism else None
    return _told(last.type, last.module, frames, value=last.value, handled=handled)


def tolerant(payload: bytes) -> dict[Item, Value | None] | None:
    """The same for any event: what is not an object or a list where one should be is passed over."""
    chain = _objects(_values(_opened(payload)))
    if not chain:
        return None
    last = chain[-1]
    trace = last.get("stacktrace")
    frames = [
        (walk(one, "in_app"), walk(one, "module"), walk(one, "function"))
        for one in _objects(trace.get("frames") if isinstance(trace, dict) else None)
    ]
    handled = walk(last, "mechanism.handled")
    return _told(walk(last, "type"), walk(last, "module"), frames, value=walk(last, "value"), handled=handled)


def _opened(payload: bytes) -> object:
    try:
        return _ANY_EXCEPTION.decode(payload).exception
    except msgspec.ValidationError:
        msgspec.json.decode(payload)  # a number out of bounds is malformed; an event that is no object is none
        return None


def _values(chain: Any) -> object:
    return chain.get("values") if isinstance(chain, dict) else chain


def _objects(node: object) -> list[dict[str, Any]]:
    return [one for one in node if isinstance(one, dict)] if isinstance(node, list) else []


def _told(
    kind: Leaf, module: Leaf, frames: list[tuple[Leaf, Leaf, Leaf]], *, value: Leaf, handled: Leaf
) -> dict[Item, Value | None]:
    mine = _mine([in_app for in_app, _, _ in frames])
    _, in_module, in_function = (None, None, None) if mine is None else frames[mine]
    return {
        Item("crash.type"): kind,
        Item("crash.message"): value,
        _MODULE: module if in_module is None else in_module,
        _FUNCTION: in_function,
        Item("crash.handled"): handled,
    }


def _mine(in_app: list[Leaf]) -> int | None:
    """Frames are oldest first: the last in-app one is where our own program was.

    Where no frame says (JavaScript in a browser), the last that is not said to be somebody else's counts.
    """
    said = [i for i, one in enumerate(in_app) if one is True] or [i for i, one in enumerate(in_app) if one is None]
    return said[-1] if said else None


def origins(event: object, record: Record, wanted: frozenset[Item], *, place: Place) -> Iterator[Origin]:
    """What each path of ``PATHS`` in an untyped event was read for, as far as an item is wanted."""
    taken = _places(event)
    for (general, _), (path, _) in zip(leaves(event), leaves(event, positions=True), strict=True):
        for item in wanted & PATHS.keys():
            if path == taken.get(item):
                yield Origin(place(path), "", item, record)
            elif general in PATHS[item] and general.endswith("in_app"):
                yield Origin(place(path), "says whose code a frame is")
            elif general in PATHS[item]:
                yield Origin(place(path), "another exception or frame is where it happened", item, record)


def _places(event: object) -> Mapping[Item, str]:
    chain = event.get("exception") if isinstance(event, dict) else None
    values = _values(chain)
    there = [i for i, one in enumerate(values) if isinstance(one, dict)] if isinstance(values, list) else []
    if not (there and isinstance(values, list)):
        return {}
    last, head = values[there[-1]], f"exception{'.values' if isinstance(chain, dict) else ''}[{there[-1]}]."
    found = {item: head + paths[0] for item, paths in _BELOW.items()}
    trace = last.get("stacktrace")
    frames = trace.get("frames") if isinstance(trace, dict) else None
    objects = [i for i, one in enumerate(frames) if isinstance(one, dict)] if isinstance(frames, list) else []
    mine = _mine([walk(frames[i], "in_app") for i in objects]) if isinstance(frames, list) else None
    if mine is None or not isinstance(frames, list):
        return {item: path for item, path in found.items() if item != _FUNCTION}
    frame = f"{head}stacktrace.frames[{objects[mine]}]."
    if walk(frames[objects[mine]], "module") is not None:
        found[_MODULE] = frame + "module"
    return found | {_FUNCTION: frame + "function"}
