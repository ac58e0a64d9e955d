"""The demonstration as a test: nobody real in it, and it ends when it is told to."""

import ipaddress
import signal
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType

import phonenumbers
import segment.analytics
from house_rules import ROOT

FLEET = ROOT / "demo" / "fleet.py"
NOWHERE = "http://127.0.0.1:9"
"""The discard port: nothing listens."""


def fleet() -> ModuleType:
    spec = spec_from_file_location("fleet", FLEET)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_nobody_in_the_fleet_can_exist() -> None:
    """Addresses, names and numbers come from what is reserved for documentation and fiction."""
    module = fleet()
    sdk = segment.analytics.Client("nobody", send=False)
    devices = [module.Device(number, sdk) for number in range(module.DEVICES)]

    reserved = ipaddress.ip_network("192.0.2.0/24")
    numbers = [int(phonenumbers.parse(device.traits["phone"]).national_number or 0) for device in devices]
    assert all(ipaddress.ip_address(device.address) in reserved for device in devices)
    assert all(device.traits["email"].endswith("@example.org") for device in devices)
    assert all(2025550100 <= number <= 2025550199 for number in numbers)
    assert module.DEVICES == len({device.account for device in devices})
    assert module.SHOP.endswith(".example")


def test_the_fleet_ends_when_nobody_answers() -> None:
    """Told to stop while remit is gone, it stops, and does not insist on what it could not send."""
    process = subprocess.Popen(
        [sys.executable, "-u", FLEET, NOWHERE], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stderr is not None
        assert process.stderr.readline(), "it has tried to send, and says that it cannot"
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    finally:
        process.kill()
    assert 0 == process.returncode
