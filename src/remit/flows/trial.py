"""What would happen to one body, field by field, with the policy's line and the reason. Stores nothing."""

from dataclasses import dataclass

from remit.policy.choices import NO_CHOICES
from remit.policy.columns import Batch
from remit.policy.decide import HERE, decide
from remit.policy.model import Policy
from remit.policy.plan import Plan, Use, plan
from remit.policy.reduce import REDUCTIONS, bucket
from remit.policy.split import Split
from remit.policy.words import Fate, Item, Reason, Value, Way
from remit.wire.protocol import Protocol, Refused
from remit.wire.request import Request
from remit.wire.routes import PROTOCOLS

TRIAL_PEER = "192.0.2.1"
UNDECLARED = "undeclared"


@dataclass(frozen=True, slots=True)
class Line:
    """One use of one value of the body, or one path that nothing declares."""

    path: str
    value: str
    fate: str
    detail: str
    line: int | None
    reason: str | None


def trial(policy: Policy, app: str, body: bytes, received: int) -> list[Line]:
    """Judge a body of any supported protocol as one of ``app``'s. Raises ValueError if none can read it."""
    if app not in policy.apps:
        raise ValueError(f"the policy has no app '{app}'; it has: {', '.join(policy.apps)}")
    app_plan = plan(policy, policy.apps[app])
    for protocol in PROTOCOLS:
        request = _request(protocol, app_plan, body)
        if request is None:
            continue
        try:
            decoded = protocol.decoder(app_plan)(request, received)
        except Refused:
            continue
        if decoded.batches:
            lines = [line for batch in decoded.batches for line in _lines(app_plan, batch, received)]
            missing = sorted(set(protocol.undeclared(request, app_plan)))
            return lines + [Line(path, "", Fate.DROPPED.value, UNDECLARED, None, UNDECLARED) for path in missing]
    raise ValueError("no protocol can read this: paste a Segment, Sentry or Plausible body as the SDK sends it")


def _request(protocol: Protocol, app_plan: Plan, body: bytes) -> Request | None:
    path = protocol.example_path(body, app_plan.app)
    if path is None:
        return None
    return Request(method="POST", path=path, query={}, headers={}, peer=TRIAL_PEER, body=body)


def _lines(app_plan: Plan, batch: Batch, received: int) -> list[Line]:
    table = app_plan.tables[batch.kind]
    found = []
    for i in range(batch.size):
        one = batch.only([i])
        split = decide(app_plan, one, choices=NO_CHOICES, region=HERE, received=received)
        for item, uses in table.uses.items():
            column = one.columns.get(item)
            if column is not None and column[0] is not None:
                found += [_line(use, column[0], split, app_plan) for use in uses]
    return found


def _line(use: Use, value: Value, split: Split, app_plan: Plan) -> Line:
    fate, reason = _end(use, split)
    return Line(use.item, str(value), fate.value, _detail(use, value, fate, app_plan), use.line, reason)


_FATES = {Way.KEEP: Fate.KEPT, Way.DIMENSION: Fate.REDUCED, Way.MEASURE: Fate.REDUCED, Way.VOTE: Fate.COUNTED}


def _end(use: Use, split: Split) -> tuple[Fate, Reason | None]:
    """The end of this use: its own fate if the tally has it, else the reason under its purpose."""
    for key in split.tally:
        if key.item == use.item and key.purpose == use.purpose and key.fate is _FATES[use.way]:
            return key.fate, None
    for key in split.tally:
        if key.item == use.item and key.purpose == use.purpose and key.fate is Fate.DROPPED:
            return key.fate, key.reason
    raise AssertionError("every use of a present value has an end")


def _detail(use: Use, value: Value, fate: Fate, app_plan: Plan) -> str:
    purpose = next(p for p in app_plan.purposes if p.key == use.purpose)
    if fate is Fate.DROPPED:
        return f"not used {purpose.says}"
    match use.way:
        case Way.KEEP:
            return f"kept in the vault {purpose.says}"
        case Way.MEASURE:
            return f"bucket {bucket(float(value))} of {use.target}"
        case Way.VOTE:
            return f"one vote in {use.target}, then gone"
        case Way.DIMENSION:
            return f"reduced to {_reduced(use, value, app_plan)!r} in {use.target}"


def _reduced(use: Use, value: Value, app_plan: Plan) -> str | int | Item:
    name, _, column = use.target.partition(".")
    table = app_plan.tables.values()
    owners = [feed.fact for t in table for feed in t.feeds] + [poll.count for t in table for poll in t.polls]
    owner = next(owner for owner in owners if owner.name == name)
    dimension = next(d for d in owner.dimensions if d.name == column)
    return REDUCTIONS[dimension.reduction or ""].of(value, app_plan.app)
