"""What the policy needs, as remit told it: all else is left out of records before they reach disk or network."""

import json
import os
import time
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

SECONDS = 6 * 3600
"""So long is what was told believed. The reply to each bundle says it again."""
NOTHING_KNOWN = "?"
TAG_CHARACTERS_MAX = 64

Items = Mapping[str, frozenset[str]]
"""The items that something needs, by kind of record; a kind that is not there is needed for nothing."""


class _Told(NamedTuple):
    """One reply's words: replaced as a whole, since other threads read them."""

    tag: str = NOTHING_KNOWN
    items: Items | None = None
    until: float = 0.0


class NeededItems:
    """What was told last, under its tag; with nothing told, everything is needed. It outlives the process."""

    def __init__(self, path: Path, source: str) -> None:
        self._path, self._source = path, _stand_in(source)
        self._told, self._kept = self._loaded(), 0.0

    @property
    def tag(self) -> str:
        """What a request says, so that remit tells only what is new."""
        return self._believed().tag

    def pared(self, record: dict[str, Any]) -> dict[str, Any] | None:
        """The record with what is needed of it; None where nothing is."""
        told = self._believed().items
        if told is None:
            return record
        items = told.get(record["kind"])
        if items is None:
            return None
        return record | {"items": {name: value for name, value in record["items"].items() if name in items}}

    def hear(self, tag: str, told: object) -> None:
        """Believe a reply: a new tag with what it stands for, or the known one again. Another is no word of it."""
        known, items = self._believed(), _read(told)
        if items is None and tag == known.tag:
            items = known.items
        if items is None or not (tag.isascii() and tag.isalnum() and len(tag) <= TAG_CHARACTERS_MAX):
            self._told = _Told()
            return
        self._told = _Told(tag, items, time.time() + SECONDS)
        if tag != known.tag or self._told.until - self._kept > SECONDS / 4:
            self._keep(self._told)

    def turn_to(self, source: str) -> None:
        """Forget what another address or another key was told."""
        self._source, self._told = _stand_in(source), _Told()

    def _believed(self) -> _Told:
        told = self._told
        return told if time.time() < told.until else _Told()

    def _loaded(self) -> _Told:
        try:
            kept = json.loads(self._path.read_bytes())
            items, until = _read(kept["needed"]), float(kept["until"])
            if kept["source"] == self._source and items is not None and until <= time.time() + SECONDS:
                return _Told(str(kept["tag"]), items, until)
        except (OSError, ValueError, TypeError, KeyError):
            pass  # there is none, or somebody else's: it will be told
        return _Told()

    def _keep(self, told: _Told) -> None:
        items = {kind: sorted(items) for kind, items in (told.items or {}).items()}
        text = json.dumps({"source": self._source, "tag": told.tag, "until": told.until, "needed": items})
        beside = self._path.with_suffix(f".{os.getpid()}")
        try:
            beside.write_text(text, encoding="utf-8")
            beside.replace(self._path)
        except OSError:
            return  # the next process asks anew
        self._kept = told.until


def _stand_in(source: str) -> str:
    return blake2b(source.encode(), digest_size=16).hexdigest()


def _read(told: object) -> Items | None:
    if not isinstance(told, dict) or not all(isinstance(items, list) for items in told.values()):
        return None
    return {str(kind): frozenset(item for item in items if isinstance(item, str)) for kind, items in told.items()}
