"""What the facts keeper does under the version in force: takes numbers, answers questions, goes over to the next."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from remit.flows.load import unpack_factual
from remit.policy.compile import adopted
from remit.policy.flow import checked
from remit.policy.generations import Generations, generations, stored
from remit.policy.model import Policy
from remit.ports import Answer, Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class NumbersWorld:
    """What these flows work with. ``catch_up`` returns when all is heard that the ledger announced."""

    facts: Facts
    versions: Callable[[], Sequence[Policy]]
    catch_up: Callable[[], None]


@dataclass(frozen=True, slots=True)
class _InForce:
    """``kept`` is what is stored and shown, ``known`` the names of all that was ever stored."""

    policy: Policy
    kept: Generations
    known: frozenset[str]


class Numbers:
    """The non-personal side, under the version in force."""

    def __init__(self, world: NumbersWorld) -> None:
        self._world, self._lock = world, threading.Lock()
        self.go_over(world.versions()[-1])

    @property
    def policy(self) -> Policy:
        """The version by which it works."""
        return self._now.policy

    def prepare(self, text: str) -> None:
        """Make what a version needs besides what is there; it is not in force yet, and nothing goes."""
        self._world.facts.prepare(stored([*self._world.versions(), adopted(text)]))

    def go_over(self, policy: Policy) -> None:
        """Answer by this version from now on; what it does not have goes. It may end anywhere, and be done again."""
        versions = [one for one in self._world.versions() if one.version <= policy.version]
        kept = stored(versions)
        with self._lock:
            self._world.facts.prepare(kept)
            # Only now: a load is taken by what is known, and what has no table would be lost.
            self._now = _InForce(policy, kept, _ever_stored(versions))
            self._world.facts.contract(kept)

    def take(self, load: bytes, factual: bytes) -> None:
        """Take one half of a load, once."""
        half = unpack_factual(factual)
        if not half.generations() <= self._now.known:
            self._world.catch_up()
        # To drop what is not known would lose it: only what a version dropped may go.
        assert half.generations() <= self._now.known, "the divider judges by versions that were announced"
        self._world.facts.take(load, half.as_cells(), half.figures, half.tally, sent=half.sent)

    def ask(self, sql: str) -> dict[str, object]:
        """The answer, which columns of it may hide a small number, and which tables put groups together."""
        now = self._now
        question = checked(sql, now.policy, now.kept)
        try:
            answer = self._world.facts.ask(question.sql)
        except ValueError:
            if now is self._now:
                raise
            return self.ask(sql)  # another version came into force, and what was asked may be gone
        return {
            "columns": question.columns,
            "rows": answer.rows,
            "small": sorted(question.small),
            "finer": sorted(question.finer),
            "k": now.policy.k,
        }

    def tally(self, day: int | None = None) -> dict[str, object]:
        """How every use of every value ended, on a day (epoch seconds) or on all."""
        return _plain(self._world.facts.tally(day))

    def sent(self, day: int | None = None) -> dict[str, object]:
        """What SDKs sent, field by field, on a day or on all."""
        return _plain(self._world.facts.sent(day))

    def schema(self) -> dict[str, object]:
        """Every column that is stored, and by which version: never in the middle of a change."""
        with self._lock:
            return {**_plain(self._world.facts.schema()), "version": self._now.policy.version}


def _ever_stored(versions: Sequence[Policy]) -> frozenset[str]:
    return frozenset(one.name for forms in generations(versions).values() for one in forms)


def _plain(answer: Answer) -> dict[str, object]:
    return {"columns": answer.columns, "rows": answer.rows}
