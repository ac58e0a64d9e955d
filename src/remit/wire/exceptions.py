"""Where an error happened, as the exceptions of a Sentry event tell it."""

from collections.abc import Mapping
from typing import Any

import msgspec

from remit.policy.words import Item, Value
from remit.wire.decoder import Leaf, walk


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

_FRAME = "stacktrace.frames[]."
_BELOW: Mapping[Item, tuple[str, ...]] = {
    Item("crash.type"): ("type",),
    Item("crash.module"): ("module", _FRAME + "module", _FRAME + "in_app"),
    Item("crash.function"): (_FRAME + "function", _FRAME + "in_app"),
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
    event: Any = _opened(payload)
    values = event.get("values") if isinstance(event, dict) else event
    chain = _objects(values)
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


def _objects(node: object) -> list[dict[str, Any]]:
    return [one for one in node if isinstance(one, dict)] if isinstance(node, list) else []


def _told(
    kind: Leaf, module: Leaf, frames: list[tuple[Leaf, Leaf, Leaf]], *, value: Leaf, handled: Leaf
) -> dict[Item, Value | None]:
    """Frames are oldest first: the last in-app one is where our own program was.

    Where no frame says (JavaScript in a browser), the last that is not said to be somebody else's counts.
    """
    mine = [frame for frame in frames if frame[0] is True] or [frame for frame in frames if frame[0] is None]
    _, in_module, in_function = mine[-1] if mine else (None, None, None)
    return {
        Item("crash.type"): kind,
        Item("crash.message"): value,
        Item("crash.module"): module if in_module is None else in_module,
        Item("crash.function"): in_function,
        Item("crash.handled"): handled,
    }
