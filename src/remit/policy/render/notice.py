"""The notice that people read. Every sentence is rendered from a node of the policy that the gateway runs."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from hashlib import blake2b
from typing import NamedTuple

from remit.policy.model import Collect, Count, Fact, Jurisdiction, Policy, Purpose, Service
from remit.policy.plan import names_of
from remit.policy.render.told import HEADING, By, Topic
from remit.policy.render.voice import Voice, voice_of
from remit.policy.signals import heard_of
from remit.policy.words import WHILE_ACCOUNT, Basis, PurposeKey, Source


class Piece(NamedTuple):
    """A kind of block (h1, h2, h3, p, li), its text, the part of the policy that it is made from, and its id.

    The id is by the name of the section or part, the same in every language; where there is no name, it follows from
    the section and the words.
    """

    kind: str
    text: str
    by: By
    id: str = ""


class Written(NamedTuple):
    """A block as the policy's words are laid out. ``name`` is what its id begins with, where it has a name."""

    kind: str
    text: str
    by: By
    name: str = ""


HEADINGS = ("h1", "h2", "h3")
_SECTIONS: tuple[tuple[str, tuple[tuple[Source, str], ...]], ...] = (
    ("you", ((Source.YOU, ""),)),
    ("use", ((Source.DEVICE, "device"), (Source.LOG, "log"))),
    ("third-parties", ((Source.PROVIDER, "providers"), (Source.SOMEONE_ELSE, "others"))),
)
"""The parts of the text, by the headings that they stand under."""


def blocks(policy: Policy) -> Iterator[Piece]:
    """The notice, block by block: what every form of it is written from."""
    taken: Counter[str] = Counter()
    section = ""
    for kind, text, by, name in _sections(voice_of(policy)):
        # A statement may span lines in the policy; a block never does.
        line = " ".join(text.split())
        section = line if kind in HEADINGS else section
        yield Piece(kind, line, by, _fresh(taken, name or words_id(section, line)))


def words_id(section: str, text: str) -> str:
    """An id that stays while the words and their section do: a link to a sentence never leads to other words."""
    return blake2b(f"{section}\n{text}".encode(), digest_size=6).hexdigest()


def _fresh(taken: Counter[str], key: str) -> str:
    taken[key] += 1
    return key if taken[key] == 1 else f"{key}-{taken[key]}"


def rule_name(rule: Collect) -> str:
    """What the id of a rule's block begins with: it outlives the rule's place in the policy."""
    return f"{rule.source}-{rule.purpose}"


def _sections(voice: Voice) -> Iterator[Written]:
    who = voice.policy.controller
    yield _heading(voice, "h1", "notice")
    whole = voice.book.whole.format(
        name=who.name, country=voice.book.country(who.country), version=voice.policy.version
    )
    yield Written("p", whole, By(Topic.WHOLE))
    yield Written("p", voice.book.choice.format(choices=voice.book.headings["choices"]), By(Topic.CHOICE))
    if voice.unserved():
        yield Written("p", voice.book.depends, By(Topic.WHOLE))
    for heading, parts in _SECTIONS:
        yield _heading(voice, "h2", heading)
        yield from _collected(voice, parts)
    yield from _statistics(voice)
    yield from _choices(voice)
    yield from _retention(voice)
    yield from _jurisdictions(voice)
    yield from _recipients(voice)
    yield from _verdicts(voice)
    yield from _rights(voice)


def _heading(voice: Voice, kind: str, name: str) -> Written:
    return Written(kind, voice.book.headings[name], HEADING, name)


def _collected(voice: Voice, parts: tuple[tuple[Source, str], ...]) -> Iterator[Written]:
    rules = [rule for rule in voice.policy.collect if rule.source in dict(parts)]
    if not rules:
        yield Written("p", voice.book.nothing, By(Topic.NO_RULE))
    for source, heading in parts:
        told = [rule for rule in rules if rule.source is source]
        if told and heading:
            yield _heading(voice, "h3", heading)
        for rule in told:
            yield Written("li", _rule(voice, rule), By(Topic.RULE, str(rule.index)), rule_name(rule))


def _rule(voice: Voice, rule: Collect) -> str:
    return voice.book.rule.format(
        teller=voice.teller(rule),
        items=voice.titles(rule.items),
        says=voice.says(rule.purpose),
        ground=voice.ground(rule.purpose),
        kept=f"{voice.bounds(rule)} {voice.book.kept(rule.keep)}".lstrip(),
        refusal=_refusal(voice, rule),
    )


def _refusal(voice: Voice, rule: Collect) -> str:
    fixed = voice.fixed(rule)
    if rule.required is not None:
        return voice.book.required.format(why=rule.required)
    if not fixed:
        return voice.book.free
    contract = voice.policy.purposes[rule.purpose].basis is Basis.CONTRACT
    bound = voice.bound(rule) if contract else voice.book.fixed.format(items=voice.titles(fixed))
    free = [item for item in rule.items if item not in fixed]
    return f"{bound} {voice.book.partly_free.format(items=voice.titles(free))}" if free else bound


def _statistics(voice: Voice) -> Iterator[Written]:
    yield _heading(voice, "h2", "statistics")
    yield Written("p", voice.book.apart, By(Topic.APART))
    for fact in voice.policy.facts.values():
        yield Written("li", _fact(voice, fact), By(Topic.FACT, fact.name), f"fact-{fact.name}")
    for count in voice.policy.counts.values():
        yield Written("li", _count(voice, count), By(Topic.COUNT, count.name), f"count-{count.name}")
    yield Written("li", voice.book.tally, By(Topic.TALLY), "tally")


def _fact(voice: Voice, fact: Fact) -> str:
    measured = voice.titles(one.item for one in fact.measures) if fact.measures else ""
    return voice.book.fact.format(
        name=fact.name,
        by=voice.by(fact.dimensions),
        measures=voice.book.measures.format(measured=measured) if measured else "",
        says=voice.says(fact.purpose),
        ground=voice.ground(fact.purpose),
        access=voice.access(fact),
    )


def _count(voice: Voice, count: Count) -> str:
    return voice.book.count.format(
        name=count.name,
        periods=voice.book.listed([voice.book.periods[period] for period in count.every]),
        by=voice.by_sets(count),
        apart=voice.apart(count),
        says=voice.says(count.purpose),
        ground=voice.ground(count.purpose),
        access=voice.access(count),
        k=voice.policy.k,
        together=voice.book.put_together.format(k=voice.policy.k) if count.sets else "",
    )


def _choices(voice: Voice) -> Iterator[Written]:
    yield _heading(voice, "h2", "choices")
    for purpose in voice.policy.purposes.values():
        yield Written("li", _purpose(voice, purpose), By(Topic.PURPOSE, purpose.key), f"purpose-{purpose.key}")
    for service in voice.policy.services.values():
        yield Written("li", _service(voice, service), By(Topic.SERVICE, service.key), f"service-{service.key}")
    if not voice.whole.services:
        yield Written("li", voice.book.no_service, By(Topic.NO_SERVICE))
    for app, purposes in voice.unserved().items():
        said = voice.book.listed([voice.says(key) for key in purposes])
        yield Written("li", voice.book.unserved.format(app=app, purposes=said), By(Topic.APP, app), f"app-{app}")
    yield from _signals(voice)
    yield Written("p", voice.book.withdrawal, By(Topic.CHOICE))
    names = names_of(voice.policy)
    heard = voice.book.holds.format(names=voice.either(names)) if names else voice.book.unheard
    yield Written("p", heard, By(Topic.CHOICE))


def _signals(voice: Voice) -> Iterator[Written]:
    for signal, refused in heard_of(voice.policy.signals):
        purposes = voice.book.listed([voice.says(key) for key in refused])
        says = voice.book.signals[signal].format(purposes=purposes)
        yield Written("li", says, By(Topic.SIGNAL, signal), f"signal-{signal}")
    if (voice.policy.signals.gpc or voice.policy.signals.gpp) and names_of(voice.policy):
        yield Written("p", voice.book.outweighed, By(Topic.CHOICE))


def _purpose(voice: Voice, purpose: Purpose) -> str:
    said = [voice.book.purpose.format(key=purpose.key, says=purpose.says, ground=voice.ground(purpose.key))]
    if purpose.keep is not None:
        limit = voice.book.limit.format(duration=voice.book.duration(purpose.keep))
        said.append(limit if purpose.keep else voice.book.no_stay)
    stays = any(rule.keep is not None and rule.purpose == purpose.key for rule in voice.policy.collect)
    for one in purpose.compatible if stays else ():
        factors = (one.link, one.context, one.nature, one.consequences, one.safeguards)
        said.append(voice.book.further.format(says=voice.says(one.purpose), factors="; ".join(factors)))
    return " ".join(said)


def _service(voice: Voice, service: Service) -> str:
    if not service.needs:
        return voice.book.needs_nothing.format(service=service.says)
    said = []
    for degrades, phrase in ((False, voice.book.stops), (True, voice.book.worsens)):
        needs = [voice.needed(need) for need in service.needs if need.degrades is degrades]
        if needs:
            said.append(phrase.format(service=service.says, needs=voice.book.listed(needs)))
    return " ".join(said)


def _retention(voice: Voice) -> Iterator[Written]:
    yield _heading(voice, "h2", "retention")
    if not voice.policy.collect:
        yield Written("p", voice.book.nothing, By(Topic.NO_RULE))
    kept = {(rule.keep, rule.purpose) for rule in voice.policy.collect if rule.keep is not None}
    order = list(voice.policy.purposes)
    for keep, purpose in sorted(kept, key=lambda one: (one[0], order.index(one[1]))):
        yield Written("li", _stays(voice, keep, purpose), By(Topic.RETENTION))
    for purpose in order:
        if any(rule.keep is None and rule.purpose == purpose for rule in voice.policy.collect):
            yield Written("li", _stays(voice, None, purpose), By(Topic.RETENTION))
    if places := voice.policy.documents.stored_in:
        yield Written("p", voice.book.stored.format(places=voice.places(places)), By(Topic.STORED))


def _stays(voice: Voice, keep: timedelta | None, purpose: PurposeKey) -> str:
    """What stays for so long for a purpose; what does not stay, where there is no time."""
    rules = [rule for rule in voice.policy.collect if (rule.keep, rule.purpose) == (keep, purpose)]
    said = {"says": voice.says(purpose), "items": voice.titles(dict.fromkeys(i for rule in rules for i in rule.items))}
    if keep is None:
        return voice.book.stays_not.format(**said)
    if keep == WHILE_ACCOUNT:
        return voice.book.stays_with_account.format(**said)
    return voice.book.stays.format(duration=voice.book.duration(keep), **said)


def _jurisdictions(voice: Voice) -> Iterator[Written]:
    if not voice.policy.jurisdictions:
        return
    yield _heading(voice, "h2", "laws")
    region = voice.policy.region
    told = voice.book.region_told.format(items=voice.either(region)) if region else voice.book.region_untold
    yield Written("p", told, By(Topic.REGION))
    for law in voice.policy.jurisdictions.values():
        for demand in _demands(voice, law):
            says = voice.book.law.format(places=voice.places(law.countries), demand=demand)
            yield Written("li", says, By(Topic.JURISDICTION, law.key), f"law-{law.key}")


def _demands(voice: Voice, law: Jurisdiction) -> Iterator[str]:
    yield from (voice.book.law_consent.format(says=voice.says(purpose)) for purpose in law.consent)
    if law.forbid:
        yield voice.book.law_forbid.format(items=voice.either(law.forbid))
    for purpose in dict.fromkeys(grant.purpose for grant in law.barred):
        items = voice.either(grant.item for grant in law.barred if grant.purpose == purpose)
        yield voice.book.law_bar.format(items=items, says=voice.says(purpose))
    for purpose, longest in law.longest.items():
        yield voice.book.law_longest.format(duration=voice.book.duration(longest), says=voice.says(purpose))
    if law.final:
        yield voice.book.law_final
    if law.minimum_age:
        yield voice.book.law_age.format(age=law.minimum_age)


def _recipients(voice: Voice) -> Iterator[Written]:
    yield _heading(voice, "h2", "recipients")
    if not voice.policy.recipients:
        yield Written("p", voice.book.nobody, By(Topic.NO_RECIPIENT))
    for one in voice.policy.recipients.values():
        for told in one.told:
            says = voice.book.told.format(
                name=one.name,
                country=voice.book.country(one.country),
                role=voice.book.roles[one.role],
                items=voice.titles(told.items),
                says=voice.says(told.purpose),
                transfer=voice.book.transfer.format(ground=one.transfer) if one.transfer else "",
            )
            yield Written("li", says, By(Topic.RECIPIENT, one.key), f"recipient-{one.key}")


def _verdicts(voice: Voice) -> Iterator[Written]:
    automated = voice.policy.automated
    if automated is None:
        return
    yield _heading(voice, "h2", "verdicts")
    if not automated:
        yield Written("p", voice.book.no_verdict, By(Topic.NO_VERDICT))
    for place, one in enumerate(automated):
        says = voice.book.verdict.format(
            decides=one.says,
            says=voice.says(one.purpose),
            ground=voice.ground(one.purpose),
            logic=one.logic,
            consequences=one.consequences,
            contact=voice.policy.controller.contact,
        )
        yield Written("li", says, By(Topic.VERDICT, str(place)), f"verdict-{one.purpose}")


def _rights(voice: Voice) -> Iterator[Written]:
    who = voice.policy.controller
    yield _heading(voice, "h2", "rights")
    yield Written("p", voice.book.ask.format(contact=who.contact), By(Topic.CONTROLLER))
    if who.address:
        yield Written("p", voice.book.address.format(address=who.address), By(Topic.CONTROLLER))
    if who.officer:
        yield Written("p", voice.book.officer.format(officer=who.officer), By(Topic.CONTROLLER))
    if who.representative:
        yield Written("p", voice.book.representative.format(representative=who.representative), By(Topic.CONTROLLER))
    authority = who.authority or voice.book.any_authority
    yield Written("p", voice.book.complain.format(authority=authority), By(Topic.CONTROLLER))
