"""What the vault keeper tells of how things stand: which versions were adopted, and how many blocks there are."""

from remit.flows.divide import expiries
from remit.flows.people import PeopleWorld

LATE_MS = 5 * 60_000
"""How late a block may go: expiry comes every minute, and may have to wait for whoever holds the store."""


def standing(world: PeopleWorld) -> dict[str, object]:
    """Texts and numbers, and no value of anybody."""
    held = world.vault.held(expiries(world.versions), world.clock.now() - LATE_MS)
    return {"texts": [one.text for one in world.ledger.adoptions()], "held": held}
