"""What requests leave in the journal: narrowed batches, and the ends of what did not travel."""

from collections.abc import Iterator, Sequence
from itertools import chain

import msgspec

from remit.flows.sampling import Sample
from remit.policy.columns import Batch
from remit.policy.split import Tally, TallyKey

WORD_BITS = 64
"""The widest number that MessagePack writes. A mask has a bit for each purpose, and a policy may have more of them."""


class Wide(msgspec.Struct, frozen=True):
    """The masks of a batch of which one is wider than a number may be, as bytes, lowest first."""

    batch: int
    refused: list[bytes] | None
    unasked: list[bytes] | None
    granted: list[bytes] | None = None

    def masks(self) -> dict[str, list[int] | None]:
        """The masks, by the names that a batch has for them."""
        return {"refused": _masks(self.refused), "unasked": _masks(self.unasked), "granted": _masks(self.granted)}


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """Acknowledged requests, of one app. ``received`` is in ms since 1970.

    ``wide`` has something while it is packed only.
    """

    app: str
    version: int
    received: int
    batches: list[Batch]
    tally: list[tuple[TallyKey, int]]
    samples: list[Sample] = []
    wide: list[Wide] = []

    def ends(self) -> Tally:
        """The uses that ended at intake."""
        return Tally(dict(self.tally))


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Entry)


def packed(entry: Entry) -> bytes:
    """The entry as it is sealed."""
    wide = list(_wide(entry))
    if wide:
        batches = list(entry.batches)
        for one in wide:
            batches[one.batch] = msgspec.structs.replace(batches[one.batch], refused=None, unasked=None, granted=None)
        entry = msgspec.structs.replace(entry, batches=batches, wide=wide)
    return _ENCODER.encode(entry)


def unpacked(data: bytes) -> Entry:
    """The entry as it was."""
    entry = _DECODER.decode(data)
    if not entry.wide:
        return entry
    batches = list(entry.batches)
    for one in entry.wide:
        batches[one.batch] = msgspec.structs.replace(batches[one.batch], **one.masks())
    return msgspec.structs.replace(entry, batches=batches, wide=[])


def _wide(entry: Entry) -> Iterator[Wide]:
    for at, batch in enumerate(entry.batches):
        masks = batch.refused, batch.unasked, batch.granted
        if max(chain.from_iterable(mask or () for mask in masks), default=0) >> WORD_BITS:
            yield Wide(at, *map(_bytes, masks))


def _bytes(masks: Sequence[int] | None) -> list[bytes] | None:
    return None if masks is None else [mask.to_bytes(mask.bit_length() // 8 + 1, "little") for mask in masks]


def _masks(written: Sequence[bytes] | None) -> list[int] | None:
    return None if written is None else [int.from_bytes(mask, "little") for mask in written]
