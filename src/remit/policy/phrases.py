"""What commands say of a policy, in plain English words about "the person": the notice has its own, to "you"."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from remit.policy.model import Collect, Dimension, Need, Policy
from remit.policy.phrasebooks.english import ENGLISH
from remit.policy.places import EEA
from remit.policy.reduce import REDUCTIONS
from remit.policy.services import own_age
from remit.policy.words import WHILE_ACCOUNT, Basis, DeviceAccess, Item, PurposeKey, Role, Source

GROUNDS = {
    Basis.CONSENT: "only with the person's consent",
    Basis.CONTRACT: "because a contract with the person needs it",
    Basis.LEGAL_OBLIGATION: "because a law demands it",
    Basis.VITAL_INTEREST: "to protect somebody's life",
    Basis.PUBLIC_INTEREST: "in the public interest",
    Basis.LEGITIMATE_INTEREST: "as a legitimate interest, unless the person objects",
}
"""On which ground, by basis."""

ACCESS = {
    DeviceAccess.NONE: "nothing is read from devices",
    DeviceAccess.NECESSARY: "devices are read, since a service that the person asks for needs it",
    DeviceAccess.CONSENT: "devices are read, only with the person's consent",
    DeviceAccess.EXEMPT: "devices are read without consent, from which this is exempt",
}
"""On which ground a statistic reads devices."""

TOLD_BY = {
    Source.YOU: "told by the person",
    Source.DEVICE: "sent by the device or browser",
    Source.LOG: "noted when the services are used",
    Source.PROVIDER: "told by a provider",
    Source.SOMEONE_ELSE: "told by another person",
}
"""Who tells, by source."""

ROLES = {
    Role.PROCESSOR: "who works for the controller, on their instructions",
    Role.JOINT_CONTROLLER: "who decides with the controller what is done with it",
    Role.CONTROLLER: "who decides alone what is done with it",
}
"""What a recipient is, by role."""

GONE = "reduced or counted on arrival, then gone"


def plain(text: str) -> str:
    """One line of it, without marks that would command a terminal."""
    return " ".join("".join(mark if mark.isprintable() else " " for mark in text).split())


def title(policy: Policy, item: Item) -> str:
    """What an item is called by people."""
    return policy.catalogue[item].title


def titles(policy: Policy, items: Iterable[Item], word: str = "and") -> str:
    """What some items are called by people."""
    return listed([title(policy, item) for item in items], word)


def listed(parts: Sequence[str], word: str = "and") -> str:
    """The parts as one reads them aloud."""
    return ENGLISH.either(parts) if word == ENGLISH.disjunction else ENGLISH.listed(parts)


def alternatives(policy: Policy, need: Need) -> str:
    """What answers a need, without what for."""
    return ENGLISH.alternatives([[title(policy, grant.item) for grant in one] for one in need.any_of])


def needed(policy: Policy, need: Need) -> str:
    """What answers a need, and what for: once, where all of it is for one purpose."""
    if len(need.purposes) == 1:
        return f"{alternatives(policy, need)}, {reason(policy, need.purposes[0])}"
    told = [[f"{title(policy, item)} {reason(policy, purpose)}" for item, purpose in one] for one in need.any_of]
    return ENGLISH.alternatives(told)


def duration(keep: timedelta) -> str:
    """How long, in the largest unit that holds it."""
    return ENGLISH.duration(keep)


def kept(keep: timedelta | None) -> str:
    """What becomes of a value in the end."""
    if keep == WHILE_ACCOUNT:
        return "kept until the account is forgotten"
    return GONE if keep is None else f"kept for {duration(keep)}"


def reason(policy: Policy, purpose: PurposeKey) -> str:
    """What for, with the purpose's key."""
    return f"{plain(policy.purposes[purpose].says)} ({purpose})"


def teller(policy: Policy, rule: Collect) -> str:
    """Who tells what a rule collects; a provider by name."""
    provider = policy.providers.get(rule.provider or "")
    return f"told by {plain(provider.name)} ({provider.country})" if provider else TOLD_BY[rule.source]


def ruled(policy: Policy, rule: Collect) -> str:
    """A collection rule, without its items."""
    ground = GROUNDS[policy.purposes[rule.purpose].basis]
    return f"{teller(policy, rule)}, {reason(policy, rule.purpose)}, {ground}; {kept(rule.keep)}{bounds(policy, rule)}"


def bounds(policy: Policy, rule: Collect) -> str:
    """Of whom a rule takes something, where it is not of everybody."""
    where = f"; only in {places(rule.countries)}" if rule.countries else ""
    age = own_age(policy, rule.purpose)
    return f"{where}; from the age of {age}" if age else where


def places(countries: Iterable[str]) -> str:
    """Some countries by their codes, '' for one that nobody knows; the EEA by its name."""
    found = sorted(countries)
    told = ["the EEA", *sorted(set(found) - EEA)] if set(found) >= EEA else found
    return listed([country or "an unknown country" for country in told])


def column(policy: Policy, one: Dimension) -> str:
    """What a column shows."""
    if one.reduction is None:
        return title(policy, one.item)
    return f"{title(policy, one.item)} ({REDUCTIONS[one.reduction].says})"


def capital(text: str) -> str:
    """It begins a sentence."""
    return text[:1].upper() + text[1:]
