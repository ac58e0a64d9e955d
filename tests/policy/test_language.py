"""What the language says, and what becomes of it: in the compiled policy, in decisions, in the notice."""

from pathlib import Path

from remit.policy.catalogue import CATALOGUE
from remit.policy.choices import NO_CHOICES
from remit.policy.compile import adopted, compiled
from remit.policy.language import PARTS
from remit.policy.model import Policy
from remit.policy.plan import names_of
from remit.policy.reference import Told, decide_one
from remit.policy.render.notice_markdown import markdown
from remit.policy.services import State, offered, standings
from remit.policy.split import Name
from remit.policy.words import Item, Kind, PurposeKey, Reason, Sensitivity, Value

CASES = Path(__file__).parent / "cases"
ALL = (CASES / "sound-all.yaml").read_text()
CARD, BATTERY = Item("loyalty.card"), Item("watch.battery")
AT = 1_764_000_000_000


def policy_of(text: str = ALL) -> Policy:
    """The compiled policy; its problems, where it has some, are what pytest shows."""
    found = compiled(text, "remit.yaml")
    assert isinstance(found, Policy), found
    return found


def told(policy: Policy, **values: Value) -> Told:
    """A page visit that bears these items; ``__`` stands for the dot in a key."""
    known = {Item(key.replace("__", ".")): value for key, value in values.items()}
    assert known.keys() <= policy.catalogue.keys()
    return Told(Kind.PAGE_VISIT, known, AT)


def test_one_sound_policy_uses_every_key() -> None:
    """No key of the language goes without a policy in which it works."""
    text = ALL.replace("{item:", "{any:")
    keys = {part.rstrip("!") for parts in PARTS.values() for part in parts.split()}

    policy_of()
    assert {"item"} == {key for key in keys if f"{key}:" not in text}


def test_what_programs_decide_is_told() -> None:
    """The notice says what, how and what may follow; that nothing is decided; and nothing, where nobody was asked."""
    sound = (CASES / "sound.yaml").read_text()
    decided, none = (markdown(policy_of(text)) for text in (ALL, sound))
    unsaid = adopted(sound.replace("automated: none", ""))

    for words in ("whether you may pay on account", "from how often you paid on time", "you pay in advance instead"):
        assert words in decided
    assert "is decided by programs alone" in none
    assert unsaid.automated is None
    assert "programs alone" not in markdown(unsaid)


def test_what_a_device_is_read_for_is_told() -> None:
    """Of each statistic the notice says on which ground it reads a device, and what exempts it from consent."""
    lines = {line.partition("'")[2].partition("'")[0]: line for line in markdown(policy_of()).splitlines()}

    assert "without asking first; you may refuse. We rely on guidelines of the CNIL" in lines["visits"]
    assert "only if you agree" in lines["events"]
    assert "only what a service that you ask for needs" in lines["buyers"]
    for name in ("visits", "events", "active"):
        assert "as our legitimate interest, unless you object." in lines[name]


def test_own_items_stand_behind_the_catalogue() -> None:
    """A policy's own items are added, none is changed, and those that identify come last among the names."""
    policy = policy_of()

    assert [*CATALOGUE, CARD, BATTERY] == [*policy.catalogue]
    assert all(policy.catalogue[key] is entry for key, entry in CATALOGUE.items())
    assert policy.catalogue[CARD].sensitivity is Sensitivity.IDENTIFIER
    assert policy.catalogue[CARD].terms == CATALOGUE[Item("account.id")].terms
    assert (Item("account.id"), Item("email"), CARD) == names_of(policy)


def test_own_items_are_judged_as_all_items_are() -> None:
    """Who bears nothing but an item of the policy's own is somebody: kept, counted, and measured by its type."""
    policy = policy_of()
    sound = told(policy, country="US", loyalty__card=" 17 ", watch__battery=47)
    unsound = told(policy, country="US", loyalty__card="null", watch__battery="x")
    split, broken = (decide_one(policy, policy.apps["web"], one, NO_CHOICES) for one in (sound, unsound))

    assert [(Name(CARD, "17"),)] == [block.names for block in split.blocks]
    assert [(CARD, "17")] == [(vote.item, vote.form) for vote in split.votes]
    assert [{"charge"}] == [set(cell.histograms) for cell in split.cells.values()]
    assert ([], [], [set()]) == (broken.blocks, broken.votes, [set(one.histograms) for one in broken.cells.values()])


def test_own_items_are_told() -> None:
    """The notice names an own item by its title wherever a rule, fact or count takes it."""
    text = markdown(policy_of())

    assert "You tell us: email address and number of your loyalty card; to deliver what you buy" in text
    assert "with the distribution of page-visit duration, in seconds and charge of the battery" in text


def test_a_further_purpose_is_told_with_its_assessment() -> None:
    """The notice says what else may be read, all five factors of why, and how long anything stays."""
    policy = policy_of()
    (assessment,) = policy.purposes[PurposeKey("deliver")].compatible
    factors = [getattr(assessment, factor) for factor in ("link", "context", "nature", "consequences", "safeguards")]
    text = " ".join(markdown(policy).split())

    assert PurposeKey("answer") == assessment.purpose
    assert [] == [factor for factor in factors if factor not in text]
    assert "may also be read to answer what you ask us." in text
    assert "Nothing stays for it longer than 3 years." in text


def test_what_ends_with_an_account_is_kept_for_accounts_only() -> None:
    """A record that names a device, but nobody who could end the account, leaves nothing for as long as that."""
    policy = policy_of(ALL.replace("[account.id, loyalty.card", "[account.id, device.oaid, loyalty.card"))
    values: dict[str, Value] = {"name": "Ada", "device__oaid": "0123456789abcdef", "country": "US"}
    known = decide_one(policy, policy.apps["web"], told(policy, email="ada@example.org", **values), NO_CHOICES)
    device = decide_one(policy, policy.apps["web"], told(policy, **values), NO_CHOICES)

    assert {0, 1} == {block.rule % len(policy.collect) for block in known.blocks}
    assert [] == device.blocks
    assert {Reason.NO_ACCOUNT} == {key.reason for key in device.tally if key.item == "name"}


def test_how_long_and_why_is_told() -> None:
    """The notice says what stays with the account, what only for a day, and why something cannot be refused."""
    text = " ".join(markdown(policy_of()).split())

    assert "We keep it until you have us forget your account." in text
    assert "We keep it for 1 day." in text
    assert "You cannot refuse this: without it no parcel reaches you." in text


def test_a_service_stops_with_one_that_it_requires() -> None:
    """What a required service needs, the service needs: it stops with it, and people are told so."""
    policy = policy_of()
    everything = offered(policy)
    deliver = frozenset(grant for grant in everything if grant.purpose == "deliver")
    answer = frozenset(grant for grant in everything if grant.purpose == "answer")
    states = [
        [standings(policy, granted)[key].state for key in ("shop", "track", "page")]
        for granted in (everything, everything - deliver, everything - answer)
    ]
    works, degrades, stops = State.WORKS, State.DEGRADES, State.STOPS

    assert [[works, works, works], [stops, stops, works], [works, degrades, works]] == states
    assert "To see what became of an order, we need email address or number of your loyalty card" in markdown(policy)


def test_requiring_goes_through_others() -> None:
    """A service stops with whatever stands behind it, however far."""
    far = ALL.replace("  page: {says: read our pages}", "  page: {says: read our pages, requires: track}")

    assert standings(policy_of(far), frozenset())["page"].state is State.STOPS
