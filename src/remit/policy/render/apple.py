"""Apple's privacy manifest, ``PrivacyInfo.xcprivacy``: what an app that sends to remit collects, in Apple's own values.

*Linked* is where a value rests: with somebody's name in the vault, or as a vote while its count is open; what is
reduced on arrival is not linked. *Tracking* is advertising by what others told, or selling; nothing else that remit
does is. Which functions of the system an app calls (``NSPrivacyAccessedAPITypes``) no policy knows, so the key is left
to the app's makers.
"""

import plistlib

from remit.policy.model import Policy
from remit.policy.render.gathered import Told, by_term, is_joined, is_kept, purposes_of, terms_of, without_term

_TYPE = "NSPrivacyCollectedDataType"


def manifest(policy: Policy) -> str:
    """The manifest as a property list in XML."""
    joined = is_joined(policy)
    value = {
        "NSPrivacyTracking": joined,
        "NSPrivacyTrackingDomains": [],
        "NSPrivacyCollectedDataTypes": [
            _entry(policy, term, told, joined=joined)
            for term, told in by_term(policy, lambda terms: terms.apple).items()
        ],
    }
    return plistlib.dumps(value, sort_keys=False).decode()


def _entry(policy: Policy, term: str, told: Told, *, joined: bool) -> dict[str, object]:
    terms = [terms_of(policy, purpose) for purpose in purposes_of(policy, told)]
    return {
        _TYPE: term,
        f"{_TYPE}Linked": is_kept(policy, told),
        f"{_TYPE}Tracking": joined and any(one.advertises for one in terms),
        f"{_TYPE}Purposes": list(dict.fromkeys(one.apple for one in terms)),
    }


def unstated(policy: Policy) -> list[str]:
    """What Apple asks and the policy has no answer to."""
    typeless = without_term(policy, lambda terms: terms.apple)
    return [
        *(f"NSPrivacyCollectedDataType of {title}: Apple has none; say what the app makes of it" for title in typeless),
        *(["NSPrivacyTrackingDomains: hosts that the app tracks through"] if is_joined(policy) else []),
        "NSPrivacyAccessedAPITypes: which functions of the system the app calls, and why",
    ]
