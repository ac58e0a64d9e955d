"""The stores in memory: the same promises, none of the ciphers."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from functools import partial
from hashlib import blake2b

from remit.policy.choices import tag
from remit.policy.grouping import Ballot, Group, Place
from remit.policy.periods import GRACE_MS, period_start
from remit.policy.release import released, shown
from remit.policy.split import Block, Name, Vote
from remit.policy.words import Item, Period, PurposeKey
from remit.ports import Adoption, Clock, Figure, Held, Kept, Last, Led, Load, Portion, Position, Receipt, Words

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
        """Keep the blocks of a load once."""
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
        """Unexpired blocks of these names, under these rules."""
        return [
            Kept(block.version, block.rule, block.received, tuple(block.rows))
            for block, end in self.blocks
            if end > self.clock.now() and set(names) & set(block.names) and (block.version, block.rule) in rules
        ]

    def led(self, clues: Sequence[Name], rules: Sequence[tuple[int, int]], most: int) -> list[Led]:
        """Unexpired blocks to which these clues lead, under these rules: at most so many."""
        now = self.clock.now()
        there = [block for block, clue, end in self.clues if clue in clues and end > now]
        return [
            Led(block.version, block.rule, block.received, tuple(block.rows), self._tags(block))
            for block, end in self.blocks
            if end > now and any(block is one for one in there) and (block.version, block.rule) in rules
        ][:most]

    def _tags(self, block: Block) -> tuple[bytes, ...]:
        return tuple(tag(self.tag_key, name.item, name.form) for name in dict.fromkeys(block.names))

    def knows(self, names: Sequence[Name]) -> list[Name]:
        """Those that came with a block and were not forgotten."""
        return [name for name in names if name in self.known]

    def held(self, expires: Mapping[tuple[int, int], int], now: int) -> list[Held]:
        """By rule: how many, over, and beyond."""
        found: dict[tuple[int, int], list[tuple[bool, bool]]] = {}
        for block, end in self.blocks:
            keep = expires.get((block.version, block.rule), 0)
            over, beyond = block.received + keep <= now, end > block.received + keep
            found.setdefault((block.version, block.rule), []).append((over, beyond))
        return [
            Held(version, rule, len(ends), sum(over for over, _ in ends), sum(beyond for _, beyond in ends))
            for (version, rule), ends in sorted(found.items())
        ]

    def forget(self, names: Sequence[Name]) -> int:
        """Let go of the names and of every block that came with one."""
        self.known -= set(names)
        return self._keep([(block, end) for block, end in self.blocks if not set(names) & set(block.names)])

    def expire(self, now: int) -> int:
        """Let go of what is over."""
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
        """Append a version. Raises ValueError unless it is higher than the last."""
        if self.adopted and adoption.version <= self.adopted[-1].version:
            raise ValueError(f"version {adoption.version} is not higher than the adopted {self.adopted[-1].version}")
        self.adopted.append(adoption)

    def adoptions(self) -> list[Adoption]:
        """Oldest first."""
        return list(self.adopted)

    def choose(self, receipt: Receipt, tags: Sequence[bytes]) -> Receipt:
        """Append a choice, or find the one of its id. Raises ValueError without a tag, or where that is another."""
        if not tags:
            raise ValueError("a choice is somebody's: it needs a tag")
        stands = self.receipt(receipt.id)
        if stands is None:
            self.receipts.append((receipt, tuple(tags)))
            return receipt
        theirs = next(held for one, held in self.receipts if one is stands)
        if not receipt.repeats(stands) or not set(theirs) <= set(tags):
            raise ValueError(f"receipt {receipt.id} is of another choice")
        return stands

    def receipt(self, known: str) -> Receipt | None:
        """The receipt of this id."""
        return next((one for one, _ in self.receipts if one.id == known), None)

    def choices(self) -> Mapping[bytes, Words]:
        """The last word per tag and purpose."""
        found: dict[bytes, dict[PurposeKey, Last]] = {}
        for receipt, tags in self.receipts:
            for one in tags:
                found.setdefault(one, {})[receipt.purpose] = Last(receipt.choice, receipt.version)
        return found


Polled = tuple[str, Period, int]
"""Count, period and start."""

Voters = set[tuple[Item, str]]


@dataclass
class IdealVotes:
    """Who voted where, as exact sets: no hash, no key, no sketch."""

    who: dict[Polled, dict[Group, Voters]] = field(default_factory=dict)
    changed: set[tuple[Polled, Group]] = field(default_factory=set)
    closed: set[Polled] = field(default_factory=set)

    def cast(self, votes: Sequence[Vote], counts: Mapping[str, Ballot], now: int) -> None:
        """Add who voted to the periods that hold ``now`` and are open."""
        for vote in votes:
            for period in counts[vote.count].periods:
                polled = (vote.count, period, period_start(period, now)[0])
                if polled not in self.closed:
                    for place in counts[vote.count].places(vote.group):
                        self._add(polled, place, vote)

    def figures(self, k: int) -> list[Figure]:
        """How many there are in each group of a coarsest set that changed."""
        told, self.changed = self.changed, set()
        return [Figure(*polled, group, shown(len(self.who[polled][group]), k)) for polled, group in told]

    def close(self, now: int, k: int) -> list[Figure]:
        """What is told of what is over; who voted is let go of."""
        told: list[Figure] = []
        for polled in [polled for polled in self.who if _is_over(polled, now)]:
            who = self.who.pop(polled)
            self.changed = {one for one in self.changed if one[0] != polled}
            self.closed.add(polled)
            sizes = {group: len(voters) for group, voters in who.items()}
            last = released(sizes, partial(_in_all, who), k)
            told += [Figure(*polled, group, size) for group, size in last.items()]
        return told

    def _add(self, polled: Polled, place: Place, vote: Vote) -> None:
        voters = self.who.setdefault(polled, {}).setdefault(place.group, set())
        if (vote.item, vote.form) not in voters:
            voters.add((vote.item, vote.form))
            if place.above is None:
                self.changed.add((polled, place.group))


def _in_all(who: Mapping[Group, Voters], some: Sequence[Group]) -> int:
    return len(set[tuple[Item, str]]().union(*(who[group] for group in some)))


def _is_over(polled: Polled, now: int) -> bool:
    _, period, start = polled
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
        """All of it, or none of it."""
        before = deepcopy(vars(self))
        try:
            yield self
        except BaseException:
            vars(self).update(before)
            raise

    def unseen(self, hashes: Sequence[bytes], now: int) -> list[bool]:
        """Which are new from this hour on, for 24 hours."""
        return [self._is_new(one, now // HOUR_MS) for one in hashes]

    def forget_repeats(self, now: int) -> None:
        """Let go of those that 24 hours have passed over."""
        self.seen = {one: hour for one, hour in self.seen.items() if hour + 24 > now // HOUR_MS}

    def reached(self, positions: Mapping[bytes, int]) -> None:
        """Remember how far each segment is done."""
        self.done |= positions

    def send(self, personal: bytes, factual: bytes) -> None:
        """Let a load wait."""
        self.sent += 1
        self.waiting.append(Load(self.sent, self._id("vault"), self._id("facts"), personal, factual))

    def positions(self) -> dict[bytes, int]:
        """How far each segment is done."""
        return dict(self.done)

    def loads(self) -> Iterator[Load]:
        """Those that wait."""
        yield from list(self.waiting)

    def delivered(self, number: int) -> None:
        """Let go of a load."""
        self.waiting = [load for load in self.waiting if load.number != number]

    def gone(self, segments: Sequence[bytes]) -> None:
        """Let go of segments."""
        self.done = {segment: n for segment, n in self.done.items() if segment not in segments}

    def _is_new(self, one: bytes, hour: int) -> bool:
        if one in self.seen and self.seen[one] + 24 > hour:
            return False
        self.seen[one] = hour
        return True

    def _id(self, keeper: str) -> bytes:
        return blake2b(f"{keeper}{self.sent}".encode(), digest_size=16).digest()


@dataclass
class MemoryJournal:
    """Entries in one list, which stands for a segment that is never closed. Its writer is its reader."""

    segment: bytes
    entries: list[bytes] = field(default_factory=list)

    async def append(self, entry: bytes, version: int) -> None:
        """At the end."""
        del version
        self.entries.append(entry)

    def read(self, after: Mapping[bytes, int], most: Portion) -> list[tuple[Position, bytes]]:
        """What comes after those that are done, as far as there is room."""
        found: list[tuple[Position, bytes]] = []
        for number in range(after.get(self.segment, 0), len(self.entries)):
            if not most.has_room([entry for _, entry in found]):
                break
            found.append((Position(self.segment, number), self.entries[number]))
        return found

    def discard(self, done: Mapping[bytes, int]) -> list[bytes]:
        """Nothing: the segment is open."""
        del done
        return []
