"""A policy and the words of its language: what every sentence to people is put together from."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from remit.policy.brought import brought, unserved_today
from remit.policy.model import Alternative, Collect, Count, Dimension, Fact, Grant, Need, Policy
from remit.policy.phrasebooks.phrasebook import Phrasebook
from remit.policy.phrasebooks.shelf import book
from remit.policy.places import EEA
from remit.policy.plan import is_refusable
from remit.policy.services import own_age
from remit.policy.spoken import titled
from remit.policy.words import Item, PurposeKey


@dataclass(frozen=True, slots=True)
class Voice:
    """What a policy can say of itself to people, as far as something can bring it; ``whole`` is all of the policy."""

    policy: Policy
    book: Phrasebook
    whole: Policy

    def titles(self, items: Iterable[Item]) -> str:
        """What all of the items are called."""
        return self.book.listed(self._titles(items))

    def either(self, items: Iterable[Item]) -> str:
        """What any of the items are called."""
        return self.book.either(self._titles(items))

    def alternatives(self, alternatives: Iterable[Alternative]) -> str:
        """What answers a need, without what for."""
        return self.book.alternatives([self._titles(grant.item for grant in one) for one in alternatives])

    def needed(self, need: Need) -> str:
        """What answers a need, and what for: once, where all of it is for one purpose."""
        if len(need.purposes) == 1:
            return self.book.need.format(items=self.alternatives(need.any_of), says=self.says(need.purposes[0]))
        return self.book.alternatives([[self._granted(grant) for grant in one] for one in need.any_of])

    def _granted(self, grant: Grant) -> str:
        return self.book.need.format(items=self.titles([grant.item]), says=self.says(grant.purpose))

    def _titles(self, items: Iterable[Item]) -> list[str]:
        return [self.policy.catalogue[item].title for item in items]

    def says(self, purpose: PurposeKey) -> str:
        """What a purpose is."""
        return self.policy.purposes[purpose].says

    def unserved(self) -> Mapping[str, Sequence[PurposeKey]]:
        """By app, what it sends is not used for, of all that something is used for; apps without any are left out."""
        return unserved_today(self.whole)

    def ground(self, purpose: PurposeKey) -> str:
        """On which ground it stands."""
        return self.book.grounds[self.policy.purposes[purpose].basis]

    def access(self, of: Fact | Count) -> str:
        """On which ground a statistic reads devices."""
        return self.book.access[of.access].format(exemption=of.exemption)

    def column(self, one: Dimension) -> str:
        """What a column of a statistic shows."""
        title = self.policy.catalogue[one.item].title
        if one.reduction is None:
            return title
        return self.book.column.format(title=title, reduced=self.book.reductions[one.reduction])

    def by(self, columns: Iterable[Dimension]) -> str:
        """What a statistic is told apart by; nothing, where it has no columns."""
        told = [self.column(one) for one in columns]
        return self.book.by.format(columns=self.book.listed(told)) if told else ""

    def by_sets(self, count: Count) -> str:
        """What a count is told apart by; set by set, where it has several."""
        if not count.sets:
            return self.by(count.dimensions)
        return f", {self.book.listed([self._by_set(one) for one in count.sets])}"

    def _by_set(self, columns: Sequence[Dimension]) -> str:
        phrase = self.book.by_set if len(columns) == 1 else self.book.by_set_together
        told = [self.column(one) for one in columns]
        return phrase.format(columns=self.book.listed(told)) if told else self.book.in_all

    def apart(self, count: Count) -> str:
        """How those who are counted are told apart."""
        phrase = self.book.told_apart if len(count.of) == 1 else self.book.told_apart_by_first
        return phrase.format(items=self.titles(count.of))

    def teller(self, rule: Collect) -> str:
        """Who tells what a rule takes."""
        one = self.policy.providers.get(rule.provider or "")
        if one is None:
            return self.book.tellers[rule.source]
        return self.book.provider.format(name=one.name, country=self.book.country(one.country), says=one.says)

    def fixed(self, rule: Collect) -> list[Item]:
        """The items of a rule that nobody can refuse, also where what binds them is a service that cannot work yet."""
        return [item for item in rule.items if not is_refusable(self.whole, item, rule.purpose)]

    def bound(self, rule: Collect) -> str:
        """What services need of a rule's items: these, and of those that are alternatives any."""
        needs = [need for service in self.whole.services.values() for need in service.needs if not need.degrades]
        always = {grant for need in needs for grant in frozenset(need.any_of[0]).intersection(*need.any_of[1:])}
        open_ = {grant for item in self.fixed(rule) if (grant := Grant(item, rule.purpose)) not in always}
        choices = dict.fromkeys(self._brought(need) for need in needs if not open_.isdisjoint(need.grants))
        sure = [item for item in self.fixed(rule) if (item, rule.purpose) in always]
        idle = open_.difference(*(one for any_of in choices for one in any_of))
        said = [self.book.needed.format(items=self.titles(sure))] if sure else []
        said += [self.book.needed_any.format(items=self.alternatives(any_of)) for any_of in choices if any_of]
        if idle:
            said.append(self.book.fixed.format(items=self.titles(grant.item for grant in sorted(idle))))
        return " ".join(said)

    def _brought(self, need: Need) -> tuple[Alternative, ...]:
        """The alternatives of which everything has a way in."""
        kept = {Grant(item, rule.purpose) for rule in self.policy.collect for item in rule.items}
        return tuple(one for one in need.any_of if kept.issuperset(one))

    def bounds(self, rule: Collect) -> str:
        """Of whom a rule takes something, where it is not of everybody."""
        said = []
        if rule.countries:
            region = self.either(self.policy.region)
            said.append(self.book.rule_places.format(region=region, places=self.places(rule.countries)))
        if age := own_age(self.whole, rule.purpose):
            said.append(self.book.rule_age.format(age=age))
        return " ".join(said)

    def places(self, countries: Collection[str]) -> str:
        """What some countries are called."""
        if {*countries} == EEA:
            return self.book.eea
        return self.book.listed(sorted(self.book.country(code) for code in countries))


def voice_of(policy: Policy) -> Voice:
    """The voice of a policy in the language that it is spoken in. It tells of what something can bring."""
    return Voice(brought(titled(policy)), book(policy.language), policy)
