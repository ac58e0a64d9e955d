"""What taking a batch costs beside what reading its bytes costs anyway: a ratio within one process, and no time."""

import asyncio
import json
import random
import sys
import time
from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from test_apart import example

from remit.flows.collect import Collector, CollectorWorld
from remit.flows.counters import Counters
from remit.policy.choices import NO_CHOICES
from remit.policy.plan import plans
from remit.proof.small import Coins, SteadyClock
from remit.wire.messages import Messages, batch_of
from remit.wire.request import Request

MOST = 7.0
"""Without HTTP and the disk it costs some four times the decoding; a busy machine adds one or two."""
ROUNDS, TURNS = 15, 20
APP = "shop-android"


class Nowhere:
    """A journal that is as fast as can be."""

    async def append(self, entry: bytes, version: int) -> None:
        """Take it."""
        del entry, version


def test_a_batch_costs_few_times_what_its_decoding_costs() -> None:
    """From the request to the sealed entry's bytes, under the example policy: the least of many rounds, in turns."""
    payloads, policy = benchmark("payloads"), example()
    body = json.dumps({"batch": [payloads.event(7, f"{n:036d}") for n in range(payloads.BATCH)]}).encode()
    bare = batch_of(Messages(plans(policy)[APP]).shape.struct)
    world = CollectorWorld(
        journal=Nowhere(), choices=lambda: NO_CHOICES, clock=SteadyClock(1_795_489_205_000), chance=Unlucky()
    )
    collector = Collector(policy, world, Counters())
    asked = Request(
        method="POST",
        path="/v1/batch",
        query={},
        headers={"authorization": payloads.SINGLE.header[1]},
        peer="192.0.2.1",
        body=body,
    )

    async def taken() -> None:
        for _ in range(TURNS):
            assert (await collector.collect(asked)).status == 200

    def read() -> None:
        for _ in range(TURNS):
            bare.decode(body)

    whole, decoding = zip(*((spent(lambda: asyncio.run(taken())), spent(read)) for _ in range(ROUNDS)), strict=True)
    assert min(whole) / min(decoding) < MOST


class Unlucky(Coins):
    """The lot falls on no body: to walk one for a sample costs as much as to take nine."""

    def __init__(self) -> None:
        super().__init__(random.Random(7), sample_all=False)

    def one_in(self, n: int) -> bool:
        """Never."""
        del n
        return False


def spent(work: Callable[[], object]) -> float:
    """Seconds of this process."""
    began = time.process_time()
    work()
    return time.process_time() - began


def benchmark(name: str) -> ModuleType:
    """A script of the benchmarks."""
    spec = spec_from_file_location(name, Path(__file__).resolve().parents[2] / "benchmarks" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
