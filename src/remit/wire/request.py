"""One HTTP request and its reply, as protocols see them."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """``headers`` have lower-case names; ``body`` is already inflated; ``peer`` is the sender's address."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    peer: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """What the SDK gets."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
