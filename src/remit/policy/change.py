"""What can change for people when one policy takes the place of another: the words for it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from remit.policy.words import Item, PurposeKey


class Reach(StrEnum):
    """Which way a change goes, as people see it."""

    WIDER = "wider"
    OTHER = "other"
    NARROWER = "narrower"
    NONE = "none"


class Effect(StrEnum):
    """What a change does. Closed: scripts may rely on these words."""

    COLLECTED = "collected"
    PURPOSE = "purpose"
    SOURCE = "source"
    DISCLOSED = "disclosed"
    LONGER = "longer"
    SHOWN = "shown"
    COUNTED = "counted"
    DECIDED = "decided"
    READ = "read"
    FINER = "finer"
    BOUND = "bound"
    RELAXED = "relaxed"
    NEEDED = "needed"
    SENDER = "sender"
    BASIS = "basis"
    STATEMENT = "statement"
    CONTROLLER = "controller"
    SERVICE = "service"
    ELSE = "else"
    STOPS = "stops"
    SHORTER = "shorter"
    COARSER = "coarser"
    FREE = "free"
    TIGHTENED = "tightened"
    SPARED = "spared"
    TECHNICAL = "technical"


class Meaning(NamedTuple):
    """How an effect is called, and which way it goes."""

    says: str
    reach: Reach


EFFECTS = {
    Effect.COLLECTED: Meaning("Becomes collected", Reach.WIDER),
    Effect.PURPOSE: Meaning("Is used for a new purpose", Reach.WIDER),
    Effect.SOURCE: Meaning("Comes from a new source", Reach.WIDER),
    Effect.DISCLOSED: Meaning("Is told to somebody", Reach.WIDER),
    Effect.LONGER: Meaning("Is kept longer", Reach.WIDER),
    Effect.SHOWN: Meaning("Is shown in a new statistic", Reach.WIDER),
    Effect.COUNTED: Meaning("Is counted", Reach.WIDER),
    Effect.DECIDED: Meaning("Is decided by programs alone", Reach.WIDER),
    Effect.READ: Meaning("Reads devices more freely", Reach.WIDER),
    Effect.FINER: Meaning("Smaller numbers are shown", Reach.WIDER),
    Effect.BOUND: Meaning("Can no longer be refused", Reach.WIDER),
    Effect.RELAXED: Meaning("A law of some places is heard less", Reach.WIDER),
    Effect.NEEDED: Meaning("A service needs more", Reach.WIDER),
    Effect.SENDER: Meaning("Comes from a new app", Reach.WIDER),
    Effect.BASIS: Meaning("Stands on another ground", Reach.OTHER),
    Effect.STATEMENT: Meaning("Is said in other words", Reach.OTHER),
    Effect.CONTROLLER: Meaning("Who answers for it", Reach.OTHER),
    Effect.SERVICE: Meaning("Can be used, or is said in other words", Reach.OTHER),
    Effect.ELSE: Meaning("Something else, for which there are no words here", Reach.OTHER),
    Effect.STOPS: Meaning("Stops", Reach.NARROWER),
    Effect.SHORTER: Meaning("Is kept shorter", Reach.NARROWER),
    Effect.COARSER: Meaning("Only larger numbers are shown", Reach.NARROWER),
    Effect.FREE: Meaning("May be refused now", Reach.NARROWER),
    Effect.TIGHTENED: Meaning("A law of some places is heard more", Reach.NARROWER),
    Effect.SPARED: Meaning("A service needs less", Reach.NARROWER),
    Effect.TECHNICAL: Meaning("Changes nothing for people", Reach.NONE),
}
"""In the order in which they are told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that changes. ``about`` names it; ``purpose`` is what it is for, where it is for one.

    ``old`` and ``new`` are lines (1-based) of the two policies; None where only one of them speaks of it.
    """

    effect: Effect
    about: str
    says: str
    purpose: PurposeKey | None = None
    items: tuple[Item, ...] = ()
    old: int | None = None
    new: int | None = None

    @property
    def reach(self) -> Reach:
        """Which way it goes."""
        return EFFECTS[self.effect].reach


@dataclass(frozen=True, slots=True)
class Renewal:
    """A purpose for which people have to be asked again, or for the first time, and why."""

    purpose: PurposeKey
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rewording:
    """Sentences of the notice that are no longer there, and those that are there instead."""

    gone: tuple[str, ...]
    come: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """All that differs between two policies."""

    changes: tuple[Change, ...]
    renewals: tuple[Renewal, ...]
    rewordings: tuple[Rewording, ...]

    def concerns_people(self) -> bool:
        """Whether anything changes for the people whom the policy is about."""
        return any(change.reach is not Reach.NONE for change in self.changes)
