"""What GDPR Art. 13 and 14 ask a notice to say and no policy has a place for yet."""

from remit.policy.model import Policy
from remit.policy.words import Source

ASKED = {
    "representative": "13(1)(a), 14(1)(a)",
    "data protection officer": "13(1)(b), 14(1)(b)",
    "recipients": "13(1)(e), 14(1)(e)",
    "transfers to third countries": "13(1)(f), 14(1)(f)",
    "rights to restriction and to data portability": "13(2)(b), 14(2)(c)",
    "right to lodge a complaint with a supervisory authority": "13(2)(d), 14(2)(e)",
    "automated decisions": "13(2)(f), 14(2)(g)",
}
"""By the article that asks. Identity, purposes, bases, retention, consequences of a refusal and sources are stated."""


def unstated(policy: Policy) -> list[str]:
    """What the notice does not say; among it, who a provider is, where one tells us something."""
    asked = dict(ASKED)
    if any(rule.source is Source.PROVIDER for rule in policy.collect):
        asked["which provider told us"] = "14(2)(f)"
    return [f"{field}: Art. {articles}" for field, articles in asked.items()]
