"""What the divider does with time: counts close and repeats are forgotten when nothing older waits."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import desks
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from desks import HOUR, Cut, ms, open_figures
from stands import StillClock

from remit.flows.counters import Counters
from remit.flows.divide import TURN, Divider, DividerWorld
from remit.flows.entry import Entry, packed
from remit.flows.judging import Judges
from remit.flows.load import Factual, unpack_factual
from remit.policy.choices import NO_CHOICES
from remit.policy.columns import Batch
from remit.policy.compile import compiled
from remit.policy.model import Dimension, Policy
from remit.policy.periods import GRACE_MS
from remit.policy.words import Item, Kind, Period
from remit.ports import Desk, Portion, Position
from remit.proof.memory import MemoryDesk
from remit.stores.journal import Reader, Writer
from remit.stores.world import SystemChance

desk = desks.desk
EXAMPLE = Path(__file__).resolve().parents[2] / "examples/device-maker/remit.yaml"
PRIVATE = X25519PrivateKey.from_private_bytes(b"\x01" * 32)
NOON, MIDNIGHT = ms("2026-03-15T12:00"), ms("2026-03-16")
TODAY, OVER = ms("2026-03-15") // 1000, MIDNIGHT + GRACE_MS


@pytest.fixture(scope="module")
def policy() -> Policy:
    """The example, with numbers that are shown however small, and of users those of one set only."""
    found = compiled(EXAMPLE.read_text(encoding="utf-8"), EXAMPLE.name)
    assert isinstance(found, Policy)
    return replace(found, k=1, counts={"active_users": replace(found.counts["active_users"], sets=())})


class House:
    """A divider between a real journal and two lists."""

    def __init__(self, folder: Path, policy: Policy, desk: Desk) -> None:
        self.folder, self.policy, self.desk, self.clock = folder, policy, desk, StillClock(NOON)
        self.journal = Reader(folder, PRIVATE.private_bytes_raw())
        self.versions, self.loads = [policy], list[Factual]()
        self.counters = Counters()
        self.divider = self.opened(self.journal)

    def opened(self, journal: Reader) -> Divider:
        world = DividerWorld(
            journal=journal,
            desk=self.desk,
            to_vault=lambda _load, _half: None,
            to_facts=lambda _load, half: self.loads.append(unpack_factual(half)),
            judges=Judges(lambda: self.versions, lambda _policy: NO_CHOICES),
            clock=self.clock,
            repeat_key=b"r" * 32,
        )
        return Divider(world, self.counters)

    def acknowledge(self, *visits: tuple[str, int, str], worker: int = 0) -> None:
        """Page visits of somebody, at a time, under a message id: each an entry of its own."""
        entries = [self._entry(*visit) for visit in visits]
        public = PRIVATE.public_key().public_bytes_raw()
        writer = Writer(self.folder / f"worker-{worker}", public, chance=SystemChance())

        async def run() -> None:
            await asyncio.gather(*(writer.append(entry, self.policy.version) for entry in entries))

        asyncio.run(run())
        writer.close()

    def told(self, period: Period) -> list[tuple[int, int]]:
        """Starts and numbers of every figure that was sent, in order."""
        return [(one.start, one.identifiers) for load in self.loads for one in load.figures if one.period is period]

    def visits(self) -> int:
        """How many page visits the facts got."""
        return sum(n for load in self.loads for fact, _, n, _ in load.cells if fact == "page_visit")

    def _entry(self, who: str, received: int, message: str) -> bytes:
        columns = {Item("account.id"): [who], Item("page.url"): ["https://shop.example/"]}
        batch = Batch(kind=Kind.PAGE_VISIT, size=1, columns=columns, messages=[message])
        version = self.policy.version
        return packed(Entry(app="shop-web", version=version, received=received, batches=[batch], tally=[]))


@pytest.fixture
def house(tmp_path: Path, policy: Policy, desk: Desk) -> House:
    return House(tmp_path / "journal", policy, desk)


def open_periods(house: House) -> list[Period]:
    return [figure.period for figure in open_figures(house.desk)]


def test_a_count_stays_open_while_its_votes_wait_in_the_journal(house: House) -> None:
    """Of more entries than a turn takes nobody is lost: the day closes in the turn that finds nothing older."""
    house.acknowledge(*((f"user{n}", NOON, "") for n in range(TURN.entries + 1)))
    house.clock.at = OVER
    assert TURN.entries == house.divider.turn()
    assert [Period.DAY, Period.MONTH] == open_periods(house)

    assert 1 == house.divider.turn()
    assert [Period.MONTH] == open_periods(house)
    assert [(TODAY, TURN.entries), (TODAY, TURN.entries + 1)] == house.told(Period.DAY)


def test_finer_sets_are_told_once_when_nothing_waits(house: House) -> None:
    """In the turn that closes the count, with the k of the version in force then; until then only the coarsest is."""
    users = house.policy.counts["active_users"]
    chained = replace(users, sets=((), users.dimensions), every=(Period.DAY,))
    house.policy = replace(house.policy, k=2, counts={"active_users": chained})
    house.versions[:] = [house.policy, replace(house.policy, version=2, k=TURN.entries + 2)]
    house.acknowledge(*((f"user{n}", NOON, "") for n in range(TURN.entries + 1)))
    house.clock.at = OVER
    house.divider.drain()

    told = [(one.group, one.identifiers) for load in house.loads for one in load.figures]
    assert [(("(all)",), 0), (("(all)",), 0)] == told
    house.versions.pop()
    house.acknowledge(*((f"user{n}", OVER, "") for n in range(3)))
    house.clock.at = OVER + 48 * HOUR
    house.divider.drain()
    told = [(one.group, one.identifiers) for load in house.loads for one in load.figures][2:]
    assert [(("(all)",), 3), (("shop-web",), 3)] == told


def test_a_turn_takes_so_many_bytes(house: House) -> None:
    """Large entries go in portions, so that a load fits what carries it; the day closes when none is left."""
    house.acknowledge(*((f"{n}" * (TURN.size // 4), NOON, "") for n in range(1, 7)))
    house.clock.at = OVER

    assert [4, 2, 0] == [house.divider.turn() for _ in range(3)]
    assert [4, 6] == [sum(n for one in house.loads[:i] for *_, n, _h in one.cells) for i in (1, 2)]


def test_what_is_acknowledged_while_the_journal_is_read_is_in_time(house: House) -> None:
    """A turn closes by the time before it read: its own slowness makes no vote late."""
    house.acknowledge(("ada", NOON, ""))

    class SlowReader(Reader):
        def read(self, after: Mapping[bytes, int], most: Portion) -> list[tuple[Position, bytes]]:
            found = super().read(after, most)
            if house.clock.at < OVER:
                house.acknowledge(("bob", MIDNIGHT - 1, ""), worker=1)
                house.clock.at = OVER
            return found

    divider = house.opened(SlowReader(house.folder, PRIVATE.private_bytes_raw()))
    house.clock.at = MIDNIGHT - 1
    divider.drain()

    assert (TODAY, 2) == house.told(Period.DAY)[-1]
    assert [Period.MONTH] == open_periods(house)


def test_days_that_waited_in_the_journal_are_counted_as_days(house: House) -> None:
    """However long nobody divided: each day gets its figure and closes, the month has everybody once."""
    days = [NOON - n * 24 * HOUR for n in (2, 1, 0)]
    house.acknowledge(*(("ada", day, "") for day in days), ("bob", days[0], ""))
    house.clock.at = OVER
    house.divider.drain()

    assert {(TODAY - 2 * 86_400, 2), (TODAY - 86_400, 1), (TODAY, 1)} == set(house.told(Period.DAY))
    assert [Period.MONTH] == open_periods(house)
    assert 2 == house.told(Period.MONTH)[-1][1]


def test_a_turn_without_entries_closes_what_is_over(house: House) -> None:
    """At night, too, keys live no longer than they must."""
    house.acknowledge(("ada", NOON, ""))
    house.divider.drain()
    house.clock.at = OVER
    house.divider.drain()

    assert [Period.MONTH] == open_periods(house)
    assert [(TODAY, 1), (TODAY, 1)] == house.told(Period.DAY)


def test_an_entry_that_comes_after_its_day_closed_changes_no_figure_of_it(house: House) -> None:
    """As when a clock stepped back: the visit is a fact and counts in the month; the day's figure stays."""
    house.acknowledge(("ada", NOON, ""), ("bob", NOON, ""))
    house.clock.at = OVER
    house.divider.drain()
    house.acknowledge(("ada", NOON, ""), ("eve", NOON, ""))
    house.divider.drain()

    assert [(TODAY, 2)] == house.told(Period.DAY)
    assert 3 == house.told(Period.MONTH)[-1][1]
    assert [Period.MONTH] == open_periods(house)
    assert 4 == house.visits()


def test_a_repeat_counts_once_through_any_worker(house: House) -> None:
    """Within 24 hours the second of two records under one message id is dropped; without an id none is."""
    house.acknowledge(("ada", NOON, "m"), ("ada", NOON, ""), ("ada", NOON, ""))
    house.divider.drain()
    house.acknowledge(("ada", NOON + 23 * HOUR, "m"), worker=1)
    house.divider.drain()

    assert 3 == house.visits()


@pytest.mark.parametrize("between", [1, TURN.entries])
def test_a_backlog_makes_no_repeat_count_twice(house: House, between: int) -> None:
    """Though later entries, of this turn or an earlier one, are divided before the repeat, and a day has gone by."""
    fill: Sequence[tuple[str, int, str]] = [("bob", NOON + 30 * HOUR, f"b{n}") for n in range(between)]
    house.acknowledge(("ada", NOON, "m"), *fill)
    house.acknowledge(("ada", NOON + 1, "m"), worker=1)
    house.clock.at = NOON + 30 * HOUR
    house.divider.drain()

    assert 1 + between == house.visits()


def test_what_24_hours_passed_over_is_forgotten_once_nothing_older_waits(house: House) -> None:
    """After the turn that drained the journal there is nothing left to know the message by."""
    house.acknowledge(("ada", NOON, "m"))
    house.divider.drain()
    house.clock.at = NOON + 24 * HOUR
    house.divider.drain()
    house.acknowledge(("ada", NOON, "m"))
    house.divider.drain()

    assert 2 == house.visits()


def later(policy: Policy) -> Policy:
    """The next version: it knows no retention of accounts, and its visits and users have another column."""
    release = Dimension(name="release", item=Item("app.version"), reduction="major_minor", line=1)
    visits, users = policy.facts["page_visit"], policy.counts["active_users"]
    return replace(
        policy,
        version=2,
        collect=tuple(replace(rule, keep=None) if "email" in rule.items else rule for rule in policy.collect),
        facts={"page_visit": replace(visits, dimensions=(*visits.dimensions, release))},
        counts={"active_users": replace(users, every=(Period.DAY,))},
    )


def test_what_waited_when_a_version_was_adopted_is_judged_by_both(house: House) -> None:
    """It goes to its own version's tables, in periods that both have; what the later one does not keep is dropped."""
    house.acknowledge(("ada", NOON, ""), ("bob", NOON, ""))
    house.versions.append(later(house.policy))
    house.acknowledge(("eve", NOON, ""))
    house.policy = house.versions[-1]
    house.acknowledge(("ada", NOON, ""), ("kim", NOON, ""))
    house.divider.drain()

    (load,) = house.loads
    cells = Counter[str]()
    for fact, _, n, _ in load.cells:
        cells[fact] += n
    assert {"page_visit": 3, "page_visit_V2": 2} == cells
    dropped = {(item, purpose): n for _, _, item, purpose, _, reason, n in load.tally if reason == "superseded"}
    assert {("account.id", "run-account"): 3} == dropped
    assert [(TODAY, 4)] == house.told(Period.DAY)
    assert [] == house.told(Period.MONTH)


def test_every_turn_that_ends_well_is_told(house: House) -> None:
    """Who drains a backlog is told of each turn, in which it is delivered, and not only of the last."""
    house.acknowledge(*((f"user{n}", NOON, "") for n in range(TURN.entries + 1)))
    delivered = list[int]()
    house.divider.drain(lambda: delivered.append(house.visits()))

    assert [TURN.entries, TURN.entries + 1, TURN.entries + 1] == delivered


class FullDesk(MemoryDesk):
    """It cannot write down what its turns decided, until there is room."""

    room = False

    @contextmanager
    def turn(self) -> Iterator[MemoryDesk]:
        with super().turn() as turn:
            yield turn
            if not self.room:
                raise Cut


def test_a_turn_that_cannot_be_written_down_is_counted_once(tmp_path: Path, policy: Policy) -> None:
    """It comes again until the desk takes it, and what the console sums grows only then."""
    desk = FullDesk()
    house = House(tmp_path / "journal", policy, desk)
    house.acknowledge(("ada", NOON, ""))
    for _ in range(3):
        with pytest.raises(Cut):
            house.divider.drain()
    assert {} == house.counters.sums()

    desk.room = True
    house.divider.drain()
    assert 1 == house.counters.sums()["records"]
