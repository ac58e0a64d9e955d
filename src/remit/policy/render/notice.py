"""The notice that people read. Every sentence is rendered from a node of the policy that the gateway runs."""

import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from html import escape
from itertools import groupby
from typing import NamedTuple

from remit.policy.catalogue import Catalogue
from remit.policy.model import Collect, Count, Dimension, Fact, Jurisdiction, Policy, Purpose, Service
from remit.policy.phrases import duration, listed
from remit.policy.places import EEA
from remit.policy.plan import is_refusable, names_of
from remit.policy.reach import reached
from remit.policy.reduce import REDUCTIONS
from remit.policy.render.told import HEADING, By, Topic
from remit.policy.words import WHILE_ACCOUNT, Basis, DeviceAccess, Item, Role, Source


class Piece(NamedTuple):
    """A kind of block (h1, h2, h3, p, li), its text, and the part of the policy that it is made from."""

    kind: str
    text: str
    by: By


Written = tuple[str, str, By]
"""The same, as the policy's words are laid out."""

_GROUNDS = {
    Basis.CONSENT: "only if you agree",
    Basis.CONTRACT: "because our agreement with you needs it",
    Basis.LEGAL_OBLIGATION: "because the law obliges us to",
    Basis.VITAL_INTEREST: "to protect somebody's life",
    Basis.PUBLIC_INTEREST: "in the public interest",
    Basis.LEGITIMATE_INTEREST: "as our legitimate interest, unless you object",
}
_SECTIONS: tuple[tuple[str, tuple[tuple[Source, str], ...]], ...] = (
    ("1. Personal information that you provide to us", ((Source.YOU, ""),)),
    (
        "2. Information we collect when you use the services",
        ((Source.DEVICE, "Information about your device"), (Source.LOG, "Log information")),
    ),
    (
        "3. Information from third parties",
        ((Source.PROVIDER, "From providers"), (Source.SOMEONE_ELSE, "From other people")),
    ),
)
_TOLD_BY = {
    Source.YOU: "You tell us",
    Source.DEVICE: "Your device or browser sends",
    Source.LOG: "When you use our services we note",
    Source.PROVIDER: "A provider tells us",
    Source.SOMEONE_ELSE: "Another person may tell us",
}


_ROLES = {
    Role.PROCESSOR: "who works for us and on our instructions",
    Role.JOINT_CONTROLLER: "who decides with us what is done with it",
    Role.CONTROLLER: "who decides alone what is done with it",
}


_ACCESS = {
    DeviceAccess.NONE: "For this, nothing is read from your device.",
    DeviceAccess.NECESSARY: "For this, we read from your device only what a service that you ask for needs.",
    DeviceAccess.CONSENT: "For this, we read from your device only if you agree.",
    DeviceAccess.EXEMPT: "For this, we read from your device without asking first; you may refuse. We rely on",
}


_MARKS = re.compile(r"[\\`*<>\[\]&]")
"""What Markdown or the HTML within it would read as more than a character."""


def markdown(policy: Policy) -> str:
    """The notice in Markdown."""
    marks = {"h1": "# {}\n", "h2": "## {}\n", "h3": "### {}\n", "p": "{}\n", "li": "- {}"}
    out = []
    for kind, run in groupby(blocks(policy), key=lambda block: block[0]):
        lines = [marks[kind].format(_MARKS.sub(r"\\\g<0>", text)) for _, text, _ in run]
        out.append("\n".join(lines) + ("\n" if kind == "li" else ""))
    return "\n".join(out)


def html(policy: Policy) -> str:
    """The notice as an HTML fragment."""
    out = []
    for kind, run in groupby(blocks(policy), key=lambda block: block[0]):
        lines = "\n".join(f"<{kind}>{escape(text)}</{kind}>" for _, text, _ in run)
        out.append(f"<ul>\n{lines}\n</ul>" if kind == "li" else lines)
    return "\n".join(out)


def blocks(policy: Policy) -> Iterator[Piece]:
    """The notice, block by block: what every form of it is written from. It tells of what something can bring."""
    # A statement may span lines in the policy; a block never does.
    for kind, text, by in _sections(reached(policy)):
        yield Piece(kind, " ".join(text.split()), by)


def _sections(policy: Policy) -> Iterator[Written]:
    yield "h1", "What information we collect", HEADING
    yield (
        "p",
        f"""{policy.controller.name} ({policy.controller.country}) answers for what is written here. This is
        version {policy.version} of our policy, and the program that collects runs this very text:
        what it does not say is not taken.""",
        By(Topic.WHOLE),
    )
    yield (
        "p",
        """You have the right to choose whether to give us the information below. If you refuse what a service
        needs, we cannot provide that service or answer your question; what you can refuse and what then stops
        is said under "Your choices".""",
        By(Topic.CHOICE),
    )
    for title, parts in _SECTIONS:
        yield "h2", title, HEADING
        rules = [rule for rule in policy.collect if rule.source in dict(parts)]
        if not rules:
            yield "p", "Nothing.", By(Topic.NO_RULE)
        for source, heading in parts:
            told = [rule for rule in rules if rule.source is source]
            if told and heading:
                yield "h3", heading, HEADING
            for rule in told:
                yield "li", _rule(policy, rule), By(Topic.RULE, str(rule.index))
    yield from _statistics(policy)
    yield from _choices(policy)
    yield from _retention(policy)
    yield from _jurisdictions(policy)
    yield from _recipients(policy)
    yield from _verdicts(policy)
    yield from _rights(policy)


def _jurisdictions(policy: Policy) -> Iterator[Written]:
    if not policy.jurisdictions:
        return
    yield "h2", "Where other laws hold", HEADING
    yield (
        "p",
        f"""We learn which law holds for you from your {_any(policy.catalogue, policy.region)}, which is read for
        that. Where it does not tell your country, all of the following holds."""
        if policy.region
        else "Nothing tells us where you are, so all of the following holds.",
        By(Topic.REGION),
    )
    for law in policy.jurisdictions.values():
        for demand in _demands(policy, law):
            yield "li", f"In {_places(law.countries)}: {demand}", By(Topic.JURISDICTION, law.key)


def _demands(policy: Policy, law: Jurisdiction) -> Iterator[str]:
    for purpose in law.consent:
        yield f"only if you agree, we collect and use what we need {policy.purposes[purpose].says}."
    if law.forbid:
        yield f"we do not take {_any(policy.catalogue, law.forbid)}."
    for purpose, longest in law.longest.items():
        yield f"nothing stays longer than {duration(longest)} {policy.purposes[purpose].says}."
    if law.minimum_age:
        yield f"you can agree for yourself from the age of {law.minimum_age}."


def _places(countries: frozenset[str]) -> str:
    if countries == EEA:
        return "the European Economic Area"
    return listed(sorted(countries))


def _recipients(policy: Policy) -> Iterator[Written]:
    yield "h2", "Who else is told", HEADING
    if not policy.recipients:
        yield "p", "Nobody: we pass on nothing about you.", By(Topic.NO_RECIPIENT)
    for one in policy.recipients.values():
        for told in one.told:
            transfer = f" Outside the European Economic Area, this rests on {one.transfer}." if one.transfer else ""
            yield (
                "li",
                f"""{one.name} ({one.country}), {_ROLES[one.role]}, may be told:
                {_titles(policy.catalogue, told.items)}; {policy.purposes[told.purpose].says}.{transfer}""",
                By(Topic.RECIPIENT, one.key),
            )


def _verdicts(policy: Policy) -> Iterator[Written]:
    if policy.automated is None:
        return
    yield "h2", "What programs alone decide", HEADING
    if not policy.automated:
        nothing = "Nothing that has legal effects for you, or touches you as much, is decided by programs alone."
        yield "p", nothing, By(Topic.NO_VERDICT)
    for place, one in enumerate(policy.automated):
        purpose = policy.purposes[one.purpose]
        yield (
            "li",
            f"""A program alone decides {one.says}; {purpose.says}, {_GROUNDS[purpose.basis]}. How: {one.logic}.
            What may follow: {one.consequences}. You may have a person look at it, say how you see it, and contest it:
            write to {policy.controller.contact}.""",
            By(Topic.VERDICT, str(place)),
        )


def _rights(policy: Policy) -> Iterator[Written]:
    who = policy.controller
    yield "h2", "Whom to ask", HEADING
    yield (
        "p",
        f"""Write to {who.contact} to see, correct or erase what we hold about you, to have its use restricted or
        have it in a form that programs read, or to object.""",
        By(Topic.CONTROLLER),
    )
    if who.officer:
        yield "p", f"Our data protection officer: {who.officer}.", By(Topic.CONTROLLER)
    if who.representative:
        yield "p", f"Our representative in the European Union: {who.representative}.", By(Topic.CONTROLLER)
    authority = who.authority or "the supervisory authority where you live or work, or where you think a law was broken"
    yield "p", f"You may complain to {authority}.", By(Topic.CONTROLLER)


def _rule(policy: Policy, rule: Collect) -> str:
    purpose = policy.purposes[rule.purpose]
    kept = (
        f"We keep it {_span(rule.keep)}."
        if rule.keep is not None
        else "It is reduced or counted when it arrives, and then gone."
    )
    return (
        f"{_teller(policy, rule)}: {_titles(policy.catalogue, rule.items)}; {purpose.says}, {_GROUNDS[purpose.basis]}."
        f" {kept} {_refusal(policy, rule)}"
    )


def _teller(policy: Policy, rule: Collect) -> str:
    provider = policy.providers.get(rule.provider or "")
    return f"{provider.name} ({provider.country}), {provider.says}, tells us" if provider else _TOLD_BY[rule.source]


def _refusal(policy: Policy, rule: Collect) -> str:
    fixed = [item for item in rule.items if not is_refusable(policy, item, rule.purpose)]
    if rule.required is not None:
        return f"You cannot refuse this: {rule.required}."
    if not fixed:
        return "You may refuse this."
    why = (
        "A service that you use needs this"
        if policy.purposes[rule.purpose].basis is Basis.CONTRACT
        else "This does not depend on your choice"
    )
    return f"{why}: {_titles(policy.catalogue, fixed)}."


def _statistics(policy: Policy) -> Iterator[Written]:
    yield "h2", "4. Non-personal information", HEADING
    yield (
        "p",
        """We also make statistics that name nobody. They are kept apart from personal information, in another
        store, and the two are used separately: our program has no way to combine them.""",
        By(Topic.APART),
    )
    for fact in policy.facts.values():
        columns = [_column(policy.catalogue, one) for one in fact.dimensions]
        by = f", by {listed(columns)}" if columns else ""
        measured = [policy.catalogue[one.item].title for one in fact.measures]
        measures = f", with the distribution of {listed(measured)}" if measured else ""
        why = _why(policy, fact)
        yield "li", f"How often '{fact.name}' happened{by}{measures}; {why}", By(Topic.FACT, fact.name)
    for count in policy.counts.values():
        periods = listed([period.value for period in count.every])
        columns = [_column(policy.catalogue, one) for one in count.dimensions]
        by = f", by {listed(columns)}" if columns else ""
        told_apart = _first(policy.catalogue, count.of)
        yield (
            "li",
            f"""How many there were ('{count.name}') per {periods}{by}, told apart by {told_apart};
            {_why(policy, count)} We get the number without knowing who: each vote is hashed
            with a key that is destroyed when the period ends, and numbers below {policy.k} are not shown.""",
            By(Topic.COUNT, count.name),
        )
    yield (
        "li",
        """How often each kind of information was kept, reduced, counted or dropped, and why, by day, application and
        purpose, and which fields were sent that nobody asked for: so that we can see that what is written here is
        what is done.""",
        By(Topic.TALLY),
    )


def _why(policy: Policy, owner: Fact | Count) -> str:
    """What a statistic is for, on which ground it is made, and on which it reads devices."""
    purpose = policy.purposes[owner.purpose]
    access = f"{_ACCESS[owner.access]} {owner.exemption}." if owner.exemption else _ACCESS[owner.access]
    return f"{purpose.says}, {_GROUNDS[purpose.basis]}. {access}"


def _column(catalogue: Catalogue, column: Dimension) -> str:
    title = catalogue[column.item].title
    return title if column.reduction is None else f"{title} ({REDUCTIONS[column.reduction].says})"


def _choices(policy: Policy) -> Iterator[Written]:
    yield "h2", "Your choices, and what then stops", HEADING
    for purpose in policy.purposes.values():
        yield "li", _purpose(policy, purpose), By(Topic.PURPOSE, purpose.key)
    for service in policy.services.values():
        yield "li", _service(policy, service), By(Topic.SERVICE, service.key)
    names = names_of(policy)
    yield (
        "p",
        "What you agreed to you may take back at any time; what was done until then stays lawful.",
        By(Topic.CHOICE),
    )
    if names:
        held = f"A choice holds wherever we are sent what it was made under: {_any(policy.catalogue, names)}."
        yield "p", held, By(Topic.CHOICE)


def _purpose(policy: Policy, purpose: Purpose) -> str:
    said = [f"'{purpose.key}': {purpose.says}, {_GROUNDS[purpose.basis]}."]
    if purpose.keep is not None:
        longest = f" longer than {duration(purpose.keep)}" if purpose.keep else ""
        said.append(f"Nothing stays for it{longest}.")
    for one in purpose.compatible:
        factors = (one.link, one.context, one.nature, one.consequences, one.safeguards)
        said.append(
            f"What we keep for it may also be read {policy.purposes[one.purpose].says}."
            f" We assessed why that is fair: {'; '.join(factors)}."
        )
    return " ".join(said)


def _service(policy: Policy, service: Service) -> str:
    if not service.needs:
        return f"To {service.says}, nothing about you is needed."
    stops, degrades = (
        [
            f"{_any(policy.catalogue, need.any_of)} ({policy.purposes[need.purpose].says})"
            for need in service.needs
            if need.degrades is less
        ]
        for less in (False, True)
    )
    need = f"To {service.says}, we need {listed(stops)}. Without that, this stops." if stops else ""
    want = f"To {service.says} well, we need {listed(degrades)}. Without that, this gets worse." if degrades else ""
    return f"{need} {want}".strip()


def _retention(policy: Policy) -> Iterator[Written]:
    yield "h2", "How long we keep it", HEADING
    for keep in sorted({rule.keep for rule in policy.collect if rule.keep is not None}):
        items = dict.fromkeys(item for rule in policy.collect if rule.keep == keep for item in rule.items)
        yield "li", f"{_span(keep).removeprefix('for ')}: {_titles(policy.catalogue, items)}.", By(Topic.RETENTION)
    kept = {item for rule in policy.collect if rule.keep is not None for item in rule.items}
    gone = dict.fromkeys(item for rule in policy.collect for item in rule.items if item not in kept)
    if gone:
        never = f"not at all, beyond reducing and counting: {_titles(policy.catalogue, gone)}."
        yield "li", never, By(Topic.RETENTION)


def _titles(catalogue: Catalogue, items: Iterable[Item]) -> str:
    return listed([catalogue[item].title for item in items])


def _any(catalogue: Catalogue, items: Iterable[Item]) -> str:
    return listed([catalogue[item].title for item in items], "or")


def _first(catalogue: Catalogue, items: tuple[Item, ...]) -> str:
    titles = [catalogue[item].title for item in items]
    return titles[0] if len(titles) == 1 else f"the first that is there of {listed(titles)}"


def _span(keep: timedelta) -> str:
    return "until you have us forget your account" if keep == WHILE_ACCOUNT else f"for {duration(keep)}"
