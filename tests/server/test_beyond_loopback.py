"""The console beyond this machine: refused in clear, served by TLS, or through a proxy that does the encryption."""

import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from certified import certified
from running import POLICY, House

NAME = "remit.example.org"


@contextmanager
def running(folder: Path, flags: Sequence[str]) -> Iterator[House]:
    house = House(folder, flags=flags)
    try:
        yield house.start()
    finally:
        house.stop()


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for this machine that it signed itself, and its key."""
    return certified(tmp_path)


def test_a_console_in_clear_beyond_this_machine_is_refused(tmp_path: Path) -> None:
    """Nothing starts, and the words say what would have happened and the three ways out."""
    said = House(tmp_path).command("up", "--policy", str(POLICY), "--console-host", "0.0.0.0", ok=False)

    assert "without encryption" in said
    assert [] == [flag for flag in ("--console-cert", "--behind-proxy", "--console-host") if flag not in said]
    assert not (tmp_path / "data/personal/ledger.db").exists()


def test_a_certificate_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    """The operator hears of it at once, not from a console that never answers."""
    flags = ["--policy", str(POLICY), "--console-cert", str(POLICY), "--console-key", str(POLICY)]

    assert "both as PEM" in House(tmp_path).command("up", *flags, ok=False)


def test_the_console_speaks_tls(tmp_path: Path, certificate: tuple[Path, Path]) -> None:
    """With a certificate it is served on every address: health, login and forms by https, and nothing in clear."""
    cert, key = certificate
    flags = ["--console-host", "0.0.0.0", "--console-cert", str(cert), "--console-key", str(key), "--console-name"]
    house = House(tmp_path, flags=flags)
    house.flags = [*flags, f"localhost:{house.console_port}"]
    origin = f"https://localhost:{house.console_port}"
    try:
        link = house.start().console_link()
        assert link.startswith(f"{origin}/login?token=")
        with httpx.Client(base_url=origin, verify=ssl.create_default_context(cafile=str(cert))) as client:
            assert 200 == client.get("/healthz").status_code
            assert "; secure" in client.get(link).headers["set-cookie"].lower()
            assert 200 == client.get("/").status_code
            assert 200 == client.post("/try", data={"body": "x"}, headers={"origin": origin}).status_code
        with pytest.raises(httpx.TransportError):
            httpx.get(f"http://127.0.0.1:{house.console_port}/healthz")
    finally:
        house.stop()


def test_a_proxy_does_the_encryption(tmp_path: Path) -> None:
    """Behind a proxy the console answers to the given name, takes its https forms, and marks the session secure."""
    with running(tmp_path, ["--console-host", "0.0.0.0", "--behind-proxy", "--console-name", NAME]) as house:
        link, local = house.console_link(), f"http://127.0.0.1:{house.console_port}"
        assert link.startswith(f"https://{NAME}/login?token=")

        passed_on = link.replace(f"https://{NAME}", local)
        assert 421 == httpx.get(passed_on, headers={"host": "evil.example"}).status_code
        assert 421 == httpx.get(passed_on, headers={"host": f"0.0.0.0:{house.console_port}"}).status_code
        login = httpx.get(passed_on, headers={"host": NAME})
        assert 303 == login.status_code
        assert "; secure" in login.headers["set-cookie"].lower()

        session = {"cookie": login.headers["set-cookie"].partition(";")[0], "host": NAME}
        origins = (f"https://{NAME}", f"http://{NAME}")
        posts = [httpx.post(f"{local}/try", data={"body": "x"}, headers=session | {"origin": o}) for o in origins]
        assert [200, 403] == [post.status_code for post in posts]
