"""From a request to a sealed journal entry, and only then the reply."""

from collections.abc import Callable
from dataclasses import dataclass

from remit.flows.counters import Counters
from remit.flows.gathered import Gatherer, Read
from remit.flows.pace import Pace
from remit.flows.sampling import Sampler
from remit.flows.telling import Telling
from remit.policy.choices import Choices
from remit.policy.model import App, Policy
from remit.policy.plan import Plan, plans
from remit.ports import Chance, Clock, JournalWriter
from remit.wire.protocol import AppKey, Decoded, Protocol, Refused, Rejection
from remit.wire.request import Reply, Request
from remit.wire.routes import PROTOCOLS, protocol_for
from remit.wire.scrubbing import scrubbed
from remit.wire.signals import heard

ENTRY_BYTES_MAX = 8 * 1024 * 1024
"""The largest entry that one request may leave: sealing it and dividing it take several times as much memory."""
KEYS_REMEMBERED_MAX = 1_000
COMMITTING_BYTES_MAX = 64 * 1024 * 1024
"""What may wait for the disk: a small body may lend so much to its records that its entry is the largest there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectorWorld:
    """What collecting works with. ``choices`` gives the newest table at each call; without ``pace``, nobody waits."""

    journal: JournalWriter
    choices: Callable[[], Choices]
    clock: Clock
    chance: Chance
    pace: Pace | None = None


class Collector:
    """Accepts records for every app of one policy version."""

    def __init__(self, policy: Policy, world: CollectorWorld, counters: Counters) -> None:
        self._policy, self._world, self._counters = policy, world, counters
        self._plans = plans(policy)
        self._gatherers = {
            name: Gatherer(plan, choices=world.choices, commit=self._committed, counters=counters)
            for name, plan in self._plans.items()
        }
        self._decoders: dict[tuple[str, str], Callable[[Request, int], Decoded]] = {}
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
                self._decoder(protocol, self._plans[app])

    def used(self) -> list[tuple[str, str]]:
        """Protocols and apps of which a request came."""
        return list(self._decoders)

    async def collect(self, request: Request) -> Reply | None:
        """The vendor's own reply, after the commit; None where no protocol claims the request."""
        protocol = protocol_for(request.method, request.path)
        if protocol is None:
            return None
        sender = self._sender(protocol, protocol.key(request), self._pace.take)
        if isinstance(sender, Rejection):
            return self.refuse(protocol, sender, request)
        plan = self._plans[sender.name]
        signals = heard(request, plan.signals)
        answer = self._telling.answer(protocol, request, plan, signals=signals)
        if answer is not None:
            return answer
        try:
            read, told = self._read(protocol, request, plan)
        except Refused as refused:
            self.count(refused.rejection)
            return refused.reply
        ended = self._gatherers[sender.name].take(read, signals)
        del read  # it is not held while the disk works
        dropped = await ended
        if isinstance(dropped, Rejection):
            return self.refuse(protocol, dropped, request)
        self._counters.add_skips(told.skipped)
        self._counters.add_unsent(told.discarded)
        return self._telling.told(protocol, told.reply, plan, signals=signals, dropped=dropped)

    def _read(self, protocol: Protocol, request: Request, plan: Plan) -> tuple[Read, Decoded]:
        """What is of use in a request, and what to say once that is committed."""
        received = self._world.clock.now()
        decoded = self._decoder(protocol, plan)(request, received)
        sample = self._sampler.of(protocol, request, plan, received=received)
        read = Read(list(map(scrubbed, decoded.batches)), sample, received, len(request.body))
        return read, Decoded([], decoded.reply, decoded.skipped, decoded.discarded)

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

    def _decoder(self, protocol: Protocol, plan: Plan) -> Callable[[Request, int], Decoded]:
        key = protocol.name, plan.app.name
        if key not in self._decoders:
            self._decoders[key] = protocol.decoder(plan)
        return self._decoders[key]
