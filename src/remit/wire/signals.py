"""Signals of refusal that requests of any protocol bear: Global Privacy Control, strings of the TCF and of the GPP.

A string that cannot be read refuses all that it could: it is there because somebody was asked.

Sources: W3C, Global Privacy Control; IAB Tech Lab, TCF consent string v2; IAB Tech Lab, Global Privacy Platform.
"""

import base64
from collections.abc import Iterator

from remit.policy.signals import GPP_OPT_OUTS, Heard, Hearing
from remit.wire.request import Request

CHOICE = "remit-choice"
"""The header with a choice token."""
STRING_CHARACTERS_MAX = 4096
_TCF, _USP, _NATIONAL, _CALIFORNIA = 2, 6, 7, 8
_OPT_OUTS = {
    _NATIONAL: {"sale": 18, "sharing": 20, "targeted-advertising": 22},
    _CALIFORNIA: {"sale": 12, "sharing": 14},
}
"""Of sections of the GPP, at which bit each opt-out begins: two bits, of which 1 means that it was chosen."""
_CHOSEN = 1
_TCF_VERSION = 2
_CONSENTS, _INTERESTS = 152, 176
"""At which bits of a TCF string the consents to purposes begin, and their legitimate interests: a bit for each."""
_GPC_PART = "01"
"""With which bits the part of a section begins that repeats Global Privacy Control."""


def heard(request: Request, means: Hearing) -> Heard:
    """Which purposes a request refuses as a whole."""
    general = means.gpc if request.headers.get("sec-gpc") == "1" else 0
    specific = 0
    if "gdpr_consent" in request.query:
        specific |= _by_tcf(request.query["gdpr_consent"], means)
    if "gpp" in request.query:
        more = _by_gpp(request.query["gpp"], means)
        general, specific = general | more.general, specific | more.specific
    return Heard(general, specific)


def _by_tcf(text: str, means: Hearing) -> int:
    try:
        bits = _bits(text.partition(".")[0])
        is_second = int(bits[:6], 2) == _TCF_VERSION
        agreed = {n: bits[_CONSENTS + n - 1] == "1" for n in means.tcf}
        unopposed = {n: bits[_INTERESTS + n - 1] == "1" for n in means.tcf}
    except (ValueError, IndexError):
        return _all_of_tcf(means)
    if not is_second:
        return _all_of_tcf(means)
    refused = 0
    for n, (asked, others) in means.tcf.items():
        refused |= 0 if agreed[n] else asked
        refused |= 0 if agreed[n] or unopposed[n] else others
    return refused


def _by_gpp(text: str, means: Hearing) -> Heard:
    try:
        sections = dict(zip(*_sections(text), strict=True))
    except (ValueError, IndexError):
        return Heard(_all_of_gpp(means), _all_of_tcf(means))
    general = specific = 0
    for number, section in sections.items():
        if number == _TCF:
            specific |= _by_tcf(section, means)
        else:
            general |= _by_opt_outs(number, section, means)
    return Heard(general, specific)


def _by_opt_outs(number: int, section: str, means: Hearing) -> int:
    if number == _USP:
        opted = section[2:3]
        return 0 if opted in ("N", "-") and section[:1] == "1" else means.gpp.get("sale", 0)
    if number not in _OPT_OUTS:
        return _all_of_gpp(means)
    core, *parts = section.split(".")
    try:
        bits = _bits(core)
        chosen = [name for name, at in _OPT_OUTS[number].items() if int(bits[at : at + 2], 2) == _CHOSEN]
        gpc = any((more := _bits(part)).startswith(_GPC_PART) and more[2] == "1" for part in parts)
    except (ValueError, IndexError):
        return _all_of_gpp(means)
    refused = means.gpc if gpc else 0
    for name in chosen:
        refused |= means.gpp.get(name, 0)
    return refused


def _sections(text: str) -> tuple[list[int], list[str]]:
    """The numbers of the sections of a GPP string, and the sections. Raises ValueError or IndexError."""
    head, *sections = text.split("~")
    bits = _bits(head)
    if int(bits[:6], 2) != 3:
        raise ValueError("no header of the Global Privacy Platform")
    return list(_numbers(bits, int(bits[12:24], 2))), sections


def _numbers(bits: str, ranges: int) -> Iterator[int]:
    """Section numbers, written as ranges of differences in Fibonacci's code."""
    at, last = 24, 0
    for _ in range(ranges):
        is_range = bits[at] == "1"
        start, at = _fibonacci(bits, at + 1)
        end, at = _fibonacci(bits, at) if is_range else (0, at)
        last += start
        if end > STRING_CHARACTERS_MAX:
            raise ValueError("there are not so many sections")
        yield from range(last, last + end + 1)
        last += end


def _fibonacci(bits: str, at: int) -> tuple[int, int]:
    """One number, and where the next begins. Raises IndexError where it does not end."""
    value, one, two = 0, 1, 2
    while True:
        if bits[at] == "1":
            value += one
            if bits[at + 1] == "1":
                return value, at + 2
        at, one, two = at + 1, two, one + two


def _bits(text: str) -> str:
    """The bits of base64url without padding. Raises ValueError."""
    if not text or len(text) > STRING_CHARACTERS_MAX:
        raise ValueError("no string, or a long one")
    letters = text.encode("ascii").translate(bytes.maketrans(b"-_", b"+/"))
    # Writers of these strings pad to whole letters, not to whole bytes.
    data = base64.b64decode(letters + b"A" * (-len(letters) % 4), validate=True)
    return "".join(f"{byte:08b}" for byte in data)[: len(text) * 6]


def _all_of_tcf(means: Hearing) -> int:
    refused = 0
    for asked, others in means.tcf.values():
        refused |= asked | others
    return refused


def _all_of_gpp(means: Hearing) -> int:
    refused = 0
    for name in GPP_OPT_OUTS:
        refused |= means.gpp.get(name, 0)
    return refused
