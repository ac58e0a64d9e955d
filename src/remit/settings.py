"""Where one installation keeps things and listens. Values only; the CLI reads flags and the environment."""

import re
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
EVERYWHERE = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 -- compared, not bound
_NAME = re.compile(r"(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleAddress:
    """Where people reach the console: on this machine alone, or encrypted."""

    host: str = "127.0.0.1"
    port: int = 8081
    cert: Path | None = None
    key: Path | None = None
    behind_proxy: bool = False
    name: str = ""

    @property
    def secure(self) -> bool:
        """Whether browsers come by https: to the console itself, or to a proxy before it."""
        return self.behind_proxy or self.cert is not None

    @property
    def origin(self) -> str:
        """What the address of every page begins with."""
        scheme, usual = ("https", 443) if self.secure else ("http", 80)
        return f"{scheme}://{self.name or authority(self.host, self.port, usual=usual)}"

    @property
    def hosts(self) -> frozenset[str]:
        """Host headers that the console answers to, in small letters."""
        own = set[str]() if self.behind_proxy else {self.host}
        local = {authority(host, self.port) for host in LOOPBACK | own}
        return frozenset(host.lower() for host in (*local, self.origin.partition("://")[2]))

    def refusal(self) -> str | None:
        """Why the console may not be served so, and the ways out; None where it may."""
        if (self.cert is None) != (self.key is None):
            return "a certificate and its key belong together: give both --console-cert FILE and --console-key FILE"
        if not self.secure and not _is_loopback(self.host):
            return (
                f"the console on '{self.host}' would be served beyond this machine without encryption: give"
                " --console-cert FILE and --console-key FILE, or put a proxy before it that does the encryption and"
                " say --behind-proxy --console-name NAME, or leave --console-host at 127.0.0.1"
            )
        if self.name and not self.secure:
            return "--console-name is for a console that is reached by https: add --behind-proxy or a certificate"
        if not self.name and (self.behind_proxy or (self.secure and self.host in EVERYWHERE)):
            return "nobody can tell under which name people reach the console: add --console-name HOST[:PORT]"
        if self.name and not _NAME.fullmatch(self.name):
            return f"--console-name is a host, or a host and a port, as in remit.example.org:8443; not '{self.name}'"
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings of all processes of one house."""

    data: Path
    keys: Path
    policy: Path | None = None
    host: str = "127.0.0.1"
    port: int = 8080
    console: ConsoleAddress = field(default_factory=ConsoleAddress)
    workers: int = 1
    banner: str = ""
    adopt: bool = False
    proxies: tuple[str, ...] = ()
    """Addresses and networks whose ``X-Forwarded-For`` is believed."""
    requests_per_second: float = 0.0
    """How many of each app all workers take together; 0 for as many as come."""

    @property
    def journal(self) -> Path:
        """Sealed segments, one folder per intake worker."""
        return self.data / "journal"

    @property
    def facts(self) -> Path:
        """The non-personal store."""
        return self.data / "facts"

    @property
    def personal(self) -> Path:
        """Vault and ledger."""
        return self.data / "personal"

    @property
    def desk(self) -> Path:
        """The divider's own store."""
        return self.data / "desk"


def authority(host: str, port: int, *, usual: int = 0) -> str:
    """Host and port as they stand in an address; the usual port goes without saying."""
    shown = f"[{host}]" if ":" in host else host
    return shown if port == usual else f"{shown}:{port}"


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
