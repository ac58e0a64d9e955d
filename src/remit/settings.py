"""Where one installation keeps things and listens. Values only; the CLI reads flags and the environment."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings of all processes of one house."""

    data: Path
    keys: Path
    policy: Path | None = None
    host: str = "127.0.0.1"
    port: int = 8080
    console_port: int = 8081
    workers: int = 1
    banner: str = ""
    adopt: bool = False

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
