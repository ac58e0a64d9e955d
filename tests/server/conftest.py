"""One running house per module; tests of a module see what earlier ones sent."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from running import House


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(Path(tmp_path_factory.mktemp("house"))).start()
    yield house
    house.stop()
