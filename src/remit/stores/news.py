"""A worker's ear at the ledger: the versions that were adopted, and what subjects said, as they come."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from remit.policy.choice_tokens import Verifier, verifier
from remit.policy.choices import Choices, ChoiceTable, RefusalsOnly, choice_table
from remit.policy.compile import adopted
from remit.policy.model import Policy
from remit.policy.words import Choice, PurposeKey
from remit.stores.link import Link, Say, Unheard, Watch

Follower = Callable[[Policy], None]
"""Goes over to a version; returns when it works by it."""


@dataclass(slots=True)
class Snapshot:
    """What a worker last heard: the version in force, and what was said, from which each version has its own masks."""

    text: str
    policy: Policy
    tag_key: bytes
    choices: Mapping[bytes, Mapping[PurposeKey, Choice]]
    journal_public: bytes
    token_key: bytes
    covered: Mapping[int, frozenset[PurposeKey]]
    """Of each version that was adopted, the purposes for which a yes to it covers the one in force."""
    _tables: dict[int, ChoiceTable] = field(default_factory=dict)
    _verifiers: dict[int, Verifier] = field(default_factory=dict)

    def table(self, policy: Policy) -> ChoiceTable:
        """What was said, in a version's masks; made once."""
        if policy.version not in self._tables:
            self._tables[policy.version] = choice_table(policy, self.tag_key, self.choices)
        return self._tables[policy.version]

    def verifier(self, policy: Policy) -> Verifier:
        """Who hears choice tokens, in a version's masks; made once."""
        if policy.version not in self._verifiers:
            self._verifiers[policy.version] = verifier(policy, self.covered, self.token_key)
        return self._verifiers[policy.version]


class Listener:
    """Hears of every adoption and choice, and confirms each when whoever follows has gone over to it."""

    def __init__(self, ledger: Path, say: Say) -> None:
        self.told: Snapshot | None = None
        self._ledger, self._versions = Link(ledger), list[Policy]()
        self._follower: Follower | None = None
        self._followed = 0
        self._lock = threading.RLock()
        self._watch = Watch(ledger, self._hear, say)

    def wait(self, seconds: float) -> Snapshot | None:
        """The first thing told; None when nothing comes in time."""
        return self.told if self._watch.first.wait(seconds) else None

    def follow(self, follower: Follower, policy: Policy) -> None:
        """Tell the follower, who works by one version, of every later one when it comes into force."""
        with self._lock:
            self._follower, self._followed = follower, policy.version
            self._lead()

    @property
    def stale(self) -> bool:
        """Whether the ledger may have had news that did not come."""
        return self._watch.stale

    def catch_up(self) -> None:
        """Returns when all is heard that was announced before the call. Raises Unreachable."""
        self._watch.catch_up(self._ledger.call("latest"))

    def choices(self, policy: Policy) -> Choices:
        """The table to judge by now, in the masks of a version."""
        assert self.told is not None, "wait() came first"
        table = self.told.table(policy)
        return RefusalsOnly(table) if self.stale else table

    def verifier(self, policy: Policy) -> Verifier:
        """Who hears choice tokens now, in the masks of a version; a stale worker could miss a no that came after."""
        assert self.told is not None, "wait() came first"
        known = self.told.verifier(policy)
        return replace(known, stale=True) if self.stale else known

    def versions(self) -> list[Policy]:
        """All versions that were adopted, oldest first; the last is in force. Raises Unreachable."""
        assert self.told is not None, "wait() came first"
        known = self._versions  # two threads may ask at once: each adds to what it saw
        if not known or known[-1].version < self.told.policy.version:
            self._versions = known = [*known, *map(adopted, self._ledger.call("adopted", len(known)))]
        return known

    def _hear(self, update: Mapping[str, Any]) -> None:
        text, before = str(update["text"]), self.told
        policy = before.policy if before is not None and before.text == text else adopted(text)
        choices = {
            bytes(tag): {PurposeKey(key): Choice(last) for key, last in said.items()} for tag, said in update["choices"]
        }
        covered = {int(version): frozenset(map(PurposeKey, keys)) for version, keys in update["covered"]}
        told = Snapshot(
            text,
            policy,
            bytes(update["tag_key"]),
            choices,
            bytes(update["journal"]),
            token_key=bytes(update["token_key"]),
            covered=covered,
        )
        told.table(policy)
        if before is not None and before.policy is not policy:
            told.table(before.policy)  # requests that began under it are not to wait for its making
        with self._lock:
            self.told = told
            try:
                self._lead()
            except Exception as error:
                # Unconfirmed, the connection ends and begins anew: it is told again, and tries again.
                kind = type(error).__name__
                raise Unheard(f"cannot go over to version {policy.version} ({kind})") from error

    def _lead(self) -> None:
        if self._follower is None or self.told is None or self.told.policy.version <= self._followed:
            return
        self._follower(self.told.policy)
        self._followed = self.told.policy.version
