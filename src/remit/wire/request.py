"""One HTTP request and its reply, as protocols see them."""

from collections.abc import Mapping
from typing import Protocol

import msgspec


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """``headers`` have lower-case names; ``body`` is already inflated; ``peer`` is the sender's address."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    peer: str
    body: bytes


class Reply(msgspec.Struct, frozen=True):
    """What the SDK gets."""

    status: int
    body: bytes
    headers: Mapping[str, str] = {}


class Asker(Protocol):
    """Where a reply is to go, once: a future, or what acts like one."""

    def done(self) -> bool:
        """Whether nobody waits for it any more."""
        ...

    def set_result(self, reply: Reply, /) -> None:
        """Say it."""
        ...

    def set_exception(self, error: BaseException, /) -> None:
        """Say that there is none."""
        ...
