"""The notice that people read. Every sentence is rendered from a node of the policy that the gateway runs."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from html import escape
from itertools import groupby

from remit.policy.catalogue import CATALOGUE
from remit.policy.model import Collect, Policy
from remit.policy.plan import is_refusable
from remit.policy.reduce import REDUCTIONS
from remit.policy.words import Basis, Item, PurposeKey, Source

Block = tuple[str, str]
"""A kind of block (h1, h2, p, li) and its text."""

_GROUNDS = {
    Basis.CONSENT: "only if you agree",
    Basis.CONTRACT: "because our agreement with you needs it",
    Basis.LEGAL_OBLIGATION: "because the law obliges us to",
    Basis.VITAL_INTEREST: "to protect somebody's life",
    Basis.PUBLIC_INTEREST: "in the public interest",
    Basis.LEGITIMATE_INTEREST: "as our legitimate interest, unless you object",
}
_SECTIONS: tuple[tuple[str, tuple[Source, ...]], ...] = (
    ("1. Personal information that you provide to us", (Source.YOU,)),
    ("2. Information we collect when you use the services", (Source.DEVICE, Source.LOG)),
    ("3. Information from third parties", (Source.PROVIDER, Source.SOMEONE_ELSE)),
)
_TOLD_BY = {
    Source.YOU: "You tell us",
    Source.DEVICE: "Your device or browser sends",
    Source.LOG: "When you use our services we note",
    Source.PROVIDER: "A provider tells us",
    Source.SOMEONE_ELSE: "Another person may tell us",
}


def markdown(policy: Policy) -> str:
    """The notice in Markdown."""
    marks = {"h1": "# {}\n", "h2": "## {}\n", "p": "{}\n", "li": "- {}"}
    out = []
    for kind, run in groupby(_blocks(policy), key=lambda block: block[0]):
        lines = [marks[kind].format(text) for _, text in run]
        out.append("\n".join(lines) + ("\n" if kind == "li" else ""))
    return "\n".join(out)


def html(policy: Policy) -> str:
    """The notice as an HTML fragment."""
    out = []
    for kind, run in groupby(_blocks(policy), key=lambda block: block[0]):
        lines = "\n".join(f"<{kind}>{escape(text)}</{kind}>" for _, text in run)
        out.append(f"<ul>\n{lines}\n</ul>" if kind == "li" else lines)
    return "\n".join(out)


def _blocks(policy: Policy) -> Iterator[Block]:
    yield "h1", "What information we collect"
    yield (
        "p",
        (
            f"{policy.controller.name} ({policy.controller.country}) answers for what is written here. This is version"
            f" {policy.version} of our policy, and the program that collects runs this very text: what it does not say"
            " is not taken."
        ),
    )
    yield (
        "p",
        (
            "You may refuse whatever is marked so, and lose only what truly needs it. Depending on the service that you"
            " use, we collect the following."
        ),
    )
    for title, sources in _SECTIONS:
        rules = [rule for rule in policy.collect if rule.source in sources]
        yield "h2", title
        if not rules:
            yield "p", "Nothing."
        for rule in rules:
            yield "li", _rule(policy, rule)
    yield from _statistics(policy)
    yield from _services(policy)
    yield "h2", "Whom to ask"
    yield (
        "p",
        f"Write to {policy.controller.contact} to see, correct or erase what we hold about you, or to object.",
    )


def _rule(policy: Policy, rule: Collect) -> str:
    purpose = policy.purposes[rule.purpose]
    kept = (
        f"We keep it for {_duration(rule.keep)}."
        if rule.keep is not None
        else "It is reduced or counted when it arrives, and then gone."
    )
    return (
        f"{_TOLD_BY[rule.source]}: {_titles(rule.items)}; {purpose.says}, {_GROUNDS[purpose.basis]}."
        f" {kept} {_refusal(policy, rule.items, rule.purpose)}"
    )


def _refusal(policy: Policy, items: Iterable[Item], purpose: PurposeKey) -> str:
    needed = [item for item in items if not is_refusable(policy, item, purpose)]
    if not needed:
        return "You may refuse this."
    return f"Needed for the service, so it cannot be refused: {_titles(needed)}."


def _statistics(policy: Policy) -> Iterator[Block]:
    yield "h2", "4. Non-personal information"
    yield (
        "p",
        (
            "We also make statistics about nobody in particular. They are kept apart from personal information, in"
            " another store with another key, and nothing in one leads to the other."
        ),
    )
    for fact in policy.facts.values():
        columns = [
            f"{CATALOGUE[one.item].title}"
            + (f" ({REDUCTIONS[one.reduction].says})" if one.reduction is not None else "")
            for one in fact.dimensions
        ]
        measured = [CATALOGUE[one.item].title for one in fact.measures]
        measures = f", with the distribution of {_and(measured)}" if measured else ""
        yield (
            "li",
            f"How often '{fact.name}' happened, by {_and(columns)}{measures}; {policy.purposes[fact.purpose].says}.",
        )
    for count in policy.counts.values():
        yield (
            "li",
            (
                f"How many different ones of {_titles(count.of)} there were ('{count.name}'), per"
                f" {_and([period.value for period in count.every])}; {policy.purposes[count.purpose].says}. We get the"
                f" number without knowing who: each vote is hashed with a key that is destroyed when the period ends, and"
                f" numbers below {policy.k} are not shown."
            ),
        )


def _services(policy: Policy) -> Iterator[Block]:
    yield "h2", "Your choices, and what needs what"
    for service in policy.services.values():
        if not service.needs:
            yield "li", f"To {service.says}, nothing about you is needed."
            continue
        needs = _and(
            [f"{_any(need.any_of)} ({policy.purposes[need.purpose].says})" for need in service.needs]
        )
        yield "li", f"To {service.says}, we need {needs}."
    for purpose in policy.purposes.values():
        yield "li", f"'{purpose.key}': {purpose.says}, {_GROUNDS[purpose.basis]}."


def _titles(items: Iterable[Item]) -> str:
    return _and([CATALOGUE[item].title for item in items])


def _any(items: Iterable[Item]) -> str:
    return _and([CATALOGUE[item].title for item in items], "or")


def _and(parts: list[str], word: str = "and") -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {word} {parts[-1]}"


_UNITS: tuple[tuple[str, int], ...] = (("year", 365 * 24), ("day", 24), ("hour", 1))


def _duration(keep: timedelta) -> str:
    hours = int(keep.total_seconds() // 3600)
    name, size = next(((name, size) for name, size in _UNITS if hours % size == 0), ("hour", 1))
    n = hours // size
    return f"{n} {name}{'s' * (n != 1)}"
