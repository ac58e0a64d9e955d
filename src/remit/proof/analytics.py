"""Bodies of product analytics, two that grow together: what clients of Umami and of PostHog send."""

import json
from collections.abc import Iterator, Mapping, Sequence

from remit.policy.model import App
from remit.policy.words import Item, Kind, Value
from remit.proof.loom import BORNE, Bodies, Both, Leaf, Loom, Woven
from remit.wire import captured
from remit.wire import umami as umami_wire
from remit.wire.happening import TIMES

_UMAMI: Mapping[str, tuple[str, Kind]] = {
    "page view": ("event", Kind.PAGE_VISIT),
    "event": ("event", Kind.EVENT),
    "identify": ("identify", Kind.ACCOUNT),
}
"""What is sent, by what is meant: the type of an event, and the record that it is."""
_SCREEN, _NAME = "payload.screen", "payload.name"
_SCREENS = ("1000x86000", "1004x86000", "1007x86344")
"""Whose sides are in the same buckets."""


def umami(loom: Loom, app: App) -> Woven:
    """One event, or several in a list."""
    several = [_umami_event(loom, app) for _ in range(loom.dice.randrange(1, 5))]
    sides = [one.left for one in several], [one.right for one in several]
    alone = len(several) == 1
    left, right = (json.dumps(side[0] if alone else side).encode() for side in sides)
    return "/api/send" if alone else "/api/batch", {}, (left, right)


def _umami_event(loom: Loom, app: App) -> Bodies:
    bodies, meant = Bodies(), loom.dice.choice([*_UMAMI])
    called, kind = _UMAMI[meant]
    bodies.put("type", (called, called))
    bodies.put("payload.website", (app.website, app.website))
    for one in umami_wire.FIELDS[kind]:
        (path,) = one.paths
        leaf: Leaf = ("umami", meant, path)
        if path == _NAME:
            bodies.put(path, loom.said(leaf, one.item))
        elif loom.chance(BORNE):
            bodies.put(path, loom.either(leaf, _SCREENS) if path == _SCREEN else loom.value(leaf, one.item))
    for path in ("payload.title", "payload.tag"):
        bodies.put(path, loom.value(("umami", meant, path), None))
    return bodies


_CALLED = (*captured.KINDS, "feature")
_RAISED: Mapping[str, str] = {
    "type": "crash.type",
    "value": "crash.message",
    "module": "crash.module",
    "mechanism.handled": "crash.handled",
}
_OF_A_FRAME: Mapping[str, str] = {"module": "crash.module", "function": "crash.function"}
_SENT: Leaf = ("posthog", "any", captured.SENT)
_OFFSETS: Sequence[Value] = (0, 1_250.5, 86_400_000)
"""Milliseconds between what happened and its sending."""
_FRAMES = captured.LIST + ".stacktrace.frames[]."


def posthog(loom: Loom, app: App) -> Woven:
    """One event, or a batch of several."""
    several = [_posthog_event(loom, loom.dice.choice(_CALLED)) for _ in range(loom.dice.randrange(1, 7))]
    sides = [one.left for one in several], [one.right for one in several]
    sent = loom.sending(_SENT)
    around = [{"api_key": app.key, captured.SENT: at} for at in sent]
    if len(several) == 1:
        left, right = (json.dumps({**one, **side[0]}).encode() for one, side in zip(around, sides, strict=True))
        return "/i/v0/e", {}, (left, right)
    left, right = (json.dumps({**one, "batch": side}).encode() for one, side in zip(around, sides, strict=True))
    return "/batch", {}, (left, right)


def _posthog_event(loom: Loom, called: str) -> Bodies:
    bodies, kind = Bodies(), captured.KINDS.get(called, Kind.EVENT)
    bodies.put(captured.EVENT, (called, called))
    if loom.chance(0.9):
        bodies.put(captured.MESSAGE, loom.message(("posthog", called, captured.MESSAGE)))
    _who(loom, called, bodies)
    speaks = loom.chance(0.2)
    bodies.put(captured.SERVER, (speaks, speaks))
    for path, item in _fields(called, kind):
        if path == captured.EVENT:
            bodies.put(path, loom.said(("posthog", called, path), item))
        elif loom.chance(BORNE):
            bodies.put(path, _drawn(loom, ("posthog", called, path), item))
    for path in ("properties.$session_id", "properties.deep.colour", "$set_once.$initial_referrer"):
        bodies.put(path, loom.value(("posthog", called, path), None))
    if kind is Kind.CRASH:
        seen, cause = _exception(loom, called), Bodies()
        cause.put("value", loom.value(("posthog", called, captured.LIST + ".value of the cause"), None))
        bodies.put(captured.LIST.removesuffix("[]"), ([seen.left, cause.left], [seen.right, cause.right]))
    return bodies


def _drawn(loom: Loom, leaf: Leaf, item: Item) -> Both:
    if leaf[2] == captured.OFFSET:
        return loom.either(leaf, _OFFSETS if loom.chance(0.9) else (-1, "soon", True))
    return loom.moment(leaf) if item in TIMES else loom.value(leaf, item)


def _fields(called: str, kind: Kind) -> Iterator[tuple[str, Item]]:
    """The paths of an event that bear an item; a page view may tell of the page before it, too."""
    yield from ((path, one.item) for one in captured.FIELDS[kind] for path in one.paths)
    if called == "$pageview":
        yield captured.LEFT, Item("page.url")
        yield captured.STAYED, Item("page.duration")


def _who(loom: Loom, called: str, bodies: Bodies) -> None:
    """Somebody. Whether that is an account is a verdict, so what it hangs on is the same on both sides."""
    distinct, told = loom.dice.choice(captured.DISTINCT), loom.dice.choice([True, False, None])
    bodies.put(captured.IDENTIFIED, (told, told))
    bodies.put(captured.PROFILED, (told, told))
    device = loom.identifier(("posthog", called, captured.DEVICE), captured.INSTALLATION)
    match loom.dice.randrange(9):
        case 0:
            bodies.put(distinct, (captured.NOBODY, captured.NOBODY))
        case 1 | 2 if told is not True:
            bodies.put(distinct, device)
            bodies.put(captured.DEVICE, device)
        case 3 if told is False:
            bodies.put(distinct, loom.identifier(("posthog", called, distinct), captured.INSTALLATION))
        case 4 | 5:
            bodies.put(distinct, loom.identifier(("posthog", called, distinct), captured.ACCOUNT))
            before = loom.identifier(("posthog", called, captured.BEFORE), captured.INSTALLATION)
            bodies.put(captured.BEFORE, before)
        case _ if told is not None:
            bodies.put(distinct, loom.identifier(("posthog", called, distinct), captured.ACCOUNT))
            bodies.put(captured.DEVICE, device)
        case _:
            bodies.put(distinct, loom.identifier(("posthog", called, distinct), captured.ACCOUNT))


def _exception(loom: Loom, called: str) -> Bodies:
    exception, mine, other = Bodies(), Bodies(), Bodies()
    for path, item in _RAISED.items():
        if loom.chance(BORNE):
            exception.put(path, loom.value(("posthog", called, f"{captured.LIST}.{path}"), Item(item)))
    for path, item in _OF_A_FRAME.items():
        if loom.chance(BORNE):
            mine.put(path, loom.value(("posthog", called, _FRAMES + path), Item(item)))
            other.put(path, loom.value(("posthog", called, _FRAMES + path + " of others"), None))
    mine.put("in_app", (True, True))
    other.put("in_app", (False, False))
    frames = ([other.left, mine.left, other.left], [other.right, mine.right, other.right])
    exception.put("stacktrace.frames", frames)
    return exception


def leaves() -> set[Leaf]:
    """Every leaf that can bear a value of somebody."""
    found: set[Leaf] = {_SENT} | {
        ("posthog", called, path)
        for called in _CALLED
        for path, _ in _fields(called, captured.KINDS.get(called, Kind.EVENT))
    }
    names = (captured.MESSAGE, *captured.DISTINCT, captured.DEVICE, captured.BEFORE)
    found |= {("posthog", called, path) for called in _CALLED for path in names}
    found |= {("posthog", "$exception", f"{captured.LIST}.{path}") for path in _RAISED}
    found |= {("posthog", "$exception", _FRAMES + path) for path in _OF_A_FRAME}
    return found | {
        ("umami", meant, path)
        for meant, (_, kind) in _UMAMI.items()
        for one in umami_wire.FIELDS[kind]
        for path in one.paths
    }
