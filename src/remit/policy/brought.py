"""The part of a policy that something can bring today: what the notice tells, since nothing else happens."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from remit.policy.model import Collect, Count, Fact, Jurisdiction, Policy, Recipient, Service, Signals, Verdict
from remit.policy.offers import unserved
from remit.policy.plan import told_by_sdks
from remit.policy.words import Item, PurposeKey


def brought(policy: Policy) -> Policy:
    """The policy without the rules that no way in serves, and without what hangs on them alone.

    Rules keep their indices. What providers and other people tell has no way in yet.
    """
    rules = told_by_sdks(policy)
    kept = {(item, rule.purpose) for rule in rules for item in rule.items}
    idle = {rule.purpose for rule in policy.collect} - _served(policy, rules)
    recipients = {key: told for key, one in policy.recipients.items() if (told := _told(one, kept)).told}
    services = {key: needed for key, one in policy.services.items() if (needed := _needed(one, kept)) is not None}
    return replace(
        policy,
        collect=rules,
        purposes={key: one for key, one in policy.purposes.items() if key not in idle},
        services=services,
        recipients=recipients,
        jurisdictions={key: _demanded(law, idle) for key, law in policy.jurisdictions.items()},
        signals=_heard(policy.signals, idle),
    )


def unserved_today(policy: Policy) -> Mapping[str, Sequence[PurposeKey]]:
    """By app, the purposes for which it takes nothing, of those for which something is taken; others are left out."""
    today = brought(policy).purposes
    found = {app: [key for key in purposes if key in today] for app, purposes in unserved(policy).items()}
    return {app: purposes for app, purposes in found.items() if purposes}


def _served(policy: Policy, rules: tuple[Collect, ...]) -> set[PurposeKey]:
    """The purposes that something is taken, counted, decided or read on for; what is decided hangs on no way in."""
    decided = policy.automated or ()
    users: list[Collect | Fact | Count | Verdict] = [*rules, *policy.facts.values(), *policy.counts.values(), *decided]
    first = {one.purpose for one in users}
    return first | {one.purpose for key in first for one in policy.purposes[key].compatible}


def _demanded(law: Jurisdiction, idle: set[PurposeKey]) -> Jurisdiction:
    consent = tuple(one for one in law.consent if one not in idle)
    barred = tuple(grant for grant in law.barred if grant.purpose not in idle)
    return replace(
        law, consent=consent, barred=barred, longest={one: keep for one, keep in law.longest.items() if one not in idle}
    )


def _heard(said: Signals, idle: set[PurposeKey]) -> Signals:
    def left(keys: tuple[PurposeKey, ...]) -> tuple[PurposeKey, ...]:
        return tuple(key for key in keys if key not in idle)

    return Signals(
        gpc=left(said.gpc),
        tcf={n: left(keys) for n, keys in said.tcf.items()},
        gpp={name: left(keys) for name, keys in said.gpp.items()},
        categories={name: left(keys) for name, keys in said.categories.items()},
    )


def _told(one: Recipient, kept: set[tuple[Item, PurposeKey]]) -> Recipient:
    told = (
        replace(part, items=tuple(item for item in part.items if (item, part.purpose) in kept)) for part in one.told
    )
    return replace(one, told=tuple(part for part in told if part.items))


def _needed(service: Service, kept: set[tuple[Item, PurposeKey]]) -> Service | None:
    """The service with the needs that something can meet; nothing, if it stops without another."""
    needs = [
        replace(need, any_of=tuple(alternative for alternative in need.any_of if kept.issuperset(alternative)))
        for need in service.needs
    ]
    met = tuple(need for need in needs if need.any_of)
    return replace(service, needs=met) if all(need.any_of or need.degrades for need in needs) else None


def unbrought(policy: Policy) -> list[str]:
    """What the policy says that has no way in yet, rule by rule."""
    within = {rule.index for rule in told_by_sdks(policy)}
    unheard = [
        f"line {rule.line}: nothing brings yet what {rule.provider or 'another person'} tells"
        for rule in policy.collect
        if rule.index not in within
    ]
    ids = [
        f"line {app.line}: nothing takes yet what {name} sends by {protocol}"
        for name, app in policy.apps.items()
        for protocol, known in (("glean", app.application),)
        if known is not None
    ]
    falls = [
        f"line {one.line}: nothing makes columns of {one.name} fall yet" for one in policy.facts.values() if one.fall
    ]
    return [*unheard, *ids, *falls]
