"""What comes in one turn of the loop is judged together, and is one entry of the journal.

To judge, pack and seal ten records costs little more than to do it for one. Under load many requests are read before
the loop comes round; alone, a request waits for nobody.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any, NamedTuple

from remit.flows.bearing import Bearing
from remit.flows.counters import OUTWEIGHED
from remit.flows.entry import Entry, packed
from remit.flows.sampling import Sample
from remit.policy.choices import Choices
from remit.policy.columns import Batch
from remit.policy.narrow import NOTHING, Narrower
from remit.policy.plan import Plan
from remit.policy.signals import Heard
from remit.policy.split import Tally
from remit.policy.words import Reason
from remit.wire.protocol import Opener, Read, Rejection
from remit.wire.scrubbing import scrubbed

RECORDS_MAX, BYTES_MAX = 4, 8 * 1024
"""Requests of more records or larger bodies go alone: they gain little, and hold much until the turn ends."""
REQUESTS_MAX = 128
"""So many are one entry: with texts as long as they may be and lent to each record, some 2 MB."""

Ended = Mapping[Reason, int] | Rejection
"""How many uses of a request's values were dropped, by reason, once the rest is on disk; or why nothing is."""

Commit = Callable[[bytes, int], Awaitable[Rejection | None]]


class Taken(NamedTuple):
    """What was read of one request, at a time (ms); ``size`` is that of its body, in bytes.

    ``end`` is told how it ended, or what went wrong.
    """

    read: Read
    sample: Sample | None
    received: int
    size: int
    end: Callable[[Ended | BaseException], None]

    @property
    def goes_alone(self) -> bool:
        """Whether it is large."""
        return self.size > BYTES_MAX or self.read.size > RECORDS_MAX


class Alike(NamedTuple):
    """What requests of one app have in common that may be judged together: who reads them, and what they refuse."""

    opener: Opener
    signals: Heard


class Gatherer:
    """Gathers, judges and commits what is read for one app. ``commit`` says why an entry is not on disk."""

    def __init__(self, plan: Plan, *, choices: Callable[[], Choices], bearing: Bearing, commit: Commit) -> None:
        self._plan, self._narrower = plan, Narrower(plan)
        self._choices, self._bearing, self._commit = choices, bearing, commit
        self._open: dict[Alike, list[Taken]] = {}
        self._committing = 0
        self._committed = asyncio.Event()
        self._tasks = set[asyncio.Task[None]]()

    def take(self, taken: Taken, alike: Alike) -> None:
        """Judge and commit one more, and tell it how it ended."""
        if taken.goes_alone:
            self._start(self._settle(alike, [taken]))
            return
        group = self._open.get(alike)
        if group is not None and len(group) < REQUESTS_MAX:
            group.append(taken)
            return
        group = self._open[alike] = [taken]
        self._start(self._gather(alike, group))

    def _start(self, settling: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(settling)
        self._tasks.add(task)  # the loop itself would let go of it
        task.add_done_callback(self._tasks.discard)

    async def _gather(self, alike: Alike, group: list[Taken]) -> None:
        """Others may join until the disk has what came before: the entry would wait for that in any case."""
        if self._committing:
            await self._committed.wait()
        else:
            await asyncio.sleep(0)
        if self._open.get(alike) is group:
            del self._open[alike]
        self._committing += 1
        self._committed.clear()
        try:
            await self._settle(alike, group)
        finally:
            self._committing -= 1
            self._committed.set()

    async def _settle(self, alike: Alike, group: list[Taken]) -> None:
        ends = [one.end for one in group]
        try:
            entry, told = self._entry(alike, group)
            rejection = await self._commit(entry, self._plan.version)
        except BaseException as error:
            for end in ends:
                end(error)
            if not isinstance(error, Exception):
                raise
            return
        for end, one in zip(ends, told, strict=True):
            end(one if rejection is None else rejection)

    def _entry(self, alike: Alike, group: list[Taken]) -> tuple[bytes, Sequence[Mapping[Reason, int]]]:
        """One entry, and what each request is told. What was read is let go: nobody holds it while the disk works."""
        reads, received = [one.read for one in group], group[0].received
        samples = [one.sample for one in group if one.sample is not None]
        group.clear()
        found = alike.opener.columns(reads)
        told: list[Mapping[Reason, int]] = [NOTHING] * len(reads)
        del reads
        choices, tally, batches = self._choices(), Tally(), list[Batch]()
        for batch, requests in found:
            one = batch if batch.choices is None else self._bearing.records(batch, received)
            narrowed = self._narrower.narrow(scrubbed(one), choices, alike.signals, requests=requests)
            tally.update(narrowed.tally)
            told = [_sum(before, ends) for before, ends in zip(told, narrowed.told, strict=True)]
            if narrowed.batch is not None:
                batches.append(narrowed.batch)
            if narrowed.outweighed:
                self._bearing.counters.add(OUTWEIGHED, narrowed.outweighed)
        entry = Entry(
            app=self._plan.app.name,
            version=self._plan.version,
            received=received,
            batches=batches,
            tally=list(tally.items()),
            samples=samples,
        )
        return packed(entry), told


def _sum(one: Mapping[Reason, int], other: Mapping[Reason, int]) -> Mapping[Reason, int]:
    if one and other:
        return Counter(one) + Counter(other)
    return one or other
