"""What GDPR Art. 13 and 14 ask a notice to say: where each of it comes from, and what a policy does not say."""

from collections.abc import Mapping
from typing import NamedTuple

from remit.policy.brought import unbrought
from remit.policy.model import Policy
from remit.policy.places import EEA


class Asked(NamedTuple):
    """One thing that is asked for: checks that fail where a policy does not say it, or words of every notice."""

    articles: str
    checks: tuple[str, ...] = ()
    words: str = ""


ASKED: Mapping[str, Asked] = {
    "who answers, and their address": Asked("13(1)(a), 14(1)(a)", ("P011", "P014", "P065")),
    "representative": Asked("13(1)(a), 14(1)(a)", ("P091",)),
    "purposes and their grounds": Asked("13(1)(c), 14(1)(c)", ("P011", "P020", "P022", "P023")),
    "the legitimate interests": Asked("13(1)(d), 14(2)(b)", ("P020",)),
    "categories of personal data": Asked("14(1)(d)", ("P011", "P030")),
    "recipients": Asked("13(1)(e), 14(1)(e)", ("P062", "P063"), words="Who else is told"),
    "transfers, and what they rest on": Asked("13(1)(f), 14(1)(f)", ("P064",)),
    "how long": Asked("13(2)(a), 14(2)(a)", ("P011", "P032")),
    "rights": Asked("13(2)(b), 14(2)(c)", words="to see, correct or erase what we hold about you"),
    "withdrawal of consent": Asked("13(2)(c), 14(2)(d)", words="What you agreed to you may take back at any time"),
    "complaint": Asked("13(2)(d), 14(2)(e)", words="You may complain to"),
    "whether it must be given": Asked("13(2)(e)", ("P044", "P045"), words="You have the right to choose"),
    "source": Asked("14(2)(f)", ("P011", "P031", "P061")),
    "automated decisions": Asked("13(2)(f), 14(2)(g)", ("P011", "P090")),
}
"""What every notice has to say. A policy that leaves one of them without a source does not compile."""

IN_SOME_CASES = {
    "data protection officer": "13(1)(b), 14(1)(b)",
    "which supervisory authority": "13(2)(d), 14(2)(e)",
}
"""By the article that asks: what only some have (Art. 37), or what helps and is not demanded."""


def unstated(policy: Policy) -> list[str]:
    """What the notice does not say; among it, what nothing brings yet.

    What every notice must say can be missing in a text that was adopted before the check of it, and nowhere else.
    """
    who = policy.controller
    missing = {
        "representative": who.representative is None and who.country not in EEA,
        "automated decisions": policy.automated is None,
    }
    silent = {"data protection officer": who.officer is None, "which supervisory authority": who.authority is None}
    return [
        *(f"{field}: Art. {ASKED[field].articles}" for field, gone in missing.items() if gone),
        *(f"{field}: Art. {IN_SOME_CASES[field]}" for field, gone in silent.items() if gone),
        *unbrought(policy),
    ]
