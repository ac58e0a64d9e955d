"""The GPC support resource, ``/.well-known/gpc.json``: whether sites abide by Global Privacy Control.

remit discloses to nobody, so a policy that neither sells data nor advertises by what others told does for everybody
what the signal asks. For any other policy the answer is ``false``: remit does not read ``Sec-GPC`` yet.
"""

from remit.policy.model import Policy
from remit.policy.render.gathered import is_joined
from remit.policy.render.writing import json


def support(policy: Policy) -> str:
    """The resource, without a date: a policy has none."""
    return json({"gpc": not is_joined(policy)})


def unstated(_policy: Policy) -> list[str]:
    """What the specification provides for and the policy has no answer to."""
    return ["lastUpdate: the day on which this was stated"]
