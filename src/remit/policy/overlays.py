"""The rules about jurisdictions: each is known, and tightens what the policy says."""

from collections.abc import Iterator

from remit.policy.language import Finding, bases, collected, duration, near, rows, wanted
from remit.policy.own import catalogue
from remit.policy.read import Node
from remit.policy.words import Basis, Item

_TELLING = ("country", "locale")
"""Types of items whose values name a country."""

_AGES = range(13, 22)
"""GDPR Art. 8(1) lets Member States choose from 13 to 16; no majority that we know of is above 21."""


def regions_are_told(root: Node) -> Iterator[Finding]:
    """Where laws differ it is said what tells the country, and what tells it can."""
    items = catalogue(root)
    telling = [key for key, entry in items.items() if entry.type.name in _TELLING]
    for _, node in rows(root, "region[]"):
        if node.text() not in telling:
            yield node, f"'{node.text()}' tells no country", near(node.text(), telling)
    laws, region = root.get("jurisdictions"), root.get("region")
    if laws is not None and region is None:
        yield laws, "it is not said what tells the country of a record", f"add  region: [{', '.join(telling)}]"
    if region is not None and laws is None:
        yield region, "no jurisdiction asks for the country", "add  jurisdictions  or leave it out"


def overlays_tighten(root: Node) -> Iterator[Finding]:
    """A jurisdiction demands something, and more than the policy does by itself: it never relaxes."""
    for key, law in rows(root, "jurisdictions.*"):
        if not any(law.get(part) is not None for part in ("consent", "forbid", "keep", "minimum-age", "signals")):
            yield law, f"'{key}' demands nothing", "add  consent, forbid, keep, minimum-age  or  signals"
        yield from _consents(root, law)
        yield from _keeps(root, law)
        taken = {item for item, _ in collected(root)}
        for _, node in rows(law, "forbid[]"):
            if Item(node.text()) not in taken:
                yield node, f"'{node.text()}' is not collected, so there is nothing to forbid", near(node.text(), taken)
        for _, node in rows(law, "minimum-age"):
            if not isinstance(node.value, int) or node.value not in _AGES:
                yield node, f"'{node.text()}' is no age of consent", f"write a number from {_AGES[0]} to {_AGES[-1]}"


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
