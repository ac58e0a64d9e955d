"""What a difference tells: nothing where nothing differs, everything that differs, and each widening by its name."""

import re
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from generated import MEASURES, SENT, policies
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from remit.policy.catalogue import CATALOGUE
from remit.policy.change import Effect
from remit.policy.compare import difference
from remit.policy.compile import adopted
from remit.policy.model import (
    Assessment,
    Collect,
    Controller,
    Count,
    Dimension,
    Disclosure,
    Fact,
    Grant,
    Jurisdiction,
    Measure,
    Need,
    Policy,
    Provider,
    Purpose,
    Recipient,
    Service,
    Verdict,
)
from remit.policy.plan import plans
from remit.policy.render.notice_markdown import markdown
from remit.policy.services import offered
from remit.policy.words import (
    WHILE_ACCOUNT,
    Basis,
    DeviceAccess,
    Expression,
    Item,
    Kind,
    Label,
    Period,
    PurposeKey,
    Role,
    Source,
    SubjectGroup,
)

NEW = PurposeKey("new")
DAY = timedelta(days=1)
Edit = Callable[[Policy], Policy]


FRIENDS = Provider(key="friends", name="Example Friends", country="DE", says="a network", line=1)
CARRIER = Recipient(
    key="carrier", name="Example Parcels", country="NL", role=Role.PROCESSOR, told=(), line=1, transfer="rules"
)


LAW = Jurisdiction(
    key="eu", countries=frozenset({"DE", "NL"}), consent=(), forbid=(), longest={}, minimum_age=16, line=1
)


@st.composite
def sound(draw: st.DrawFn) -> Policy:
    """Policies in which one item for one purpose stands in one rule, and that holds in some places."""
    policy = draw(policies())
    seen: set[tuple[Item, PurposeKey]] = set()
    rules: list[Collect] = []
    for rule in policy.collect:
        items = tuple(item for item in rule.items if (item, rule.purpose) not in seen)
        seen |= {(item, rule.purpose) for item in items}
        if items:
            rules.append(replace(rule, items=items, index=len(rules), countries=frozenset(), minimum_age=0))
    rules[0] = replace(rules[0], countries=frozenset({"NL", "DE"}), minimum_age=18)
    one = replace(CARRIER, told=(telling(replace(policy, collect=tuple(rules)), *rules[0].items),))
    return replace(
        policy,
        collect=tuple(rules),
        recipients={"carrier": one},
        providers={"friends": FRIENDS},
        region=(Item("country"), Item("locale")),
        jurisdictions={"eu": LAW, "west": replace(LAW, key="west", countries=frozenset({"US"}), minimum_age=13)},
    )


def rule(policy: Policy, **more: Any) -> Policy:
    """The policy with its first collection rule changed."""
    return replace(policy, collect=(replace(policy.collect[0], **more), *policy.collect[1:]))


def purpose(policy: Policy, **more: Any) -> Policy:
    """The policy with the purpose of its first rule changed."""
    key = policy.collect[0].purpose
    return replace(policy, purposes={**policy.purposes, key: replace(policy.purposes[key], **more)})


def visits(policy: Policy, **more: Any) -> Policy:
    """The policy with one fact changed."""
    return replace(policy, facts={**policy.facts, "visits": replace(policy.facts["visits"], **more)})


def people(policy: Policy, **more: Any) -> Policy:
    """The policy with its count changed, or made."""
    made = Count(
        name="people", of=(SENT[0],), every=(Period.DAY,), dimensions=(), purpose=policy.collect[0].purpose, line=1
    )
    return replace(policy, counts={"people": replace(policy.counts.get("people", made), **more)})


def shop(policy: Policy, **more: Any) -> Policy:
    """The policy with its app changed."""
    return replace(policy, apps={"shop": replace(policy.apps["shop"], **more)})


def service(policy: Policy, **more: Any) -> Policy:
    """The policy with its service changed."""
    return replace(policy, services={**policy.services, "shop": replace(policy.services["shop"], **more)})


def unheard(policy: Policy) -> Item:
    """An item that the policy does not collect."""
    known = {item for one in policy.collect for item in one.items}
    return next(item for item in SENT if item not in known)


def further(policy: Policy) -> Assessment:
    """A recorded reason to read what the first rule keeps for another purpose."""
    other = next(key for key in policy.purposes if key != policy.collect[0].purpose)
    return Assessment(purpose=other, link="l", context="c", nature="n", consequences="q", safeguards="s", line=1)


def apart(policy: Policy) -> Policy:
    """The same with the first rule written as two."""
    first, others = policy.collect[0], policy.collect[1:]
    parts = [replace(first, items=items) for items in (first.items[:1], first.items[1:]) if items]
    return replace(policy, collect=tuple(replace(one, index=at) for at, one in enumerate((*parts, *others))))


def also(policy: Policy, **parts: Any) -> Policy:
    """The policy with one more collection rule."""
    one = replace(policy.collect[0], index=len(policy.collect), **parts)
    return replace(policy, collect=(*policy.collect, one))


def elsewhere(policy: Policy) -> Policy:
    """The policy with the items of its first rule collected for another of its purposes, where none of them is yet."""
    known = offered(policy)
    free = [key for key in policy.purposes if not any((item, key) in known for item in policy.collect[0].items)]
    return also(policy, purpose=free[0]) if free else policy


def law(policy: Policy, **more: Any) -> Policy:
    """The policy with one jurisdiction changed, or made."""
    return replace(
        policy, jurisdictions={**policy.jurisdictions, "eu": replace(policy.jurisdictions.get("eu", LAW), **more)}
    )


def reading(policy: Policy) -> Policy:
    """The policy with a fact that reads devices where it read none, or without asking where it asked."""
    was = policy.facts["visits"].access
    freer = {DeviceAccess.NONE: DeviceAccess.CONSENT, DeviceAccess.CONSENT: DeviceAccess.NECESSARY}
    return visits(policy, access=freer.get(was, was))


def verdict(policy: Policy) -> Policy:
    """The policy with one more thing that programs alone decide."""
    one = Verdict(says="s", logic="l", consequences="c", purpose=policy.collect[0].purpose, line=1)
    return replace(policy, automated=(*(policy.automated or ()), one))


def telling(policy: Policy, *items: Item) -> Disclosure:
    """What a recipient is told of these items, for the purpose of the first rule."""
    return Disclosure(items=items, purpose=policy.collect[0].purpose, line=1)


def recipient(policy: Policy) -> Policy:
    """The policy with one more recipient, of what its first rule takes."""
    one = replace(CARRIER, key="more", told=(telling(policy, *policy.collect[0].items),))
    return replace(policy, recipients={**policy.recipients, "more": one})


def told(policy: Policy, **more: Any) -> Policy:
    """The policy with its recipient changed."""
    return replace(policy, recipients={**policy.recipients, "carrier": replace(policy.recipients["carrier"], **more)})


def another_source(policy: Policy) -> Policy:
    """The policy with its first rule also from a source from which nothing comes yet."""
    known = {one.source for one in policy.collect}
    return also(policy, source=next(source for source in [*Source][::-1] if source not in known))


def column(policy: Policy) -> tuple[Dimension, ...]:
    """The columns of a fact, with one more that it does not show."""
    old = policy.facts["visits"].dimensions
    new = Dimension(name="more", item=Item("os.name"), reduction="os_family", line=1)
    return old if any(one.item == new.item and one.reduction == new.reduction for one in old) else (*old, new)


def measures(policy: Policy) -> tuple[Measure, ...]:
    """The histograms of a fact, with one more."""
    old = policy.facts["visits"].measures
    new = next(item for item in MEASURES if item not in {one.item for one in old})
    return (*old, Measure(name="more", item=new, line=1))


def renamed(owner: Fact) -> tuple[Dimension, ...]:
    """The same columns under other names."""
    return tuple(replace(one, name=f"{one.name}x") for one in owner.dimensions)


WIDENINGS: dict[str, tuple[Effect, Edit]] = {
    "an item": (Effect.COLLECTED, lambda p: rule(p, items=(*p.collect[0].items, unheard(p)))),
    "a rule": (Effect.COLLECTED, lambda p: also(p, items=(unheard(p),))),
    "a purpose": (
        Effect.PURPOSE,
        lambda p: replace(p, purposes={**p.purposes, NEW: replace(next(iter(p.purposes.values())), key=NEW)}),
    ),
    "a purpose of an item": (Effect.PURPOSE, elsewhere),
    "a purpose of a fact": (
        Effect.PURPOSE,
        lambda p: visits(p, purpose=next(key for key in p.purposes if key != p.facts["visits"].purpose)),
    ),
    "a further purpose": (Effect.PURPOSE, lambda p: purpose(p, compatible=(further(p),))),
    "a source": (Effect.SOURCE, another_source),
    "a recipient": (Effect.DISCLOSED, recipient),
    "a role": (Effect.DISCLOSED, lambda p: told(p, role=Role.CONTROLLER)),
    "another country": (Effect.DISCLOSED, lambda p: told(p, country="SG")),
    "a telling": (
        Effect.DISCLOSED,
        lambda p: told(
            p,
            told=(*p.recipients["carrier"].told, Disclosure(items=(unheard(p),), purpose=p.collect[0].purpose, line=2)),
        ),
    ),
    "no law": (Effect.RELAXED, lambda p: replace(p, jurisdictions={"west": p.jurisdictions["west"]})),
    "a law of fewer places": (Effect.RELAXED, lambda p: law(p, countries=frozenset({"DE"}))),
    "a younger age": (Effect.RELAXED, lambda p: law(p, minimum_age=14)),
    "a rule in more places": (Effect.RELAXED, lambda p: rule(p, countries=frozenset())),
    "a younger age of a rule": (Effect.RELAXED, lambda p: rule(p, minimum_age=13)),
    "what tells the country": (Effect.RELAXED, lambda p: replace(p, region=(Item("locale"),))),
    "a retention": (Effect.LONGER, lambda p: rule(p, keep=WHILE_ACCOUNT if p.collect[0].keep else DAY)),
    "a fact": (Effect.SHOWN, lambda p: replace(p, facts={**p.facts, "more": replace(p.facts["visits"], name="more")})),
    "a column": (Effect.SHOWN, lambda p: visits(p, dimensions=column(p))),
    "a measure": (Effect.SHOWN, lambda p: visits(p, measures=measures(p))),
    "a kind": (Effect.SHOWN, lambda p: visits(p, kinds=(Kind.PAGE_VISIT, Kind.CRASH))),
    "a count": (
        Effect.COUNTED,
        lambda p: replace(people(p), counts={**p.counts, "more": replace(people(p).counts["people"], name="more")}),
    ),
    "a period": (Effect.COUNTED, lambda p: people(p, every=(Period.DAY, Period.MONTH))),
    "a decision": (Effect.DECIDED, verdict),
    "a reading": (Effect.READ, reading),
    "smaller numbers": (Effect.FINER, lambda p: replace(p, k=p.k - 1)),
    "a need": (
        Effect.NEEDED,
        lambda p: service(p, needs=(Need(any_of=((Grant(unheard(p), p.collect[0].purpose),),), line=1),)),
    ),
    "an app": (Effect.SENDER, lambda p: replace(p, apps={**p.apps, "more": replace(p.apps["shop"], name="more")})),
}
"""Edits that let more happen, each with the effect under which it has to be told."""

OTHERS: dict[str, tuple[Effect, Edit]] = {
    "a basis": (
        Effect.BASIS,
        lambda p: purpose(p, basis=next(b for b in Basis if b is not p.purposes[p.collect[0].purpose].basis)),
    ),
    "a statement": (Effect.STATEMENT, lambda p: purpose(p, says="to do something else")),
    "an officer": (Effect.CONTROLLER, lambda p: replace(p, controller=replace(p.controller, officer="o@example.org"))),
    "a postal address": (
        Effect.CONTROLLER,
        lambda p: replace(p, controller=replace(p.controller, address="Example Street 1")),
    ),
    "where values are stored": (
        Effect.STATEMENT,
        lambda p: replace(p, documents=replace(p.documents, stored_in=("NL",), encrypted=False)),
    ),
    "whom a purpose concerns": (Effect.STATEMENT, lambda p: purpose(p, subjects=(SubjectGroup.CUSTOMERS,))),
    "how a yes is said": (Effect.STATEMENT, lambda p: purpose(p, expression=Expression.EXPLICIT)),
    "a name of a recipient": (Effect.STATEMENT, lambda p: told(p, name="Another")),
    "a ground of a transfer": (Effect.STATEMENT, lambda p: told(p, transfer="other rules")),
    "who a provider is": (Effect.STATEMENT, lambda p: replace(p, providers={"friends": replace(FRIENDS, says="else")})),
    "that nothing is decided": (Effect.STATEMENT, lambda p: replace(p, automated=())),
    "another exemption": (Effect.BASIS, lambda p: visits(p, exemption="the guidelines of another authority")),
    "no telling": (Effect.STOPS, lambda p: replace(p, recipients={})),
    "a demand": (Effect.TIGHTENED, lambda p: law(p, forbid=(Item("device.imei"),))),
    "a demand for a purpose": (
        Effect.TIGHTENED,
        lambda p: law(p, barred=(Grant(p.collect[0].items[0], p.collect[0].purpose),)),
    ),
    "a rule in fewer places": (Effect.TIGHTENED, lambda p: rule(p, countries=frozenset({"NL"}))),
    "an older age of a rule": (Effect.TIGHTENED, lambda p: rule(p, minimum_age=21)),
    "a law of more places": (Effect.TIGHTENED, lambda p: law(p, countries=frozenset({"DE", "NL", "FR"}))),
    "a stricter limit": (Effect.TIGHTENED, lambda p: law(p, longest={p.collect[0].purpose: timedelta(hours=1)})),
    "a controller": (Effect.CONTROLLER, lambda p: replace(p, controller=replace(p.controller, name="Another"))),
    "a service": (Effect.SERVICE, lambda p: service(p, says="sell")),
    "an offer": (
        Effect.SERVICE,
        lambda p: replace(
            shop(p, services=("shop", "more")),
            services={**p.services, "more": replace(p.services["shop"], key="more")},
        ),
    ),
    "no fact": (Effect.STOPS, lambda p: replace(p, facts={"visits": p.facts["visits"]})),
    "no rule": (Effect.STOPS, lambda p: replace(p, collect=p.collect[:-1])),
    "no app": (Effect.STOPS, lambda p: replace(p, apps={})),
    "no service": (Effect.STOPS, lambda p: replace(p, services={}, apps={})),
    "a limit": (Effect.SHORTER, lambda p: purpose(p, keep=DAY)),
    "a requirement": (Effect.STATEMENT, lambda p: rule(p, required="the law asks for it")),
    "a shorter time": (Effect.SHORTER, lambda p: rule(p, keep=None)),
    "larger numbers": (Effect.COARSER, lambda p: replace(p, k=p.k + 1)),
    "no need": (Effect.SPARED, lambda p: service(p, needs=())),
}
"""Edits that people may see in another way."""

NEUTRAL: dict[str, tuple[Effect, Edit]] = {
    "a version": (Effect.TECHNICAL, lambda p: replace(p, version=p.version + 1)),
    "a term": (Effect.TECHNICAL, lambda p: purpose(p, dpv="Y")),
    "a key": (Effect.TECHNICAL, lambda p: shop(p, key="another")),
    "protocols": (Effect.TECHNICAL, lambda p: shop(p, protocols=("sentry",))),
    "ids of protocols to come": (Effect.TECHNICAL, lambda p: shop(p, application="org-example-shop")),
    "an order of falling": (Effect.TECHNICAL, lambda p: visits(p, fall=("d0",))),
    "expectations": (Effect.TECHNICAL, lambda p: shop(p, people=p.apps["shop"].people + 1)),
    "names of columns": (Effect.TECHNICAL, lambda p: visits(p, dimensions=renamed(p.facts["visits"]))),
    "an order of rules": (
        Effect.TECHNICAL,
        lambda p: replace(p, collect=tuple(replace(one, index=i) for i, one in enumerate(p.collect[::-1]))),
    ),
    "a rule as two": (Effect.TECHNICAL, apart),
    "an order of items": (Effect.TECHNICAL, lambda p: rule(p, items=p.collect[0].items[::-1])),
    "an order of purposes": (Effect.TECHNICAL, lambda p: replace(p, purposes=dict([*p.purposes.items()][::-1]))),
}
"""Edits that concern tools and writers."""

EDITS = WIDENINGS | OTHERS | NEUTRAL
REPEATABLE = [name for name in EDITS if name not in ("no app", "no service", "no telling")]
"""Edits after which every other can still be made."""

QUICK = settings(
    deadline=None, max_examples=12, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow]
)


def placeless(value: Any) -> Any:
    """A value without the lines that say where it was written."""
    if is_dataclass(value) and not isinstance(value, type):
        return [(one.name, placeless(getattr(value, one.name))) for one in fields(value) if one.name != "line"]
    if isinstance(value, Mapping):
        return [(key, placeless(one)) for key, one in value.items()]
    return [placeless(one) for one in value] if isinstance(value, tuple) else value


def words(policy: Policy) -> list[str]:
    """What a notice says, whatever the order and the version."""
    return sorted(re.findall(r"[\w']+", markdown(replace(policy, version=0))))


def edited(policy: Policy, edit: Edit) -> Policy:
    """The policy after an edit that changes something and can be made."""
    altered = edit(policy)
    assume(placeless(altered) != placeless(policy))
    return altered


@QUICK
@given(sound())
def test_a_policy_does_not_differ_from_itself(policy: Policy) -> None:
    """No change, no renewal, no rewording."""
    found = difference(policy, policy)

    assert ((), (), ()) == (found.changes, found.renewals, found.rewordings)


@pytest.mark.parametrize("name", EDITS)
@QUICK
@given(data=st.data())
def test_each_change_is_told_by_its_name(name: str, data: st.DataObject) -> None:
    """Whatever widens is told under what widens; what narrows, and what concerns tools, under theirs."""
    policy = data.draw(sound())
    effect, edit = EDITS[name]
    found = difference(policy, edited(policy, edit))

    assert effect in [one.effect for one in found.changes]
    assert found.concerns_people() is not (name in NEUTRAL)


@QUICK
@given(sound(), st.lists(st.sampled_from(REPEATABLE), max_size=3))
def test_nothing_is_left_untold(policy: Policy, names: list[str]) -> None:
    """Without a change told, plan and notice are equal; without one that concerns people, the notice says the same."""
    altered = rule(policy, line=policy.collect[0].line + 7)
    for name in names:
        altered = EDITS[name][1](altered)
    found = difference(policy, altered)

    if not found.changes:
        assert placeless(plans(policy)) == placeless(plans(altered))
        assert markdown(policy) == markdown(altered)
    if not found.concerns_people() and "a rule as two" not in names:  # what is told of it is then told twice
        assert words(policy) == words(altered)


@pytest.mark.parametrize("name", WIDENINGS | OTHERS)
@QUICK
@given(data=st.data())
def test_what_has_no_rule_is_told_all_the_same(name: str, data: st.DataObject) -> None:
    """A part of the language that the comparison does not know yet never passes for a change that concerns nobody."""
    policy = data.draw(sound())
    found = difference(policy, edited(policy, EDITS[name][1]), rules=())

    assert found.concerns_people()


@QUICK
@given(sound())
def test_a_page_pattern_is_told_where_a_statistic_shows_it(policy: Policy) -> None:
    """Another pattern of an app widens each fact that tells pages apart, and no other."""
    route = Dimension(name="page", item=Item("page.url"), reduction="route", line=1)
    by_page = visits(policy, dimensions=(route,))
    events = replace(policy.facts["events"], dimensions=())
    before = replace(by_page, facts={**by_page.facts, "events": events})
    found = difference(before, shop(before, routes=("/", "/product/*", "/account")))

    assert [(Effect.SHOWN, "visits")] == [(one.effect, one.about) for one in found.changes]


OUTGROWING = (
    "an item",
    "a rule",
    "a source",
    "a recipient",
    "a role",
    "a retention",
    "a statement",
    "a basis",
    "a controller",
)


def consented(policy: Policy) -> Policy:
    """The policy with the purpose of its first rule on consent, and nothing else."""
    return purpose(policy, basis=Basis.CONSENT)


@pytest.mark.parametrize("name", OUTGROWING)
@QUICK
@given(data=st.data())
def test_a_consent_does_not_cover_more_than_was_said(name: str, data: st.DataObject) -> None:
    """What widens a purpose on consent, or says it anew, on another ground or for another, asks for a new consent."""
    policy = consented(data.draw(sound()))
    found = difference(policy, edited(policy, EDITS[name][1]))

    assert policy.collect[0].purpose in [one.purpose for one in found.renewals]


@pytest.mark.parametrize("name", ["no rule", "a shorter time", *NEUTRAL])
@QUICK
@given(data=st.data())
def test_a_consent_covers_less_than_was_said(name: str, data: st.DataObject) -> None:
    """Who said yes to more need not be asked about less, nor about what concerns tools."""
    policy = consented(data.draw(sound()))

    assert () == difference(policy, edited(policy, EDITS[name][1])).renewals


@QUICK
@given(sound())
def test_who_was_never_asked_is_asked(policy: Policy) -> None:
    """A purpose that comes to stand on consent covers nobody yet."""
    assume(policy.purposes[policy.collect[0].purpose].basis is not Basis.CONSENT)
    (renewal,) = difference(policy, consented(policy)).renewals

    assert policy.collect[0].purpose == renewal.purpose


@QUICK
@given(sound())
def test_what_can_no_longer_be_refused_is_told(policy: Policy) -> None:
    """A need of a service binds an item under a contract; without the need, it is free again."""
    first, shop_alone = policy.collect[0], replace(policy, services={"shop": policy.services["shop"]})
    free = service(purpose(shop_alone, basis=Basis.CONTRACT), needs=())
    bound = service(free, needs=(Need(any_of=((Grant(first.items[0], first.purpose),),), line=1),))
    binding, freeing = difference(free, bound).changes, difference(bound, free).changes

    assert (Effect.BOUND, first.items[:1]) in [(one.effect, one.items) for one in binding]
    assert (Effect.FREE, first.items[:1]) in [(one.effect, one.items) for one in freeing]


def test_what_limits_how_long_anything_stays_is_told() -> None:
    """A limit of a purpose that is raised, or goes, lets things stay longer; a new or lower one shorter."""
    free, week, day = (
        replace(SMALL, purposes={NEW: replace(SMALL.purposes[NEW], keep=keep)}) for keep in (None, 7 * DAY, DAY)
    )

    for widens in ((day, week), (week, free)):
        assert [Effect.LONGER] == [one.effect for one in difference(*widens).changes]
        assert [Effect.SHORTER] == [one.effect for one in difference(*widens[::-1]).changes]


def test_why_a_further_purpose_is_compatible_is_told() -> None:
    """A new weighing of the same further purpose is another statement; without it the further purpose stops."""
    other = PurposeKey("other")
    reason = Assessment(purpose=other, link="l", context="c", nature="n", consequences="q", safeguards="s", line=1)
    purposes = {NEW: SMALL.purposes[NEW], other: replace(SMALL.purposes[NEW], key=other)}
    none, one, another = (
        replace(SMALL, purposes={**purposes, NEW: replace(purposes[NEW], compatible=compatible)})
        for compatible in ((), (reason,), (replace(reason, link="another"),))
    )

    assert [Effect.PURPOSE] == [change.effect for change in difference(none, one).changes]
    assert [Effect.STATEMENT] == [change.effect for change in difference(one, another).changes]
    assert [Effect.STOPS] == [change.effect for change in difference(one, none).changes]


def test_what_is_known_of_an_item_is_told() -> None:
    """An item of the policy's own that identifies in another way is another item to people; its checks are not."""
    name = Item("name")
    softer = replace(CATALOGUE[name], label=Label.NOT)
    milder = replace(CATALOGUE[name], type=CATALOGUE[Item("email")].type)
    changed = [replace(SMALL, catalogue={**CATALOGUE, name: one}) for one in (softer, milder)]

    assert [Effect.STATEMENT] == [one.effect for one in difference(SMALL, changed[0]).changes]
    assert [Effect.TECHNICAL] == [one.effect for one in difference(SMALL, changed[1]).changes]


def test_an_identifier_that_votes_before_another_is_told() -> None:
    """In another order, a count tells people apart by another identifier."""
    first, second = (
        Count(name="people", of=of, every=(Period.DAY,), dimensions=(), purpose=NEW, line=1)
        for of in ((Item("email"), Item("phone")), (Item("phone"), Item("email")))
    )
    policies_ = [replace(SMALL, counts={"people": one}) for one in (first, second)]

    assert [Effect.COUNTED] == [one.effect for one in difference(*policies_).changes]


def test_totals_that_come_and_go_are_told() -> None:
    """A total is one more number about people, and none less; what its columns are called concerns nobody."""
    app, page = (
        Dimension(name=name, item=item, reduction=how, line=1)
        for name, item, how in (("app", Item("app.name"), None), ("page", Item("page.url"), "route"))
    )
    grouped = Count(
        name="people", of=(Item("email"),), every=(Period.DAY,), dimensions=(app, page), purpose=NEW, line=1
    )
    chained = replace(grouped, sets=((), (app,), (app, page)))
    site = replace(app, name="site")
    renamed = replace(grouped, dimensions=(site, page), sets=((), (site,), (site, page)))
    one, another, third = (replace(SMALL, counts={"people": count}) for count in (grouped, chained, renamed))

    (come,), (gone,) = difference(one, another).changes, difference(another, one).changes
    assert (Effect.COUNTED, Effect.STOPS) == (come.effect, gone.effect)
    assert "people shows the number in all and the number by application alone" in come.says
    assert [Effect.TECHNICAL] == [change.effect for change in difference(another, third).changes]


def test_a_wider_alternative_spares_and_a_narrower_needs() -> None:
    """Any of more is a milder need, any of fewer or all of more a stricter one; to stop is stricter than to worsen."""
    by_mail, by_phone = Grant(Item("email"), NEW), Grant(Item("phone"), NEW)
    email, either, both = (
        Service(key="shop", says="buy", needs=(Need(any_of=of, line=1),), line=1)
        for of in (((by_mail,),), ((by_mail,), (by_phone,)), ((by_mail, by_phone),))
    )
    worse = replace(email, needs=(replace(email.needs[0], degrades=True),))

    assert [Effect.SPARED] == effects_of(email, either)
    assert [Effect.NEEDED] == effects_of(either, email)
    assert [Effect.NEEDED] == [one for one in effects_of(email, both) if one is not Effect.SPARED]
    assert [Effect.SPARED] == effects_of(both, either)
    assert [Effect.SPARED] == effects_of(email, worse)
    assert [Effect.NEEDED] == effects_of(worse, email)


def effects_of(old: Service, new: Service) -> list[Effect]:
    """What is told when one service takes the place of another, all else being equal."""
    before, after = (replace(SMALL, services={"shop": one}) for one in (old, new))
    return [one.effect for one in difference(before, after).changes]


SMALL = Policy(
    version=1,
    catalogue=CATALOGUE,
    controller=Controller(name="Example", contact="privacy@example.org", country="NL"),
    timezone="UTC",
    k=5,
    purposes={NEW: Purpose(key=NEW, says="to test", basis=Basis.LEGAL_OBLIGATION, dpv="X", line=1)},
    services={},
    apps={},
    collect=(),
    facts={},
    counts={},
)


def test_a_consent_that_a_law_asks_for_is_asked_for_again() -> None:
    """Where a jurisdiction makes a purpose hang on a yes, that yes covers no more than any other."""
    text = (Path(__file__).parents[1] / "policy" / "cases" / "sound-all.yaml").read_text(encoding="utf-8")
    more = text.replace("watch.battery], from: device", "watch.battery, os.name], from: device")
    old, new = adopted(text), adopted(more)

    assert [PurposeKey("learn")] == [one.purpose for one in difference(old, new).renewals]
    assert () == difference(new, old).renewals
