"""The vault and the ledger in memory: the same promises, none of the ciphers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from remit.policy.split import Block, Name
from remit.policy.words import Choice, PurposeKey
from remit.ports import Adoption, Clock, Kept, Receipt


@dataclass
class MemoryVault:
    """Blocks in a list, names in a set."""

    clock: Clock
    loads: set[bytes] = field(default_factory=set)
    known: set[Name] = field(default_factory=set)
    blocks: list[tuple[Block, int]] = field(default_factory=list)

    def take(self, load: bytes, blocks: Sequence[Block], expires: Mapping[tuple[int, int], int]) -> None:
        self.known |= {name for block in blocks for name in block.names}
        if load not in self.loads:
            kept = [(block, block.received + expires[block.version, block.rule]) for block in blocks]
            self.loads.add(load)
            self.blocks += kept

    def read(self, names: Sequence[Name], rules: Sequence[tuple[int, int]]) -> list[Kept]:
        return [
            Kept(block.version, block.rule, block.received, block.rows)
            for block, end in self.blocks
            if end > self.clock.now() and set(names) & set(block.names) and (block.version, block.rule) in rules
        ]

    def knows(self, names: Sequence[Name]) -> list[Name]:
        return [name for name in names if name in self.known]

    def forget(self, names: Sequence[Name]) -> int:
        self.known -= set(names)
        return self._keep([(block, end) for block, end in self.blocks if not set(names) & set(block.names)])

    def expire(self, now: int) -> int:
        return self._keep([(block, end) for block, end in self.blocks if end > now])

    def _keep(self, blocks: list[tuple[Block, int]]) -> int:
        gone = len(self.blocks) - len(blocks)
        self.blocks = blocks
        return gone


@dataclass
class MemoryLedger:
    """Two lists that only grow."""

    adopted: list[Adoption] = field(default_factory=list)
    receipts: list[tuple[Receipt, tuple[bytes, ...]]] = field(default_factory=list)

    def adopt(self, adoption: Adoption) -> None:
        if self.adopted and adoption.version <= self.adopted[-1].version:
            raise ValueError(f"version {adoption.version} is not higher than the adopted {self.adopted[-1].version}")
        self.adopted.append(adoption)

    def adoptions(self) -> list[Adoption]:
        return list(self.adopted)

    def choose(self, receipt: Receipt, tags: Sequence[bytes]) -> None:
        if not tags:
            raise ValueError("a choice is somebody's: it needs a tag")
        self.receipts.append((receipt, tuple(tags)))

    def choices(self) -> Mapping[bytes, Mapping[PurposeKey, Choice]]:
        found: dict[bytes, dict[PurposeKey, Choice]] = {}
        for receipt, tags in self.receipts:
            for tag in tags:
                found.setdefault(tag, {})[receipt.purpose] = receipt.choice
        return found
