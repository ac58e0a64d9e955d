"""Test modules of one folder import their helpers by name."""

import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

LONGEST_FIRST = ("server", "matrix", "laws", "proof", "stores", "console")
"""Folders whose modules take long: begun last, one of them would keep one worker busy when the other is done."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Modules stay whole and in order; those of the longest folders come first."""
    items.sort(key=lambda item: (*LONGEST_FIRST, item.path.parent.name).index(item.path.parent.name))


for folder in Path(__file__).parent.iterdir():
    if folder.is_dir():
        sys.path.insert(0, str(folder))

pytest_plugins = ("houses",)

# For `make breaks`: that a law fails is all that is asked there; to shrink the example takes minutes.
settings.register_profile("breaks", phases=(Phase.explicit, Phase.generate), database=None)
# No test asserts a time: a machine that is busy with others is no fault of a law.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")
