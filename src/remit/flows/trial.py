"""What would happen to one body, value by value, at its own paths, with the policy's line and the reason.

Stores nothing. Every leaf of the body is told of at least once, in the order of the body, and once more for every
further use; what came from the connection stands at the end.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import msgspec

from remit.policy.choice_tokens import borne, verifier
from remit.policy.choices import NO_CHOICES
from remit.policy.columns import Batch
from remit.policy.decide import decide
from remit.policy.model import Policy
from remit.policy.phrases import listed
from remit.policy.plan import Plan, Table, Use, plan
from remit.policy.reduce import BUCKETS_PER_DOUBLING
from remit.policy.split import Split
from remit.policy.words import Fate, Item, Kind, Reason, Way
from remit.wire.decoder import UNREADABLE
from remit.wire.origins import Origin, Record
from remit.wire.protocol import Decoded, Protocol, Refused
from remit.wire.request import Request
from remit.wire.routes import PROTOCOLS
from remit.wire.scrubbing import TEXTS, scrubbed

TRIAL_PEER = "192.0.2.1"
TRIAL_AGENT = "Example/1.0"
NODES_MAX = 10_000
"""How much of a body is told: values, lists and objects. No more of it is looked at."""

FROM_CONNECTION: Mapping[Item, str] = {
    Item("net.ip"): "(connection) address",
    Item("net.user_agent"): "(connection) user-agent",
}
"""What stands in place of a path for a value that no path of the body bears."""

UNDECLARED, UNOFFERED, PROTOCOL, CHOICES, LAW = "undeclared", "unoffered", "protocol", "choices", "law"
"""Why a leaf has no use, where none of the closed reasons is about it."""

BECAUSE: Mapping[Reason, str] = {
    Reason.FORBIDDEN: "the law that may hold for the record does not let it be taken",
    Reason.REFUSED: "the subject said no",
    Reason.NO_CONSENT: "it takes a yes, and nobody whom the record names gave one",
    Reason.MALFORMED: "the value is not of the item's type",
    Reason.NO_SUBJECT: "the record names nobody, so it could be neither shown nor erased",
    Reason.NO_ACCOUNT: "it would stay while an account exists, and the record names none",
    Reason.NOT_NEEDED: "another identifier was enough, or nothing of the record is counted there",
    Reason.SUPERSEDED: "the version that was adopted meanwhile does not have this use",
    Reason.REPEAT: "the record had come before",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One use of one value of the body, or one path that nothing declares."""

    path: str
    item: str | None
    value: str
    fate: str
    detail: str
    line: int | None = None
    reason: str | None = None


def trial(policy: Policy, app: str, body: bytes, *, received: int) -> list[Line]:
    """Judge a body of any supported protocol as one of ``app``'s. Raises ValueError if none can read it."""
    if app not in policy.apps:
        raise ValueError(f"the policy has no app '{app}'; it has: {', '.join(policy.apps)}")
    app_plan = plan(policy, policy.apps[app])
    protocol, request, decoded = _decoded(app_plan, body, received)
    key = protocol.key(request)
    sender = next((one for one in policy.apps.values() if key is not None and key.names(one)), None)
    if sender is not None and sender.name != app:
        raise ValueError(f"this body says that it is {sender.name}'s: try it as that app's")
    try:
        nodes = list(islice(protocol.nodes(request), NODES_MAX + 1))
        origins = protocol.origins(request, app_plan) if len(nodes) <= NODES_MAX else []
        others = _unoffered(policy, app_plan, protocol, request=request) if len(nodes) <= NODES_MAX else {}
    except UNREADABLE as error:
        raise ValueError("a part of this body that nothing needs cannot be read as JSON") from error
    if len(nodes) > NODES_MAX:
        raise ValueError(f"this body has more than {NODES_MAX:,} values, lists and objects: try fewer records")
    leaves = [(path, value) for path, value in nodes if value is not None]
    if not leaves:
        raise ValueError(f"read as {protocol.name}: there is no value in this body")
    batches = [_heard(policy, app, scrubbed(one), received=received) for one in decoded.batches]
    return _Told(app_plan, batches, received, others=others).lines(leaves, origins)


def _unoffered(policy: Policy, app_plan: Plan, protocol: Protocol, *, request: Request) -> Mapping[str, Item]:
    """By path, what would be needed there, did the app offer every service."""
    if app_plan.serves >= policy.purposes.keys():
        return {}
    whole = plan(policy, replace(app_plan.app, services=()))
    found = (origin for origin in protocol.origins(request, whole) if origin.record is not None and not origin.why)
    return {origin.path: origin.item for origin in found if origin.item is not None}


def _heard(policy: Policy, app: str, batch: Batch, *, received: int) -> Batch:
    """The batch with what its records' choice tokens refuse: what they grant, only the house's key can tell."""
    if batch.choices is None:
        return batch
    told, _ = borne(batch, verifier(policy, {}, None), app=app, received=received)
    return told


def _decoded(app_plan: Plan, body: bytes, received: int) -> tuple[Protocol, Request, Decoded]:
    """By the first protocol that finds records in it, else by the first that can read it at all."""
    found: list[tuple[Protocol, Request, Decoded]] = []
    for protocol in PROTOCOLS:
        path = protocol.example_path(body, app_plan.app)
        if path is None or not app_plan.app.takes(protocol.name):
            continue
        request = Request(
            method="POST", path=path, query={}, headers={"user-agent": TRIAL_AGENT}, peer=TRIAL_PEER, body=body
        )
        try:
            found.append((protocol, request, protocol.decoder(app_plan)(request, received)))
        except Refused:
            continue
    if not found:
        only = f"; this app takes {', '.join(sorted(app_plan.app.protocols))}" if app_plan.app.protocols else ""
        speak = listed([protocol.name for protocol in PROTOCOLS], "or")
        raise ValueError(f"no protocol can read this: paste a body as it is sent by {speak}{only}")
    return next((one for one in found if one[2].batches), found[0])


class _Told:
    """Tells of one decoded body."""

    def __init__(self, app_plan: Plan, batches: Sequence[Batch], received: int, *, others: Mapping[str, Item]) -> None:
        self._plan, self._received, self._others = app_plan, received, others
        self._records = {Record(batch.kind, i): _alone(batch, i) for batch in batches for i in range(batch.size)}
        self._ends = {record: self._judged(record.kind, one) for record, one in self._records.items()}

    def lines(self, leaves: Sequence[tuple[str, object]], origins: Sequence[Origin]) -> list[Line]:
        """Leaf by leaf, and then what the connection bore; what several records have in common is told once."""
        by_path: dict[str, list[Origin]] = {}
        for origin in origins:
            by_path.setdefault(origin.path, []).append(origin)
        found = [line for path, value in leaves for line in self._of(path, _text(value), by_path.get(path, []))]
        borne = {(origin.record, origin.item) for origin in origins if not origin.why}
        for record, one in self._records.items():
            for item, path in FROM_CONNECTION.items():
                if item in one.columns and (record, item) not in borne:
                    found += self._of(path, str(one.columns[item][0]), [Origin(path, "", item, record)])
        return list(dict.fromkeys(found))

    def _of(self, path: str, value: str, origins: Sequence[Origin]) -> Iterator[Line]:
        if not origins and path in self._others:
            detail = f"only services need it that {self._plan.app.name} does not offer"
            yield Line(path, self._others[path], value, Fate.DROPPED, detail, None, UNOFFERED)
        elif not origins:
            yield Line(path, None, value, Fate.DROPPED, "nothing in the policy needs it", None, UNDECLARED)
        uses = [origin for origin in origins if origin.record is not None]
        for origin in uses or origins:
            if origin.item is None:
                detail = f"needed by the protocol: {origin.why}"
                yield Line(path, None, value, Fate.DROPPED, detail, None, PROTOCOL)
            elif origin.record is None or origin.why:
                yield Line(path, origin.item, value, Fate.DROPPED, f"not read: {origin.why}", None, Reason.NOT_NEEDED)
            else:
                for end in self._ends[origin.record].get(origin.item, ()):
                    yield replace(end, path=path, value=value)

    def _judged(self, kind: Kind, one: Batch) -> dict[Item, list[Line]]:
        """How each use of each value of one record ends; every fact, count and rule is judged by itself."""
        table = self._plan.tables[kind]
        found: dict[Item, list[Line]] = {}
        for alone, uses in _apart(table):
            narrow = replace(self._plan, tables={kind: alone})
            split = decide(narrow, one, choices=NO_CHOICES, received=self._received)
            for i, use in enumerate(uses):
                if use is not None and use.item in one.columns:
                    found.setdefault(use.item, []).append(self._end(use, i, split))
        for items, why, reason in ((table.names, "choices apply", CHOICES), (table.region, "the law applies", LAW)):
            for item in items:
                found.setdefault(item, [Line("", item, "", Fate.DROPPED, f"read so that {why}", None, reason)])
        return found

    def _end(self, use: Use, i: int, split: Split) -> Line:
        says = next(purpose.says for purpose in self._plan.purposes if purpose.key == use.purpose)
        own = next((key for key in split.tally if key.item == use.item and key.fate is _FATES[use.way]), None)
        if own is not None:
            return Line("", use.item, "", own.fate, _did(use, i, split, says=says), use.line)
        lost = next(key for key in split.tally if key.item == use.item and key.fate is Fate.DROPPED)
        because = BECAUSE[lost.reason or Reason.NOT_NEEDED]
        return Line("", use.item, "", lost.fate, f"not used {says}: {because}", use.line, lost.reason)


def _alone(batch: Batch, i: int) -> Batch:
    """One record, with the values that it bears."""
    one = batch.only([i])
    return msgspec.structs.replace(
        one, columns={item: column for item, column in one.columns.items() if column[0] is not None}
    )


_FATES = {Way.KEEP: Fate.KEPT, Way.DIMENSION: Fate.REDUCED, Way.MEASURE: Fate.REDUCED, Way.VOTE: Fate.COUNTED}


def _apart(table: Table) -> Iterator[tuple[Table, tuple[Use | None, ...]]]:
    """Tables with one rule, fact or count each, and its uses; columns come first, in their order."""
    empty = replace(table, keeps=(), feeds=(), polls=())
    for keep in table.keeps:
        yield replace(empty, keeps=(keep,)), keep.uses
    for feed in table.feeds:
        yield replace(empty, feeds=(feed,)), (*feed.dimensions, *feed.measures)
    for poll in table.polls:
        yield replace(empty, polls=(poll,)), (*poll.dimensions, *poll.votes)


def _did(use: Use, i: int, split: Split, *, says: str) -> str:
    """What became of a value whose use was not dropped, as decide made it."""
    match use.way:
        case Way.KEEP:
            kept = next(row[use.item] for block in split.blocks for row in block.rows if use.item in row)
            return f"kept in the vault {says}{f', as {kept!r}' if use.item in TEXTS else ''}"
        case Way.VOTE:
            return f"one vote in {use.target}, then gone"
        case Way.MEASURE:
            (cell,) = split.cells.values()
            (bucket,) = cell.histograms[use.target.partition(".")[2]]
            low, high = (2 ** ((bucket + n) / BUCKETS_PER_DOUBLING) for n in (0, 1))
            return f"reduced to bucket {bucket} ({low:.3g} to {high:.3g}) in {use.target}"
        case Way.DIMENSION:
            groups = [key.dimensions for key in split.cells] or [vote.group for vote in split.votes]
            return f"reduced to '{groups[0][i]}' in {use.target}"


def _text(value: object) -> str:
    """A string as it is, any other scalar as JSON; what is nested too deeply to be shown is not."""
    if isinstance(value, dict | list):
        return "(nested too deeply)"
    return value if isinstance(value, str) else json.dumps(value)
