"""The line between the two stores: opens the journal, decides in bulk, sends each half its own way.

One turn is one transaction at the desk; what it decided is written down there before its first effect,
and delivered until both stores took it. A crash anywhere repeats a delivery identically, or nothing.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b

from remit.flows.counters import RECORDS, Counters
from remit.flows.entry import Entry, unpacked
from remit.flows.judging import Judge, Judges
from remit.flows.load import TallyRow, pack_factual, pack_personal
from remit.flows.runs import Run, runs
from remit.flows.sampling import FieldSums
from remit.policy.columns import Batch
from remit.policy.decide import dropped
from remit.policy.plan import Plan
from remit.policy.reduce import DAY_MS
from remit.policy.split import Split
from remit.policy.words import Reason
from remit.ports import Clock, Desk, JournalReader, Portion, Turn

TURN = Portion(entries=500, size=4 * 1024 * 1024)
"""An entry becomes several times its size, once per rule that keeps a value, and a load has to fit a frame."""

Deliver = Callable[[bytes, bytes], None]
"""Hands one half of a load to its keeper, under that half's own id; returns when it is durable there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DividerWorld:
    """What the divider works with."""

    journal: JournalReader
    desk: Desk
    to_vault: Deliver
    to_facts: Deliver
    judges: Judges
    clock: Clock
    repeat_key: bytes


class Divider:
    """Divides everything that intake acknowledged."""

    def __init__(self, world: DividerWorld, counters: Counters) -> None:
        self._world, self._counters = world, counters

    def drain(self, ended: Callable[[], None] = lambda: None) -> None:
        """Divide until nothing that was acknowledged before the call is left, and all of it is delivered.

        ``ended`` is told of every turn that ended well.
        """
        entries = 1
        while entries:
            entries = self.turn()
            ended()

    def turn(self) -> int:
        """Divide one portion of the journal, deliver what waits; returns how many entries there were."""
        self._deliver()
        world = self._world
        # The time is read before the journal: what was acknowledged by then is in the journal now.
        now = world.clock.now()
        positions = world.desk.positions()
        entries = world.journal.read(positions, TURN)
        reached: dict[bytes, int] = {}
        for position, _ in entries:
            reached[position.segment] = position.number + 1
        with world.desk.turn() as turn:
            # Where nothing older waits, a count that closes gets no late vote, a repeat that is forgotten no late twin.
            over = now if TURN.has_room([entry for _, entry in entries]) else None
            counted = self._work(turn, [unpacked(entry) for _, entry in entries], over)
            if over is not None:
                turn.forget_repeats(over)
            turn.reached(reached)
        # Not before: a turn that the desk could not write down comes again, and is counted once.
        self._counters.add_all(counted)
        self._deliver()
        world.desk.gone(world.journal.discard(world.desk.positions()))
        return len(entries)

    def _work(self, turn: Turn, entries: Sequence[Entry], over: int | None) -> Counters:
        """Divide some entries; then what is ``over`` by then closes, if anything may."""
        total, sent, tally = Split(), FieldSums(), Counter[TallyRow]()
        counted = Counters()
        for run in runs(entries):
            judge = self._world.judges.of(run.version)
            split = self._divide(turn, run, judge)
            counted.add(RECORDS, run.size)
            split.tally.update(run.ends())
            day = run.received // DAY_MS * 86_400
            for entry in run.entries:
                sent.add(day, run.app, entry.samples)
            for key, n in split.tally.items():
                tally[day, key.app, key.item, key.purpose, key.fate.value, key.reason or "", 0] += n
            turn.votes.cast(split.votes, judge.ballots, run.received)
            counted.add_tally(split.tally)
            total.add(replace(split, votes=[]))
        k = self._world.judges.in_force.k
        figures = turn.votes.close(over, k) if over is not None else []
        figures += turn.votes.figures(k)
        rows: list[TallyRow] = [(*row[:6], n) for row, n in tally.items()]
        if total.blocks or total.cells or figures or rows or sent.rows():
            turn.send(pack_personal(total.blocks), pack_factual(total.cells, figures, rows, sent=sent.rows()))
        return counted

    def _divide(self, turn: Turn, run: Run, judge: Judge) -> Split:
        plan, total = judge.plans[run.app], Split()
        for batch in run.batches():
            fresh, repeats = self._sorted(turn, plan, batch, run.received)
            if repeats:
                total.add(dropped(plan, batch.only(repeats), Reason.REPEAT))
            if fresh:
                kept = batch if not repeats else batch.only(fresh)
                total.add(judge.split(run.app, kept, run.received))
        return total

    def _sorted(self, turn: Turn, plan: Plan, batch: Batch, received: int) -> tuple[list[int], list[int]]:
        """Positions of records that are new, and of those that came before under the same message id."""
        if batch.messages is None:
            return list(range(batch.size)), []
        named = [i for i, message in enumerate(batch.messages) if message]
        new = turn.unseen(self._hashes(plan.app.name, [batch.messages[i] for i in named]), received)
        if all(new):
            return list(range(batch.size)), []
        old = {i for i, is_new in zip(named, new, strict=True) if not is_new}
        return [i for i in range(batch.size) if i not in old], sorted(old)

    def _hashes(self, app: str, messages: Sequence[str]) -> list[bytes]:
        begun = blake2b(f"{len(app)}:{app}".encode(), key=self._world.repeat_key, digest_size=16)
        found = []
        for message in messages:
            hashed = begun.copy()
            hashed.update(message.encode("utf-8", "surrogatepass"))
            found.append(hashed.digest())
        return found

    def _deliver(self) -> None:
        for load in self._world.desk.loads():
            self._world.to_vault(load.vault_id, load.personal)
            self._world.to_facts(load.facts_id, load.factual)
            self._world.desk.delivered(load.number)
