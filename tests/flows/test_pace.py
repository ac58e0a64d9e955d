"""An app may ask so often and no more, and is told so in its protocol's own words."""

import asyncio
import json
from itertools import accumulate

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from test_collect import CALL, SOUND, MemoryJournal, policy_of, posted

from remit.flows.collect import Collector, CollectorWorld
from remit.flows.counters import Counters
from remit.flows.pace import BURST_SECONDS, Pace
from remit.policy.choices import NO_CHOICES
from remit.proof.small import SteadyClock
from remit.stores.world import SystemChance
from remit.wire.request import Request

RATES = st.sampled_from([0.01, 0.5, 1.0, 3.0, 250.0])
WAITS = st.lists(st.sampled_from([0, 0, 0, 1, -500, -2_000, 300, 900, 20_000]), min_size=1, max_size=80)
"""Milliseconds between two requests; a clock may step back."""


@given(RATES, WAITS)
@example(1.0, [0] * 10 + [-2_000, 0])
def test_no_stretch_of_time_has_more_than_its_share(rate: float, waits: list[int]) -> None:
    """Between any two moments at most ten seconds' worth passes, and what time adds to it; at least one always may."""
    clock = SteadyClock(10_000_000)
    pace, passed = Pace(rate, clock), []
    forward = list(accumulate(max(0, wait) for wait in waits))
    for wait, moment in zip(waits, forward, strict=True):
        clock.at += wait
        if pace.take("shop"):
            passed.append(moment)

    most = max(1.0, rate * BURST_SECONDS)
    for i, begin in enumerate(passed):
        for j, end in enumerate(passed[i:], start=1):
            assert j <= most + rate * (end - begin) / 1000 + 1e-6
    assert passed[:1] == forward[:1]


@given(RATES, WAITS)
def test_who_keeps_the_pace_is_never_refused(rate: float, waits: list[int]) -> None:
    """Whatever others send; and to look at it costs nothing."""
    clock = SteadyClock(0)
    pace = Pace(rate, clock)
    for wait in waits:
        clock.at += max(0, wait) + round(1000 / rate) + 1
        pace.take("another")
        assert (True, True) == (pace.may_pass("shop"), pace.may_pass("shop"))
        assert pace.take("shop")


def test_without_a_pace_as_many_pass_as_come() -> None:
    """0 is no limit."""
    pace = Pace(0, SteadyClock())

    assert [(True, True)] * 1000 == [(pace.may_pass("shop"), pace.take("shop")) for _ in range(1000)]


IN_THE_HEAD = posted("/v1/page", CALL, authorization="Basic ZGVtbzo=")
IN_THE_BODY = posted("/v1/page", json.dumps({**json.loads(CALL), "writeKey": "demo"}).encode())


@pytest.mark.parametrize(("request_", "early"), [(IN_THE_HEAD, [None, 429]), (IN_THE_BODY, [None, None])])
def test_one_too_many_is_told_to_wait(request_: Request, early: list[int | None]) -> None:
    """With 429 and a time, and nothing of it is kept; where the head tells whose it is, before the body is read."""
    clock, counters, journal = SteadyClock(1_790_000_000_000), Counters(), MemoryJournal()
    world = CollectorWorld(
        journal=journal, choices=lambda: NO_CHOICES, clock=clock, chance=SystemChance(), pace=Pace(0.1, clock)
    )
    behind = Collector(policy_of(SOUND), world, counters)

    async def ask() -> tuple[int | None, int]:
        away = behind.turned_away(msgspec.structs.replace(request_, body=b""))
        reply = await behind.collect(request_)
        assert reply is not None
        assert ("retry-after" in reply.headers) == (reply.status == 429)
        return (away.status if away else None), reply.status

    said = [asyncio.run(ask()) for _ in range(2)]
    assert early == [one for one, _ in said]
    assert ([200, 429], 1) == ([one for _, one in said], len(journal.entries))
    assert len([one for pair in said for one in pair if one == 429]) == counters.sums()["refused:too_many"]

    clock.at += 10_000
    assert (None, 200) == asyncio.run(ask())
