"""What GDPR Art. 13 and 14 ask a notice to say and a policy does not."""

from remit.policy.model import Policy
from remit.policy.reach import beyond

ASKED = {
    "representative": "13(1)(a), 14(1)(a)",
    "data protection officer": "13(1)(b), 14(1)(b)",
    "which supervisory authority": "13(2)(d), 14(2)(e)",
    "automated decisions": "13(2)(f), 14(2)(g)",
}
"""By the article that asks: what a policy may be silent about. All else that they ask is stated in every notice."""


def unstated(policy: Policy) -> list[str]:
    """What the notice does not say; among it, what nothing brings yet."""
    who = policy.controller
    stated = {
        "representative": who.representative,
        "data protection officer": who.officer,
        "which supervisory authority": who.authority,
    }
    asked = {field: articles for field, articles in ASKED.items() if not stated.get(field)}
    return [*(f"{field}: Art. {articles}" for field, articles in asked.items()), *beyond(policy)]
