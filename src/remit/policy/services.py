"""What a refusal costs: whether each service works, degrades or stops under the grants that are left (law L4).

A service is a formula without a "not": all of its needs, each of them any of its alternatives, each of them all of its
grants. So granting more never stops anything.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from itertools import count

from remit.policy.model import Alternative, Grant, Need, Policy, Service
from remit.policy.plan import REFUSABLE_BASES
from remit.policy.regions import Law
from remit.policy.words import Basis, Item, PurposeKey

GRANTS_MAX = 20
"""More grants behind one service than this nobody oversees. A smallest set that restores it is hard to find: it is one
of 2**20 sets at most, and checks (P046) see to it that no policy asks for more."""


class State(StrEnum):
    """How a service does under some grants."""

    WORKS = "works"
    DEGRADES = "degrades"
    STOPS = "stops"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How one service does, which needs nothing answers, and what would make it work again.

    With the grants that there are and those of ``restores``, the service works; no fewer would do. None: nothing
    brings it back, since what it needs is withheld.
    """

    service: str
    state: State
    missing: tuple[Need, ...]
    restores: tuple[Grant, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What some refusals do when all else is granted. ``futile`` are those that the basis does not let happen."""

    refused: tuple[Grant, ...]
    futile: tuple[Grant, ...]
    standings: Mapping[str, Standing]

    def services(self, state: State) -> list[Standing]:
        """The services that then do like this."""
        return [one for one in self.standings.values() if one.state is state]


NOTHING: frozenset[Grant] = frozenset()


def refusal(policy: Policy, grants: AbstractSet[Grant], withheld: AbstractSet[Grant] = NOTHING) -> Refusal:
    """What refusing these does to every service, where nobody can have what is withheld."""
    every, standing_anyhow = offered(policy), obliged(policy)
    refused = grants & every - standing_anyhow
    return Refusal(
        refused=tuple(sorted(refused)),
        futile=tuple(sorted(grants & standing_anyhow)),
        standings=standings(policy, every - refused, withheld),
    )


def withheld(policy: Policy, law: Law, age: int | None = None) -> frozenset[Grant]:
    """What nobody of this age can grant under a law: what it forbids, and consents to whom is too young for them."""
    return frozenset(
        grant
        for grant in offered(policy)
        if law.bars(grant) or (age is not None and age < age_to_agree(policy, law, grant.purpose))
    )


def age_to_agree(policy: Policy, law: Law, purpose: PurposeKey) -> int:
    """How old one must be to agree to a purpose: as its rules say, and as a law does where it needs a yes."""
    return max(own_age(policy, purpose), law.minimum_age if asks(policy, law, purpose) else 0)


def own_age(policy: Policy, purpose: PurposeKey) -> int:
    """From which age on one can agree to a purpose wherever they are: the highest of its rules; 0 without any."""
    return max((rule.minimum_age for rule in policy.collect if rule.purpose == purpose), default=0)


def asks(policy: Policy, law: Law, purpose: PurposeKey) -> bool:
    """Whether nothing is done for a purpose without a yes, under a law."""
    return policy.purposes[purpose].basis is Basis.CONSENT or purpose in law.consent


def meant(policy: Policy, word: str) -> frozenset[Grant]:
    """The grants that ITEM, PURPOSE or ITEM:PURPOSE speaks of; none, where it speaks of nothing that is collected."""
    item, apart, purpose = word.partition(":")
    if apart:
        return offered(policy) & {Grant(Item(item), PurposeKey(purpose))}
    return frozenset(grant for grant in offered(policy) if word in (grant.item, grant.purpose))


def offered(policy: Policy) -> frozenset[Grant]:
    """Every grant that there can be: what is collected, for what it is collected."""
    return frozenset(Grant(item, rule.purpose) for rule in policy.collect for item in rule.items)


def obliged(policy: Policy) -> frozenset[Grant]:
    """Grants that stand whatever is refused, since their basis does not hang on the person."""
    return frozenset(one for one in offered(policy) if policy.purposes[one.purpose].basis not in REFUSABLE_BASES)


def standings(
    policy: Policy, granted: AbstractSet[Grant], withheld: AbstractSet[Grant] = NOTHING
) -> dict[str, Standing]:
    """How every service does, by its key, in one pass over the needs."""
    return {key: standing(service, granted, withheld) for key, service in policy.services.items()}


def standing(service: Service, granted: AbstractSet[Grant], withheld: AbstractSet[Grant] = NOTHING) -> Standing:
    """How one service does where nobody can have what is withheld."""
    had = granted - withheld
    missing = tuple(need for need in service.needs if not any(had >= {*one} for one in need.any_of))
    wanted = [[one for one in need.any_of if withheld.isdisjoint(one)] for need in missing]
    restores = _smallest(wanted, had) if all(wanted) else None
    return Standing(service=service.key, state=_state(missing), missing=missing, restores=restores)


def _state(missing: Sequence[Need]) -> State:
    if not missing:
        return State.WORKS
    return State.DEGRADES if all(need.degrades for need in missing) else State.STOPS


Clause = Sequence[AbstractSet[Grant]]
"""Alternatives of which one has to be there: the grants that each still lacks."""


def _smallest(missing: Sequence[Sequence[Alternative]], had: AbstractSet[Grant]) -> tuple[Grant, ...]:
    """A smallest set that answers everything that is missing, in the order of the policy."""
    order = list(dict.fromkeys(grant for need in missing for one in need for grant in one))
    assert len(order) <= GRANTS_MAX, "checked by the compiler"
    clauses = [_lacking(need, had) for need in missing]
    found = next(found for size in count() if (found := _answering(clauses, size)) is not None)
    return tuple(sorted(found, key=order.index))


def _lacking(need: Iterable[Iterable[Grant]], had: AbstractSet[Grant]) -> Clause:
    return [frozenset(one) - had for one in need]


def _answering(clauses: Sequence[Clause], size: int) -> AbstractSet[Grant] | None:
    """At most ``size`` grants that answer every clause; None if there are none."""
    clauses = [clause for clause in clauses if all(clause)]  # what lacks nothing is answered
    if not clauses:
        return NOTHING
    for lacks in min(clauses, key=len):
        left = size - len(lacks)
        rest = _answering([_lacking(clause, lacks) for clause in clauses], left) if left >= 0 else None
        if rest is not None:
            return lacks | rest
        # Nothing of this size holds all of it: what does is not looked at again.
        clauses = [[one for one in clause if not lacks <= one] for clause in clauses]
    return None
