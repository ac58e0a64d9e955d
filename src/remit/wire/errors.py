"""Events of a Sentry client: an error is a crash; a message, however it was sent, is a line of a log."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec

from remit.policy.plan import Plan
from remit.policy.words import Kind
from remit.wire import exceptions
from remit.wire.decoder import Row, field, opened
from remit.wire.events import EventContext
from remit.wire.origins import Origin, Place
from remit.wire.parts import About, FieldTable, ItemReader, ToldRecord, Values, begun, is_object, mended, paths, wanted
from remit.wire.sampled import Seen, seen

LINE = (
    field("log.line", "logentry.formatted", "logentry.message", "message"),
    field("log.level", "level"),
    field("log.component", "logger"),
)
_OF_LINE = frozenset(one.item for one in LINE)


class Errors(ItemReader):
    """Items of type ``event``, and bodies of the old endpoint."""

    def __init__(self, plan: Plan) -> None:
        self._wanted = {kind: plan.tables[kind].items for kind in (Kind.CRASH, Kind.LOG)}
        self._around = EventContext(plan, *self._wanted)
        of_line = wanted(LINE, self._wanted[Kind.LOG])
        self._table = FieldTable((*self._around.fields, *of_line), self._around.own, exceptions.BESIDE)
        self._fields = {
            Kind.CRASH: wanted(self._around.fields, self._wanted[Kind.CRASH]),
            Kind.LOG: (*wanted(self._around.fields, self._wanted[Kind.LOG]), *of_line),
        }

    def told(self, payload: bytes, about: About) -> Iterator[ToldRecord]:
        """One record; none of what is no object."""
        read, values, thrown, fingerprint = self._decoded(payload)
        if not is_object(payload):
            return
        values = mended(self._around.without_nobody(read, values), about.peer)
        kind = _kind(thrown)
        if thrown is not None and kind is Kind.CRASH:
            values = {item: value for item, value in values.items() if item not in _OF_LINE}
            values |= exceptions.told(thrown, fingerprint, self._wanted[kind])
        yield ToldRecord(kind, values, about.event_id or read[0])

    def _decoded(self, payload: bytes) -> tuple[Row, Values, exceptions.Unplaced | None, object]:
        try:
            node = self._table.decoded(payload)
            return (
                *self._table.split(node),
                exceptions.fast(node.exception_, self._wanted[Kind.CRASH]),
                node.fingerprint_,
            )
        except msgspec.ValidationError:
            parts = opened(msgspec.Raw(payload))
            beside = {
                key: msgspec.json.decode(part)
                for key, part in parts.items()
                if key in exceptions.BESIDE and isinstance(part, msgspec.Raw)
            }
            return *self._table.walked(payload), exceptions.tolerant(beside), beside.get("fingerprint")

    def seen(self, payload: bytes, about: About) -> Iterator[Seen | None]:
        """Of an event that is no record, only what tells that is needed."""
        del about

        def needed(node: object) -> frozenset[str]:
            kind = _kind(exceptions.tolerant(node))
            found = {*exceptions.SYNTHETIC, *self._around.own, *paths(self._fields[kind])}
            if kind is Kind.CRASH:
                found |= {
                    path for item in self._wanted[kind] & exceptions.PATHS.keys() for path in exceptions.PATHS[item]
                }
            return frozenset(found) if isinstance(node, dict) else frozenset()

        return seen(payload, needed)

    def origins(self, node: Any, about: About, rows: Counter[Kind], *, place: Place) -> Iterator[Origin]:
        """Of the error or the message, and of what stands around it."""
        del about
        if not isinstance(node, dict):
            return
        kind = _kind(exceptions.tolerant(node))
        record = begun(rows, kind)
        yield from self._around.origins(node, self._fields[kind], record, place=place)
        if kind is Kind.CRASH:
            yield from exceptions.origins(node, record, self._wanted[kind], place=place)
        else:
            yield from exceptions.asked(node, place=place)


def _kind(thrown: exceptions.Unplaced | None) -> Kind:
    return Kind.LOG if thrown is None or thrown.is_message else Kind.CRASH
