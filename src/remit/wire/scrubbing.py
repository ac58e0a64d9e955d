"""Free text of errors and logs, without what names somebody in it, by the rules of Sentry's Relay.

Programs write what went wrong, and with it whatever they were handling: addresses, card numbers, folders of people. A
policy may keep such text with a person; this much of it is replaced before anything is judged, written down or shown.
"""

from collections.abc import Sequence

import msgspec
from sentry_relay.exceptions import RelayError
from sentry_relay.processing import pii_strip_event

from remit.policy.columns import Batch
from remit.policy.words import Item, Value

TEXTS = frozenset({Item("crash.message"), Item("log.line")})
"""Items of which the text is scrubbed."""
RULES = (
    *(f"@{kind}:replace" for kind in ("email", "creditcard", "iban", "usssn", "bearer")),  # Relay's own for messages
    *(f"@{kind}:replace" for kind in ("urlauth", "ip", "mac", "imei", "pemkey", "userpath")),
    "phone",
)
"""In their order: the first that finds something replaces it."""
_CONFIG = {
    "rules": {
        "phone": {
            "type": "pattern",
            "pattern": r"\+[0-9]{1,3}[ .()-]{0,2}(?:[0-9][ .()-]{0,2}){6,13}[0-9]",
            "redaction": {"method": "replace", "text": "[phone]"},
        }
    },
    "applications": {"$error.value": list(RULES)},
}


def scrubbed(batch: Batch) -> Batch:
    """The batch, with texts as they may be kept."""
    found = {item: _column(batch.columns[item]) for item in sorted(TEXTS & batch.columns.keys())}
    return msgspec.structs.replace(batch, columns={**batch.columns, **found}) if found else batch


def _column(column: Sequence[Value | None]) -> list[Value | None]:
    at = [i for i, value in enumerate(column) if type(value) is str and value]
    left = list(column)
    for i, text in zip(at, texts([str(column[i]) for i in at]), strict=True):
        left[i] = text
    return left


def texts(told: Sequence[str]) -> list[str]:
    """Each text with what names somebody replaced by a word for what it was; empty where that cannot be done."""
    if not told:
        return []
    try:
        found = pii_strip_event(_CONFIG, {"exception": {"values": [{"value": text} for text in told]}})
        return [str(one.get("value") or "") for one in found["exception"]["values"]]
    except RelayError:
        return [""] * len(told)
