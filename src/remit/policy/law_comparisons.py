"""What changes between two policies about the laws of places: what is demanded where, as people there see it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from remit.policy.change import Change, Effect
from remit.policy.model import Grant, Policy
from remit.policy.phrases import capital, duration, places, reason, title, titles
from remit.policy.places import COUNTRIES
from remit.policy.regions import UNKNOWN, Law, Laws, laws
from remit.policy.services import own_age
from remit.policy.words import Item, PurposeKey

_FOR = " for "
"""Between an item and the purpose for which a law forbids it."""


class _Demand(NamedTuple):
    """What a law demands, of what, and how strictly: more is stricter."""

    part: str
    about: str
    strict: float
    says: str


def jurisdictions(old: Policy, new: Policy) -> Iterator[Change]:
    """What is demanded where. Places where the same changes are told together."""
    placed = any(one.jurisdictions or any(rule.countries for rule in one.collect) for one in (old, new))
    if old.region != new.region and placed:
        after, before = (titles(policy, policy.region, "or") if policy.region else "nothing" for policy in (new, old))
        says = f"The country of a record is told by {after}; before, by {before}."
        yield Change(effect=Effect.RELAXED, about="region", says=says, items=new.region)
    was, now = _by_law_alone(old), _by_law_alone(new)
    moved: dict[tuple[Effect, str, str, str], list[str]] = {}
    for country in sorted({UNKNOWN, *was.abroad, *now.abroad}):
        ends, holds = _demands(old, was.of(country)), _demands(new, now.of(country))
        for effect, these, others in ((Effect.RELAXED, ends, holds), (Effect.TIGHTENED, holds, ends)):
            for key, one in these.items():
                other = others.get(key) or others.get((one.part, one.about.partition(_FOR)[0]))
                if other is None or other.strict < one.strict:
                    moved.setdefault((effect, one.part, one.about, one.says), []).append(country)
    for (effect, part, about, says), countries in moved.items():
        verb = "no longer" if effect is Effect.RELAXED else "now"
        purpose = PurposeKey(about.rpartition(_FOR)[2]) if part in ("consent", "keep") or _FOR in about else None
        yield Change(effect=effect, about=part, says=f"In {places(countries)} {verb}: {says}.", purpose=purpose)


def _by_law_alone(policy: Policy) -> Laws:
    """The laws of the policy, without those that its own rules make by the countries in which they hold."""
    return laws(replace(policy, collect=tuple(replace(rule, countries=frozenset()) for rule in policy.collect)))


def bounds(old: Policy, new: Policy) -> Iterator[Change]:
    """Where rules hold, and from which age on one can agree: of what is collected before and after."""
    before, after = _bounds(old), _bounds(new)
    groups: dict[tuple[PurposeKey, frozenset[str], frozenset[str]], list[Item]] = {}
    for grant in sorted(before.keys() & after.keys()):
        groups.setdefault((grant.purpose, before[grant], after[grant]), []).append(grant.item)
    for (purpose, was, now), items in groups.items():
        for effect, moves, verb in (
            (Effect.RELAXED, now - was, "now taken"),
            (Effect.TIGHTENED, was - now, "no longer taken"),
        ):
            if moves:
                says = f"{capital(titles(new, items))}, {reason(new, purpose)}: {verb} in {_named(moves)}."
                yield Change(effect=effect, about="countries", says=says, purpose=purpose, items=tuple(items))
    for purpose in sorted({grant.purpose for grant in before.keys() & after.keys()}):
        age_was, age = own_age(old, purpose), own_age(new, purpose)
        if age_was != age:
            effect = Effect.RELAXED if age < age_was else Effect.TIGHTENED
            says = f"{capital(reason(new, purpose))}: {_aged(age)}; before, {_aged(age_was)}."
            yield Change(effect=effect, about="minimum-age", says=says, purpose=purpose)


_ANYWHERE = COUNTRIES | {UNKNOWN}


def _bounds(policy: Policy) -> dict[Grant, frozenset[str]]:
    """In which countries each item is collected for each purpose."""
    found: dict[Grant, frozenset[str]] = {}
    for rule in policy.collect:
        for item in rule.items:
            grant = Grant(item, rule.purpose)
            found[grant] = found.get(grant, _ANYWHERE) & (rule.countries or _ANYWHERE)
    return found


def _named(countries: frozenset[str]) -> str:
    others = _ANYWHERE - countries
    if len(countries) <= len(others):
        return places(countries)
    return f"all countries but {places(others)}" if others else "all countries"


def _aged(age: int) -> str:
    return f"nobody younger than {age} can agree" if age else "no age is asked for"


def signals(old: Policy, new: Policy) -> Iterator[Change]:
    """What requests refuse by signals: what is no longer heard leaves people with more that they have to say."""
    was, now = _heard(old), _heard(new)
    for effect, these, others, verb in (
        (Effect.RELAXED, was, now, "no longer refuses"),
        (Effect.TIGHTENED, now, was, "now refuses"),
    ):
        for signal, purpose in sorted(these - others):
            if purpose in old.purposes and purpose in new.purposes:
                says = f"{signal} {verb} what is done {reason(new, purpose)}."
                yield Change(effect=effect, about="signals", says=says, purpose=purpose)


def _heard(policy: Policy) -> set[tuple[str, PurposeKey]]:
    said = policy.signals
    found = {("Global Privacy Control", purpose) for purpose in said.gpc}
    found |= {(f"A no to purpose {n} of the TCF", purpose) for n, keys in said.tcf.items() for purpose in keys}
    found |= {(f"An opt-out of {name} by the GPP", purpose) for name, keys in said.gpp.items() for purpose in keys}
    return found | {
        (f"A no to the category '{name}'", purpose) for name, keys in said.categories.items() for purpose in keys
    }


def _demands(policy: Policy, law: Law) -> dict[tuple[str, str], _Demand]:
    found = [_Demand("consent", purpose, 1, f"only with a yes, {reason(policy, purpose)}") for purpose in law.consent]
    found += [_Demand("forbid", item, 1, f"{title(policy, item)} is not taken") for item in law.forbidden]
    for item, purpose in law.barred:
        says = f"{title(policy, item)} is not taken, {reason(policy, purpose)}"
        found += [_Demand("forbid", f"{item}{_FOR}{purpose}", 1, says)] if item not in law.forbidden else []
    for purpose, longest in law.longest.items():
        says = f"nothing stays longer than {duration(longest)}, {reason(policy, purpose)}"
        found.append(_Demand("keep", purpose, -longest.total_seconds(), says))
    if law.final:
        found.append(_Demand("signals", "", 1, "no choice outweighs a general signal"))
    if law.minimum_age:
        says = f"nobody younger than {law.minimum_age} consents for themselves"
        found.append(_Demand("minimum-age", "", law.minimum_age, says))
    return {(one.part, one.about): one for one in sorted(found)}
