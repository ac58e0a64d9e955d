"""What is taken depends on the services that an app offers: what others alone need is not taken of what it sends."""

from dataclasses import replace

import pytest
from generated import worlds
from hypothesis import given, settings
from hypothesis import strategies as st
from test_decide import RECEIVED

from remit.flows.trial import UNOFFERED, trial
from remit.policy.between import bridges
from remit.policy.choices import NO_CHOICES, ChoiceTable, Said, tag
from remit.policy.columns import Batch
from remit.policy.compare import difference
from remit.policy.compile import adopted
from remit.policy.decide import decide
from remit.policy.model import Policy
from remit.policy.offers import served, unserved
from remit.policy.plan import plan, plans
from remit.policy.render.notice import blocks
from remit.policy.render.told import By, Topic
from remit.policy.split import Split, Tally
from remit.policy.words import Basis, Fate, Item, Kind, PurposeKey

KEY = b"o" * 32
SHOP = """
version: 1
controller: {name: Example, contact: privacy@example.org, country: NL}
purposes:
  deliver: {says: to deliver what you buy, basis: contract, dpv: DeliveryOfGoods}
  repair: {says: to repair the device that you bought, basis: contract, dpv: TechnicalServiceProvision}
  guard: {says: to keep payments safe, basis: legitimate-interest, dpv: FraudPreventionAndDetection}
services:
  buying: {says: buy things, needs: [{item: email, for: deliver}]}
  mending: {says: have a device mended, needs: [{item: device.serial, for: repair, degrades: true}]}
  paying: {says: pay, requires: [buying], needs: [{item: net.ip, for: guard}]}
apps:
  web: {id: 1, key: demo-web, services: [buying], routes: [/]}
  phone: {id: 2, key: demo-phone, services: [paying, mending], routes: [/]}
  all: {id: 3, key: demo-all, routes: [/]}
collect:
  - {items: [email], from: you, for: deliver, keep: 1y}
  - {items: [device.serial, device.model, os.name], from: device, for: repair, keep: 1y}
  - {items: [net.ip], from: log, for: guard, keep: 7d}
facts:
  device: {on: event, by: {os: os.name | os_family, app: app.name}, for: repair, device_access: necessary}
counts:
  devices: {of: device.serial, every: [day], by: [app.name], for: repair, device_access: necessary}
automated: none
"""
RECORD: dict[Item, str] = {
    Item("email"): "ada@example.org",
    Item("device.serial"): "SN-1",
    Item("device.model"): "One",
    Item("os.name"): "Android",
    Item("net.ip"): "192.0.2.7",
}
REPAIR = PurposeKey("repair")


def shop(text: str = SHOP) -> Policy:
    """The policy, in order."""
    return adopted(text)


def happened(policy: Policy, app: str, table: ChoiceTable = NO_CHOICES) -> Split:
    """What becomes of one record that bears everything."""
    columns = {item: [value] for item, value in RECORD.items()}
    batch = Batch(kind=Kind.EVENT, size=1, columns=columns, weights=None)
    return decide(plan(policy, policy.apps[app]), batch, choices=table, received=RECEIVED)


def done(split: Split) -> Tally:
    """The uses that happened."""
    return Tally({key: n for key, n in split.tally.items() if key.fate is not Fate.DROPPED})


@settings(max_examples=200, deadline=None)
@given(worlds())
def test_an_app_serves_only_its_own_services(world: tuple[Policy, Batch, ChoiceTable]) -> None:
    """No use for a purpose of other apps' services is in the plan, and none is anybody's fate."""
    policy, batch, table = world
    for app in policy.apps.values():
        found, serves = plan(policy, app), served(policy, app)
        tables = found.tables.values()
        uses = {use.purpose for one in tables for some in one.uses.values() for use in some}
        gates = {feed.gate.purpose for one in tables for feed in one.feeds}
        gates |= {poll.gate.purpose for one in tables for poll in one.polls}
        split = decide(found, batch, choices=table, received=RECEIVED)

        assert uses | gates <= serves
        assert {key.purpose for key in split.tally} <= serves


@settings(max_examples=200, deadline=None)
@given(worlds(), st.data())
def test_offering_less_takes_never_more(world: tuple[Policy, Batch, ChoiceTable], data: st.DataObject) -> None:
    """Of the same record nothing is kept, shown or counted that would not be, did the app offer every service."""
    policy, batch, table = world
    some = data.draw(st.lists(st.sampled_from([*policy.services]), min_size=1, unique=True))
    few, all_ = (
        decide(plan(policy, replace(policy.apps["shop"], services=services)), batch, choices=table, received=RECEIVED)
        for services in (tuple(some), ())
    )

    assert done(few) <= done(all_)
    assert few.cells.keys() <= all_.cells.keys()
    assert {*few.votes} <= {*all_.votes}


def test_what_only_other_services_need_is_not_even_read() -> None:
    """Decoders do not know its values, no statistic or count of its purpose is fed, and nothing of it is kept."""
    policy = shop()
    tables = plan(policy, policy.apps["web"]).tables

    assert {REPAIR} == {key for app, keys in unserved(policy).items() for key in keys if app == "web"}
    assert {"email", "device.serial", "net.ip"} == tables[Kind.EVENT].items
    assert [()] * 2 == [tables[Kind.EVENT].feeds, tables[Kind.EVENT].polls]
    web, phone, whole = (happened(policy, app) for app in ("web", "phone", "all"))
    assert {"email", "net.ip"} == {item for block in web.blocks for row in block.rows for item in row}
    assert ([], {}) == (web.votes, web.cells)
    assert {*RECORD} == {item for block in phone.blocks for row in block.rows for item in row}
    assert phone.votes
    assert [block.rows for block in phone.blocks] == [block.rows for block in whole.blocks]


def test_apps_that_offer_other_services_have_bridges_of_their_own() -> None:
    """From a version under which nothing hung on services to one under which something does: by each app's services."""
    needless = SHOP.replace("needs: [{item: device.serial, for: repair, degrades: true}]", "needs: []")
    old = adopted(needless)
    found = bridges(old, shop(), plans=plans(old), newer=plans(shop()))
    twins = {app: {use.purpose for use in bridge.twins[Kind.EVENT]} for app, bridge in found.items()}

    assert {"web": False, "phone": True, "all": True} == {app: REPAIR in those for app, those in twins.items()}


def test_a_service_brings_those_that_it_requires_and_one_that_only_degrades_counts() -> None:
    """What `paying` requires, buying, is offered with it; a need that only degrades is a need."""
    policy = shop()

    assert {*policy.purposes} == served(policy, policy.apps["phone"])
    assert {PurposeKey("guard"), PurposeKey("deliver")} == served(policy, policy.apps["web"])


def test_only_what_stands_on_the_agreement_hangs_on_services() -> None:
    """A purpose on any other ground is served by each app, whoever needs something for it."""
    policy = shop()
    for basis in Basis:
        purposes = {**policy.purposes, REPAIR: replace(policy.purposes[REPAIR], basis=basis)}
        other = replace(policy, purposes=purposes)
        assert (REPAIR in served(other, other.apps["web"])) is (basis is not Basis.CONTRACT)


def test_a_name_that_an_app_does_not_take_is_heard_and_owns_nothing() -> None:
    """A refusal under it holds for what comes with it; no block is filed under it, or mentions it."""
    policy = shop()
    guard = 1 << list(policy.purposes).index(PurposeKey("guard"))
    no = ChoiceTable(KEY, {tag(KEY, Item("device.serial"), "SN-1"): Said(0, guard)})
    heard = happened(policy, "web", no)

    names = {name.item for block in happened(policy, "web").blocks for name in block.names}
    assert {"email"} == names
    assert {"email"} == {item for block in heard.blocks for row in block.rows for item in row}


def test_the_notice_says_what_an_app_is_not_used_for() -> None:
    """One sentence for each app that does not serve all, and in the beginning that it depends on the services."""
    policy = shop()
    told = {one.by.key: one.text for one in blocks(policy) if one.by.told is Topic.APP}
    offering = replace(policy, apps={name: replace(app, services=()) for name, app in policy.apps.items()})

    assert {"web"} == told.keys()
    assert "to repair the device that you bought" in told["web"]
    assert any("depends on the services that you use" in one.text for one in blocks(policy))
    assert not any("depends on the services that you use" in one.text for one in blocks(offering))
    assert By(Topic.APP, "web") not in {one.by for one in blocks(offering)}


def test_a_service_that_an_app_begins_to_offer_is_told_as_more_that_is_collected() -> None:
    """Whoever uses the app gives more from then on; the other way round it stops."""
    old, new = shop(), shop(SHOP.replace("services: [buying]", "services: [buying, mending]"))

    for one, other, effect in ((old, new, "collected"), (new, old, "stops")):
        found = [change for change in difference(one, other).changes if change.purpose == REPAIR]
        assert [(effect, "web")] == [(change.effect.value, change.about) for change in found]
        assert {"device.serial", "device.model", "os.name"} == {*found[0].items}


@pytest.mark.parametrize(("app", "reason"), [("web", UNOFFERED), ("phone", None)])
def test_a_trial_says_where_only_other_services_need_a_value(app: str, reason: str | None) -> None:
    """The line of the value names the reason, and the item that it would be."""
    body = b'{"records":[{"kind":"event","items":{"device.serial":"SN-1","device.model":"One"}}]}'
    lines = {line.item: line for line in trial(shop(), app, body, received=RECEIVED)}

    assert reason == lines["device.model"].reason
    assert ("does not offer" in lines["device.model"].detail) is (reason is not None)
