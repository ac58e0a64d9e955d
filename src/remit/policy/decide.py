"""The only yes: which values are kept, reduced and counted, and why the others are dropped.

Pure and repeatable: the same batch, plan, choices and time give the same split. It works column by column, since what
a batch bears is mostly alike: what bars a purpose, whether a value fits, what it is reduced to.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, TypeVar

from remit.policy.between import Since, Stricter, bars_since
from remit.policy.choices import Choices
from remit.policy.columns import Batch, Column, Rows, each
from remit.policy.judge import Bars
from remit.policy.model import App, Count, Fact
from remit.policy.plan import Feed, Keep, Plan, Poll, Use
from remit.policy.reduce import REDUCTIONS, bucket
from remit.policy.regions import ruling
from remit.policy.split import Block, Cell, CellKey, Clue, Name, Split, Tally, TallyKey, Vote
from remit.policy.words import APP_NAME, NONE, RECEIVED, Fate, Item, Reason

T = TypeVar("T")
Ends = Sequence[Reason | None]
"""Of each record why something may not happen; None where it may."""
Group = tuple[str | int, ...]
Leads = Sequence[Clue | None]


class _Whose(NamedTuple):
    """Under which names something of a record may be kept, and the number of the law that says for how long."""

    names: tuple[Name, ...]
    law: int


class _Case:
    """Everything known about one batch while it is judged."""

    def __init__(self, plan: Plan, batch: Batch, received: int, *, barred: Bars | Stricter) -> None:
        self.plan, self.batch, self.received, self.barred = plan, batch, received, barred
        told = list(zip(barred.owners, [law.number for law in barred.laws], strict=True))
        found = dict.fromkeys(told)
        self.whose = [_Whose(*whose) for whose in found]
        """Each that differs."""
        at = {whose: number for number, whose in enumerate(found)}
        self.which = [at[whose] for whose in told]
        """Of each record, whose it is."""
        self.led: dict[int, Sequence[Leads]] = {}
        """For each rule that keeps clues, what leads to each record."""
        self._unfits: dict[Item, Ends] = {}
        self._forms: dict[Item, Sequence[str | None]] = {}

    def borne(self, uses: Sequence[Use]) -> Iterator[tuple[Use, Column]]:
        """Each of these of whose item some record may bear a value, with its column."""
        return ((use, self.batch.columns[use.item]) for use in uses if use.item in self.batch.columns)

    def _unfit(self, item: Item) -> Ends:
        """Of each value, that it is not of the item's type, where it is not."""
        if item not in self._unfits:
            fits = self.plan.catalogue[item].fits
            self._unfits[item] = each(self.batch.columns[item], lambda value: None if fits(value) else Reason.MALFORMED)
        return self._unfits[item]

    def forms(self, item: Item) -> Sequence[str | None]:
        """Each value of an identifier in the form in which it is compared."""
        if item not in self._forms:
            self._forms[item] = each(self.batch.columns[item], self.plan.catalogue[item].form)
        return self._forms[item]

    def ends(self, use: Use, shut: Ends | None = None) -> Ends:
        """Why this use of each value may not happen; ``shut`` is why nothing around it may."""
        reasons = self.barred.reasons(use)
        ends = _either(reasons if shut is None else _either(shut, reasons), self._unfit(use.item))
        if Reason.FORBIDDEN not in reasons:
            return ends
        return [reason if reason is Reason.FORBIDDEN else end for reason, end in zip(reasons, ends, strict=True)]

    def end(self, split: Split, use: Use, ends: Ends, *, fate: Fate) -> None:
        """Count how the use of each value ended; ``fate`` is what became of it where nothing was in the way."""
        column = self.batch.columns[use.item]
        if ends and ends.count(ends[0]) == len(ends):
            _end(split.tally, self.plan.app, use, ends[0] or fate, n=len(column) - column.count(None))
            return
        told = [end for end, value in zip(ends, column, strict=True) if value is not None]
        for end, n in Counter(told).items():
            _end(split.tally, self.plan.app, use, end or fate, n=n)


def decide(plan: Plan, batch: Batch, *, choices: Choices, received: int, since: Since | None = None) -> Split:
    """Split one batch. ``received`` is in ms since 1970.

    ``plan`` is of the version under which the batch was written down; ``since`` is what another says that came in
    force meanwhile: it can only take away.
    """
    table = plan.tables[batch.kind]
    case = _Case(plan, batch, received, barred=bars_since(plan, batch, choices=choices, since=since))
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
        n = 0 if column is None else len(column) - column.count(None)
        for use in uses:
            _end(split.tally, plan.app, use, reason, n=n)
    return split


def _end(tally: Tally, app: App, use: Use, end: Reason | Fate, *, n: int) -> None:
    if n:
        fate, reason = (Fate.DROPPED, end) if isinstance(end, Reason) else (end, None)
        tally[TallyKey(app.name, use.item, use.purpose, fate, reason)] += n


# What is kept


def _keep(case: _Case, keep: Keep, split: Split) -> None:
    ownerless = _ownerless(case, keep)
    columns: dict[Item, Column] = {}
    for use, column in case.borne(keep.uses):
        ends = _kept(case, use, ownerless)
        case.end(split, use, ends, fate=Fate.KEPT)
        if None in ends:
            columns[use.item] = _where(ends, column)
    for (which, led), at in _together(case, keep, list(columns.values())).items():
        names, law = case.whose[which]
        rule = ruling(keep.rule.index, law, case.plan.rules)
        rows = Rows.of({item: _at(column, at) for item, column in columns.items()}, len(at))
        clues = tuple([clue for clue in led if clue is not None])
        split.blocks.append(Block(names, case.plan.version, rule, case.received, rows, clues))


def _where(ends: Ends, column: Sequence[T | None]) -> Sequence[T | None]:
    """Of each value what may be, and None where something is in the way."""
    if ends.count(None) == len(ends):
        return column
    return [value if end is None else None for value, end in zip(column, ends, strict=True)]


def _at(column: Column, at: Sequence[int]) -> Column:
    return column if len(at) == len(column) else [column[i] for i in at]


def _together(case: _Case, keep: Keep, columns: Sequence[Column]) -> Mapping[tuple[int, Leads], Sequence[int]]:
    """Positions of the records of which something is kept, by whose they are and what leads to them."""
    if not columns:
        return {}
    size, led = case.batch.size, _led(case, keep)
    if (
        len(case.whose) == 1
        and any(None not in one for one in columns)
        and all(one.count(one[0]) == size for one in led)
    ):
        return {(0, tuple([one[0] for one in led])): range(size)}
    leads = zip(*led, strict=True) if led else [()] * size
    empty, found = (None,) * len(columns), dict[tuple[int, Leads], list[int]]()
    for i, (row, which, lead) in enumerate(zip(zip(*columns, strict=True), case.which, leads, strict=True)):
        if row != empty:
            found.setdefault((which, lead), []).append(i)
    return found


def _ownerless(case: _Case, keep: Keep) -> Ends:
    """Why a rule can keep nothing of each record: it is nobody's whom the rule is about."""
    ownerless = [keep.ownerless(names) for names, _ in case.whose]
    return ownerless * len(case.which) if len(ownerless) == 1 else [ownerless[which] for which in case.which]


def _kept(case: _Case, use: Use, ownerless: Ends) -> Ends:
    """Why each value is not kept."""
    return _either(_either(case.ends(use), ownerless), case.barred.ownerless(use))


def _led(case: _Case, keep: Keep) -> Sequence[Leads]:
    """Columns of what leads to each record's block beside its names."""
    for one in keep.clues:
        if one.rule.index not in case.led:
            case.led[one.rule.index] = list(_clues_of(case, one))
    return [column for one in keep.clues for column in case.led[one.rule.index]]


def _clues_of(case: _Case, keep: Keep) -> Iterator[Sequence[Clue | None]]:
    ownerless, rules = _ownerless(case, keep), case.plan.rules
    laws = [case.whose[which].law for which in case.which]
    for use, _ in case.borne(keep.uses):
        told = list(zip(case.forms(use.item), _kept(case, use, ownerless), laws, strict=True))
        made = {
            one: None if form is None or end is not None else Clue(use.item, form, ruling(keep.rule.index, law, rules))
            for one in set(told)
            for form, end, law in [one]
        }
        yield [made[one] for one in told]


# What is reduced and counted


def _feed(case: _Case, feed: Feed, split: Split) -> None:
    shut = case.barred.reasons(feed.gate)
    measured = dict(_measured(case, feed))
    idle = _idle(feed.counts, list(measured.values()), len(shut))
    for use, _ in case.borne([use for use in (*feed.dimensions, *feed.measures) if use is not None]):
        case.end(split, use, _either(case.ends(use, shut), idle), fate=Fate.REDUCED)
    weights = case.batch.weights or [1] * len(shut)
    ends, groups = _either(shut, idle), _groups(case, feed.dimensions, feed.fact)
    told = zip(ends, groups, weights, *measured.values(), strict=True)
    for (end, group, weight, *buckets), n in Counter(told).items():
        if end is None:
            cell = split.cells.setdefault(CellKey(feed.fact.name, group), Cell())
            cell.n += n * weight * feed.counts
            for name, bucket_of in zip(measured, buckets, strict=True):
                if bucket_of is not None:
                    cell.histograms.setdefault(name, Counter())[bucket_of] += n * weight


def _measured(case: _Case, feed: Feed) -> Iterator[tuple[str, Sequence[int | None]]]:
    """Each measure, and the bucket into which each record's value falls."""
    for use, column in case.borne(feed.measures):
        ends = case.ends(use)
        buckets = [
            bucket(float(value)) if end is None and value is not None else None
            for value, end in zip(column, ends, strict=True)
        ]
        yield use.target.partition(".")[2], buckets


def _idle(counts: bool, columns: Sequence[Sequence[object]], size: int) -> Ends:
    """Of each record, that nothing is counted of it, unless it counts as such or something of it does."""
    if counts:
        return [None] * size
    some = [any(one is not None for one in told) for told in zip(*columns, strict=True)] or [False] * size
    return [None if one else Reason.NOT_NEEDED for one in some]


def _poll(case: _Case, poll: Poll, split: Split) -> None:
    shut = case.barred.reasons(poll.gate)
    groups = _groups(case, poll.dimensions, poll.count)
    voted: Ends = [None] * len(shut)
    for use, _ in case.borne(poll.votes):
        ends, forms = _either(case.ends(use, shut), voted), case.forms(use.item)
        case.end(split, use, ends, fate=Fate.COUNTED)
        told = [
            None if form is None or end is not None else Reason.NOT_NEEDED
            for form, end in zip(forms, ends, strict=True)
        ]
        cast = dict.fromkeys(zip(groups, _where(ends, forms), strict=True))
        split.votes += [Vote(poll.count.name, group, use.item, form) for group, form in cast if form is not None]
        voted = _either(voted, told)
    idle: Ends = [None if vote else Reason.NOT_NEEDED for vote in voted]
    for use, _ in case.borne([use for use in poll.dimensions if use is not None]):
        case.end(split, use, _either(case.ends(use, shut), idle), fate=Fate.REDUCED)


def _either(ends: Ends, others: Ends) -> Ends:
    """The first reason of each record. Mostly one side has none, or the other has one for all."""
    if None not in ends or others.count(None) == len(others):
        return ends
    if ends.count(None) == len(ends):
        return others
    return [end or other for end, other in zip(ends, others, strict=True)]


def _groups(case: _Case, uses: Sequence[Use | None], of: Fact | Count) -> Sequence[Group]:
    """The dimensions of each record."""
    columns = [
        _intrinsic(case, dimension.item, dimension.reduction)
        if use is None
        else _reduced(case, use, dimension.reduction)
        for use, dimension in zip(uses, of.dimensions, strict=True)
    ]
    return list(zip(*columns, strict=True)) if columns else [()] * len(case.which)


def _intrinsic(case: _Case, item: Item, reduction: str | None) -> Sequence[str | int]:
    if item == APP_NAME:
        return [case.plan.app.name] * len(case.which)
    assert item == RECEIVED
    return [REDUCTIONS[reduction or "hour"].of(case.received, case.plan.app)] * len(case.which)


def _reduced(case: _Case, use: Use, reduction: str | None) -> Sequence[str | int]:
    column = case.batch.columns.get(use.item)
    if column is None or reduction is None:
        return [NONE] * len(case.which)
    app, of = case.plan.app, REDUCTIONS[reduction].of
    fitting = [value if end is None else None for value, end in zip(column, case.ends(use), strict=True)]
    return [NONE if told is None else told for told in each(fitting, lambda value: of(value, app))]
