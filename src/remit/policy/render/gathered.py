"""What several documents ask of a policy: who is told of which item, how long, and with what else."""

from collections.abc import Callable

from remit.policy.catalogue import Terms
from remit.policy.model import Collect, Policy, Recipient
from remit.policy.plan import is_refusable
from remit.policy.render.purposes import SELLING, PurposeTerms, purpose_terms
from remit.policy.words import Category, Item, PurposeKey, Role, Source

Told = dict[Item, list[Collect]]


def collected(policy: Policy) -> Told:
    """Every item that the policy collects, in its order, with the rules that do."""
    told: Told = {}
    for rule in policy.collect:
        for item in rule.items:
            told.setdefault(item, []).append(rule)
    return told


def by_term(policy: Policy, term: Callable[[Terms], str | None]) -> dict[str, Told]:
    """What is collected, by the term that one vocabulary has for it; items without a term are left out."""
    terms: dict[str, Told] = {}
    for item, rules in collected(policy).items():
        name = term(policy.catalogue[item].terms)
        if name is not None:
            terms.setdefault(name, {})[item] = rules
    return terms


def without_term(policy: Policy, term: Callable[[Terms], str | None]) -> list[str]:
    """Titles of what is collected and the vocabulary has no term for."""
    entries = [policy.catalogue[item] for item in collected(policy)]
    return [entry.title for entry in entries if term(entry.terms) is None]


def told_of(policy: Policy, rule: Collect) -> list[Recipient]:
    """Who may be told something that this rule keeps."""
    return [
        one
        for one in policy.recipients.values()
        if rule.keep is not None
        and any(told.purpose == rule.purpose and not set(rule.items).isdisjoint(told.items) for told in one.told)
    ]


def shared_for(policy: Policy, told: Told) -> list[PurposeKey]:
    """For which purposes somebody who decides for themselves is told of the items: what stores call sharing."""
    return list(
        dict.fromkeys(
            telling.purpose
            for one in policy.recipients.values()
            if one.role is not Role.PROCESSOR
            for telling in one.told
            if not told.keys().isdisjoint(telling.items)
        )
    )


def uses_of(policy: Policy, rule: Collect) -> list[PurposeKey]:
    """What a rule's values are used for: its purpose first, then those that what is kept may be read for, too."""
    further = policy.purposes[rule.purpose].compatible if rule.keep is not None else ()
    return [rule.purpose, *(one.purpose for one in further)]


def purposes_of(policy: Policy, told: Told) -> list[PurposeKey]:
    """What the items are used for, each purpose once."""
    return list(dict.fromkeys(key for rules in told.values() for rule in rules for key in uses_of(policy, rule)))


def terms_of(policy: Policy, purpose: PurposeKey) -> PurposeTerms:
    """What others call a purpose of the policy."""
    return purpose_terms(policy.purposes[purpose].dpv)


def is_choice(policy: Policy, told: Told) -> bool:
    """Whether each of the items may be refused for each of its purposes."""
    return all(is_refusable(policy, item, rule.purpose) for item, rules in told.items() for rule in rules)


def is_kept(policy: Policy, told: Told) -> bool:
    """Whether any of the items rests on the personal side: in the vault, or as a vote while its count is open."""
    counted = {item for count in policy.counts.values() for item in count.of}
    return any(item in counted or any(rule.keep is not None for rule in rules) for item, rules in told.items())


def joined_for(policy: Policy) -> set[PurposeKey]:
    """For which purposes the policy sells data, or tells it or is told of it to advertise (Apple: tracking)."""
    sells = {key for key, purpose in policy.purposes.items() if purpose.dpv in SELLING}
    told = {
        key
        for rule in policy.collect
        if rule.source is Source.PROVIDER
        or any(policy.catalogue[item].category is Category.PARTNER for item in rule.items)
        for key in uses_of(policy, rule)
    }
    shared = {*shared_for(policy, collected(policy)), *told}
    return sells | {key for key in shared if terms_of(policy, key).advertises}


def is_joined(policy: Policy) -> bool:
    """Whether there is any such purpose."""
    return bool(joined_for(policy))
