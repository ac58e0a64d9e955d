"""All the world that a flow needs. Stores stand behind these; fakes pass the same contract suites."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from remit.policy.generations import Generations
from remit.policy.grouping import Ballot
from remit.policy.split import Block, Cell, CellKey, Name, Vote
from remit.policy.words import Choice, Item, Period, PurposeKey, Value


class Clock(Protocol):
    """Wall time."""

    def now(self) -> int:
        """Milliseconds since 1970 (UTC)."""
        ...


class Chance(Protocol):
    """Every random choice of the house comes from here, so that tests can fix the coins."""

    def token(self, size: int) -> bytes:
        """Unpredictable bytes."""
        ...

    def one_in(self, n: int) -> bool:
        """True once in n, on average."""
        ...


class JournalWriter(Protocol):
    """One intake worker's journal: it can append and can never read back."""

    async def append(self, entry: bytes, version: int) -> None:
        """Returns when the sealed entry is on disk. Raises OSError when it is not, ValueError for too large a one."""
        ...


class Position(NamedTuple):
    """Where an entry stands: its segment's random id, and its number in it (from 0)."""

    segment: bytes
    number: int


class Portion(NamedTuple):
    """How much of the journal one turn takes: so many entries, and none more once so many bytes are reached."""

    entries: int
    size: int

    def has_room(self, entries: Sequence[bytes]) -> bool:
        """Whether there is room beside these; if so after a read, nothing else waited."""
        return len(entries) < self.entries and sum(map(len, entries)) < self.size


class JournalReader(Protocol):
    """The divider's view of all journals."""

    def read(self, after: Mapping[bytes, int], most: Portion) -> list[tuple[Position, bytes]]:
        """Whole entries, opened; ``after`` holds how many of a segment are done."""
        ...

    def discard(self, done: Mapping[bytes, int]) -> list[bytes]:
        """Destroy segments that are closed and wholly done; returns their ids."""
        ...


@dataclass(frozen=True, slots=True)
class Adoption:
    """One policy version in force from a moment on."""

    version: int
    text: str
    at: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof of one choice."""

    id: str
    at: int
    version: int
    purpose: PurposeKey
    choice: Choice

    def repeats(self, earlier: "Receipt") -> bool:
        """Whether it says again what an earlier one says, whenever and under whichever version."""
        return (self.id, self.purpose, self.choice) == (earlier.id, earlier.purpose, earlier.choice)


class Last(NamedTuple):
    """The last word of somebody on a purpose, and the version that was in force when it was said."""

    choice: Choice
    version: int


Words = Mapping[PurposeKey, Last]


class Ledger(Protocol):
    """Choices and adoptions, append-only, and nothing else."""

    def adopt(self, adoption: Adoption) -> None:
        """Append a version. Raises ValueError unless it is higher than the last."""
        ...

    def adoptions(self) -> list[Adoption]:
        """Oldest first."""
        ...

    def choose(self, receipt: Receipt, tags: Sequence[bytes]) -> Receipt:
        """Append a choice that holds for these tags, and return its receipt; of a known id, the one that stands.

        So whoever had no answer can say the same again, and it stays as old as it was. Raises ValueError without a tag,
        and where the known id is of another choice or of others' tags.
        """
        ...

    def receipt(self, known: str) -> Receipt | None:
        """The receipt of this id."""
        ...

    def choices(self) -> Mapping[bytes, Words]:
        """The last word per tag and purpose."""
        ...


@dataclass(frozen=True, slots=True)
class Kept:
    """One block as the vault gives it back: opened, for a stated purpose."""

    version: int
    rule: int
    received: int
    rows: tuple[Mapping[Item, Value], ...]


@dataclass(frozen=True, slots=True)
class Led(Kept):
    """One block to which a clue led, with a tag for each name that it came with: what they said decides."""

    tags: tuple[bytes, ...]


class Held(NamedTuple):
    """How many blocks lie under one rule: in all, of them with their time over, and of them to stay beyond it.

    Of a rule that keeps nothing, or that nobody knows, all of them are beyond.
    """

    version: int
    rule: int
    blocks: int
    over: int
    beyond: int


class Vault(Protocol):
    """The personal store: sealed blocks, a data key per subject, a directory apart from both."""

    def take(self, load: bytes, blocks: Sequence[Block], expires: Mapping[tuple[int, int], int]) -> None:
        """Keep the blocks once, however often the load comes. ``expires``: ms after receipt, by (version, rule)."""
        ...

    def read(self, names: Sequence[Name], rules: Sequence[tuple[int, int]]) -> list[Kept]:
        """Unexpired blocks that any of the names was sent with, and only of these (version, rule) pairs."""
        ...

    def led(self, clues: Sequence[Name], rules: Sequence[tuple[int, int]], most: int) -> list[Led]:
        """Unexpired blocks that came with an unexpired clue, only of these (version, rule) pairs, and so many at most.

        Many may share a clue: which of the blocks may be read is for their names' choices to say.
        """
        ...

    def knows(self, names: Sequence[Name]) -> list[Name]:
        """Those of the names that the directory holds."""
        ...

    def held(self, expires: Mapping[tuple[int, int], int], now: int) -> list[Held]:
        """How many blocks lie under each (version, rule), as ``take`` has ``expires``; numbers only, and no values."""
        ...

    def forget(self, names: Sequence[Name]) -> int:
        """Destroy the names' keys and every block sent with them; returns how many blocks went."""
        ...

    def expire(self, now: int) -> int:
        """Destroy blocks whose time is over; returns how many."""
        ...


@dataclass(frozen=True, slots=True)
class Figure:
    """A released number: how many identifiers one group of one count had; 0 stands for fewer than k.

    ``start`` is in epoch seconds.
    """

    count: str
    period: Period
    start: int
    group: tuple[str | int, ...]
    identifiers: int


@dataclass(frozen=True, slots=True)
class Load:
    """One delivery, written down before its first effect. The two ids have nothing in common."""

    number: int
    vault_id: bytes
    facts_id: bytes
    personal: bytes
    factual: bytes


class Votes(Protocol):
    """Open counts: who voted in which period, until the period and its grace are over."""

    def cast(self, votes: Sequence[Vote], counts: Mapping[str, Ballot], now: int) -> None:
        """Count each vote in the periods that hold ``now``, in one group of each set; a second vote changes nothing.

        A count that was closed stays closed: a vote that comes later changes neither it nor its figure,
        and still counts in those of its periods that are open.
        """
        ...

    def figures(self, k: int) -> list[Figure]:
        """Current numbers of every open group of a coarsest set that changed since it was told."""
        ...

    def close(self, now: int, k: int) -> list[Figure]:
        """Close counts whose period and grace are over, and tell their last numbers, of all sets.

        Their state goes, and their keys die with it. Only in a turn that found nothing older waiting: a closed count
        takes no vote any more, and what is told of a finer set is told once.
        """
        ...


class Turn(Protocol):
    """What the divider does to its desk in one transaction."""

    @property
    def votes(self) -> Votes:
        """The open counts, in this same transaction."""
        ...

    def unseen(self, hashes: Sequence[bytes], now: int) -> list[bool]:
        """Which message hashes are new (also within the list); remembers them from this hour for 24 hours.

        Hours are whole ones: a hash of hour h is new again from hour h + 24 on, whatever the minute.
        """
        ...

    def forget_repeats(self, now: int) -> None:
        """Delete the hashes that 24 hours have passed over. Only for a turn that found nothing older waiting."""
        ...

    def reached(self, positions: Mapping[bytes, int]) -> None:
        """How many entries of each segment are done."""
        ...

    def send(self, personal: bytes, factual: bytes) -> None:
        """Write the load down."""
        ...


class Desk(Protocol):
    """The divider's own store: positions, repeats, open counts and loads under way."""

    def turn(self) -> AbstractContextManager[Turn]:
        """One transaction: all of it or none of it."""
        ...

    def positions(self) -> dict[bytes, int]:
        """How many entries of each known segment are done."""
        ...

    def loads(self) -> Iterator[Load]:
        """Loads not yet delivered, oldest first."""
        ...

    def delivered(self, number: int) -> None:
        """Forget a load that both stores took."""
        ...

    def gone(self, segments: Sequence[bytes]) -> None:
        """Forget segments that were destroyed."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows of a question."""

    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]


SENT_ROWS_MAX = 5_000


class Facts(Protocol):
    """The non-personal store."""

    def prepare(self, stored: Generations) -> None:
        """Make the tables that are not there yet; what holds rows stays. Raises ValueError if one cannot hold them."""
        ...

    def contract(self, stored: Generations) -> None:
        """Drop the tables of everything else. It may end anywhere, and be done again."""
        ...

    def take(
        self,
        load: bytes,
        cells: Mapping[CellKey, Cell],
        figures: Sequence[Figure],
        tally: Sequence[tuple[object, ...]],
        *,
        sent: Sequence[tuple[object, ...]] = (),
    ) -> None:
        """Add the cells once, however often the load comes. Figures replace older ones of the same group.

        Facts and counts are named by their generations; what belongs to none that is stored is dropped.
        ``tally`` rows are (day in epoch seconds, app, item, purpose, fate, reason or '', n); those of ``sent`` are
        (day, app, protocol, SDK, version, path, need, n, variance of n).
        """
        ...

    def ask(self, sql: str) -> Answer:
        """Run a statement that ``policy/flow`` generated. Raises ValueError with words for people."""
        ...

    def schema(self) -> Answer:
        """Every column that is stored: table, column, type, and whether rows lie in its order."""
        ...

    def tally(self, day: int | None = None) -> Answer:
        """The sums of a day (epoch seconds), or of all: app, item, purpose, fate, reason, n."""
        ...

    def sent(self, day: int | None = None) -> Answer:
        """What SDKs sent on a day, or on all: app, protocol, sdk, version, path, need, n, error.

        At most ``SENT_ROWS_MAX`` rows. Beside an estimated n, ``error`` is 1.96 standard deviations: 95 of 100 such
        numbers are off by less.
        """
        ...
