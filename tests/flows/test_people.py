"""What may be read about one subject, for which purpose."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from stands import DAY, StillClock

from remit.flows.divide import expiries
from remit.flows.people import NotAllowed, People, Surroundings
from remit.policy.choices import tag
from remit.policy.compile import compiled
from remit.policy.model import Policy
from remit.policy.split import Block, Name
from remit.policy.words import Choice, Item, PurposeKey
from remit.ports import Receipt
from remit.proof.memory import MemoryLedger, MemoryVault
from remit.stores.world import SystemChance

ALL = (Path(__file__).parents[1] / "policy" / "cases" / "sound-all.yaml").read_text(encoding="utf-8")
ADA = Name(Item("email"), "ada@example.org")
CARD = Name(Item("loyalty.card"), "card-of-ada")
REFUSAL = Receipt("r", 0, 1, PurposeKey("deliver"), Choice.REFUSE)


def policy_of(text: str) -> Policy:
    """The compiled policy."""
    found = compiled(text, "remit.yaml")
    assert isinstance(found, Policy), found
    return found


@dataclass
class House:
    """The flows about people over stores in memory; the last of the versions is in force."""

    versions: list[Policy]
    clock: StillClock = field(default_factory=StillClock)
    ledger: MemoryLedger = field(default_factory=MemoryLedger)

    def __post_init__(self) -> None:
        self.vault = MemoryVault(self.clock)
        self.people = People(
            self.versions[-1],
            Surroundings(
                ledger=self.ledger,
                vault=self.vault,
                clock=self.clock,
                chance=SystemChance(),
                tag_key=b"k" * 32,
                announce=lambda: None,
                versions=self.versions,
            ),
        )

    def keep(self, name: Name, *, version: int = 1, rule: int = 0, item: Item | None = None) -> None:
        """One block of this name, under a rule of a version: its own form, as the name's item or another."""
        load = f"{len(self.vault.loads)}".encode()
        block = Block((name,), version, rule, self.clock.now(), ({item or name.item: name.form},))
        self.vault.take(load, [block], expiries(self.versions))

    def read(self, purpose: str, who: str = ADA.form) -> list[tuple[Item, object]]:
        """Items and values that a read for this purpose finds."""
        return [(found.item, found.value) for found in self.people.person(who, purpose)]


def test_a_read_for_a_further_purpose_opens_what_was_assessed_for_it() -> None:
    """What is kept for one purpose is read for another only where the policy says why that is compatible."""
    house = House([policy_of(ALL)])
    house.keep(ADA)

    assert [[(ADA.item, ADA.form)]] * 2 == [house.read("deliver"), house.read("answer")]
    assert [] == house.read("learn")


def test_an_assessment_opens_nothing_that_was_collected_before_it() -> None:
    """A version that assesses a further use does not widen what an earlier one collected."""
    before = ALL[: ALL.index("    compatible:")] + ALL[ALL.index("  answer: {says") :]
    house = House([policy_of(before), policy_of(ALL.replace("version: 1", "version: 2"))])
    house.keep(ADA, version=1)

    assert [(ADA.item, ADA.form)] == house.read("deliver")
    assert [] == house.read("answer")
    house.keep(ADA, version=2)
    assert [(ADA.item, ADA.form)] == house.read("answer")


def test_who_refused_the_purpose_of_collection_refused_what_follows_from_it() -> None:
    """A further purpose reads nothing that was kept for a purpose which the subject has refused since."""
    needless = ALL.replace("{any: [email, loyalty.card], for: deliver}", "{item: email, for: deliver}")
    house = House([policy_of(needless.replace(", required: without it no parcel reaches you", ""))])
    house.keep(CARD)
    assert [(CARD.item, CARD.form)] == house.read("answer", CARD.form)

    house.people.choose(CARD.form, "deliver", Choice.REFUSE)

    assert [] == house.read("answer", CARD.form)
    with pytest.raises(NotAllowed):
        house.read("deliver", CARD.form)


FREE_CARD = ALL.replace("{any: [email, loyalty.card], for: deliver}", "{item: email, for: deliver}").replace(
    ", required: without it no parcel reaches you", ""
)
"""A policy in which a service needs the address and nobody needs the card, both collected to deliver."""


def test_a_refusal_ends_the_reading_of_what_can_be_refused_and_of_nothing_else() -> None:
    """What a service needs stays and is read, as the answer to the refusal says; what nobody needs is read no more."""
    house = House([policy_of(FREE_CARD)])
    house.keep(ADA)
    house.keep(ADA, item=CARD.item)

    chosen = house.people.choose(ADA.form, "deliver", Choice.REFUSE)

    assert [ADA.item] == list(chosen.stays)
    assert [(ADA.item, ADA.form)] == house.read("deliver")
    assert [] == list(house.people.choose(ADA.form, "deliver", Choice.GRANT).stays)


def test_a_need_of_a_later_version_opens_nothing_that_was_refused() -> None:
    """What could be refused when it was collected stays refused, whatever a service needs since."""
    house = House([policy_of(FREE_CARD), policy_of(ALL.replace("version: 1", "version: 2"))])
    house.ledger.choose(REFUSAL, [tag(b"k" * 32, CARD.item, CARD.form)])
    house.keep(CARD)
    with pytest.raises(NotAllowed):
        house.read("deliver", CARD.form)

    house.keep(CARD, version=2)
    assert [(CARD.item, CARD.form)] == house.read("deliver", CARD.form)


def test_who_is_known_by_an_item_of_the_policy_s_own_can_be_found_and_forgotten() -> None:
    """An own item that identifies is a name like any other: read and forgotten under it."""
    house = House([policy_of(ALL)])
    house.keep(CARD)

    assert [(CARD.item, CARD.form)] == house.read("deliver", " card-of-ada ")
    assert 1 == house.people.forget(CARD.form)
    assert [] == house.read("deliver", CARD.form)


def test_what_stays_while_an_account_exists_stays_until_it_is_forgotten() -> None:
    """No time ends it; forgetting the account does, at once."""
    house = House([policy_of(ALL)])
    house.keep(ADA, rule=1)
    house.clock.at += 9999 * 365 * DAY
    house.vault.expire(house.clock.now())

    assert [(ADA.item, ADA.form)] == house.read("answer")
    assert 1 == house.people.forget(ADA.form)
    assert [] == house.read("answer")


def test_what_is_temporary_is_gone_after_a_day() -> None:
    """Twenty-four hours after it was received nobody reads it, and the next round destroys it."""
    house = House([policy_of(ALL)])
    house.keep(ADA, rule=2, item=Item("message.text"))
    house.clock.at += DAY - 1
    assert [(Item("message.text"), ADA.form)] == house.read("answer")

    house.clock.at += 1
    assert [] == house.read("answer")
    assert 1 == house.vault.expire(house.clock.now())
