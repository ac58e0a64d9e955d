"""How much a client holds, how much it sends at once, and how long it waits."""

from dataclasses import dataclass

RECORDS_AT_ONCE = 5_000
"""No more is taken in one request."""
RECORD_BYTES_MAX = 512 * 1024
"""A record of more is not worth a place on the disk: with others beside it, nobody would take it."""
BLOCK_BYTES = 4096
"""What a file takes of a disk, however small it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientLimits:
    """The numbers that a client goes by. A bundle is sent when it is full of records or bytes, or old enough."""

    buffer_bytes: int = 64 * 1024 * 1024
    """On disk, by blocks, for each process; beyond it the oldest are dropped."""
    bundle_records: int = 500
    bundle_bytes: int = 256 * 1024
    bundle_seconds: float = 5.0
    """The longest that a record waits for others."""
    timeout_seconds: float = 10.0
    """Without a byte of a reply, or of a connection."""
    wait_seconds_min: float = 1.0
    """Before the second try, at most; doubled with each that fails."""
    wait_seconds_max: float = 300.0
    closing_seconds: float = 2.0
    """What the end of a program waits for at most; the rest stays on disk."""

    def wait_seconds(self, failures: int) -> float:
        """The longest wait after so many failures before this one."""
        return min(self.wait_seconds_max, self.wait_seconds_min * 2.0 ** min(failures, 60))

    def __post_init__(self) -> None:
        if not 0 < self.bundle_records <= RECORDS_AT_ONCE:
            raise ValueError(f"bundle_records is 1 to {RECORDS_AT_ONCE}")
        if not 0 < self.bundle_bytes <= RECORD_BYTES_MAX:
            raise ValueError(f"bundle_bytes is 1 to {RECORD_BYTES_MAX}")
        if self.buffer_bytes < 4 * max(self.bundle_bytes, BLOCK_BYTES):
            raise ValueError("buffer_bytes has room for four bundles")
        if not 0 < self.wait_seconds_min <= self.wait_seconds_max:
            raise ValueError("wait_seconds_min is above 0, and not above wait_seconds_max")
        if min(self.bundle_seconds, self.timeout_seconds, self.closing_seconds) < 0 or not self.timeout_seconds:
            raise ValueError("no time is negative, and a timeout is not 0")
