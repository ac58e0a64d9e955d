"""The GPC support resource, ``/.well-known/gpc.json``: whether sites abide by Global Privacy Control.

remit discloses to nobody, so a policy that neither sells data nor advertises by what others told does for everybody
what the signal asks. Any other policy has to say that the signal refuses each purpose for which it does so.
"""

from remit.policy.model import Policy
from remit.policy.render.gathered import joined_for
from remit.policy.render.writing import json


def support(policy: Policy) -> str:
    """The resource, without a date: a policy has none."""
    return json({"gpc": joined_for(policy) <= set(policy.signals.gpc)})


def unstated(_policy: Policy) -> list[str]:
    """What the specification provides for and the policy has no answer to."""
    return ["lastUpdate: the day on which this was stated"]
