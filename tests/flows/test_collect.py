"""Which requests are taken at all, before anything of them is read."""

import asyncio
import json
from pathlib import Path

import pytest
from msgspec.structs import replace
from stands import StillClock
from wide import keeping

from remit.flows.collect import Collector, CollectorWorld
from remit.flows.counters import Counters
from remit.flows.entry import unpacked
from remit.flows.in_force import Intake
from remit.flows.trial import trial
from remit.policy.choices import NO_CHOICES
from remit.policy.compile import compiled
from remit.policy.model import Policy
from remit.policy.words import Item
from remit.stores.world import SystemChance
from remit.wire.request import Request

SOUND = (Path(__file__).parents[1] / "policy" / "cases" / "sound.yaml").read_text(encoding="utf-8")
WEBSITE = "2f5e2f5c-3b1c-4d0e-9a51-6a3c1f0f7a10"
NARROW = SOUND.replace("key: demo,", f"key: demo, protocols: [plausible, umami], umami: {WEBSITE},")
PAGE = json.dumps({"n": "pageview", "u": "https://shop.example/", "d": "shop.example"}).encode()
PAGES = [{"type": "page", "userId": "u1"}] * 2000
CALL = json.dumps({"type": "page", "userId": "u1", "writeKey": "demo", "properties": {"url": "/"}}).encode()


class MemoryJournal:
    """What was appended, in a list."""

    def __init__(self) -> None:
        self.entries: list[tuple[bytes, int]] = []

    async def append(self, entry: bytes, version: int) -> None:
        self.entries.append((entry, version))


def policy_of(text: str) -> Policy:
    """The compiled policy."""
    found = compiled(text, "remit.yaml")
    assert isinstance(found, Policy), found
    return found


class SmallJournal(MemoryJournal):
    """A journal for which every entry is too large."""

    async def append(self, entry: bytes, version: int) -> None:
        raise ValueError(len(entry), version)


def sent(text: str, path: str, body: bytes) -> tuple[int, int]:
    """The status of the reply, and how many entries were left."""
    journal = MemoryJournal()
    world = CollectorWorld(journal=journal, choices=lambda: NO_CHOICES, clock=StillClock(), chance=SystemChance())
    request = Request(method="POST", path=path, query={}, headers={}, peer="192.0.2.9", body=body)
    reply = asyncio.run(Collector(policy_of(text), world, Counters()).collect(request))
    assert reply is not None
    return reply.status, len(journal.entries)


def test_an_app_is_sent_to_only_by_the_protocols_that_it_takes() -> None:
    """By a protocol that the policy does not name for an app, its key is unknown, and nothing is left."""
    assert [(200, 1), (202, 1)] == [sent(SOUND, "/v1/page", CALL), sent(SOUND, "/api/event", PAGE)]
    assert [(401, 0), (202, 1)] == [sent(NARROW, "/v1/page", CALL), sent(NARROW, "/api/event", PAGE)]


@pytest.mark.parametrize("journal", [MemoryJournal(), SmallJournal()])
def test_a_request_that_leaves_too_large_an_entry_is_refused(journal: MemoryJournal) -> None:
    """In the vendor's words and with a number, whether intake finds it too large or the journal does."""
    address = "/" + "\U0001f600" * 2000
    calls = [{"type": "page", "userId": f"u{i}", "properties": {"url": "/"}} for i in range(2)]
    small = isinstance(journal, SmallJournal)
    body = {"writeKey": "demo", "context": {"page": {"url": address}}, "batch": calls if small else PAGES}
    world = CollectorWorld(journal=journal, choices=lambda: NO_CHOICES, clock=StillClock(), chance=SystemChance())
    request = Request(
        method="POST", path="/v1/batch", query={}, headers={}, peer="192.0.2.9", body=json.dumps(body).encode()
    )
    counters = Counters()
    reply = asyncio.run(Collector(policy_of(SOUND), world, counters).collect(request))

    assert reply is not None
    assert (413, b"too_large" in reply.body) == (reply.status, True)
    assert 1 == counters.sums()["refused:too_large"]
    assert [] == journal.entries


class SlowJournal(MemoryJournal):
    """A journal whose disk takes as long as it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.disk = asyncio.Event()

    async def append(self, entry: bytes, version: int) -> None:
        await self.disk.wait()
        await super().append(entry, version)


def collector(journal: MemoryJournal, counters: Counters) -> Collector:
    """Of the sound policy."""
    world = CollectorWorld(journal=journal, choices=lambda: NO_CHOICES, clock=StillClock(), chance=SystemChance())
    return Collector(policy_of(SOUND), world, counters)


def posted(path: str, body: bytes, **headers: str) -> Request:
    """A request of somebody."""
    return Request(method="POST", path=path, query={}, headers=headers, peer="192.0.2.9", body=body)


def test_what_waits_for_the_disk_is_bounded() -> None:
    """Entries that are not written yet are held; with too many of them, whoever comes is told to come again."""
    context = {"page": {"url": "/" + "\U0001f600" * 2000}}
    large = json.dumps({"writeKey": "demo", "context": context, "batch": PAGES[:900]}).encode()

    async def act() -> None:
        journal, counters = SlowJournal(), Counters()
        behind = collector(journal, counters)
        asked = [asyncio.create_task(behind.collect(posted("/v1/batch", large))) for _ in range(12)]
        await asyncio.wait(asked, timeout=10, return_when=asyncio.FIRST_COMPLETED)
        journal.disk.set()
        replies = [reply.status for reply in await asyncio.gather(*asked) if reply is not None]
        assert {200, 503} == set(replies)
        assert replies.count(503) == counters.sums()["refused:busy"]
        assert replies.count(200) == len(journal.entries)
        assert 64 << 20 >= sum(len(entry) for entry, _ in journal.entries) > 32 << 20
        last = await behind.collect(posted("/v1/batch", large))
        assert last is not None
        assert 200 == last.status

    asyncio.run(act())


def test_a_key_in_the_head_is_looked_up_before_the_body() -> None:
    """Who says in the head whose it is and is nobody is turned away; who does not say so is asked for the body."""
    counters = Counters()
    behind = collector(MemoryJournal(), counters)
    known, unknown = "Basic ZGVtbzo=", "Basic bm9ib2R5Og=="
    heads = [
        posted("/v1/batch", b""),
        posted("/v1/batch", b"", authorization=known),
        posted("/v1/batch", b"", authorization=unknown),
        posted("/api/1/envelope/", b"", **{"x-sentry-auth": "Sentry sentry_key=demo"}),
        posted("/api/9/envelope/", b"", **{"x-sentry-auth": "Sentry sentry_key=demo"}),
        posted("/api/1/envelope/", b"", **{"x-sentry-auth": "Sentry sentry_key=nobody"}),
        posted("/api/1/envelope/", b""),
        posted("/api/event", b""),
    ]
    replies = [behind.turned_away(head) for head in heads]

    assert [None, None, 401, None, 403, 403, None, None] == [reply and reply.status for reply in replies]
    assert {"refused:unknown_key": 3} == counters.sums()


def test_who_asks_what_to_do_leaves_nothing() -> None:
    """A question about flags or features is answered from the plan of whose it is: no entry, no sample, no choice."""
    counters, journal = Counters(), MemoryJournal()
    behind = collector(journal, counters)
    asks = posted("/flags/", json.dumps({"token": "demo", "distinct_id": "u1"}).encode())
    config = replace(posted("/array/demo/config", b""), method="GET")
    strangers = [
        posted("/flags/", b'{"token":"nobody"}'),
        posted("/flags/", b"nonsense"),
        replace(config, path="/array/nobody/config"),
    ]
    replies = [asyncio.run(behind.collect(one)) for one in (asks, config, *strangers)]

    assert [200, 200, 401, 401, 401] == [reply and reply.status for reply in replies]
    assert [None, 401] == [(found := behind.turned_away(one)) and found.status for one in (config, strangers[2])]
    assert [] == journal.entries
    assert {"refused:unknown_key": 4} == counters.sums()
    assert [] == behind.used()


def test_what_names_somebody_in_an_error_is_gone_before_it_is_written_down() -> None:
    """Not even the sealed entry has it."""
    journal = MemoryJournal()
    policy = keeping([Item("crash.message"), Item("account.id")])
    world = CollectorWorld(journal=journal, choices=lambda: NO_CHOICES, clock=StillClock(), chance=SystemChance())
    items = {"account.id": "u1", "crash.message": "no account ada@example.org"}
    body = json.dumps({"key": "k", "kind": "crash", "items": items}).encode()
    asyncio.run(Collector(policy, world, Counters()).collect(posted("/remit/v1/records", body)))
    (entry,) = [unpacked(found) for found, _ in journal.entries]

    assert ["no account [email]"] == list(entry.batches[0].columns[Item("crash.message")])


def test_a_trial_is_read_by_the_protocols_that_the_app_takes() -> None:
    """What would be refused is not tried either."""
    assert trial(policy_of(SOUND), "web", CALL, received=0)
    with pytest.raises(ValueError, match="this app takes"):
        trial(policy_of(NARROW), "web", CALL, received=0)


class PausedJournal:
    """Notes versions, and lets something happen before the first entry is on disk."""

    def __init__(self) -> None:
        self.versions, self.meanwhile = list[int](), asyncio.Event()

    async def append(self, _entry: bytes, version: int) -> None:
        """Returns when it was let."""
        self.versions.append(version)
        await self.meanwhile.wait()


def test_a_request_ends_under_the_version_under_which_it_began() -> None:
    """Going over to another version refuses nobody: who is under way is answered, who comes later is read by it."""
    journal = PausedJournal()
    second = SOUND.replace("version: 1", "version: 2").replace("key: demo,", "key: new,")
    world = CollectorWorld(journal=journal, choices=lambda: NO_CHOICES, clock=StillClock(), chance=SystemChance())
    intake = Intake(lambda policy: Collector(policy, world, Counters()), policy_of(SOUND))

    async def run() -> list[int]:
        journal.meanwhile = asyncio.Event()
        before = asyncio.create_task(intake.collect(posted("/v1/page", CALL)))
        await asyncio.sleep(0)
        intake.go_over(policy_of(second))
        after = asyncio.create_task(intake.collect(posted("/v1/page", CALL.replace(b"demo", b"new"))))
        await asyncio.sleep(0)
        journal.meanwhile.set()
        replies = await asyncio.gather(before, after, intake.collect(posted("/v1/page", CALL)))
        return [reply.status for reply in replies if reply is not None]

    assert [200, 200, 401] == asyncio.run(run())
    assert [1, 2] == journal.versions
