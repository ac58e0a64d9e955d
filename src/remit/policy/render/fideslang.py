"""The policy as a fideslang manifest: an organization, and a system that declares each purpose and retention."""

from collections.abc import Iterator

import yaml

from remit.policy.model import Collect, Policy, Purpose
from remit.policy.render.gathered import terms_of, told_of, uses_of
from remit.policy.render.writing import retention
from remit.policy.words import Basis, PurposeKey, SubjectGroup

_BASES = {
    Basis.CONSENT: "Consent",
    Basis.CONTRACT: "Contract",
    Basis.LEGAL_OBLIGATION: "Legal obligations",
    Basis.VITAL_INTEREST: "Vital interests",
    Basis.PUBLIC_INTEREST: "Public interest",
    Basis.LEGITIMATE_INTEREST: "Legitimate interests",
}


def manifest(policy: Policy) -> str:
    """The manifest as YAML."""
    who = policy.controller
    contact = {"name": who.name, **({"email": who.contact} if "@" in who.contact else {"address": who.contact})}
    value = {
        "organization": [{"fides_key": "default_organization", "name": who.name, "controller": contact}],
        "system": [
            {
                "fides_key": "remit",
                "name": "remit",
                "description": f"Runs version {policy.version} of the policy of {who.name}.",
                "system_type": "Service",
                "privacy_declarations": list(_declarations(policy)),
            }
        ],
    }
    return str(yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=100))


def _declarations(policy: Policy) -> Iterator[dict[str, object]]:
    alike: dict[tuple[str, PurposeKey], list[Collect]] = {}
    for rule in policy.collect:
        for purpose in uses_of(policy, rule):
            what = purpose if purpose == rule.purpose else f"{purpose} (kept for {rule.purpose})"
            name = f"{what}, from {rule.source.value}, {retention(rule.keep)}"
            alike.setdefault((name, purpose), []).append(rule)
    for (name, purpose), rules in alike.items():
        first = rules[0]
        use = terms_of(policy, purpose).fideslang
        categories = [policy.catalogue[item].terms.fideslang for rule in rules for item in rule.items]
        if use is not None:
            yield {
                "name": name,
                "data_categories": list(dict.fromkeys(one for one in categories if one)),
                "data_use": use,
                "legal_basis_for_processing": _BASES[policy.purposes[first.purpose].basis],
                "flexible_legal_basis_for_processing": False,
                "retention_period": retention(first.keep),
                **_subjects(policy.purposes[purpose]),
                **_shared(policy, rules, purpose),
            }


_SUBJECTS = {
    SubjectGroup.CUSTOMERS: "customer",
    SubjectGroup.VISITORS: "visitor",
    SubjectGroup.EMPLOYEES: "employee",
    SubjectGroup.APPLICANTS: "job_applicant",
    SubjectGroup.PATIENTS: "patient",
}
"""fideslang has no words for the others."""


def _subjects(purpose: Purpose) -> dict[str, object]:
    """Whom a purpose concerns, as far as fideslang has words for it."""
    known = [_SUBJECTS[group] for group in purpose.subjects if group in _SUBJECTS]
    return {"data_subjects": known} if known else {}


def _shared(policy: Policy, rules: list[Collect], purpose: PurposeKey) -> dict[str, object]:
    """Who is told of what these rules keep for this very purpose."""
    told = {one.key: one for rule in rules if rule.purpose == purpose for one in told_of(policy, rule)}
    tellings = [telling for one in told.values() for telling in one.told if telling.purpose == purpose]
    items = {item for telling in tellings for item in telling.items}
    categories = [policy.catalogue[item].terms.fideslang for rule in rules for item in rule.items if item in items]
    shared = {
        "data_shared_with_third_parties": True,
        "third_parties": "; ".join(f"{one.name} ({one.country}), {one.role.value}" for one in told.values()),
        "shared_categories": list(dict.fromkeys(one for one in categories if one)),
    }
    return shared if told else {}


def unstated(policy: Policy) -> list[str]:
    """What fideslang asks and the policy has no answer to; among it, purposes that fideslang has no use for."""
    silent = [key for key, one in policy.purposes.items() if not _subjects(one)]
    return [f"data_subjects of {key}: which groups of people, in words of fideslang" for key in silent] + [
        f"data_use of {key}: what fideslang would call it; without that it is left out"
        for key in policy.purposes
        if terms_of(policy, key).fideslang is None
    ]
