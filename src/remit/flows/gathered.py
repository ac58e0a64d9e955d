"""What comes in one turn of the loop is judged together, and is one entry of the journal.

To judge, pack and seal ten records costs little more than to do it for one. Under load many requests are read before
the loop comes round; alone, a request waits for nobody.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from remit.flows.counters import OUTWEIGHED, Counters
from remit.flows.entry import Entry, packed
from remit.flows.sampling import Sample
from remit.policy.choices import Choices
from remit.policy.columns import Batch, joined
from remit.policy.narrow import NOTHING, Narrower
from remit.policy.plan import Plan
from remit.policy.signals import Heard
from remit.policy.split import Tally
from remit.policy.words import Kind, Reason
from remit.wire.protocol import Rejection

RECORDS_MAX, BYTES_MAX = 4, 8 * 1024
"""Requests of more records or larger bodies go alone: they gain little, and hold much until the turn ends."""
REQUESTS_MAX = 128
"""So many are one entry: with texts as long as they may be and lent to each record, some 2 MB."""

Ended = Mapping[Reason, int] | Rejection
"""How many uses of a request's values were dropped, by reason, once the rest is on disk; or why nothing is."""

Commit = Callable[[bytes, int], Awaitable[Rejection | None]]


class Read(NamedTuple):
    """What was read of one request, at a time (ms); ``size`` is that of its body, in bytes."""

    batches: Sequence[Batch]
    sample: Sample | None
    received: int
    size: int

    @property
    def goes_alone(self) -> bool:
        """Whether it is large."""
        return self.size > BYTES_MAX or sum([batch.size for batch in self.batches]) > RECORDS_MAX


@dataclass(slots=True)
class _Group:
    """Requests that refuse the same by signals. The first leads: it settles them all, and tells the others."""

    signals: Heard
    reads: list[Read] = field(default_factory=list)
    others: list[asyncio.Future[Ended]] = field(default_factory=list)

    def joined(self, read: Read) -> asyncio.Future[Ended]:
        """The end of one more."""
        self.reads.append(read)
        self.others.append(asyncio.get_running_loop().create_future())
        return self.others[-1]

    def end(self, ended: Sequence[Ended]) -> None:
        """Tell the others."""
        for other, one in zip(self.others, ended[1:], strict=True):
            if not other.done():  # whose request was given up
                other.set_result(one)

    def fail(self, error: BaseException) -> None:
        """Let the others fail as the first does."""
        for other in self.others:
            if isinstance(error, Exception):
                other.set_exception(error)
            else:
                other.cancel()


class Gatherer:
    """Gathers, judges and commits what is read for one app. ``commit`` says why an entry is not on disk."""

    def __init__(self, plan: Plan, *, choices: Callable[[], Choices], commit: Commit, counters: Counters) -> None:
        self._plan, self._narrower = plan, Narrower(plan)
        self._choices, self._commit, self._counters = choices, commit, counters
        self._open: dict[Heard, _Group] = {}
        self._committing = 0
        self._committed = asyncio.Event()

    def take(self, read: Read, signals: Heard) -> Awaitable[Ended]:
        """How it ends, to be awaited at once."""
        if read.goes_alone:
            return self._settled(_Group(signals, [read]))
        group = self._open.get(signals)
        if group is not None and len(group.reads) < REQUESTS_MAX:
            return group.joined(read)
        group = self._open[signals] = _Group(signals, [read])
        return self._led(group)

    async def _led(self, group: _Group) -> Ended:
        """Others may join until the disk has what came before: the entry would wait for that in any case."""
        if self._committing:
            await self._committed.wait()
        else:
            await asyncio.sleep(0)
        if self._open.get(group.signals) is group:
            del self._open[group.signals]
        self._committing += 1
        self._committed.clear()
        try:
            return await self._settled(group)
        finally:
            self._committing -= 1
            self._committed.set()

    async def _settled(self, group: _Group) -> Ended:
        try:
            entry, told = self._entry(group)
            rejection = await self._commit(entry, self._plan.version)
        except BaseException as error:
            group.fail(error)
            raise
        ended: Sequence[Ended] = told if rejection is None else [rejection] * len(told)
        group.end(ended)
        return ended[0]

    def _entry(self, group: _Group) -> tuple[bytes, Sequence[Mapping[Reason, int]]]:
        """One entry, and what each request is told. What was read is let go: nobody holds it while the disk works."""
        choices, received = self._choices(), group.reads[0].received
        of: dict[Kind, list[tuple[int, Batch]]] = {}
        samples: list[Sample] = []
        for number, read in enumerate(group.reads):
            if read.sample is not None:
                samples.append(read.sample)
            for batch in read.batches:
                of.setdefault(batch.kind, []).append((number, batch))
        told: list[Mapping[Reason, int]] = [NOTHING] * len(group.reads)
        tally, batches = Tally(), list[Batch]()
        group.reads.clear()
        for found in of.values():
            whole, requests = joined([batch for _, batch in found]), [batch.size for _, batch in found]
            narrowed = self._narrower.narrow(whole, choices, group.signals, requests=requests)
            tally.update(narrowed.tally)
            for (number, _), ends in zip(found, narrowed.told, strict=True):
                told[number] = Counter(told[number]) + Counter(ends) if told[number] else ends
            if narrowed.batch is not None:
                batches.append(narrowed.batch)
            if narrowed.outweighed:
                self._counters.add(OUTWEIGHED, narrowed.outweighed)
        entry = Entry(
            app=self._plan.app.name,
            version=self._plan.version,
            received=received,
            batches=batches,
            tally=list(tally.items()),
            samples=samples,
        )
        return packed(entry), told
