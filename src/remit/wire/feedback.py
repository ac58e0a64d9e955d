"""What people wrote to the makers of a program through a Sentry client."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from remit.policy.plan import Plan
from remit.policy.words import Item, Kind
from remit.wire import parts
from remit.wire.decoder import field
from remit.wire.events import EventContext
from remit.wire.origins import Origin, Place, own
from remit.wire.parts import EMAIL, About, FieldTable, ItemReader, ToldRecord, begun, is_object, mended, paths, wanted
from remit.wire.sampled import Seen, always, seen

TEXT, SENT = Item("message.text"), Item("message.sent")
FEEDBACK = (
    field("message.text", "contexts.feedback.message"),
    field("message.sent", "timestamp"),
    field("name", "contexts.feedback.name"),
    field("email", "contexts.feedback.contact_email", "user.email"),
)
"""Beside what every event tells."""
REPORT = (field("message.text", "comments"), field("name", "name"), field("email", "email"))
_ERROR = "event_id"
"""Of a report, the id of the error that it is about."""


class Feedback(ItemReader):
    """Items of type ``feedback``: events that bear what somebody wrote."""

    def __init__(self, plan: Plan) -> None:
        self._around = EventContext(plan, Kind.MESSAGE)
        around = [one for one in self._around.fields if one.item != EMAIL]
        self._fields = (*around, *wanted(FEEDBACK, plan.tables[Kind.MESSAGE].items))
        self._table = FieldTable(self._fields, self._around.own)

    def told(self, payload: bytes, about: About) -> Iterator[ToldRecord]:
        """One record."""
        read, values = self._table.read(payload)
        values = mended(self._around.without_nobody(read, values), about.peer)
        sent = values.get(SENT)
        if isinstance(sent, int | float) and not isinstance(sent, bool):
            values[SENT] = round(sent * 1000)
        if is_object(payload):
            yield ToldRecord(Kind.MESSAGE, values, about.event_id or read[0])

    def seen(self, payload: bytes, about: About) -> Iterator[Seen | None]:
        """Of the event."""
        del about
        return seen(payload, always(*self._around.own, *paths(self._fields)))

    def origins(self, node: Any, about: About, rows: Counter[Kind], *, place: Place) -> Iterator[Origin]:
        """Of the event."""
        del about
        if isinstance(node, dict):
            record = begun(rows, Kind.MESSAGE)
            yield from self._around.origins(node, self._fields, record, place=place)


class UserReports(ItemReader):
    """Items of type ``user_report``, as older clients send them: what somebody wrote about an error."""

    def __init__(self, plan: Plan) -> None:
        self._fields = wanted(REPORT, plan.tables[Kind.MESSAGE].items)
        self._table = FieldTable(self._fields, (_ERROR,))

    def told(self, payload: bytes, about: About) -> Iterator[ToldRecord]:
        """One record, of another id than the error has."""
        del about
        (error,), values = self._table.read(payload)
        if is_object(payload):
            yield ToldRecord(Kind.MESSAGE, values, None if error is None else f"report of {error}")

    def seen(self, payload: bytes, about: About) -> Iterator[Seen | None]:
        """Of the report."""
        del about
        return seen(payload, always(_ERROR, *paths(self._fields)))

    def origins(self, node: Any, about: About, rows: Counter[Kind], *, place: Place) -> Iterator[Origin]:
        """Of the report."""
        del about
        if isinstance(node, dict):
            yield from own([(_ERROR, "tells a repeat")], place)
            yield from parts.origins(node, self._fields, begun(rows, Kind.MESSAGE), place=place)
