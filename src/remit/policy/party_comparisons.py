"""What changes between two policies about who else is there: who is told what, and who tells."""

from collections.abc import Iterator, Mapping
from itertools import groupby

from remit.policy.change import Change, Effect
from remit.policy.comparisons import both, change
from remit.policy.model import Disclosure, Grant, Policy, Provider, Recipient
from remit.policy.phrases import ROLES, capital, plain, reason, titles
from remit.policy.words import Item, PurposeKey


def disclosures(old: Policy, new: Policy) -> Iterator[Change]:
    """Who is told what, and what for. Whoever moves, or decides more for themselves, is told all of it anew."""
    for key, was, now in both(old.recipients, new.recipients):
        before, after = (_tellings(one) for one in (was, now))
        moved = was is not None and now is not None and (was.role, was.country) != (now.role, now.country)
        if now is not None:
            come = {grant: told for grant, told in after.items() if moved or grant not in before}
            for purpose, items, told in _by_purpose(come):
                says = f"{_called(now)}, is told {titles(new, items)}, {reason(new, purpose)}."
                yield change(Effect.DISCLOSED, key, says, purpose=purpose, items=items, was=None, now=told)
        if was is not None:
            gone = {grant: told for grant, told in before.items() if grant not in after}
            for purpose, items, told in _by_purpose(gone):
                says = f"{_called(was)}, is no longer told {titles(old, items)}, {reason(old, purpose)}."
                yield change(Effect.STOPS, key, says, purpose=purpose, items=items, was=told, now=None)
        yield from _described(key, was, now, parts=("name", "country", "role", "transfer"))


def _tellings(one: Recipient | None) -> dict[Grant, Disclosure]:
    return {Grant(item, told.purpose): told for told in (one.told if one else ()) for item in told.items}


def _by_purpose(tellings: Mapping[Grant, Disclosure]) -> Iterator[tuple[PurposeKey, list[Item], Disclosure]]:
    """What is told, purpose by purpose, with the first place that says so."""
    for purpose, run in groupby(sorted(tellings, key=lambda grant: grant.purpose), key=lambda grant: grant.purpose):
        grants = list(run)
        yield purpose, [grant.item for grant in grants], tellings[grants[0]]


def _called(one: Recipient) -> str:
    return f"{capital(plain(one.name))} ({one.country}), {ROLES[one.role]}"


def providers(old: Policy, new: Policy) -> Iterator[Change]:
    """Who tells; what they tell is told where it is collected."""
    for key, was, now in both(old.providers, new.providers):
        yield from _described(key, was, now, parts=("name", "country", "says"))


def _described(
    key: str, was: Provider | Recipient | None, now: Provider | Recipient | None, *, parts: tuple[str, ...]
) -> Iterator[Change]:
    if was is None or now is None:
        says = f"{key} {'is named' if now else 'is no longer named'}."
        yield change(Effect.TECHNICAL, key, says, was=was, now=now)
        return
    for part in parts:
        before, after = (plain(str(getattr(one, part) or "nothing was said")) for one in (was, now))
        if before != after:
            says = f"The {part} of {key}: {after}; before, {before}."
            yield change(Effect.STATEMENT, key, says, was=was, now=now)
