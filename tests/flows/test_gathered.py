"""Requests that come at once are judged together, and nobody can tell."""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field

import hypothesis
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_apart import example
from test_decide import seen

from remit.flows.collect import Collector, CollectorWorld
from remit.flows.counters import Counters
from remit.flows.entry import Entry, unpacked
from remit.flows.gathered import REQUESTS_MAX
from remit.flows.load import SentRow
from remit.flows.sampling import FieldSums
from remit.policy.choice_tokens import ChoiceToken, day_of, minted, verifier
from remit.policy.choices import NO_CHOICES, Choices, ChoiceTable, Said, tag
from remit.policy.decide import decide
from remit.policy.plan import plans
from remit.policy.split import Split
from remit.proof.pairs import Weaver
from remit.proof.small import Coins, SteadyClock
from remit.proof.trace import Sent
from remit.wire.request import Reply, Request
from remit.wire.routes import protocol_for
from remit.wire.signals import CHOICE

POLICY = example()
PLANS = plans(POLICY)
WEAVER = Weaver(POLICY)
RECEIVED = 1_790_000_000_000
DAY = day_of(RECEIVED)
GENERAL, KEY = {"sec-gpc": "1"}, b"k" * 16


@dataclass
class Disk:
    """A journal that takes its time, and may fail."""

    entries: list[Entry] = field(default_factory=list)
    fails: bool = False

    async def append(self, entry: bytes, version: int) -> None:
        del version
        await asyncio.sleep(0.01)
        if self.fails:
            raise OSError("no room")
        self.entries.append(unpacked(entry))


def tokens(seed: int) -> list[str]:
    """Choice tokens of one of the apps: some are in order, one is changed, and of one nothing can be read."""
    dice, purposes, app = random.Random(seed), list(POLICY.purposes), next(iter(POLICY.apps))
    made = [
        ChoiceToken(version=version, day=DAY, app=app, granted=tuple(granted), refused=tuple(refused))
        for version in (POLICY.version, POLICY.version, POLICY.version + 1)
        for granted, refused in [(dice.sample(purposes, 2), dice.sample(purposes, 1))]
    ]
    return [*(minted(one, KEY) for one in made), minted(made[0], b"another's key"), "undefined"]


def requests(seed: int) -> list[Request]:
    """What several clients send, some of whom refuse by a signal, or say yes and no by a choice token."""
    sent = [step.request for step in (*WEAVER.pair(seed).left, *WEAVER.pair(seed + 1).left) if isinstance(step, Sent)]
    several, found = tokens(seed), list[Request]()
    for number, one in enumerate(sent * 2):
        more = GENERAL if number % 3 == 0 else {}
        more |= {CHOICE: several[number % len(several)]} if number % 2 else {}
        found.append(msgspec.structs.replace(one, headers={**one.headers, **more}))
    return found


def chosen(seed: int) -> ChoiceTable:
    """What those who send have chosen, and more of them: every name of theirs refuses, grants or is silent."""
    dice, bits = random.Random(seed), (1 << len(POLICY.purposes)) - 1
    said: dict[bytes, Said] = {}
    for one in requests(seed):
        protocol = protocol_for(one.method, one.path)
        key = protocol.key(one) if protocol else None
        app = next((app for app in POLICY.apps.values() if key and key.names(app)), None)
        if protocol is None or app is None:
            continue
        for batch in protocol.decoder(PLANS[app.name])(one, RECEIVED).batches:
            for item in PLANS[app.name].tables[batch.kind].names:
                for value in batch.columns.get(item, ()):
                    form = POLICY.catalogue[item].form(value) if value is not None else ""
                    if form and dice.random() < 0.5:
                        said[tag(KEY, item, form)] = Said(dice.getrandbits(64) & bits, dice.getrandbits(64) & bits)
    return ChoiceTable(KEY, said)


def collected(
    asked: list[Request], choices: Choices, disk: Disk, *, at_once: bool
) -> tuple[list[Reply | None], Counter[str]]:
    """The replies, in the order of the requests, and what was counted."""
    coins, counters = Coins(random.Random(7), sample_all=True), Counters()
    world = CollectorWorld(
        journal=disk,
        choices=lambda: choices,
        clock=SteadyClock(RECEIVED),
        chance=coins,
        verifier=lambda: verifier(POLICY, {POLICY.version: frozenset(POLICY.purposes)}, KEY),
    )
    collector = Collector(POLICY, world, counters)

    async def act() -> list[Reply | None]:
        if at_once:
            return list(await asyncio.gather(*(collector.collect(one) for one in asked)))
        return [await collector.collect(one) for one in asked]

    return asyncio.run(act()), Counter(counters.sums())


def divided(entries: list[Entry], choices: Choices) -> tuple[tuple[object, ...], list[SentRow]]:
    """What the divider makes of them, and of their samples."""
    split, sent = Split(), FieldSums()
    for entry in entries:
        split.tally.update(entry.ends())
        sent.add(0, entry.app, entry.samples)
        for batch in entry.batches:
            split.add(decide(PLANS[entry.app], batch, choices=choices, received=entry.received))
    return seen(split), sorted(sent.rows())


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 10_000))
@hypothesis.example(9)  # two of one turn are told differently
def test_requests_that_come_at_once_are_taken_as_if_one_by_one(seed: int) -> None:
    """Every reply, block, cell, vote, end, sample and count is the same whoever chose what; entries are no more."""
    choices, asked = chosen(seed), requests(seed)
    single, several = Disk(), Disk()
    one_by_one = collected(asked, choices, single, at_once=False)
    at_once = collected(asked, choices, several, at_once=True)

    assert one_by_one == at_once
    assert divided(single.entries, choices) == divided(several.entries, choices)
    assert len(several.entries) <= len(single.entries)


@pytest.mark.parametrize(("n", "expected"), [(1, 1), (REQUESTS_MAX, 1), (REQUESTS_MAX + 1, 2)])
def test_an_entry_is_of_so_many_requests_at_most(n: int, expected: int) -> None:
    """What is decoded and waits for its turn is bounded; one request alone waits for nobody."""
    disk = Disk()
    replies, _ = collected([page() for _ in range(n)], NO_CHOICES, disk, at_once=True)

    assert {202} == {reply and reply.status for reply in replies}
    assert expected == len(disk.entries)
    assert n == sum(batch.size for entry in disk.entries for batch in entry.batches)


def test_where_the_disk_fails_all_of_them_hear_it() -> None:
    """Nobody whose record is not on disk is told that it is."""
    replies, counted = collected([page() for _ in range(9)], NO_CHOICES, Disk(fails=True), at_once=True)

    assert [503] * 9 == [reply and reply.status for reply in replies]
    assert 9 == counted["refused:no_room"]


def page() -> Request:
    """One page view."""
    domain = next(app.domain for app in POLICY.apps.values() if app.domain)
    body = {"n": "pageview", "d": domain, "u": f"https://{domain}/"}
    return Request(
        method="POST", path="/api/event", query={}, headers={}, peer="192.0.2.9", body=msgspec.json.encode(body)
    )
