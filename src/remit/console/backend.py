"""What the console's pages ask of the house."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from remit.flows.senders import SdkSender
from remit.flows.trial import Line


@dataclass(frozen=True, slots=True)
class Totals:
    """Operational counters since the house started.

    ``dropped`` is by reason, ``refused`` by problem, ``skipped`` by why a part of a request became no record,
    ``unsent`` by why clients say that they did not send something, and what kind of thing it was, ``tokens`` (choice
    tokens) by whether they were heard, or what was wrong with them.
    """

    records: int
    kept: int
    reduced: int
    counted: int
    dropped: Mapping[str, int]
    refused: Mapping[str, int]
    skipped: Mapping[str, int]
    unsent: Mapping[str, int]
    tokens: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Moment:
    """How many uses ended how in one interval; ``at`` is in epoch seconds."""

    at: int
    kept: int
    reduced: int
    counted: int
    dropped: int


@dataclass(frozen=True, slots=True)
class Daily:
    """How many there were today, by app; None is shown as less than k.

    ``words`` tell how to read the figures, or why there are none.
    """

    title: str
    figures: Mapping[str, int | None]
    words: str


class Backend(Protocol):
    """All that pages show."""

    banner: str

    @property
    def version(self) -> int:
        """The version of the policy that is in force."""
        ...

    @property
    def k(self) -> int:
        """The smallest number that is shown."""
        ...

    @property
    def apps(self) -> tuple[str, ...]:
        """Who sends."""
        ...

    @property
    def languages(self) -> tuple[str, ...]:
        """What the policy speaks, its first language first."""
        ...

    def totals(self) -> Totals:
        """Sums of all processes."""
        ...

    def history(self) -> Sequence[Moment]:
        """The last quarter of an hour, oldest first."""
        ...

    def daily(self) -> Daily:
        """Today's figures, as far as they are released."""
        ...

    def senders(self) -> Sequence[SdkSender] | None:
        """What SDKs send, by app, protocol, SDK and version; None while nobody tells."""
        ...

    def trouble(self) -> str | None:
        """What keeps the house from its work, in words without values; None while nothing does."""
        ...

    def notice(self, language: str) -> str:
        """The notice as an HTML fragment in one of its languages, rendered from the policy."""
        ...

    def gpc(self) -> str:
        """Whether sites abide by Global Privacy Control, as JSON, rendered from the policy."""
        ...

    def trial(self, app: str, body: bytes) -> Sequence[Line]:
        """What would happen to a body. Raises ValueError with words for people."""
        ...
