"""By which versions what waits in the journal is judged: its own, and the one in force, whichever is stricter."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from remit.policy.between import Bridge, Since, bridges
from remit.policy.choices import Choices
from remit.policy.columns import Batch
from remit.policy.decide import decide
from remit.policy.generations import generations, stored_as
from remit.policy.grouping import Ballot, ballot
from remit.policy.model import Policy
from remit.policy.plan import Plan, plans
from remit.policy.split import Split

ChoicesIn = Callable[[Policy], Choices]
"""The newest choices, in the masks of one version's purposes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """How entries of one version are divided while another, or the same, is in force.

    ``stored_as`` says under which name each of its facts and counts is stored, ``ballots`` by those names where votes
    in a count still count. ``bridges`` lead to the version in force; None where it is the entries' own.
    """

    policy: Policy
    in_force: Policy
    plans: Mapping[str, Plan]
    stored_as: Mapping[str, str]
    ballots: Mapping[str, Ballot]
    bridges: Mapping[str, Bridge] | None
    choices: ChoicesIn

    def split(self, app: str, batch: Batch, received: int) -> Split:
        """What the batch comes to, under the names by which it is stored."""
        since = None if self.bridges is None else Since(self.bridges[app], self.choices(self.in_force))
        split = decide(self.plans[app], batch, choices=self.choices(self.policy), received=received, since=since)
        return split.renamed(self.stored_as)


class Judges:
    """A judge for the entries of any version. ``versions`` are all that were adopted, the last being in force."""

    def __init__(self, versions: Callable[[], Sequence[Policy]], choices: ChoicesIn) -> None:
        self._versions, self._choices = versions, choices
        self._plans: dict[int, Mapping[str, Plan]] = {}
        self._known: dict[int, Judge] = {}

    def of(self, version: int) -> Judge:
        """Who judges entries of this version now."""
        versions = self._versions()
        known = self._known.get(version)
        if known is None or known.in_force.version != versions[-1].version:
            known = self._known[version] = self._made(version, versions)
        return known

    @property
    def in_force(self) -> Policy:
        """The version by which numbers are released."""
        return self._versions()[-1]

    def _made(self, version: int, versions: Sequence[Policy]) -> Judge:
        policy, in_force = next(one for one in versions if one.version == version), versions[-1]
        names = stored_as(policy, generations(versions))
        mine, newer = self._plans_of(policy), self._plans_of(in_force)
        return Judge(
            policy=policy,
            in_force=in_force,
            plans=mine,
            stored_as=names,
            ballots={names[count]: one for count, one in _ballots(policy, in_force).items()},
            bridges=None if policy is in_force else bridges(policy, in_force, plans=mine, newer=newer),
            choices=self._choices,
        )

    def _plans_of(self, policy: Policy) -> Mapping[str, Plan]:
        if policy.version not in self._plans:
            self._plans[policy.version] = plans(policy)
        return self._plans[policy.version]


def _ballots(policy: Policy, in_force: Policy) -> dict[str, Ballot]:
    """Where votes in each count count, in the periods that both versions have."""
    return {
        name: ballot(
            count,
            [one for one in count.every if name in in_force.counts and one in in_force.counts[name].every],
        )
        for name, count in policy.counts.items()
    }
