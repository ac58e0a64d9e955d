"""A choice that travels with what it is about: its token proves what was said to which version, and names nobody.

``remit-1:VERSION:DAY:APP:GRANTED:REFUSED:PROOF``: under which version of the policy somebody was asked, on which day
(of UTC), in which app; purposes by their keys, with ``+`` between them; and a keyed hash of all that stands before it.
A yes holds only where everything is in order. A no needs no proof and does not grow old, so each that can be read is
heard. A token that cannot be read refuses all that can be refused: it is there because somebody was asked.
"""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from hashlib import blake2b
from hmac import compare_digest
from typing import NamedTuple

import msgspec

from remit.policy.columns import Batch
from remit.policy.model import Policy
from remit.policy.words import PurposeKey

FORM = "remit-1"
HEARD_DAYS = 180
"""So long a yes is heard after its day: people are asked again after six months, as CNIL recommends of consents."""
AHEAD_DAYS_MAX = 1
"""Clocks differ, and so do days of those who write their own for one of UTC."""
TOKEN_CHARACTERS_MAX = 4096
PROOF_BYTES = 16
REMEMBERED_MAX = 1_000
"""For how many tokens it is remembered on a day what they say: all who say the same may bear the same one."""
_BETWEEN = "+"
_KEY = "[a-z][a-z0-9-]*"
_KEYS = rf"((?:{_KEY}(?:\+{_KEY})*)?)"
_DAY = "([0-9]{4}-[0-9]{2}-[0-9]{2})"
_TOKEN = re.compile(rf"{FORM}:([0-9]{{1,9}}):{_DAY}:({_KEY}):{_KEYS}:{_KEYS}:([0-9a-f]{{{2 * PROOF_BYTES}}})")


class Flaw(StrEnum):
    """Why nothing, or not all, is granted of what a token says."""

    MALFORMED = "malformed"
    """It cannot be read."""
    UNPROVEN = "unproven"
    """Its proof is not by this house's key, or it was changed since."""
    OTHER_APP = "other_app"
    """It was given in another app."""
    UNKNOWN_VERSION = "unknown_version"
    """No version of this number was adopted here."""
    OUTGROWN = "outgrown"
    """A yes to its version does not cover, for some purpose that it grants, what the version in force does."""
    EXPIRED = "expired"
    """Its day is too long ago."""
    EARLY = "early"
    """Its day is yet to come."""
    STALE = "stale"
    """The worker does not hear from the ledger, and so takes consent for no."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceToken:
    """What somebody granted and refused on a day, in an app, when they were asked under a version."""

    version: int
    day: date
    app: str
    granted: tuple[PurposeKey, ...] = ()
    refused: tuple[PurposeKey, ...] = ()

    @property
    def text(self) -> str:
        """All but the proof."""
        lists = (_BETWEEN.join(keys) for keys in (self.granted, self.refused))
        return ":".join((FORM, str(self.version), self.day.isoformat(), self.app, *lists))

    @property
    def heard_until(self) -> date:
        """The last day on which it grants anything."""
        return self.day + timedelta(days=HEARD_DAYS)


def minted(token: ChoiceToken, key: bytes) -> str:
    """The token with its proof, as it travels; ``key`` is the house's own and never empty."""
    return f"{token.text}:{_proof(token.text, key)}"


def _proof(text: str, key: bytes) -> str:
    assert key, "without a key anybody could prove anything"
    return blake2b(text.encode(), key=key, digest_size=PROOF_BYTES).hexdigest()


def day_of(at: int) -> date:
    """The day (UTC) of a time in ms since 1970."""
    return datetime.fromtimestamp(at // 1000, UTC).date()


class HeardToken(NamedTuple):
    """Masks of purposes that a token grants and refuses under one version, and what is wrong with it, if anything."""

    granted: int
    refused: int
    flaw: Flaw | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verifier:
    """What tokens say under one version of a policy, by the key under which its house proves them (None: nothing is).

    ``covered`` are, by version that was adopted, the purposes for which a yes to it covers the version in force.
    """

    bits: Mapping[PurposeKey, int]
    covered: Mapping[int, Collection[PurposeKey]]
    key: bytes | None
    stale: bool = False
    _known: dict[tuple[str, str, date], HeardToken] = field(default_factory=dict, init=False, repr=False)

    def hear(self, text: object, *, app: str, received: int) -> HeardToken:
        """What somebody's token says to an app at a time (ms since 1970)."""
        if not isinstance(text, str) or len(text) > TOKEN_CHARACTERS_MAX:
            return self._unread
        key = text, app, day_of(received)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= REMEMBERED_MAX:
                self._known.clear()
            found = self._known[key] = self._heard(*key)
        return found

    def _heard(self, text: str, app: str, today: date) -> HeardToken:
        parts = _TOKEN.fullmatch(text)
        if parts is None:
            return self._unread
        version, written, of, granted, refused, proof = parts.groups()
        try:
            day = date.fromisoformat(written)
        except ValueError:
            return self._unread
        token = ChoiceToken(version=int(version), day=day, app=of, granted=_listed(granted), refused=_listed(refused))
        flaw = self._flaw(token, parts[0].rpartition(":")[0], proof) or self._untimely(token, app, today)
        said = self._mask(token.refused)
        if flaw is not None:
            return HeardToken(0, said, flaw)
        known = [key for key in token.granted if key in self.bits]
        covered = [key for key in known if key in self.covered[token.version]]
        return HeardToken(self._mask(covered) & ~said, said, Flaw.OUTGROWN if len(covered) < len(known) else None)

    @property
    def _unread(self) -> HeardToken:
        return HeardToken(0, self._mask(self.bits), Flaw.MALFORMED)

    def _flaw(self, token: ChoiceToken, proved: str, proof: str) -> Flaw | None:
        if self.key is None or not compare_digest(_proof(proved, self.key), proof):
            return Flaw.UNPROVEN
        if token.version not in self.covered:
            return Flaw.UNKNOWN_VERSION
        return Flaw.STALE if self.stale else None

    def _untimely(self, token: ChoiceToken, app: str, today: date) -> Flaw | None:
        if token.app != app:
            return Flaw.OTHER_APP
        days = (today - token.day).days
        if days > HEARD_DAYS:
            return Flaw.EXPIRED
        return Flaw.EARLY if days < -AHEAD_DAYS_MAX else None

    def _mask(self, keys: Collection[PurposeKey]) -> int:
        return sum(self.bits.get(key, 0) for key in set(keys))


def _listed(keys: str) -> tuple[PurposeKey, ...]:
    return tuple(PurposeKey(key) for key in keys.split(_BETWEEN) if key)


def verifier(policy: Policy, covered: Mapping[int, Collection[PurposeKey]], key: bytes | None) -> Verifier:
    """Who hears tokens under a version."""
    return Verifier(bits={one: 1 << at for at, one in enumerate(policy.purposes)}, covered=covered, key=key)


def borne(batch: Batch, by: Verifier, *, app: str, received: int) -> tuple[Batch, Counter[Flaw | None]]:
    """The batch with what its records' own tokens say beside it, in their place, and how many of them had which flaw.

    The texts go no further: ``choices`` is None in what is returned.
    """
    texts: Sequence[object] = batch.choices or [None] * batch.size
    silent = HeardToken(0, 0, None)
    of = {text: by.hear(text, app=app, received=received) for text in dict.fromkeys(texts) if text is not None}
    heard = [silent if text is None else of[text] for text in texts]
    signals, granted = batch.signals or [0] * batch.size, batch.granted or [0] * batch.size
    told = msgspec.structs.replace(
        batch,
        choices=None,
        signals=[mask | one.refused for mask, one in zip(signals, heard, strict=True)],
        granted=[mask | one.granted for mask, one in zip(granted, heard, strict=True)],
    )
    return told, Counter(of[text].flaw for text in texts if text is not None)
