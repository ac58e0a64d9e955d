"""What choice tokens say is written down with what they came with, as masks: no text of one, and nobody else's."""

import asyncio
import json
from datetime import timedelta
from typing import Any

from test_collect import MemoryJournal, policy_of

from remit.flows.collect import Collector, CollectorWorld
from remit.flows.counters import OUTWEIGHED, Counters
from remit.flows.entry import unpacked
from remit.policy.choice_tokens import HEARD_DAYS, ChoiceToken, day_of, minted, verifier
from remit.policy.choices import NO_CHOICES
from remit.policy.columns import Batch
from remit.policy.words import PurposeKey
from remit.proof.small import SteadyClock
from remit.stores.world import SystemChance
from remit.wire.records import PATH
from remit.wire.request import Request

POLICY = policy_of("""
version: 1
controller: {name: Example Shop, contact: privacy@example.org, country: NL}
purposes:
  ads: {says: to show you advertisements that fit you, basis: consent, dpv: Advertising}
  learn: {says: to learn which pages are read, basis: legitimate-interest, dpv: ServiceUsageAnalytics}
  serve: {says: to keep the account that you opened with us, basis: contract, dpv: ServiceRegistration}
services:
  account: {says: have an account, needs: [{item: account.id, for: serve}]}
apps:
  shop: {id: 1, key: demo, services: [account]}
automated: none
signals: {gpc: [learn]}
collect:
  - {items: [account.id, page.url], from: device, for: ads, keep: 7d}
  - {items: [account.id, locale], from: device, for: learn, keep: 7d}
  - {items: [account.id], from: device, for: serve, keep: 1y}
""")
"""Of which each record is kept for something."""
ADS, LEARN = PurposeKey("ads"), PurposeKey("learn")
KEY, NOW = b"k" * 32, 1_790_000_000_000


def token(granted: tuple[PurposeKey, ...] = (), refused: tuple[PurposeKey, ...] = (), *, days: int = 0) -> str:
    """One of some days ago."""
    day = day_of(NOW) - timedelta(days=days)
    return minted(ChoiceToken(version=1, day=day, app="shop", granted=granted, refused=refused), KEY)


def taken(sent: list[tuple[dict[str, str], list[str | None]]]) -> tuple[list[Batch], dict[str, int], bytes]:
    """What requests at once leave, each with a head and the tokens of its records; what is counted; and all bytes."""
    journal, counters = MemoryJournal(), Counters()
    world = CollectorWorld(
        journal=journal,
        choices=lambda: NO_CHOICES,
        clock=SteadyClock(NOW),
        chance=SystemChance(),
        verifier=lambda: verifier(POLICY, {1: {ADS, LEARN}}, KEY),
    )
    collector = Collector(POLICY, world, counters)

    async def act() -> None:
        await asyncio.gather(*(collector.collect(_request(headers, own)) for headers, own in sent))

    asyncio.run(act())
    entries = [unpacked(entry) for entry, _ in journal.entries]
    return (
        [batch for entry in entries for batch in entry.batches],
        counters.sums(),
        b"".join(one for one, _ in journal.entries),
    )


def _request(headers: dict[str, str], own: list[str | None]) -> Request:
    items = {"account.id": "ada", "page.url": "/", "locale": "nl"}
    records: list[dict[str, Any]] = [{"kind": "event", "items": items, "choice": text} for text in own]
    body = json.dumps({"key": "demo", "records": records}).encode()
    return Request(method="POST", path=PATH, query={}, headers=headers, peer="192.0.2.9", body=body)


def said(batch: Batch) -> list[tuple[int, int]]:
    """What is granted and refused of each record."""
    none = [0] * batch.size
    return list(zip(batch.granted or none, batch.refused or none, strict=True))


def test_a_token_of_the_head_is_for_all_records_and_one_of_a_record_for_itself() -> None:
    """One yes is enough and any no wins; what was granted travels, and where nothing was, not even a column does."""
    own = [token((ADS,)), None, token((), (LEARN,)), token((ADS,), (LEARN,))]
    (batch,), sums, _ = taken([({"remit-choice": token((LEARN,))}, own)])

    assert [(3, 0), (2, 0), (2, 2), (3, 2)] == said(batch)
    assert [0, 1, 1, 0] == batch.unasked
    assert 4 == sums["choice_token:heard"]
    (silent,), _, _ = taken([({}, [None])])
    assert silent.granted is None


def test_no_request_is_judged_by_the_token_of_another() -> None:
    """However many come at once, each record has its own request's word; an empty head says nothing."""
    heads = [{"remit-choice": text} for text in (token((ADS,)), token((), (LEARN,)), "?", " ")]
    batches, sums, _ = taken([(head, [None]) for head in (*heads, {})])

    assert [(0, 0), (0, 0), (0, 2), (0, 7), (1, 0)] == sorted(one for batch in batches for one in said(batch))
    assert (2, 1) == (sums["choice_token:heard"], sums["choice_token:malformed"])


def test_a_yes_that_names_the_purpose_outweighs_a_general_signal_and_is_counted() -> None:
    """The conflict is kept as a number; a token that has grown old outweighs nothing."""
    yes, old, found = token((LEARN,)), token((LEARN,), days=HEARD_DAYS + 1), []
    for headers, own in (({"remit-choice": yes}, None), ({}, yes), ({}, old), ({}, None)):
        (batch,), sums, _ = taken([({"sec-gpc": "1"} | headers, [own])])
        found.append((said(batch), sums.get(OUTWEIGHED, 0)))

    assert [([(2, 0)], 1), ([(2, 0)], 1), ([(0, 2)], 0), ([(0, 2)], 0)] == found


def test_no_text_of_a_token_is_written_down() -> None:
    """Neither one that was heard, nor one that cannot be read."""
    heard, canary = token((ADS,)), "canary-of-a-token"
    _, _, data = taken([({"remit-choice": heard}, [heard, canary]), ({"remit-choice": canary}, [None])])

    assert [] == [text for text in (heard, heard[-32:], canary) if text.encode() in data]
