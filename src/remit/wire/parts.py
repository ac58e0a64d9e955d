"""What is common to the types of item that an envelope can bear: how one is read, and what its records are."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Annotated, Any, NamedTuple

import msgspec
from msgspec import Meta

from remit.policy.words import Item, Kind, Value
from remit.wire.decoder import Field, Row, Shape, TooMuch, opened, shape, short, walk
from remit.wire.origins import Origin, Place, Record, own, taken, within
from remit.wire.sampled import Needed, Seen, always, seen, seen_around, under

ACCOUNT, EMAIL, INSTALLATION = Item("account.id"), Item("email"), Item("device.installation")
IP, RELEASE = Item("net.ip"), Item("app.version")
AUTO, ASKS = "{{auto}}", "asks for the sender's address"
"""What a client writes in place of an address, and what it means by it."""
_IN_BYTES = (Item("hardware.memory"), Item("hardware.storage"))
MEGABYTE = 1024 * 1024
LISTED_MAX = 2_000
"""The most spans or logs of one item; clients send up to 1,000."""

Values = dict[Item, Value | None]


class About(NamedTuple):
    """What is known around an item: the name of its client, the id of its envelope, the sender's address."""

    client: str
    event_id: str | None
    peer: str


class ToldRecord(NamedTuple):
    """One record that an item tells of; ``weight`` is for how many happenings it stands."""

    kind: Kind
    values: Mapping[Item, Value | None]
    message: object = None
    weight: int = 1


class ItemReader(ABC):
    """How items of one type are read under one plan."""

    @abstractmethod
    def told(self, payload: bytes, about: About) -> Iterable[ToldRecord]:
        """The records of an item. Raises UNREADABLE, and never for a value of a wrong type."""

    @abstractmethod
    def seen(self, payload: bytes, about: About) -> Iterator[Seen | None]:
        """Node by node of an item, the path of a leaf that nothing needs, else None."""

    @abstractmethod
    def origins(self, node: Any, about: About, rows: Counter[Kind], *, place: Place) -> Iterator[Origin]:
        """What each path of an item was read for; its records begin with the ``rows``-th of their kinds."""


def origins(node: object, fields: Iterable[Field], record: Record, *, place: Place) -> Iterator[Origin]:
    """What each path of some fields was read for."""
    asks = [one for one in fields if one.item == IP and walk(node, one.paths[0]) == AUTO]
    yield from own(((one.paths[0], ASKS) for one in asks), place)
    yield from taken(node, [one for one in fields if one not in asks], record, place=place)


def wanted(fields: Iterable[Field], items: frozenset[Item]) -> tuple[Field, ...]:
    """Those fields whose items are among these."""
    return tuple(one for one in fields if one.item in items)


def paths(fields: Iterable[Field]) -> list[str]:
    """All paths of some fields."""
    return [path for one in fields for path in one.paths]


def is_object(payload: bytes) -> bool:
    """Whether a JSON text can be an object."""
    return payload.lstrip().startswith(b"{")


def begun(rows: Counter[Kind], kind: Kind) -> Record:
    """The next record of a kind."""
    rows[kind] += 1
    return Record(kind, rows[kind] - 1)


class FieldTable:
    """Some fields of one kind of object, compiled, with the tolerant walk beside it.

    ``own`` are read first, for the protocol; ``beside`` are other parts of the object, by their key and type.
    """

    def __init__(
        self, fields: Sequence[Field], own: Sequence[str] = (), beside: Mapping[str, Any] | None = None
    ) -> None:
        self.fields, self._named, self._beside = tuple(fields), tuple(own), beside or {}

    @cached_property
    def shape(self) -> Shape:
        """Made when the first record comes: whoever only shows what a body bears needs none."""
        return shape([*self._named, *paths(self.fields)])

    @cached_property
    def struct(self) -> type[msgspec.Struct]:
        """All of the object that is decoded."""
        more = [(f"{key}_", kind, default) for key, (kind, default) in self._beside.items()]
        rename = {f"{key}_": key for key in self._beside}
        return msgspec.defstruct("Whole", more, bases=(self.shape.struct,), rename=rename, gc=False, frozen=True)

    @cached_property
    def _decoder(self) -> "msgspec.json.Decoder[Any]":
        return msgspec.json.Decoder(self.struct)

    @cached_property
    def _own(self) -> list[int]:
        return [self.shape.paths.index(path) for path in self._named]

    @cached_property
    def _at(self) -> list[tuple[Item, list[int]]]:
        return [(one.item, [self.shape.paths.index(path) for path in one.paths]) for one in self.fields]

    def decoded(self, payload: bytes) -> Any:
        """The struct. Raises ValidationError for what is not of the declared types."""
        return self._decoder.decode(payload)

    def read(self, payload: bytes) -> tuple[Row, Values]:
        """What is read for the protocol, and the values of the fields; ``beside`` is left out."""
        try:
            return self.split(self.decoded(payload))
        except msgspec.ValidationError:
            return self.walked(payload)

    def split(self, node: Any) -> tuple[Row, Values]:
        """The same, of a struct."""
        return self._split(self.shape.read(node))

    def walked(self, payload: bytes | msgspec.Raw) -> tuple[Row, Values]:
        """The same, of any object, whatever is not where it should be."""
        return self._split(self.shape.walk(msgspec.Raw(payload)))

    def _split(self, row: Row) -> tuple[Row, Values]:
        values: Values = {}
        for item, positions in self._at:
            for position in positions:
                if row[position] is not None:
                    values[item] = short(row[position])
                    break
        return tuple([row[position] for position in self._own]), values


class Listed:
    """Objects of one kind in a list that stands at a key of another object."""

    def __init__(self, key: str, table: FieldTable, *, around: Sequence[Field] = (), own: Sequence[str] = ()) -> None:
        self.key, self.table, self._around = key, table, (around, own)

    @cached_property
    def around(self) -> FieldTable:
        """The object around, with the list."""
        several: Any = Annotated[list[self.table.struct], Meta(max_length=LISTED_MAX)]  # type: ignore[name-defined]  # made at run time
        return FieldTable(*self._around, {self.key: (several, [])})

    def read(self, payload: bytes) -> tuple[Row, Values, list[tuple[Row, Values]]]:
        """What stands around the objects, and each of them. Raises TooMuch for more than ``LISTED_MAX``."""
        try:
            node = self.around.decoded(payload)
            return *self.around.split(node), [self.table.split(one) for one in getattr(node, self.key + "_")]
        except msgspec.ValidationError:
            own, values = self.around.walked(payload)
            found = [self.table.walked(one) for one in self._elements(payload) if bytes(one).startswith(b"{")]
            return own, values, found

    def _elements(self, payload: bytes) -> list[msgspec.Raw]:
        listed = opened(msgspec.Raw(payload)).get(self.key)
        if not isinstance(listed, msgspec.Raw) or not bytes(listed).startswith(b"["):
            return []
        found = _LIST.decode(listed)
        if len(found) > LISTED_MAX:
            raise TooMuch
        return found

    def seen(self, payload: bytes, around: Sequence[str], needed: Needed) -> Iterator[Seen | None]:
        """What each node is, around the objects and in each of them."""
        elements = self._elements(payload)
        if not elements:
            yield from seen(payload, always(*around))
            return
        part = opened(msgspec.Raw(payload))[self.key]
        assert isinstance(part, msgspec.Raw), "it has elements"
        yield from seen_around(payload, always(*around), key=self.key, part=part)
        for one in elements:
            yield from under(self.key, seen(one, needed))

    def objects(self, node: Any, place: Place) -> Iterator[tuple[dict[str, Any], Place]]:
        """Each object of an untyped item, with its place."""
        listed = node.get(self.key) if isinstance(node, dict) else None
        for i, one in enumerate(listed if isinstance(listed, list) else []):
            if isinstance(one, dict):
                yield one, within(place(f"{self.key}[{i}]"))


_LIST = msgspec.json.Decoder(list[msgspec.Raw])


def mended(values: Values, peer: str) -> Values:
    """As they are meant.

    ``{{auto}}`` asks for the sender's address; of a release ``name@1.2.3`` the version stands after the sign; sizes
    are in bytes.
    """
    if values.get(IP) == AUTO:
        values[IP] = peer or None
    release = values.get(RELEASE)
    if isinstance(release, str):
        values[RELEASE] = release.rpartition("@")[2]
    for item in _IN_BYTES:
        size = values.get(item)
        if isinstance(size, int | float) and not isinstance(size, bool):
            values[item] = size / MEGABYTE
    return values
