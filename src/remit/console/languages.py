"""Which language a browser prefers, of those that there are (RFC 9110, 12.5.4; RFC 4647, lookup)."""

import re
from collections.abc import Sequence

RANGES_MAX = 50
"""More than a browser sends; the rest of a longer header is not looked at."""

_RANGE = re.compile(r"\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*|\*)\s*(?:;\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?\s*")


def preferred(header: str, known: Sequence[str]) -> str:
    """The first known language that the header likes best; the first of all where it likes none."""
    liked = sorted(_ranges(header), key=lambda pair: -pair[1])
    refused = {tag for tag, quality in liked if quality == 0}
    for tag, quality in liked:
        found = _known(tag, [one for one in known if one.casefold() not in refused])
        if found is not None and quality > 0:
            return found
    return known[0]


def _ranges(header: str) -> list[tuple[str, float]]:
    """Each range with its quality; what is no range is passed over."""
    found = (_RANGE.fullmatch(part) for part in header.split(",", RANGES_MAX)[:RANGES_MAX])
    return [(one[1].casefold(), float(one[2] or 1)) for one in found if one]


def _known(tag: str, known: Sequence[str]) -> str | None:
    """The known language that a range asks for: itself, else what it narrows, else what narrows it."""
    if tag == "*":
        return known[0] if known else None
    parts = tag.split("-")
    wider = ["-".join(parts[:size]) for size in range(len(parts), 0, -1)]
    exact = (one for want in wider for one in known if one.casefold() == want)
    narrower = (one for one in known if one.casefold().startswith(f"{tag}-"))
    return next(exact, None) or next(narrower, None)
