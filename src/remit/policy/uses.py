"""The rules about uses: what facts, counts and needs may take, and in which form."""

import math
import re
from collections.abc import Iterator

from remit.policy.language import (
    K_DEFAULT,
    RESERVED,
    Finding,
    collected,
    columns,
    kinds,
    near,
    owners,
    rows,
    voters,
    wanted,
)
from remit.policy.model import PEOPLE_DEFAULT
from remit.policy.own import catalogue
from remit.policy.read import Node
from remit.policy.reduce import REDUCTIONS
from remit.policy.synonyms import near_item
from remit.policy.words import APP_NAME, INTRINSIC, RECEIVED, SDK_SOURCES, Item, Kind, Label, Period

NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_GROUPS_NAMED_MAX = 10**12
_ROUTE = re.compile(r"/|(/(\*|[^/*?#\s]+))+")


def uses(root: Node) -> Iterator[tuple[Node, str, Node]]:
    """Every item that a fact or count uses: where it stands, its key, and what uses it."""
    for _, owner in owners(root):
        yield from ((node, item, owner) for _, node, item, _reduction in columns(owner))
        yield from ((node, node.text(), owner) for _, node in rows(owner, "measure.*"))
    for _, owner in rows(root, "counts.*"):
        yield from ((node, item, owner) for node, item in voters(owner))


def used_items_are_collected(root: Node) -> Iterator[Finding]:
    """What a fact, count or need uses is collected for that very purpose; facts and counts see what SDKs send."""
    pairs, sent, known = collected(root), collected(root, sent=True), catalogue(root)
    found = [(node, item, owner.get("for"), sent) for node, item, owner in uses(root)]
    for _, need in rows(root, "services.*.needs[]"):
        found += [(one.node, one.node.text(), one.purpose, pairs) for one in wanted(need)]
    for node, item, purpose, there in found:
        if item in INTRINSIC or purpose is None:
            continue
        if item not in known:
            yield node, f"there is no item '{item}'", near_item(item, known)
        elif (item, purpose.text()) not in pairs:
            yield (
                node,
                f"'{item}' is not collected for '{purpose.text()}'",
                "add it to a collection rule for that purpose",
            )
        elif (item, purpose.text()) not in there:
            yield (
                node,
                f"'{item}' is told for '{purpose.text()}' by no SDK, and this shows what SDKs send",
                f"add it to a rule for that purpose from: {', '.join(sorted(SDK_SOURCES))}",
            )


def what_is_never_kept_is_used(root: Node) -> Iterator[Finding]:
    """What is only reduced or counted is used by some fact or count for its purpose: else it is taken for nothing."""
    used = {(item, purpose.text()) for _, item, owner in uses(root) if (purpose := owner.get("for")) is not None}
    for _, rule in rows(root, "collect[]"):
        keep, purpose = rule.get("keep"), rule.get("for")
        if keep is None or purpose is None or keep.text() != "never":
            continue
        for _, node in rows(rule, "items[]"):
            if (node.text(), purpose.text()) not in used:
                yield (
                    node,
                    f"'{node.text()}' is never kept, and nothing reduces or counts it for '{purpose.text()}'",
                    "leave it out, or use it in a fact or count",
                )


def reductions_fit(root: Node) -> Iterator[Finding]:
    """Only closed values become columns: a reduction that exists, of a type that it takes."""
    items = catalogue(root)
    for _, owner in owners(root):
        for _, node, item, reduction in columns(owner):
            entry = items.get(Item(item))
            if entry is None:
                continue
            if reduction is None:
                if item != APP_NAME:
                    personal = "personal" if entry.label is not Label.NOT else "open"
                    fitting = [one.name for one in REDUCTIONS.values() if entry.type.name in one.accepts]
                    yield (
                        node,
                        f"'{item}' is {personal}: it needs a reduction",
                        f"write  {item} | {' or '.join(fitting)}" if fitting else "measure it, or leave it out",
                    )
            elif reduction not in REDUCTIONS:
                yield node, f"there is no reduction '{reduction}'", near(reduction, REDUCTIONS)
            elif entry.type.name not in REDUCTIONS[reduction].accepts:
                yield (
                    node,
                    f"'{reduction}' does not take {entry.type.name}",
                    "choose a reduction of that type",
                )


def column_names_are_plain(root: Node) -> Iterator[Finding]:
    """Column names can stand in SQL and do not hide remit's own."""
    for _, owner in owners(root):
        seen: set[str] = set()
        measures = [(name, node) for _, block in rows(owner, "measure") for name, node in block.entries()]
        for name, node in [(name, node) for name, node, _i, _r in columns(owner)] + measures:
            if not NAME.fullmatch(name) or name in RESERVED or name in seen:
                yield node, f"'{name}' cannot be a column here", "choose another, single name like  page"
            seen.add(name)


def fallen_columns_exist(root: Node) -> Iterator[Finding]:
    """What is to become (other) in small cells are columns of the fact, each once, and none that tells when."""
    for _, fact in rows(root, "facts.*"):
        listed = {name: item for name, _, item, _ in columns(fact)}
        seen: set[str] = set()
        for _, node in rows(fact, "fall[]"):
            name = node.text()
            if name not in listed:
                yield node, f"'{name}' is no column here", near(name, listed)
            elif name in seen:
                yield node, f"'{name}' falls twice", "keep one of the two"
            elif listed[name] == RECEIVED:
                yield node, f"'{name}' tells when, which is never (other)", "leave it out"
            seen.add(name)


def measures_are_numbers(root: Node) -> Iterator[Finding]:
    """Only numbers have histograms."""
    items = catalogue(root)
    for _, node in rows(root, "facts.*.measure.*"):
        entry = items.get(Item(node.text()))
        if entry is not None and entry.type.name != "measure":
            yield (
                node,
                f"'{node.text()}' is not a number that can be measured",
                "choose an item such as page.duration",
            )


def facts_have_kinds(root: Node) -> Iterator[Finding]:
    """A fact counts kinds of record that exist."""
    known = [kind.value for kind in Kind]
    for name, fact in rows(root, "facts.*"):
        for node, kind in kinds(name, fact):
            if kind not in known:
                yield (
                    node,
                    f"'{kind}' is no kind of record",
                    "say  on: [...]  with some of: " + ", ".join(known),
                )


def counts_are_of_subjects(root: Node) -> Iterator[Finding]:
    """Only what names a subject can be counted, per day or month."""
    items = catalogue(root)
    countable = [key for _, key in sorted((one.rank, one.key) for one in items.values() if one.rank is not None)]
    periods = [period.value for period in Period]
    for _, count in rows(root, "counts.*"):
        for node, item in voters(count):
            entry = items.get(Item(item))
            if entry is not None and entry.rank is None:
                yield (
                    node,
                    f"'{item}' names nobody that could be counted",
                    f"count some of: {', '.join(countable)}",
                )
        for _, node in rows(count, "every[]"):
            if node.text() not in periods:
                yield node, f"'{node.text()}' is no period", near(node.text(), periods)


def columns_single_nobody_out(root: Node) -> Iterator[Finding]:
    """The columns of a fact tell no more groups apart than leave k of the expected people in each."""
    apps = dict(rows(root, "apps.*"))
    people = sum(_whole(app.get("people"), PEOPLE_DEFAULT) for app in apps.values())
    k = _whole(root.get("k"), K_DEFAULT)
    routes = max((sum(1 for _ in rows(app, "routes[]")) for app in apps.values()), default=0)
    for name, fact in rows(root, "facts.*"):
        listed = list(columns(fact))
        grain = next((hours for how, hours in (("hour", 1), ("day", 24)) if any(c[3] == how for c in listed)), 24)
        groups = math.prod(_range(item, way, apps=len(apps), routes=routes) for _n, _p, item, way in listed)
        if apps and groups * k * 24 > people * grain:
            told = f"{groups:,}" if groups < _GROUPS_NAMED_MAX else "endlessly many"
            place = f"{people * grain // 24:,} people are expected {'an hour' if grain == 1 else 'a day'}"
            yield (
                fact.get("by") or fact,
                f"'{name}' tells {told} groups apart, and {place}: fewer than {k} in a group",
                "drop or coarsen a column, or say how many  people: ...  each app has on a day",
            )


def _whole(node: Node | None, otherwise: int) -> int:
    value = otherwise if node is None else node.value
    return value if isinstance(value, int) and value > 0 else otherwise


def _range(item: str, reduction: str | None, *, apps: int, routes: int) -> int:
    """How many groups a column tells apart; 1 for what tells when, and for what another rule refuses."""
    if item == APP_NAME:
        return max(apps, 1)
    known = REDUCTIONS.get(reduction or "")
    if known is None or item == RECEIVED:
        return 1
    return 1 + (routes if known.outputs is None else known.outputs)


def routes_are_declared(root: Node) -> Iterator[Finding]:
    """Where pages are told apart, every app lists its page patterns."""
    if not any(reduction == "route" for _, owner in owners(root) for _, _n, _i, reduction in columns(owner)):
        return
    for name, app in rows(root, "apps.*"):
        if app.get("routes") is None:
            yield (
                app,
                f"{name} lists no routes, so every page would be (other)",
                "add  routes: [/, /product/*]",
            )
    for _, node in rows(root, "apps.*.routes[]"):
        if not _ROUTE.fullmatch(node.text()):
            yield (
                node,
                f"'{node.text()}' is no page pattern",
                "write a path, with * for one part:  /product/*",
            )
