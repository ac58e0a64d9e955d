"""What a policy does with one thing that it names, why, and by which of its lines."""

from collections.abc import Callable, Collection, Iterator
from collections.abc import Set as AbstractSet

from remit.policy.catalogue import DataElement
from remit.policy.checks import RULES
from remit.policy.collection_explanations import kind_explained, rule_explained
from remit.policy.explanation import Explanation, Sentence, explanation
from remit.policy.language import near
from remit.policy.model import (
    App,
    Collect,
    Disclosure,
    Grant,
    Need,
    Policy,
    Provider,
    Purpose,
    Recipient,
    Service,
)
from remit.policy.offers import unserved
from remit.policy.phrases import GROUNDS, ROLES, capital, kept, listed, needed, plain, reason, title, titles
from remit.policy.regions import UNKNOWN, laws
from remit.policy.services import Refusal, Standing, State, offered, refusal
from remit.policy.statistic_explanations import count_explained, fact_explained, owners, shown, statistics_of
from remit.policy.synonyms import near_item
from remit.policy.words import INTRINSIC, TELLS, Category, Item, Kind, Label, PurposeKey, Source


def explained(policy: Policy, name: str) -> list[Explanation]:
    """One explanation for each thing that has this name; none, where nothing has it."""
    found = [_item(policy, entry.key) for entry in policy.catalogue.values() if entry.key == name]
    found += [_purpose(policy, one) for one in policy.purposes.values() if one.key == name]
    found += [_service(policy, one) for one in policy.services.values() if one.key == name]
    found += [_app(policy, one) for one in policy.apps.values() if one.name == name]
    found += [fact_explained(policy, one) for one in policy.facts.values() if one.name == name]
    found += [count_explained(policy, one) for one in policy.counts.values() if one.name == name]
    found += [kind_explained(policy, one) for one in Kind if one == name]
    found += [_provider(policy, one) for one in policy.providers.values() if one.key == name]
    return found + [_recipient(policy, one) for one in policy.recipients.values() if one.key == name]


def check_explained(code: str) -> list[Explanation]:
    """What the check of this code asks of every policy; none, where no check has it."""
    if code not in RULES:
        return []
    more = Sentence(code, f"`remit check` names the place, and how to mend it. More: docs/policy.md#{code.lower()}")
    return [explanation("check", code, says=RULES[code], parts=[("If a policy fails it", [more])])]


def unknown(policy: Policy, name: str) -> str:
    """What to say where nothing has the name: what may have been meant."""
    known = {*policy.catalogue, *policy.purposes, *policy.services, *policy.apps, *policy.facts, *policy.counts}
    known |= {*policy.providers, *policy.recipients, *Kind}
    return f"the policy has nothing that is called '{plain(name)}': {near_item(name, known)}"


def unrefusable(policy: Policy, word: str) -> str:
    """What to say where a refusal speaks of nothing that is collected."""
    item, apart, _ = word.partition(":")
    every = offered(policy)
    known = {f"{one}:{purpose}" for one, purpose in every if one == item} if apart else set()
    return (
        f"nothing is collected as '{plain(word)}': {near(word, known or {name for grant in every for name in grant})}"
    )


_LABELS = {
    Label.DIRECTLY: "It identifies somebody directly",
    Label.INDIRECTLY: "It identifies somebody, or a device, indirectly",
    Label.NOT: "By itself it identifies nobody",
}


def _item(policy: Policy, item: Item) -> Explanation:
    entry = policy.catalogue[item]
    rules = [rule for rule in policy.collect if item in rule.items]
    told = (
        (rule_explained(policy, rule, [item], named=True) for rule in rules)
        if rules
        else [Sentence("collect", says) for says in _nothing(entry)]
    )
    return explanation(
        "item",
        item,
        says=f"{capital(entry.title)}. {_LABELS[entry.label]}. It tells {TELLS[entry.sensitivity]}.",
        parts=[
            ("What happens to it", told),
            ("Statistics made of it", statistics_of(policy, item)),
            ("Who is told", _told(policy, lambda told: item in told.items)),
            ("Services that need it", _needed(policy, lambda need: item in need.items)),
            ("If the person refuses it", _refused(policy, {grant for grant in offered(policy) if grant.item == item})),
        ],
    )


def _nothing(entry: DataElement) -> Iterator[str]:
    if entry.key in INTRINSIC:
        yield "remit knows it by itself: nobody sends it."
        return
    yield "Nothing. The policy does not collect it: where a client sends it, it is passed over and reaches no store."
    source = Source.YOU if entry.category is Category.YOU else Source.DEVICE
    yield f"A rule of collect would:  - {{items: [{entry.key}], from: {source}, for: PURPOSE, keep: never}}"


def _purpose(policy: Policy, purpose: Purpose) -> Explanation:
    grants = {grant for grant in offered(policy) if grant.purpose == purpose.key}
    return explanation(
        "purpose",
        purpose.key,
        says=f"{capital(plain(purpose.says))}.",
        parts=[
            ("On which ground", [
                Sentence(purpose.key, f"{capital(GROUNDS[purpose.basis])} ({purpose.basis}).", purpose.line)
            ]),
            ("Longest that anything stays for it", _limit(purpose)),
            ("Collected for it", _rules(policy, lambda rule: rule.purpose == purpose.key)),
            ("Read for other purposes too", _further(policy, purpose)),
            ("Statistics made for it", (
                Sentence(one.name, f"{one.name} shows {shown(policy, one)}.", one.line)
                for one in owners(policy) if one.purpose == purpose.key
            )),
            ("Decided for it by programs alone", _decided(policy, purpose)),
            ("Who is told for it", _told(policy, lambda told: told.purpose == purpose.key)),
            ("Services that need it", _needed(policy, lambda need: purpose.key in need.purposes)),
            ("If the person refuses it", _refused(policy, grants)),
        ],
    )  # fmt: skip


def _rules(policy: Policy, concerns: Callable[[Collect], bool]) -> Iterator[Sentence]:
    return (rule_explained(policy, rule, rule.items) for rule in policy.collect if concerns(rule))


def _decided(policy: Policy, purpose: Purpose) -> Iterator[Sentence]:
    for one in policy.automated or ():
        if one.purpose == purpose.key:
            says = f"{capital(plain(one.says))}: {plain(one.logic)}. What may follow: {plain(one.consequences)}."
            yield Sentence(purpose.key, says, one.line)


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
    return explanation(
        "service",
        service.key,
        says=f"{capital(plain(service.says))}.",
        parts=[
            ("It needs", [
                Sentence(service.key, f"{capital(needed(policy, need))}. Without that it {_without(need)}.", need.line)
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
    website = f", or as Umami's web site {app.website}" if app.website else ""
    waiting = f" Nothing takes yet what it sends by Glean, as {app.application}." if app.application else ""
    protocols = f"It takes {listed(sorted(app.protocols))} only." if app.protocols else "It takes every protocol."
    services = [policy.services[key] for key in app.services]
    idle = unserved(policy).get(app.name, ())
    routes = [Sentence(app.name, f"Only {listed(app.routes)}; any other page is (other).", app.line)]
    return explanation(
        "app",
        app.name,
        says=f"Sends records. {_hold(idle)}; `remit try` shows what becomes of one.",
        parts=[
            ("How it is known", [Sentence(app.name, f"{keys}{domain}{website}. {protocols}{waiting}", app.line)]),
            ("Services that it offers", (_offer(one) for one in services)),
            ("Nothing is taken, since no service that it offers needs it", (
                Sentence(app.name, f"{capital(reason(policy, key))}.", policy.purposes[key].line)
                for key in idle
            )),
            ("Pages that statistics tell apart", routes if app.routes else ()),
        ],
    )  # fmt: skip


def _hold(idle: Collection[PurposeKey]) -> str:
    every = "Every rule, statistic and count holds for them"
    return f"{every}, but those for purposes of other apps' services" if idle else every


def _without(need: Need) -> str:
    return "gets worse" if need.degrades else "stops"


def _needed(policy: Policy, concerns: Callable[[Need], bool]) -> Iterator[Sentence]:
    for service in policy.services.values():
        for need in service.needs:
            if concerns(need):
                says = f"{service.key} needs {needed(policy, need)}. Without that it {_without(need)}."
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
    return explanation(
        "provider",
        one.key,
        says=f"{capital(plain(one.name))} ({one.country}), {plain(one.says)}.",
        parts=[("What it tells", _rules(policy, lambda rule: rule.provider == one.key))],
    )


def _recipient(policy: Policy, one: Recipient) -> Explanation:
    transfer = [Sentence(one.key, f"{capital(plain(one.transfer))}.", one.line)] if one.transfer else []
    return explanation(
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
    where = (
        f" The law is that of {country or 'an unknown country: the strictest'}." if len(laws(policy).all) > 1 else ""
    )
    refused = [
        f"{titles(policy, [item for item, purpose in found.refused if purpose == key])} {reason(policy, key)}"
        for key in by_purpose
    ]
    return explanation(
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
            yield Sentence(service.key, f"{service.key} needs {needed(policy, need)}.", need.line)
        yield Sentence(service.key, f"{service.key} {_back(policy, one)}.")


def _back(policy: Policy, one: Standing) -> str:
    if one.restores is None:
        return "cannot work there: what it needs cannot be had"
    return f"works again with {listed([f'{title(policy, grant.item)} for {grant.purpose}' for grant in one.restores])}"
