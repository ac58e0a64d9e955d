"""How documents are written: JSON, comma-separated rows, durations, and the words for what nobody stated."""

from datetime import timedelta

import msgspec

from remit.policy.model import Policy
from remit.policy.words import WHILE_ACCOUNT

NOT_STATED = "not stated in the policy"
"""What a document says where the law or a store asks and the policy has no answer."""


def json(value: object) -> str:
    """JSON for people and machines."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n"


def iso_duration(keep: timedelta) -> str:
    """A duration as ISO 8601 writes it: ``P30D``, ``PT12H``."""
    hours = int(keep.total_seconds() // 3600)
    days, rest = divmod(hours, 24)
    return f"P{days}D" if not rest else f"PT{hours}H"


def retention(keep: timedelta | None) -> str:
    """How long a value stays, in a word that machines read where there is one."""
    if keep is None:
        return "reduced or counted on arrival, then gone"
    return "until the account is forgotten" if keep == WHILE_ACCOUNT else iso_duration(keep)


def comma_separated(rows: list[list[str]]) -> str:
    """Rows as RFC 4180 writes them."""
    return "".join(",".join(map(_cell, row)) + "\r\n" for row in rows)


def _cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"\r\n') else text


def named(file: str, policy: Policy) -> str:
    """The name of a document in the language that the policy is spoken in: notice.md in the first, notice.de.md."""
    if policy.language == policy.languages[0]:
        return file
    stem, dot, ending = file.rpartition(".")
    return f"{stem}.{policy.language}{dot}{ending}"
