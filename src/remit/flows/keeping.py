"""What the vault keeper does under the version in force: takes blocks, answers about people, goes over to the next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from remit.flows import standing
from remit.flows.load import unpack_personal
from remit.flows.people import Minted, People, PeopleWorld, Who
from remit.policy.between import expiries
from remit.policy.model import Policy


@dataclass(frozen=True, slots=True)
class _InForce:
    """All that follows from which version is in force: replaced as a whole, so that nobody meets parts of two."""

    versions: Sequence[Policy]
    people: People
    expires: Mapping[tuple[int, int], int]


class Keeping:
    """The personal side, under the last of the versions."""

    def __init__(self, versions: Sequence[Policy], world: PeopleWorld) -> None:
        self._world, self._now = world, _in_force(versions, world)

    @property
    def people(self) -> People:
        """The flows about people under the version in force; who asks twice may get those of two."""
        return self._now.people

    def go_over(self, policy: Policy) -> None:
        """Work by a version that was just adopted; nothing happens where it is worked by already."""
        now = self._now
        if policy.version != now.people.policy.version:
            self._now = _in_force([*now.versions, policy], self._world)

    def take(self, load: bytes, personal: bytes) -> None:
        """Take one half of a load, once."""
        self._world.vault.take(load, unpack_personal(personal), self._now.expires)

    def person(self, who: str, purpose: str) -> dict[str, object]:
        """What is held on somebody for a purpose, and whether anything ever is: both under one version."""
        people = self._now.people
        return {"found": people.person(who, purpose), "keeps": people.keeps(purpose)}

    def token(self, app: str, said: tuple[Sequence[str], Sequence[str]], who: tuple[str, int | None]) -> Minted:
        """A choice token of what somebody grants and refuses; ``who`` are their country and age."""
        return self._now.people.token(app, *said, who=Who(*who))

    def standing(self) -> dict[str, object]:
        """How things stand: texts and numbers."""
        return standing.standing(self._world, self._now.versions)


def _in_force(versions: Sequence[Policy], world: PeopleWorld) -> _InForce:
    return _InForce(versions, People(versions, world), expiries(versions))
