"""The notice beside a field at the moment at which it is filled in: what for, how long, and what without it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from remit.policy.language import near
from remit.policy.model import Collect, Grant, Policy, Service
from remit.policy.render.notice import rule_name
from remit.policy.render.notice_html import FILE
from remit.policy.render.voice import Voice, voice_of
from remit.policy.render.writing import named
from remit.policy.words import WHILE_ACCOUNT, Basis, Item, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldNotice:
    """What stands beside a field, where a page asks for an item; ``block`` is the id of the notice's part on it."""

    item: Item
    label: str
    language: str
    sentences: tuple[str, ...]
    more: str
    block: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldPlace:
    """Where the field stands: of one app or of any, for one purpose or for all that it is asked for."""

    app: str | None = None
    purpose: str | None = None


ANYWHERE = FieldPlace()


def field_notice(policy: Policy, item: str, place: FieldPlace = ANYWHERE) -> FieldNotice:
    """The notice beside the field of an item. Raises ValueError, with the way out, where nobody may be asked for it."""
    voice = voice_of(policy)
    services = _services(voice.policy, place)
    return _Question(voice, Item(item), _rules(voice.policy, item, place), services).field()


def field_notices(policy: Policy) -> list[FieldNotice]:
    """Those of everything that people may be asked for, in the order of the policy."""
    voice = voice_of(policy)
    services = _services(voice.policy, ANYWHERE)
    asked = dict.fromkeys(item for rule in _asking(voice.policy) for item in rule.items)
    return [_Question(voice, item, _rules(voice.policy, item, ANYWHERE), services).field() for item in asked]


def _services(policy: Policy, place: FieldPlace) -> list[Service]:
    """What can be used where the field stands."""
    if place.app is not None and place.app not in policy.apps:
        raise ValueError(f"there is no app '{place.app}'; {near(place.app, policy.apps)}")
    offered = policy.services.keys() if place.app is None else policy.apps[place.app].services
    return [service for key, service in policy.services.items() if key in offered]


def _asking(policy: Policy) -> list[Collect]:
    return [rule for rule in policy.collect if rule.source is Source.YOU]


def _rules(policy: Policy, item: str, place: FieldPlace) -> list[Collect]:
    """The rules by which people are asked for an item. Raises ValueError where there are none."""
    told = [rule for rule in _asking(policy) if item in rule.items]
    if not told:
        raise ValueError(_unasked(policy, item))
    found = [rule for rule in told if place.purpose in (None, rule.purpose)]
    if not found:
        purposes = ", ".join(dict.fromkeys(rule.purpose for rule in told))
        raise ValueError(f"nobody is asked for '{item}' for '{place.purpose}'; it is asked for: {purposes}")
    return found


def _unasked(policy: Policy, item: str) -> str:
    """Why no field may ask for an item, and for what one may."""
    sources = dict.fromkeys(rule.source for rule in policy.collect if item in rule.items)
    why = f"'{item}' comes from: {', '.join(sources)}" if sources else f"nothing takes '{item}'"
    known = sorted({one for rule in _asking(policy) for one in rule.items})
    return f"{why}, and a field asks people themselves. It may ask for: {', '.join(known) or 'nothing'}"


@dataclass(frozen=True, slots=True)
class _Question:
    """What a field asks for, by which rules, and the services that may hang on the answer."""

    voice: Voice
    item: Item
    rules: Sequence[Collect]
    services: Sequence[Service]

    def field(self) -> FieldNotice:
        names = {rule_name(rule) for rule in self.rules}
        bounds = dict.fromkeys(said for rule in self.rules if (said := self.voice.bounds(rule)))
        sentences = (self._asked(), *bounds, self._kept(), *self._without())
        return FieldNotice(
            item=self.item,
            label=self.voice.policy.catalogue[self.item].title,
            language=self.voice.policy.language,
            sentences=tuple(" ".join(one.split()) for one in sentences),
            more=self.voice.book.field_more.format(notice=self.voice.book.headings["notice"]),
            block=names.pop() if len(names) == 1 else Source.YOU.value,
        )

    def _asked(self) -> str:
        """What for and on which ground; purposes that stand on one ground are told together."""
        voice, by_ground = self.voice, dict[str, list[str]]()
        for purpose in dict.fromkeys(rule.purpose for rule in self.rules):
            by_ground.setdefault(voice.ground(purpose), []).append(voice.says(purpose))
        whys = (
            voice.book.field_why.format(says=voice.book.listed(says), ground=ground)
            for ground, says in by_ground.items()
        )
        return voice.book.field_asked.format(whys="; ".join(whys))

    def _kept(self) -> str:
        """How long, and where that differs, how long at most."""
        book, times = self.voice.book, {rule.keep for rule in self.rules}
        longest = max((keep for keep in times if keep is not None), default=None)
        if len(times) == 1 or longest is None or longest == WHILE_ACCOUNT:
            return book.kept(longest)
        return book.kept_at_most.format(duration=book.duration(longest))

    def _without(self) -> list[str]:
        """What happens if the field stays empty."""
        book = self.voice.book
        said = list(dict.fromkeys(book.required.format(why=rule.required) for rule in self.rules if rule.required))
        for degrades, phrase in ((False, book.field_stops), (True, book.field_worsens)):
            hit = [says for service in self.services for says in self._hit(service, degrades=degrades)]
            said += [phrase.format(services=book.either(hit))] if hit else []
        if said:
            return said
        return [book.field_fixed if any(map(self._is_fixed, self.rules)) else book.field_free]

    def _is_fixed(self, rule: Collect) -> bool:
        """Whether the ground leaves no choice. An agreement does, wherever no service here needs the item."""
        contract = self.voice.policy.purposes[rule.purpose].basis is Basis.CONTRACT
        return not contract and self.item in self.voice.fixed(rule)

    def _hit(self, service: Service, *, degrades: bool) -> Iterator[str]:
        """What a service lets people do, where it needs this item for what the field is for."""
        lost = {Grant(self.item, rule.purpose) for rule in self.rules}
        needs = [need for need in service.needs if need.degrades is degrades and not lost.isdisjoint(need.grants)]
        others = [[one for one in need.any_of if lost.isdisjoint(one)] for need in needs]
        if not all(others):
            yield service.says
        elif needs:
            instead = self.voice.alternatives(dict.fromkeys(one for some in others for one in some))
            yield self.voice.book.field_instead.format(service=service.says, items=instead)


def link(policy: Policy, field: FieldNotice, notice: str | None = None) -> str:
    """Where the notice says more: at its published file, or at an address of the maker's."""
    return f"{notice or named(FILE, policy)}#{field.block}"


def plain(policy: Policy, field: FieldNotice, notice: str | None = None) -> str:
    """The field's notice as lines to read."""
    return "\n".join([field.label, *(f"  {one}" for one in field.sentences), f"  {link(policy, field, notice)}"])


def structured(policy: Policy, field: FieldNotice, notice: str | None = None) -> dict[str, Any]:
    """The field's notice for programs."""
    return {
        "item": field.item,
        "label": field.label,
        "language": field.language,
        "sentences": list(field.sentences),
        "more": field.more,
        "link": link(policy, field, notice),
        "html": snippet(policy, field, notice),
    }


def snippet(policy: Policy, field: FieldNotice, notice: str | None = None) -> str:
    """The field's notice as HTML, to put beside it."""
    says = escape(" ".join(field.sentences))
    more = f'<a href="{escape(link(policy, field, notice))}">{escape(field.more)}</a>'
    return f'<p class="remit-field" data-item="{field.item}" lang="{escape(field.language)}">{says} {more}</p>'
