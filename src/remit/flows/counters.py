"""Operational counters of one process: sums since its start, of nobody in particular."""

import threading
from collections import Counter
from collections.abc import Mapping

from remit.policy.choice_tokens import Flaw
from remit.policy.split import Tally
from remit.policy.words import Fate
from remit.wire.protocol import Skip

RECORDS = "records"
OUTWEIGHED = "signals_outweighed"
"""Records of which a choice that was proved outweighed a general signal: the conflict is kept as a number."""


class Counters:
    """Named sums.

    Names are fates, ``dropped:reason``, ``refused:rejection``, ``skipped:why``, ``unsent:reason:category``,
    ``choice_token:flaw`` (or ``heard``), ``records`` and ``signals_outweighed``.
    """

    def __init__(self) -> None:
        self._sums: Counter[str] = Counter()
        self._lock = threading.Lock()

    def add(self, name: str, n: int = 1) -> None:
        """Count n more."""
        with self._lock:
            self._sums[name] += n

    def add_tally(self, tally: Tally) -> None:
        """Count the ends of uses."""
        with self._lock:
            for key, n in tally.items():
                self._sums[f"dropped:{key.reason}" if key.fate is Fate.DROPPED else key.fate.value] += n

    def add_tokens(self, tokens: Mapping[Flaw | None, int]) -> None:
        """Count choice tokens by what was wrong with them."""
        for flaw, n in tokens.items():
            self.add(f"choice_token:{flaw or 'heard'}", n)

    def add_skips(self, skips: Mapping[Skip, int]) -> None:
        """Count parts of requests that became no record."""
        for skip, n in skips.items():
            self.add(f"skipped:{skip}", n)

    def add_unsent(self, discarded: Mapping[tuple[str, str], int]) -> None:
        """Count what clients say that they did not send."""
        for (reason, category), n in discarded.items():
            self.add(f"unsent:{reason}:{category}", n)

    def add_all(self, other: "Counters") -> None:
        """Count what another counted."""
        found = other.sums()
        with self._lock:
            self._sums.update(found)

    def sums(self) -> dict[str, int]:
        """All sums at this moment."""
        with self._lock:
            return dict(self._sums)
