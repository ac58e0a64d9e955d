"""Two bodies of the Segment protocol that grow together: every leaf with a value, and on the other side a sibling."""

import json
from collections.abc import Mapping

from remit.policy.model import App
from remit.policy.words import Item, Kind, Value
from remit.proof.loom import BORNE, Bodies, Both, Leaf, Loom, Woven
from remit.proof.meant import first
from remit.proof.walked import put_together
from remit.wire import messages
from remit.wire.happening import TIMES

_SENT: Leaf = ("segment", "any", messages.SENT)
_JOINED = frozenset({Item("name"), Item("shipping_address")})
"""Items that may be told in parts."""


def batch(loom: Loom, app: App) -> Woven:
    """Several messages of any kind."""
    several = [_message(loom, loom.dice.choice(list(messages.KINDS))) for _ in range(loom.dice.randrange(3, 10))]
    sides = ([one.left for one in several], [one.right for one in several])
    sent = loom.sending(_SENT)
    left, right = (
        json.dumps({"writeKey": app.key, "batch": side, messages.SENT: at}).encode()
        for side, at in zip(sides, sent, strict=True)
    )
    return "/v1/batch", {}, (left, right)


def single(loom: Loom, app: App) -> Woven:
    """One message, at its own path."""
    called = loom.dice.choice(list(messages.KINDS))
    bodies = _message(loom, called)
    bodies.put("writeKey", (app.key, app.key))
    bodies.put(messages.SENT, loom.sending(_SENT))
    return f"/v1/{called}", {}, (json.dumps(bodies.left).encode(), json.dumps(bodies.right).encode())


def _message(loom: Loom, called: str) -> Bodies:
    bodies, kind = Bodies(), messages.KINDS[called]
    bodies.put("type", (called, called))
    if loom.chance(0.9):
        bodies.put("messageId", loom.message(("segment", called, "messageId")))
    _worth(loom, bodies)
    for path, item in _read(kind):
        if item not in _JOINED and loom.chance(BORNE):
            bodies.put(path, _drawn(loom, ("segment", called, path), item))
    joined = loom.settled(lambda: _traits(loom, called), lambda made: _is_alike(loom, called, made))
    for path, both in joined.items():
        bodies.put(path, both)
    for path in ("context.library.name", "properties.deep.colour"):
        bodies.put(path, loom.value(("segment", called, path), None))
    return bodies


def _traits(loom: Loom, called: str) -> dict[str, Both]:
    """Names and addresses, whole or in parts."""
    found: dict[str, Both] = {}
    in_parts = {one.paths[0].rpartition(".")[0]: one.paths for one in messages.ADDRESSES if loom.chance(0.5)}
    for path, item in _read(messages.KINDS[called]):
        if item in _JOINED and loom.chance(BORNE):
            found |= {part: loom.value(("segment", called, part), item) for part in in_parts.get(path, (path,))}
    return found


def _is_alike(loom: Loom, called: str, traits: Mapping[str, Both]) -> bool:
    """Whether what is put together of parts looks the same on both sides: one blank part may make it another."""
    seen = []
    for side in (0, 1):
        at = {path: both[side] for path, both in traits.items() if called != "group" or not path.startswith("traits.")}
        found = first(messages.FIELDS[messages.KINDS[called]], at | put_together(at))
        seen.append({item: loom.sight.of(item, value) for item, value in found.items()})
    return seen[0] == seen[1]


def _worth(loom: Loom, bodies: Bodies) -> None:
    """What says how other values are read is a verdict, so it is the same on both sides."""
    for path, value in (
        ("context.device.adTrackingEnabled", loom.chance(0.8)),
        ("channel", loom.dice.choice(["server", "mobile"])),
        ("context.direct", loom.chance(0.2)),
        *((path, loom.chance(0.3)) for path in messages.CONNECTION.paths),
    ):
        bodies.put(path, (value, value))


def _drawn(loom: Loom, leaf: Leaf, item: Item) -> tuple[Value, Value]:
    return loom.moment(leaf) if item in TIMES else loom.value(leaf, item)


def _read(kind: Kind) -> list[tuple[str, Item]]:
    found = [(path, one.item) for one in messages.FIELDS[kind] for path in one.paths]
    joined = [one for one in messages.COMPOSED[kind] if one is not messages.CONNECTION]
    return found + [(path, one.item) for one in joined for path in one.paths]


def leaves() -> set[Leaf]:
    """Every leaf that can bear a value of somebody."""
    found = {_SENT}
    for called, kind in messages.KINDS.items():
        found |= {("segment", called, path) for path, _ in _read(kind)}
        found.add(("segment", called, "messageId"))
        if kind is Kind.ACCOUNT:
            found |= {("segment", called, path) for one in messages.ADDRESSES for path in one.paths}
    return found
