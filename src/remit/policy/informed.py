"""The rules about what people must be told and only the policy knows (GDPR Art. 13, 14 and 22)."""

from collections.abc import Iterator

from remit.policy.language import NONE, Finding, bases, rows
from remit.policy.places import COUNTRIES, EEA
from remit.policy.platitudes import says_nothing
from remit.policy.read import Node
from remit.policy.words import Basis

_DECIDING = {Basis.CONSENT.value, Basis.CONTRACT.value, Basis.LEGAL_OBLIGATION.value}
"""On what a decision by programs alone may rest: an agreement, a law, an explicit yes (GDPR Art. 22(2))."""


def decisions_rest_on_something(root: Node) -> Iterator[Finding]:
    """What programs alone decide is told so that people understand it, and rests on a ground that allows it."""
    grounds = bases(root)
    for _, node in rows(root, "automated"):
        verdicts = list(node.elements())
        if not verdicts or (len(verdicts) > 1 and any(one.text() == NONE for one in verdicts)):
            yield node, "this neither says that nothing is decided, nor what is", f"write  automated: {NONE}"
    for _, verdict in rows(root, "automated[]"):
        for key in ("says", "logic", "consequences"):
            told = verdict.get(key)
            if told is not None and says_nothing(told.text()):
                yield told, f"'{told.text()}' tells nobody what is decided", "say it as you would to whom it concerns"
        purpose = verdict.get("for")
        basis = grounds.get(purpose.text(), "") if purpose is not None else ""
        if purpose is not None and basis in {one.value for one in Basis} - _DECIDING:
            yield (
                purpose,
                f"'{purpose.text()}' stands on {basis}, which lets no program decide alone (GDPR Art. 22(2))",
                "have a person decide, or decide for a purpose on consent, an agreement or a law",
            )


def who_acts_in_the_union_is_named(root: Node) -> Iterator[Finding]:
    """Who is not in the European Economic Area names who acts for them there (GDPR Art. 27)."""
    for _, home in rows(root, "controller"):
        country, there = home.get("country"), home.get("representative")
        if country is None or country.text() not in COUNTRIES:
            continue
        abroad = country.text() not in EEA
        if abroad and there is None:
            yield (
                country,
                "from outside the EEA, it is not said who acts for the controller there (Art. 13(1)(a))",
                "add  representative: name and address of who does",
            )
        elif there is not None and says_nothing(there.text()):
            yield there, f"'{there.text()}' names nobody", "write a name and an address"
