"""A whole house in one process: the real flows, stores as they are given or in memory, coins and clock fixed."""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from remit.flows import collect, divide
from remit.flows.consents import Consents
from remit.flows.counters import Counters
from remit.flows.judging import Judges
from remit.flows.load import unpack_factual, unpack_personal
from remit.policy.between import expiries
from remit.policy.choice_tokens import verifier
from remit.policy.choices import ChoiceTable, choice_table, tag
from remit.policy.model import Policy
from remit.ports import Chance, Desk, Facts, JournalReader, JournalWriter, Receipt, Vault
from remit.proof.memory import MemoryDesk, MemoryJournal, MemoryLedger, MemoryVault
from remit.proof.outside import Outside
from remit.proof.trace import Choosing, Sent, Step, Turned

TAG_KEY, REPEAT_KEY, TOKEN_KEY = (letter * 32 for letter in (b"t", b"r", b"c"))


@dataclass
class Coins:
    """The same coins for everybody who starts from the same seed."""

    dice: random.Random
    sample_all: bool = False

    def token(self, size: int) -> bytes:
        """As many bytes of the dice."""
        return self.dice.randbytes(size)

    def one_in(self, n: int) -> bool:
        """By lot, or always."""
        return self.sample_all or self.dice.randrange(n) == 0


@dataclass
class SteadyClock:
    """Says what it is told."""

    at: int = 0

    def now(self) -> int:
        """What it was told."""
        return self.at


class Journal(NamedTuple):
    """Where what was acknowledged waits: what intake writes, and what the divider reads."""

    writer: JournalWriter
    reader: JournalReader


def in_memory(chance: Chance) -> Journal:
    """A journal that is gone with its process."""
    journal = MemoryJournal(chance.token(16))
    return Journal(journal, journal)


class SmallHouse:
    """What ``house`` wires over several processes, in one; stores are in memory, where no others are given.

    ``k`` is the smallest number that is told, if not the policy's: traces are short, and few may be all there are.
    """

    def __init__(  # noqa: PLR0913 -- one parameter per part of the house, all by name
        self,
        policy: Policy,
        *,
        coins: Coins,
        journal: Journal | None = None,
        clock: SteadyClock | None = None,
        desk: Desk | None = None,
        vault: Vault | None = None,
        facts: Facts | None = None,
        k: int | None = None,
    ) -> None:
        self.clock, self.outside = clock or SteadyClock(), Outside()
        self.vault, self.ledger, self._facts = vault or MemoryVault(self.clock), MemoryLedger(), facts
        self._policy, self._intake, self._dividing = policy, Counters(), Counters()
        writer, reader = journal or in_memory(coins)
        hearing = verifier(policy, {policy.version: frozenset(policy.purposes)}, TOKEN_KEY)
        collecting = collect.CollectorWorld(
            journal=writer, choices=self.table, clock=self.clock, chance=coins, verifier=lambda: hearing
        )
        self._collector = collect.Collector(policy, collecting, self._intake)
        expires = expiries([policy])
        telling = replace(policy, k=policy.k if k is None else k)
        dividing = divide.DividerWorld(
            journal=reader,
            desk=desk or MemoryDesk(),
            to_vault=lambda load, half: self.vault.take(load, unpack_personal(half), expires),
            to_facts=self._hand_over,
            judges=Judges(lambda: [telling], lambda _policy: self.table()),
            clock=self.clock,
            repeat_key=REPEAT_KEY,
        )
        self._divider = divide.Divider(dividing, self._dividing)

    def live(self, trace: Sequence[Step]) -> Outside:
        """Let all of it happen; returns what got outside."""
        asyncio.run(self._live(trace))
        self.outside.sums = dict(Counter(self._intake.sums()) + Counter(self._dividing.sums()))
        return self.outside

    def _hand_over(self, load: bytes, half: bytes) -> None:
        self.outside.handed.append((load, half))
        if self._facts is not None:
            factual = unpack_factual(half)
            self._facts.take(load, factual.as_cells(), factual.figures, factual.tally, sent=factual.sent)

    async def _live(self, trace: Sequence[Step]) -> None:
        for step in trace:
            match step:
                case Sent():
                    self.clock.at = step.received
                    reply = await self._collector.collect(step.request)
                    assert reply is not None, "every generated route has a protocol"
                    self.outside.replies.append(reply)
                case Choosing():
                    self.clock.at = step.at
                    self._choose(step)
                case Turned():
                    self.clock.at = step.at
                    self._divider.drain()

    def _choose(self, step: Choosing) -> None:
        form = self._policy.catalogue[step.item].form(step.identifier)
        receipt = Receipt(str(len(self.ledger.receipts)), step.at, self._policy.version, step.purpose, step.choice)
        self.ledger.choose(receipt, [tag(TAG_KEY, step.item, form)])

    def table(self) -> ChoiceTable:
        """The choices to judge by now."""
        covering = Consents([self._policy]).covering(self.ledger.choices(), self._policy)
        return choice_table(self._policy, TAG_KEY, covering)
