"""What an SDK sends, field by field: looked at in one body of so many, whatever the plan needs of it.

Texts of few values are opened, and forgotten with the request: paths leave here, and no value but the name of an SDK.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import msgspec

from remit.wire.decoder import nodes, opened

NODES_SAMPLED_MAX = 20_000
"""How many nodes of a sampled body are looked at for undeclared paths, and how many a text may have to be opened for
it: some tens of milliseconds. A megabyte of empty lists takes two hundred to become Python's."""
UNSEEN = "(too many values to look at)"
"""What stands for the paths of a text that is not opened for a sample."""
AROUND_BYTES_MAX = 64 * 1024
"""How much may stand around the records of a body for a sample to look at it."""


class Seen(NamedTuple):
    """A leaf of a sampled body: its path, without the marks of lists, and whether something needs it.

    ``value`` stays within the walk: of all that a sample says, only the name of an SDK is one.
    """

    path: str
    is_needed: bool
    value: object = None

    def under(self, place: str) -> "Seen":
        """The same, where its text stands at a place."""
        if self.path == UNSEEN:
            return self
        return self._replace(path=f"{place}.{self.path.removeprefix('.')}".rstrip("."))


def is_small(text: bytes | msgspec.Raw) -> bool:
    """Whether a JSON text can have no more nodes than a sample looks at: each but the first has a comma or bracket."""
    data = bytes(text)
    return sum(map(data.count, (b",", b"[", b"{"))) < NODES_SAMPLED_MAX


Needed = Callable[[object], frozenset[str]]
"""The paths of a text, opened, that something needs."""


def under(place: str, found: Iterable[Seen | None]) -> Iterator[Seen | None]:
    """What each node of a text is, where that text stands at a place."""
    return (one and one.under(place) for one in found)


def always(*paths: str) -> Needed:
    """These, whatever the text is."""
    known = frozenset(paths)
    return lambda _: known


def seen(text: bytes | msgspec.Raw, needed: Needed) -> Iterator[Seen | None]:
    """What each node of a text is, None if it is no leaf; a large text is one that is not needed."""
    if not is_small(text):
        yield Seen(UNSEEN, is_needed=False)
        return
    whole = msgspec.json.decode(text)
    known = needed(whole)
    for path, value in nodes(whole):
        yield None if value is None else Seen(path.replace("[]", ""), path in known, value)


def seen_around(body: bytes, needed: Needed, *, key: str, part: msgspec.Raw) -> Iterator[Seen | None]:
    """The same of an object without what stands at one key, which is for itself; much around it is one that is not."""
    if len(body) - len(bytes(part)) > AROUND_BYTES_MAX:
        yield Seen(UNSEEN, is_needed=False)
    else:
        beside = {name: node for name, node in opened(msgspec.Raw(body)).items() if name != key}
        yield from seen(msgspec.json.encode(beside), needed)
