"""What a policy does with one thing that it names, why, and by which of its lines."""

from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from remit.policy.language import near
from remit.policy.model import (
    App,
    Collect,
    Count,
    Disclosure,
    Fact,
    Need,
    Policy,
    Provider,
    Purpose,
    Recipient,
    Service,
)
from remit.policy.phrases import GROUNDS, ROLES, capital, column, kept, listed, plain, reason, ruled, title, titles
from remit.policy.plan import REFUSABLE_BASES, is_refusable
from remit.policy.regions import UNKNOWN
from remit.policy.services import Grant, Refusal, Standing, State, offered, refusal
from remit.policy.words import INTRINSIC, TELLS, Basis, Item, Label


@dataclass(frozen=True, slots=True)
class Sentence:
    """One thing that is so. ``line`` is where the policy says it (1-based); None where it follows from all of it."""

    about: str
    says: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """What stands under one heading."""

    heading: str
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that a policy says of one name, as one kind of thing: an item, a purpose, a recipient ..."""

    kind: str
    name: str
    says: str
    parts: tuple[Passage, ...]


def explained(policy: Policy, name: str) -> list[Explanation]:
    """One explanation for each thing that has this name; none, where nothing has it."""
    found = [_item(policy, entry.key) for entry in policy.catalogue.values() if entry.key == name]
    found += [_purpose(policy, one) for one in policy.purposes.values() if one.key == name]
    found += [_service(policy, one) for one in policy.services.values() if one.key == name]
    found += [_app(policy, one) for one in policy.apps.values() if one.name == name]
    found += [_fact(policy, one) for one in policy.facts.values() if one.name == name]
    found += [_count(policy, one) for one in policy.counts.values() if one.name == name]
    found += [_provider(policy, one) for one in policy.providers.values() if one.key == name]
    return found + [_recipient(policy, one) for one in policy.recipients.values() if one.key == name]


def unknown(policy: Policy, name: str) -> str:
    """What to say where nothing has the name: what may have been meant."""
    known = {*policy.catalogue, *policy.purposes, *policy.services, *policy.apps, *policy.facts, *policy.counts}
    known |= {*policy.providers, *policy.recipients}
    return f"the policy has nothing that is called '{plain(name)}': {near(name, known)}"


def unrefusable(policy: Policy, word: str) -> str:
    """What to say where a refusal speaks of nothing that is collected."""
    item, apart, _ = word.partition(":")
    every = offered(policy)
    known = {f"{one}:{purpose}" for one, purpose in every if one == item} if apart else set()
    return (
        f"nothing is collected as '{plain(word)}': {near(word, known or {name for grant in every for name in grant})}"
    )


def _explanation(kind: str, name: str, *, says: str, parts: Iterable[tuple[str, Iterable[Sentence]]]) -> Explanation:
    told = ((heading, tuple(sentences)) for heading, sentences in parts)
    return Explanation(kind, name, says, tuple(Passage(heading, told) for heading, told in told if told))


_LABELS = {
    Label.DIRECTLY: "It identifies somebody directly",
    Label.INDIRECTLY: "It identifies somebody, or a device, indirectly",
    Label.NOT: "By itself it identifies nobody",
}


def _item(policy: Policy, item: Item) -> Explanation:
    entry = policy.catalogue[item]
    rules = [rule for rule in policy.collect if item in rule.items]
    told = (_rule(policy, rule, item) for rule in rules) if rules else [Sentence("collect", _nothing(item))]
    return _explanation(
        "item",
        item,
        says=f"{capital(entry.title)}. {_LABELS[entry.label]}. It tells {TELLS[entry.sensitivity]}.",
        parts=[
            ("What happens to it", told),
            ("Statistics made of it", _statistics(policy, item)),
            ("Who is told", _told(policy, lambda told: item in told.items)),
            ("Services that need it", _needed(policy, lambda need: item in need.any_of)),
            ("If the person refuses it", _refused(policy, {grant for grant in offered(policy) if grant.item == item})),
        ],
    )


def _nothing(item: Item) -> str:
    if item in INTRINSIC:
        return "remit knows it by itself: nobody sends it."
    return "Nothing. The policy does not collect it: where a client sends it, it is passed over and reaches no store."


def _purpose(policy: Policy, purpose: Purpose) -> Explanation:
    grants = {grant for grant in offered(policy) if grant.purpose == purpose.key}
    return _explanation(
        "purpose",
        purpose.key,
        says=f"{capital(plain(purpose.says))}.",
        parts=[
            ("On which ground", [
                Sentence(purpose.key, f"{capital(GROUNDS[purpose.basis])} ({purpose.basis}).", purpose.line)
            ]),
            ("Longest that anything stays for it", _limit(purpose)),
            ("Collected for it", (_rule(policy, rule) for rule in policy.collect if rule.purpose == purpose.key)),
            ("Read for other purposes too", _further(policy, purpose)),
            ("Statistics made for it", (
                Sentence(one.name, f"{one.name} shows {_shown(policy, one)}.", one.line)
                for one in _owners(policy) if one.purpose == purpose.key
            )),
            ("Who is told for it", _told(policy, lambda told: told.purpose == purpose.key)),
            ("Services that need it", _needed(policy, lambda need: need.purpose == purpose.key)),
            ("If the person refuses it", _refused(policy, grants)),
        ],
    )  # fmt: skip


def _limit(purpose: Purpose) -> Iterator[Sentence]:
    if purpose.keep is not None:
        yield Sentence(purpose.key, f"{capital(kept(purpose.keep))}.", purpose.line)


def _further(policy: Policy, purpose: Purpose) -> Iterator[Sentence]:
    """Assessments of GDPR Art. 6(4), in both directions."""
    for one in purpose.compatible:
        says = f"What is kept for it may be read {reason(policy, one.purpose)} too, since {plain(one.link)}."
        yield Sentence(one.purpose, says, one.line)
    for other in policy.purposes.values():
        for one in other.compatible:
            if one.purpose == purpose.key:
                yield Sentence(other.key, f"What is kept {reason(policy, other.key)} may be read for it too.", one.line)


def _service(policy: Policy, service: Service) -> Explanation:
    apps = [app for app in policy.apps.values() if service.key in app.services]
    free = [Sentence(service.key, "Nothing about the person.", service.line)]
    return _explanation(
        "service",
        service.key,
        says=f"{capital(plain(service.says))}.",
        parts=[
            ("It needs", [
                Sentence(service.key, f"{capital(_need(policy, need))}. Without that it {_without(need)}.", need.line)
                for need in service.needs
            ] or free),
            ("Apps that offer it", (Sentence(app.name, f"{app.name}.", app.line) for app in apps)),
        ],
    )  # fmt: skip


def _offer(service: Service) -> Sentence:
    return Sentence(service.key, f"{service.key}: {plain(service.says)}.", service.line)


def _app(policy: Policy, app: App) -> Explanation:
    keys = f"Clients name it by the key {app.key}, or as Sentry's project {app.number}"
    domain = f", or as Plausible's domain {app.domain}" if app.domain else ""
    protocols = f"It takes {listed(sorted(app.protocols))} only." if app.protocols else "It takes every protocol."
    services = [policy.services[key] for key in app.services]
    routes = [Sentence(app.name, f"Only {listed(app.routes)}; any other page is (other).", app.line)]
    return _explanation(
        "app",
        app.name,
        says="Sends records. Every collection rule holds for them; `remit try` shows what becomes of one.",
        parts=[
            ("How it is known", [Sentence(app.name, f"{keys}{domain}. {protocols}", app.line)]),
            ("Services that it offers", (_offer(one) for one in services)),
            ("Pages that statistics tell apart", routes if app.routes else ()),
        ],
    )  # fmt: skip


def _fact(policy: Policy, fact: Fact) -> Explanation:
    measures = (
        Sentence(fact.name, f"{one.name}: how the values of {title(policy, one.item)} are distributed.", one.line)
        for one in fact.measures
    )
    return _explanation(
        "fact",
        fact.name,
        says=f"How many records told of {listed(fact.kinds, 'or')}: cells with a number each, about nobody.",
        parts=[
            ("Columns of its cells", [*_columns(policy, fact), *measures]),
            ("What for", [_for(policy, fact)]),
            ("If the person refuses that", [_gate(policy, fact)]),
        ],
    )


def _count(policy: Policy, count: Count) -> Explanation:
    periods = listed([f"a {period}" for period in count.every], "or")
    hidden = f"Numbers below {policy.k} are not shown, and the key that hides who it was is destroyed with the period."
    return _explanation(
        "count",
        count.name,
        says=f"How many there were in {periods}, told apart by {_first(policy, count)}. {hidden}",
        parts=[
            ("Counted by", _columns(policy, count)),
            ("What for", [_for(policy, count)]),
            ("If the person refuses that", [_gate(policy, count)]),
        ],
    )


def _rule(policy: Policy, rule: Collect, item: Item | None = None) -> Sentence:
    """A collection rule; of one item that was just named, or of all of its own."""
    what, items = (f"{titles(policy, rule.items)}: ", rule.items) if item is None else ("", (item,))
    says = f"{capital(what + ruled(policy, rule))}. {_freedom(policy, rule, items)}"
    return Sentence(f"collect[{rule.index}]", says, rule.line)


def _freedom(policy: Policy, rule: Collect, items: tuple[Item, ...]) -> str:
    fixed = [item for item in items if not is_refusable(policy, item, rule.purpose)]
    if not fixed:
        return "It may be refused."
    which = "it" if len(fixed) == len(items) else titles(policy, fixed)
    if rule.required is not None:
        return f"A choice does not stop {which}: {plain(rule.required)}."
    if policy.purposes[rule.purpose].basis is Basis.CONTRACT:
        return f"A choice alone does not stop {which}, since a service needs it."
    return f"A choice does not stop {which}."


def _owners(policy: Policy) -> list[Fact | Count]:
    return [*policy.facts.values(), *policy.counts.values()]


def _columns(policy: Policy, owner: Fact | Count) -> list[Sentence]:
    return [Sentence(owner.name, f"{one.name}: {column(policy, one)}.", one.line) for one in owner.dimensions]


def _for(policy: Policy, owner: Fact | Count) -> Sentence:
    ground = GROUNDS[policy.purposes[owner.purpose].basis]
    return Sentence(owner.purpose, f"{capital(reason(policy, owner.purpose))}, {ground}.", owner.line)


def _gate(policy: Policy, owner: Fact | Count) -> Sentence:
    if policy.purposes[owner.purpose].basis in REFUSABLE_BASES:
        return Sentence(owner.name, "What is sent of the person is not counted here any more; past numbers stay.")
    return Sentence(owner.name, "It is counted all the same: the ground does not hang on the person.")


def _shown(policy: Policy, owner: Fact | Count) -> str:
    by = f", by {listed([column(policy, one) for one in owner.dimensions])}" if owner.dimensions else ""
    if isinstance(owner, Count):
        return f"how many there were per {listed(owner.every)}, told apart by {_first(policy, owner)}{by}"
    measured = [title(policy, one.item) for one in owner.measures]
    distributed = f", with the distribution of {listed(measured)}" if measured else ""
    return f"how many records told of {listed(owner.kinds, 'or')}{by}{distributed}"


def _first(policy: Policy, count: Count) -> str:
    return titles(policy, count.of) if len(count.of) == 1 else f"the first that is there of {titles(policy, count.of)}"


def _statistics(policy: Policy, item: Item) -> Iterator[Sentence]:
    for owner in _owners(policy):
        why = reason(policy, owner.purpose)
        for one in owner.dimensions:
            if one.item == item:
                shown = column(policy, one)
                yield Sentence(owner.name, f"{owner.name} shows it as {one.name}: {shown}; {why}.", one.line)
        for measure in owner.measures if isinstance(owner, Fact) else ():
            if measure.item == item:
                says = f"{owner.name} shows how its values are distributed, as {measure.name}; {why}."
                yield Sentence(owner.name, says, measure.line)
        if isinstance(owner, Count) and item in owner.of:
            yield Sentence(
                owner.name, f"{owner.name} counts by {_first(policy, owner)}, without knowing who; {why}.", owner.line
            )


def _need(policy: Policy, need: Need) -> str:
    return f"{titles(policy, need.any_of, 'or')}, {reason(policy, need.purpose)}"


def _without(need: Need) -> str:
    return "gets worse" if need.degrades else "stops"


def _needed(policy: Policy, concerns: Callable[[Need], bool]) -> Iterator[Sentence]:
    for service in policy.services.values():
        for need in service.needs:
            if concerns(need):
                says = f"{service.key} needs {_need(policy, need)}. Without that it {_without(need)}."
                yield Sentence(service.key, says, need.line)


def _refused(policy: Policy, grants: AbstractSet[Grant]) -> list[Sentence]:
    """What a refusal of all of them does, in a few words."""
    if not grants:
        return []
    found = refusal(policy, grants)
    hit = [f"{one.service} {_DOES[one.state]}" for one in found.standings.values() if one.state is not State.WORKS]
    said = [f"{listed(hit)}."] if hit else ["No service stops or gets worse."] * bool(found.refused)
    return [Sentence("services", " ".join([*said, *_futile(policy, found)]))]


_DOES = {State.STOPS: "stops", State.DEGRADES: "gets worse", State.WORKS: "works"}


def _futile(policy: Policy, found: Refusal) -> Iterator[str]:
    for purpose in dict.fromkeys(grant.purpose for grant in found.futile):
        ground = GROUNDS[policy.purposes[purpose].basis]
        items = titles(policy, [grant.item for grant in found.futile if grant.purpose == purpose])
        yield f"Refusing {items} {reason(policy, purpose)} changes nothing: it is done {ground}."


def _told(policy: Policy, concerns: Callable[[Disclosure], bool]) -> Iterator[Sentence]:
    for recipient in policy.recipients.values():
        for told in recipient.told:
            if concerns(told):
                says = f"{recipient.key} may be told {titles(policy, told.items)}, {reason(policy, told.purpose)}."
                yield Sentence(recipient.key, says, told.line)


def _provider(policy: Policy, one: Provider) -> Explanation:
    rules = [rule for rule in policy.collect if rule.provider == one.key]
    return _explanation(
        "provider",
        one.key,
        says=f"{capital(plain(one.name))} ({one.country}), {plain(one.says)}.",
        parts=[("What it tells", (_rule(policy, rule) for rule in rules))],
    )


def _recipient(policy: Policy, one: Recipient) -> Explanation:
    transfer = [Sentence(one.key, f"{capital(plain(one.transfer))}.", one.line)] if one.transfer else []
    return _explanation(
        "recipient",
        one.key,
        says=f"{capital(plain(one.name))} ({one.country}), {ROLES[one.role]}.",
        parts=[
            ("What it may be told", _told(policy, lambda told: told in one.told)),
            ("On what the transfer rests", transfer),
        ],
    )


def told(policy: Policy, found: Refusal, country: str = UNKNOWN) -> Explanation:
    """What a refusal does to each service in a country, and what would bring it back."""
    by_purpose = dict.fromkeys(grant.purpose for grant in found.refused)
    where = f" The law is that of {country or 'an unknown country: the strictest'}." if policy.jurisdictions else ""
    refused = [
        f"{titles(policy, [item for item, purpose in found.refused if purpose == key])} {reason(policy, key)}"
        for key in by_purpose
    ]
    return _explanation(
        "refusal",
        "",
        says=f"Refused: {'; '.join(refused) or 'nothing'}. All else is taken as granted.{where}",
        parts=[
            ("Stops", _halted(policy, found, State.STOPS)),
            ("Gets worse", _halted(policy, found, State.DEGRADES)),
            ("Works", (
                _offer(policy.services[one.service]) for one in found.services(State.WORKS)
            )),
            ("Cannot be refused", (Sentence("refusal", says) for says in _futile(policy, found))),
        ],
    )  # fmt: skip


def _halted(policy: Policy, found: Refusal, state: State) -> Iterator[Sentence]:
    for one in found.services(state):
        service = policy.services[one.service]
        for need in one.missing:
            yield Sentence(service.key, f"{service.key} needs {_need(policy, need)}.", need.line)
        yield Sentence(service.key, f"{service.key} {_back(policy, one)}.")


def _back(policy: Policy, one: Standing) -> str:
    if one.restores is None:
        return "cannot work there: what it needs cannot be had"
    return f"works again with {listed([f'{title(policy, grant.item)} for {grant.purpose}' for grant in one.restores])}"
