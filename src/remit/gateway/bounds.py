"""What strangers may hold of one worker, and for how long: every number that the gateway goes by."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The bounds of one worker. The defaults are what runs; docs/running.md says why they are what they are."""

    head_bytes_max: int = 32 * 1024
    """Request line and header lines, as nginx takes them by default."""
    header_lines_max: int = 100
    """Each costs some hundred bytes, however short it is."""
    pipelined_max: int = 8
    """Requests of one connection that wait for the one before them."""
    silent_seconds_max: float = 30.0
    """Without a byte of a request that is not there yet."""
    request_seconds_max: float = 300.0
    """From the first byte of a request to its last."""
    connections_max: int = 900
    """With the worker's own files, they fit the 1,024 that a process may usually open."""
    unread_bytes_max: int = 64 * 1024
    """What the kernel keeps of a connection, about: 640 KB/s where a round trip takes a tenth of a second."""
    small_bytes: int = 64 * 1024
    """What every request may hold, however much others hold."""
    held_bytes_max: int = 64 * 1024 * 1024
    """What all requests may hold beyond that, together: bodies as they came and as they were inflated."""
    fair_seconds: float = 10.0
    """A body that takes longer gives way to one that needs its room."""

    @property
    def leaving_seconds_max(self) -> float:
        """A worker that accepts nobody any more has answered everybody by then: who is silent, then sends slowly."""
        return self.silent_seconds_max + self.request_seconds_max
