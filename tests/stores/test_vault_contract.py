"""What every vault promises, in memory, on SQLite and on PostgreSQL; and that all three do the same."""

import tempfile
from pathlib import Path

import pytest
import stands
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from stands import ADA, BOB, DAY, EXPIRES, NOW, PHONE, Stand, block, values

from remit.policy.split import Block, Name
from remit.policy.words import Item, Value
from remit.ports import Held
from remit.proof.memory import MemoryVault
from remit.stores.tables import VALUES_PER_STATEMENT_MAX

postgres, stand = stands.postgres, stands.stand
NAMES = (ADA, BOB, PHONE, Name(Item("email"), "1:x"), Name(Item("email1"), ":x"))


def test_a_load_is_taken_once(stand: Stand) -> None:
    """However often a delivery is repeated, its blocks are there once; another load adds."""
    vault = stand.vault()
    for load in (b"1", b"1", b"2"):
        vault.take(load, [block(ADA)], EXPIRES)

    assert ["secret words"] * 2 == values(vault, ADA)


def test_how_many_blocks_lie_where_is_told_and_no_value(stand: Stand) -> None:
    """By version and rule: in all, with their time over by the rules that are given, and meant to stay beyond it."""
    vault = stand.vault()
    assert [] == vault.held(EXPIRES, NOW)

    vault.take(b"1", [block(ADA), block(BOB), block(ADA, rule=1), block(ADA, version=2)], EXPIRES)
    shorter = {(1, 0): 30 * DAY, (1, 1): DAY - 1}
    whole = [Held(1, 0, 2, 0, 0), Held(1, 1, 1, 0, 0), Held(2, 0, 1, 0, 0)]
    later = [Held(1, 0, 2, 0, 0), Held(1, 1, 1, 1, 1), Held(2, 0, 1, 1, 1)]

    assert whole == vault.held(EXPIRES, NOW + DAY - 1)
    assert later == vault.held(shorter, NOW + DAY - 1)
    assert [one._replace(over=one.blocks) for one in whole] == vault.held(EXPIRES, NOW + 30 * DAY)


def test_a_load_that_fails_leaves_nothing(stand: Stand) -> None:
    """A block without a retention stops the whole load, and the load can come again."""
    vault = stand.vault()
    with pytest.raises(KeyError):
        vault.take(b"1", [block(ADA), block(ADA, version=9)], EXPIRES)
    assert [] == values(vault, ADA)

    vault.take(b"1", [block(ADA)], EXPIRES)
    assert ["secret words"] == values(vault, ADA)


def test_values_come_back_as_they_were(stand: Stand) -> None:
    """Texts, whole and broken numbers, flags and an empty text keep value and type, row by row."""
    row: dict[Item, Value] = {Item("a"): "é", Item("b"): 2**63 - 1, Item("c"): 0.1, Item("d"): True, Item("e"): ""}
    vault = stand.vault()
    vault.take(b"1", [Block((ADA,), 2, 0, NOW, (row, {}))], EXPIRES)
    (kept,) = vault.read([ADA], [(2, 0)])

    assert (2, 0, NOW, repr((row, {}))) == (kept.version, kept.rule, kept.received, repr(kept.rows))


def test_a_block_is_found_by_every_name_it_came_with_and_no_other(stand: Stand) -> None:
    """Owner and mentioned lead to it, together only once; a stranger, or nobody, does not."""
    vault = stand.vault()
    vault.take(b"1", [block(ADA, PHONE, PHONE)], EXPIRES)

    assert [["secret words"]] * 3 == [values(vault, *names) for names in ((ADA,), (PHONE,), (ADA, PHONE))]
    assert [[], []] == [values(vault, BOB), values(vault)]


def test_names_that_look_alike_are_different(stand: Stand) -> None:
    """Where the item ends and the form begins is part of the name."""
    vault = stand.vault()
    vault.take(b"1", [block(NAMES[3])], EXPIRES)

    assert [["secret words"], []] == [values(vault, name) for name in NAMES[3:]]


def test_a_read_sees_only_the_rules_it_states(stand: Stand) -> None:
    """Version and rule both count; no rules, no blocks."""
    vault = stand.vault()
    kept = [block(ADA, rule=0, value="a"), block(ADA, rule=1, value="b"), block(ADA, version=2, value="c")]
    vault.take(b"1", kept, EXPIRES)

    stated: tuple[tuple[tuple[int, int], ...], ...] = ((), ((1, 1),), ((2, 0),), ((2, 1),), ((1, 0), (2, 0)))
    assert [[], ["b"], ["c"], [], ["a", "c"]] == [values(vault, ADA, rules=rules) for rules in stated]


def test_forgetting_takes_the_name_and_all_it_came_with(stand: Stand) -> None:
    """Blocks of the name and those that mention it go; others stay; the name is new afterwards."""
    vault = stand.vault()
    sent = [block(ADA, PHONE), block(PHONE, ADA), block(PHONE, value="before"), block(BOB, value="bob")]
    vault.take(b"1", sent, EXPIRES)

    assert [2, 0] == [vault.forget([ADA]), vault.forget([ADA])]
    assert [[], ["before"], ["bob"]] == [values(vault, name) for name in (ADA, PHONE, BOB)]
    assert [PHONE, BOB] == vault.knows([PHONE, ADA, BOB])
    vault.take(b"2", [block(ADA, value="again")], EXPIRES)
    assert ["again"] == values(vault, ADA)


def test_a_repeated_load_does_not_bring_back_the_forgotten(stand: Stand) -> None:
    """Forgetting does not make the vault forget which loads it took."""
    vault = stand.vault()
    vault.take(b"1", [block(ADA)], EXPIRES)
    vault.forget([ADA])
    vault.take(b"1", [block(ADA)], EXPIRES)

    assert [] == values(vault, ADA)


def test_time_ends_what_is_kept(stand: Stand) -> None:
    """From the very millisecond on a block cannot be read, and the next sweep destroys it once."""
    vault = stand.vault()
    vault.take(b"1", [block(ADA, rule=0, value="a"), block(ADA, rule=1, value="b")], EXPIRES)
    seen = []
    for at in (NOW + DAY - 1, NOW + DAY):
        stand.clock.at = at
        seen.append(values(vault, ADA))

    assert [["a", "b"], ["a"]] == seen
    assert [0, 1, 0] == [vault.expire(at) for at in (NOW + DAY - 1, NOW + DAY, NOW + DAY)]


def test_a_load_may_have_more_names_than_one_statement_holds(stand: Stand) -> None:
    """Everybody in a large load is found and can be forgotten."""
    names = [Name(Item("email"), f"user{n}@example.org") for n in range(VALUES_PER_STATEMENT_MAX + 2)]
    vault = stand.vault()
    vault.take(b"1", [block(name) for name in names], EXPIRES)

    assert names == vault.knows(names)
    assert len(names) == len(values(vault, *names)) == vault.forget(names)


class SameAsMemory(RuleBasedStateMachine):
    """Any history of the stored vault, with restarts, reads like that of the one in memory."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self.stand = stands.on_sqlite(Path(self._folder.name))
        self.vault, self.fake = self.stand.sql_vault(), MemoryVault(self.stand.clock)

    @rule(
        load=st.binary(min_size=1, max_size=1),
        sent=st.lists(st.tuples(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3), st.integers(0, 1))),
        value=st.text(max_size=5),
    )
    def take(self, load: bytes, sent: list[tuple[list[Name], int]], value: str) -> None:
        blocks = [Block(tuple(n), 1, which, self.stand.clock.at, ({Item("x"): value},)) for n, which in sent]
        for vault in (self.vault, self.fake):
            vault.take(load, blocks, EXPIRES)

    @rule(names=st.lists(st.sampled_from(NAMES), max_size=2))
    def forget(self, names: list[Name]) -> None:
        assert self.fake.forget(names) == self.vault.forget(names)

    @rule(hours=st.integers(1, 20))
    def wait(self, hours: int) -> None:
        self.stand.clock.at += hours * 3_600_000

    @rule()
    def expire(self) -> None:
        assert self.fake.expire(self.stand.clock.at) == self.vault.expire(self.stand.clock.at)

    @rule()
    def restart(self) -> None:
        self.vault = self.stand.sql_vault()

    @invariant()
    def reads_alike(self) -> None:
        assert self.fake.knows(NAMES) == self.vault.knows(NAMES)
        for name in NAMES:
            expected = sorted(map(repr, self.fake.read([name], [(1, 0), (1, 1)])))
            assert expected == sorted(map(repr, self.vault.read([name], [(1, 0), (1, 1)])))

    def teardown(self) -> None:
        assert self.stand.engine is not None
        self.stand.engine.dispose()
        self._folder.cleanup()


TestSameAsMemory = SameAsMemory.TestCase
TestSameAsMemory.settings = settings(
    max_examples=10, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
)
