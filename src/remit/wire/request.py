"""One HTTP request and its reply, as protocols see them."""

from collections.abc import Mapping

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
