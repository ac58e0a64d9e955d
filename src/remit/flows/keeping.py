"""What the vault keeper does under the version in force: takes blocks, answers about people, goes over to the next."""

from collections.abc import Sequence

from remit.flows import standing
from remit.flows.divide import expiries
from remit.flows.load import unpack_personal
from remit.flows.people import People, PeopleWorld
from remit.policy.model import Policy


class Keeping:
    """The personal side, under the last of the versions."""

    def __init__(self, versions: Sequence[Policy], world: PeopleWorld) -> None:
        self._world = world
        self._work_by(versions)

    def go_over(self, policy: Policy) -> None:
        """Work by a version that was just adopted; nothing happens where it is worked by already."""
        if policy.version != self.policy.version:
            self._work_by([*self._versions, policy])

    def take(self, load: bytes, personal: bytes) -> None:
        """Take one half of a load, once."""
        self._world.vault.take(load, unpack_personal(personal), self._expires)

    def standing(self) -> dict[str, object]:
        """How things stand: texts and numbers."""
        return standing.standing(self._world, self._versions)

    def _work_by(self, versions: Sequence[Policy]) -> None:
        # Blocks of a version that is in force may come at once: how long they stay is known first.
        self._expires = expiries(versions)
        self.people = People(versions, self._world)
        self._versions, self.policy = versions, versions[-1]
