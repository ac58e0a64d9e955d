"""One record as it lies in the buffer and as it travels: a line of JSON, with an id of its own."""

import json
import math
import secrets
from collections.abc import Mapping
from typing import Any, Literal, get_args

Kind = Literal[
    "account", "page_visit", "page_leave", "screen_visit", "event", "session", "crash", "request", "log", "message"
]
KINDS = frozenset(get_args(Kind))
Value = str | int | float | bool
TEXT_CHARACTERS_MAX = 2048
TOKEN_CHARACTERS_MAX = 4096
INTEGER_MAX = 2**63 - 1
N_MAX = 2**31
_JSON = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
_NOT_CARRIED = ""
"""Of no type: remit counts it as malformed, as it would count the value itself."""


def record(
    kind: str, items: Mapping[str, Value | None] | None, *, n: int, key: str | None, choice: str | None = None
) -> dict[str, Any]:
    """A record that JSON can carry. Raises TypeError or ValueError for what only a mistake in a program can be."""
    if kind not in KINDS:
        raise ValueError(f"a kind of record is one of {', '.join(get_args(Kind))}")
    if isinstance(n, bool) or not isinstance(n, int):
        raise TypeError("n is a whole number")
    if not 0 < n <= N_MAX:
        raise ValueError(f"n is 1 to {N_MAX}")
    if key is not None and (not isinstance(key, str) or not 0 < len(key) <= TEXT_CHARACTERS_MAX or not _is_clean(key)):
        raise ValueError(f"an id is a text of 1 to {TEXT_CHARACTERS_MAX} characters")
    if choice is not None and (
        not isinstance(choice, str) or not choice.isascii() or len(choice) > TOKEN_CHARACTERS_MAX
    ):
        raise ValueError(f"a choice token is a text of at most {TOKEN_CHARACTERS_MAX} ASCII characters")
    if items is not None and not isinstance(items, Mapping):
        raise TypeError("items are values by their names")
    carried = {_named(name): _carried(name, value) for name, value in (items or {}).items() if value is not None}
    made: dict[str, Any] = {"kind": kind, "id": key or secrets.token_hex(16), "items": carried}
    made |= {"choice": choice} if choice else {}
    return made if n == 1 else made | {"n": int(n)}


def line(made: Mapping[str, Any]) -> bytes:
    """The record on a line of its own."""
    return _JSON.encode(made).encode() + b"\n"


def read(text: bytes) -> dict[str, Any] | None:
    """The record of a line; None for what a power cut left of one."""
    try:
        made = json.loads(text)
    except ValueError:
        return None
    whole = isinstance(made, dict) and made.get("kind") in KINDS and isinstance(made.get("items"), dict)
    return made if whole and isinstance(made.get("id"), str) else None


def _named(name: object) -> str:
    if not isinstance(name, str) or not name or not _is_clean(name):
        raise TypeError("the name of an item is a text")
    return name


def _carried(name: str, value: object) -> Value:
    """The value, or what stands for one that cannot travel: that is a person's or a device's fault, not a program's.

    A value of a wrong type is a program's, and never repeated in the error.
    """
    if isinstance(value, str):
        return value if len(value) <= TEXT_CHARACTERS_MAX and _is_clean(value) else _NOT_CARRIED
    if isinstance(value, float):
        return value if math.isfinite(value) else _NOT_CARRIED
    if isinstance(value, int):
        return value if -INTEGER_MAX <= value <= INTEGER_MAX else _NOT_CARRIED
    raise TypeError(f"the value of {name} is a {type(value).__name__}, not a text, a number, True or False")


def _is_clean(text: str) -> bool:
    """Whether UTF-8 can carry it: half a surrogate pair would have the whole bundle refused."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
