"""Where people may reach the console, as values: what is refused, what is printed, which hosts it answers to."""

from pathlib import Path

import pytest

from remit.settings import ConsoleAddress

CERT, KEY = Path("cert.pem"), Path("key.pem")
TLS = ConsoleAddress(host="192.0.2.7", cert=CERT, key=KEY)
PROXIED = ConsoleAddress(behind_proxy=True, name="Remit.example.org")

REFUSED = {
    "a foreign address": (ConsoleAddress(host="192.0.2.7"), "--behind-proxy"),
    "every address": (ConsoleAddress(host="0.0.0.0"), "--console-cert"),
    "every address of IPv6": (ConsoleAddress(host="::"), "--console-host"),
    "no address": (ConsoleAddress(host=""), "without encryption"),
    "a name that is not an address": (ConsoleAddress(host="localhost.example.org"), "without encryption"),
    "a certificate without its key": (ConsoleAddress(cert=CERT), "--console-key"),
    "a key without its certificate": (ConsoleAddress(key=KEY), "--console-cert"),
    "a proxy without a name": (ConsoleAddress(behind_proxy=True), "--console-name"),
    "TLS on every address without a name": (ConsoleAddress(host="::", cert=CERT, key=KEY), "--console-name"),
    "a name without encryption": (ConsoleAddress(name="remit.example.org"), "--behind-proxy"),
    "an address as a name": (ConsoleAddress(behind_proxy=True, name="https://remit.example.org/"), "host"),
}
ORIGINS = {
    "http://127.0.0.1:8081": ConsoleAddress(),
    "http://127.0.0.1": ConsoleAddress(port=80),
    "http://[::1]:8081": ConsoleAddress(host="::1"),
    "http://localhost:9000": ConsoleAddress(host="localhost", port=9000),
    "https://192.0.2.7:8081": TLS,
    "https://192.0.2.7": ConsoleAddress(host="192.0.2.7", port=443, cert=CERT, key=KEY),
    "https://remit.example.org:8443": ConsoleAddress(host="::", cert=CERT, key=KEY, name="remit.example.org:8443"),
    "https://Remit.example.org": PROXIED,
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_console_that_others_could_read_is_refused_with_the_way_out(case: str) -> None:
    """Beyond this machine it takes encryption, and a name that browsers can be held to."""
    address, way_out = REFUSED[case]
    assert way_out in str(address.refusal())


@pytest.mark.parametrize("origin", ORIGINS)
def test_pages_begin_with_the_address_that_people_type(origin: str) -> None:
    """Scheme, host and port of the printed link; the usual port goes without saying."""
    address = ORIGINS[origin]

    assert [None, origin] == [address.refusal(), address.origin]
    assert origin.partition("://")[2].lower() in address.hosts


def test_a_proxied_console_answers_to_its_name_and_to_this_machine() -> None:
    """Behind a proxy the address that is listened on is nobody's to type."""
    address = ConsoleAddress(host="192.0.2.7", port=80, behind_proxy=True, name="remit.example.org")

    assert {"remit.example.org", "localhost:80", "127.0.0.1:80", "[::1]:80"} == address.hosts
    assert "192.0.2.7:8081" in TLS.hosts
