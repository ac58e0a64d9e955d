"""What intake may do: drop what need not travel. It never adds, and never says yes.

A value goes when every use of it is barred; a record goes when nothing in it is left to do. The uses
that end here are tallied here; all others are tallied by decide, so that each is counted once.
"""

from collections import Counter
from dataclasses import dataclass, replace

from remit.policy.choices import Choices
from remit.policy.columns import Batch
from remit.policy.judge import Bars, bars, countries_in
from remit.policy.plan import Plan, Table, Use
from remit.policy.split import Tally, TallyKey
from remit.policy.words import Fate, Item, Reason, Value


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What travels on (None when nothing does), and the ends of what does not."""

    batch: Batch | None
    tally: Tally


def narrow(plan: Plan, batch: Batch, choices: Choices) -> Narrowed:
    """The batch with fewer columns, values and records, and what was barred written beside it."""
    table = plan.tables[batch.kind]
    known = {item: column for item, column in batch.columns.items() if item in table.items}
    batch = replace(batch, columns=known)
    if plan.laws.abroad:
        batch = replace(batch, countries=countries_in(plan, batch))
    barred = bars(plan, batch, choices)
    tally: Tally = Counter()
    open_records = {i for i in range(batch.size) if _gate_open(table, barred, i)}
    columns: dict[Item, list[Value | None]] = {item: list(column) for item, column in known.items()}
    shut: list[tuple[Item, int]] = []
    for item, column in columns.items():
        uses = table.uses.get(item, ())
        for i, value in enumerate(column):
            if value is None:
                continue
            ends = [barred.of(use, i) for use in uses]
            if None in ends:
                open_records.add(i)
            else:
                _tally(tally, plan, uses, ends)
                shut.append((item, i))
    for item, i in shut:
        # A name stays while its record travels: the divider asks the ledger again, and needs to know whom.
        if item not in table.names or i not in open_records:
            columns[item][i] = None
        else:
            _untally(tally, plan, table.uses.get(item, ()), barred=barred, i=i)
    if not open_records:
        return Narrowed(None, +tally)
    kept = replace(
        batch,
        columns={item: column for item, column in columns.items() if any(v is not None for v in column)},
        refused=barred.refused if any(barred.refused) else None,
        unasked=barred.unasked if any(barred.unasked) else None,
    )
    return Narrowed(kept.only(sorted(open_records)) if len(open_records) < batch.size else kept, +tally)


def _gate_open(table: Table, barred: Bars, i: int) -> bool:
    return any(feed.counts and barred.of(feed.gate, i) is None for feed in table.feeds)


def _tally(tally: Tally, plan: Plan, uses: tuple[Use, ...], ends: list[Reason | None]) -> None:
    for use, reason in zip(uses, ends, strict=True):
        tally[TallyKey(plan.app.name, use.item, use.purpose, Fate.DROPPED, reason)] += 1


def _untally(tally: Tally, plan: Plan, uses: tuple[Use, ...], *, barred: Bars, i: int) -> None:
    for use in uses:
        reason = barred.of(use, i)
        tally[TallyKey(plan.app.name, use.item, use.purpose, Fate.DROPPED, reason)] -= 1
