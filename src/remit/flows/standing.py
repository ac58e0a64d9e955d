"""What the vault keeper tells of how things stand: which versions were adopted, and how many blocks there are."""

from collections.abc import Sequence

from remit.flows.people import PeopleWorld
from remit.policy.between import expiries
from remit.policy.model import Policy

LATE_MS = 5 * 60_000
"""How late a block may go: expiry comes every minute, and may have to wait for whoever holds the store."""


def standing(world: PeopleWorld, versions: Sequence[Policy]) -> dict[str, object]:
    """Texts and numbers, and no value of anybody."""
    # What lay in the vault when a version was adopted stays as long as its own says, which no later one shortens.
    longest = {ruling: keep for policy in versions for ruling, keep in expiries([policy]).items()}
    held = world.vault.held(longest, world.clock.now() - LATE_MS)
    return {"texts": [one.text for one in world.ledger.adoptions()], "held": held}
