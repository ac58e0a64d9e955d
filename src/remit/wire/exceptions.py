"""Where an error happened, as the exceptions of a Sentry event tell it, and which errors are one."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from remit.policy.reduce import CAME_FROM, is_symbol
from remit.policy.words import Item, Value
from remit.wire.decoder import Leaf, leaves, short, walk
from remit.wire.origins import Origin, Place, Record

STACK_FRAMES_MAX = 6
"""How many pieces of our own program tell which error it is: those nearest to it."""
FINGERPRINT_PARTS_MAX = 6
_AS_USUAL = ("{{ default }}", "{{default}}")
"""What a client writes into a fingerprint for what would tell without one."""


class CallFrame(msgspec.Struct, gc=False):
    """One call on the way to an error."""

    in_app: Leaf = None
    module: Leaf = None
    function: Leaf = None
    lineno: Leaf = None


class _Frames(msgspec.Struct, gc=False):
    frames: list[CallFrame] = []


class _Mechanism(msgspec.Struct, gc=False):
    handled: Leaf = None
    synthetic: Leaf = None


class Unplaced(msgspec.Struct, gc=False):
    """The exception that was seen, without its frames: the last, since they stand in the order of cause."""

    type: Leaf = None
    value: Leaf = None
    module: Leaf = None
    mechanism: _Mechanism | None = None

    @property
    def frames(self) -> Sequence[CallFrame]:
        """Oldest first."""
        return ()

    @property
    def is_message(self) -> bool:
        """Whether a client made it, to show where a message was sent from."""
        return self.type is None and self.mechanism is not None and self.mechanism.synthetic is True


class Thrown(Unplaced, gc=False):
    """The same, with its frames."""

    stacktrace: _Frames | None = None

    @property
    def frames(self) -> Sequence[CallFrame]:
        """Oldest first."""
        return self.stacktrace.frames if self.stacktrace else ()


class _Chain(msgspec.Struct, gc=False):
    values: list[msgspec.Raw] = []


BESIDE: Mapping[str, Any] = {
    "exception": (_Chain | list[msgspec.Raw] | None, None),
    "fingerprint": (list[Leaf] | None, None),
}
"""Where an event tells of an error: parts of its struct, by key. Of a chain of exceptions only the last is opened."""
_THROWN, _UNPLACED = msgspec.json.Decoder(Thrown), msgspec.json.Decoder(Unplaced)

TYPE, MESSAGE, HANDLED = Item("crash.type"), Item("crash.message"), Item("crash.handled")
_MODULE, _FUNCTION, _LINE = Item("crash.module"), Item("crash.function"), Item("crash.line")
_IN_APP, STACK = Item("crash.in_app"), Item("crash.stack")
_PLACED = frozenset({_MODULE, _FUNCTION, _LINE, _IN_APP, STACK})
"""Items for which frames are looked at."""
_FRAME, _FINGERPRINT = "stacktrace.frames[].", "fingerprint[]"
_BELOW: Mapping[Item, tuple[str, ...]] = {
    TYPE: ("type",),
    _MODULE: ("module", _FRAME + "module", _FRAME + "in_app"),
    _FUNCTION: (_FRAME + "function", _FRAME + "in_app"),
    _LINE: (_FRAME + "lineno", _FRAME + "in_app"),
    _IN_APP: (_FRAME + "in_app",),
    HANDLED: ("mechanism.handled",),
    MESSAGE: ("value",),
    STACK: ("type", _FRAME + "module", _FRAME + "function", _FRAME + "in_app"),
}
_HEADS = ("exception.values[].", "exception[].")
PATHS: Mapping[Item, tuple[str, ...]] = {
    item: (*(head + path for head in _HEADS for path in below), *([_FINGERPRINT] if item == STACK else []))
    for item, below in _BELOW.items()
}
"""Where each item is found; which of a list counts is for this module to say."""
_SENT_FROM = "says whether an exception only shows where a message was sent from"
SYNTHETIC = tuple(head + "mechanism.synthetic" for head in _HEADS)


def fast(chain: Any, wanted: frozenset[Item]) -> Unplaced | None:
    """Of the struct of an event; None where it bears no exception. Raises ValidationError for what is odd."""
    values = chain.values if isinstance(chain, _Chain) else chain
    if not values:
        return None
    return _UNPLACED.decode(values[-1]) if wanted.isdisjoint(_PLACED) else _THROWN.decode(values[-1])


def tolerant(event: Any) -> Thrown | None:
    """The same of any event: what is not an object or a list where one should be is passed over."""
    chain = _objects(_values(event.get("exception") if isinstance(event, dict) else None))
    if not chain:
        return None
    last = chain[-1]
    trace = last.get("stacktrace")
    kind, value, module = (walk(last, key) for key in ("type", "value", "module"))
    mechanism = _Mechanism(*(walk(last, f"mechanism.{key}") for key in ("handled", "synthetic")))
    frames = [_frame(one) for one in _objects(trace.get("frames") if isinstance(trace, dict) else None)]
    return Thrown(kind, value, module, mechanism, _Frames(frames))


def _frame(node: object) -> CallFrame:
    return CallFrame(*(walk(node, key) for key in ("in_app", "module", "function", "lineno")))


def _values(chain: Any) -> object:
    return chain.get("values") if isinstance(chain, dict) else chain


def _objects(node: object) -> list[dict[str, Any]]:
    return [one for one in node if isinstance(one, dict)] if isinstance(node, list) else []


def told(thrown: Unplaced, fingerprint: object, wanted: frozenset[Item]) -> dict[Item, Value | None]:
    """The items of ``PATHS``, of which some cost nothing more than others; ``wanted`` may be fewer."""
    mine = _mine(thrown.frames)
    frame = CallFrame() if mine is None else thrown.frames[mine]
    found: dict[Item, Value | None] = {
        TYPE: short(thrown.type),
        MESSAGE: short(thrown.value),
        _MODULE: short(thrown.module if frame.module is None else frame.module),
        _FUNCTION: short(frame.function),
        _LINE: short(frame.lineno),
        _IN_APP: short(frame.in_app),
        HANDLED: short(thrown.mechanism.handled if thrown.mechanism else None),
    }
    if STACK in wanted:
        found[STACK] = _stack(thrown, fingerprint)
    return found


def crash(payload: bytes, wanted: frozenset[Item]) -> dict[Item, Value | None] | None:
    """The items of ``PATHS`` of a text that tells of an error as an event does; None where it tells of none."""
    event = msgspec.json.decode(payload)
    thrown = tolerant(event)
    return None if thrown is None else told(thrown, None, wanted)


def _mine(frames: Sequence[CallFrame]) -> int | None:
    """Frames are oldest first: the last in-app one is where our own program was.

    Where no frame says (JavaScript in a browser), the last that is not said to be somebody else's counts; where all
    are somebody else's, the last of all.
    """
    unsaid = None
    for i in range(len(frames) - 1, -1, -1):
        if frames[i].in_app is True:
            return i
        if unsaid is None and frames[i].in_app is None:
            unsaid = i
    return unsaid if unsaid is not None or not frames else len(frames) - 1


def _counting(frames: Sequence[CallFrame]) -> list[int]:
    said = [i for i, one in enumerate(frames) if one.in_app is True]
    return said or [i for i, one in enumerate(frames) if one.in_app is None]


def _stack(thrown: Unplaced, fingerprint: object) -> str | None:
    """The symbols that tell which error it is: of its type and of the frames, or of what its client says instead."""
    usual = [thrown.type] if isinstance(thrown.type, str) and is_symbol(thrown.type) else []
    usual += [symbol for _, symbol in _symbols(thrown.frames)]
    return CAME_FROM.join(_fingerprinted(fingerprint, usual) or usual) or None


def _symbols(frames: Sequence[CallFrame]) -> list[tuple[int, str]]:
    """Positions and names of the nearest frames that have one, nearest first."""
    found = []
    for i in reversed(_counting(frames)):
        symbol = _symbol(frames[i])
        if symbol is not None:
            found.append((i, symbol))
            if len(found) == STACK_FRAMES_MAX:
                break
    return found


def _symbol(frame: CallFrame) -> str | None:
    if not isinstance(frame.function, str) or not is_symbol(frame.function):
        return None
    whole = f"{frame.module}.{frame.function}"
    return whole if isinstance(frame.module, str) and is_symbol(whole) else frame.function


def _fingerprinted(fingerprint: object, usual: Sequence[str]) -> list[str]:
    """What a client says in place of the usual, which a part of it may stand for; None of it unless all may cross."""
    if not isinstance(fingerprint, list) or len(fingerprint) > FINGERPRINT_PARTS_MAX:
        return []
    if not all(isinstance(part, str) and (part in _AS_USUAL or is_symbol(part)) for part in fingerprint):
        return []
    said = [part for part in fingerprint if part not in _AS_USUAL]
    return [*said, *usual] if len(said) < len(fingerprint) else said


def origins(event: object, record: Record, wanted: frozenset[Item], *, place: Place) -> Iterator[Origin]:
    """What each path of ``PATHS`` in an untyped event was read for, as far as an item is wanted."""
    taken, stack = _places(event)
    for (general, _), (path, _) in zip(leaves(event), leaves(event, positions=True), strict=True):
        items = [item for item in wanted & PATHS.keys() if general in PATHS[item]]
        took = [item for item in items if path == taken.get(item)]
        yield from (Origin(place(path), "", item, record) for item in took)
        if took:
            continue
        if general in SYNTHETIC:
            yield Origin(place(path), _SENT_FROM)
        elif STACK in items and path in stack:
            yield Origin(place(path), f"is part of {STACK}")
        elif items and general.endswith("in_app"):
            yield Origin(place(path), "says whose code a frame is")
        elif items:
            named = next((item for item in items if item != STACK), STACK)
            yield Origin(place(path), "another exception or frame is where it happened", named, record)


def asked(event: object, *, place: Place) -> Iterator[Origin]:
    """What is read of an event that is no crash."""
    for (general, _), (path, _) in zip(leaves(event), leaves(event, positions=True), strict=True):
        if general in SYNTHETIC:
            yield Origin(place(path), _SENT_FROM)


def _places(event: Any) -> tuple[Mapping[Item, str], Sequence[str]]:
    """The path that each item was taken from, and all of those that are parts of the stack."""
    chain = event.get("exception") if isinstance(event, dict) else None
    values = _values(chain)
    there = [i for i, one in enumerate(values) if isinstance(one, dict)] if isinstance(values, list) else []
    thrown = tolerant(event)
    if thrown is None:
        return {}, ()
    last, head = there[-1], "exception.values" if isinstance(chain, dict) else "exception"
    place = f"{head}[{last}]."
    taken = {item: place + _BELOW[item][0] for item in (TYPE, MESSAGE, HANDLED, _MODULE)}
    at = _frame_places(values[last] if isinstance(values, list) else {}, place)
    mine = _mine(thrown.frames)
    if mine is not None:
        taken |= {_FUNCTION: at[mine] + "function", _LINE: at[mine] + "lineno", _IN_APP: at[mine] + "in_app"}
        taken |= {_MODULE: at[mine] + "module"} if thrown.frames[mine].module is not None else {}
    stack = _stack_places(thrown, event.get("fingerprint"), place=place, at=at)
    return taken | ({STACK: stack[0]} if stack else {}), stack


def _frame_places(exception: dict[str, Any], place: str) -> list[str]:
    trace = exception.get("stacktrace")
    frames = trace.get("frames") if isinstance(trace, dict) else None
    there = [i for i, one in enumerate(frames) if isinstance(one, dict)] if isinstance(frames, list) else []
    return [f"{place}stacktrace.frames[{i}]." for i in there]


def _stack_places(thrown: Unplaced, fingerprint: Any, *, place: str, at: Sequence[str]) -> list[str]:
    """Paths of what tells which error it is; the first is one whose value is part of it."""
    usual = [place + "type"] if isinstance(thrown.type, str) and is_symbol(thrown.type) else []
    for i, symbol in _symbols(thrown.frames):
        usual += [at[i] + "function", *([at[i] + "module"] if symbol != thrown.frames[i].function else [])]
    if not _fingerprinted(fingerprint, ["usual"]):
        return usual
    said = [f"fingerprint[{i}]" for i, part in enumerate(fingerprint) if part not in _AS_USUAL]
    also = [f"fingerprint[{i}]" for i, part in enumerate(fingerprint) if part in _AS_USUAL]
    return [*said, *(usual if also else []), *also]
