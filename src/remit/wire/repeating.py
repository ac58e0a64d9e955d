"""A part that the objects of a list mostly bear alike, such as the context of one device's messages, is read once."""

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

import msgspec

from remit.wire.decoder import Shape

APART_MAX = 31
"""So many lists are read as they stand after one in which most parts differed: to look costs a third of reading."""


class Repeating:
    """Lists of objects of a shape, of which the object under ``key`` is left as it was sent until it is compared.

    ``struct`` is for the decoder; what it makes reads like the shape's own struct, once ``fill`` has seen it.
    """

    def __init__(self, whole: Shape, key: str) -> None:
        fields = msgspec.structs.fields(whole.struct)
        part = next(one for one in fields if one.encode_name == key)
        self.struct: Any = msgspec.defstruct(
            "Node",
            [(one.name, msgspec.Raw if one is part else one.type, one.default) for one in fields],
            rename={one.name: one.encode_name for one in fields},
            gc=False,
        )
        self._name, self.part = part.name, attrgetter(part.name)
        self._decoder = msgspec.json.Decoder(type(part.default))
        self._apart = 0

    def is_expected(self) -> bool:
        """Whether the next list is likely to repeat itself."""
        self._apart -= self._apart > 0
        return not self._apart

    def fill(self, rows: Sequence[Any]) -> None:
        """Read the parts: each that is other than the one before. Raises ValidationError or DecodeError."""
        sent, name, runs = list(map(self.part, rows)), self._name, 0
        last = read = None
        for row, raw in zip(rows, sent, strict=True):
            if type(raw) is not msgspec.Raw:  # it was not sent
                continue
            if raw != last:
                last, read, runs = raw, self._decoder.decode(raw), runs + 1
            setattr(row, name, read)
        if runs * 2 > len(rows):
            self._apart = APART_MAX + 1

    def is_one(self, rows: Sequence[Any]) -> bool:
        """Whether all of these bear the same."""
        parts = list(map(self.part, rows))
        return bool(parts) and parts[0] is parts[-1] and parts.count(parts[0]) == len(parts)
