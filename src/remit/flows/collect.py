"""From a request to a sealed journal entry, and only then the reply."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import msgspec

from remit.flows.bearing import Bearing
from remit.flows.counters import Counters
from remit.flows.gathered import Alike, Ended, Gatherer, Taken
from remit.flows.pace import Pace
from remit.flows.sampling import Sampler
from remit.flows.telling import Telling
from remit.policy.choice_tokens import Verifier, verifier
from remit.policy.choices import Choices
from remit.policy.model import App, Policy
from remit.policy.plan import Plan, plans
from remit.policy.signals import Heard
from remit.ports import Chance, Clock, JournalWriter
from remit.wire.protocol import AppKey, Decoded, Opener, Protocol, Refused, Rejection
from remit.wire.request import Asker, Reply, Request
from remit.wire.routes import PROTOCOLS, protocol_for
from remit.wire.signals import CHOICE, heard

ENTRY_BYTES_MAX = 8 * 1024 * 1024
"""The largest entry that one request may leave: sealing it and dividing it take several times as much memory."""
KEYS_REMEMBERED_MAX = 1_000
COMMITTING_BYTES_MAX = 64 * 1024 * 1024
"""What may wait for the disk: a small body may lend so much to its records that its entry is the largest there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectorWorld:
    """What collecting works with. ``choices`` and ``verifier`` give the newest at each call.

    Without ``verifier`` no choice token is proven; without ``pace``, nobody waits.
    """

    journal: JournalWriter
    choices: Callable[[], Choices]
    clock: Clock
    chance: Chance
    pace: Pace | None = None
    verifier: Callable[[], Verifier] | None = None


class _Asked(NamedTuple):
    """By what a request came, under which plan and signals, its head, and who waits for the reply."""

    protocol: Protocol
    plan: Plan
    signals: Heard
    head: Request
    asker: Asker


class Collector:
    """Accepts records for every app of one policy version."""

    def __init__(self, policy: Policy, world: CollectorWorld, counters: Counters) -> None:
        self._policy, self._world, self._counters = policy, world, counters
        self._plans = plans(policy)
        by = world.verifier or partial(verifier, policy, {}, None)
        self._bearings = {name: Bearing(name, by, counters) for name in self._plans}
        self._gatherers = {
            name: Gatherer(plan, choices=world.choices, bearing=self._bearings[name], commit=self._committed)
            for name, plan in self._plans.items()
        }
        self._openers: dict[tuple[str, str], Opener] = {}
        self._apps: dict[AppKey, App] = {}
        self._pace = world.pace or Pace(0, world.clock)
        self._sampler = Sampler(world.chance)
        self._telling = Telling()
        self._committing = 0

    def turned_away(self, head: Request) -> Reply | None:
        """The refusal of a request whose head tells that it is nobody's, or one too many; None for any other."""
        protocol = protocol_for(head.method, head.path)
        key = protocol.key(head) if protocol else None
        if protocol is None or key is None:
            return None
        sender = self._sender(protocol, key, self._pace.may_pass)
        return self.refuse(protocol, sender, head) if isinstance(sender, Rejection) else None

    def get_ready(self, other: "Collector") -> None:
        """Make the decoders that another needed, before the first request does."""
        for name, app in other.used():
            protocol = next(one for one in PROTOCOLS if one.name == name)
            if app in self._plans and self._plans[app].app.takes(name):
                self._opener(protocol, self._plans[app])

    def used(self) -> list[tuple[str, str]]:
        """Protocols and apps of which a request came."""
        return list(self._openers)

    async def collect(self, request: Request) -> Reply:
        """The vendor's own reply, after the commit. A protocol claims the request."""
        asker: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self.take(request, asker)
        return await asker

    def take(self, request: Request, asker: Asker) -> None:
        """The same, without a wait: who asks hears the reply, at once or after the commit."""
        protocol = protocol_for(request.method, request.path)
        assert protocol is not None, "the protocol was found before"
        sender = self._sender(protocol, protocol.key(request), self._pace.take)
        if isinstance(sender, Rejection):
            asker.set_result(self.refuse(protocol, sender, request))
            return
        plan = self._plans[sender.name]
        signals = heard(request, plan.signals)
        token = request.headers.get(CHOICE)
        if token:
            signals = self._bearings[plan.app.name].request(token, signals, self._world.clock.now())
        reply = self._telling.answer(protocol, request, plan, signals=signals)
        if reply is None:
            head = msgspec.structs.replace(request, body=b"")  # a body is not held while the disk works
            self._read(_Asked(protocol, plan, signals, head, asker), request)
        else:
            asker.set_result(reply)

    def _read(self, asked: "_Asked", request: Request) -> None:
        """Read what is of use in a request, and let it be judged with others."""
        protocol, plan, signals, _, asker = asked
        received = self._world.clock.now()
        opener = self._opener(protocol, plan)
        try:
            read = opener.read(request, received)
        except Refused as refused:
            self.count(refused.rejection)
            asker.set_result(refused.reply)
            return
        sample = self._sampler.of(protocol, request, plan, received=received)
        taken = Taken(read, sample, received, len(request.body), partial(self._end, asked, read.told))
        self._gatherers[plan.app.name].take(taken, Alike(opener, signals))

    def _end(self, asked: "_Asked", told: Decoded, ended: Ended | BaseException) -> None:
        """Say how it ended, unless nobody waits for it any more."""
        protocol, plan, signals, head, asker = asked
        if asker.done():
            return
        if isinstance(ended, BaseException):
            asker.set_exception(ended)
        elif isinstance(ended, Rejection):
            asker.set_result(self.refuse(protocol, ended, head))
        else:
            self._counters.add_skips(told.skipped)
            self._counters.add_unsent(told.discarded)
            asker.set_result(self._telling.told(protocol, told.reply, plan, signals=signals, dropped=ended))

    async def _committed(self, entry: bytes, version: int) -> Rejection | None:
        """Why the entry is not on disk; None when it is."""
        if len(entry) > ENTRY_BYTES_MAX:
            return Rejection.TOO_LARGE
        if self._committing + len(entry) > COMMITTING_BYTES_MAX:
            return Rejection.BUSY
        self._committing += len(entry)
        try:
            await self._world.journal.append(entry, version)
        except ValueError:
            return Rejection.TOO_LARGE
        except OSError:
            return Rejection.NO_ROOM
        finally:
            self._committing -= len(entry)
        return None

    def refuse(self, protocol: Protocol, rejection: Rejection, request: Request) -> Reply:
        """The vendor's words for a request that cannot be taken; it leaves a number and nothing else."""
        self.count(rejection)
        return protocol.refusing(rejection, request)

    def count(self, rejection: str) -> None:
        """Count one request that was not taken."""
        self._counters.add(f"refused:{rejection}")

    def _sender(self, protocol: Protocol, key: AppKey | None, passes: Callable[[str], bool]) -> App | Rejection:
        """The app whose request it is, if it is sent to by that protocol, and not too often."""
        app = self._app(key) if key is not None else None
        if app is None or not app.takes(protocol.name):
            return Rejection.UNKNOWN_KEY
        return app if passes(app.name) else Rejection.TOO_MANY

    def _app(self, key: AppKey) -> App | None:
        found = self._apps.get(key)
        if found is None:
            found = next((app for app in self._policy.apps.values() if key.names(app)), None)
            if found is not None and len(self._apps) < KEYS_REMEMBERED_MAX:
                self._apps[key] = found
        return found

    def _opener(self, protocol: Protocol, plan: Plan) -> Opener:
        key = protocol.name, plan.app.name
        if key not in self._openers:
            self._openers[key] = protocol.opener(plan)
        return self._openers[key]
