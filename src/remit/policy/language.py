"""The language of policies: its keys, its shapes, the names it reserves, and the ways through a tree of it."""

import difflib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import timedelta
from typing import NamedTuple

from remit.policy.read import Node
from remit.policy.words import (
    SDK_SOURCES,
    TEMPORARY,
    WHILE_ACCOUNT,
    Basis,
    Category,
    Label,
    Period,
    Role,
    Sensitivity,
    Source,
)

Finding = tuple[Node, str, str]
"""Where, what is wrong, and the fix."""

PARTS = {
    "": """
        version! languages controller! timezone k items purposes! services apps! providers recipients region
        jurisdictions signals collect! facts counts automated! documents
    """,
    "controller": "name! contact! country! representative officer authority address",
    "items.*": "title! label! category! sensitivity! type! like!",
    "purposes.*": "says! basis! dpv! keep compatible subjects consent",
    "purposes.*.compatible.*": "link! context! nature! consequences! safeguards!",
    "services.*": "says! needs requires",
    "services.*.needs[]": "any all item for degrades",
    "services.*.needs[].any[]": "all item for",
    "services.*.needs[].any[].all[]": "item for",
    "services.*.needs[].all[]": "any item for",
    "services.*.needs[].all[].any[]": "item for",
    "apps.*": "id! key! domain umami glean protocols services routes people",
    "providers.*": "name! country! says!",
    "recipients.*": "name! country! role! told! transfer",
    "recipients.*.told[]": "items! for!",
    "jurisdictions.*": "countries! consent forbid keep minimum-age signals",
    "jurisdictions.*.forbid[]": "item! for!",
    "signals": "gpc tcf gpp categories",
    "collect[]": "items! from! for! keep! required countries minimum-age",
    "facts.*": "by! measure on for! device_access exemption fall",
    "counts.*": "of! every! by sets for! device_access exemption",
    "documents": "notice stored-in law-of encrypted accounts delete-account delete-data",
    "automated[]": "says! logic! consequences! for!",
}
"""Every key of the language; ``!`` marks those that must be there."""

NEEDS = tuple(path for path in PARTS if path.startswith("services.*.needs[]"))
"""Where needs stand, and the needs within them."""

ITEMS_TOO = frozenset((*NEEDS[1:], "jurisdictions.*.forbid[]"))
"""Where an item may stand alone, instead of a part."""

NONE = "none"
NOTHING = {"automated[]": NONE}
"""Where a word may stand for that there is no such part."""


def _either(words: Iterable[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} or {last}"


ADDS = {
    "version": "version: 1",
    "controller": "controller: {name: ..., contact: ..., country: NL}",
    "purposes": "purposes: {deliver-order: {says: to deliver what you buy, basis: contract, dpv: DeliveryOfGoods}}",
    "apps": "apps: {shop: {id: 1, key: ..., services: [...]}}",
    "collect": "collect: [{items: [...], from: you, for: ..., keep: 2y}]",
    "country": "country: NL (two capital letters)",
    "id": "id: 1",
    "basis": f"basis: {_either(Basis)}",
    "role": f"role: {_either(Role)}",
    "items": "items: [...]",
    "from": f"from: {', '.join(one for one in Source if one is not Source.PROVIDER)} or the key of a provider",
    "keep": "keep: 2y (h, d, w, m, y), temporary, while-account or never",
    "every": f"every: {_either(Period)}, or [{', '.join(Period)}]",
    "label": f"label: {_either(Label)}",
    "category": f"category: {_either(Category)}",
    "sensitivity": f"sensitivity: {_either(Sensitivity)}",
    "automated": "automated: none, or what programs alone decide: {says: ..., logic: ..., consequences: ..., for: ...}",
}
"""What to add for a missing key, where that is not plain: its shape, or the words that can stand there."""

TEXTS = (
    """
    controller.name controller.contact controller.country
    controller.representative controller.officer controller.authority controller.address
    documents.notice documents.encrypted documents.delete-account documents.delete-data purposes.*.consent
    providers.*.name providers.*.country providers.*.says recipients.*.name recipients.*.country recipients.*.role
    recipients.*.transfer recipients.*.told[].for jurisdictions.*.keep.* jurisdictions.*.signals
    jurisdictions.*.forbid[].item jurisdictions.*.forbid[].for
    items.*.title items.*.label items.*.category items.*.sensitivity items.*.type items.*.like
    purposes.*.says purposes.*.basis purposes.*.dpv purposes.*.keep
    purposes.*.compatible.*.link purposes.*.compatible.*.context purposes.*.compatible.*.nature
    purposes.*.compatible.*.consequences purposes.*.compatible.*.safeguards
    services.*.says services.*.needs[].degrades
    apps.*.key apps.*.domain apps.*.umami apps.*.glean
    collect[].from collect[].for collect[].keep collect[].required facts.*.for facts.*.measure.* counts.*.for
    facts.*.device_access facts.*.exemption counts.*.device_access counts.*.exemption
    automated[].says automated[].logic automated[].consequences automated[].for
""".split()
    + [f"{path}.{key}" for path in NEEDS for key in ("item", "for")]
)
"""Where one word or sentence stands."""

LISTS = """
    services.*.requires apps.*.protocols apps.*.services apps.*.routes collect[].items facts.*.on
    facts.*.fall
    languages recipients.*.told[].items region jurisdictions.*.countries jurisdictions.*.consent collect[].countries
    purposes.*.subjects documents.stored-in documents.law-of documents.accounts
    counts.*.of counts.*.every signals.gpc signals.tcf.* signals.gpp.* signals.categories.*
""".split()
"""Where at least one word stands, alone or in a list."""

MIXED = ("jurisdictions.*.forbid",)
"""Where a list has words and parts."""

MAPPINGS = """
    items purposes purposes.*.compatible services apps providers recipients jurisdictions jurisdictions.*.keep facts
    counts facts.*.measure signals.tcf signals.gpp signals.categories
""".split()
"""Where names lead to parts."""

FILLED = "purposes.*.compatible recipients.*.told services.*.needs".split()
"""Where at least one part stands: whoever writes none forgot it, or could leave out the whole."""

HEARD = frozenset((Basis.CONSENT.value, Basis.LEGITIMATE_INTEREST.value))
"""Grounds on which whoever says no is always heard."""

AGES = range(13, 22)
"""GDPR Art. 8(1) lets Member States choose from 13 to 16; no majority that we know of is above 21."""

K_DEFAULT = 5
"""The smallest count that is shown, where the policy does not say."""

RESERVED = frozenset(
    """
    n period start identifiers tally
    all and any array as asc between by case cast create cross delete desc describe distinct drop else end
    except exists explain false final format from full global group having in inner insert intersect interval
    into is join left like limit not null offset on optimize or order outer prewhere right sample select set
    settings show system table then to true truncate union update use using values view when where with
    """.split()
)
"""Names that remit's own columns and tables, or SQL, already have."""


KNOWN_MAX = 12
"""How many known words a fix lists."""

_KEEP = re.compile(r"[1-9][0-9]{0,3}[hdwmy]")
_UNITS = {
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
    "m": timedelta(days=30),
    "y": timedelta(days=365),
}

_SPANS = {"never": timedelta(0), "temporary": TEMPORARY, "while-account": WHILE_ACCOUNT}


def duration(written: str) -> timedelta | None:
    """How long ``30d`` is; nothing at all for ``never``; None for what is no retention."""
    if written in _SPANS:
        return _SPANS[written]
    return int(written[:-1]) * _UNITS[written[-1]] if _KEEP.fullmatch(written) else None


def near(word: str, known: Collection[str], *, where: str = "") -> str:
    """A fix that names the likeliest meant word, or all known ones; of many the nearest, and where the others are."""
    close = difflib.get_close_matches(word, known, 1)
    if close:
        return f"did you mean '{close[0]}'?"
    if len(known) <= KNOWN_MAX:
        return f"known: {', '.join(sorted(known))}"
    nearest = sorted(known, key=lambda one: (-_likeness(word, one), one))[:KNOWN_MAX]
    return f"known: {', '.join(nearest)} ... and {len(known) - KNOWN_MAX} more{f': {where}' * bool(where)}"


def _likeness(word: str, other: str) -> float:
    return difflib.SequenceMatcher(None, _plainly(word), _plainly(other)).ratio()


def _plainly(name: str) -> str:
    # Whoever writes goods-delivery means DeliveryOfGoods: neither order nor capitals count.
    return " ".join(sorted(re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+", name), key=str.casefold)).casefold()


def rows(root: Node, path: str) -> Iterator[tuple[str, Node]]:
    """The nodes at a path of ``PARTS``, each with the key that leads to it."""
    found: list[tuple[str, Node]] = [("", root)]
    for part in re.findall(r"[^.\[\]]+|\[\]", path):
        if part == "[]":
            found = [(key, one) for key, node in found for one in node.elements()]
        elif part == "*":
            found = [pair for _, node in found for pair in node.entries()]
        else:
            found = [(part, below) for _, node in found if (below := node.get(part)) is not None]
    yield from found


def collected(root: Node, *, kept: bool = False, sent: bool = False) -> set[tuple[str, str]]:
    """All (item, purpose) pairs of the collection rules; of those that keep; of those that take what SDKs send."""
    return {
        (item.text(), purpose.text())
        for _, rule in rows(root, "collect[]")
        if not sent or ((source := rule.get("from")) is not None and source.text() in SDK_SOURCES)
        if (purpose := rule.get("for")) is not None and (items := rule.get("items")) is not None
        if not kept or ((keep := rule.get("keep")) is not None and keep.text() != "never")
        for item in items.elements()
    }


def bases(root: Node) -> dict[str, str]:
    """On what each purpose is said to stand, by its key."""
    return {key: basis.text() for key, one in rows(root, "purposes.*") if (basis := one.get("basis")) is not None}


class Wanted(NamedTuple):
    """One item of a need: where it stands, and the purpose for which it is needed, where one is said."""

    node: Node
    purpose: Node | None

    @property
    def grant(self) -> tuple[str, str]:
        """Item and purpose."""
        return self.node.text(), self.purpose.text() if self.purpose is not None else ""


def formula(need: Node) -> Iterator[tuple[Node, list[list[Wanted]]]]:
    """What a need asks, all of it: each with its place and its alternatives, each of them all of its items.

    An item is for the purpose that stands beside it, or else for that of the need around it.
    """
    around = need.get("for")
    for part in _within(need, "all"):
        purpose = part.get("for") or around
        yield part, [[*_wanted(one, one.get("for") or purpose)] for one in _within(part, "any")]


def _within(need: Node, word: str) -> list[Node]:
    """The needs that stand under ``any`` or ``all``; the need itself, where there is no such list."""
    listed = need.get(word)
    return [need] if listed is None else [*listed.elements()]


def _wanted(alternative: Node, purpose: Node | None) -> Iterator[Wanted]:
    for one in _within(alternative, "all"):
        item = one.get("item") or one
        if item.text():
            yield Wanted(item, one.get("for") or purpose)


def wanted(need: Node) -> Iterator[Wanted]:
    """Every item of a need."""
    return (one for _, alternatives in formula(need) for some in alternatives for one in some)


def indispensable(root: Node) -> set[tuple[str, str]]:
    """All (item, purpose) pairs that some service needs, and stops without: where it only degrades it does without."""
    return {
        one.grant
        for _, need in rows(root, "services.*.needs[]")
        if (degrades := need.get("degrades")) is None or degrades.value is not True
        for one in wanted(need)
    }


def with_required(services: Mapping[str, Node], key: str) -> dict[str, Node]:
    """A service and all that it requires, each once, itself first."""
    found: dict[str, Node] = {}
    waiting = [key]
    while waiting:
        one = waiting.pop(0)
        if one in services and one not in found:
            found[one] = services[one]
            waiting += [other.text() for _, other in rows(services[one], "requires[]")]
    return found


def columns(owner: Node) -> Iterator[tuple[str, Node, str, str | None]]:
    """Name, place, item and reduction of each dimension under ``by``."""
    by = owner.get("by")
    if by is None:
        return
    if isinstance(by.value, dict):
        pairs = list(by.entries())
    else:
        pairs = [(one.text().partition(".")[0], one) for one in by.elements()]
    for name, node in pairs:
        item, _, reduction = (part.strip() for part in node.text().partition("|"))
        yield (name, node, item, reduction or None)


def kinds(name: str, fact: Node) -> list[tuple[Node, str]]:
    """The kinds of record that a fact counts, each with its place: its own name, where it names none."""
    on = fact.get("on")
    return [(fact, name)] if on is None else [(one, one.text()) for one in on.elements()]


def owners(root: Node) -> Iterator[tuple[str, Node]]:
    """All facts and counts."""
    yield from rows(root, "facts.*")
    yield from rows(root, "counts.*")


def grouping_sets(count: Node) -> list[list[str]]:
    """Names of the columns of each grouping set that a count declares, as they are written."""
    return [[name.text() for name in one.elements()] for _, one in rows(count, "sets[]")]


def voters(count: Node) -> list[tuple[Node, str]]:
    """The items of a count's ``of``: one, a list, or ``first-of [a, b]``."""
    of = count.get("of")
    if of is None:
        return []
    if isinstance(of.value, list):
        return [(one, one.text()) for one in of.value]
    inner = re.fullmatch(r"first-of \[(.*)\]", of.text())
    # Quoted, it stays a text; unquoted, the reader has made a list of it.
    return [(of, item.strip()) for item in (inner[1].split(",") if inner else [of.text()])]
