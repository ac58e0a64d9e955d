"""The named functions from a personal value to a closed, non-personal one.

Closed means: an enumeration, a bounded number, a string of a set that the policy declares or that a
table in this file defines, or a program symbol (written by the maker, not by the person). What does
not fit becomes ``(other)``. A reduction never raises and never looks at anything but its arguments.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from urllib.parse import urlsplit

from remit.policy.model import App
from remit.policy.words import OTHER, Value

SYMBOL_CHARACTERS_MAX = 128
HOUR_MS = 3_600_000
DAY_MS = 86_400_000

Reduced = str | int


@dataclass(frozen=True, slots=True)
class Reduction:
    """``of`` maps a value that fits one of the ``accepts`` types; the notice shows ``says``.

    ``outputs`` is how many a record can have, beside ``(other)``, that tell people apart; None where the app
    declares them, or where they tell when it was received.
    """

    name: str
    accepts: frozenset[str]
    of: Callable[[Value, App], Reduced]
    says: str
    outputs: int | None


def _route(value: Value, app: App) -> str:
    try:
        path = urlsplit(str(value)).path or "/"
    except ValueError:
        return OTHER
    return next((route for route in app.routes if _pattern(route).fullmatch(path)), OTHER)


@lru_cache(maxsize=4096)
def _pattern(route: str) -> re.Pattern[str]:
    """``*`` stands for one path segment; a trailing slash does not matter."""
    parts = [("[^/]+" if part == "*" else re.escape(part)) for part in route.strip("/").split("/")]
    return re.compile("/" + "/".join(parts) + "/?" if route.strip("/") else "/")


def _hour(value: Value, _app: App) -> int:
    return int(value) // HOUR_MS * 3600


def _day(value: Value, _app: App) -> int:
    return int(value) // DAY_MS * 86_400


_OS = {
    "android": "Android", "ios": "iOS", "iphone os": "iOS", "ipados": "iOS", "windows": "Windows",
    "mac os x": "macOS", "macos": "macOS", "darwin": "macOS", "linux": "Linux", "harmonyos": "HarmonyOS",
    "chrome os": "ChromeOS", "chromeos": "ChromeOS",
}  # fmt: skip


def _os_family(value: Value, _app: App) -> str:
    return _OS.get(str(value).strip().casefold(), OTHER)


_VERSION = re.compile(r"v?(\d{1,2})\.(\d{1,2})(?:\.\d+)*(?:[-+].*)?")


def _major_minor(value: Value, _app: App) -> str:
    found = _VERSION.fullmatch(str(value))
    return f"{int(found[1])}.{int(found[2])}" if found else OTHER


_LANGUAGES = frozenset(
    """
    aa ab af am ar as az ba be bg bn bo br bs ca cs cy da de dz el en eo es et eu fa fi fj fo fr fy
    ga gd gl gn gu ha he hi hr hu hy ia id ie ik is it iu ja jv ka kk kl km kn ko ks ku ky la ln lo
    lt lv mg mi mk ml mn mr ms mt my na nb ne nl nn no oc om or pa pl ps pt qu rm rn ro ru rw sa sd
    sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ug uk ur uz vi
    vo wo xh yi yo za zh zu
    """.split()
)


def _language(value: Value, _app: App) -> str:
    primary = re.split(r"[-_]", str(value).strip().casefold(), maxsplit=1)[0]
    return primary if primary in _LANGUAGES else OTHER


_SYMBOL = re.compile(r"(?:[A-Za-z_$<>][\w$<>]*)(?:(?:\.|::|/|#|-)[A-Za-z_$<>][\w$<>]*)*")
_DIGIT, _HEXADECIMAL = re.compile(r"\d"), re.compile(r"[a-f]{12,}", re.IGNORECASE)
_NUMBER_LIKE = re.compile(r"\d{4,}|[0-9a-f]{12,}|(?=\w*\d)(?=\w*[A-Za-z])\w{24,}", re.IGNORECASE)


def _symbol(value: Value, _app: App) -> str:
    text = str(value)
    return text if is_symbol(text) else OTHER


def is_symbol(text: str) -> bool:
    """Whether a text may be the name of a piece of a program: no address, number, key or sentence is one."""
    if len(text) > SYMBOL_CHARACTERS_MAX or not text.isascii():
        return False
    if _SYMBOL.fullmatch(text) is None:
        return False
    # Most names have no digit, and to look for keys among their letters takes a tenth of the time.
    return (_NUMBER_LIKE if _DIGIT.search(text) else _HEXADECIMAL).search(text) is None


_STATUSES = frozenset({"ok", "exited", "errored", "abnormal", "crashed"})


def _session_status(value: Value, _app: App) -> str:
    return str(value) if value in _STATUSES else OTHER


CAME_FROM = " <- "
"""Between the names of the pieces of a program that led to an error: no text that a person wrote is divided so."""
DIGEST_CHARACTERS = 12


def _digest(value: Value, _app: App) -> str:
    symbols = str(value).split(CAME_FROM)
    if not all(map(is_symbol, symbols)):
        return OTHER
    return blake2b(str(value).encode(), digest_size=DIGEST_CHARACTERS // 2).hexdigest()


def _line(value: Value, _app: App) -> int | str:
    return value if isinstance(value, int) else OTHER


_MEGABYTES = ((3_000, "low"), (6_000, "medium"))


def _device_class(value: Value, _app: App) -> str:
    size = value if isinstance(value, int | float) else 0
    return next((name for below, name in _MEGABYTES if size < below), "high")


def _yes_no(value: Value, _app: App) -> str:
    return "yes" if value is True else "no"


_METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH")


def _method(value: Value, _app: App) -> str:
    folded = str(value).strip().upper()
    return folded if folded in _METHODS else OTHER


_STATUS_CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx")


def _status_class(value: Value, _app: App) -> str:
    found = f"{str(value).strip()[:1]}xx"
    return found if found in _STATUS_CLASSES else OTHER


_CONNECTIONS = frozenset({"wifi", "cellular", "ethernet", "bluetooth", "none"})


def _connection(value: Value, _app: App) -> str:
    folded = str(value).strip().casefold()
    return folded if folded in _CONNECTIONS else OTHER


def _reduction(
    name: str, accepts: str, of: Callable[[Value, App], Reduced], *, says: str, outputs: int | None
) -> Reduction:
    return Reduction(name, frozenset(accepts.split()), of, says, outputs)


_SYMBOL_OUTPUTS = 0
"""Symbols and lines are the maker's, not the person's: they tell programs apart, and people only by their program.

A plain word has the form of a symbol, a name of somebody too: so these take what programs tell of themselves alone.
"""


REDUCTIONS: Mapping[str, Reduction] = {
    reduction.name: reduction
    for reduction in (
        _reduction("route", "url", _route, says="which of the page patterns that we list it matches", outputs=None),
        _reduction("hour", "clock", _hour, says="the hour", outputs=None),
        _reduction("day", "clock", _day, says="the day", outputs=None),
        _reduction(
            "os_family", "text", _os_family, says="the family of operating systems", outputs=len(set(_OS.values()))
        ),
        _reduction("major_minor", "text", _major_minor, says="the first two numbers of the version", outputs=100 * 100),
        _reduction("language", "locale", _language, says="the language, without the region", outputs=len(_LANGUAGES)),
        _reduction("symbol", "symbol", _symbol, says="the name of a piece of our program", outputs=_SYMBOL_OUTPUTS),
        _reduction(
            "session_status",
            "text",
            _session_status,
            says="one of five ways in which a session ends",
            outputs=len(_STATUSES),
        ),
        _reduction(
            "digest", "symbol", _digest, says="a digest of the names of pieces of our program", outputs=_SYMBOL_OUTPUTS
        ),
        _reduction("line", "line", _line, says="the line of our program", outputs=_SYMBOL_OUTPUTS),
        _reduction(
            "device_class",
            "measure",
            _device_class,
            says="whether that is low, medium or high for a device",
            outputs=len(_MEGABYTES) + 1,
        ),
        _reduction("yes_no", "flag", _yes_no, says="yes or no", outputs=2),
        _reduction("method", "http_method", _method, says="the method of the request", outputs=len(_METHODS)),
        _reduction(
            "status_class",
            "http_status",
            _status_class,
            says="whether the answer was a success, an error or something else",
            outputs=len(_STATUS_CLASSES),
        ),
        _reduction("connection", "text", _connection, says="the type of connection", outputs=len(_CONNECTIONS)),
    )
}
"""Every reduction, by name."""

BUCKETS_PER_DOUBLING = 4
BUCKET_MIN, BUCKET_MAX = -40, 80


def bucket(value: float) -> int:
    """The exponential bucket of a measure: bucket b holds (2**(b/4), 2**((b+1)/4)], clamped to 121 buckets.

    The grid is that of OpenTelemetry's base-2 exponential histogram at scale 2, so histograms merge
    by adding; the lowest bucket also holds zero.
    """
    if value <= 0:
        return BUCKET_MIN
    index = math.ceil(math.log2(value) * BUCKETS_PER_DOUBLING) - 1
    return max(BUCKET_MIN, min(BUCKET_MAX, index))
