"""What changes between two policies, one kind of thing at a time: each rule tells all that it has words for."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import NamedTuple, Protocol, TypeVar

from remit.policy.change import Change, Effect
from remit.policy.model import App, Assessment, Collect, DocumentAnswers, Need, Policy, Purpose, Service, Verdict
from remit.policy.offers import served
from remit.policy.phrases import (
    GROUNDS,
    alternatives,
    capital,
    kept,
    listed,
    needed,
    plain,
    reason,
    ruled,
    teller,
    titles,
)
from remit.policy.plan import is_refusable, told_by_sdks
from remit.policy.services import offered
from remit.policy.words import Expression, Item, PurposeKey, Source

Rules = Sequence[Callable[[Policy, Policy], Iterator[Change]]]
Key = TypeVar("Key")
Named = TypeVar("Named")


def both(old: Mapping[Key, Named], new: Mapping[Key, Named]) -> Iterator[tuple[Key, Named | None, Named | None]]:
    """Every name, with what it was and what it is."""
    for name in dict.fromkeys([*new, *old]):
        yield name, old.get(name), new.get(name)


class _Told(NamedTuple):
    """What a collection rule is about, one item at a time; it decides how long (P033)."""

    item: Item
    source: Source
    provider: str | None
    purpose: PurposeKey


def _told(policy: Policy) -> dict[_Told, Collect]:
    return {
        _Told(item, rule.source, rule.provider, rule.purpose): rule for rule in policy.collect for item in rule.items
    }


def collected(old: Policy, new: Policy) -> Iterator[Change]:
    """What rules take, from whom, for what and how long. Items that change alike are told together."""
    before, after = _told(old), _told(new)
    items_before, grants_before = {told.item for told in before}, offered(old)
    groups: dict[tuple[Effect, Collect | None, Collect | None], list[Item]] = {}
    for told in dict.fromkeys([*after, *before]):
        was, now = before.get(told), after.get(told)
        if was is not None:
            effect = _retention(was, now)
        elif told.item not in items_before:
            effect = Effect.COLLECTED
        else:
            effect = Effect.SOURCE if (told.item, told.purpose) in grants_before else Effect.PURPOSE
        if effect is not None:
            groups.setdefault((effect, was, now), []).append(told.item)
    for (effect, was, now), items in groups.items():
        yield Change(
            effect=effect,
            about="collect",
            says=f"{capital(titles(new if now else old, items))}: {_ruling(old, new, was=was, now=now)}.",
            purpose=now.purpose if now else was.purpose if was else None,
            items=tuple(items),
            old=was.line if was else None,
            new=now.line if now else None,
        )


def _retention(was: Collect, now: Collect | None) -> Effect | None:
    if now is None:
        return Effect.STOPS
    if was.keep == now.keep:
        return None
    longer = was.keep is None or (now.keep is not None and now.keep > was.keep)
    return Effect.LONGER if longer else Effect.SHORTER


def _ruling(old: Policy, new: Policy, *, was: Collect | None, now: Collect | None) -> str:
    if was is None:
        return ruled(new, now) if now else ""
    if now is None:
        return f"no longer {teller(old, was)}, {reason(old, was.purpose)}"
    return f"{ruled(new, now)}; before, {kept(was.keep)}"


def reasons(old: Policy, new: Policy) -> Iterator[Change]:
    """Why nobody can refuse what is required."""
    before = {told: (rule.required, rule) for told, rule in _told(old).items()}
    groups: dict[tuple[Collect, Collect], list[Item]] = {}
    for told, now in _told(new).items():
        required, was = before.get(told, (now.required, now))
        if required != now.required:
            groups.setdefault((was, now), []).append(told.item)
    for (was, now), items in groups.items():
        after, earlier = (plain(one.required or "nothing was said") for one in (now, was))
        says = f"Why {titles(new, items)} cannot be refused, {reason(new, now.purpose)}: {after}; before, {earlier}."
        yield change(Effect.STATEMENT, "collect", says, purpose=now.purpose, items=items, was=was, now=now)


def own_items(old: Policy, new: Policy) -> Iterator[Change]:
    """What is known of the policy's own items, which decides how they are handled."""
    for key, was, now in both(old.catalogue, new.catalogue):
        if was is None or now is None:
            says = (
                f"'{key}' {'is an item now' if now else 'is no item any more'}; what it is used for is told elsewhere."
            )
            yield Change(effect=Effect.TECHNICAL, about=key, says=says, items=(key,))
            continue
        for part in ("title", "label", "category", "sensitivity"):
            before, after = (plain(str(getattr(one, part))) for one in (was, now))
            if before != after:
                says = f"The {part} of '{key}': {after}; before, {before}."
                yield Change(effect=Effect.STATEMENT, about=key, says=says, items=(key,))
        if (was.type, was.terms) != (now.type, now.terms):
            says = f"Values of '{key}' are checked, or called by others, in another way."
            yield Change(effect=Effect.TECHNICAL, about=key, says=says, items=(key,))


def freedoms(old: Policy, new: Policy) -> Iterator[Change]:
    """What may be refused, of what is collected before and after."""
    groups: dict[tuple[Effect, PurposeKey], list[Item]] = {}
    for item, purpose in sorted(offered(old) & offered(new)):
        free, was_free = is_refusable(new, item, purpose), is_refusable(old, item, purpose)
        if free is not was_free:
            groups.setdefault((Effect.FREE if free else Effect.BOUND, purpose), []).append(item)
    for (effect, purpose), items in groups.items():
        says = f"{capital(titles(new, items))}, {reason(new, purpose)}."
        line = new.purposes[purpose].line
        yield Change(effect=effect, about=purpose, says=says, purpose=purpose, items=tuple(items), new=line)


def purposes(old: Policy, new: Policy) -> Iterator[Change]:
    """What for, and on which ground."""
    for key, was, now in both(old.purposes, new.purposes):
        if now is None or was is None:
            one, effect = (now, Effect.PURPOSE) if now else (was, Effect.STOPS)
            assert one is not None, "one of the two has it"
            says = f"{capital(plain(one.says))} ({key}), {GROUNDS[one.basis]}."
            yield change(effect, key, says, purpose=PurposeKey(key), was=was, now=now)
        else:
            yield from _purpose(was, now)


def _purpose(was: Purpose, now: Purpose) -> Iterator[Change]:
    if was.basis != now.basis:
        says = f"{now.key}: {GROUNDS[now.basis]}; before, {GROUNDS[was.basis]}."
        yield change(Effect.BASIS, now.key, says, purpose=now.key, was=was, now=now)
    if plain(was.says) != plain(now.says):
        says = f"{now.key}: {plain(now.says)}; before, {plain(was.says)}."
        yield change(Effect.STATEMENT, now.key, says, purpose=now.key, was=was, now=now)
    yield from _further(was, now)
    if was.subjects != now.subjects:
        says = f"{now.key} concerns {_answer(now.subjects)}; before, {_answer(was.subjects)}."
        yield change(Effect.STATEMENT, now.key, says, was=was, now=now)
    if was.expression is not now.expression:
        says = f"A yes to {now.key}: {_answer(now.expression)}; before, {_answer(was.expression)}."
        anew = now.key if was.expression is not None and now.expression is Expression.EXPLICIT else None
        yield change(Effect.STATEMENT, now.key, says, purpose=anew, was=was, now=now)
    if was.keep != now.keep:
        effect = Effect.SHORTER if was.keep is None or (now.keep is not None and now.keep < was.keep) else Effect.LONGER
        before, after = ("without a limit" if one is None else f"at most {kept(one)}" for one in (was.keep, now.keep))
        says = f"{now.key}: {after}; before, {before}."
        yield change(effect, now.key, says, purpose=now.key, was=was, now=now)
    if was.dpv != now.dpv:
        says = f"{now.key} is {now.dpv} in the vocabulary DPV; before, {was.dpv}."
        yield change(Effect.TECHNICAL, now.key, says, purpose=now.key, was=was, now=now)


def _further(was: Purpose, now: Purpose) -> Iterator[Change]:
    """For which other purposes what is kept may be read, and how that was weighed (GDPR Art. 6(4))."""
    before, after = ({one.purpose: one for one in of.compatible} for of in (was, now))
    for key, old, new in both(before, after):
        if old is None:
            says, effect = f"What is kept for {now.key} may also be read for {key}.", Effect.PURPOSE
        elif new is None:
            says, effect = f"What is kept for {now.key} may no longer be read for {key}.", Effect.STOPS
        elif _factors(old) != _factors(new):
            says, effect = (
                f"Why what is kept for {now.key} may also be read for {key} is weighed anew.",
                Effect.STATEMENT,
            )
        else:
            continue
        yield change(effect, now.key, says, purpose=now.key, was=old, now=new)


def _factors(one: Assessment) -> list[str]:
    return [plain(text) for text in (one.link, one.context, one.nature, one.consequences, one.safeguards)]


class Placed(Protocol):
    """Something that stands on a line of a policy."""

    @property
    def line(self) -> int:
        """Which (1-based)."""
        ...


def change(  # noqa: PLR0913 -- what a change is made of, by name but for the first three
    effect: Effect,
    about: str,
    says: str,
    *,
    was: Placed | None,
    now: Placed | None,
    purpose: PurposeKey | None = None,
    items: Iterable[Item] = (),
) -> Change:
    """A change, at the lines where the two policies speak of it."""
    old, new = (None if one is None else one.line for one in (was, now))
    return Change(effect=effect, about=about, says=says, purpose=purpose, items=tuple(items), old=old, new=new)


def apps(old: Policy, new: Policy) -> Iterator[Change]:
    """Who sends."""
    for name, was, now in both(old.apps, new.apps):
        if was is None or now is None:
            effect, says = (Effect.SENDER, f"{name} sends too.") if now else (Effect.STOPS, f"{name} no longer sends.")
            yield change(effect, name, says, was=was, now=now)
            continue
        for effect, more, less in ((Effect.SERVICE, now, was), (Effect.STOPS, was, now)):
            moved = [key for key in more.services if key not in less.services]
            if moved:
                verb = "offers" if more is now else "no longer offers"
                yield change(effect, name, f"{name} {verb} {listed(moved)}.", was=was, now=now)
        yield from _serving(old, new, was=was, now=now)
        if _known_by(was) != _known_by(now):
            says = f"{name} has another key, number or id, takes other protocols, or expects other numbers of people."
            yield change(Effect.TECHNICAL, name, says, was=was, now=now)


def _serving(old: Policy, new: Policy, *, was: App, now: App) -> Iterator[Change]:
    """For which purposes of both policies something is taken of what an app sends, since it offers what needs that."""
    before, after = served(old, was), served(new, now)
    for key in (key for key in new.purposes if key in old.purposes and (key in before) is not (key in after)):
        effect, verb = (Effect.COLLECTED, "is used now") if key in after else (Effect.STOPS, "is no longer used")
        items = dict.fromkeys(item for rule in told_by_sdks(new) if rule.purpose == key for item in rule.items)
        says = f"What {now.name} sends {verb} {reason(new, key)}."
        yield change(effect, now.name, says, purpose=key, items=items, was=was, now=now)


def _known_by(app: App) -> tuple[object, ...]:
    return app.number, app.key, app.domain, app.website, app.application, app.protocols, app.people


def services(old: Policy, new: Policy) -> Iterator[Change]:
    """What can be used, and what it needs."""
    for key, was, now in both(old.services, new.services):
        if was is None or now is None:
            one, effect = (now, Effect.SERVICE) if now else (was, Effect.STOPS)
            assert one is not None, "one of the two has it"
            needs = [alternatives(new if now else old, need) for need in one.needs]
            verb = "can be used" if now else "can no longer be used"
            says = f"{key} ({plain(one.says)}) {verb}; it needs {listed(needs) if needs else 'nothing'}."
            yield change(effect, key, says, was=was, now=now)
            continue
        if plain(was.says) != plain(now.says):
            says = f"{key}: {plain(now.says)}; before, {plain(was.says)}."
            yield change(Effect.SERVICE, key, says, was=was, now=now)
        yield from (_needed(new, key, need) for need in now.needs if not _implied(need, was))
        yield from (_spared(old, key, need) for need in was.needs if not _implied(need, now))


def _needed(policy: Policy, service: str, need: Need) -> Change:
    says = f"{service} {'gets worse' if need.degrades else 'stops'} without {needed(policy, need)}."
    return change(Effect.NEEDED, service, says, purpose=_only(need), items=need.items, was=None, now=need)


def _spared(policy: Policy, service: str, need: Need) -> Change:
    says = f"{service} no longer {'gets worse' if need.degrades else 'stops'} without {needed(policy, need)}."
    return change(Effect.SPARED, service, says, purpose=_only(need), items=need.items, was=need, now=None)


def _only(need: Need) -> PurposeKey | None:
    """The purpose of a need that is for one."""
    return need.purposes[0] if len(need.purposes) == 1 else None


def _implied(need: Need, service: Service) -> bool:
    """Whether the service has a need that is at least as strict: whatever answers that answers this, and no milder."""
    return any(_answered(need, one) and (need.degrades or not one.degrades) for one in service.needs)


def _answered(need: Need, stricter: Need) -> bool:
    """Whether each alternative of the stricter one holds one of the need."""
    return all(any(set(enough) <= set(one) for enough in need.any_of) for one in stricter.any_of)


def verdicts(old: Policy, new: Policy) -> Iterator[Change]:
    """What programs alone decide."""
    before, after = ({_verdict(one): one for one in policy.automated or ()} for policy in (old, new))
    for words, was, now in both(before, after):
        if was is None and now is not None:
            says = f"A program alone decides {': '.join(words[:2])}; {words[2]}; {reason(new, now.purpose)}."
            yield change(Effect.DECIDED, "automated", says, purpose=now.purpose, was=None, now=now)
        elif was is not None and now is None:
            says = f"No program alone decides {': '.join(words[:2])} any more."
            yield change(Effect.STOPS, "automated", says, purpose=was.purpose, was=was, now=None)
    if (old.automated is None) is not (new.automated is None) and not before and not after:
        says = f"It is {'now' if old.automated is None else 'no longer'} said that programs alone decide nothing."
        yield Change(effect=Effect.STATEMENT, about="automated", says=says)


def _verdict(one: Verdict) -> tuple[str, ...]:
    return plain(one.says), plain(one.logic), plain(one.consequences), one.purpose


def frame(old: Policy, new: Policy) -> Iterator[Change]:
    """Who answers for it, and what holds for all of it."""
    was, now = old.controller, new.controller
    for part in ("name", "contact", "address", "country", "representative", "officer", "authority"):
        before, after = (plain(getattr(one, part) or "nobody was named") for one in (was, now))
        if before != after:
            says = f"{capital(part)} of the controller: {after}; before, {before}."
            yield Change(effect=Effect.CONTROLLER, about=f"controller.{part}", says=says)
    for one in fields(DocumentAnswers):
        before, after = (_answer(getattr(policy.documents, one.name)) for policy in (old, new))
        if before != after:
            says = f"What documents say of '{one.name.replace('_', '-')}': {after}; before, {before}."
            yield Change(effect=Effect.STATEMENT, about="documents", says=says)
    if old.k != new.k:
        effect = Effect.FINER if new.k < old.k else Effect.COARSER
        yield Change(effect=effect, about="k", says=f"Counts from {new.k} on; before, from {old.k} on.")
    for part in ("version", "timezone"):
        before, after = str(getattr(old, part)), str(getattr(new, part))
        if before != after:
            yield Change(effect=Effect.TECHNICAL, about=part, says=f"{capital(part)} {after}; before, {before}.")


def _answer(value: object) -> str:
    """One of the answers of documents, as one reads it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return plain(listed(value) if isinstance(value, tuple) and value else str(value or "nothing"))


def languages(old: Policy, new: Policy) -> Iterator[Change]:
    """In which languages people can read it."""
    for verb, more, less in (("can be read", new, old), ("can no longer be read", old, new)):
        moved = [one for one in more.languages if one not in less.languages]
        if moved:
            yield Change(effect=Effect.STATEMENT, about="languages", says=f"It {verb} in {listed(moved)}.")
    if old.languages != new.languages and set(old.languages) == set(new.languages):
        says = f"Documents for programs are in {new.languages[0]}; before, in {old.languages[0]}."
        yield Change(effect=Effect.TECHNICAL, about="languages", says=says)
