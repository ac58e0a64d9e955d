"""What one request leaves in the journal: narrowed batches, and the ends of what did not travel."""

import msgspec

from remit.policy.columns import Batch
from remit.policy.split import Tally, TallyKey


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One acknowledged request. ``received`` is in ms since 1970; ``undeclared`` are sampled path counts."""

    app: str
    version: int
    received: int
    batches: list[Batch]
    tally: list[tuple[TallyKey, int]]
    undeclared: dict[str, int]

    def ends(self) -> Tally:
        """The uses that ended at intake."""
        return Tally(dict(self.tally))


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Entry)


def packed(entry: Entry) -> bytes:
    """The entry as it is sealed."""
    return _ENCODER.encode(entry)


def unpacked(data: bytes) -> Entry:
    """The entry as it was."""
    return _DECODER.decode(data)
