"""What every vault promises, in memory, on SQLite and on PostgreSQL; and that all three do the same."""

import tempfile
from pathlib import Path

import pytest
import stands
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from stands import ADA, BOB, DAY, EXPIRES, HERE, NOW, PHONE, THERE, Stand, block, led, values

from remit.policy.choices import tag
from remit.policy.columns import Rows
from remit.policy.split import Block, Clue, Name
from remit.policy.words import Item, Value
from remit.ports import Held
from remit.proof.memory import MemoryVault
from remit.stores.tables import VALUES_PER_STATEMENT_MAX

postgres, stand = stands.postgres, stands.stand
CLUES = (HERE, THERE, Clue(HERE.item, HERE.form, 1))
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
    vault.take(b"1", [Block((ADA,), 2, 0, NOW, Rows.made([row, {}]))], EXPIRES)
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


def test_a_clue_leads_to_the_blocks_of_everybody_who_shares_it_and_no_others(stand: Stand) -> None:
    """It names nobody: nothing is read under it, nobody is known by it, and who share it stay apart."""
    vault = stand.vault()
    sent = [block(ADA, PHONE, value="a", clues=[HERE]), block(BOB, value="b", clues=[HERE, THERE]), block(BOB)]
    vault.take(b"1", sent, EXPIRES)
    here = Name(HERE.item, HERE.form)

    assert [["a", "b"], ["b"], ["a", "b"]] == [led(vault, HERE), led(vault, THERE), led(vault, THERE, HERE)]
    assert [[], []] == [values(vault, here), vault.knows([here])]
    assert 0 == vault.forget([here])
    assert [["a"], ["a", "b"]] == [values(vault, ADA), led(vault, HERE)]
    assert [] == led(vault, Clue(Item("net.i"), f"p{HERE.form}", 0))


def test_a_clue_leads_to_blocks_of_the_stated_rules_and_not_to_more_than_asked(stand: Stand) -> None:
    """Version and rule both count; of what is left so many, so that a crowd is noticed and not read."""
    vault = stand.vault()
    kept = [block(ADA, rule=0, value="a", clues=[HERE]), block(ADA, version=2, value="b", clues=[HERE])]
    vault.take(b"1", [*kept, *[block(BOB, value="c", clues=[THERE])] * 7], EXPIRES)
    stated: tuple[tuple[tuple[int, int], ...], ...] = ((), ((1, 0),), ((2, 0),), ((1, 1), (2, 1)))

    assert [[], ["a"], ["b"], []] == [led(vault, HERE, rules=rules) for rules in stated]
    assert [1, 7] == [len(vault.led([Name(THERE.item, THERE.form)], [(1, 0), (2, 0)], most)) for most in (1, 8)]


def test_what_a_clue_leads_to_says_whose_it_is(stand: Stand) -> None:
    """A tag for each name that it came with, as choices are recorded under."""
    vault = stand.vault()
    vault.take(b"0", [block(BOB)], EXPIRES)
    vault.take(b"1", [block(ADA, PHONE, clues=[HERE]), block(BOB, clues=[THERE])], EXPIRES)
    tags = [set(one.tags) for clue in (HERE, THERE) for one in vault.led([Name(*clue[:2])], [(1, 0)], 9)]

    assert [{tag(stand.tag_key, *name) for name in named} for named in ((ADA, PHONE), (BOB,))] == tags


def test_a_clue_ends_with_its_own_rule_and_with_its_block(stand: Stand) -> None:
    """The block may stay longer, then nothing leads there; the longest of the rules that keep the clue counts."""
    short = Clue(HERE.item, HERE.form, 1)
    vault = stand.vault()
    sent = [block(ADA, value="a", clues=[short]), block(ADA, value="b", clues=[short, HERE])]
    vault.take(b"1", [*sent, block(ADA, rule=1, value="c", clues=[HERE])], EXPIRES)
    seen = [led(vault, HERE)]
    stand.clock.at = NOW + DAY
    seen += [led(vault, HERE), values(vault, ADA)]

    assert [["a", "b", "c"], ["b"], ["a", "b"]] == seen
    assert [1, 0] == [vault.expire(stand.clock.at) for _ in range(2)]
    assert ["b"] == led(vault, HERE)
    assert 2 == vault.forget([ADA])
    assert [] == led(vault, HERE)


class SameAsMemory(RuleBasedStateMachine):
    """Any history of the stored vault, with restarts, reads like that of the one in memory."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self.stand = stands.on_sqlite(Path(self._folder.name))
        self.vault, self.fake = self.stand.sql_vault(), MemoryVault(self.stand.clock)

    @rule(
        load=st.binary(min_size=1, max_size=1),
        sent=st.lists(
            st.tuples(
                st.lists(st.sampled_from(NAMES), min_size=1, max_size=3),
                st.integers(0, 1),
                st.lists(st.sampled_from(CLUES), max_size=2),
            )
        ),
        value=st.text(max_size=5),
    )
    def take(self, load: bytes, sent: list[tuple[list[Name], int, list[Clue]]], value: str) -> None:
        blocks = [
            Block(tuple(n), 1, which, self.stand.clock.at, Rows.made([{Item("x"): value}]), tuple(clues))
            for n, which, clues in sent
        ]
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
        for clue in CLUES:
            assert led(self.fake, clue) == led(self.vault, clue)

    def teardown(self) -> None:
        assert self.stand.engine is not None
        self.stand.engine.dispose()
        self._folder.cleanup()


TestSameAsMemory = SameAsMemory.TestCase
TestSameAsMemory.settings = settings(
    max_examples=10, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
)
