"""Tables of pages that come from the code: `make pages` writes them between their marks. Here are docs/policy.md's."""

import re
from collections.abc import Callable, Iterator, Mapping

from remit.policy.catalogue import CATALOGUE
from remit.policy.protocols import CARRIED, SENT
from remit.policy.reduce import REDUCTIONS
from remit.policy.synonyms import SYNONYMS
from remit.policy.words import RECORDS, Item, Kind

_MADE = re.compile(r"(<!-- made: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def _protocols() -> Iterator[str]:
    """What each protocol brings: kinds of record, and items that can be counted, strongest first."""
    countable = sorted((entry.rank, entry.key) for entry in CATALOGUE.values() if entry.rank is not None)
    yield "| Protocol | Kinds of record | Items that name somebody, and can be counted |"
    yield "|---|---|---|"
    for name, items in CARRIED.items():
        kinds = _listed(kind.value for kind in Kind if kind in SENT[name])
        names = _listed(key for _, key in countable if key in items)
        yield f"| `{name}` | {kinds} | {names or 'none'} |"


def _reductions() -> Iterator[str]:
    """What each reduction takes, by the types of items, and what the notice says that it leaves."""
    yield "| Name | Takes | Leaves |"
    yield "|---|---|---|"
    for one in REDUCTIONS.values():
        yield f"| `{one.name}` | {', '.join(sorted(one.accepts))} | {one.says} |"


def _kinds() -> Iterator[str]:
    """What a record of each kind tells."""
    yield "| Kind | It tells |"
    yield "|---|---|"
    yield from (f"| `{kind}` | {tells} |" for kind, tells in RECORDS.items())


_USUAL = """
account.id name email phone shipping_address message.text event.name page.url page.referrer page.duration
campaign.source net.ip net.user_agent net.cookie os.name app.version locale crash.type crash.stack ad.click_id
""".split()
"""The items that a web shop needs most often."""


def _items() -> Iterator[str]:
    """What the usual items are, and what people call them."""
    yield "| Item | What it is | Also called |"
    yield "|---|---|---|"
    for entry in (CATALOGUE[Item(key)] for key in _USUAL):
        yield f"| `{entry.key}` | {entry.title} | {', '.join(SYNONYMS[entry.key])} |"


def _listed(words: Iterator[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


Tables = Mapping[str, Callable[[], Iterator[str]]]
"""What writes each block of a page, by the name in its mark."""

MADE: Tables = {"protocols": _protocols, "reductions": _reductions, "kinds": _kinds, "items": _items}


def written(page: str, made: Tables = MADE) -> str:
    """The page, with what the code says now."""
    return _MADE.sub(lambda block: block[1] + "\n".join(made[block[2]]()) + "\n" + block[3], page)
