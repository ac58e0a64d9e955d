"""What requests refuse by signals is heard as the reference hears it, never means yes, and tells no choice."""

from collections import Counter
from dataclasses import dataclass

import pytest
from generated import worlds
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from test_decide import RECEIVED, seen

from remit.policy.choices import NO_CHOICES, Choices, ChoiceTable, Said, tag
from remit.policy.columns import Batch
from remit.policy.compile import compiled
from remit.policy.decide import decide
from remit.policy.judge import bars
from remit.policy.model import Policy
from remit.policy.narrow import Narrowed, Narrower
from remit.policy.plan import plan
from remit.policy.reference import Told, decide_one
from remit.policy.signals import SILENCE, Heard
from remit.policy.split import Split, merged
from remit.policy.words import Fate, Item, Kind, PurposeKey, Reason, Value

MASKS = st.integers(0, 7)


@st.composite
def signalled(draw: st.DrawFn) -> tuple[Policy, Batch, ChoiceTable, Heard]:
    """A world, what the request says by signals, and what some of its records say by themselves."""
    policy, batch, table = draw(worlds())
    masks = st.none() | st.lists(MASKS, min_size=batch.size, max_size=batch.size)
    heard = Heard(draw(MASKS), draw(MASKS), draw(MASKS))
    return policy, replace(batch, signals=draw(masks), granted=draw(masks)), table, heard


def taken(policy: Policy, batch: Batch, table: Choices, *, heard: Heard) -> tuple[Narrowed, Split]:
    """What intake and divider make of it, which does not hear the signals any more."""
    app_plan = plan(policy, policy.apps["shop"])
    narrowed = Narrower(app_plan).narrow(batch, table, heard)
    split = Split(tally=Counter(narrowed.tally))
    if narrowed.batch is not None:
        split.add(decide(app_plan, narrowed.batch, choices=table, received=RECEIVED))
    return narrowed, split


def by_reference(policy: Policy, batch: Batch, table: ChoiceTable, *, heard: Heard) -> Split:
    """What the slow reference says, record by record."""

    def named(mask: int) -> frozenset[PurposeKey]:
        return frozenset(key for place, key in enumerate(policy.purposes) if mask & 1 << place)

    splits = []
    for i in range(batch.size):
        values: dict[Item, Value] = {
            item: value for item, column in batch.columns.items() if (value := column[i]) is not None
        }
        own = batch.signals[i] if batch.signals else 0
        granted = batch.granted[i] if batch.granted else 0
        told = Told(
            batch.kind,
            values,
            RECEIVED,
            batch.weights[i] if batch.weights else 1,
            general=named(heard.general),
            specific=named(heard.specific | own),
            granted=named(heard.granted | granted),
        )
        splits.append(decide_one(policy, policy.apps["shop"], told, table))
    return merged(splits)


@settings(max_examples=300, deadline=None)
@given(signalled())
def test_signals_are_heard_as_the_reference_hears_them(world: tuple[Policy, Batch, ChoiceTable, Heard]) -> None:
    """A refusal that names the purpose wins; a general one yields to a choice that names it, where no law is final."""
    policy, batch, table, heard = world

    assert seen(by_reference(policy, batch, table, heard=heard)) == seen(taken(policy, batch, table, heard=heard)[1])


@settings(max_examples=200, deadline=None)
@given(signalled())
def test_a_signal_never_means_yes(world: tuple[Policy, Batch, ChoiceTable, Heard]) -> None:
    """Whatever a request says without a proof, no use happens that would not have happened in silence."""
    policy, batch, table, heard = world
    batch, heard = replace(batch, granted=None), heard._replace(granted=0)
    silence = replace(batch, signals=None)

    def happened(split: Split) -> Counter[object]:
        return Counter({key: n for key, n in split.tally.items() if key.fate is Fate.KEPT})

    loud, silent = (taken(policy, one, table, heard=said)[1] for one, said in ((batch, heard), (silence, SILENCE)))

    assert not happened(loud) - happened(silent)
    assert sum(cell.n for cell in loud.cells.values()) <= sum(cell.n for cell in silent.cells.values())
    assert len(loud.votes) <= len(silent.votes)


@settings(max_examples=200, deadline=None)
@given(signalled())
def test_what_a_reply_may_tell_hangs_on_nobodys_choice(world: tuple[Policy, Batch, ChoiceTable, Heard]) -> None:
    """The ends that a client is told are those of a stranger who sends the same."""
    policy, batch, table, heard = world

    known, stranger = (taken(policy, batch, said, heard=heard)[0] for said in (table, NO_CHOICES))

    tallied: Counter[Reason | None] = Counter()
    for key, uses in stranger.tally.items():
        tallied[key.reason] += uses
    assert known.told == stranger.told == [tallied]


@settings(max_examples=200, deadline=None)
@given(signalled())
def test_a_yes_that_travels_does_what_one_of_the_ledger_does(world: tuple[Policy, Batch, ChoiceTable, Heard]) -> None:
    """Of a record that names somebody it comes to the same; no name is made for one that names nobody."""
    policy, batch, table, heard = world
    granted, batch = heard.granted, replace(batch, granted=None)
    app_plan = plan(policy, policy.apps["shop"])
    named = [i for i, names in enumerate(bars(app_plan, batch, table).owners) if names]
    silent = heard._replace(granted=0)

    ledger = taken(policy, batch.only(named), _Granted(table, granted), heard=silent)[1]
    assert seen(ledger) == seen(taken(policy, batch.only(named), table, heard=heard)[1])
    blocks = taken(policy, batch, table, heard=heard)[1].blocks
    assert {block.names for block in blocks} <= set(bars(app_plan, batch, table).owners)


@dataclass(frozen=True)
class _Granted:
    """What was said, and besides that everybody granted something."""

    choices: ChoiceTable
    granted: int

    def said(self, item: Item, form: str) -> Said:
        said = self.choices.said(item, form)
        return Said(said.granted | self.granted, said.refused)


FINAL = """
version: 1
controller: {name: Example Shop, contact: privacy@example.org, country: NL}
purposes:
  learn: {says: to learn which pages are read, basis: legitimate-interest, dpv: ServiceUsageAnalytics}
apps:
  shop: {id: 1, key: demo}
automated: none
signals: {gpc: [learn]}
region: [country]
jurisdictions:
  us: {countries: [US], signals: final}
collect:
  - {items: [account.id, country], from: device, for: learn, keep: 7d}
"""


@pytest.mark.parametrize(
    ("country", "said", "kept", "conflicts"),
    [
        ("NL", None, False, 0),
        ("NL", Said(1, 0), True, 1),
        ("NL", Said(1, 1), False, 0),
        ("US", Said(1, 0), False, 0),
    ],
)
def test_a_choice_outweighs_a_general_signal_where_no_law_is_final(
    country: str, said: Said | None, kept: bool, conflicts: int
) -> None:
    """A grant that was proved does, unless another of the subject's choices refuses, or the place's law has it so."""
    policy = compiled(FINAL, "remit.yaml")
    assert isinstance(policy, Policy), policy
    batch = Batch(kind=Kind.ACCOUNT, size=1, columns={Item("account.id"): ["ada"], Item("country"): [country]})
    table = NO_CHOICES if said is None else ChoiceTable(b"k", {tag(b"k", Item("account.id"), "ada"): said})
    narrowed, split = taken(policy, batch, table, heard=Heard(general=1))

    assert (kept, conflicts) == (bool(split.blocks), narrowed.outweighed)
