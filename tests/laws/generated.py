"""Policies, batches and choices for laws: small enough to shrink, wide enough to reach every branch."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from remit.policy.catalogue import CATALOGUE, extended
from remit.policy.choices import ChoiceTable, Said, tag
from remit.policy.columns import Batch
from remit.policy.compile import adopted
from remit.policy.model import (
    App,
    Collect,
    Controller,
    Count,
    Dimension,
    Fact,
    Grant,
    Jurisdiction,
    Measure,
    Need,
    Policy,
    Purpose,
    Service,
)
from remit.policy.plan import names_of
from remit.policy.reduce import REDUCTIONS
from remit.policy.words import (
    APP_NAME,
    RECEIVED,
    WHILE_ACCOUNT,
    Basis,
    DeviceAccess,
    Item,
    Kind,
    Period,
    PurposeKey,
    Source,
    Value,
)
from remit.proof.pools import GOOD

KEY = b"k" * 32
ITEMS = extended(
    [
        replace(CATALOGUE[Item("account.id")], key=Item("loyalty.card"), rank=99),
        replace(CATALOGUE[Item("page.duration")], key=Item("game.seconds")),
        replace(CATALOGUE[Item("locale")], key=Item("game.language")),
    ]
)
"""The catalogue, and items of the policy's own: one that names a subject, one that is measured, one that is reduced."""
OWN = tuple(item for item in ITEMS if item not in CATALOGUE)
NAMES = tuple(entry.key for entry in ITEMS.values() if entry.rank is not None)
SENT = tuple(entry.key for entry in ITEMS.values() if entry.key not in (RECEIVED, APP_NAME))
MEASURES = tuple(entry.key for entry in ITEMS.values() if entry.type.name == "measure")
REGION = (Item("country"), Item("locale"))
PURPOSES = tuple(PurposeKey(key) for key in ("serve", "ads", "learn"))

BAD: list[Value] = ["", "\ud800", -1, True, 1e300, "x" * 3000, "not this"]


def values(item: Item) -> st.SearchStrategy[Value]:
    """Values of this item: mostly of its type, some that are not."""
    return st.sampled_from(GOOD[ITEMS[item].type.name] * 3 + BAD)


def dimensions(items: tuple[Item, ...]) -> st.SearchStrategy[tuple[Dimension, ...]]:
    """Columns over these items, each with a reduction that takes it, and the two that remit knows itself."""
    able = [
        Dimension(name=f"d{number}", item=item, reduction=reduction.name, line=number)
        for number, (item, reduction) in enumerate(
            (item, reduction)
            for item in items
            for reduction in REDUCTIONS.values()
            if ITEMS[item].type.name in reduction.accepts
        )
    ]
    known = [
        Dimension(name="hour", item=RECEIVED, reduction="hour", line=1),
        Dimension(name="app", item=APP_NAME, reduction=None, line=1),
    ]
    return st.lists(st.sampled_from(able + known), unique_by=lambda one: one.name, max_size=3).map(tuple)


@st.composite
def policies(draw: st.DrawFn, version: int = 1, sent: Sequence[Item] = SENT + OWN * 9) -> Policy:
    """Policies as compile would build them, about items of a list."""
    items = tuple(draw(st.lists(st.sampled_from(sent), min_size=1, max_size=6, unique=True)))
    names = tuple(draw(st.lists(st.sampled_from(NAMES), max_size=2, unique=True)))
    declared = tuple(dict.fromkeys(items + names))
    measured = tuple(item for item in declared if item in MEASURES)
    purposes = {
        key: Purpose(key=key, says="to test", basis=draw(st.sampled_from(Basis)), dpv="X", line=1) for key in PURPOSES
    }
    purpose = st.sampled_from(PURPOSES)
    region = draw(st.sampled_from([(), REGION, REGION[::-1], REGION[1:]]))
    rules = [
        Collect(
            index=index,
            items=tuple(draw(st.lists(st.sampled_from(declared), min_size=1, unique=True))),
            source=draw(st.sampled_from(Source)),
            purpose=draw(purpose),
            keep=draw(st.sampled_from([None, timedelta(days=1), WHILE_ACCOUNT])),
            line=index,
            countries=draw(st.sampled_from(PLACES if region else PLACES[:1])),
            minimum_age=draw(st.sampled_from([0, 0, 18])),
        )
        for index in range(draw(st.integers(1, 3)))
    ]
    rules.append(
        Collect(index=len(rules), items=declared, source=Source.DEVICE, purpose=PURPOSES[2], keep=None, line=9)
    )
    facts = {
        name: Fact(
            name=name,
            kinds=(kind,),
            dimensions=draw(dimensions(declared)),
            measures=tuple(Measure(name=f"m{i}", item=item, line=1) for i, item in enumerate(measured)),
            **draw(grounds(purposes)),
            line=1,
        )
        for name, kind in (("visits", Kind.PAGE_VISIT), ("events", Kind.EVENT))
    }
    counts = {}
    if names:
        columns = draw(dimensions(declared))
        counts["people"] = Count(
            name="people",
            of=names,
            every=(Period.DAY,),
            dimensions=columns,
            **draw(grounds(purposes)),
            line=1,
            sets=draw(chains(columns)),
        )
    services = {
        key: Service(
            key=key,
            says=f"use the {key}",
            needs=tuple(
                Need(any_of=((Grant(item, draw(purpose)),),), line=1, degrades=draw(st.booleans()))
                for item in draw(st.lists(st.sampled_from(declared), max_size=1))
            ),
            line=1,
        )
        for key in ("shop", "help")
    }
    offered = draw(st.sampled_from([(), ("shop",), ("help",), ("shop", "help")]))
    app = App(name="shop", number=1, key="demo", domain=None, services=offered, routes=("/", "/product/*"), line=1)
    return Policy(
        version=version,
        controller=Controller(name="Example", contact="privacy@example.org", country="NL"),
        timezone="UTC",
        k=5,
        catalogue=ITEMS,
        purposes=purposes,
        services=services,
        apps={"shop": app},
        collect=tuple(rules),
        facts=facts,
        counts=counts,
        region=region,
        jurisdictions=draw(jurisdictions(purposes, declared)),
    )


@st.composite
def grounds(draw: st.DrawFn, purposes: Mapping[PurposeKey, Purpose]) -> dict[str, Any]:
    """What a statistic is for, and on which ground it reads devices: with a yes only where people may say no (P083)."""
    key = draw(st.sampled_from(PURPOSES))
    free = purposes[key].basis in (Basis.LEGITIMATE_INTEREST, Basis.CONSENT)
    access = draw(st.sampled_from([*DeviceAccess] if free else [DeviceAccess.NONE, DeviceAccess.NECESSARY]))
    exemption = "the guidelines of an authority" if access is DeviceAccess.EXEMPT else None
    return {"purpose": key, "access": access, "exemption": exemption}


@st.composite
def jurisdictions(
    draw: st.DrawFn, purposes: Mapping[PurposeKey, Purpose], items: Sequence[Item]
) -> dict[str, Jurisdiction]:
    """Demands of up to three laws, which may reach the same countries."""
    purpose = st.sampled_from(PURPOSES)
    free = [key for key, one in purposes.items() if one.basis in (Basis.LEGITIMATE_INTEREST, Basis.CONSENT)]
    return {
        key: Jurisdiction(
            key=key,
            countries=draw(st.frozensets(st.sampled_from(["NL", "DE", "US"]), min_size=1)),
            consent=tuple(draw(st.lists(st.sampled_from(free), unique=True))) if free else (),
            forbid=tuple(draw(st.lists(st.sampled_from(items), unique=True, max_size=2))),
            barred=tuple(draw(st.lists(st.builds(Grant, st.sampled_from(items), purpose), unique=True, max_size=2))),
            longest={purpose: timedelta(hours=draw(st.integers(1, 5))) for purpose in draw(some_purposes)},
            minimum_age=draw(st.sampled_from([0, 16])),
            final=draw(st.booleans()),
            line=1,
        )
        for key in draw(st.lists(st.sampled_from(["eu", "west", "north"]), unique=True, max_size=3))
    }


PLACES = [frozenset[str]()] * 3 + [frozenset({"NL"}), frozenset({"NL", "DE"}), frozenset({"US"})]
"""Where a rule holds: mostly everywhere."""
some_purposes = st.lists(st.sampled_from(PURPOSES), unique=True, max_size=2)


@st.composite
def batches(draw: st.DrawFn, policy: Policy) -> Batch:
    """Records of one kind that bear some of the policy's items, and some that it does not know."""
    size = draw(st.integers(1, 4))
    declared = sorted({item for rule in policy.collect for item in rule.items})
    named = [item for item in names_of(policy) if draw(st.booleans())]
    others = [*declared, *SENT[:3], *REGION]
    items = dict.fromkeys([*named, *draw(st.lists(st.sampled_from(others), unique=True))])
    columns = {item: draw(st.lists(st.none() | values(item), min_size=size, max_size=size)) for item in items}
    return Batch(
        kind=draw(st.sampled_from([Kind.PAGE_VISIT, Kind.PAGE_LEAVE, Kind.EVENT, Kind.ACCOUNT])),
        size=size,
        columns=columns,
        weights=draw(st.none() | st.lists(st.integers(1, 9), min_size=size, max_size=size)),
    )


@st.composite
def choices(draw: st.DrawFn, policy: Policy) -> ChoiceTable:
    """What some of the identifiers that a batch may bear said: nothing, one thing, or one thing after another."""
    table = {}
    for item in names_of(policy):
        for form in sorted({ITEMS[item].form(value) for value in GOOD[ITEMS[item].type.name]}):
            if draw(st.booleans()):
                table[tag(KEY, item, form)] = Said(draw(st.integers(0, 7)), draw(st.integers(0, 7)))
    return ChoiceTable(KEY, table)


DENSE = """
version: 1
controller: {name: Example, contact: privacy@example.org, country: NL}
purposes:
  serve: {says: to test what an agreement needs, basis: contract, dpv: ServiceRegistration}
  ads: {says: to test what needs a yes, basis: consent, dpv: Advertising}
  learn: {says: to test what may be objected to, basis: legitimate-interest, dpv: ServiceUsageAnalytics}
services:
  shop: {says: buy, needs: [{any: [account.id, device.installation], for: serve}, {item: page.duration, for: serve}]}
apps:
  shop: {id: 1, key: demo, people: 9000000, services: [shop], routes: [/, /product/*]}
region: [country]
jurisdictions:
  eu: {countries: [NL], forbid: [page.duration, os.name], consent: [learn], keep: {serve: 1h}}
  west: {countries: [US], forbid: [device.installation, {item: os.name, for: learn}, {item: net.ip, for: ads}]}
collect:
  - items: [account.id, device.installation, page.url, page.duration, os.name, country]
    from: device
    for: serve
    keep: while-account
  - {items: [net.ip], from: log, for: serve, keep: while-account}
  - {items: [device.model], from: device, for: serve, keep: 2d}
  - {items: [net.ip], from: log, for: ads, keep: 1d}
  - {items: [device.model], from: device, for: ads, keep: 2d, countries: [US, DE], minimum-age: 18}
  - {items: [account.id, device.installation, page.url, page.duration, os.name], from: device, for: learn, keep: never}
facts:
  visits:
    on: page_visit
    by: {page: page.url | route, os: os.name | os_family}
    measure: {s: page.duration}
    for: serve
  reads:
    on: page_visit
    by: {page: page.url | route, os: os.name | os_family}
    measure: {s: page.duration}
    for: learn
counts:
  people: {of: [account.id, device.installation], every: [day], by: {os: os.name | os_family}, for: serve}
  readers: {of: [account.id, device.installation], every: [day], by: {os: os.name | os_family}, for: learn}
"""
"""A policy in which every clause of a judgement makes a difference: what is drawn at large reaches some but seldom."""
_DENSE_VALUES: dict[Item, list[Value]] = {
    Item("account.id"): ["ada", 1, True, ""],
    Item("device.installation"): ["phone", "tablet"],
    Item("device.model"): ["One"],
    Item("country"): ["NL", "US", "JP"],
    Item("net.ip"): ["192.0.2.1", "nowhere"],
    Item("page.url"): ["/", "/product/7"],
    Item("page.duration"): [3, "long"],
    Item("os.name"): ["Android", "unknown", -1],
}


def dense() -> Policy:
    """The policy in which every clause makes a difference."""
    return adopted(DENSE)


@st.composite
def dense_batches(draw: st.DrawFn) -> Batch:
    """Records that mostly bear all that the dense policy asks for."""
    size = draw(st.integers(1, 4))
    columns = {
        item: draw(st.lists(st.sampled_from([None, *sent, *sent]), min_size=size, max_size=size))
        for item, sent in _DENSE_VALUES.items()
    }
    return Batch(kind=draw(st.sampled_from([Kind.PAGE_VISIT, Kind.PAGE_LEAVE])), size=size, columns=columns)


@st.composite
def dense_choices(draw: st.DrawFn) -> ChoiceTable:
    """What those whom such a batch names said: often nothing."""
    forms = [("account.id", "ada"), ("account.id", "1"), ("device.installation", "phone")]
    masks = st.sampled_from([0, 0, 1, 2, 4, 7])
    said = {tag(KEY, Item(item), form): Said(draw(masks), draw(masks)) for item, form in forms if draw(st.booleans())}
    return ChoiceTable(KEY, said)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Policy, Batch, ChoiceTable]:
    """A policy, a batch and what people said: of any policy, or close together."""
    if draw(st.booleans()):
        return dense(), draw(dense_batches()), draw(dense_choices())
    policy = draw(policies())
    return policy, draw(batches(policy)), draw(choices(policy))


@st.composite
def successors(draw: st.DrawFn, old: Policy) -> Policy:
    """A later version of a policy: it keeps, changes or drops each part, and may have new ones."""
    items = sorted({item for rule in old.collect for item in rule.items})
    new = draw(policies(version=old.version + 1, sent=items))
    keys = draw(st.permutations(PURPOSES))
    purposes = {key: draw(st.sampled_from([old.purposes[key], new.purposes[key], _reworded(old, key)])) for key in keys}
    rules = (*(draw(_rekept(rule)) for rule in old.collect if draw(st.integers(0, 3))), *new.collect)
    return replace(
        new,
        purposes=purposes,
        collect=tuple(replace(rule, index=index) for index, rule in enumerate(rules)),
        facts={
            name: draw(_changed(fact, new.facts[name])) for name, fact in old.facts.items() if draw(st.integers(0, 5))
        },
        counts={
            name: draw(_changed(count, new.counts.get(name, count)))
            for name, count in old.counts.items()
            if draw(st.integers(0, 5))
        },
        apps={**draw(st.sampled_from([old.apps, new.apps]))} if draw(st.integers(0, 9)) else {},
        jurisdictions={**(old.jurisdictions if draw(st.booleans()) else {}), **new.jurisdictions},
    )


def _reworded(policy: Policy, key: PurposeKey) -> Purpose:
    return replace(policy.purposes[key], says="to do something else")


def _rekept(rule: Collect) -> st.SearchStrategy[Collect]:
    """A rule, mostly as it was; else it keeps as long as there is an account."""
    return st.sampled_from([rule, rule, replace(rule, keep=None if rule.keep is None else WHILE_ACCOUNT)])


@st.composite
def _changed(draw: st.DrawFn, old: Any, new: Any) -> Any:
    """The same fact or count, another one, or one with fewer and other columns, or of other periods."""
    if not draw(st.integers(0, 4)):
        return new
    dimensions = {one.name: one for one in (*new.dimensions, *old.dimensions) if draw(st.integers(0, 3))}
    changed = replace(old, dimensions=tuple(dimensions.values()))
    if not isinstance(changed, Count):
        return changed
    every = changed.every if draw(st.integers(0, 3)) else (Period.MONTH,)
    return replace(changed, every=every, sets=draw(chains(changed.dimensions)))


@st.composite
def chains(draw: st.DrawFn, columns: tuple[Dimension, ...]) -> tuple[tuple[Dimension, ...], ...]:
    """Grouping sets of a count with these columns, as a policy may declare them; none as often."""
    if not columns or any(one.item == RECEIVED for one in columns) or draw(st.booleans()):
        return ()
    sizes = draw(st.sets(st.integers(0, len(columns) - 1), min_size=1))
    order = draw(st.permutations(columns))
    return tuple(tuple(one for one in columns if one in order[:size]) for size in (*sorted(sizes), len(columns)))
