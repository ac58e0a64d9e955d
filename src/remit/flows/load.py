"""What one turn of the divider sends to each store, as bytes. The two halves share nothing."""

from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from remit.policy.split import Block, Cell, CellKey
from remit.ports import Figure

TallyRow = tuple[int, str, str, str, str, str, int]
"""Day (epoch seconds), app, item, purpose, fate, reason, n."""


SentRow = tuple[int, str, str, str, str, str, str, int, int]
"""Day (epoch seconds), app, protocol, SDK, version, path, ``needed`` or ``undeclared``, n, variance of n."""


class Factual(msgspec.Struct, frozen=True, kw_only=True):
    """The non-personal half of a load. Rows are sorted, so that their order says nothing."""

    cells: list[tuple[str, list[str | int], int, dict[str, dict[int, int]]]]
    figures: list[Figure]
    tally: list[TallyRow]
    sent: list[SentRow] = []

    def generations(self) -> set[str]:
        """Of which facts and counts it brings something, by generation."""
        return {fact for fact, *_ in self.cells} | {figure.count for figure in self.figures}

    def as_cells(self) -> dict[CellKey, Cell]:
        """The cells as the store takes them."""
        return {
            CellKey(fact, tuple(group)): Cell(n, {name: Counter(b) for name, b in histograms.items()})
            for fact, group, n, histograms in self.cells
        }


def pack_factual(
    cells: Mapping[CellKey, Cell],
    figures: Sequence[Figure],
    tally: Sequence[TallyRow],
    *,
    sent: Sequence[SentRow] = (),
) -> bytes:
    """Bytes of the non-personal half."""
    rows = [
        (
            key.fact,
            list(key.dimensions),
            cell.n,
            {m: dict(sorted(b.items())) for m, b in sorted(cell.histograms.items())},
        )
        for key, cell in sorted(cells.items(), key=lambda pair: repr(pair[0]))
    ]
    half = Factual(cells=rows, figures=sorted(figures, key=repr), tally=sorted(tally), sent=sorted(sent))
    return msgspec.msgpack.encode(half)


def unpack_factual(data: bytes) -> Factual:
    """The non-personal half."""
    return msgspec.msgpack.decode(data, type=Factual)


def pack_personal(blocks: Sequence[Block]) -> bytes:
    """Bytes of the personal half."""
    return msgspec.msgpack.encode(list(blocks))


def unpack_personal(data: bytes) -> list[Block]:
    """The personal half."""
    return msgspec.msgpack.decode(data, type=list[Block])
