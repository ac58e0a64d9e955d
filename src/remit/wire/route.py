"""Which requests are a protocol's: each is said once, and read by the gateway and by docs/routes.md."""

import re
from collections.abc import Mapping
from typing import NamedTuple

ANYTHING = "**"
"""Stands for any number of parts, none among them."""
PARTS: Mapping[str, str] = {"{id}": r"\d{1,18}", "{key}": r"[\w.-]{1,128}"}
"""What may stand for a part of a path that differs from app to app."""
_BELOW = r"(?:/[\w-]+)*"


class Route(NamedTuple):
    """One method and one path, as people read it; ``whose`` tells where the request says whose it is."""

    method: str
    path: str
    whose: str
    form: re.Pattern[str]

    @property
    def is_plain(self) -> bool:
        """Whether it has one path alone, but for a slash at its end."""
        return not any(part in (ANYTHING, *PARTS) for part in self.path.split("/"))

    def parts(self, path: str) -> Mapping[str, str] | None:
        """What stands for each part in braces; None for a path that is not of this route."""
        found = self.form.fullmatch(path)
        return found and found.groupdict()

    def takes(self, method: str, path: str) -> bool:
        """Whether a request is of this route, whatever slash is at its end."""
        return method == self.method and self.form.fullmatch(path) is not None


def posted(whose: str, *paths: str) -> tuple[Route, ...]:
    """Routes to which something is sent."""
    return tuple(Route("POST", path, whose, _form(path)) for path in paths)


def fetched(whose: str, *paths: str) -> tuple[Route, ...]:
    """Routes from which something is fetched."""
    return tuple(Route("GET", path, whose, _form(path)) for path in paths)


def _form(path: str) -> re.Pattern[str]:
    return re.compile("".join(map(_part, path[1:].split("/"))) + "/?", re.ASCII)


def _part(part: str) -> str:
    if part == ANYTHING:
        return _BELOW
    return f"/(?P<{part[1:-1]}>{PARTS[part]})" if part in PARTS else "/" + re.escape(part)
