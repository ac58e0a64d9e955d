"""What PostHog's clients ask before they send: which of their features to run, and which flags somebody has.

The answers are the app's, not a person's: a flag would need to know who asks, so there are none.
"""

from collections.abc import Mapping

import msgspec

from remit.policy.plan import Plan
from remit.policy.words import Item, Kind
from remit.wire import exceptions

ENDPOINT = "/i/v0/e/"
NO_FLAGS: Mapping[str, object] = {
    "flags": {},
    "featureFlags": {},
    "featureFlagPayloads": {},
    "errorsWhileComputingFlags": False,
}
_NEVER: Mapping[str, object] = {
    "sessionRecording": False,
    "heatmaps": False,
    "capturePerformance": False,
    "captureDeadClicks": False,
    "surveys": False,
    "productTours": False,
    "conversations": False,
    "logs": {"captureConsoleLogs": False},
    "siteApps": [],
    "toolbarParams": {},
    "isAuthenticated": False,
    "hasFeatureFlags": False,
}
"""What no purpose can need: nothing in the catalogue is what these send."""
EVENTS, EXCEPTIONS, RECORDINGS = "events", "exceptionEvent", "recordings"
"""How the browser's client calls its queues."""


def config(plan: Plan) -> dict[str, object]:
    """The features that the client is to run: of those that it can run by itself, none that nothing needs."""
    crashes = needs_crashes(plan)
    return {
        "token": plan.app.key,
        "supportedCompression": ["gzip", "gzip-js"],
        "analytics": {"endpoint": ENDPOINT},
        "elementsChainAsString": True,
        "defaultIdentifiedOnly": True,
        "autocapture_opt_out": not plan.tables[Kind.EVENT].needs_any([Item("event.name")]),
        "autocaptureExceptions": crashes,
        "errorTracking": {"autocaptureExceptions": crashes, "suppressionRules": []},
        **_NEVER,
    }


def script(plan: Plan) -> bytes:
    """The same as a program, which is how a page loads it."""
    there = msgspec.json.encode(plan.app.key)
    told = msgspec.json.encode({"config": config(plan), "siteApps": []})
    return (
        b"(w=>{(w._POSTHOG_REMOTE_CONFIG=w._POSTHOG_REMOTE_CONFIG||{})[" + there + b"]=" + told + b";})(window);"
    )  # fmt: skip


def needs_crashes(plan: Plan) -> bool:
    """Whether anything is done with errors."""
    return plan.tables[Kind.CRASH].needs_any(exceptions.PATHS)
