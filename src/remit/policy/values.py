"""What a value must look like to be of an item's type, and the one form in which identifiers are compared.

A check never repairs: a value that does not fit is malformed, and its uses are dropped with that reason.
"""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass

import phonenumbers

from remit.policy.words import Value

TEXT_CHARACTERS_MAX = 2048
IDENTIFIER_CHARACTERS_MAX = 256
MEASURE_MAX = 1e9

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,253}\.[^@\s.]{2,63}")
_MAC = re.compile(r"([0-9A-F]{2}[:-]?){5}[0-9A-F]{2}", re.IGNORECASE)
_UUID = re.compile(r"[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}", re.IGNORECASE)
_IMSI = re.compile(r"\d{14,15}")


@dataclass(frozen=True, slots=True)
class ValueType:
    """A type of value: its name, its check, and how two spellings of it are made equal."""

    name: str
    fits: Callable[[Value], bool]
    form: Callable[[Value], str]


def _plain(value: Value) -> str:
    return str(value).strip()


def _folded(value: Value) -> str:
    # casefold, not lower: two spellings of one address must erase together.
    return str(value).strip().casefold()


def _hex(value: Value) -> str:
    return re.sub(r"[^0-9a-z]", "", str(value).lower())


def _phone(value: Value) -> str:
    try:
        parsed = phonenumbers.parse(str(value), None)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(parsed):
        return ""
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


def _is_identifier(value: Value) -> bool:
    if isinstance(value, bool | float):
        return False
    return 0 < len(_plain(value)) <= IDENTIFIER_CHARACTERS_MAX


def _is_text(value: Value) -> bool:
    return isinstance(value, str) and 0 < len(value) <= TEXT_CHARACTERS_MAX


def _is_ip(value: Value) -> bool:
    try:
        ipaddress.ip_address(str(value))
    except ValueError:
        return False
    return isinstance(value, str)


def _is_imei(value: Value) -> bool:
    digits = str(value).strip()
    if not re.fullmatch(r"\d{15}", digits):
        return False
    doubled = [int(d) * (1 + i % 2) for i, d in enumerate(digits)]
    return sum(d // 10 + d % 10 for d in doubled) % 10 == 0


def _is_measure(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= MEASURE_MAX


def _matches(pattern: re.Pattern[str]) -> Callable[[Value], bool]:
    return lambda value: isinstance(value, str | int) and pattern.fullmatch(str(value).strip()) is not None


TYPES = {
    kind.name: kind
    for kind in (
        ValueType("text", _is_text, _plain),
        ValueType("identifier", _is_identifier, _plain),
        ValueType("email", _matches(_EMAIL), _folded),
        ValueType("phone", lambda value: _phone(value) != "", _phone),
        ValueType("ip", _is_ip, _plain),
        ValueType("url", _is_text, _plain),
        ValueType("mac", _matches(_MAC), _hex),
        ValueType("uuid", _matches(_UUID), _hex),
        ValueType("imei", _is_imei, _plain),
        ValueType("imsi", _matches(_IMSI), _plain),
        ValueType("measure", _is_measure, _plain),
        ValueType("flag", lambda value: isinstance(value, bool), _plain),
        ValueType("time", lambda value: isinstance(value, str | int | float), _plain),
    )
}
"""Every type an item can have, by name."""
