"""Which law holds for a record: jurisdictions tighten a policy, and never relax it.

Where several reach a country, each of their demands holds. Where nobody knows the country, all demands of all do. A
rule of collection that holds in some countries only is a law of all others, which forbids what it takes.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from remit.policy.catalogue import Catalogue, DataElement
from remit.policy.model import Collect, Grant, Jurisdiction, Policy
from remit.policy.places import COUNTRIES
from remit.policy.words import SDK_SOURCES, Item, PurposeKey, Value

UNKNOWN = ""
"""The country of a record that does not tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """All that some jurisdictions demand together. ``number`` is its place among the laws of one policy version.

    Nothing ``forbidden`` is taken, and nothing ``barred`` for its purpose; barred for all of them, it is forbidden.
    """

    number: int
    jurisdictions: tuple[str, ...]
    consent: frozenset[PurposeKey]
    forbidden: frozenset[Item]
    longest: Mapping[PurposeKey, timedelta]
    minimum_age: int
    final: bool
    barred: frozenset[Grant] = frozenset()

    def bars(self, grant: Grant) -> bool:
        """Whether an item is not taken for a purpose."""
        return grant.item in self.forbidden or grant in self.barred

    def keep(self, rule: Collect) -> timedelta | None:
        """How long what the rule keeps may stay here; None where it keeps nothing."""
        limit = self.longest.get(rule.purpose)
        return rule.keep if rule.keep is None or limit is None else min(rule.keep, limit)


@dataclass(frozen=True, slots=True)
class Laws:
    """Every law of one policy version, by number: the first demands nothing more, the last is the strictest."""

    all: tuple[Law, ...]
    abroad: Mapping[str, Law]

    def of(self, country: str) -> Law:
        """The law of a country; the strictest where it is not known."""
        return self.abroad.get(country, self.all[0]) if country in COUNTRIES else self.all[-1]


def laws(policy: Policy, idle: frozenset[Grant] = frozenset()) -> Laws:
    """The laws under which this version may have to judge; ``idle`` is what none of them lets be taken."""
    overlays = {**policy.jurisdictions, **_elsewhere(policy)}
    reach: dict[str, tuple[str, ...]] = {}
    for key, one in overlays.items():
        for country in one.countries:
            reach[country] = (*reach.get(country, ()), key)
    several = sorted({(), *reach.values()} - {tuple(overlays)})
    numbered = {keys: number for number, keys in enumerate(several)}
    numbered.setdefault(tuple(overlays), len(several))
    taken = {Grant(item, rule.purpose) for rule in policy.collect if rule.source in SDK_SOURCES for item in rule.items}
    found = {keys: _law(number, [overlays[key] for key in keys], taken, idle=idle) for keys, number in numbered.items()}
    return Laws(tuple(found.values()), {country: found[keys] for country, keys in reach.items()})


def _elsewhere(policy: Policy) -> dict[str, Jurisdiction]:
    """What rules of some countries only demand of all others, by their countries: no jurisdiction has such a key."""
    apart: dict[frozenset[str], list[Collect]] = {}
    for rule in policy.collect:
        if rule.countries:
            apart.setdefault(rule.countries, []).append(rule)
    return {
        f"outside {' '.join(sorted(countries))}": Jurisdiction(
            key="",
            countries=COUNTRIES - countries,
            consent=(),
            forbid=(),
            longest={},
            minimum_age=0,
            line=rules[0].line,
            barred=tuple(Grant(item, rule.purpose) for rule in rules for item in rule.items),
        )
        for countries, rules in apart.items()
    }


def _law(number: int, parts: Collection[Jurisdiction], taken: Collection[Grant], *, idle: frozenset[Grant]) -> Law:
    longest: dict[PurposeKey, timedelta] = {}
    for one in parts:
        for purpose, keep in one.longest.items():
            longest[purpose] = min(keep, longest.get(purpose, keep))
    barred = idle.union(grant for one in parts for grant in one.barred)
    return Law(
        number=number,
        jurisdictions=tuple(one.key for one in parts if one.key),
        consent=frozenset(purpose for one in parts for purpose in one.consent),
        forbidden=frozenset(item for one in parts for item in one.forbid) | _wholly(barred, taken),
        longest=longest,
        minimum_age=max((one.minimum_age for one in parts), default=0),
        final=any(one.final for one in parts),
        barred=barred,
    )


def _wholly(barred: Collection[Grant], taken: Collection[Grant]) -> frozenset[Item]:
    """What is barred for each purpose for which anything that is sent is taken: it names nobody, either."""
    return frozenset(item for item, _ in barred) - {grant.item for grant in taken if grant not in barred}


def rulings(policy: Policy) -> Iterator[tuple[int, Collect, Law]]:
    """Every collection rule under every law, each with the number by which a block refers to both."""
    for law in laws(policy).all:
        for rule in policy.collect:
            yield ruling(rule.index, law.number, len(policy.collect)), rule, law


def ruling(index: int, law: int, rules: int) -> int:
    """The number of a rule under a law, of a version that has so many rules. Where no law tightens, it is the index."""
    return index + law * rules


def country_told(catalogue: Catalogue, by: Collection[Item], record: Mapping[Item, Value]) -> str:
    """The country that the first item tells which tells any."""
    told = (_country(catalogue[item], record[item]) for item in by if item in record)
    return next((country for country in told if country != UNKNOWN), UNKNOWN)


def _country(entry: DataElement, value: Value) -> str:
    form = entry.form(value)
    if entry.type.name == "country":
        return form
    for part in form.upper().replace("_", "-").split("-")[1:]:
        if part in COUNTRIES:
            return part
    return UNKNOWN
