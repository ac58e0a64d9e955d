"""What may be read about one subject, for which purpose."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import pytest
from stands import DAY, StillClock

from remit.flows.people import ANYBODY, LED_MAX, Chosen, NotAllowed, People, PeopleWorld, Who
from remit.flows.standing import standing
from remit.policy.between import expiries
from remit.policy.choice_tokens import HEARD_DAYS, HeardToken, verifier
from remit.policy.choices import tag
from remit.policy.columns import Rows
from remit.policy.compile import compiled
from remit.policy.model import Policy
from remit.policy.regions import laws, ruling
from remit.policy.split import Block, Clue, Name
from remit.policy.words import Choice, Item, PurposeKey
from remit.ports import Held, Receipt
from remit.proof.memory import MemoryLedger, MemoryVault

ALL = (Path(__file__).parents[1] / "policy" / "cases" / "sound-all.yaml").read_text(encoding="utf-8")
TOKEN_KEY = b"t" * 32
ADA = Name(Item("email"), "ada@example.org")
CARD = Name(Item("loyalty.card"), "card-of-ada")
REFUSAL = Receipt("r", 0, 1, PurposeKey("deliver"), Choice.REFUSE)
BOB = Name(Item("email"), "bob@example.org")
GUARD = """\
  guard: {says: to keep accounts safe, basis: legitimate-interest, dpv: FraudPreventionAndDetection}
  offer: {says: to show you what fits you, basis: consent, dpv: Advertising}
"""
ADDRESSES = """\
  - {items: [net.ip, email, loyalty.card], from: log, for: guard, keep: 1d}
  - {items: [net.ip, email], from: log, for: offer, keep: 1d}
"""
WITH_ADDRESSES = ALL.replace("\nservices:\n", f"\n{GUARD}services:\n").replace("\nfacts:\n", f"\n{ADDRESSES}facts:\n")
"""The same policy; it also keeps addresses, for a purpose that may be refused and for one that needs a yes."""
GUARDING, OFFERING = 7, 8
"""The rules that say so."""
SHARED, OFFERED = (Clue(Item("net.ip"), "192.0.2.1", rule) for rule in (GUARDING, OFFERING))


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
            self.versions,
            PeopleWorld(
                ledger=self.ledger,
                vault=self.vault,
                clock=self.clock,
                tag_key=self.vault.tag_key,
                token_key=TOKEN_KEY,
                announce=lambda: None,
            ),
        )

    def keep(
        self,
        name: Name,
        *,
        version: int = 1,
        rule: int = 0,
        item: Item | None = None,
        clues: Sequence[Clue] = (),
    ) -> None:
        """One block of this name, under a rule of a version: its own form, as the name's item or another."""
        load = f"{len(self.vault.loads)}".encode()
        rows = ({item or name.item: name.form},)
        block = Block((name,), version, rule, self.clock.now(), Rows.made(rows), tuple(clues))
        self.vault.take(load, [block], expiries(self.versions))

    def choose(self, identifier: str, purpose: str, choice: Choice, *, who: Who = ANYBODY) -> Chosen:
        """What somebody says, for the first time."""
        return self.people.choose(identifier, purpose, choice, receipt=uuid4(), who=who)

    def read(self, purpose: str, who: str = ADA.form) -> list[tuple[Item, object]]:
        """Items and values that a read for this purpose finds."""
        return [(found.item, found.value) for found in self.people.person(who, purpose)]


def test_a_read_for_a_further_purpose_opens_what_was_assessed_for_it() -> None:
    """What is kept for one purpose is read for another only where the policy says why that is compatible."""
    house = House([policy_of(ALL)])
    house.keep(ADA)

    assert [[(ADA.item, ADA.form)]] * 2 == [house.read("deliver"), house.read("answer")]
    assert [] == house.read("learn")


def test_whether_a_purpose_ever_keeps_anything_hangs_on_nobody() -> None:
    """What is kept for it, or for another that it was assessed with: by the policies alone, in an empty vault, too."""
    house = House([policy_of(ALL)])
    assessed = House([policy_of(ALL.replace("      answer:\n", "      learn:\n"))])
    kept = [one.people.keeps(purpose) for one in (house, assessed) for purpose in ("deliver", "learn")]
    house.choose(ADA.form, "learn", Choice.REFUSE)

    assert [True, False, True, True] == kept
    assert [] == house.read("learn") == house.read("learn", "nobody@example.org")


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

    house.choose(CARD.form, "deliver", Choice.REFUSE)

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

    chosen = house.choose(ADA.form, "deliver", Choice.REFUSE)

    assert [ADA.item] == list(chosen.stays)
    assert [(ADA.item, ADA.form)] == house.read("deliver")
    assert [] == list(house.choose(ADA.form, "deliver", Choice.GRANT).stays)


def test_a_choice_that_is_said_again_stands_as_it_was() -> None:
    """Under its receipt's id it is answered with what stands, whatever would be asked of one that is said now.

    It overrides nothing that was said since, and nobody else's choice is answered under that id.
    """
    house, again = House([policy_of(FREE_CARD)]), uuid4()
    first = house.people.choose(ADA.form, "learn", Choice.GRANT, receipt=again, who=Who("DE", 16))
    house.choose(ADA.form, "learn", Choice.REFUSE)
    house.clock.at += DAY
    later = House([*house.versions, policy_of(ALL.replace("version: 1", "version: 2"))], house.clock, house.ledger)

    for one in (house, later):
        assert first == one.people.choose(ADA.form, "learn", Choice.GRANT, receipt=again)
    assert {Choice.REFUSE} == {words[PurposeKey("learn")].choice for words in house.ledger.choices().values()}
    for who, choice in ((BOB, Choice.GRANT), (ADA, Choice.REFUSE)):
        with pytest.raises(ValueError, match="another choice"):
            house.people.choose(who.form, "learn", choice, receipt=again)


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


def test_an_address_leads_to_what_came_with_it_for_its_own_purpose() -> None:
    """In any spelling, to everybody who shared it; for no other purpose, and to nothing that it did not come with."""
    house = House([policy_of(WITH_ADDRESSES)])
    for name, clues in ((ADA, [SHARED]), (BOB, [SHARED]), (CARD, [])):
        house.keep(name, rule=GUARDING, clues=clues)

    assert [(ADA.item, ADA.form), (BOB.item, BOB.form)] == house.read("guard", " ::ffff:192.0.2.1 ")
    assert [[], []] == [house.read("deliver", SHARED.form), house.read("guard", "192.0.2.2")]


def test_an_address_leads_to_nobody_who_refused_since() -> None:
    """Whose block it is has the last word, under any of its names; the others who shared the address stay."""
    house = House([policy_of(WITH_ADDRESSES)])
    for name in (ADA, BOB):
        house.keep(name, rule=GUARDING, clues=[SHARED])
    house.choose(ADA.form, "guard", Choice.REFUSE)

    assert [(BOB.item, BOB.form)] == house.read("guard", SHARED.form)


def test_an_address_leads_to_those_alone_who_gave_the_consent_that_is_needed() -> None:
    """As a name does: nobody's silence is a yes, and a consent that was taken back is none."""
    house = House([policy_of(WITH_ADDRESSES)])
    for name in (ADA, BOB):
        house.keep(name, rule=OFFERING, clues=[OFFERED])
        house.choose(name.form, "offer", Choice.GRANT, who=Who(age=30))
    house.choose(BOB.form, "offer", Choice.REFUSE)

    assert [(ADA.item, ADA.form)] == house.read("offer", SHARED.form)


def test_an_address_that_was_refused_does_not_lead_even_to_what_cannot_be() -> None:
    """An order needs the email address and not the other one: the first is still read, and no longer found by it."""
    text = WITH_ADDRESSES.replace("[net.ip, email], from: log, for: offer", "[net.ip, email], from: log, for: deliver")
    needless = text.replace("  offer: {says: to show you what fits you, basis: consent, dpv: Advertising}\n", "")
    house = House([policy_of(needless)])
    house.keep(ADA, rule=OFFERING, clues=[OFFERED])
    assert [(ADA.item, ADA.form)] == house.read("deliver", SHARED.form)
    house.choose(ADA.form, "deliver", Choice.REFUSE)

    assert [(ADA.item, ADA.form)] == house.read("deliver")
    assert [] == house.read("deliver", SHARED.form)


def test_nothing_is_chosen_or_forgotten_under_an_address() -> None:
    """Many may share it: a wish about one of them would be a wish about all. The words say whom to name instead."""
    house = House([policy_of(WITH_ADDRESSES)])
    house.keep(ADA, rule=GUARDING, clues=[SHARED])
    for wish in (
        lambda: house.people.forget(SHARED.form),
        lambda: house.choose(SHARED.form, "guard", Choice.REFUSE),
    ):
        with pytest.raises(NotAllowed, match="say the account or the device"):
            wish()

    assert [(ADA.item, ADA.form)] == house.read("guard", SHARED.form)
    assert {} == house.ledger.choices()


def test_who_is_called_like_an_address_is_somebody() -> None:
    """A name that the vault knows is a name, whatever it looks like; the address of others leads nowhere then."""
    house = House([policy_of(WITH_ADDRESSES)])
    house.keep(Name(CARD.item, SHARED.form), rule=0)
    house.keep(ADA, rule=GUARDING, clues=[SHARED])

    assert [(CARD.item, SHARED.form)] == house.read("deliver", SHARED.form)
    assert 1 == house.people.forget(SHARED.form)
    assert [(ADA.item, ADA.form)] == house.read("guard", SHARED.form)


def test_a_crowd_behind_an_address_is_not_read() -> None:
    """More blocks than one subject could have left say that the address tells of nobody."""
    house = House([policy_of(WITH_ADDRESSES)])
    for _ in range(LED_MAX):
        house.keep(ADA, rule=GUARDING, clues=[SHARED])
    assert LED_MAX == len(house.read("guard", SHARED.form))

    house.keep(BOB, rule=GUARDING, clues=[SHARED])
    with pytest.raises(NotAllowed, match="a crowd shares it"):
        house.read("guard", SHARED.form)


def test_an_address_that_no_policy_keeps_is_no_identifier() -> None:
    """Where addresses are not kept, nothing was written down that one could lead to."""
    without = ALL.replace("account.id, loyalty.card", "loyalty.card").replace("[account.id, ", "[")
    house = House([policy_of(without.replace("type: identifier, like", "type: uuid, like"))])
    with pytest.raises(NotAllowed, match="not an identifier"):
        house.read("deliver", SHARED.form)


def test_an_address_of_an_earlier_version_leads_as_long_as_it_stays() -> None:
    """What was kept under a version that is no longer in force is found by what that version kept."""
    names_alone = ADDRESSES.replace("net.ip, ", "")
    later = WITH_ADDRESSES.replace(ADDRESSES, names_alone).replace("version: 1", "version: 2")
    house = House([policy_of(WITH_ADDRESSES), policy_of(later)])
    house.keep(ADA, rule=GUARDING, clues=[SHARED])

    assert [(ADA.item, ADA.form)] == house.read("guard", SHARED.form)


GUARDED = ALL.replace("for: answer, keep: temporary}", "for: learn, keep: 30d}").replace(
    ", message.text], keep", "], keep"
)
"""A policy that keeps something on a legitimate interest, for which the law of the EEA asks for a consent."""


def test_what_was_kept_under_a_law_that_asks_is_read_with_a_yes_only() -> None:
    """A block from where a consent is asked for opens while there is one; a block from elsewhere opens without."""
    policy = policy_of(GUARDED)
    abroad, at_home = (ruling(2, laws(policy).of(country).number, len(policy.collect)) for country in ("US", "DE"))
    house = House([policy])
    house.keep(ADA, rule=abroad, item=Item("message.text"))
    assert 1 == len(house.read("learn"))

    house.keep(ADA, rule=at_home, item=Item("message.text"))
    assert 1 == len(house.read("learn"))
    house.choose(ADA.form, "learn", Choice.GRANT, who=Who("DE", 16))
    assert 2 == len(house.read("learn"))
    house.choose(ADA.form, "learn", Choice.REFUSE)
    with pytest.raises(NotAllowed):
        house.read("learn")


@pytest.mark.parametrize(
    ("who", "taken"),
    [
        (Who("DE", 16), True),
        (Who("DE", 15), False),
        (Who("DE"), False),
        (Who("", 15), False),
        (Who("US", 12), True),
        (Who("US"), True),
    ],
)
def test_nobody_consents_below_the_age_of_consent(who: Who, taken: bool) -> None:
    """A yes counts from the age that the law of the place asks for; an unknown age, and an unknown place, are a no."""
    house = House([policy_of(GUARDED)])
    if taken:
        house.choose(ADA.form, "learn", Choice.GRANT, who=who)
        house.people.token("web", ["learn"], [], who=who)
    else:
        with pytest.raises(NotAllowed, match="16"):
            house.choose(ADA.form, "learn", Choice.GRANT, who=who)
        with pytest.raises(NotAllowed, match="16"):
            house.people.token("web", ["learn"], [], who=who)
    house.people.token("web", ["answer"], ["learn"], who=who)
    house.choose(ADA.form, "learn", Choice.REFUSE, who=who)
    house.choose(ADA.form, "answer", Choice.GRANT, who=who)


@pytest.mark.parametrize("country", ["DE", "US", ""])
def test_a_rule_may_ask_for_an_age_that_no_law_does(country: str) -> None:
    """Nobody younger than a rule says can agree to its purpose, wherever they are, nor who does not say how old."""
    house = House([policy_of(ALL)])
    for age in (None, 17):
        with pytest.raises(NotAllowed, match="18"):
            house.choose(ADA.form, "news", Choice.GRANT, who=Who(country, age))
    house.choose(ADA.form, "news", Choice.GRANT, who=Who(country, 18))
    house.choose(ADA.form, "news", Choice.REFUSE, who=Who(country, 17))


def test_a_token_says_what_was_said_today_and_leaves_nothing_behind() -> None:
    """Under the version in force, each purpose once; the ledger knows of no token, and so of nobody who bears one."""
    policy = policy_of(ALL)
    house = House([policy])
    made = house.people.token("web", ["answer", "answer"], ["learn"])
    bits = {key: 1 << i for i, key in enumerate(policy.purposes)}
    answer, learn = (bits[PurposeKey(key)] for key in ("answer", "learn"))
    by = verifier(policy, house.people.consents.covered(policy), TOKEN_KEY)

    assert made.text.startswith(f"remit-1:1:{made.day}:web:answer:learn:")
    assert HeardToken(answer, learn, None) == by.hear(made.text, app="web", received=house.clock.now())
    assert (1, HEARD_DAYS) == (made.version, (made.heard_until - made.day).days)
    assert [] == house.ledger.receipts


NARROW = (Path(__file__).parents[1] / "server/narrow.yaml").read_text(encoding="utf-8")
WIDER = NARROW.replace("version: 1\n", "version: 2\n").replace("campaign.source]", "campaign.source, os.name]")
PHONE, ADS = Name(Item("device.oaid"), "123e4567e89b42d3a456426614174000"), "measure-ads"


def test_a_purpose_in_other_words_opens_nothing_that_was_collected_before() -> None:
    """The key is the same, the statement or its term is not: what an earlier version collected was not for that."""
    reworded = ALL.replace("version: 1", "version: 2").replace("to deliver what you buy", "to tell what you may like")
    house = House([policy_of(ALL), policy_of(reworded)])
    house.keep(ADA, version=1)
    assert [] == house.read("deliver")
    assert [] == house.read("answer"), "nor for what follows from it"

    house.keep(ADA, version=2)
    assert [(ADA.item, ADA.form)] == house.read("deliver")
    same = ALL.replace("version: 1", "version: 2").replace("to deliver what you buy", "to  deliver what you buy")
    house = House([policy_of(ALL), policy_of(same)])
    house.keep(ADA, version=1)
    assert [(ADA.item, ADA.form)] == house.read("deliver")


def test_what_came_under_a_consent_opens_to_none_who_gave_none_whatever_a_later_version_stands_on() -> None:
    """A version that no longer asks for a yes does not open what an earlier one collected under one."""
    free = NARROW.replace("version: 1\n", "version: 2\n").replace(
        "basis: consent, dpv: Advertising", "basis: legitimate-interest, dpv: Advertising"
    )
    house = House([policy_of(NARROW), policy_of(free)])
    house.keep(PHONE, version=1, rule=4)
    assert [] == house.read(ADS, PHONE.form)

    house.keep(PHONE, version=2, rule=4)
    assert 1 == len(house.read(ADS, PHONE.form))


def test_what_lies_there_may_stay_as_long_as_its_own_version_says() -> None:
    """A later version that keeps for a shorter time makes nothing late that came before it."""
    longer, shorter = (
        policy_of(NARROW),
        policy_of(NARROW.replace("version: 1\n", "version: 2\n").replace("30d", "7d")),
    )
    house = House([longer])
    house.keep(PHONE, version=1, rule=4)
    world = house.people._world

    assert [Held(1, 4, 1, 0, 0)] == standing(world, [longer, shorter])["held"]


def test_a_consent_opens_what_it_was_given_to_and_no_more() -> None:
    """A version that widens a purpose has to be consented to anew; what came under the one before opens as before."""
    house = House([policy_of(NARROW), policy_of(WIDER)])
    grant = Receipt("g", 0, 1, PurposeKey(ADS), Choice.GRANT)
    house.ledger.choose(grant, [tag(b"k" * 32, PHONE.item, PHONE.form)])
    house.keep(PHONE, version=1, rule=4)
    house.keep(PHONE, version=2, rule=4)
    assert 1 == len(house.read(ADS, PHONE.form))

    house.choose(PHONE.form, ADS, Choice.GRANT)
    assert 2 == len(house.read(ADS, PHONE.form))


def test_who_is_known_by_what_is_collected_no_more_is_found_and_forgotten() -> None:
    """Names of every version count: what was collected under them is there still, and goes with them."""
    without = ALL.replace("version: 1", "version: 2").replace("loyalty.card, page.url", "page.url")
    without = without.replace("email, loyalty.card", "email").replace("[account.id, loyalty.card]", "[account.id]")
    without = "\n".join(line for line in without.splitlines() if not line.startswith("  loyalty.card:"))
    house = House([policy_of(ALL), policy_of(without)])
    house.keep(CARD)

    assert 1 == house.people.forget(CARD.form)


def test_a_yes_to_read_a_device_is_a_consent_too() -> None:
    """Where nothing else of a purpose waits for a yes, but the reading of a device does, the age of consent holds."""
    reads = GUARDED.replace("consent: [learn], ", "")
    free = re.sub("device_access: consent", "device_access: exempt, exemption: a law", reads)
    too_young = Who("DE", 15)

    House([policy_of(free)]).choose(ADA.form, "learn", Choice.GRANT, who=too_young)
    with pytest.raises(NotAllowed, match="16"):
        House([policy_of(reads)]).choose(ADA.form, "learn", Choice.GRANT, who=too_young)
