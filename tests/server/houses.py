"""The fixture of a running house, one per module; tests of a module see what earlier ones sent."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from running import POLICY, House


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[House]:
    """It runs the example, or what the module says by ``RUNS``."""
    policy = getattr(request.module, "RUNS", POLICY)
    house = House(Path(tmp_path_factory.mktemp("house")), policy=policy).start()
    yield house
    house.stop()
