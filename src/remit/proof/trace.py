"""What happens to a house: requests, choices, and turns of the divider."""

from dataclasses import dataclass

from remit.policy.words import Choice, Item, PurposeKey, Value
from remit.wire.request import Request

HOUR_MS = 3_600_000
START = 490_000 * HOUR_MS
"""A full hour in November 2025."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A request that arrives."""

    request: Request
    app: str
    received: int


@dataclass(frozen=True, slots=True)
class Choosing:
    """A choice that is recorded under one identifier."""

    item: Item
    identifier: Value
    purpose: PurposeKey
    choice: Choice
    at: int


@dataclass(frozen=True, slots=True)
class Turned:
    """The divider works."""

    at: int


Step = Sent | Choosing | Turned
