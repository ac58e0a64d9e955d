"""The rules about what people and stores must be told and only the policy knows (GDPR Art. 13, 14, 22 and 30)."""

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum

from remit.policy.language import NONE, Finding, bases, near, rows
from remit.policy.places import COUNTRIES, EEA
from remit.policy.platitudes import says_nothing
from remit.policy.read import Node
from remit.policy.words import AccountMethod, Basis, Expression, SubjectGroup

ADDRESS = re.compile(r"https://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/\S*)?")
"""Of a page, which anybody can open."""

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


def groups_are_known(root: Node) -> Iterator[Finding]:
    """Whom a purpose concerns is of a closed list, which documents have words for."""
    yield from _of(SubjectGroup, rows(root, "purposes.*.subjects[]"), "group of people")


def consents_are_expressed(root: Node) -> Iterator[Finding]:
    """How people say yes is said where they are asked, and what is not said is no consent (GDPR Art. 4(11))."""
    grounds = bases(root)
    yield from _of(Expression, rows(root, "purposes.*.consent"), "way to say yes")
    for key, purpose in rows(root, "purposes.*"):
        said = purpose.get("consent")
        if said is not None and grounds.get(key, Basis.CONSENT.value) != Basis.CONSENT.value:
            yield said, f"nobody is asked before '{key}', which stands on {grounds[key]}", "leave it out"


def pages_have_addresses(root: Node) -> Iterator[Finding]:
    """A page that documents lead to can be opened by whoever reads them, and by nobody else on the way."""
    for part in ("notice", "delete-account", "delete-data"):
        for _, node in rows(root, f"documents.{part}"):
            if not ADDRESS.fullmatch(node.text()):
                yield (
                    node,
                    f"'{node.text()}' is no address of a page",
                    f"write  {part}: https://www.example.com/privacy",
                )


def store_answers_are_known(root: Node) -> Iterator[Finding]:
    """What a store asks is answered in its own words."""
    ways = list(rows(root, "documents.accounts[]"))
    yield from _of(AccountMethod, ways, "way to make an account")
    for _, node in ways:
        if node.text() == AccountMethod.NONE and len(ways) > 1:
            yield node, "accounts are made in some way, or in none", "keep one of the two"
    for _, node in rows(root, "documents.encrypted"):
        if not isinstance(node.value, bool):
            yield node, f"'{node.text()}' is neither true nor false", "write  encrypted: true  or leave it out"


def _of(words: type[StrEnum], named: Iterable[tuple[str, Node]], what: str) -> Iterator[Finding]:
    known = [one.value for one in words]
    for _, node in named:
        if node.text() not in known:
            yield node, f"'{node.text()}' is no {what}", near(node.text(), known)
