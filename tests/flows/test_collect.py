"""Which requests are taken at all, before anything of them is read."""

import asyncio
import json
from pathlib import Path

import pytest
from stands import StillClock

from remit.flows.collect import SAMPLE_ONE_IN, Collector, CollectorWorld, Paths
from remit.flows.counters import Counters
from remit.flows.trial import trial
from remit.policy.choices import NO_CHOICES
from remit.policy.compile import compiled
from remit.policy.model import Policy
from remit.stores.world import SystemChance
from remit.wire.decoder import UNSEEN
from remit.wire.request import Request

SOUND = (Path(__file__).parents[1] / "policy" / "cases" / "sound.yaml").read_text(encoding="utf-8")
NARROW = SOUND.replace("from: device", "from: you").replace("key: demo,", "key: demo, protocols: [plausible],")
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


def test_a_trial_is_read_by_the_protocols_that_the_app_takes() -> None:
    """What would be refused is not tried either."""
    assert trial(policy_of(SOUND), "web", CALL, received=0)
    with pytest.raises(ValueError, match="this app takes"):
        trial(policy_of(NARROW), "web", CALL, received=0)


def test_the_path_of_what_is_not_opened_is_named_at_once() -> None:
    """It is a word of ours, so it is nobody's name; a path that one body invented may be."""
    assert {UNSEEN: SAMPLE_ONE_IN, "(other)": 2 * SAMPLE_ONE_IN} == Paths(SystemChance()).named(
        [UNSEEN, "ada", "ada"], frozenset()
    )
