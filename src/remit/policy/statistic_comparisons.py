"""What changes between two policies about statistics: what facts show, what counts count, and on which grounds."""

from collections.abc import Iterable, Iterator

from remit.policy.change import Change, Effect
from remit.policy.comparisons import both, change
from remit.policy.grouping import GroupingSet, sets
from remit.policy.model import Count, Fact, Policy
from remit.policy.phrases import ACCESS, column, listed, plain, reason, titles
from remit.policy.words import DeviceAccess, Item


def statistics(old: Policy, new: Policy) -> Iterator[Change]:
    """What facts show and counts count."""
    for name, fact_was, fact_now in both(old.facts, new.facts):
        yield from _statistic(name, fact_was, fact_now, pair=(old, new))
    for name, count_was, count_now in both(old.counts, new.counts):
        yield from _statistic(name, count_was, count_now, pair=(old, new))


def _statistic(
    name: str, was: Fact | Count | None, now: Fact | Count | None, *, pair: tuple[Policy, Policy]
) -> Iterator[Change]:
    old, new = pair
    before, after = _shows(old, was), _shows(new, now)
    if now is not None:
        effect = Effect.COUNTED if isinstance(now, Count) else Effect.SHOWN
        come = {shown: says for shown, says in after.items() if shown not in before}
        if come:
            says = f"{name} shows {listed([*come.values()])}; {reason(new, now.purpose)}."
            yield change(effect, name, says, purpose=now.purpose, items=_items(come), was=was, now=now)
    if was is not None:
        gone = {shown: says for shown, says in before.items() if shown not in after}
        if gone:
            says = f"{name} no longer shows {listed([*gone.values()])}; {reason(old, was.purpose)}."
            yield change(Effect.STOPS, name, says, purpose=was.purpose, items=_items(gone), was=was, now=now)
    if was is not None and now is not None:
        if was.purpose != now.purpose:
            says = f"{name}: {reason(new, now.purpose)}; before, {reason(old, was.purpose)}."
            yield change(Effect.PURPOSE, name, says, purpose=now.purpose, items=_items(after), was=was, now=now)
        if isinstance(was, Count) and isinstance(now, Count) and was.of != now.of and set(was.of) == set(now.of):
            says = f"{name} now tells apart by the first that is there of {titles(new, now.of)}."
            yield change(Effect.COUNTED, name, says, purpose=now.purpose, items=now.of, was=was, now=now)
        yield from _access(name, was, now)
        if isinstance(was, Fact) and isinstance(now, Fact) and was.fall != now.fall:
            says = f"Small cells of {name} are to lose columns in another order. Nothing does that yet."
            yield change(Effect.TECHNICAL, name, says, was=was, now=now)
        if before.keys() == after.keys() and _names(was) != _names(now):
            says = f"Columns of {name} have other names, or another order."
            yield change(Effect.TECHNICAL, name, says, was=was, now=now)


def _access(name: str, was: Fact | Count, now: Fact | Count) -> Iterator[Change]:
    """On which ground devices are read: where nothing was read, or somebody was asked first, any other reads more."""
    before, after = (ACCESS[one.access] + (f" ({plain(one.exemption)})" if one.exemption else "") for one in (was, now))
    if before != after:
        says = f"For {name}, {after}; before, {before}."
        effect = Effect.READ if _FREE[now.access] > _FREE[was.access] else Effect.BASIS
        yield change(effect, name, says, purpose=now.purpose, was=was, now=now)


_FREE = {DeviceAccess.NONE: 0, DeviceAccess.CONSENT: 1, DeviceAccess.NECESSARY: 2, DeviceAccess.EXEMPT: 2}
"""How freely devices are read."""

_Shown = tuple[str, str, str | None]
"""One thing that a statistic shows: in which way, of what, and reduced how."""


def _shows(policy: Policy, owner: Fact | Count | None) -> dict[_Shown, str]:
    """All that a statistic shows, each with its words."""
    shown: dict[_Shown, str] = {}
    if isinstance(owner, Fact):
        shown |= {("on", kind, None): f"how many records told of {kind}" for kind in owner.kinds}
        shown |= {("of", one.item, None): f"the distribution of {titles(policy, [one.item])}" for one in owner.measures}
    elif isinstance(owner, Count):
        shown |= {("every", period, None): f"how many there were in a {period}" for period in owner.every}
        values = "how many different values of {} there were"
        shown |= {("of", item, None): values.format(titles(policy, [item])) for item in owner.of}
        shown |= {("set", _said(one), None): _told(policy, one) for one in sets(owner)[:-1]}
    if owner is not None:
        shown |= {("by", one.item, one.reduction): column(policy, one) for one in owner.dimensions}
    return shown


def _said(one: GroupingSet) -> str:
    """What a set is told apart by, whatever its columns are called."""
    return " ".join(sorted(f"{column.item}|{column.reduction}" for column in one.columns))


def _told(policy: Policy, one: GroupingSet) -> str:
    told = [column(policy, each) for each in one.columns]
    return f"the number by {listed(told)} alone" if told else "the number in all"


def _items(shown: Iterable[_Shown]) -> list[Item]:
    return [*dict.fromkeys(Item(of) for way, of, _ in shown if way in ("by", "of"))]


def _names(owner: Fact | Count) -> list[str]:
    measures = owner.measures if isinstance(owner, Fact) else ()
    return [*(one.name for one in owner.dimensions), *(one.name for one in measures)]


def pages(old: Policy, new: Policy) -> Iterator[Change]:
    """Which pages a statistic that there was, and is, tells apart."""
    for name, fact in new.facts.items():
        if not any(one.reduction == "route" for one in fact.dimensions) or name not in old.facts:
            continue
        for app, was, now in both(old.apps, new.apps):
            if was is None or now is None:
                continue
            for effect, more, less in ((Effect.SHOWN, now, was), (Effect.STOPS, was, now)):
                moved = [route for route in more.routes if route not in less.routes]
                if moved:
                    verb = "tells apart" if more is now else "no longer tells apart"
                    says = f"{name} {verb} pages of {app} like {listed(moved)}; {reason(new, fact.purpose)}."
                    yield change(effect, name, says, purpose=fact.purpose, was=was, now=now)
