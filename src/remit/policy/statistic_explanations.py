"""What a policy does with its facts and counts: what each shows, what for, and on which grounds."""

from collections.abc import Iterator

from remit.policy.explanation import Explanation, Sentence, explanation
from remit.policy.grouping import GroupingSet, sets
from remit.policy.model import Count, Fact, Policy
from remit.policy.phrases import ACCESS, GROUNDS, capital, column, listed, plain, reason, title, titles
from remit.policy.plan import REFUSABLE_BASES, hears_choices
from remit.policy.signals import heard_of
from remit.policy.words import Basis, DeviceAccess, Item


def fact_explained(policy: Policy, fact: Fact) -> Explanation:
    """All that is said of a fact."""
    measures = (
        Sentence(fact.name, f"{one.name}: how the values of {title(policy, one.item)} are distributed.", one.line)
        for one in fact.measures
    )
    return explanation(
        "fact",
        fact.name,
        says=f"How many records told of {listed(fact.kinds, 'or')}: cells with a number each, about nobody.",
        parts=[
            ("Columns of its cells", [*_columns(policy, fact), *measures]),
            ("Which of them small cells are to lose first", _falling(fact)),
            ("What for", [_for(policy, fact)]),
            ("What it reads of devices", [_access(fact)]),
            ("If the person refuses that", [_gate(policy, fact)]),
        ],
    )


def count_explained(policy: Policy, count: Count) -> Explanation:
    """All that is said of a count."""
    periods = listed([f"a {period}" for period in count.every], "or")
    counted = f"How many different values of {_first(policy, count)} there were in {periods}, without keeping which."
    hidden = f"Numbers below {policy.k} are not shown, and the key that hides who it was is destroyed soon after."
    if count.sets:
        hidden += f" Where a group of fewer than {policy.k} could be made out, groups are counted together, as (other)."
    return explanation(
        "count",
        count.name,
        says=f"{counted} {hidden}",
        parts=[
            ("Counted by", _columns(policy, count)),
            ("Its tables, and when they have numbers", _tables(count)),
            ("What for", [_for(policy, count)]),
            ("What it reads of devices", [_access(count)]),
            ("If the person refuses that", [_gate(policy, count)]),
        ],
    )


def _columns(policy: Policy, owner: Fact | Count) -> list[Sentence]:
    return [Sentence(owner.name, f"{one.name}: {column(policy, one)}.", one.line) for one in owner.dimensions]


def _tables(count: Count) -> list[Sentence]:
    if not count.sets:
        return []
    coarsest, *finer = sets(count)
    told = [(coarsest, "while the period goes on"), *((one, "once, when it has ended") for one in finer)]
    return [Sentence(one.table, f"{one.table}: {_by(one)}, {when}.", count.line) for one, when in told]


def _by(one: GroupingSet) -> str:
    return f"by {listed([column.name for column in one.columns])}" if one.columns else "in all"


def _for(policy: Policy, owner: Fact | Count) -> Sentence:
    ground = GROUNDS[policy.purposes[owner.purpose].basis]
    return Sentence(owner.purpose, f"{capital(reason(policy, owner.purpose))}, {ground}.", owner.line)


def _access(owner: Fact | Count) -> Sentence:
    exemption = f": {plain(owner.exemption)}" if owner.exemption else ""
    return Sentence(owner.name, f"{capital(ACCESS[owner.access])}{exemption}.", owner.line)


def _falling(fact: Fact) -> list[Sentence]:
    if not fact.fall:
        return []
    says = f"{listed(fact.fall)}, in this order, are to become (other) where few brought a cell. Nothing does that yet."
    return [Sentence(fact.name, says, fact.line)]


def _gate(policy: Policy, owner: Fact | Count) -> Sentence:
    if not hears_choices(policy):
        return Sentence(
            owner.name, f"Nothing that is sent names a person, so no choice is known: {_unheard(policy, owner)}."
        )
    if policy.purposes[owner.purpose].basis in REFUSABLE_BASES:
        return Sentence(owner.name, "What is sent of the person is not counted here any more; past numbers stay.")
    return Sentence(owner.name, "It is counted all the same: the ground does not hang on the person.")


def _unheard(policy: Policy, owner: Fact | Count) -> str:
    """What becomes of a statistic for which no choice of anybody's can be known."""
    if policy.purposes[owner.purpose].basis is Basis.CONSENT or owner.access is DeviceAccess.CONSENT:
        return "nothing is counted"
    signalled = any(owner.purpose in refused for _, refused in heard_of(policy.signals))
    return "only a signal stops it" if signalled else "all of it is counted"


def _first(policy: Policy, count: Count) -> str:
    return titles(policy, count.of) if len(count.of) == 1 else f"the first that is there of {titles(policy, count.of)}"


def owners(policy: Policy) -> list[Fact | Count]:
    """Every fact and count."""
    return [*policy.facts.values(), *policy.counts.values()]


def shown(policy: Policy, owner: Fact | Count) -> str:
    """What a fact or count shows, in a few words."""
    by = f", by {listed([column(policy, one) for one in owner.dimensions])}" if owner.dimensions else ""
    by += f" ({listed([_by(one) for one in sets(owner)])})" if isinstance(owner, Count) and owner.sets else ""
    if isinstance(owner, Count):
        return f"how many different values of {_first(policy, owner)} there were per {listed(owner.every)}{by}"
    measured = [title(policy, one.item) for one in owner.measures]
    distributed = f", with the distribution of {listed(measured)}" if measured else ""
    return f"how many records told of {listed(owner.kinds, 'or')}{by}{distributed}"


def statistics_of(policy: Policy, item: Item) -> Iterator[Sentence]:
    """What is made of an item."""
    for owner in owners(policy):
        why = reason(policy, owner.purpose)
        for one in owner.dimensions:
            if one.item == item:
                says = f"{owner.name} shows it as {one.name}: {column(policy, one)}; {why}."
                yield Sentence(owner.name, says, one.line)
        for measure in owner.measures if isinstance(owner, Fact) else ():
            if measure.item == item:
                says = f"{owner.name} shows how its values are distributed, as {measure.name}; {why}."
                yield Sentence(owner.name, says, measure.line)
        if isinstance(owner, Count) and item in owner.of:
            yield Sentence(
                owner.name, f"{owner.name} counts by {_first(policy, owner)}, without knowing who; {why}.", owner.line
            )
