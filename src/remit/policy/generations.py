"""Under which names facts and counts are stored: one that changes its columns begins a generation of its own.

The first has the fact's own name, a later one the version that began it besides, in a letter that no name may have.
What is stored stays where it is, so that a load that comes late finds its table, and questions read all of them as one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from remit.policy.grouping import sets
from remit.policy.model import Count, Fact, Policy


@dataclass(frozen=True, slots=True)
class Generation:
    """One form of a fact or count, and the name of its table and of its open periods."""

    name: str
    of: Fact | Count


Generations = Mapping[str, Sequence[Generation]]
"""By name of the fact or count, oldest first."""


def table(of: Generation) -> str:
    """The name of its table."""
    return f"{'fact' if isinstance(of.of, Fact) else 'count'}_{of.name}"


def generations(versions: Sequence[Policy]) -> dict[str, list[Generation]]:
    """Every form that every fact and count has had; ``versions`` are all that were adopted, oldest first."""
    found: dict[str, list[Generation]] = {}
    for policy in versions:
        for one in _owners(policy):
            known = found.setdefault(one.name, [])
            if all(_form(one) != _form(other.of) for other in known):
                known.append(Generation(f"{one.name}_V{policy.version}" if known else one.name, one))
    return found


def stored(versions: Sequence[Policy]) -> dict[str, list[Generation]]:
    """The generations of what the last version has: all that may be asked."""
    known = generations(versions)
    return {one.name: [form for form in known[one.name] if type(form.of) is type(one)] for one in _owners(versions[-1])}


def forms(policy: Policy, known: Generations) -> list[Generation]:
    """What a version stores of each of its facts and counts, as that version words it."""
    return [
        Generation(generation.name, one)
        for one in _owners(policy)
        for generation in known[one.name]
        if _form(generation.of) == _form(one)
    ]


def stored_as(policy: Policy, known: Generations) -> dict[str, str]:
    """Under which name a version stores each of its facts and counts."""
    return {one.of.name: one.name for one in forms(policy, known)}


def _owners(policy: Policy) -> Iterator[Fact | Count]:
    yield from policy.facts.values()
    yield from policy.counts.values()


def _form(of: Fact | Count) -> tuple[object, ...]:
    """What makes numbers comparable: what they are of, for which purpose, the columns in order, and grouping sets."""
    columns = tuple((one.name, one.item, one.reduction) for one in of.dimensions)
    if isinstance(of, Fact):
        return Fact, of.purpose, columns, tuple((one.name, one.item) for one in of.measures)
    return Count, of.purpose, columns, of.of, tuple(one.mask for one in sets(of))
