"""Lines of logs, as a Sentry client sends them: several in one item."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from remit.policy.plan import Plan
from remit.policy.words import Kind
from remit.wire import parts
from remit.wire.decoder import field
from remit.wire.origins import Origin, Place
from remit.wire.parts import About, FieldTable, ItemReader, Listed, ToldRecord, begun, mended, paths, wanted
from remit.wire.sampled import Seen
from remit.wire.spans import AROUND, attribute

FIELDS = (
    field("log.line", "body"),
    field("log.level", "level"),
    attribute("log.component", "logger.name"),
    *AROUND,
)


class Logs(ItemReader):
    """Items of type ``log``. A line bears no id, so one that is sent again counts again."""

    def __init__(self, plan: Plan) -> None:
        self._fields = wanted(FIELDS, plan.tables[Kind.LOG].items)
        self._listed = Listed("items", FieldTable(self._fields))

    def told(self, payload: bytes, about: About) -> Iterator[ToldRecord]:
        """A record for each line."""
        return (ToldRecord(Kind.LOG, mended(values, about.peer)) for _, values in self._listed.read(payload)[2])

    def seen(self, payload: bytes, about: About) -> Iterator[Seen | None]:
        """Of each line."""
        del about
        needed = frozenset(paths(self._fields))
        return self._listed.seen(payload, (), lambda node: needed if isinstance(node, dict) else frozenset())

    def origins(self, node: Any, about: About, rows: Counter[Kind], *, place: Place) -> Iterator[Origin]:
        """Of each line."""
        del about
        for one, at in self._listed.objects(node, place):
            yield from parts.origins(one, self._fields, begun(rows, Kind.LOG), place=at)
