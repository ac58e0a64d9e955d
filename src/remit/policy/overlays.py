"""The rules about jurisdictions: each is known, and tightens what the policy says."""

from collections.abc import Iterator

from remit.policy.language import AGES, Finding, bases, collected, duration, near, rows, wanted
from remit.policy.own import catalogue
from remit.policy.read import Node
from remit.policy.synonyms import near_item
from remit.policy.words import Basis

_TELLING = ("country", "locale")
"""Types of items whose values name a country."""


def regions_are_told(root: Node) -> Iterator[Finding]:
    """Where laws differ it is said what tells the country, and what tells it can."""
    items = catalogue(root)
    telling = [key for key, entry in items.items() if entry.type.name in _TELLING]
    for _, node in rows(root, "region[]"):
        if node.text() not in telling:
            yield node, f"'{node.text()}' tells no country", near(node.text(), telling)
    region = root.get("region")
    laws = root.get("jurisdictions") or next((node for _, node in rows(root, "collect[].countries")), None)
    if laws is not None and region is None:
        yield laws, "it is not said what tells the country of a record", f"add  region: [{', '.join(telling)}]"
    if region is not None and laws is None:
        yield region, "no jurisdiction and no rule asks for the country", "add  jurisdictions  or leave it out"


def overlays_tighten(root: Node) -> Iterator[Finding]:
    """A jurisdiction demands something, and more than the policy does by itself: it never relaxes."""
    for key, law in rows(root, "jurisdictions.*"):
        if not any(law.get(part) is not None for part in ("consent", "forbid", "keep", "minimum-age", "signals")):
            yield law, f"'{key}' demands nothing", "add  consent, forbid, keep, minimum-age  or  signals"
        yield from _consents(root, law)
        yield from _keeps(root, law)
        yield from _forbids(root, law)
        for _, node in rows(law, "minimum-age"):
            if not isinstance(node.value, int) or node.value not in AGES:
                yield node, f"'{node.text()}' is no age of consent", f"write a number from {AGES[0]} to {AGES[-1]}"


def _consents(root: Node, law: Node) -> Iterator[Finding]:
    grounds = bases(root)
    needed = {one.grant[1] for _, need in rows(root, "services.*.needs[]") for one in wanted(need)}
    for _, node in rows(law, "consent[]"):
        stands = grounds.get(node.text())
        if stands == Basis.CONSENT.value:
            yield node, f"'{node.text()}' needs a consent everywhere", "leave it out"
        elif stands is not None and stands != Basis.LEGITIMATE_INTEREST.value:
            yield node, f"'{node.text()}' stands on {stands}, of which a consent takes nothing", "leave it out"
        elif node.text() in needed:
            yield node, f"a service would depend on a consent to '{node.text()}'", "drop the need, or forbid the item"


def _forbids(root: Node, law: Node) -> Iterator[Finding]:
    grants = collected(root)
    taken = {item for item, _ in grants}
    whole = {node.text() for _, node in rows(law, "forbid[]")}
    for _, node in rows(law, "forbid[]"):
        item, purpose = node.get("item"), node.get("for")
        word = node.text() if item is None else item.text()
        place = item or node
        if not word:
            continue  # told as missing
        if word not in taken:
            yield place, f"'{word}' is not collected, so there is nothing to forbid", near_item(word, taken)
        elif item is not None and word in whole:
            yield place, f"'{word}' is forbidden here for every purpose", "keep one of the two"
        elif purpose is not None and (word, purpose.text()) not in grants:
            known = [key for one, key in grants if one == word]
            yield purpose, f"'{word}' is not collected for '{purpose.text()}'", near(purpose.text(), known)


def _keeps(root: Node, law: Node) -> Iterator[Finding]:
    for _, limits in rows(law, "keep"):
        for purpose, node in limits.entries():
            limit = duration(node.text())
            stays = [
                duration(keep.text())
                for _, rule in rows(root, "collect[]")
                if (of := rule.get("for")) is not None and of.text() == purpose
                if (keep := rule.get("keep")) is not None
            ]
            if not limit:
                yield node, f"'{node.text()}' is no retention here", "write  30d  (h, d, w, m, y), or forbid the items"
            elif not any(one is not None and one > limit for one in stays):
                yield node, f"nothing stays longer than '{node.text()}' for '{purpose}'", "shorten it, or leave it out"
