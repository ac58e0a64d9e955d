"""The benchmarks that need nothing installed, as a test: what they measure is there to be measured."""

from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType

import pytest
from house_rules import ROOT

from remit.policy.compile import compiled
from remit.policy.model import Policy


def benchmark(name: str) -> ModuleType:
    """The script as a module, which measures nothing yet."""
    spec = spec_from_file_location(name, ROOT / "benchmarks" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


POLICIES = benchmark("policy_check").POLICIES


@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_that_is_measured_is_in_order(name: str) -> None:
    """A check that is new turns no benchmark into a crash: the policies that it makes up compile."""
    found = compiled(POLICIES[name](), "remit.yaml")

    assert isinstance(found, Policy), found[:5]
