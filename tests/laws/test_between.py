"""L3: what was written down under an older version of a policy gets no use that either version alone would not."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import msgspec
from generated import ITEMS, KEY, batches, dense, policies, successors
from hypothesis import given, settings
from hypothesis import strategies as st
from test_apart import example
from test_decide import RECEIVED, cells, rows

from remit.policy.between import Since, bridges, expiries
from remit.policy.choices import ChoiceTable, Said, tag
from remit.policy.columns import Batch
from remit.policy.compare import outgrown
from remit.policy.decide import decide
from remit.policy.model import Policy
from remit.policy.narrow import Narrower
from remit.policy.plan import names_of, plans
from remit.policy.reference import Later, Told, decide_one
from remit.policy.regions import UNKNOWN, laws, rulings
from remit.policy.split import Split, merged
from remit.policy.words import SDK_SOURCES, WHILE_ACCOUNT, Choice, Fate, Item, Kind, PurposeKey, Reason, Value
from remit.proof.pools import GOOD

Spoken = dict[tuple[Item, str], dict[PurposeKey, Choice]]


@st.composite
def spoken(draw: st.DrawFn, policy: Policy) -> Spoken:
    """What some identifiers said of some purposes, by key: each version has its own masks of it."""
    said: Spoken = {}
    for item in names_of(policy):
        for form in sorted({ITEMS[item].form(value) for value in GOOD[ITEMS[item].type.name]}):
            if draw(st.booleans()):
                said[item, form] = draw(
                    st.dictionaries(st.sampled_from(list(policy.purposes)), st.sampled_from(Choice))
                )
    return said


def table(policy: Policy, said: Spoken) -> ChoiceTable:
    """The same words in one version's bits."""
    bits = {key: 1 << i for i, key in enumerate(policy.purposes)}

    def mask(words: dict[PurposeKey, Choice], choice: Choice) -> int:
        return sum(bits[key] for key, last in words.items() if last is choice)

    return ChoiceTable(
        KEY, {tag(KEY, *name): Said(mask(w, Choice.GRANT), mask(w, Choice.REFUSE)) for name, w in said.items()}
    )


@st.composite
def bearing(draw: st.DrawFn, policy: Policy) -> Batch:
    """Records of which some bear a choice token that grants something."""
    batch = draw(batches(policy))
    masks = st.lists(st.sampled_from([0, 0, 1, 2, 4, 7]), min_size=batch.size, max_size=batch.size)
    return msgspec.structs.replace(batch, granted=draw(st.none() | masks))


def told(policy: Policy, batch: Batch, i: int) -> Told:
    """One record as the reference takes it."""
    values = {item: value for item, column in batch.columns.items() if (value := column[i]) is not None}
    mask = batch.granted[i] if batch.granted else 0
    granted = frozenset(key for place, key in enumerate(policy.purposes) if mask & 1 << place)
    return Told(batch.kind, values, RECEIVED, (batch.weights or [1] * batch.size)[i], granted=granted)


def bulk(old: Policy, new: Policy | None, batch: Batch, said: Spoken) -> Split:
    """Written down under one version, divided when another is in force."""
    mine = plans(old)
    narrowed = Narrower(mine["shop"]).narrow(batch, table(old, said))
    split = Split(tally=narrowed.tally)
    if narrowed.batch is None:
        return split
    since = None
    if new is not None:
        since = Since(bridges(old, new, plans=mine, newer=plans(new))["shop"], table(new, said))
    split.add(decide(mine["shop"], narrowed.batch, choices=table(old, said), received=RECEIVED, since=since))
    return split


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_dividing_under_a_later_version_equals_the_reference_record_by_record(data: st.DataObject) -> None:
    """The stricter of two versions in bulk is what the slow reference says, for every pair, body and choice."""
    old = data.draw(policies())
    new, batch, said = data.draw(successors(old)), data.draw(bearing(old)), data.draw(spoken(old))
    later = Later(new, table(new, said))
    slow = merged(
        [
            decide_one(old, old.apps["shop"], told(old, batch, i), table(old, said), later=later)
            for i in range(batch.size)
        ]
    )
    fast = bulk(old, new, batch, said)

    assert +slow.tally == +fast.tally
    assert rows(slow.blocks) == rows(fast.blocks)
    assert cells(slow) == cells(fast)
    assert set(slow.votes) == set(fast.votes)


def test_what_waited_is_kept_without_an_account_only_where_both_versions_keep_it_so() -> None:
    """A rule that keeps as long as there is an account has nothing that would end it otherwise."""
    old = shop()
    phones = next(rule for rule in old.collect if "device.android_id" in rule.items and rule.keep is not None)
    rules = [replace(rule, keep=WHILE_ACCOUNT) if rule is phones else rule for rule in old.collect]
    columns: dict[Item, list[Value | None]] = {Item("device.android_id"): ["0123456789abcdef"]}
    batch = Batch(kind=Kind.PAGE_VISIT, size=1, columns=columns)

    assert [1, 0] == [
        len(bulk(old, replace(old, version=2, collect=tuple(collect)), batch, {}).blocks)
        for collect in (old.collect, rules)
    ]


def test_no_clue_leads_to_a_block_that_the_version_in_force_would_not_keep_itself() -> None:
    """A newer version keeps addresses only of whoever has an account: the block of another one has none."""
    old, address, ads = dense(), Item("net.ip"), PurposeKey("ads")
    rules = [replace(rule, keep=WHILE_ACCOUNT) if rule.items == (address,) else rule for rule in old.collect]
    columns: dict[Item, list[Value | None]] = {
        Item("device.installation"): ["phone"],
        Item("device.model"): ["One"],
        Item("country"): ["DE"],
        address: ["192.0.2.1"],
    }
    batch = Batch(kind=Kind.PAGE_VISIT, size=1, columns=columns)
    said: Spoken = {(Item("device.installation"), "phone"): {ads: Choice.GRANT}}
    of_ads = {rule.index for rule in old.collect if rule.purpose == ads and rule.keep is not None}
    found = [
        [
            (sorted(row), [clue.item for clue in block.clues])
            for block in bulk(old, replace(old, version=2, collect=tuple(collect)), batch, said).blocks
            for row in block.rows
            if block.rule % len(old.collect) in of_ads
        ]
        for collect in (old.collect, rules)
    ]

    assert [(["device.model"], [address]), ([address], [address])] == sorted(found[0])
    assert [(["device.model"], [])] == found[1]


def test_what_shuts_a_record_out_is_why_its_values_are() -> None:
    """A measure of a record that somebody refused is refused, though the version in force has no such measure."""
    old, serve, seconds = dense(), PurposeKey("serve"), Item("page.duration")
    new = replace(old, version=2, facts={**old.facts, "visits": replace(old.facts["visits"], measures=())})
    columns: dict[Item, list[Value | None]] = {Item("account.id"): ["ada"], seconds: [3], Item("country"): ["JP"]}
    batch = Batch(kind=Kind.PAGE_VISIT, size=1, columns=columns)

    reasons = [
        {one.reason for one in bulk(old, new, batch, said).tally if (one.item, one.purpose) == (seconds, serve)}
        for said in ({}, {(Item("account.id"), "ada"): {serve: Choice.REFUSE}})
    ]
    assert [{None, Reason.SUPERSEDED}, {None, Reason.REFUSED}] == reasons


def test_a_tokens_yes_lapses_with_a_version_that_it_does_not_cover() -> None:
    """What a record's token granted is granted to the version in force where a consent would be, and else it is not."""
    old, ads = dense(), PurposeKey("ads")
    columns: dict[Item, list[Value | None]] = {
        Item("account.id"): ["ada"],
        Item("device.model"): ["One"],
        Item("country"): ["US"],
    }
    batch = Batch(kind=Kind.PAGE_VISIT, size=1, columns=columns, granted=[1 << [*old.purposes].index(ads)])
    longer = tuple(
        replace(rule, keep=rule.keep * 9) if rule.keep and rule.purpose == ads else rule for rule in old.collect
    )

    assert [{None}, {Reason.NO_CONSENT}] == [
        {end.reason for end in bulk(old, new, batch, {}).tally if (end.item, end.purpose) == ("device.model", ads)}
        for new in (replace(old, version=2), replace(old, version=2, collect=longer))
    ]


def test_what_is_collected_no_more_is_no_name_of_what_waited() -> None:
    """A block belongs to those names alone under which both versions would keep it."""
    old, phone = shop(), Item("device.android_id")
    fewer = tuple(replace(rule, items=tuple(item for item in rule.items if item != phone)) for rule in old.collect)
    columns: dict[Item, list[Value | None]] = {phone: ["0123456789abcdef"], Item("account.id"): ["u1"]}
    batch = Batch(kind=Kind.PAGE_VISIT, size=1, columns=columns)

    assert [{"account.id", phone}, {"account.id"}] == [
        {
            name.item
            for block in bulk(old, replace(old, version=2, collect=rules), batch, {}).blocks
            for name in block.names
        }
        for rules in (old.collect, fewer)
    ]


def shop() -> Policy:
    """The example, for one app."""
    return replace(example(), apps={"shop": replace(example().apps["shop-android"], name="shop")})


Use = tuple[Item, PurposeKey]


def happening(split: Split) -> set[tuple[Item, PurposeKey, Fate]]:
    """Uses that happened, as item, purpose and fate."""
    return {(key.item, key.purpose, key.fate) for key, n in split.tally.items() if n and key.fate is not Fate.DROPPED}


def fallbacks(split: Split) -> set[tuple[Item, PurposeKey, Fate]]:
    """Votes that were not needed, another identifier having counted: one happens where that is barred."""
    idle = (key for key, n in split.tally.items() if n and key.reason is Reason.NOT_NEEDED)
    return {(key.item, key.purpose, Fate.COUNTED) for key in idle}


def allowed(split: Split) -> set[Use]:
    """Uses that happened or were not needed, as item and purpose."""
    ends = (key for key, n in split.tally.items() if n)
    return {(key.item, key.purpose) for key in ends if key.reason in (None, Reason.NOT_NEEDED)}


def sizes(split: Split) -> Counter[str]:
    """How much each fact and count gets."""
    found = Counter(vote.count for vote in split.votes)
    for key, cell in split.cells.items():
        found[key.fact] += cell.n
    return found


def _since(batch: Batch, old: Policy, new: Policy) -> Batch:
    """The same, of which a token grants to the newer version what a consent that the older was given still covers."""
    keys, anew = list(new.purposes), outgrown(old, new)
    bits = [1 << keys.index(key) if key in keys and key not in anew else 0 for key in old.purposes]
    masks = [sum(bit for at, bit in enumerate(bits) if mask >> at & 1) for mask in batch.granted or ()]
    return msgspec.structs.replace(batch, granted=masks or None)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_nothing_happens_that_either_version_alone_would_not_do(data: st.DataObject) -> None:
    """Of a record that waited no value is kept, reduced or counted that either version bars or does not have."""
    old = data.draw(policies())
    new = replace(data.draw(successors(old)), region=old.region)  # where they tell countries apart in the same way
    said = data.draw(spoken(old))
    for i in range((batch := data.draw(bearing(old))).size):
        one = batch.only([i])
        both, before = bulk(old, new, one, said), bulk(old, None, one, said)
        after = bulk(new, None, _since(one, old, new), said) if new.apps else Split()

        assert happening(both) <= happening(before) | fallbacks(before)
        assert {(item, purpose) for item, purpose, _ in happening(both)} <= allowed(after)
        assert not sizes(both) - sizes(before)
        assert not sizes(both) - sizes(after)
        assert set(both.votes) <= {vote for vote in both.votes if vote.item in new.counts[vote.count].of}


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_what_waited_stays_no_longer_than_either_version_says(data: st.DataObject) -> None:
    """Wherever a record is from: it stays as its own version says or as the one in force, whichever is shorter."""
    old = data.draw(policies())
    new = replace(data.draw(successors(old)), region=old.region)
    found = {ruling: timedelta(milliseconds=ms) for ruling, ms in expiries([old, new]).items()}

    for number, rule, law in rulings(old):
        if (own := law.keep(rule)) is None:
            continue
        assert found[old.version, number] <= own
        for country in (country for country in ("NL", "DE", "US", "FR", UNKNOWN) if laws(old).of(country) == law):
            later = laws(new).of(country)
            for item in rule.items:
                keeps = [
                    keep
                    for one in new.collect
                    if (one.purpose, one.source in SDK_SOURCES) == (rule.purpose, True)
                    if item in one.items and new.purposes[one.purpose].says == old.purposes[one.purpose].says
                    if (keep := later.keep(one)) is not None
                ]
                assert not keeps or found[old.version, number] <= max(keeps)
    assert {number: law.keep(rule) for number, rule, law in rulings(new) if law.keep(rule) is not None} == {
        number: keep for (version, number), keep in found.items() if version == new.version
    }
