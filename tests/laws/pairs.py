"""Pairs of traces that are alike on purpose: woven side by side, leaf by leaf, from values with siblings.

A trace is what happens to a house: requests, choices and turns of the divider. Two traces are alike as law L5
words it; ``unlike`` says by an independent walk where two are not.
"""

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from generated import ITEMS
from pools import PERSONS, Sight, one_of, spellings
from walked import Record, leaves, nobody_is_signed_in, walked

from remit.policy.model import App, Policy
from remit.policy.plan import names_of
from remit.policy.words import Choice, Item, PurposeKey, Value
from remit.wire import exceptions, plausible, segment, sentry, sessions
from remit.wire.request import Request

HOUR_MS = 3_600_000
START = 490_000 * HOUR_MS
"""A full hour in November 2025."""

BORNE, RENAMED, VARIED = 0.8, 0.5, 0.7
"""How often a leaf is there, a kind of identifier is renamed, and a value is another on the other side."""

CLIENTS: Mapping[str, tuple[Item, ...]] = {
    "sentry.python/2.75": (Item("account.id"), Item("email")),
    "sentry.cocoa/8.1": (Item("device.installation"),),
}
"""Sentry's clients, and what each may put for the distinct id of a session."""

FEATURE = "Sign up"
"""A feature used, as a web page tells of it."""

Leaf = tuple[str, str, str]
"""Protocol, kind of record, path."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A request that arrives."""

    request: Request
    app: str
    received: int


@dataclass(frozen=True, slots=True)
class Chosen:
    """A choice that is recorded under one identifier."""

    item: Item
    identifier: Value
    purpose: PurposeKey
    choice: Choice
    at: int


@dataclass(frozen=True, slots=True)
class Turned:
    """The divider works."""

    at: int


Step = Sent | Chosen | Turned
Both = tuple[Value, Value]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two traces, and how often each leaf differs between them."""

    left: list[Step]
    right: list[Step]
    varied: Counter[Leaf]


class Loom:
    """Draws one leaf for both sides: the same person under two names, one value and its sibling, or one value."""

    sight: Sight
    client: str

    def __init__(self, seed: int, *, repeats: float, only: frozenset[Leaf] | None) -> None:
        self.dice, self._only = random.Random(seed), only
        self._ids, self._repeats = count(seed << 32), repeats
        self.varied: Counter[Leaf] = Counter()
        named = [entry.key for entry in ITEMS.values() if entry.rank is not None]
        self._moved = frozenset(item for item in named if self.chance(RENAMED))
        self._messages_moved = self.chance(RENAMED)

    def chance(self, likely: float) -> bool:
        """True so often."""
        return self.dice.random() < likely

    def value(self, leaf: Leaf, item: Item | None, scale: int = 1) -> Both:
        """What stands at a leaf that bears this item; None is an item that no policy knows."""
        if item is None:
            return self._noted(leaf, (f"any {self.dice.random()}", f"any {self.dice.random()}"))
        entry = ITEMS[item]
        if entry.rank is not None and self.chance(0.9):
            return self.identifier(leaf, item)
        is_varied = self.chance(VARIED)
        left, siblings = self.sight.drawn(self.dice, item, is_varied=is_varied)
        if entry.rank is not None and entry.fits(left):
            siblings = []  # names are renamed above, or nowhere
        right = one_of(self.dice, siblings) if siblings and is_varied else left
        return self._noted(leaf, (_scaled(left, scale), _scaled(right, scale)))

    def said(self, leaf: Leaf, item: Item) -> Both:
        """The same, where an empty text would count as absent."""
        both: Both = "", ""
        while "" in both:
            both = self.value(leaf, item)
        return both

    def identifier(self, leaf: Leaf, item: Item) -> Both:
        """One person's identifier, and the one it is renamed to."""
        who = self.dice.randrange(PERSONS)
        other = PERSONS + who * 7 % PERSONS if item in self._moved else who
        return self._noted(
            leaf, (one_of(self.dice, [*spellings(item, who)]), one_of(self.dice, [*spellings(item, other)]))
        )

    def message(self, leaf: Leaf) -> tuple[str, str]:
        """A message id, of which there is one; but some come again."""
        number = self.dice.randrange(3) if self.chance(self._repeats) else next(self._ids)
        left = f"{number:032x}"
        right = f"{number + (1 << 80):032x}" if self._messages_moved else left
        self._noted(leaf, (left, right))
        return left, right

    def _noted(self, leaf: Leaf, both: Both) -> Both:
        left, right = both
        if self._only is not None and leaf not in self._only:
            right = left
        if repr(left) != repr(right):
            self.varied[leaf] += 1
        return left, right


def _scaled(value: Value, scale: int) -> Value:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value * scale if is_number and scale != 1 else value


class Bodies:
    """Two bodies that grow together."""

    def __init__(self) -> None:
        self.left: dict[str, object] = {}
        self.right: dict[str, object] = {}

    def put(self, path: str, both: tuple[object, object]) -> None:
        """Set a leaf in both."""
        for body, value in zip((self.left, self.right), both, strict=True):
            *inner, last = path.split(".")
            node = body
            for part in inner:
                below = node.setdefault(part, {})
                assert isinstance(below, dict), "a leaf is not on the way to another"
                node = below
            node[last] = value


class Weaver:
    """Makes pairs for one policy: a pair for every seed (from 1). So often does a message id come again."""

    def __init__(self, policy: Policy, repeats: float = 0.1) -> None:
        self._policy, self._repeats = policy, repeats
        self._apps = [(app, Sight(policy, app)) for app in policy.apps.values()]

    def pair(self, seed: int, only: frozenset[Leaf] | None = None) -> Pair:
        """Two alike traces. ``only`` leaves all other leaves equal, to find the one that leaks."""
        loom = Loom(seed, repeats=self._repeats, only=only)
        left: list[Step] = []
        right: list[Step] = []
        for number in range(loom.dice.randrange(8, 14)):
            app, loom.sight = loom.dice.choice(self._apps)
            both = _steps(loom, self._policy, app, at=START + number * HOUR_MS)
            left += both[0]
            right += both[1]
        end = Turned(START + 24 * HOUR_MS)
        return Pair([*left, end], [*right, end], loom.varied)

    def unlike(self, pair: Pair) -> list[str]:
        """Where the two traces are not alike; empty for a pair that the law is about."""
        renaming, sights = _Renaming(), {app.name: sight for app, sight in self._apps}
        found = ["another number of steps"] * (len(pair.left) != len(pair.right))
        for left, right in zip(pair.left, pair.right, strict=False):
            found += _step_unlike(renaming, left, right, sights=sights, declared=self._declared)
        return found

    @property
    def _declared(self) -> frozenset[Item]:
        return frozenset(item for rule in self._policy.collect for item in rule.items)


def _steps(loom: Loom, policy: Policy, app: App, *, at: int) -> tuple[list[Step], list[Step]]:
    """What happens in one hour: perhaps a choice, one request, perhaps a turn. Minutes may differ."""
    left: list[Step] = []
    right: list[Step] = []
    named = names_of(policy)
    if named and loom.chance(0.4):
        item = loom.dice.choice(named)
        ids = loom.identifier(("ledger", "choice", item), item)
        purpose, choice = loom.dice.choice(list(policy.purposes)), loom.dice.choice(list(Choice))
        left.append(Chosen(item, ids[0], purpose, choice, at))
        right.append(Chosen(item, ids[1], purpose, choice, at))
    moments = sorted(loom.dice.randrange(HOUR_MS - 60_000) for _ in range(2))
    for steps, request, moment in zip((left, right), _request(loom, app), moments, strict=True):
        steps.append(Sent(request, app.name, at + moment))
    if loom.chance(0.5):
        left.append(Turned(at + HOUR_MS - 1))
        right.append(Turned(at + HOUR_MS - 1))
    return left, right


def _request(loom: Loom, app: App) -> tuple[Request, Request]:
    path, headers, bodies = loom.dice.choice(SPEAKS if app.domain else SPEAKS[:-2])(loom, app)
    peers = loom.value(("connection", "any", "peer"), Item("net.ip"))
    agents = loom.said(("connection", "any", "user-agent"), Item("net.user_agent"))
    cookies = loom.value(("connection", "any", "cookie"), None)
    left, right = (
        Request(
            method="POST",
            path=path,
            query={},
            headers={**headers, "user-agent": str(agent), "cookie": str(cookie)},
            peer=str(peer),
            body=body,
        )
        for body, peer, agent, cookie in zip(bodies, peers, agents, cookies, strict=True)
    )
    return left, right


Woven = tuple[str, Mapping[str, str], tuple[bytes, bytes]]


def _segment_message(loom: Loom, called: str) -> Bodies:
    bodies, kind = Bodies(), segment.KINDS[called]
    bodies.put("type", (called, called))
    if loom.chance(0.9):
        bodies.put("messageId", loom.message(("segment", called, "messageId")))
    limited = loom.chance(0.8)
    bodies.put("context.device.adTrackingEnabled", (limited, limited))
    for one in segment.FIELDS[kind]:
        for path in one.paths:
            if loom.chance(BORNE):
                bodies.put(path, loom.value(("segment", called, path), one.item))
    for path in ("context.library.name", "properties.deep.colour", "sentAt"):
        bodies.put(path, loom.value(("segment", called, path), None))
    return bodies


def _segment_batch(loom: Loom, app: App) -> Woven:
    messages = [
        _segment_message(loom, loom.dice.choice(list(segment.KINDS))) for _ in range(loom.dice.randrange(3, 10))
    ]
    sides = ([one.left for one in messages], [one.right for one in messages])
    left, right = (json.dumps({"writeKey": app.key, "batch": side}).encode() for side in sides)
    return "/v1/batch", {}, (left, right)


def _segment_single(loom: Loom, app: App) -> Woven:
    called = loom.dice.choice(list(segment.KINDS))
    bodies = _segment_message(loom, called)
    bodies.put("writeKey", (app.key, app.key))
    return f"/v1/{called}", {}, (json.dumps(bodies.left).encode(), json.dumps(bodies.right).encode())


def _plausible_event(loom: Loom, app: App) -> Woven:
    bodies = Bodies()
    name = loom.dice.choice([*plausible.KINDS, FEATURE])
    bodies.put("n", (name, name))
    bodies.put("d", (app.domain, app.domain))
    bodies.put("u", loom.said(("plausible", name, "u"), Item("page.url")))
    for path in ("r", "p"):
        bodies.put(path, loom.value(("plausible", name, path), Item("page.referrer") if path == "r" else None))
    bodies.put("e", loom.value(("plausible", name, "e"), Item("page.duration"), 1000))
    return "/api/event", {}, (json.dumps(bodies.left).encode(), json.dumps(bodies.right).encode())


def _sentry(made: Callable[[Loom], tuple[str, Bodies]]) -> Callable[[Loom, App], Woven]:
    def envelope(loom: Loom, app: App) -> Woven:
        loom.client = loom.dice.choice([*CLIENTS])
        return _envelope(loom, app, *made(loom))

    return envelope


def _envelope(loom: Loom, app: App, kind: str, payload: Bodies) -> Woven:
    header = Bodies()
    if kind == "event":
        header.put("event_id", loom.message(("sentry", kind, "event_id")))
    header.put("sent_at", loom.value(("sentry", kind, "sent_at"), None))
    item = json.dumps({"type": kind}).encode()
    auth = f"Sentry sentry_key={app.key}, sentry_client={loom.client}"
    sides = ((header.left, payload.left), (header.right, payload.right))
    left, right = (b"\n".join([json.dumps(top).encode(), item, json.dumps(body).encode()]) for top, body in sides)
    return (
        f"/api/{app.number}/envelope/",
        {"x-sentry-auth": auth},
        (left, right),
    )


_EXCEPTION, _FRAME = "exception.values[].", "exception.values[].stacktrace.frames[]."
_OF_THE_EXCEPTION = {
    "type": "crash.type", "value": "crash.message", "module": "crash.module", "mechanism.handled": "crash.handled"
}  # fmt: skip
_OF_THE_FRAME = {"module": "crash.module", "function": "crash.function"}
_CRASH_LEAVES = {_EXCEPTION + path for path in _OF_THE_EXCEPTION} | {_FRAME + path for path in _OF_THE_FRAME}


def _crash(loom: Loom) -> tuple[str, Bodies]:
    bodies = Bodies()
    for one in sentry.CRASH:
        for path in one.paths:
            if loom.chance(BORNE):
                bodies.put(path, loom.value(("sentry", "event", path), one.item))
    _signed_in(loom, bodies)
    for path in ("message", "tags.colour"):
        bodies.put(path, loom.value(("sentry", "event", path), None))
    cause = Bodies()
    cause.put("value", loom.value(("sentry", "event", _EXCEPTION + "value of the cause"), None))
    last = _exception(loom)
    bodies.put("exception.values", ([cause.left, last.left], [cause.right, last.right]))
    return "event", bodies


def _signed_in(loom: Loom, bodies: Bodies) -> None:
    """Somebody is signed in on both sides, or on neither: a verdict that follows from two identifiers being equal."""
    installation = Item("device.installation")
    if loom.chance(0.1):
        both = loom.identifier(("sentry", "event", "contexts.device.id"), installation)
        bodies.put("user.id", both)
        bodies.put("contexts.device.id", both)
    while nobody_is_signed_in(bodies.left) != nobody_is_signed_in(bodies.right):
        both = loom.value(("sentry", "event", "contexts.device.id"), installation)
        bodies.put("contexts.device.id", both)


def _exception(loom: Loom) -> Bodies:
    exception, mine, other = Bodies(), Bodies(), Bodies()
    for path, item in _OF_THE_EXCEPTION.items():
        if loom.chance(BORNE):
            exception.put(path, loom.value(("sentry", "event", _EXCEPTION + path), Item(item)))
    for path, item in _OF_THE_FRAME.items():
        if loom.chance(BORNE):
            mine.put(path, loom.value(("sentry", "event", _FRAME + path), Item(item)))
            other.put(path, loom.value(("sentry", "event", _FRAME + path + " of others"), None))
    mine.put("vars.secret", loom.value(("sentry", "event", _FRAME + "vars.secret"), None))
    mine.put("in_app", (True, True))
    other.put("in_app", (False, False))
    frames = ([other.left, mine.left, other.left], [other.right, mine.right, other.right])
    exception.put("stacktrace.frames", frames)
    return exception


def _session(loom: Loom) -> tuple[str, Bodies]:
    bodies = Bodies()
    status = one_of(loom.dice, ["ok", "exited", "crashed", "abnormal"])
    drawn = loom.value(("sentry", "session", "status"), Item("session.status"))
    bodies.put("status", (status, status) if loom.chance(1 - BORNE) else drawn)
    bodies.put("sid", loom.message(("sentry", "session", "sid")))
    for one in sessions.FIELDS:
        for path in one.paths:
            if path != "status" and loom.chance(0.7):
                bodies.put(path, loom.value(("sentry", "session", path), one.item))
    bodies.put("did", loom.identifier(("sentry", "session", "did"), loom.dice.choice(CLIENTS[loom.client])))
    errors = loom.dice.randrange(3)
    bodies.put("errors", (errors, errors))
    bodies.put("attrs.environment", loom.value(("sentry", "session", "attrs.environment"), None))
    return "session", bodies


def _aggregates(loom: Loom) -> tuple[str, Bodies]:
    bodies = Bodies()
    groups = []
    for _ in range(loom.dice.randrange(1, 4)):
        group, n = Bodies(), loom.dice.randrange(1, 9)
        group.put(loom.dice.choice([*sessions.ENDS]), (n, n))
        group.put("started", loom.value(("sentry", "sessions", "aggregates[].started"), None))
        if loom.chance(0.7):
            group.put(
                "did",
                loom.identifier(("sentry", "sessions", "aggregates[].did"), loom.dice.choice(CLIENTS[loom.client])),
            )
        groups.append(group)
    bodies.put("aggregates", ([one.left for one in groups], [one.right for one in groups]))
    bodies.put("attrs.release", loom.value(("sentry", "sessions", "attrs.release"), Item("app.version")))
    return "sessions", bodies


SPEAKS: Sequence[Callable[[Loom, App], Woven]] = (
    _segment_batch,
    _segment_single,
    *[_sentry(_crash)] * 3,
    *[_sentry(_session)] * 2,
    _sentry(_aggregates),
    *[_plausible_event] * 2,
)
"""Ways to send, so often that every leaf comes about as often; the last ones need a domain."""


@dataclass(slots=True)
class _Renaming:
    """A map of identifiers that is grown as they are met, and must stay one-to-one."""

    there: dict[tuple[str, str], str] = field(default_factory=dict)
    back: dict[tuple[str, str], str] = field(default_factory=dict)

    def holds(self, what: str, left: str, right: str) -> bool:
        return self.there.setdefault((what, left), right) == right and self.back.setdefault((what, right), left) == left


def _step_unlike(
    renaming: _Renaming, left: Step, right: Step, *, sights: Mapping[str, Sight], declared: frozenset[Item]
) -> Iterator[str]:
    match left, right:
        case Turned(at=a), Turned(at=b):
            yield from ["the divider worked at another time"] * (a != b)
        case Chosen(), Chosen():
            yield from ["another choice"] * (not _chosen_alike(renaming, left, right))
        case Sent(), Sent():
            yield from _sent_unlike(left, right)
            for records in zip(walked(left.request), walked(right.request), strict=False):
                yield from _record_unlike(sights[left.app], declared, renaming, records=records)
        case _:
            yield "another kind of step"


def _chosen_alike(renaming: _Renaming, left: Chosen, right: Chosen) -> bool:
    form = ITEMS[left.item].form
    same = all(getattr(left, part) == getattr(right, part) for part in ("item", "purpose", "choice", "at"))
    return same and renaming.holds(left.item, form(left.identifier), form(right.identifier))


def _sent_unlike(left: Sent, right: Sent) -> Iterator[str]:
    seen = [(one.app, one.request.path, one.received // HOUR_MS) for one in (left, right)]
    if seen[0] != seen[1]:
        yield "another app, route or hour"
    if _paths(left.request) != _paths(right.request):
        yield "other leaves"
    if len(walked(left.request)) != len(walked(right.request)):
        yield "another number of records"


def _paths(request: Request) -> Sequence[str]:
    texts = request.body.split(b"\n")
    return [path for text in texts for path, _ in leaves(json.loads(text))]


def _record_unlike(
    sight: Sight, declared: frozenset[Item], renaming: _Renaming, *, records: tuple[Record, Record]
) -> Iterator[str]:
    one, other = records
    if (one.kind, one.weight) != (other.kind, other.weight):
        yield "another kind or weight"
    if bool(one.message) != bool(other.message) or not renaming.holds("message", one.message, other.message):
        yield "message ids are not renamed one-to-one"
    if set(one.values) & declared != set(other.values) & declared:
        yield "other items"
    for item in sorted(set(one.values) & set(other.values) & declared):
        a, b = one.values[item], other.values[item]
        if sight.of(item, a) != sight.of(item, b):
            yield f"{item} looks different"
        entry = ITEMS[item]
        if entry.rank is not None and entry.fits(a) and not renaming.holds(item, entry.form(a), entry.form(b)):
            yield f"{item} is not renamed one-to-one"


def leaves_that_bear() -> set[Leaf]:
    """Every leaf of every protocol that can bear a value of somebody: a proof must have varied each of them."""
    found = {
        ("segment", called, p)
        for called, kind in segment.KINDS.items()
        for one in segment.FIELDS[kind]
        for p in one.paths
    }
    found |= {("segment", called, "messageId") for called in segment.KINDS}
    found |= {("sentry", "event", path) for one in sentry.CRASH for path in one.paths}
    found |= {
        ("sentry", "event", path) for paths in exceptions.PATHS.values() for path in paths if path in _CRASH_LEAVES
    }
    found |= {("sentry", "event", "event_id"), ("sentry", "session", "sid"), ("sentry", "sessions", "aggregates[].did")}
    found |= {("sentry", "session", path) for one in sessions.FIELDS for path in one.paths}
    found |= {("sentry", "session", "did"), ("sentry", "session", "status")}
    found |= {("plausible", name, path) for name in (*plausible.KINDS, FEATURE) for path in ("u", "r", "e", "p")}
    return found | {("connection", "any", part) for part in ("peer", "user-agent", "cookie")}
