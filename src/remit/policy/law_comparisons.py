"""What changes between two policies about the laws of places: what is demanded where, as people there see it."""

from collections.abc import Iterator
from typing import NamedTuple

from remit.policy.change import Change, Effect
from remit.policy.model import Policy
from remit.policy.phrases import duration, listed, reason, title, titles
from remit.policy.places import EEA
from remit.policy.regions import UNKNOWN, Law, laws
from remit.policy.words import PurposeKey


class _Demand(NamedTuple):
    """What a law demands, of what, and how strictly: more is stricter."""

    part: str
    about: str
    strict: float
    says: str


def jurisdictions(old: Policy, new: Policy) -> Iterator[Change]:
    """What is demanded where. Places where the same changes are told together."""
    if old.region != new.region and (old.jurisdictions or new.jurisdictions):
        after, before = (titles(policy, policy.region, "or") if policy.region else "nothing" for policy in (new, old))
        says = f"The country of a record is told by {after}; before, by {before}."
        yield Change(effect=Effect.RELAXED, about="region", says=says, items=new.region)
    was, now = laws(old), laws(new)
    moved: dict[tuple[Effect, str, str, str], list[str]] = {}
    for country in sorted({UNKNOWN, *was.abroad, *now.abroad}):
        ends, holds = _demands(old, was.of(country)), _demands(new, now.of(country))
        for effect, these, others in ((Effect.RELAXED, ends, holds), (Effect.TIGHTENED, holds, ends)):
            for key, one in these.items():
                if key not in others or others[key].strict < one.strict:
                    moved.setdefault((effect, one.part, one.about, one.says), []).append(country)
    for (effect, part, about, says), countries in moved.items():
        verb = "no longer" if effect is Effect.RELAXED else "now"
        purpose = PurposeKey(about) if part in ("consent", "keep") else None
        yield Change(effect=effect, about=part, says=f"In {_places(countries)} {verb}: {says}.", purpose=purpose)


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
    for purpose, longest in law.longest.items():
        says = f"nothing stays longer than {duration(longest)}, {reason(policy, purpose)}"
        found.append(_Demand("keep", purpose, -longest.total_seconds(), says))
    if law.final:
        found.append(_Demand("signals", "", 1, "no choice outweighs a general signal"))
    if law.minimum_age:
        says = f"nobody younger than {law.minimum_age} consents for themselves"
        found.append(_Demand("minimum-age", "", law.minimum_age, says))
    return {(one.part, one.about): one for one in sorted(found)}


def _places(countries: list[str]) -> str:
    told = ["the EEA", *sorted(set(countries) - EEA)] if set(countries) >= EEA else countries
    return listed([country or "an unknown country" for country in told])
