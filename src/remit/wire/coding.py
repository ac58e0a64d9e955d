"""How an OTLP export is written down: what the binary and the JSON coding have in common."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from remit.policy.words import Value
from remit.wire.decoder import VALUES_SIZE_MAX, TooMuch, size
from remit.wire.request import Request

PARTS_MAX = 5_000
"""How many records one export may have, and how many resources, scopes and metrics around them."""


class Export(NamedTuple):
    """One of the three exports: its path, and what is called what in it."""

    path: str
    resources: str
    scopes: str
    records: str
    rejected: str


TRACES = Export("/v1/traces", "resource_spans", "scope_spans", "spans", "rejected_spans")
METRICS = Export("/v1/metrics", "resource_metrics", "scope_metrics", "metrics", "rejected_data_points")
LOGS = Export("/v1/logs", "resource_logs", "scope_logs", "log_records", "rejected_log_records")
EXPORTS: Mapping[str, Export] = {one.path: one for one in (TRACES, METRICS, LOGS)}


def export_of(path: str) -> Export:
    """The export of a path, whatever slash is at its end. Raises KeyError."""
    return EXPORTS[path.rstrip("/")]


def camel(name: str) -> str:
    """The name of a field as JSON has it."""
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))


@dataclass(slots=True)
class Budget:
    """What one export may come to."""

    parts: int = PARTS_MAX
    values: int = VALUES_SIZE_MAX

    def take(self, n: int) -> None:
        """So many parts are there, and may now be opened. Raises TooMuch."""
        self.parts -= n
        if self.parts < 0:
            raise TooMuch

    def lend(self, values: Sequence[Value | None], n: int) -> None:
        """What stands once in a body goes into so many records. Raises TooMuch."""
        self.values -= n * size(values)
        if self.values < 0:
            raise TooMuch


class Group(NamedTuple):
    """The attributes of one resource, and the records of one of its scopes: nodes of the coding."""

    attributes: Any
    records: Sequence[Any]


class Histogram(NamedTuple):
    """The points of a metric; ``is_new`` is False where each repeats all that there was since its start."""

    is_new: bool
    is_exponential: bool
    points: Sequence[Any]


class Excerpt(NamedTuple):
    """A resource, a scope, a record or what stands around them, opened to be looked at.

    ``place`` is where it stands, ``kind`` what it is called there; the attributes of ``node`` stand by their names.
    """

    place: str
    kind: str
    node: Any


Places = Mapping[str, int]
"""Names of attributes, and where in a row the value of each stands."""


class Coding(ABC):
    """Nodes have attributes that are called as in the published schema; what differs between codings is asked here."""

    content: str
    """The type of content, in requests and in their replies."""

    @abstractmethod
    def groups(self, of: Export, body: bytes, budget: Budget) -> Iterator[Group]:
        """The records of an export. Raises ValueError, or TooMuch before there are too many."""

    @abstractmethod
    def resources(self, of: Export, body: bytes) -> Iterator[Any]:
        """The attributes of each resource, and nothing else. Raises ValueError, or TooMuch."""

    @abstractmethod
    def values(self, attributes: Any, places: Places, beneath: Sequence[Value | None]) -> list[Value | None]:
        """What stands at these names, each in its place, short; beneath it, where nothing does or what is no scalar."""

    @abstractmethod
    def text(self, attributes: Any, key: str) -> str:
        """The text at a name, however long; '' where there is none."""

    @abstractmethod
    def histogram(self, metric: Any, budget: Budget) -> Histogram | None:
        """The points of a metric that has histograms. Raises ValueError, or TooMuch."""

    @abstractmethod
    def stated(self, point: Any, name: str) -> float | None:
        """A number that a point may leave out."""

    @abstractmethod
    def identity(self, span: Any) -> str:
        """The two ids of a span, as one; '' if it lacks one of them."""

    @abstractmethod
    def excerpts(self, of: Export, body: bytes) -> Iterator[Excerpt | None]:
        """Each part of a body that was decoded, opened one after another; None for one too large to be opened."""

    @abstractmethod
    def accepted(self, of: Export, rejected: int, message: str) -> bytes:
        """The answer to an export that was taken, but for so many records; with '' there is nothing to say."""

    @abstractmethod
    def status(self, code: int, message: str) -> bytes:
        """A ``google.rpc.Status``."""


def is_json(request: Request) -> bool:
    """Whether a body is JSON. What the client says decides only where the bytes do not.

    A binary export begins with the tag of its first field, which is a line feed to JSON, and none with a brace.
    """
    if request.body[:1] == b"{":
        return True
    claims = "json" in request.headers.get("content-type", "").lower()
    return claims and (not request.body or request.body.lstrip()[:1] == b"{")
