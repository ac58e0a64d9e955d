"""Who sends, by app, protocol, SDK and version, and which of the fields that it sends are of use."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from remit.flows.sampling import NEEDED, OTHER
from remit.wire.sampled import UNSEEN

SAYS = "Sends {fields}; your purposes and the protocol need {needed}."
NAMELESS, UNTOLD = "An SDK without a name", "of a version that few bodies bore yet"
UNNAMED = (OTHER, UNSEEN)
"""What stands for paths that have no names here."""


@dataclass(frozen=True, slots=True)
class SentField:
    """One path, with about how often it came; ``error`` is what 95 of 100 such numbers are off by at most."""

    path: str
    n: int
    error: int


@dataclass(frozen=True, slots=True)
class SdkSender:
    """One version of an SDK in an app, with the paths that it sends: a path is needed if any record needed it."""

    app: str
    protocol: str
    sdk: str
    version: str
    needed: tuple[SentField, ...]
    undeclared: tuple[SentField, ...]

    @property
    def title(self) -> str:
        """The SDK with its version, as far as they are known."""
        version = UNTOLD if self.version == OTHER else self.version
        return f"{self.sdk or NAMELESS} {version}".strip()

    @property
    def says(self) -> str:
        """How many fields come, and how many are of use."""
        named = [field for field in self.undeclared if field.path not in UNNAMED]
        n = len(self.needed) + len(named)
        fields = f"{n} field{'' if n == 1 else 's'}"
        more = " and others without a name" if len(named) < len(self.undeclared) else ""
        return SAYS.format(fields=fields + more, needed=len(self.needed) or "none")


def senders(rows: Iterable[Sequence[object]]) -> list[SdkSender]:
    """From rows as the store has them, in its order: app, protocol, sdk, version, path, need, n, error."""
    return [_sender(tuple(map(str, key)), list(found)) for key, found in groupby(rows, lambda row: tuple(row[:4]))]


def _sender(key: tuple[str, ...], rows: Sequence[Sequence[object]]) -> SdkSender:
    app, protocol, sdk, version = key
    needed = [_field(row) for row in rows if row[5] == NEEDED]
    known = {field.path for field in needed}
    undeclared = [_field(row) for row in rows if row[5] != NEEDED and row[4] not in known]
    return SdkSender(app, protocol, sdk, version, _by_number(needed), _by_number(undeclared))


def _field(row: Sequence[object]) -> SentField:
    return SentField(str(row[4]), int(str(row[6])), int(str(row[7])))


def _by_number(fields: Sequence[SentField]) -> tuple[SentField, ...]:
    """What comes most often stands first."""
    return tuple(sorted(fields, key=lambda field: (-field.n, field.path)))
