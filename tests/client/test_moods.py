"""Whatever the other side does, and however the process ends: what was recorded arrives once, or is counted."""

import tempfile
from itertools import count
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from moody import KEY, MOODS, moody

from remit.client import Client, ClientLimits, Stats

HASTY = ClientLimits(
    bundle_records=4,
    bundle_seconds=0.01,
    timeout_seconds=0.2,
    wait_seconds_min=0.001,
    wait_seconds_max=0.005,
    closing_seconds=0,
)


class Moods(RuleBasedStateMachine):
    """An app that records, ends, dies and comes back, before a server that takes, fails and lies."""

    def __init__(self) -> None:
        super().__init__()
        self._numbers = count()
        self._folder = tempfile.TemporaryDirectory()
        self._listening = moody()
        self.server = self._listening.__enter__()
        self.recorded: set[int] = set()
        self.forgotten: set[int] = set()
        self.client = self._begun()

    def _begun(self) -> Client:
        return Client(self.server.address, KEY, Path(self._folder.name), limits=HASTY)

    @rule(n=st.integers(1, 9))
    def record(self, n: int) -> None:
        for _ in range(n):
            number = next(self._numbers)
            self.client.record("event", {"number": number})
            self.recorded.add(number)

    @rule(mood=st.sampled_from(MOODS))
    def turn(self, mood: str) -> None:
        self.server.mood = mood

    @rule(seconds=st.sampled_from([0.0, 0.05]))
    def flush(self, seconds: float) -> None:
        if self.client.flush(seconds):
            self._all_ended()

    @rule()
    def resume(self) -> None:
        self.client.resume()

    @rule()
    def forget(self) -> None:
        self.client.forget()
        self.forgotten |= self.recorded

    @rule()
    def end(self) -> None:
        self.client.close()
        self.client = self._begun()

    @rule()
    def die(self) -> None:
        """The process ends without a word; its lock goes with it."""
        dead = self.client
        dead._closed = True
        dead._sender.end(30)
        if (folder := dead._buffer._folder) is not None:
            folder.let_go()
            dead._buffer._folder = None
        self.client = self._begun()

    @invariant()
    def everything_is_accounted_for(self) -> None:
        stats = self.client.stats()
        assert stats.recorded + stats.found == ended(stats) + stats.waiting

    def _all_ended(self) -> None:
        there = set(self.server.numbers())
        assert self.recorded <= there | self._refused() | self.forgotten

    def _refused(self) -> set[int]:
        bodies = [one for body in self.server.bodies for one in body]
        return {one["items"]["number"] for one in bodies if one["id"] in self.server.refused}

    def teardown(self) -> None:
        self.server.mood = "takes"
        self.client.resume()
        assert self.client.flush(30)
        self._all_ended()
        numbers = self.server.numbers()
        assert len(set(numbers)) == len(numbers), "a record came under two ids"
        assert set(numbers) <= self.recorded
        assert [] == self.server.faults
        self.client.close()
        assert [] == list(Path(self._folder.name).rglob("*.ndjson"))
        self._listening.__exit__(None, None, None)
        self._folder.cleanup()


def ended(stats: Stats) -> int:
    return stats.taken + sum(stats.dropped.values())


TestMoods = Moods.TestCase
TestMoods.settings = settings(
    max_examples=60, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
