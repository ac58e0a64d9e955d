"""Bodies of product analytics, two that grow together: what Umami's clients send."""

import json
from collections.abc import Mapping

from remit.policy.model import App
from remit.policy.words import Kind
from remit.proof.loom import BORNE, Bodies, Leaf, Loom, Woven
from remit.wire import umami as umami_wire

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


def leaves() -> set[Leaf]:
    """Every leaf that can bear a value of somebody."""
    return {
        ("umami", meant, path)
        for meant, (_, kind) in _UMAMI.items()
        for one in umami_wire.FIELDS[kind]
        for path in one.paths
    }
