"""The rules about who else is there: providers who tell us about people, and recipients who are told."""

from collections.abc import Iterator

from remit.policy.language import Finding, collected, near, rows
from remit.policy.places import COUNTRIES, EEA, GROUPS
from remit.policy.platitudes import says_nothing
from remit.policy.read import Node
from remit.policy.words import Role, Source

_PLACES = ("jurisdictions.*.countries[]", "collect[].countries[]", "documents.stored-in[]", "documents.law-of[]")
_COUNTRIES = ("controller.country", "providers.*.country", "recipients.*.country")


def countries_have_codes(root: Node) -> Iterator[Finding]:
    """A country stands by its code of two letters (ISO 3166-1 alpha-2)."""
    for path in _COUNTRIES:
        for _, node in rows(root, path):
            if node.text() not in COUNTRIES:
                yield node, f"'{node.text()}' is no code of a country", "write two capital letters, such as  NL"
    for path in _PLACES:
        for _, node in rows(root, path):
            if node.text() not in COUNTRIES | GROUPS.keys():
                yield (
                    node,
                    f"'{node.text()}' is no country",
                    f"write two capital letters, or one of: {', '.join(GROUPS)}",
                )


def providers_tell(root: Node) -> Iterator[Finding]:
    """Who is named as a provider tells something, and is described."""
    heard = {node.text() for _, node in rows(root, "collect[].from")}
    for _, providers in rows(root, "providers"):
        for key, one in providers.entries():
            if key not in heard:
                yield providers.keys[key], f"nothing is told by '{key}'", f"collect something  from: {key}"
            if (says := one.get("says")) is not None and says_nothing(says.text()):
                yield says, f"'{says.text()}' does not say who that is", "say what they are, and how they come to know"


def providers_have_names(root: Node) -> Iterator[Finding]:
    """No provider is called like another source."""
    for _, providers in rows(root, "providers"):
        for key in providers.keys:
            if key in {source.value for source in Source}:
                yield providers.keys[key], f"'{key}' is a source already", "choose another name"


def roles_are_known(root: Node) -> Iterator[Finding]:
    """A recipient works for the controller, decides with them, or decides alone."""
    known = [role.value for role in Role]
    for _, node in rows(root, "recipients.*.role"):
        if node.text() not in known:
            yield node, f"'{node.text()}' is no role of a recipient", near(node.text(), known)


def told_items_are_kept(root: Node) -> Iterator[Finding]:
    """What a recipient is told is kept for that very purpose."""
    kept = collected(root, kept=True)
    for _, told in rows(root, "recipients.*.told[]"):
        purpose, items = told.get("for"), told.get("items")
        if purpose is None or items is None:
            continue
        for node in items.elements():
            if (node.text(), purpose.text()) not in kept:
                yield (
                    node,
                    f"'{node.text()}' is not kept for '{purpose.text()}', so nobody can be told for it",
                    "name what a collection rule keeps for that purpose",
                )


def transfers_rest_on_something(root: Node) -> Iterator[Finding]:
    """What leaves the European Economic Area leaves it on a ground that is named (GDPR Chapter V)."""
    home = root.get("controller")
    country = home.get("country") if home is not None else None
    if country is None or country.text() not in EEA:
        return
    for key, one in rows(root, "recipients.*"):
        where, ground = one.get("country"), one.get("transfer")
        if where is None or where.text() not in COUNTRIES:
            continue
        abroad = where.text() not in EEA
        if abroad and ground is None:
            yield where, f"'{key}' is told outside the EEA, and it is not said on what ground", "add  transfer: ..."
        elif abroad and ground is not None and says_nothing(ground.text()):
            yield ground, f"'{ground.text()}' is no ground", "name the decision, the clauses or the rules"
        elif not abroad and ground is not None:
            yield ground, f"'{key}' is in the EEA: that is no transfer", "leave it out"
