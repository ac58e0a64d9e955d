"""What became of the records of one process, in numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """``recorded + found == taken + waiting + sum(dropped.values())``, at every moment."""

    recorded: int = 0
    found: int = 0
    """What an earlier process had left in the buffer."""
    taken: int = 0
    waiting: int = 0
    dropped: Mapping[str, int] = field(default_factory=dict)
    """Why records went nowhere; docs/client.md explains the reasons."""
    reported: Mapping[str, int] = field(default_factory=dict)
    """What remit said that it drops of what it took: uses of values, by reason."""
    halted: bool = False
    """Whether the key was refused: nothing is sent before ``resume``."""
