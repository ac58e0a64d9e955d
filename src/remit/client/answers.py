"""What a reply means for the bundle that it answers."""

import json
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import Any

from remit.client.post import HttpAnswer

RETRY_SECONDS_MAX = 24 * 3600.0
"""Whoever says more is not believed: that is as long as remit knows repeats."""
_CODE = re.compile(r"[a-z_]{1,32}")
_COUNTED = re.compile(r"([a-z_]{1,32})\s*=\s*(\d{1,9})")


class Upshot(Enum):
    """What to do with a bundle."""

    TAKEN = "taken"
    MALFORMED = "malformed"
    """Nobody will ever take it."""
    TOO_LARGE = "too_large"
    STRANGER = "unknown_key"
    """Nothing will be taken from this client."""
    LATER = "later"
    """Nobody knows; the same again, later."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A reply, read."""

    upshot: Upshot
    code: str
    """For the log: remit's own word, or the status. Never more of what came."""
    taken: int = 0
    needed: object = None
    tag: str = ""
    reported: Counter[str] = field(default_factory=Counter)
    wait_seconds: float = 0.0
    """What the reply asks to wait for."""


_UPSHOTS = {400: Upshot.MALFORMED, 401: Upshot.STRANGER, 413: Upshot.TOO_LARGE}


def outcome(answer: HttpAnswer) -> Outcome:
    """The upshot of a reply. A page of somebody between is no remit's, whatever its status."""
    body = _object(answer.body)
    taken = body.get("taken")
    if answer.status == 200 and isinstance(taken, int) and not isinstance(taken, bool) and taken >= 0:
        return Outcome(
            Upshot.TAKEN,
            "taken",
            taken=taken,
            needed=body.get("needed"),
            tag=answer.headers.get("remit-needed", ""),
            reported=Counter({reason: int(n) for reason, n in _COUNTED.findall(_header(answer, "remit-dropped"))}),
        )
    problem = body.get("problem")
    code = problem if isinstance(problem, str) and _CODE.fullmatch(problem) else f"status {answer.status}"
    upshot = _UPSHOTS.get(answer.status, Upshot.LATER)
    return Outcome(upshot, code, wait_seconds=_wait(_header(answer, "retry-after")))


def _header(answer: HttpAnswer, name: str) -> str:
    return answer.headers.get(name, "").strip()


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _wait(said: str) -> float:
    """Seconds, of a number of them or of a date."""
    if said.isascii() and said.isdigit():
        return min(float(said[:9]), RETRY_SECONDS_MAX)
    try:
        until = parsedate_to_datetime(said).timestamp()
    except (ValueError, TypeError, OverflowError):
        return 0.0
    return min(max(0.0, until - time.time()), RETRY_SECONDS_MAX)
