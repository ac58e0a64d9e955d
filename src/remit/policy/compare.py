"""Two policies -> what changes for people, and which consents no longer cover what is done."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from difflib import SequenceMatcher
from typing import Any

from remit.policy.change import EFFECTS, Change, Difference, Effect, Reach, Renewal, Rewording
from remit.policy.comparisons import (
    Rules,
    apps,
    collected,
    frame,
    freedoms,
    languages,
    own_items,
    purposes,
    reasons,
    services,
    verdicts,
)
from remit.policy.law_comparisons import bounds, jurisdictions, signals
from remit.policy.model import Collect, Policy, Purpose
from remit.policy.party_comparisons import disclosures, providers
from remit.policy.phrases import plain
from remit.policy.plan import reading_with_a_yes
from remit.policy.render.notice_markdown import markdown
from remit.policy.spoken import stated
from remit.policy.statistic_comparisons import pages, statistics
from remit.policy.words import Basis, PurposeKey

RULES: Rules = (
    collected, bounds, disclosures, providers, jurisdictions, signals, reasons, own_items, freedoms, purposes, verdicts,
    statistics, pages, apps, services, frame, languages,
)  # fmt: skip
"""What is compared, in order; an effect's changes keep it."""


def outgrown(old: Policy, new: Policy) -> frozenset[PurposeKey]:
    """Purposes of which a consent that was given to ``old`` does not cover ``new``; those that only one has, too."""
    changes = [one for rule in RULES for one in rule(old, new)]
    again = {one.purpose for one in _renewals(old, new, changes)}
    return frozenset(again | (old.purposes.keys() ^ new.purposes.keys()))


def difference(old: Policy, new: Policy, *, rules: Rules | None = None) -> Difference:
    """What changes when ``new`` takes the place of ``old``; what no rule has words for is told too, without them.

    They are compared in a language that both speak, and what is said in others is told where it is said anew.
    """
    order = list(EFFECTS)
    pairs = list(_in_shared_languages(old, new))
    old, new = pairs[0]
    found = _found(old, new, rules)
    for before, after in pairs[1:]:
        found += _reworded(found, _found(before, after, rules), after.language)
    meant = all(_meaning(before) == _meaning(after) for before, after in pairs)
    if not any(one.reach is not Reach.NONE for one in found) and not meant:
        found.append(Change(effect=Effect.ELSE, about="policy", says="Compare the sentences of the notice."))
    if not found and _placeless(old) != _placeless(new):
        says = "Some of it stands in another order, or is written in another way."
        found.append(Change(effect=Effect.TECHNICAL, about="order", says=says))
    found.sort(key=lambda one: order.index(one.effect))
    rewordings = tuple(one for before, after in pairs for one in _rewordings(before, after))
    return Difference(tuple(found), tuple(_renewals(old, new, found)), rewordings)


def _in_shared_languages(old: Policy, new: Policy) -> Iterator[tuple[Policy, Policy]]:
    """Both policies in each language that they share; where they share none, as they are."""
    shared = [language for language in old.languages if language in new.languages]
    yield from ((stated(old, language), stated(new, language)) for language in shared)
    if not shared:
        yield old, new


def _found(old: Policy, new: Policy, rules: Rules | None) -> list[Change]:
    return [one for rule in (RULES if rules is None else rules) for one in rule(old, new)]


_SAID = (Effect.STATEMENT, Effect.SERVICE, Effect.CONTROLLER)


def _reworded(told: Sequence[Change], here: Sequence[Change], language: str) -> list[Change]:
    """What is said in other words in a further language; what is alike in all of them was told already."""
    anew = [one for one in here if one.effect in _SAID and one not in told]
    begun = [one for one in anew if one.effect is Effect.SERVICE and one.old is None]
    return [replace(one, says=f"In {language}: {one.says}") for one in anew if one not in begun]


_NEUTRAL = frozenset(
    """
    Policy.version Policy.timezone Policy.catalogue Policy.language Policy.texts Purpose.dpv App.number App.key
    App.domain App.protocols App.people App.routes App.website App.application Dimension.name Measure.name Fact.fall
    """.split()
)
"""What concerns senders and tools, and not people; ``pages`` tells of routes where a statistic shows them."""


def _meaning(value: object) -> object:
    """A part of a policy without its order, its places and what concerns nobody: equal where people see no change."""
    if is_dataclass(value):
        return tuple((part, _meaning(getattr(value, part))) for part in _parts(value))
    if isinstance(value, Mapping):
        return frozenset((key, _meaning(one)) for key, one in value.items())
    if isinstance(value, tuple):
        return frozenset(
            meaning for one in value for meaning in (_rule(one) if isinstance(one, Collect) else [_meaning(one)])
        )
    return plain(value) if type(value) is str else value


def _rule(rule: Collect) -> Iterator[object]:
    """A collection rule, one item at a time: two rules may say what one does."""
    parts = [(part, _meaning(getattr(rule, part))) for part in _parts(rule) if part not in ("index", "items")]
    yield from ((item, *parts) for item in rule.items)


def _parts(value: Any) -> list[str]:
    of = type(value).__name__
    return [one.name for one in fields(value) if one.name != "line" and f"{of}.{one.name}" not in _NEUTRAL]


def _placeless(value: object) -> object:
    """A part of a policy, in its order, without its lines."""
    if is_dataclass(value):
        return [_placeless(getattr(value, one.name)) for one in fields(value) if one.name != "line"]
    if isinstance(value, Mapping):
        return [(key, _placeless(one)) for key, one in value.items()]
    return [_placeless(one) for one in value] if isinstance(value, tuple) else value


def _renewals(old: Policy, new: Policy, changes: Sequence[Change]) -> Iterator[Renewal]:
    """Purposes on consent whose wording, ground or reach is no longer what people said yes to."""
    for key, purpose in new.purposes.items():
        before = old.purposes.get(key)
        if before is None or not (_asks(old, before) or _asks(new, purpose)):
            continue
        because = tuple(one.says for one in changes if _outgrows(one, key))
        if because:
            yield Renewal(key, because)


def _asks(policy: Policy, purpose: Purpose) -> bool:
    """Whether people are asked: for the purpose itself, at least in some places, or before devices are read for it."""
    in_places = any(purpose.key in one.consent for one in policy.jurisdictions.values())
    return purpose.basis is Basis.CONSENT or in_places or purpose.key in reading_with_a_yes(policy)


def _outgrows(change: Change, purpose: PurposeKey) -> bool:
    """Whether a consent to this purpose from before the change does not cover it."""
    if change.about == "controller.name":
        return True
    renews = change.reach is Reach.WIDER or change.effect in (Effect.BASIS, Effect.STATEMENT)
    return change.purpose == purpose and renews


def _rewordings(old: Policy, new: Policy) -> Iterator[Rewording]:
    before, after = _sentences(old), _sentences(new)
    for what, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if what != "equal":
            yield Rewording(tuple(before[i:j]), tuple(after[k:m]))


def _sentences(policy: Policy) -> list[str]:
    return [line.lstrip("-# ") for line in markdown(policy).splitlines() if line]
