"""One connection of a stranger: what comes before anybody reads it is bounded, in bytes, in time and in number."""

import asyncio
import socket
from collections import OrderedDict
from collections.abc import Callable
from enum import Enum
from functools import partial
from typing import Any, NamedTuple, NoReturn

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from remit.gateway.bounds import Bounds
from remit.gateway.brief import Brief, Briefs
from remit.wire.protocol import OPEN
from remit.wire.request import Reply, Request

PIECE_BYTES = 16 * 1024
"""What the parser is fed at a time: so much later than it could be, a head is found too large."""
INTERIM = b"HTTP/1.1 100 "
LINGER_SECONDS = 2.0
"""How long a refused client may go on sending: a connection that is closed before that may take the reply with it."""


class Dismissal(NamedTuple):
    """The end of a connection whose request nobody read: no protocol's words, for it is not known whose it is."""

    problem: str
    status: int
    says: bytes
    headers: tuple[tuple[str, str], ...] = ()

    def reply(self) -> bytes:
        """As it is sent."""
        told = {"content-type": "text/plain; charset=utf-8", "content-length": str(len(self.says))}
        lines = {**told, "connection": "close", **OPEN, **dict(self.headers)}.items()
        head = "".join(f"{name}: {value}\r\n" for name, value in lines)
        return STATUS_LINE[self.status] + head.encode() + b"\r\n" + self.says


MALFORMED = Dismissal("malformed", 400, b"this is not HTTP")
TOO_SLOW = Dismissal("too_slow", 408, b"the request did not come in time")
TOO_LARGE = Dismissal("too_large", 431, b"the head of the request is too large")
BUSY = Dismissal("busy", 503, b"too many connections", (("retry-after", "5"),))


class Stop(Exception):
    """Thrown through the parser, which then gives up."""


class Part(Enum):
    """What of a request is on its way."""

    NOTHING = 0
    HEAD = 1
    BODY = 2


class Crowd:
    """The connections of one worker that are waited for: whoever has been for longest comes first.

    ``leaves`` is whether each next request of a connection is its last.
    """

    def __init__(self, bounds: Bounds, count: Callable[[str], None]) -> None:
        self.bounds, self.count, self.leaves = bounds, count, False
        self._waiting: OrderedDict[Connection, None] = OrderedDict()

    def waits_for(self, connection: "Connection") -> None:
        """It is the client's turn, from now on."""
        self._waiting[connection] = None
        self._waiting.move_to_end(connection)

    def leaves_alone(self, connection: "Connection") -> None:
        """Its request is there."""
        self._waiting.pop(connection, None)

    def make_room(self) -> None:
        """End the connection that is waited for since longest: of a client that means it, that is idle."""
        oldest, _ = self._waiting.popitem(last=False)
        oldest.give_way()


class Corked(asyncio.Transport):
    """What uvicorn writes a reply to, which it does in two parts: they leave together, as one call of the system.

    The end of the connection is not uvicorn's own to choose: ``end`` is called instead.
    """

    def __init__(self, transport: asyncio.Transport, end: Callable[[], None]) -> None:
        super().__init__()
        self._transport, self._end = transport, end
        self._head: bytes | None = None

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Keep the head for the body; what is said before any reply is said at once."""
        if self._head is None and data[: len(INTERIM)] != INTERIM:
            self._head = bytes(data)
        else:
            self._transport.write((self._head or b"") + data)
            self._head = None if self._head is None else b""

    def uncork(self) -> None:
        """The reply is whole: one without a body, too."""
        if self._head:
            self._transport.write(self._head)

    def is_closing(self) -> bool:
        """As ever."""
        return self._transport.is_closing()

    def close(self) -> None:
        """Let the connection find its end."""
        self.uncork()
        self._end()


class Connection(HttpToolsProtocol):
    """uvicorn's connection, with bounds on all that happens before and after the application has a whole request.

    Beyond uvicorn's own time for an idle connection, which ends with the first byte that comes.
    """

    def __init__(self, crowd: Crowd, briefs: Briefs, **given: Any) -> None:
        super().__init__(**given)
        self._crowd, self._bounds, self._briefs = crowd, crowd.bounds, briefs
        self._part, self._head_bytes, self._unframed_bytes = Part.NOTHING, 0, 0
        self._unanswered = 0
        self._since: float | None = None
        self._heard = 0.0
        self._watch: asyncio.TimerHandle | None = None
        self._deaf, self._why = False, MALFORMED

    # The transport's side

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """A newcomer: where there are too many, the one that is waited for since longest has to go."""
        super().connection_made(transport)
        # What has come is read at once, however much: what the kernel keeps bounds what one reading can bring.
        size = self._bounds.unread_bytes_max
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)
        self._wait()
        if len(self.connections) > self._bounds.connections_max:
            self._crowd.make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is waited for any more."""
        self._crowd.leaves_alone(self)
        if self._watch is not None:
            self._watch.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Feed the parser piece by piece, as long as nothing is wrong."""
        self._heard, rest = self.loop.time(), memoryview(data)
        while rest and not self._deaf and not self.transport.is_closing():
            piece, rest = rest[:PIECE_BYTES], rest[PIECE_BYTES:]
            self._unframed_bytes += len(piece)
            super().data_received(piece)  # type: ignore[arg-type]  # the parser takes any buffer
            if self._unframed_bytes > self._bounds.head_bytes_max and not self._deaf:
                self._refuse(TOO_LARGE)

    def eof_received(self) -> bool:  # type: ignore[override]  # as asyncio has it
        """The client says no more, and may wait for replies: the connection stays until they are said."""
        return self._unanswered > 0

    def send_400_response(self, msg: str) -> None:
        """What uvicorn does when the parser gave up."""
        del msg
        if not self._deaf:
            self._refuse(self._why)

    def pause_writing(self) -> None:
        """A client that does not take its replies is waited for, too."""
        super().pause_writing()
        self._wait()

    def resume_writing(self) -> None:
        """It took some."""
        super().resume_writing()
        self._turn()

    # The parser's side

    def on_message_begin(self) -> None:
        """The first byte of a request; behind the last one nothing is read."""
        if self._deaf:
            raise Stop
        self._part, self._head_bytes, self._unframed_bytes = Part.HEAD, 0, 0
        super().on_message_begin()
        self._turn()

    def on_url(self, url: bytes) -> None:
        """A part of the request's target."""
        self._head_bytes += len(url)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header line; those that come after a body are of no use to anybody."""
        if self._part is Part.BODY:
            return
        self._head_bytes += len(name) + len(value) + len(": \r\n")
        if len(self.headers) == self._bounds.header_lines_max:
            self._stop(TOO_LARGE)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is there."""
        self._unframed_bytes = 0
        if self._head_bytes > self._bounds.head_bytes_max:
            self._stop(TOO_LARGE)
        if len(self.pipeline) == self._bounds.pipelined_max:
            self._stop(BUSY)
        head = self._head_of_brief()
        if head is None:
            self._ask_application()
        else:
            self.cycle = Brief(head, self)  # type: ignore[assignment]  # acts like one
            self.cycle.keep_alive = not self._crowd.leaves
        self._part = Part.BODY

    def _ask_application(self) -> None:
        super().on_headers_complete()
        corked = Corked(self.transport, self._end)
        self.cycle.transport, self.cycle.on_response = corked, partial(self._replied, corked)
        self.cycle.keep_alive = self.cycle.keep_alive and not self._crowd.leaves

    def _head_of_brief(self) -> Request | None:
        """That of the request that comes, if it is brief and none is before it."""
        is_next = self.cycle is None or self.cycle.response_complete
        if not is_next or self.flow.write_paused or self.parser.get_method() != b"POST":
            return None
        if not self.parser.should_keep_alive():
            return None
        return self._briefs.head(self.url, self.headers, self.client[0] if self.client else "")

    def on_chunk_header(self) -> None:
        """A chunk of a body begins."""
        self._unframed_bytes = 0

    def on_body(self, body: bytes) -> None:
        """A part of a body."""
        self._unframed_bytes = 0
        if isinstance(self.cycle, Brief):
            self.cycle.parts.append(body)
        else:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is there, whole."""
        self._part, self._unframed_bytes = Part.NOTHING, 0
        super().on_message_complete()
        self._unanswered += 1
        self._turn()
        if isinstance(self.cycle, Brief):
            self._ask(self.cycle)

    # The application's side

    def _ask(self, brief: Brief) -> None:
        """Have a request taken that is there; by the application, where it comes to more than it seemed."""
        try:
            was_taken = self._briefs.take(brief.request, brief)
        except Exception as error:  # noqa: BLE001 -- whatever it is: the client hears that there is no reply
            brief.set_exception(error)
            return
        if not was_taken:
            self.cycle = None  # type: ignore[assignment]  # as before the request: uvicorn begins it anew
            self._ask_application()
            self.cycle.body += brief.request.body
            super().on_message_complete()

    def say(self, reply: Reply, *, last: bool) -> None:
        """Write the whole reply to a brief request."""
        if self.transport.is_closing():
            return
        self.transport.write(self._briefs.written(reply, self.server_state.default_headers, last=last))
        if last:
            self._end()
        self.on_response_complete()

    def _replied(self, corked: Corked) -> None:
        corked.uncork()
        self.on_response_complete()

    def on_response_complete(self) -> None:
        """A reply is on its way, maybe before the request was there."""
        super().on_response_complete()
        self._unanswered -= 1
        self._turn()

    def _stop(self, why: Dismissal) -> NoReturn:
        self._why = why
        raise Stop

    # Whose turn it is

    def _turn(self) -> None:
        if self._unanswered > 0:
            self._since = None
            self._crowd.leaves_alone(self)
        else:
            self._wait()

    def _wait(self) -> None:
        self._since = self._heard = self.loop.time()
        self._crowd.waits_for(self)
        if self._watch is None:
            self._watch = self.loop.call_at(self._due(self._since), self._look)

    def _due(self, since: float) -> float:
        return min(self._heard + self._bounds.silent_seconds_max, since + self._bounds.request_seconds_max)

    def _look(self) -> None:
        self._watch = None
        if self._since is None:
            return
        due = self._due(self._since)
        if self.loop.time() < due:
            self._watch = self.loop.call_at(due, self._look)
        elif self._asks:
            self._refuse(TOO_SLOW)
        else:
            self.transport.abort()

    @property
    def _asks(self) -> bool:
        """Whether part of a request has come that can still be answered."""
        return self._part is not Part.NOTHING and self._may_speak

    @property
    def _may_speak(self) -> bool:
        """Whether what is said now would be taken for the reply to what came last."""
        if self._deaf or self._unanswered > 0 or self.flow.write_paused or self.transport.is_closing():
            return False
        return self._part is not Part.BODY or not self.cycle.response_started

    # The end

    def leave(self) -> None:
        """The worker leaves: what came last is the last that is answered, or else what comes next."""
        if self.cycle is not None and not self.cycle.response_started:
            self.cycle.keep_alive = False

    def _end(self) -> None:
        """The last reply is said, maybe before the request is there, maybe with another behind it."""
        if (self._part is Part.BODY or self._crowd.leaves) and not self.transport.is_closing():
            self._linger()
        else:
            self.transport.close()

    def give_way(self) -> None:
        """Somebody else needs the place. Who is idle hears nothing: they asked nothing."""
        if self._asks or (self.cycle is None and self._may_speak):
            self._refuse(BUSY)
            self.transport.close()
        else:
            self.transport.abort()

    def _refuse(self, refusal: Dismissal) -> None:
        """Say why, unless it would be taken for another reply, and hear no more."""
        speaks, self._deaf = self._may_speak, True
        self._crowd.count(refusal.problem)
        self.pipeline.clear()
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if not speaks:
            self.transport.abort()
            return
        self.transport.write(refusal.reply())
        self._linger()

    def _linger(self) -> None:
        """Say no more and hear no more, and let the client come to its end."""
        self._deaf = True
        self.pipeline.clear()
        self.transport.write_eof()
        if self._watch is not None:
            self._watch.cancel()
        self._watch = self.loop.call_later(LINGER_SECONDS, self.transport.abort)
