"""The record of processing activities that GDPR Art. 30(1) asks of a controller: one activity for each purpose.

A field that the law asks for and no policy answers stands there as such, and ``unstated`` lists it.
"""

from collections.abc import Iterator

from remit.policy.model import Collect, Policy, Purpose, Recipient
from remit.policy.phrases import bounds
from remit.policy.render.gathered import uses_of
from remit.policy.render.writing import NOT_STATED, comma_separated, json, retention
from remit.policy.words import Role

_ARTICLES = {
    "controller": "30(1)(a)",
    "contact": "30(1)(a)",
    "address": "30(1)(a)",
    "country": "30(1)(a)",
    "joint controller": "30(1)(a)",
    "representative": "30(1)(a)",
    "data protection officer": "30(1)(a)",
    "purpose": "30(1)(b)",
    "categories of data subjects": "30(1)(c)",
    "categories of personal data": "30(1)(c)",
    "categories of recipients": "30(1)(d)",
    "transfers to third countries": "30(1)(e)",
    "time limits for erasure": "30(1)(f)",
    "security measures": "30(1)(g)",
}
"""What the law asks for, and where."""

_NOBODY = "nobody"

_MEASURES = [
    "what is kept is sealed under a key for each person",
    "statistics lie in another store, and no process opens both",
]
"""What remit does under every policy."""

Activity = dict[str, str | list[str]]


def unstated(policy: Policy) -> list[str]:
    """What Art. 30 asks for and the policy has no answer to."""
    silent = [field for field, stated in _controller(policy).items() if stated == NOT_STATED]
    if not all(one.subjects for one in policy.purposes.values()):
        silent.append("categories of data subjects")
    return [f"{field}: Art. {_ARTICLES[field]}" for field in silent] + [
        "security measures: Art. 30(1)(g), beyond those of remit itself"
    ]


def as_json(policy: Policy) -> str:
    """The record as JSON."""
    return json(
        {
            "record": "Records of processing activities, GDPR Art. 30(1)",
            "policy_version": policy.version,
            "parties": _controller(policy),
            "activities": [_activity(policy, one) for one in policy.purposes.values()],
            "not_stated": unstated(policy),
        }
    )


def as_csv(policy: Policy) -> str:
    """The record as CSV, one row for each activity, lists in one cell."""
    rows = [_controller(policy) | _activity(policy, one) for one in policy.purposes.values()]
    columns = list(rows[0]) if rows else []
    heads = [f"{column} (Art. {_ARTICLES[column]})" if column in _ARTICLES else column for column in columns]
    return comma_separated([heads, *([_cell(row[column]) for column in columns] for row in rows)])


def _cell(value: str | list[str]) -> str:
    return value if isinstance(value, str) else "; ".join(value)


def _controller(policy: Policy) -> Activity:
    who = policy.controller
    joint = [one.name for one in policy.recipients.values() if one.role is Role.JOINT_CONTROLLER]
    return {
        "controller": who.name,
        "contact": who.contact,
        "address": who.address or NOT_STATED,
        "country": who.country,
        "joint controller": joint or _NOBODY,
        "representative": who.representative or NOT_STATED,
        "data protection officer": who.officer or NOT_STATED,
    }


def _activity(policy: Policy, one: Purpose) -> Activity:
    rules = [rule for rule in policy.collect if one.key in uses_of(policy, rule)]
    told = [to for to in policy.recipients.values() if any(telling.purpose == one.key for telling in to.told)]
    titles = dict.fromkeys(policy.catalogue[item].title for rule in rules for item in rule.items)
    return {
        "activity": one.key,
        "purpose": " ".join(one.says.split()),
        "lawful basis": one.basis.value,
        "collected for": list(dict.fromkeys(rule.purpose for rule in rules)),
        "categories of data subjects": [group.value for group in one.subjects] or NOT_STATED,
        "categories of personal data": list(titles),
        "sources": list(dict.fromkeys(_source(policy, rule) for rule in rules)),
        "categories of recipients": [_recipient(recipient) for recipient in told] or _NOBODY,
        "transfers to third countries": [
            f"{recipient.country}: {recipient.name}, {recipient.transfer}" for recipient in told if recipient.transfer
        ]
        or "none",
        "time limits for erasure": list(_limits(policy, rules)),
        "security measures": [*_MEASURES, f"further ones: {NOT_STATED}"],
    }


def _source(policy: Policy, rule: Collect) -> str:
    provider = policy.providers.get(rule.provider or "")
    return f"{provider.name} ({provider.country})" if provider else rule.source.value


def _recipient(one: Recipient) -> str:
    return f"{one.name} ({one.country}), {one.role.value}"


def _limits(policy: Policy, rules: list[Collect]) -> Iterator[str]:
    for rule in rules:
        titles = ", ".join(policy.catalogue[item].title for item in rule.items)
        yield f"{titles}: {retention(rule.keep)}{bounds(policy, rule)}"
