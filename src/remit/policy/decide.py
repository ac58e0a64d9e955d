"""The only yes: which values are kept, reduced and counted, and why the others are dropped.

Pure and repeatable: the same batch, plan, choices and time give the same split.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from remit.policy.between import Since, Stricter, bars_since
from remit.policy.catalogue import Catalogue
from remit.policy.choices import Choices
from remit.policy.columns import Batch
from remit.policy.judge import Bars
from remit.policy.model import App, Dimension
from remit.policy.plan import Feed, Keep, Plan, Poll, Use
from remit.policy.reduce import REDUCTIONS, bucket
from remit.policy.regions import ruling
from remit.policy.split import Block, Cell, CellKey, Clue, Name, Split, Tally, TallyKey, Vote
from remit.policy.words import APP_NAME, NONE, RECEIVED, Fate, Item, Reason, Value


@dataclass(frozen=True, slots=True)
class _Case:
    """Everything known about one batch while it is judged."""

    plan: Plan
    batch: Batch
    received: int
    barred: Bars | Stricter
    fits: dict[Item, list[bool]]

    def value(self, item: Item, i: int) -> Value | None:
        column = self.batch.columns.get(item)
        return None if column is None else column[i]

    def end(self, use: Use, i: int, shut: Reason | None = None) -> Reason | None:
        """Why this use of a present value may not happen, or None; ``shut`` is why nothing around it may."""
        reason = self.barred.of(use, i)
        if reason is Reason.FORBIDDEN:
            return reason
        if shut is None and reason is None and not self.fits[use.item][i]:
            return Reason.MALFORMED
        return shut or reason


def decide(plan: Plan, batch: Batch, *, choices: Choices, received: int, since: Since | None = None) -> Split:
    """Split one batch. ``received`` is in ms since 1970.

    ``plan`` is of the version under which the batch was written down; ``since`` is what another says that came in
    force meanwhile: it can only take away.
    """
    table = plan.tables[batch.kind]
    barred = bars_since(plan, batch, choices=choices, since=since)
    case = _Case(plan, batch, received, barred, _fits(batch, plan.catalogue))
    split = Split()
    for keep in table.keeps:
        _keep(case, keep, split)
    for feed in table.feeds:
        _feed(case, feed, split)
    for poll in table.polls:
        _poll(case, poll, split)
    return split


def dropped(plan: Plan, batch: Batch, reason: Reason) -> Split:
    """The split of records that are dropped whole, such as repeats: every use of every value ends so."""
    split = Split()
    for item, uses in plan.tables[batch.kind].uses.items():
        column = batch.columns.get(item)
        n = 0 if column is None else sum(value is not None for value in column)
        for use in uses:
            _end(split.tally, plan.app, use, reason, n=n)
    return split


def _fits(batch: Batch, catalogue: Catalogue) -> dict[Item, list[bool]]:
    return {
        item: [value is not None and fits(value) for value in column]
        for item, column in batch.columns.items()
        for fits in (catalogue[item].fits,)
    }


def _end(tally: Tally, app: App, use: Use, end: Reason | Fate, *, n: int = 1) -> None:
    if n:
        fate, reason = (Fate.DROPPED, end) if isinstance(end, Reason) else (end, None)
        tally[TallyKey(app.name, use.item, use.purpose, fate, reason)] += n


def _keep(case: _Case, keep: Keep, split: Split) -> None:
    rows: dict[tuple[tuple[Name, ...], int, tuple[Clue, ...]], list[dict[Item, Value]]] = {}
    for i, law in enumerate(case.barred.laws):
        row: dict[Item, Value] = {}
        names = case.barred.owners(i)
        ownerless = keep.ownerless(names)
        for use in keep.uses:
            value = case.value(use.item, i)
            if value is None:
                continue
            reason = case.end(use, i) or ownerless or case.barred.ownerless(use, i)
            if reason is None:
                row[use.item] = value
            _end(split.tally, case.plan.app, use, reason or Fate.KEPT)
        if row:
            rule = ruling(keep.rule.index, law, case.plan.rules)
            rows.setdefault((names, rule, _clues(case, keep, i, names=names)), []).append(row)
    split.blocks += [
        Block(names, case.plan.version, rule, case.received, tuple(found), clues)
        for (names, rule, clues), found in rows.items()
    ]


def _clues(case: _Case, keep: Keep, i: int, *, names: tuple[Name, ...]) -> tuple[Clue, ...]:
    law, rules = case.barred.laws[i], case.plan.rules
    return tuple(
        Clue(use.item, case.plan.catalogue[use.item].form(value), ruling(one.rule.index, law, rules))
        for one in keep.clues
        if one.ownerless(names) is None
        for use in one.uses
        if (value := case.value(use.item, i)) is not None
        if case.end(use, i) is None and case.barred.ownerless(use, i) is None
    )


def _feed(case: _Case, feed: Feed, split: Split) -> None:
    weights = case.batch.weights or [1] * case.batch.size
    for i in range(case.batch.size):
        measures = {
            use.target.partition(".")[2]: bucket(float(value))
            for use in feed.measures
            if (value := case.value(use.item, i)) is not None and case.end(use, i) is None
        }
        shut = case.barred.of(feed.gate, i)
        idle = None if feed.counts or measures else Reason.NOT_NEEDED
        group = _group(case, feed.dimensions, feed.fact.dimensions, i)
        for use in (*feed.dimensions, *feed.measures):
            if use is not None and case.value(use.item, i) is not None:
                _end(split.tally, case.plan.app, use, case.end(use, i, shut) or idle or Fate.REDUCED)
        if shut is None and idle is None:
            cell = split.cells.setdefault(CellKey(feed.fact.name, group), Cell())
            cell.add(Cell(weights[i] * feed.counts, {name: Counter({b: weights[i]}) for name, b in measures.items()}))


def _poll(case: _Case, poll: Poll, split: Split) -> None:
    for i in range(case.batch.size):
        shut = case.barred.of(poll.gate, i)
        voted = False
        for use in poll.votes:
            value = case.value(use.item, i)
            if value is None:
                continue
            reason = case.end(use, i, shut) or (Reason.NOT_NEEDED if voted else None)
            if reason is None:
                group = _group(case, poll.dimensions, poll.count.dimensions, i)
                split.votes.append(Vote(poll.count.name, group, use.item, case.plan.catalogue[use.item].form(value)))
                voted = True
            _end(split.tally, case.plan.app, use, reason or Fate.COUNTED)
        idle = None if voted else Reason.NOT_NEEDED
        for column in poll.dimensions:
            if column is not None and case.value(column.item, i) is not None:
                _end(split.tally, case.plan.app, column, case.end(column, i, shut) or idle or Fate.REDUCED)


def _group(case: _Case, uses: Sequence[Use | None], dimensions: Sequence[Dimension], i: int) -> tuple[str | int, ...]:
    return tuple(
        _intrinsic(case, dimension) if use is None else _reduced(case, use, dimension, i)
        for use, dimension in zip(uses, dimensions, strict=True)
    )


def _intrinsic(case: _Case, dimension: Dimension) -> str | int:
    if dimension.item == APP_NAME:
        return case.plan.app.name
    assert dimension.item == RECEIVED
    return REDUCTIONS[dimension.reduction or "hour"].of(case.received, case.plan.app)


def _reduced(case: _Case, use: Use, dimension: Dimension, i: int) -> str | int:
    value = case.value(use.item, i)
    if value is None or case.end(use, i) is not None or dimension.reduction is None:
        return NONE
    return REDUCTIONS[dimension.reduction].of(value, case.plan.app)
