"""A whole house in one process: the real flows and journal, stores as they are given, coins and clock fixed."""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from fakes import MemoryDesk, MemoryLedger, MemoryVault
from pairs import Chosen, Sent, Step, Turned

from remit.flows import collect, divide, people
from remit.flows.counters import Counters
from remit.flows.load import Factual, unpack_factual, unpack_personal
from remit.policy.choices import ChoiceTable, tag
from remit.policy.model import Policy
from remit.ports import Desk, Facts, Receipt, Vault
from remit.stores.journal import DiskFile, Reader, Writer
from remit.wire.request import Reply

TAG_KEY, REPEAT_KEY, JOURNAL_KEY = b"t" * 32, b"r" * 32, b"j" * 32


@dataclass
class Coins:
    """The same coins for everybody who starts from the same seed."""

    dice: random.Random
    sample_all: bool = False

    def token(self, size: int) -> bytes:
        return self.dice.randbytes(size)

    def one_in(self, n: int) -> bool:
        return self.sample_all or self.dice.randrange(n) == 0


@dataclass
class Clock:
    """Says what it is told."""

    at: int = 0

    def now(self) -> int:
        return self.at


@dataclass
class Outside:
    """Everything that leaves the personal side: replies, metrics, and what is handed to the facts keeper."""

    replies: list[Reply] = field(default_factory=list)
    sums: dict[str, int] = field(default_factory=dict)
    handed: list[tuple[bytes, bytes]] = field(default_factory=list)

    def halves(self) -> list[Factual]:
        """The loads, unpacked."""
        return [unpack_factual(half) for _, half in self.handed]


class QuickFile(DiskFile):
    """A segment that nobody waits for: no test here cuts the power."""

    def sync(self) -> None:
        """Nothing."""


class SmallHouse:
    """What ``house`` wires over several processes, in one; stores are in memory, where no others are given."""

    def __init__(  # noqa: PLR0913 -- one parameter per part of the house, all by name
        self,
        policy: Policy,
        folder: Path,
        *,
        coins: Coins,
        clock: Clock | None = None,
        desk: Desk | None = None,
        vault: Vault | None = None,
        facts: Facts | None = None,
    ) -> None:
        self.clock, self.outside = clock or Clock(), Outside()
        self.vault, self.ledger, self._facts = vault or MemoryVault(self.clock), MemoryLedger(), facts
        self._policy, self._intake, self._dividing = policy, Counters(), Counters()
        public = X25519PrivateKey.from_private_bytes(JOURNAL_KEY).public_key().public_bytes_raw()
        self._writer = Writer(folder / "worker", public, chance=coins, create=QuickFile)
        collecting = collect.CollectorWorld(journal=self._writer, choices=self.table, clock=self.clock, chance=coins)
        self._collector = collect.Collector(policy, collecting, self._intake)
        expires = divide.expiries([policy])
        dividing = divide.DividerWorld(
            journal=Reader(folder, JOURNAL_KEY),
            desk=desk or MemoryDesk(),
            to_vault=lambda load, half: self.vault.take(load, unpack_personal(half), expires),
            to_facts=self._hand_over,
            choices=self.table,
            clock=self.clock,
            repeat_key=REPEAT_KEY,
        )
        self._divider = divide.Divider(policy, dividing, self._dividing)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.close()

    def live(self, trace: Sequence[Step]) -> Outside:
        """Let all of it happen; returns what got outside."""
        asyncio.run(self._live(trace))
        self.outside.sums = dict(Counter(self._intake.sums()) + Counter(self._dividing.sums()))
        return self.outside

    def _hand_over(self, load: bytes, half: bytes) -> None:
        self.outside.handed.append((load, half))
        if self._facts is not None:
            factual = unpack_factual(half)
            self._facts.take(load, factual.as_cells(), factual.figures, factual.tally)

    async def _live(self, trace: Sequence[Step]) -> None:
        for step in trace:
            match step:
                case Sent():
                    self.clock.at = step.received
                    reply = await self._collector.collect(step.request)
                    assert reply is not None, "every generated route has a protocol"
                    self.outside.replies.append(reply)
                case Chosen():
                    self.clock.at = step.at
                    self._choose(step)
                case Turned():
                    self.clock.at = step.at
                    self._divider.drain()

    def _choose(self, step: Chosen) -> None:
        form = self._policy.catalogue[step.item].form(step.identifier)
        receipt = Receipt(str(len(self.ledger.receipts)), step.at, self._policy.version, step.purpose, step.choice)
        self.ledger.choose(receipt, [tag(TAG_KEY, step.item, form)])

    def table(self) -> ChoiceTable:
        return people.choice_table(self._policy, TAG_KEY, self.ledger.choices())
