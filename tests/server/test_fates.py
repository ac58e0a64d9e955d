"""L1 through a running house: the tally and the stores hold what a walk over the sent JSON says they must."""

import time
from collections import Counter
from dataclasses import replace

import httpx
import msgspec
from running import House
from test_apart import example
from test_whole import due, row

from remit.policy.choices import NO_CHOICES
from remit.policy.regions import rulings
from remit.policy.split import merged
from remit.proof.pairs import Weaver
from remit.proof.trace import Sent
from remit.wire.happening import TIMES

LOOPBACK, PURPOSE = "127.0.0.1", "run-account"


def sent(house: House) -> list[Sent]:
    """Generated requests of all protocols, as the gateway saw them."""
    weaver = Weaver(example(), repeats=0)
    found = [
        _by_client(step, received=time.time_ns() // 1_000_000)
        for seed in range(1, 13)
        for step in weaver.pair(seed).left
        if isinstance(step, Sent)
    ]
    for step in found:
        answer = httpx.post(
            house.sdk + step.request.path, content=step.request.body, headers=step.request.headers, timeout=30
        )
        assert answer.status_code < 300, (step.request.path, answer.text)
    return found


def _by_client(step: Sent, *, received: int) -> Sent:
    """The request from loopback, with headers that an HTTP client sends."""
    headers = {name: value for name, value in step.request.headers.items() if name != "cookie"}
    headers |= {"user-agent": "tests/1"}
    return replace(
        step, received=received, request=msgspec.structs.replace(step.request, peer=LOOPBACK, headers=headers)
    )


def test_fates_equal_the_tally_and_what_the_stores_hold(house: House) -> None:
    """Every use of every value that was sent is in the tally once, in its cell, or with the person it is about."""
    requests = sent(house)
    policy = example()
    whole = merged([due(policy, step, NO_CHOICES) for step in requests])

    told = {tuple(found.values())[:5]: found["n"] for found in house.tally()}
    assert {row(key): n for key, n in whole.tally.items()} == told
    for name in policy.facts:
        n = sum(cell.n for key, cell in whole.cells.items() if key.fact == name)
        assert [{"n": n}] == house.facts(f"SELECT sum(n) AS n FROM {name}")
    rules = {number: rule for number, rule, _ in rulings(policy)}
    accounts = {name.form for block in whole.blocks for name in block.names if name.item == "account.id"}
    for account in sorted(one for one in accounts if one.startswith("who-"))[:5]:
        blocks = [b for b in whole.blocks if rules[b.rule].purpose == PURPOSE]
        rows = [found for b in blocks if account in {name.form for name in b.names} for found in b.rows]
        held = house.person(account, PURPOSE)
        assert Counter(_seen(item, value) for found in rows for item, value in found.items()) == Counter(
            _seen(item, value) for item, values in held.items() for value in values
        )


def _seen(item: str, value: object) -> tuple[str, str]:
    """A value, but for times: these are corrected by the moment of receipt, which this test does not know to the ms."""
    return item, "some time" if item in TIMES else str(value)
