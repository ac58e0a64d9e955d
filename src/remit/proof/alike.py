"""Whether two traces are alike, as law L5 words it, by a walk that knows nothing of how they were woven."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from remit.policy.catalogue import Catalogue
from remit.policy.model import Policy
from remit.policy.words import Item
from remit.proof.meant import Meant
from remit.proof.pools import Sight
from remit.proof.trace import HOUR_MS, Choosing, Sent, Step, Turned
from remit.proof.walked import texts, walked
from remit.wire.records import PATH as RECORDS
from remit.wire.request import Request
from remit.wire.signals import CHOICE


def unlike(policy: Policy, sights: Mapping[str, Sight], traces: tuple[Sequence[Step], Sequence[Step]]) -> list[str]:
    """Where the two traces are not alike; empty for a pair that the law is about."""
    declared = frozenset([*(item for rule in policy.collect for item in rule.items), *policy.region])
    walk = _Walk(policy.catalogue, sights, declared)
    left, right = traces
    found = ["another number of steps"] * (len(left) != len(right))
    for one, other in zip(left, right, strict=False):
        found += walk.step(one, other)
    return found


@dataclass(slots=True)
class _Walk:
    """Goes through both traces with a map of identifiers that grows as they are met, and must stay one-to-one."""

    catalogue: Catalogue
    sights: Mapping[str, Sight]
    declared: frozenset[Item]
    there: dict[tuple[str, str], str] = field(default_factory=dict)
    back: dict[tuple[str, str], str] = field(default_factory=dict)

    def step(self, left: Step, right: Step) -> Iterator[str]:
        match left, right:
            case Turned(at=a), Turned(at=b):
                yield from ["the divider worked at another time"] * (a != b)
            case Choosing(), Choosing():
                yield from ["another choice"] * (not self._chosen_alike(left, right))
            case Sent(), Sent():
                yield from _sent_unlike(left, right)
                for records in zip(*(walked(one.request, one.received) for one in (left, right)), strict=False):
                    yield from self._record_unlike(self.sights[left.app], *records)
            case _:
                yield "another kind of step"

    def _renamed(self, what: str, left: str, right: str) -> bool:
        return self.there.setdefault((what, left), right) == right and self.back.setdefault((what, right), left) == left

    def _chosen_alike(self, left: Choosing, right: Choosing) -> bool:
        form = self.catalogue[left.item].form
        same = all(getattr(left, part) == getattr(right, part) for part in ("item", "purpose", "choice", "at"))
        return same and self._renamed(left.item, form(left.identifier), form(right.identifier))

    def _record_unlike(self, sight: Sight, one: Meant, other: Meant) -> Iterator[str]:
        if (one.kind, one.weight) != (other.kind, other.weight):
            yield "another kind or weight"
        if bool(one.message) != bool(other.message) or not self._renamed("message", one.message, other.message):
            yield "message ids are not renamed one-to-one"
        if set(one.values) & self.declared != set(other.values) & self.declared:
            yield "other items"
        for item in sorted(set(one.values) & set(other.values) & self.declared):
            a, b = one.values[item], other.values[item]
            if sight.of(item, a) != sight.of(item, b):
                yield f"{item} looks different"
            entry = self.catalogue[item]
            if entry.rank is not None and entry.fits(a) and not self._renamed(item, entry.form(a), entry.form(b)):
                yield f"{item} is not renamed one-to-one"


def _sent_unlike(left: Sent, right: Sent) -> Iterator[str]:
    seen = [(one.app, one.request.path, one.received // HOUR_MS) for one in (left, right)]
    if seen[0] != seen[1]:
        yield "another app, route or hour"
    if _paths(left.request) != _paths(right.request):
        yield "other leaves"
    if _tokens(left.request) != _tokens(right.request):
        yield "another choice token"
    if len(walked(left.request, left.received)) != len(walked(right.request, right.received)):
        yield "another number of records"


def _paths(request: Request) -> Sequence[str]:
    return [path for path, _ in texts(request)]


def _tokens(request: Request) -> Sequence[object]:
    """A token names nobody, so it is renamed by nothing: who bears another one has chosen otherwise."""
    own = (value for path, value in texts(request) if path.rpartition(".")[2] == "choice")
    return [request.headers.get(CHOICE), *(own if request.path == RECORDS else ())]
