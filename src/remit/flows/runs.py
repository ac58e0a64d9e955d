"""Entries of the journal that are divided together: those of one app, version and second, kind by kind."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from remit.flows.entry import Entry
from remit.policy.columns import Batch, joined
from remit.policy.split import Tally
from remit.policy.words import Kind

SECOND_MS = 1000


@dataclass(frozen=True, slots=True)
class Run:
    """At least one entry. To judge a batch costs much, and one more record of it little."""

    entries: Sequence[Entry]

    @property
    def app(self) -> str:
        """The app that all of them came from."""
        return self.entries[0].app

    @property
    def version(self) -> int:
        """The version under which all of them were written down."""
        return self.entries[0].version

    @property
    def received(self) -> int:
        """When the first of them arrived, in ms since 1970: what is kept goes by the earliest."""
        return self.entries[0].received

    @property
    def size(self) -> int:
        """How many records there are."""
        return sum(batch.size for entry in self.entries for batch in entry.batches)

    def batches(self) -> Iterator[Batch]:
        """The records, a batch for each kind, in their order."""
        by_kind: dict[Kind, list[Batch]] = {}
        for entry in self.entries:
            for batch in entry.batches:
                by_kind.setdefault(batch.kind, []).append(batch)
        return map(joined, by_kind.values())

    def ends(self) -> Tally:
        """The uses that ended at intake."""
        total = Tally()
        for entry in self.entries:
            total.update(entry.ends())
        return total


def runs(entries: Sequence[Entry]) -> list[Run]:
    """The entries in as few runs as may be, and in the order of time within each: workers' journals come one by one."""
    found: dict[tuple[str, int, int], list[Entry]] = {}
    for entry in sorted(entries, key=lambda entry: entry.received):
        found.setdefault((entry.app, entry.version, entry.received // SECOND_MS), []).append(entry)
    return list(map(Run, found.values()))
