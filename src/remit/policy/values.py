"""What a value must look like to be of an item's type, and the one form in which identifiers are compared.

A check never repairs and never raises: a value that does not fit is malformed, and its uses are dropped with that
reason. What programs send where they know no identifier (all zeros, ``null``, the address that Android tells in place
of its own) is shared by many, so it is of no identifier's type: under it, strangers would become one subject.
"""

import ipaddress
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import cast

import phonenumbers

from remit.policy.places import COUNTRIES
from remit.policy.words import Value

TEXT_CHARACTERS_MAX = 2048
IDENTIFIER_CHARACTERS_MAX = 256
CODE_CHARACTERS_MAX = 64
EMAIL_CHARACTERS_MAX = 254
WHOLE_MAX = 2**64
LINE_MAX = 999_999
MEASURE_MAX = 1e9
YEAR_MIN, YEAR_MAX = 2000, 2099

Form = Callable[[Value], str]
"""The one spelling of a value of this type; the empty text for what is of another."""


@dataclass(frozen=True, slots=True)
class ValueType:
    """A type of value: its name, what fits in words, the check, and how two spellings of a value are made equal."""

    name: str
    says: str
    fits: Callable[[Value], bool]
    form: Form


def _spelt(name: str, says: str, form: Form) -> ValueType:
    """A type whose values are those that have a form."""
    return ValueType(name, says, lambda value: form(value) != "", form)


def _plain(value: Value) -> str:
    """A text without the blanks around it, or a number as text unless nobody would write it.

    What is longer than any type takes is of none, blanks and all: intake does not even carry it.
    """
    if isinstance(value, str):
        return value.strip() if len(value) <= TEXT_CHARACTERS_MAX else ""
    return str(value) if abs(value) < WHOLE_MAX else ""


def _word(value: Value) -> str:
    """As above, of texts and whole numbers only: nobody is called True, or 1e3."""
    return "" if isinstance(value, bool | float) else _plain(value)


def _like(pattern: str, form: Callable[[str], str] = str) -> Form:
    """The form of what matches, in any case."""
    compiled = re.compile(pattern, re.IGNORECASE | re.ASCII)

    def made(value: Value) -> str:
        text = _word(value)
        return form(text) if compiled.fullmatch(text) else ""

    return made


def _is_text(value: Value) -> bool:
    return isinstance(value, str) and 0 < len(value) <= TEXT_CHARACTERS_MAX


_NOBODY = frozenset(
    """
    -1 null (null) nil none undefined unknown nan n/a na anonymous anon guest true false [object_object] not_set
    """.split()
)


_NOBODY_CHARACTERS_MAX = max(map(len, _NOBODY))


def _identifier(value: Value) -> str:
    text = _word(value)
    nobody = not text.strip("0-") or (
        len(text) <= _NOBODY_CHARACTERS_MAX and text.casefold().replace(" ", "_") in _NOBODY
    )
    return "" if nobody or len(text) > IDENTIFIER_CHARACTERS_MAX else text


_UNBROKEN = re.compile(r"\S+")


def _assigned(value: Value) -> str:
    """Two networks may give two people the same number: only together with the network it is somebody's."""
    network, _, number = map(str.strip, _word(value).partition("|"))
    whole = _UNBROKEN.fullmatch(network) and _UNBROKEN.fullmatch(number) and _identifier(number)
    return _identifier(f"{network.casefold()}|{number}") if whole else ""


_LABELS = r"[^@\s.]{1,63}(?:\.[^@\s.]{1,63})*"
_EMAIL = re.compile(rf"(?=[^@]{{1,64}}@)[^@\s.]+(?:\.[^@\s.]+)*@{_LABELS}\.[^@\s.]{{2,63}}")


def _email(value: Value) -> str:
    # casefold, not lower: two spellings of one address must erase together.
    text = _word(value).casefold()
    return text if len(text) <= EMAIL_CHARACTERS_MAX and _EMAIL.fullmatch(text) else ""


_PHONE = re.compile(r"\+[\d ().\u00a0/-]{4,40}", re.ASCII)


def _phone(value: Value) -> str:
    # Without the pattern, `phonenumbers` finds a number in any sentence, and the sentence would be kept with it.
    if not isinstance(value, str) or not _PHONE.fullmatch(_plain(value)):
        return ""
    try:
        parsed = phonenumbers.parse(value, None)
    except phonenumbers.NumberParseException:
        return ""
    # Possible, not valid: `phonenumbers` learns of new ranges late, and knows none of machines or of fiction. And a
    # name must stay one: with another release of that list, a known number could not be found or refuse any more.
    if not phonenumbers.is_possible_number(parsed):
        return ""
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


def _ip(value: Value) -> str:
    text = _word(value)
    try:
        # A zone ("fe80::1%eth0") may be any text at all.
        address = ipaddress.ip_address("" if "%" in text else text)
    except ValueError:
        return ""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


_URL = re.compile(r"(?:[a-z][a-z0-9+.-]*://[^\s/?#]+|/)[^\x00-\x1f\x7f]*", re.IGNORECASE)


def _is_url(value: Value) -> bool:
    return _is_text(value) and _URL.fullmatch(str(value)) is not None


_UUID = r"[0-9a-f]{8}(-?)[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{12}"
_MAC = r"[0-9a-f]{2}([:-]?)(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}|(?:[0-9a-f]{4}\.){2}[0-9a-f]{4}"


def _digits(text: str) -> str:
    """Hexadecimal digits without what stands between them; all zeros are what a device says that may not tell."""
    digits = text.replace("-", "").replace(":", "").replace(".", "").lower()
    return digits if digits.strip("0") else ""


def _unicast(text: str) -> str:
    digits = _digits(text)
    # An odd first byte addresses a group; Android tells every program 02:00:00:00:00:00.
    nobody = not digits or int(digits[1], 16) % 2 or digits == "020000000000"
    return "" if nobody else digits


def _unshared(text: str) -> str:
    digits = _digits(text)
    # Many devices of one year were made with this one.
    return "" if digits == "9774d56d682e549c" else digits


def _checked(text: str) -> str:
    digits = text.replace("-", "").replace(" ", "")
    return digits if digits.strip("0") and luhn(digits[:-1]) == digits[-1] else ""


def luhn(digits: str) -> str:
    """The digit that makes a number pass the check of ISO/IEC 7812."""
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(digits))]
    return str(-sum(digit // 10 + digit % 10 for digit in doubled) % 10)


_uuid = _like(_UUID, _digits)
_oaid = _like(rf"{_UUID}|[0-9a-f]{{16}}|[0-9a-f]{{64}}", _digits)
_mac = _like(_MAC, _unicast)
_android_id = _like(r"[0-9a-f]{16}", _unshared)
_imei = _like(r"[0-9](?:[ -]?[0-9]){14}", _checked)
_imsi = _like(r"(?:[2-7][0-9]{2}|001|901|999)[0-9]{11,12}")
_locale = _like(r"[a-z]{2,3}(?:[_-]#?[a-z0-9]{1,8}){0,4}")
_timezone = _like(r"(?:UTC|GMT)?(?:[+-][0-9]{1,2}(?::?[0-9]{2})?)?|[a-z_]{2,20}(?:/[a-z0-9_+-]{1,30}){1,2}")
_code = _like(rf"[^\x00-\x20\x7f]{{1,{CODE_CHARACTERS_MAX}}}")
_http_method = _like("get|head|post|put|delete|connect|options|trace|patch", str.upper)
_http_status = _like(r"[1-5][0-9]{2}")
_country = _like(r"[a-z]{2}", lambda text: text.upper() if text.upper() in COUNTRIES else "")

_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d([.,]\d{1,9})?)?(Z|[+-]\d\d:?\d\d)", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_WHOLE = re.compile(r"\d{1,15}", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)
_USUAL_SIZE, _USUAL_MARKS = 24, ((4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":"), (19, "."), (23, "Z"))
"""2026-11-24T03:00:00.000Z, as most clients write it: what else of its length ends so would be told apart by these."""


def _in_ms(since: timedelta) -> int:
    return since.days * 86_400_000 + since.seconds * 1_000 + since.microseconds // 1_000


def _milliseconds(text: str) -> int:
    if not _TIME.fullmatch(text):
        return int(text) if _WHOLE.fullmatch(text) else -1
    try:
        return _in_ms(datetime.fromisoformat(text) - _EPOCH)
    except ValueError:
        return -1


_FIRST, _AFTER = (_in_ms(datetime(year, 1, 1, tzinfo=UTC) - _EPOCH) for year in (YEAR_MIN, YEAR_MAX + 1))
"""A time in seconds, mistaken for milliseconds, is not between these."""


def moment(value: Value) -> int | None:
    """The time in ms since 1970 that a value of the type ``time`` tells; None for what is none."""
    ms = _milliseconds(_word(value))
    return ms if _FIRST <= ms < _AFTER else None


def moments(column: Sequence[Value | None]) -> list[int | None]:
    """The same of each value of a column; None of None."""
    if set(map(type, column)) == {str} and set(map(len, texts := cast("Sequence[str]", column))) == {_USUAL_SIZE}:
        run = "".join(texts)
        # To look at one place of all texts at once takes a tenth of what a regular expression for each takes.
        if all(run[place::_USUAL_SIZE] == mark * len(texts) for place, mark in _USUAL_MARKS):
            try:
                times = [(datetime.fromisoformat(text) - _EPOCH) // _MS for text in texts]
            except ValueError:
                pass
            else:
                return [ms if _FIRST <= ms < _AFTER else None for ms in times]
    return [None if value is None else moment(value) for value in column]


def _time(value: Value) -> str:
    ms = moment(value)
    return "" if ms is None else str(ms)


def _day(value: Value) -> str:
    text = _word(value)
    if not _DAY.fullmatch(text) or not YEAR_MIN <= int(text[:4]) <= YEAR_MAX:
        return ""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return ""


def _is_measure(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= MEASURE_MAX


def _is_line(value: Value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= LINE_MAX


def _is_clock(value: Value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


TYPES = {
    kind.name: kind
    for kind in (
        # who
        _spelt(
            "identifier",
            "a text or whole number that programs do not send for nobody, like `0` and `null`",
            _identifier,
        ),
        _spelt("assigned", "a network, a bar and the identifier that it assigned: `id.example.org|24601`", _assigned),
        _spelt("email", "an email address, without a dot where nothing stands before or behind it", _email),
        _spelt(
            "phone",
            "`+`, a country code, and as many digits as numbers have there (E.164); whether the number is in use is not"
            " asked, since no list of ranges is whole, and lists change",
            _phone,
        ),
        _spelt("ip", "an IPv4 or IPv6 address", _ip),
        _spelt("imei", "15 digits, the last of which is the Luhn digit", _imei),
        _spelt("imsi", "14 or 15 digits that begin with the code of a country or of a test network", _imsi),
        _spelt("mac", "six bytes in hexadecimal that address one device", _mac),
        _spelt("uuid", "a UUID, not all zeros", _uuid),
        _spelt("oaid", "a UUID, or the 16 or 64 hexadecimal digits of some makers; not all zeros", _oaid),
        _spelt("android_id", "16 hexadecimal digits, not all zeros", _android_id),
        # where and when
        ValueType("url", "an address with its scheme, or a path that begins with `/`", _is_url, _plain),
        _spelt("country", "two letters of ISO 3166-1", _country),
        _spelt("locale", "a language, with script and region if need be: `en`, `pt-BR`, `zh_Hans_CN`", _locale),
        _spelt("timezone", "a time zone by its name or offset: `Europe/Amsterdam`, `+02:00`", _timezone),
        _spelt("time", "a time with its offset (`2026-11-03T09:30:00Z`), or whole milliseconds since 1970", _time),
        _spelt("day", "a day: `2026-11-03`", _day),
        ValueType("clock", "a time of remit's own clock, in milliseconds since 1970", _is_clock, _plain),
        # what
        ValueType("text", f"a text of up to {TEXT_CHARACTERS_MAX:,} characters", _is_text, _plain),
        ValueType("symbol", "a text in which a program names pieces of itself, not people", _is_text, _plain),
        _spelt("code", f"a word or whole number of up to {CODE_CHARACTERS_MAX} characters", _code),
        _spelt("http_method", "a method of HTTP: `GET`", _http_method),
        _spelt("http_status", "a status of HTTP, 100 to 599", _http_status),
        ValueType("measure", f"a number from 0 to {MEASURE_MAX:,.0f}", _is_measure, _plain),
        ValueType("line", f"the number of a line of code, 1 to {LINE_MAX:,}", _is_line, _plain),
        ValueType("flag", "true or false", lambda value: isinstance(value, bool), _plain),
    )
}
"""Every type an item can have, by name."""
