"""A context that many messages of a batch bear is read once, and each message reads as if it stood there alone."""

import json
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from bodies import messages
from hypothesis import example, given, settings
from hypothesis import strategies as st
from wide import planned, request, spoken

from remit.policy.words import Item, Kind, Value
from remit.wire.around import Around
from remit.wire.message_columns import MessageColumns
from remit.wire.messages import Messages, Sorted
from remit.wire.repeating import APART_MAX

RECEIVED = 1_700_000_000_000
PLAN = planned()
PHONE = {"device": {"id": "0123456789abcdef", "manufacturer": "Example"}, "locale": "nl-NL"}


def text(batch: Sequence[Any]) -> bytes:
    """A body of these messages."""
    return json.dumps({"batch": batch}).encode()


@st.composite
def repeating(draw: st.DrawFn) -> list[Any]:
    """Messages of one kind or several, of which runs have one context, some have others, and some have none."""
    contexts = [draw(messages(typed=True)).get("context") for _ in range(draw(st.integers(1, 2)))]
    batch = draw(st.lists(messages(typed=True), min_size=1, max_size=8))
    for one in batch:
        one.pop("context", None)
        context = draw(st.sampled_from([*contexts, *contexts, None]))
        if context is not None:
            one["context"] = context
    return batch


@settings(max_examples=200, deadline=None)
@given(repeating())
@example([{"type": "track", "context": PHONE}] * 3)
@example([{"type": "track", "context": PHONE}, {"type": "track"}, {"type": "track", "context": PHONE}])
def test_messages_read_as_each_alone(batch: list[Any]) -> None:
    """Whatever stands before and after: columns of a batch are those of its messages, one by one."""
    protocol, columns = spoken("/v1/batch"), dict[Kind, list[dict[Item, Value]]]()
    for one in batch:
        for part in protocol.decoder(PLAN)(request("/v1/batch", {"batch": [one]}), RECEIVED).batches:
            (row,) = [{item: column[0] for item, column in part.columns.items() if column[0] is not None}]
            columns.setdefault(part.kind, []).append(row)
    decoded = protocol.decoder(PLAN)(request("/v1/batch", {"batch": batch}), RECEIVED)

    assert columns == {
        part.kind: [
            {item: column[i] for item, column in part.columns.items() if column[i] is not None}
            for i in range(part.size)
        ]
        for part in decoded.batches
    }


@settings(max_examples=100, deadline=None)
@given(repeating())
def test_what_is_read_once_reads_as_the_walk_reads_it(batch: list[Any]) -> None:
    """Value for value and type for type."""
    reader = Messages(PLAN)

    assert repr(reader.tolerant(text(batch))) == repr(reader.fast(text(batch)))


def test_one_context_is_one_object() -> None:
    """Fifty messages of one device hold one context among them; with another in between, each run has its own."""
    reader = Messages(PLAN)
    assert reader.context is not None
    alike, between = [{"type": "track", "context": PHONE}] * 50, [{"type": "track", "context": {"locale": "de-DE"}}]
    of_one, of_two = (
        list(map(reader.context.part, reader.fast(text(one)).messages)) for one in (alike, alike + between)
    )

    assert 1 == len(set(map(id, of_one)))
    assert 2 == len(set(map(id, of_two)))
    assert reader.context.is_one(reader.fast(text(alike)).messages)
    assert not reader.context.is_one(reader.fast(text(alike + between)).messages)


def test_batches_of_many_devices_are_read_as_they_stand_for_a_while() -> None:
    """To compare contexts that differ costs more than it saves: now and then it is tried again."""
    reader = Messages(PLAN)
    assert reader.context is not None
    apart = [{"type": "track", "context": {"device": {"id": f"{i:016x}"}}} for i in range(4)]
    compared = [type(reader.fast(text(apart)).messages[0]) is reader.context.struct for _ in range(APART_MAX + 2)]

    assert [True, *[False] * APART_MAX, True] == compared


@pytest.mark.parametrize("context", [None, [], "phone", {"device": {"id": [1]}}, {"device": "x" * 20}])
def test_a_context_of_another_type_takes_the_tolerant_way(context: object) -> None:
    """The fast way says so, and the message is read all the same."""
    reader, body = Messages(PLAN), text([{"type": "track", "context": context, "userId": "ada"}] * 3)

    with pytest.raises(msgspec.ValidationError):
        reader.fast(body)
    found = reader.batch(body)
    around = Around("192.0.2.1", "", RECEIVED, None)
    (shared,) = MessageColumns(PLAN, reader).of([Sorted(reader.sorted(found.messages, None), around)])
    assert ["ada"] * 3 == shared.batch.columns[Item("account.id")]
