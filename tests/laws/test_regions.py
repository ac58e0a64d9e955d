"""Laws of places tighten a policy, and never relax it."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from generated import batches, choices, policies
from hypothesis import given, settings
from hypothesis import strategies as st

from remit.policy.between import expiries
from remit.policy.catalogue import CATALOGUE
from remit.policy.choices import NO_CHOICES, ChoiceTable, Said, tag
from remit.policy.columns import Batch
from remit.policy.compile import compiled
from remit.policy.decide import decide
from remit.policy.model import Jurisdiction, Policy
from remit.policy.narrow import Narrower
from remit.policy.plan import plan
from remit.policy.regions import UNKNOWN, country_told, laws, rulings
from remit.policy.split import Split
from remit.policy.words import Fate, Item, Kind, PurposeKey, Reason, Value

RECEIVED = 1_764_000_000_000
ALL = Path(__file__).parents[1] / "policy" / "cases" / "sound-all.yaml"
BOTH = (Item("country"), Item("locale"))


def sound() -> Policy:
    """The policy that uses every key: the EEA asks for consents, the Netherlands forbid an item and keep less."""
    found = compiled(ALL.read_text(encoding="utf-8"), ALL.name)
    assert isinstance(found, Policy)
    return found


def kept(split: Split) -> Counter[object]:
    return Counter({(key.item, key.purpose): n for key, n in split.tally.items() if key.fate is Fate.KEPT})


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_law_never_keeps_more(data: st.DataObject) -> None:
    """With laws and rules of places nothing is kept, counted or shown that would not be without, and nothing longer."""
    policy = data.draw(policies())
    batch, table = data.draw(batches(policy)), data.draw(choices(policy))
    everywhere = tuple(replace(rule, countries=frozenset()) for rule in policy.collect)
    free = replace(policy, jurisdictions={}, collect=everywhere)
    bound, loose = (
        decide(plan(one, one.apps["shop"]), batch, choices=table, received=RECEIVED) for one in (policy, free)
    )
    longest = expiries([free])

    assert not kept(bound) - kept(loose)
    assert sum(cell.n for cell in bound.cells.values()) <= sum(cell.n for cell in loose.cells.values())
    assert len(bound.votes) <= len(loose.votes)
    assert all(
        keep <= longest[version, rule % len(free.collect)] for (version, rule), keep in expiries([policy]).items()
    )


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_who_tells_no_country_is_under_every_law(data: st.DataObject) -> None:
    """A record of an unknown country is treated as strictly as one of any country."""
    policy = data.draw(policies())
    batch, table = data.draw(batches(policy)), data.draw(choices(policy))
    app_plan = plan(policy, policy.apps["shop"])
    unknown, *known = (
        decide(
            app_plan, msgspec.structs.replace(batch, countries=[country] * batch.size), choices=table, received=RECEIVED
        )
        for country in (UNKNOWN, "NL", "DE", "US", "FR")
    )

    assert all(not kept(unknown) - kept(one) for one in known)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_the_country_travels_though_what_told_it_does_not(data: st.DataObject) -> None:
    """What intake leaves out changes no law: the divider judges by the country that intake saw."""
    policy = data.draw(policies())
    batch, table = data.draw(batches(policy)), data.draw(choices(policy))
    app_plan = plan(policy, policy.apps["shop"])
    left = Narrower(app_plan).narrow(batch, table).batch
    if left is not None and policy.jurisdictions:
        told = [
            country_told(
                policy.catalogue,
                policy.region,
                {item: value for item in batch.columns if (value := batch.columns[item][i]) is not None},
            )
            for i in range(batch.size)
        ]

        assert left.countries is not None
        assert not Counter(left.countries) - Counter(told)


@pytest.mark.parametrize(
    ("record", "country"),
    [
        ({"country": "nl", "locale": "en-US"}, "NL"),
        ({"country": "Neverland", "locale": "pt_BR"}, "BR"),
        ({"locale": "zh-Hans-CN"}, "CN"),
        ({"locale": "en"}, UNKNOWN),
        ({"locale": "no"}, UNKNOWN),
        ({"locale": "es-419"}, UNKNOWN),
        ({"locale": "en-ZZ"}, UNKNOWN),
        ({"country": 31, "locale": True}, UNKNOWN),
        ({}, UNKNOWN),
    ],
)
def test_the_first_that_tells_a_country_decides(record: dict[str, Value], country: str) -> None:
    """A country is two letters of ISO 3166-1, as such or in a locale; a language is none."""
    told = {Item(key): value for key, value in record.items()}

    assert country == country_told(CATALOGUE, BOTH, told)


def test_where_several_laws_reach_each_demand_holds() -> None:
    """The Netherlands are under their own law and that of the EEA, Germany under one, the United States under none."""
    found = laws(sound())

    assert [("eu", "nl"), ("eu",), (), ("eu", "nl")] == [
        found.of(country).jurisdictions for country in ("NL", "DE", "US", UNKNOWN)
    ]
    assert {Item("message.text")} == found.of("NL").forbidden
    assert (16, {PurposeKey("learn")}) == (found.of("DE").minimum_age, set(found.of("DE").consent))
    assert (0, set()) == (found.of("US").minimum_age, set(found.of("US").consent))


def test_the_shortest_of_several_limits_holds_and_shortens_only() -> None:
    """Two laws that limit one purpose leave the shorter time; neither lengthens what the policy has."""
    law = Jurisdiction(key="eu", countries=frozenset({"NL"}), consent=(), forbid=(), longest={}, minimum_age=0, line=1)
    deliver, answer = PurposeKey("deliver"), PurposeKey("answer")
    hours = timedelta(hours=1)
    several = {
        "eu": replace(law, longest={deliver: 9 * hours, answer: timedelta(days=9999)}),
        "nl": replace(law, key="nl", longest={deliver: 5 * hours}),
    }
    policy = replace(sound(), jurisdictions=several)
    strict = {rule.index: of.keep(rule) for _, rule, of in rulings(policy) if of.jurisdictions}

    assert 5 * hours == strict[0]
    assert timedelta(days=30) == strict[3]
    assert sorted(number for number, _, _ in rulings(policy)) == list(
        range(len(laws(policy).all) * len(policy.collect))
    )


def test_what_is_forbidden_names_nobody() -> None:
    """An identifier that a law forbids owns no block, and is mentioned by none; elsewhere it does both."""
    email, card = Item("email"), Item("loyalty.card")
    policy = sound()
    strict = replace(policy.jurisdictions["nl"], forbid=(email,))
    policy = replace(policy, jurisdictions={"nl": strict})
    columns = {email: ["ada@example.org"] * 2, card: ["card-of-ada"] * 2, Item("country"): ["NL", "US"]}
    batch = Batch(kind=Kind.ACCOUNT, size=2, columns=columns)
    split = decide(plan(policy, policy.apps["web"]), batch, choices=NO_CHOICES, received=RECEIVED)

    named = {tuple(name.item for name in block.names) for block in split.blocks}
    assert {(card,), (email, card)} == named
    assert [card] == [item for block in split.blocks if len(block.names) == 1 for row in block.rows for item in row]


def yes(*names: tuple[str, str]) -> ChoiceTable:
    """Those with these names said yes to everything."""
    return ChoiceTable(b"key", {tag(b"key", Item(item), form): Said(2**20 - 1, 0) for item, form in names})


@pytest.mark.parametrize(
    ("country", "news"),
    [
        ("DE", {"email": Fate.KEPT, "shipping_address": Fate.KEPT}),
        ("NL", {"email": Reason.FORBIDDEN, "shipping_address": Fate.KEPT}),
        ("US", {"email": Reason.FORBIDDEN, "shipping_address": Reason.FORBIDDEN}),
        ("Neverland", {"email": Reason.FORBIDDEN, "shipping_address": Reason.FORBIDDEN}),
    ],
)
def test_a_rule_of_some_countries_takes_nothing_elsewhere(country: str, news: dict[str, Fate | Reason]) -> None:
    """Where a rule does not hold, where a law forbids an item for its purpose, or nobody knows, it ends there."""
    policy = sound()
    said = {"email": "ada@example.org", "shipping_address": "Example Street 1", "country": country}
    batch = Batch(kind=Kind.ACCOUNT, size=1, columns={Item(key): [value] for key, value in said.items()})
    split = decide(
        plan(policy, policy.apps["web"]), batch, choices=yes(("email", "ada@example.org")), received=RECEIVED
    )

    assert news == {key.item: key.reason or key.fate for key in split.tally if key.purpose == "news"}
    others = {key.fate for key in split.tally if key.item == "email" and key.purpose in ("deliver", "answer")}
    assert others <= {Fate.KEPT, Fate.COUNTED}


def test_what_no_rule_takes_in_a_place_names_nobody_there() -> None:
    """An identifier that is collected in some countries only owns no block in others."""
    email, card = Item("email"), Item("loyalty.card")
    policy = sound()
    first, *_, last = policy.collect
    rules = (replace(first, items=(card,)), replace(last, index=1, items=(email,)))
    policy = replace(policy, collect=rules, jurisdictions={}, facts={}, counts={})
    columns = {email: ["ada@example.org"] * 2, card: ["card-of-ada"] * 2, Item("country"): ["NL", "US"]}
    batch = Batch(kind=Kind.ACCOUNT, size=2, columns=columns)
    split = decide(
        plan(policy, policy.apps["web"]), batch, choices=yes(("email", "ada@example.org")), received=RECEIVED
    )

    carded = [tuple(name.item for name in block.names) for block in split.blocks if card in next(iter(block.rows))]
    assert sorted([(card,), (email, card)]) == sorted(carded)


def test_a_code_of_no_country_is_under_every_law() -> None:
    """Two letters that ISO 3166-1 does not assign are an unknown country, and not one without a law."""
    found = laws(sound())

    assert found.of(UNKNOWN) == found.of("ZZ") == found.of("nl")


def test_intake_judges_each_record_by_its_own_law() -> None:
    """What the law of one country forbids is left out of its record, which is then empty, and stays in another's."""
    email = Item("email")
    policy = sound()
    policy = replace(policy, jurisdictions={"nl": replace(policy.jurisdictions["nl"], forbid=(email,))})
    columns = {email: ["ada@example.org", "ben@example.org"], Item("country"): ["NL", "US"]}
    batch = Batch(kind=Kind.ACCOUNT, size=2, columns=columns)
    left = Narrower(plan(policy, policy.apps["web"])).narrow(batch, NO_CHOICES).batch

    assert left is not None
    assert ["ben@example.org"] == list(left.columns[email])
