"""What gets out of the personal side, and where two such outsides are not the same."""

import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from itertools import zip_longest

from remit.flows.load import Factual, unpack_factual
from remit.proof.trace import Sent, Step
from remit.wire.request import Reply


@dataclass
class Outside:
    """Everything that leaves the personal side: replies, metrics, logs, and what is handed to the facts keeper."""

    replies: list[Reply] = field(default_factory=list)
    sums: dict[str, int] = field(default_factory=dict)
    handed: list[tuple[bytes, bytes]] = field(default_factory=list)
    said: str = ""

    def halves(self) -> list[Factual]:
        """The loads, unpacked."""
        return [unpack_factual(half) for _, half in self.handed]


@dataclass(frozen=True, slots=True)
class Divergence:
    """One thing outside that tells two traces apart; a side that has no such thing is empty."""

    where: str
    left: str
    right: str


@contextmanager
def listening(outside: Outside) -> Iterator[None]:
    """Whatever is printed or logged meanwhile is outside, too."""
    said = io.StringIO()
    try:
        with redirect_stdout(said), redirect_stderr(said):
            yield
    finally:
        outside.said += said.getvalue()


def differences(left: Outside, right: Outside, traces: tuple[Sequence[Step], Sequence[Step]]) -> Iterator[Divergence]:
    """All that differs, part by part. ``traces`` hold what was sent: a reply may repeat its request's own id."""
    yield from _apart("metrics", [left.sums.items()], [right.sums.items()])
    if left.handed != right.handed:
        found = list(_of_facts(left, right))
        # Equal in every part, and yet not the same bytes: their order or their ids tell something.
        yield from found or [Divergence("facts, in their bytes", repr(left.handed), repr(right.handed))]
    replies = (_without_own_ids(one.replies, trace) for one, trace in zip((left, right), traces, strict=True))
    for number, (one, other) in enumerate(zip_longest(*replies), 1):
        if one != other:
            yield Divergence(f"reply {number}", repr(one), repr(other))
    if left.said != right.said:
        yield from _apart("logs", [left.said.splitlines()], [right.said.splitlines()])


def _of_facts(left: Outside, right: Outside) -> Iterator[Divergence]:
    sides = left.halves(), right.halves()
    for part in ("cells", "figures", "tally", "sent"):
        yield from _apart(f"facts, {part}", *([getattr(half, part) for half in side] for side in sides))


def _apart(where: str, left: Iterable[Iterable[object]], right: Iterable[Iterable[object]]) -> Iterator[Divergence]:
    """Of both sides what the other does not have, load by load, side by side."""
    for one, other in zip_longest(left, right, fillvalue=()):
        mine, others = Counter(map(repr, one)), Counter(map(repr, other))
        rows = zip_longest((mine - others).elements(), (others - mine).elements(), fillvalue="")
        yield from (Divergence(where, a, b) for a, b in rows)


def _without_own_ids(replies: Sequence[Reply], trace: Sequence[Step]) -> list[tuple[int, bytes, dict[str, str]]]:
    """A reply may repeat the message id of its own request, which a renaming renames, and nothing else."""
    sent = [step.request for step in trace if isinstance(step, Sent)]
    return [
        (reply.status, b"own" if _id(reply) and _id(reply) in request.body else reply.body, dict(reply.headers))
        for reply, request in zip(replies, sent, strict=True)
    ]


def _id(reply: Reply) -> bytes:
    return reply.body.removeprefix(b'{"id":"').removesuffix(b'"}') if reply.body.startswith(b'{"id":"') else b""
