"""L1: every declared use of every value that is present ends in exactly one fate."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from generated import dense, worlds
from hypothesis import given, settings
from hypothesis import strategies as st
from wide import keeping

from remit.policy.choices import NO_CHOICES, ChoiceTable, Said, tag
from remit.policy.columns import Batch
from remit.policy.compile import compiled
from remit.policy.decide import decide, dropped
from remit.policy.model import Policy
from remit.policy.narrow import Narrower
from remit.policy.plan import plan
from remit.policy.reference import Told, decide_one
from remit.policy.split import Block, Cell, Split, merged
from remit.policy.words import Basis, Fate, Item, Kind, PurposeKey, Reason, Value

SOUND_ALL = (Path(__file__).parents[1] / "policy" / "cases" / "sound-all.yaml").read_text(encoding="utf-8")
RECEIVED = 1_764_000_000_000


def rows(blocks: list[Block]) -> Counter[object]:
    return Counter(
        (block.names, block.clues, block.rule, tuple(sorted(row.items()))) for block in blocks for row in block.rows
    )


def cells(split: Split) -> dict[object, object]:
    return {key: (cell.n, {m: dict(b) for m, b in cell.histograms.items()}) for key, cell in split.cells.items()}


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_deciding_in_bulk_after_narrowing_equals_the_reference_record_by_record(data: st.DataObject) -> None:
    """Intake and divider together, and the divider alone, come to what the slow reference says."""
    policy, batch, table = data.draw(worlds())
    app_plan = plan(policy, policy.apps["shop"])

    slow = by_reference(policy, batch, table)
    narrowed = Narrower(app_plan).narrow(batch, table)
    fast = Split(tally=narrowed.tally)
    if narrowed.batch is not None:
        fast.add(decide(app_plan, narrowed.batch, choices=table, received=RECEIVED))
    alone = decide(app_plan, batch, choices=table, received=RECEIVED)

    assert seen(slow) == seen(fast)
    assert seen(slow) == seen(alone)


def by_reference(policy: Policy, batch: Batch, table: ChoiceTable) -> Split:
    """What the slow reference says, record by record."""
    app, weights = policy.apps["shop"], batch.weights or [1] * batch.size
    bodies: list[dict[Item, Value]] = [{} for _ in range(batch.size)]
    for item, column in batch.columns.items():
        for body, value in zip(bodies, column, strict=True):
            if value is not None:
                body[item] = value
    told = [Told(batch.kind, body, RECEIVED, weight) for body, weight in zip(bodies, weights, strict=True)]
    return merged([decide_one(policy, app, one, table) for one in told])


def seen(split: Split) -> tuple[object, ...]:
    """All of a split, in no order."""
    return +split.tally, rows(split.blocks), cells(split), set(split.votes)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_every_use_of_every_present_value_ends_once(data: st.DataObject) -> None:
    """The tally sums to the uses that are declared of the values that are present; none is lost or doubled."""
    policy, batch, _ = data.draw(worlds())
    app_plan = plan(policy, policy.apps["shop"])
    table = app_plan.tables[batch.kind]

    owed = sum(
        len(table.uses.get(item, ())) * sum(value is not None for value in column)
        for item, column in batch.columns.items()
    )
    split = decide(app_plan, batch, choices=NO_CHOICES, received=RECEIVED)

    assert owed == sum(split.tally.values())
    assert owed == sum(dropped(app_plan, batch, Reason.REPEAT).tally.values())
    assert sum(len(row) for block in split.blocks for row in block.rows) == sum(
        n for key, n in split.tally.items() if key.fate is Fate.KEPT
    )


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_refusal_never_keeps_more(data: st.DataObject) -> None:
    """With any choices withdrawn into refusals, no fate but dropped grows (L8)."""
    policy, batch, table = data.draw(worlds())
    app_plan = plan(policy, policy.apps["shop"])
    stricter = type(table)(table.key, {tag: said._replace(refused=7, granted=0) for tag, said in table.tags.items()})

    before = decide(app_plan, batch, choices=table, received=RECEIVED)
    after = decide(app_plan, batch, choices=stricter, received=RECEIVED)

    def kept(split: Split) -> Counter[object]:
        return Counter({key: n for key, n in split.tally.items() if key.fate is Fate.KEPT})

    assert not kept(after) - kept(before)
    assert sum(cell.n for cell in after.cells.values()) <= sum(cell.n for cell in before.cells.values())
    assert len(after.votes) <= len(before.votes)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_what_was_barred_at_intake_stays_barred(data: st.DataObject) -> None:
    """A grant that comes while a record lies in the journal does not reach back to it."""
    policy, batch, table = data.draw(worlds())
    app_plan = plan(policy, policy.apps["shop"])

    narrowed = Narrower(app_plan).narrow(batch, table).batch
    if narrowed is None:
        return
    later = type(table)(table.key, {tag: said._replace(granted=7, refused=0) for tag, said in table.tags.items()})
    then = decide(app_plan, narrowed, choices=table, received=RECEIVED)
    now = decide(app_plan, narrowed, choices=later, received=RECEIVED)

    assert rows(now.blocks) == rows(then.blocks)
    assert set(now.votes) == set(then.votes)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
def test_of_people_in_one_batch_each_is_judged_by_what_they_said(order: tuple[int, ...]) -> None:
    """Who said yes keeps what takes one, who said no or nothing does not, whoever stands first."""
    whole = keeping([Item("account.id"), Item("email")])
    purposes = {key: replace(one, basis=Basis.CONSENT) for key, one in whole.purposes.items()}
    app_plan = plan(policy := replace(whole, purposes=purposes), policy.apps["shop"])
    people = [("said-yes", Said(1, 0)), ("said-no", Said(0, 1)), ("said-nothing", None)]
    said = {tag(b"k" * 32, Item("account.id"), who): what for who, what in people if what}
    names = [people[i][0] for i in order]
    columns = {Item("account.id"): names, Item("email"): [f"{who}@example.org" for who in names]}

    left = (
        Narrower(app_plan).narrow(Batch(kind=Kind.ACCOUNT, size=3, columns=columns), ChoiceTable(b"k" * 32, said)).batch
    )

    assert left is not None
    assert [["said-yes"], ["said-yes@example.org"]] == [list(left.columns[item]) for item in columns]


@pytest.mark.parametrize("said", [(1, True), (True, 1)])
def test_what_equals_a_name_and_is_none_names_nobody(said: tuple[Value, ...]) -> None:
    """A number may be somebody, and True is not, though Python says that they are equal."""
    policy = keeping([Item("account.id"), Item("email")])
    columns: dict[Item, list[Value | None]] = {
        Item("account.id"): [*said],
        Item("email"): ["ada@example.org"] * 2,
    }
    batch = Batch(kind=Kind.ACCOUNT, size=2, columns=columns)

    split = decide(plan(policy, policy.apps["shop"]), batch, choices=NO_CHOICES, received=RECEIVED)

    assert ["1"] == [name.form for block in split.blocks for name in block.names if name.item == "account.id"]


def test_cells_of_one_key_merge_exactly() -> None:
    """The sum of histograms is the histogram of the sum."""
    left, right = Cell(2, {"s": Counter({1: 2})}), Cell(3, {"s": Counter({1: 1, 4: 3})})
    left.add(right)

    assert Cell(5, {"s": Counter({1: 3, 4: 3})}) == left


def test_a_clue_leads_to_what_is_kept_for_its_own_purpose_alone() -> None:
    """An address leads to blocks of the purpose for which it is kept; one that was refused, or bent, leads nowhere."""
    log = "from: log, for:"
    more = f"  - {{items: [net.ip], {log} deliver, keep: 1d}}\n  - {{items: [net.ip], {log} answer, keep: 2d}}\n"
    policy = compiled(SOUND_ALL.replace("facts:\n", f"{more}facts:\n"), "remit.yaml")
    assert isinstance(policy, Policy), policy
    app_plan, ada = plan(policy, policy.apps["web"]), {Item("email"): ["ada@example.org"]}
    found, rules = [], len(policy.collect)

    def purpose(ruling: int) -> str:
        return policy.collect[ruling % rules].purpose

    for address, said in (
        ("::ffff:192.0.2.1", NO_CHOICES),
        ("192.0.2.1", _Refuses(policy, "deliver")),
        ("nowhere", NO_CHOICES),
    ):
        batch = Batch(kind=Kind.ACCOUNT, size=1, columns={**ada, Item("net.ip"): [address]})
        split = decide(app_plan, batch, choices=said, received=RECEIVED)
        mailed = {purpose(block.rule) for block in split.blocks if Item("email") in next(iter(block.rows))}
        assert {"deliver", "answer"} == mailed, "an order needs an email address, so it cannot be refused"
        led = [(block.rule, clue) for block in split.blocks for clue in block.clues]
        assert [one.rule // rules for _, one in led] == [rule // rules for rule, _ in led], "under the same law"
        found.append({(purpose(rule), purpose(one.rule), one.item, one.form) for rule, one in led})

    deliver, answer = ((one, one, "net.ip", "192.0.2.1") for one in ("deliver", "answer"))
    assert [{deliver, answer}, {answer}, set()] == found


ACCOUNTS = """
version: 1
controller: {name: Example Shop, contact: privacy@example.org, country: NL}
purposes:
  serve: {says: to keep the account that you opened, basis: contract, dpv: ServiceRegistration}
services:
  account: {says: have an account, needs: [{item: email, for: serve}]}
apps:
  shop: {id: 1, key: demo, services: [account]}
automated: none
collect:
  - {items: [email, device.model, device.mac], from: device, for: serve, keep: KEEP}
"""
MODEL = {"device.model": "m", "device.mac": "00005e0053f1"}


@pytest.mark.parametrize(
    ("keep", "told", "kept", "dropped_for"),
    [
        ("1y", {"email": "ada@example.org", "device.model": "m"}, {"email", "device.model"}, {}),
        ("1y", {"email": "nobody", "device.installation": "i"}, set(), {"email": Reason.MALFORMED}),
        ("while-account", {"email": "ada@example.org"}, {"email"}, {}),
        ("while-account", {"device.model": "m"}, set(), {"device.model": Reason.NO_SUBJECT}),
        ("while-account", MODEL, set(), dict.fromkeys(MODEL, Reason.NO_ACCOUNT)),
    ],
)
def test_what_is_kept_has_its_form_and_somebody_it_belongs_to(
    keep: str, told: dict[str, str], kept: set[str], dropped_for: dict[str, Reason]
) -> None:
    """A malformed value is dropped alone; what ends with an account needs one, and a device is none."""
    policy = compiled(ACCOUNTS.replace("KEEP", keep), "remit.yaml")
    assert isinstance(policy, Policy), policy
    app_plan = plan(policy, policy.apps["shop"])
    batch = Batch(kind=Kind.ACCOUNT, size=1, columns={Item(item): [value] for item, value in told.items()})
    split = decide(app_plan, batch, choices=NO_CHOICES, received=RECEIVED)

    assert kept == {item for block in split.blocks for row in block.rows for item in row}
    assert dropped_for == {key.item: key.reason for key in split.tally if key.fate is Fate.DROPPED}


def test_a_device_is_read_with_a_yes_where_a_statistic_waits_for_one() -> None:
    """Somebody silent is counted where no yes is asked for, with a yes in all, and after a refusal in none."""
    learn = PurposeKey("learn")
    policy = compiled(SOUND_ALL.replace("on: page_visit", "on: event"), "remit.yaml")
    assert isinstance(policy, Policy), policy
    app_plan = plan(policy, policy.apps["web"])
    columns = {Item("account.id"): ["17"], Item("page.url"): ["https://shop.example/"], Item("country"): ["US"]}
    batch = Batch(kind=Kind.EVENT, size=1, columns=columns)
    mask = 1 << [*policy.purposes].index(learn)

    found = []
    for said in (Said(0, 0), Said(mask, 0), Said(0, mask)):
        split = decide(app_plan, batch, choices=_Say(said), received=RECEIVED)
        ends = {(key.fate, key.reason) for key in split.tally if key.item == "page.url" and key.purpose == learn}
        found.append(({key.fact for key in split.cells}, ends))

    reduced, dropped_for = (Fate.REDUCED, None), [(Fate.DROPPED, why) for why in (Reason.NO_CONSENT, Reason.REFUSED)]
    assert ({"visits"}, {reduced, dropped_for[0]}) == found[0]
    assert ({"visits", "events"}, {reduced}) == found[1]
    assert (set(), {dropped_for[1]}) == found[2]


class _Say:
    """Everybody has said one thing."""

    def __init__(self, said: Said) -> None:
        self._said = said

    def said(self, _item: Item, _form: str) -> Said:
        return self._said


class _Refuses:
    """Everybody has refused one purpose."""

    def __init__(self, policy: Policy, purpose: str) -> None:
        self._mask = 1 << [*policy.purposes].index(PurposeKey(purpose))

    def said(self, _item: Item, _form: str) -> Said:
        return Said(0, self._mask)


def test_a_batch_of_no_records_comes_to_nothing() -> None:
    """Its columns are there, and bear nothing."""
    policy = dense()
    batch = Batch(kind=Kind.PAGE_VISIT, size=0, columns={Item("account.id"): [], Item("net.ip"): []})

    assert Split() == decide(plan(policy, policy.apps["shop"]), batch, choices=NO_CHOICES, received=RECEIVED)


MEASURED = """
version: 1
controller: {name: Example Shop, contact: privacy@example.org, country: NL}
purposes:
  run: {says: to see whether pages open quickly, basis: legitimate-interest, dpv: ServiceOptimisation}
services:
  pages: {says: read pages, needs: [{item: page.duration, for: run}]}
apps:
  shop: {id: 1, key: demo, services: [pages]}
automated: none
collect:
  - {items: [device.installation, page.duration], from: device, for: run, keep: 7d}
facts:
  visits: {on: page_visit, by: {app: app.name}, measure: {seconds: page.duration}, for: run, device_access: necessary}
"""


def test_a_record_that_stands_for_several_happenings_counts_and_measures_each() -> None:
    """Alike records of one weight, and one of another: their cell has as many as they stand for, in each bucket."""
    policy = compiled(MEASURED, "remit.yaml")
    assert isinstance(policy, Policy), policy
    columns = {Item("page.duration"): [2.0, 2.0, 9.0]}
    visits = Batch(kind=Kind.PAGE_VISIT, size=3, columns=columns, weights=[5, 5, 7])
    (cell,) = decide(plan(policy, policy.apps["shop"]), visits, choices=NO_CHOICES, received=RECEIVED).cells.values()

    assert (17, [7, 10]) == (cell.n, sorted(cell.histograms["seconds"].values()))
