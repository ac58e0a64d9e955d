"""What every SDK protocol offers: whose request it is, a decoder made from the plan, the vendor's replies."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Any, NamedTuple

import msgspec

from remit.policy.columns import Batch, joined
from remit.policy.model import App
from remit.policy.plan import Plan
from remit.policy.words import Kind
from remit.wire.decoder import UNREADABLE, TooMuch, nodes, readable
from remit.wire.origins import Origin
from remit.wire.request import Reply, Request
from remit.wire.route import Route
from remit.wire.sampled import NODES_SAMPLED_MAX, Seen

JSON = {"content-type": "application/json"}
OPEN = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "x-sentry-rate-limits, retry-after, remit-dropped",
}
"""Keys of SDKs are public and no cookie is ever set, so any page may send."""


class Rejection(StrEnum):
    """Why a request as a whole was not taken. Each leaves a number and never a body."""

    UNKNOWN_KEY = "unknown_key"
    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"
    NO_ROOM = "no_room"
    BUSY = "busy"
    """Others hold what memory there is for bodies."""


def statuses(*, unknown_key: int) -> Mapping[Rejection, int]:
    """With which status each refusal comes: vendors differ in what they answer to a key that they do not know."""
    return {
        Rejection.UNKNOWN_KEY: unknown_key,
        Rejection.MALFORMED: 400,
        Rejection.TOO_LARGE: 413,
        Rejection.TOO_MANY: 429,
        Rejection.NO_ROOM: 503,
        Rejection.BUSY: 503,
    }


LATER: dict[Rejection, dict[str, str]] = {
    Rejection.TOO_MANY: {"retry-after": "60"},
    Rejection.NO_ROOM: {"retry-after": "5"},
    Rejection.BUSY: {"retry-after": "10"},
}
"""After how many seconds a client is to come again, where that would help."""


class Skip(StrEnum):
    """Why a part of a request that was taken became no record. Each leaves a number, as no use of any value is owed."""

    EMPTY = "empty"
    """There was nothing in the request."""
    UNREAD = "unread"
    """A message or an item of a type that nothing reads."""
    NO_RECORD = "no_record"
    """It is read, but tells nothing that is a record: a message without an exception, a session that goes on."""
    CUMULATIVE = "cumulative"
    """A histogram of all that there was since its client began: to count it would count most of it again."""


@dataclass(frozen=True, slots=True)
class AppKey:
    """What a request says about whose it is; each protocol knows some of it."""

    key: str | None = None
    number: int | None = None
    domain: str | None = None
    website: str | None = None

    def names(self, app: App) -> bool:
        """Whether it is this app's. Where its number is said too, the key may have ``_`` for each ``-``.

        JavaScript's Sentry client takes no hyphen in a key.
        """
        for known, own in ((self.domain, app.domain), (self.website, app.website)):
            if known is not None and known == own:
                return True
        if self.number is None:
            return self.key == app.key
        return self.number == app.number and self.key in (app.key, app.key.replace("-", "_"))


class Decoded(msgspec.Struct, frozen=True):
    """At most one batch per kind of record, and the reply for a commit."""

    batches: list[Batch] = []
    reply: Reply = Reply(200, b"{}", JSON | OPEN)
    skipped: Mapping[Skip, int] = {}
    """How many parts became no record."""
    discarded: Mapping[tuple[str, str], int] = {}
    """How much a client says that it did not send, by its reason and category: words of closed lists."""


class Refused(Exception):
    """The body cannot be read; ``reply`` is the vendor's own way to say so."""

    def __init__(self, rejection: Rejection, reply: Reply) -> None:
        super().__init__(rejection.value)
        self.rejection, self.reply = rejection, reply


Decode = Callable[[Request, int], Decoded]
"""Reads one request that was received at a time (ms); raises Refused."""


class Read(NamedTuple):
    """What was read of one request before it is in columns: of so many records, and what to say after the commit."""

    content: Any
    size: int
    told: Decoded
    """What a whole decoding would give, without its batches."""


class Shared(NamedTuple):
    """Records of one kind that several requests bore, in their order, and how many of them are of each request."""

    batch: Batch
    requests: Sequence[int]


class Opener(ABC):
    """Reads requests one by one as they come, and makes the columns of several at once.

    To make the columns of fifty records costs little more than to make those of one.
    """

    @abstractmethod
    def read(self, request: Request, received: int) -> Read:
        """What one request bears, received at a time (ms). Raises Refused."""

    @abstractmethod
    def columns(self, reads: Sequence[Read]) -> list[Shared]:
        """The records of these requests by kind."""

    def whole(self, request: Request, received: int) -> Decoded:
        """One request, read and in columns. Raises Refused."""
        read = self.read(request, received)
        batches = [batch for batch, _ in self.columns([read])]
        return msgspec.structs.replace(read.told, batches=batches)


class _Apart(Opener):
    """Of a protocol that makes the columns of each request by themselves."""

    def __init__(self, decode: Decode) -> None:
        self._decode = decode

    def read(self, request: Request, received: int) -> Read:
        """Its batches."""
        decoded = self._decode(request, received)
        size = sum([batch.size for batch in decoded.batches])
        return Read(decoded.batches, size, msgspec.structs.replace(decoded, batches=[]))

    def columns(self, reads: Sequence[Read]) -> list[Shared]:
        """Batches of a kind, end to end."""
        of: dict[Kind, list[tuple[int, Batch]]] = {}
        for number, read in enumerate(reads):
            for batch in read.content:
                of.setdefault(batch.kind, []).append((number, batch))
        found = []
        for batches in of.values():
            requests = [0] * len(reads)
            for number, batch in batches:
                requests[number] = batch.size
            found.append(Shared(joined([batch for _, batch in batches]), requests))
        return found


Stopping = Callable[[Reply], Reply]
"""The reply, which also tells its client what to send no more of."""


class Protocol(ABC):
    """One SDK protocol. Pure: bytes and headers in, columns and a reply out."""

    name: str
    routes: tuple[Route, ...]
    """All requests that are of this protocol, and of no other."""
    PUBLISHED: frozenset[str]
    """Paths that the vendor documents: names that nobody's data invented."""

    def matches(self, method: str, path: str) -> bool:
        """Whether this request is of this protocol."""
        return any(route.takes(method, path) for route in self.routes)

    @abstractmethod
    def key(self, request: Request) -> AppKey | None:
        """Whose request it is, found without decoding the rest; None where it does not say."""

    @abstractmethod
    def decoder(self, plan: Plan) -> Decode:
        """A decoder that knows only the paths that the plan needs."""

    def opener(self, plan: Plan) -> Opener:
        """The same for requests that come together."""
        return _Apart(self.decoder(plan))

    @abstractmethod
    def refusal(self, rejection: Rejection) -> Reply:
        """The vendor's words and status for a request that is not taken."""

    def answer(self, request: Request, plan: Plan) -> Reply | None:
        """The reply to a request that only asks what its client should do; None for one that tells something.

        It is made from the plan alone: nothing of such a request is decoded, kept or counted, and a body that says
        who asks is not looked at beyond whose app it is.
        """
        del request, plan
        return None

    def refusing(self, rejection: Rejection, request: Request) -> Reply:
        """The refusal of this request, where its own coding matters."""
        del request
        return self.refusal(rejection)

    def stopping(self, plan: Plan) -> Stopping:
        """Adds to a reply what nothing needs, in the words that the protocol has for it; made once for a plan.

        ``plan`` is the app's, less what a request's own signals refuse; what somebody has chosen never shows here.
        """
        del plan
        return lambda reply: reply

    @abstractmethod
    def seen(self, request: Request, plan: Plan) -> Iterator[Seen | None]:
        """What each node of a body is, in its order; None where it is no leaf. Raises UNREADABLE."""

    def sampled(self, request: Request, plan: Plan) -> list[Seen]:
        """The leaves among the first nodes of a body that was decoded.

        What the decoder skipped becomes an object here, text by text (a message, an item), unless it may have too
        many values; nothing is told of a body in which such a text cannot be read.
        """
        try:
            return [leaf for leaf in islice(self.seen(request, plan), NODES_SAMPLED_MAX) if leaf is not None]
        except UNREADABLE:
            return []

    @abstractmethod
    def origins(self, request: Request, plan: Plan) -> list[Origin]:
        """What each path of a body that was decoded was read for; of the others, nothing is told."""

    def nodes(self, request: Request) -> Iterator[tuple[str, object]]:
        """Every leaf of a body that was decoded, in its order, with its own path; None for what is no leaf."""
        return nodes(msgspec.json.decode(request.body), positions=True)

    @abstractmethod
    def example_path(self, body: bytes, app: App) -> str | None:
        """Where an SDK would send such a body; None if it is not of this protocol."""

    def text(self, body: bytes) -> bytes:
        """A JSON text that may be decoded. Raises Refused if it is too large or not UTF-8."""
        try:
            return readable(body)
        except TooMuch:
            raise self.refuse(Rejection.TOO_LARGE) from None
        except UnicodeDecodeError:
            raise self.refuse(Rejection.MALFORMED) from None

    def refuse(self, rejection: Rejection) -> Refused:
        """The exception that carries this protocol's refusal."""
        return Refused(rejection, self.refusal(rejection))
