"""Small changes to a body, of the kinds that clients, proxies and strangers make; the same for the same dice."""

import json
import random
from collections.abc import Callable, Iterator
from typing import Any

BYTES_MAX = 64 * 1024
"""No body grows beyond this: larger ones have bounds, and tests, of their own."""
ODD: tuple[Any, ...] = (
    None,
    True,
    -1,
    2**63,
    10**30,
    1e308,
    -0.0,
    "",
    " ",
    "\x00",
    "a" * 5000,
    "\ud83d\ude00",
    "{{auto}}",
    "9999-12-31T23:59:60Z",
    "2026-02-30",
    "192.0.2.1.9",
    "https://[::1",
    "[",
    [],
    {},
    [[[]]],
    {"": {"": ""}},
)
SCRAPS = (b"\xff", b"\xed\xa0\x80", b"\x00", b"{", b"]", b'"', b"\\u", b"\\ud800", b"1e999", b"NaN", b"\n", b",", b":")

Spot = tuple[Any, Any]
"""A container and the key or position of one of its values."""


def mutated(body: bytes, dice: random.Random, others: list[bytes]) -> bytes:
    """The body with one change: to a value of its JSON, line by line, or to its bytes where it is none."""
    lines = body.split(b"\n")
    at = dice.randrange(len(lines))
    node = _read(lines[at])
    if dice.random() < 0.2 or not isinstance(node, dict | list):
        return _scrambled(body, dice, others)[:BYTES_MAX]
    lines[at] = _written(_changed(node, dice, [_read(one) for other in others for one in other.split(b"\n")]))
    return b"\n".join(lines)[:BYTES_MAX]


def _read(text: bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _written(node: Any) -> bytes:
    return json.dumps(node, separators=(",", ":")).encode("utf-8")


def _spots(node: Any) -> Iterator[Spot]:
    """Every value below a node."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        places = list(one) if isinstance(one, dict) else range(len(one)) if isinstance(one, list) else ()
        for place in places:
            yield one, place
            waiting.append(one[place])


def _changed(node: Any, dice: random.Random, others: list[Any]) -> Any:
    spots = list(_spots(node))
    if not spots:
        return dice.choice(ODD)
    around, place = dice.choice(spots)
    dice.choice(_CHANGES)(around, place, dice, others)
    return node


def _odd(around: Any, place: Any, dice: random.Random, _others: list[Any]) -> None:
    around[place] = dice.choice(ODD)


def _transplanted(around: Any, place: Any, dice: random.Random, others: list[Any]) -> None:
    """What stands somewhere in another body."""
    found = [spot for one in others for spot in _spots(one)]
    if found:
        there, key = dice.choice(found)
        around[place] = there[key]


def _moved(around: Any, place: Any, dice: random.Random, others: list[Any]) -> None:
    """Under a key of another body."""
    keys = [key for one in others for there, key in _spots(one) if isinstance(there, dict)]
    if keys and isinstance(around, dict):
        around[dice.choice(keys)] = around.pop(place)


def _repeated(around: Any, place: Any, dice: random.Random, _others: list[Any]) -> None:
    around[place] = [around[place]] * dice.choice((2, 3, 50))


def _gone(around: Any, place: Any, _dice: random.Random, _others: list[Any]) -> None:
    del around[place]


def _quoted(around: Any, place: Any, _dice: random.Random, _others: list[Any]) -> None:
    """JSON in a text."""
    around[place] = json.dumps(around[place])


_CHANGES: tuple[Callable[[Any, Any, random.Random, list[Any]], None], ...] = (
    _odd,
    _transplanted,
    _moved,
    _repeated,
    _gone,
    _quoted,
)


def _scrambled(body: bytes, dice: random.Random, others: list[bytes]) -> bytes:
    start, end = sorted(dice.choices(range(len(body) + 1), k=2))
    change = dice.randrange(4)
    if change == 0:
        return body[:start] + dice.choice(SCRAPS) + body[start:]
    if change == 1:
        return body[:start] + body[end:]
    if change == 2:
        return body[:end] + body[start:end] * dice.choice((1, 30)) + body[end:]
    other = dice.choice(others or [b""])
    return body[:start] + other[len(other) // 2 :]
