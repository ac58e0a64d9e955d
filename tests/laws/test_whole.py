"""L1, from the bytes that an SDK sent to the rows of the stores: every use of every value ends as the policy says.

A full walk over the JSON and the slow reference say what must become of it; compiled decoders, journal, divider and
stores must come to the same.
"""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import pytest
from disk import OnDisk
from everything import everything
from generated import policies
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stands import on_sqlite
from test_apart import example

from remit.policy.choices import Choices
from remit.policy.flow import checked
from remit.policy.generations import stored
from remit.policy.model import Policy
from remit.policy.periods import GRACE_MS, period_start
from remit.policy.plan import plan
from remit.policy.reference import Told, decide_one
from remit.policy.regions import rulings
from remit.policy.split import Block, Cell, CellKey, Split, TallyKey, merged
from remit.policy.words import Fate, Item, Reason
from remit.proof.outside import Outside
from remit.proof.pairs import Weaver
from remit.proof.small import Coins, SmallHouse, SteadyClock
from remit.proof.trace import START, Sent, Step, Turned
from remit.proof.walked import walked
from remit.stores.facts import ChdbFacts

Row = tuple[str, str, str, str, str]
"""App, item, purpose, fate, reason."""


class Watched(SmallHouse):
    """A house beside which the reference says, request by request, what must become of it."""

    def __init__(self, policy: Policy, folder: Path, **parts: object) -> None:
        coins, self.disk = Coins(random.Random(1), sample_all=True), OnDisk(folder)
        super().__init__(policy, coins=coins, journal=self.disk(coins), k=1, **parts)  # type: ignore[arg-type]  # parts of the same house
        self.policy, self.due, self.over = policy, list[tuple[int, Split]](), 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.disk.close()

    def live(self, trace: Sequence[Step]) -> Outside:
        """Step by step, each request divided before the next choice: who judges again finds the same choices."""
        for step in trace:
            self.over = step.at if isinstance(step, Turned) else step.received if isinstance(step, Sent) else self.over
            if isinstance(step, Sent):
                self.due.append((step.received, due(self.policy, step, self.table())))
                super().live([step, Turned(step.received)])
            else:
                super().live([step])
        return self.outside

    @property
    def whole(self) -> Split:
        """The sum of what is due."""
        return merged([split for _, split in self.due])


def due(policy: Policy, sent: Sent, choices: Choices) -> Split:
    """What the policy says of one request, record by record."""
    app = policy.apps[sent.app]
    tables = plan(policy, app).tables
    return merged(
        [
            decide_one(policy, app, Told(record.kind, record.values, sent.received, record.weight), choices)
            for record in walked(sent.request, sent.received)
            if record.told_for is None or record.told_for in tables[record.kind].items
        ]
    )


def row(key: TallyKey) -> Row:
    """A key of the tally as it stands in a row."""
    return key.app, key.item, key.purpose, key.fate.value, key.reason.value if key.reason else ""


def told(outside: Outside) -> Counter[Row]:
    """The tally of all loads."""
    found: Counter[Row] = Counter()
    for half in outside.halves():
        for _, app, item, purpose, fate, reason, n in half.tally:
            found[app, item, purpose, fate, reason] += n
    return found


def cells(outside: Outside) -> dict[CellKey, Cell]:
    """The cells of all loads, summed."""
    total: dict[CellKey, Cell] = {}
    for half in outside.halves():
        for key, cell in half.as_cells().items():
            total.setdefault(key, Cell()).add(cell)
    return total


def figures(policy: Policy, whole: Sequence[tuple[int, Split]], over: int) -> dict[tuple[object, ...], int]:
    """How many identifiers each group of each period must have, of finer sets where the period is ``over``."""
    voters: dict[tuple[object, ...], set[tuple[Item, str]]] = {}
    for received, split in whole:
        for vote in split.votes:
            count = policy.counts[vote.count]
            for period in count.every:
                start, end = period_start(period, received)
                for place, columns in enumerate(count.sets or [count.dimensions]):
                    if place == 0 or end * 1000 + GRACE_MS <= over:
                        pairs = zip(vote.group, count.dimensions, strict=True)
                        group = tuple(value if one in columns else "(all)" for value, one in pairs)
                        voters.setdefault((vote.count, period, start, group), set()).add((vote.item, vote.form))
    return {polled: len(who) for polled, who in voters.items()}


def newest(outside: Outside) -> dict[tuple[object, ...], int]:
    """The last figure of each group."""
    return {(f.count, f.period, f.start, f.group): f.identifiers for half in outside.halves() for f in half.figures}


def kept(blocks: Sequence[Block]) -> Counter[object]:
    """Rows with the names and the rule that they are kept under."""
    return Counter(
        (frozenset(b.names), b.clues, b.version, b.rule, b.received, repr(sorted(one.items())))
        for b in blocks
        for one in b.rows
    )


def check(policy: Policy, folder: Path, trace: Sequence[Step]) -> None:
    """The law, for one trace."""
    with Watched(policy, folder) as house:
        outside = house.live(trace)
        whole = house.whole
        assert Counter({row(key): n for key, n in whole.tally.items()}) == told(outside)
        assert dict(whole.cells) == cells(outside)
        assert figures(policy, house.due, house.over) == newest(outside)
        assert kept(whole.blocks) == kept([block for block, _ in house.vault.blocks])  # type: ignore[attr-defined]  # in memory


@pytest.mark.parametrize("made", [example, everything])
def test_what_was_sent_is_where_the_policy_says(made: Callable[[], Policy], tmp_path: Path) -> None:
    """Tally, cells, figures and blocks equal what a walk over the JSON and the slow reference say they must be."""
    policy = made()
    weaver = Weaver(policy, repeats=0)
    for seed in range(1, 60):
        check(policy, tmp_path / str(seed), weaver.pair(seed).left)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(policy=policies(), seed=st.integers(1, 1 << 30))
def test_whatever_the_policy_says(policy: Policy, seed: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The same for generated policies."""
    check(policy, tmp_path_factory.mktemp("house"), Weaver(policy, repeats=0).pair(seed).left)


def test_real_stores_hold_what_the_policy_says(tmp_path: Path) -> None:
    """The same with the vault on SQLite and the facts on the embedded engine, read back as people read them."""
    policy, clock = example(), SteadyClock()
    facts, stand = ChdbFacts(tmp_path / "facts"), on_sqlite(tmp_path)
    facts.prepare(stored([policy]))
    stand.clock.at = START
    trace = [step for seed in range(1, 15) for step in Weaver(policy, repeats=0).pair(seed).left[:-1]]
    with Watched(policy, tmp_path / "journal", clock=clock, vault=stand.sql_vault(), facts=facts) as house:
        house.live(trace)
        whole = house.whole
    rows = {tuple(found[:5]): found[5] for found in facts.tally().rows}
    assert {row(key): n for key, n in whole.tally.items()} == rows
    for fact in policy.facts.values():
        names = [dimension.name for dimension in fact.dimensions]
        asked = facts.ask(checked(f"SELECT {', '.join(names)}, n FROM {fact.name}", policy).sql)
        due_cells = {key.dimensions: cell.n for key, cell in whole.cells.items() if key.fact == fact.name}
        assert due_cells == {tuple(map(seconds, found[:-1])): found[-1] for found in asked.rows}
    facts.close()
    rules = [(policy.version, number) for number, _, _ in rulings(policy)]
    vault = stand.sql_vault()
    for name in {name for block in whole.blocks for name in block.names}:
        held = Counter(repr(sorted(one.items())) for block in vault.read([name], rules) for one in block.rows)
        assert Counter(repr(sorted(one.items())) for b in whole.blocks if name in b.names for one in b.rows) == held


def seconds(value: object) -> object:
    """A time as the engine tells it, in epoch seconds; anything else as it is."""
    try:
        return int(datetime.fromisoformat(str(value)).replace(tzinfo=UTC).timestamp())
    except ValueError:
        return value


def test_repeats_end_once_more_and_are_nowhere_else(tmp_path: Path) -> None:
    """A record that comes again changes no store; every use of its values ends as dropped, most of them as repeat."""
    policy = example()
    once = [step for step in Weaver(policy, repeats=0).pair(3).left if isinstance(step, Sent)]
    named = [step for step in once if all(record.message for record in walked(step.request, step.received))]
    with Watched(policy, tmp_path / "a") as single, Watched(policy, tmp_path / "b") as double:
        first, again = single.live(named), double.live([step for step in named for _ in range(2)])
        assert named
        assert cells(first) == cells(again)
        assert newest(first) == newest(again)
        assert single.vault.blocks == double.vault.blocks  # type: ignore[attr-defined]  # in memory
        more = told(again) - told(first)
        assert sum(told(first).values()) == sum(more.values())
        assert {Fate.DROPPED.value} == {fate for _, _, _, fate, _ in more}
        assert Reason.REPEAT.value in {reason for *_, reason in more}
