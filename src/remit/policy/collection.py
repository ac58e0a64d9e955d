"""The rules about collecting: who told it, how long it stays, and whether it can be refused."""

from collections.abc import Iterator

from remit.policy.language import AGES, HEARD, Finding, bases, collected, duration, indispensable, near, rows, wanted
from remit.policy.own import catalogue
from remit.policy.places import countries
from remit.policy.platitudes import says_nothing
from remit.policy.read import Node
from remit.policy.synonyms import near_item
from remit.policy.words import INTRINSIC, SDK_SOURCES, WHILE_ACCOUNT, Basis, Label, Source


def items_exist(root: Node) -> Iterator[Finding]:
    """Items are in the catalogue, and those that remit knows by itself need no collecting."""
    known = catalogue(root)
    named = [node for path in ("collect[].items[]", "recipients.*.told[].items[]") for _, node in rows(root, path)]
    for node in (*named, *(one.node for _, need in rows(root, "services.*.needs[]") for one in wanted(need))):
        if node.text() in INTRINSIC:
            yield (
                node,
                f"remit knows '{node.text()}' by itself: it is not collected",
                "leave it out of the rule; facts may use it",
            )
        elif node.text() not in known:
            yield (
                node,
                f"there is no item '{node.text()}' to collect",
                near_item(node.text(), known.keys() - INTRINSIC, where="remit schema"),
            )


def sources_exist(root: Node) -> Iterator[Finding]:
    """It is said who told us; a provider by name (GDPR Art. 14(2)(f))."""
    known = [source.value for source in Source if source is not Source.PROVIDER]
    known += [key for _, providers in rows(root, "providers") for key in providers.keys]
    for _, node in rows(root, "collect[].from"):
        if node.text() == Source.PROVIDER:
            yield node, "it is not said which provider", "name it under  providers  and write its key here"
        elif node.text() not in known:
            yield node, f"'{node.text()}' is no source, and no provider", near(node.text(), known)


def retention_is_set(root: Node) -> Iterator[Finding]:
    """It is said how long a value is kept."""
    for _, node in rows(root, "collect[].keep"):
        if duration(node.text()) is None:
            words = "temporary, while-account, never"
            yield node, f"'{node.text()}' is no retention", f"write  keep: 30d  (h, d, w, m, y), or one of: {words}"
    here = "the longest that anything stays for the purpose: 30d  (h, d, w, m, y), temporary or never"
    for _, node in rows(root, "purposes.*.keep"):
        kept = duration(node.text())
        if kept is None:
            yield node, f"'{node.text()}' is no retention", f"write {here}; or leave it out"
        elif kept == WHILE_ACCOUNT:
            yield (
                node,
                f"'{node.text()}' is said of items that are kept, not of a purpose",
                f"write it as  keep  of rules of  collect  and leave it out here, where may stand {here}",
            )


def collected_once(root: Node) -> Iterator[Finding]:
    """One item, from one source, for one purpose, has one retention."""
    seen: set[tuple[str, str, str]] = set()
    for _, rule in rows(root, "collect[]"):
        told, purpose, items = rule.get("from"), rule.get("for"), rule.get("items")
        if told is None or purpose is None or items is None:
            continue
        for node in items.elements():
            use = (node.text(), told.text(), purpose.text())
            if use in seen:
                yield node, f"'{use[0]}' is already collected from '{use[1]}' for '{use[2]}'", "keep one rule"
            seen.add(use)


def places_are_alike(root: Node) -> Iterator[Finding]:
    """What is collected for a purpose in some countries only is so whoever tells it: each rule names the same."""
    places: dict[tuple[str, str], list[str]] = {}
    for _, rule in rows(root, "collect[]"):
        purpose, items = rule.get("for"), rule.get("items")
        if purpose is None or items is None:
            continue
        here = sorted(countries(node.text() for _, node in rows(rule, "countries[]")))
        for node in items.elements():
            if places.setdefault((node.text(), purpose.text()), here) != here:
                yield (
                    rule.get("countries") or node,
                    f"another rule takes '{node.text()}' for '{purpose.text()}' in other countries",
                    "name the same countries in both, or give it another purpose here",
                )


def ages_are_of_consents(root: Node) -> Iterator[Finding]:
    """Only a consent has an age: nobody knows how old whoever sends is, and who agrees can be asked."""
    grounds = bases(root)
    for _, rule in rows(root, "collect[]"):
        age, purpose = rule.get("minimum-age"), rule.get("for")
        if age is None:
            continue
        if not isinstance(age.value, int) or age.value not in AGES:
            yield age, f"'{age.text()}' is no age of consent", f"write a number from {AGES[0]} to {AGES[-1]}"
        elif purpose is not None and grounds.get(purpose.text()) not in (None, Basis.CONSENT.value):
            yield (
                age,
                f"nobody is asked before '{purpose.text()}', so remit cannot tell how old they are",
                "leave it out, or give the purpose the basis consent",
            )


def accounts_are_named(root: Node) -> Iterator[Finding]:
    """What stays while an account exists belongs to an account: something that is collected names a person."""
    items, taken = catalogue(root), {item for item, _ in collected(root)}
    naming = [key for key, entry in items.items() if entry.rank is not None and entry.label is Label.DIRECTLY]
    if not taken.isdisjoint(naming):
        return
    for _, node in rows(root, "collect[].keep"):
        if duration(node.text()) == WHILE_ACCOUNT:
            yield node, "no account is collected with which this could end", f"collect one of: {', '.join(naming)}"


def kept_items_are_somebodys(root: Node) -> Iterator[Finding]:
    """What is kept is kept under a name, so that it can be shown and erased: something that is sent names somebody."""
    naming = {entry.key for entry in catalogue(root).values() if entry.rank is not None}
    if not naming.isdisjoint(item for item, _ in collected(root, sent=True)):
        return
    for _, rule in rows(root, "collect[]"):
        keep, source = rule.get("keep"), rule.get("from")
        if keep is not None and source is not None and source.text() in SDK_SOURCES and keep.text() != "never":
            yield (
                keep,
                "nothing that is sent names anybody under whom this could be kept",
                "collect an identifier, such as account.id or device.installation, or keep it never and reduce it",
            )


def required_is_not_refusable(root: Node) -> Iterator[Finding]:
    """What is called required cannot be refused, and it is said why: consent and objection would have to be heard."""
    grounds = bases(root)
    for _, rule in rows(root, "collect[]"):
        why, purpose = rule.get("required"), rule.get("for")
        if why is None or purpose is None:
            continue
        if grounds.get(purpose.text()) in HEARD:
            yield (
                why,
                f"'{purpose.text()}' stands on {grounds[purpose.text()]}, so people may say no",
                "leave out  required, or give the purpose another basis",
            )
        if says_nothing(why.text()):
            yield why, f"'{why.text()}' is no reason", "say in words what cannot be done without it, as the notice will"


def required_is_needed(root: Node) -> Iterator[Finding]:
    """What an agreement is said to require, some service stops without: else it can be refused."""
    grounds, needed = bases(root), indispensable(root)
    for _, rule in rows(root, "collect[]"):
        purpose, items = rule.get("for"), rule.get("items")
        if rule.get("required") is None or purpose is None or items is None:
            continue
        if grounds.get(purpose.text()) != Basis.CONTRACT.value:
            continue
        for node in items.elements():
            if (node.text(), purpose.text()) not in needed:
                yield (
                    node,
                    f"'{node.text()}' is required, but no service stops without it for '{purpose.text()}'",
                    "let people refuse it, or say which service needs it",
                )
