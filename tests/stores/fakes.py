"""The stores in memory: the same promises, none of the ciphers."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from hashlib import blake2b

from remit.policy.choices import tag
from remit.policy.split import Block, Name, Vote
from remit.policy.words import Choice, Item, Period, PurposeKey
from remit.ports import Adoption, Clock, Figure, Kept, Led, Load, Receipt
from remit.stores.votes import GRACE_MS, period_start

HOUR_MS = 3_600_000


@dataclass
class MemoryVault:
    """Blocks in a list, names in a set."""

    clock: Clock
    loads: set[bytes] = field(default_factory=set)
    known: set[Name] = field(default_factory=set)
    blocks: list[tuple[Block, int]] = field(default_factory=list)
    clues: list[tuple[Block, Name, int]] = field(default_factory=list)
    tag_key: bytes = b"k" * 32

    def take(self, load: bytes, blocks: Sequence[Block], expires: Mapping[tuple[int, int], int]) -> None:
        self.known |= {name for block in blocks for name in block.names}
        if load not in self.loads:
            kept = [(block, block.received + expires[block.version, block.rule]) for block in blocks]
            led = [
                (block, Name(clue.item, clue.form), block.received + expires[block.version, clue.rule])
                for block in blocks
                for clue in block.clues
            ]
            self.loads.add(load)
            self.blocks += kept
            self.clues += led

    def read(self, names: Sequence[Name], rules: Sequence[tuple[int, int]]) -> list[Kept]:
        return [
            Kept(block.version, block.rule, block.received, block.rows)
            for block, end in self.blocks
            if end > self.clock.now() and set(names) & set(block.names) and (block.version, block.rule) in rules
        ]

    def led(self, clues: Sequence[Name], rules: Sequence[tuple[int, int]], most: int) -> list[Led]:
        now = self.clock.now()
        there = [block for block, clue, end in self.clues if clue in clues and end > now]
        return [
            Led(block.version, block.rule, block.received, block.rows, self._tags(block))
            for block, end in self.blocks
            if end > now and any(block is one for one in there) and (block.version, block.rule) in rules
        ][:most]

    def _tags(self, block: Block) -> tuple[bytes, ...]:
        return tuple(tag(self.tag_key, name.item, name.form) for name in dict.fromkeys(block.names))

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
            for one in tags:
                found.setdefault(one, {})[receipt.purpose] = receipt.choice
        return found


Polled = tuple[str, Period, int, tuple[str | int, ...]]
"""Count, period, start and group."""


@dataclass
class IdealVotes:
    """Who voted where, as exact sets: no hash, no key, no sketch."""

    who: dict[Polled, set[tuple[Item, str]]] = field(default_factory=dict)
    changed: set[Polled] = field(default_factory=set)
    closed: set[tuple[str, Period, int]] = field(default_factory=set)

    def cast(self, votes: Sequence[Vote], counts: Mapping[str, Sequence[Period]], now: int) -> None:
        for vote in votes:
            for period in counts[vote.count]:
                start, _ = period_start(period, now)
                if (vote.count, period, start) not in self.closed:
                    self._add((vote.count, period, start, vote.group), vote)

    def figures(self, now: int) -> list[Figure]:
        told = self.changed | {polled for polled in self.who if _is_over(polled, now)}
        self.changed = set()
        return [Figure(*polled, len(self.who[polled])) for polled in told]

    def close(self, now: int) -> None:
        for polled in [polled for polled in self.who if _is_over(polled, now)]:
            del self.who[polled]
            self.changed.discard(polled)
            self.closed.add(polled[:3])

    def _add(self, polled: Polled, vote: Vote) -> None:
        voters = self.who.setdefault(polled, set())
        if (vote.item, vote.form) not in voters:
            voters.add((vote.item, vote.form))
            self.changed.add(polled)


def _is_over(polled: Polled, now: int) -> bool:
    _, period, start, _ = polled
    return period_start(period, start * 1000)[1] * 1000 + GRACE_MS <= now


@dataclass
class MemoryDesk:
    """Everything of a desk as it is, open to who tests. It is its own turn, and puts back what a failing one did."""

    votes: IdealVotes = field(default_factory=IdealVotes)
    done: dict[bytes, int] = field(default_factory=dict)
    seen: dict[bytes, int] = field(default_factory=dict)
    waiting: list[Load] = field(default_factory=list)
    sent: int = 0

    @contextmanager
    def turn(self) -> Iterator["MemoryDesk"]:
        before = deepcopy(vars(self))
        try:
            yield self
        except BaseException:
            vars(self).update(before)
            raise

    def unseen(self, hashes: Sequence[bytes], now: int) -> list[bool]:
        return [self._is_new(one, now // HOUR_MS) for one in hashes]

    def forget_repeats(self, now: int) -> None:
        self.seen = {one: hour for one, hour in self.seen.items() if hour + 24 > now // HOUR_MS}

    def reached(self, positions: Mapping[bytes, int]) -> None:
        self.done |= positions

    def send(self, personal: bytes, factual: bytes) -> None:
        self.sent += 1
        self.waiting.append(Load(self.sent, self._id("vault"), self._id("facts"), personal, factual))

    def positions(self) -> dict[bytes, int]:
        return dict(self.done)

    def loads(self) -> Iterator[Load]:
        yield from list(self.waiting)

    def delivered(self, number: int) -> None:
        self.waiting = [load for load in self.waiting if load.number != number]

    def gone(self, segments: Sequence[bytes]) -> None:
        self.done = {segment: n for segment, n in self.done.items() if segment not in segments}

    def _is_new(self, one: bytes, hour: int) -> bool:
        if one in self.seen and self.seen[one] + 24 > hour:
            return False
        self.seen[one] = hour
        return True

    def _id(self, keeper: str) -> bytes:
        return blake2b(f"{keeper}{self.sent}".encode(), digest_size=16).digest()
