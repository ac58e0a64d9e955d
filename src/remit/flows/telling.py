"""What a client is told of what remit did not take, so that it need not be sent again.

Only what follows from the policy and from the request's own signals is told. What somebody chose shows in no reply:
whoever knows an identifier could ask with it what its owner said.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeVar

from remit.policy.plan import Plan
from remit.policy.signals import Heard
from remit.policy.words import Reason
from remit.wire.protocol import Protocol, Stopping
from remit.wire.request import Reply, Request

HEADER = "remit-dropped"
REMEMBERED_MAX = 256

K = TypeVar("K")
V = TypeVar("V")


class _Last(NamedTuple):
    """What was made last of a protocol's reply: most protocols have one, and clients are told the same of it."""

    reply: Reply
    says: str
    told: Reply


class Telling:
    """Tells clients of one policy version."""

    def __init__(self) -> None:
        self._left: dict[tuple[str, int], Plan] = {}
        self._stops: dict[tuple[str, str, int], Stopping] = {}
        self._last: dict[tuple[str, str, int], _Last] = {}

    def told(
        self, protocol: Protocol, reply: Reply, plan: Plan, *, signals: Heard, dropped: Mapping[Reason, int]
    ) -> Reply:
        """The reply with what its client need not send again.

        That is a header of how many uses of values were dropped, by reason (a dictionary of RFC 9651), and the
        protocol's own words for what nothing needs, or this request's signals refuse. A general signal, which
        somebody's choice may outweigh, stops a client only where every law says it is final.
        """
        key = protocol.name, plan.app.name, _refused(plan, signals)
        says = ", ".join([f"{reason}={dropped[reason]}" for reason in sorted(dropped)]) if dropped else "none"
        last = self._last.get(key)
        if last is not None and last.reply is reply and last.says == says:
            return last.told
        stop = _remembered(self._stops, key, lambda: protocol.stopping(self._left_of(plan, signals)))
        stopped = stop(reply)
        told = Reply(stopped.status, stopped.body, {**stopped.headers, HEADER: says})
        if last is None and len(self._last) >= REMEMBERED_MAX:
            self._last.clear()
        self._last[key] = _Last(reply, says, told)
        return told

    def answer(self, protocol: Protocol, request: Request, plan: Plan, *, signals: Heard) -> Reply | None:
        """The reply to a request that only asks what its client should do, by the same; None for any other."""
        return protocol.answer(request, self._left_of(plan, signals))

    def _left_of(self, plan: Plan, signals: Heard) -> Plan:
        refused = _refused(plan, signals)
        if not refused:
            return plan
        return _remembered(self._left, (plan.app.name, refused), lambda: plan.without(refused))


def _refused(plan: Plan, signals: Heard) -> int:
    if not signals.general:
        return signals.specific
    final = all(law.final for law in plan.laws.all)
    return signals.specific | (signals.general if final else 0)


def _remembered(made: dict[K, V], key: K, make: Callable[[], V]) -> V:
    """What was made for this key. A stranger can ask for as many as a request can refuse purposes, so few are kept."""
    if key not in made:
        if len(made) >= REMEMBERED_MAX:
            made.clear()
        made[key] = make()
    return made[key]
