"""A version comes into force with one row of the ledger: what it needs besides is made before, the rest goes after.

Before the row nothing has happened: what was made besides is empty, and goes at the next start. From the row on the
version is in force: whoever did not hear of it does so when it starts again, or connects again.
"""

import shlex
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from remit.policy.compile import adopted, compiled
from remit.policy.model import Policy
from remit.ports import Adoption, Clock, Ledger
from remit.settings import Settings


class NotAdopted(ValueError):
    """A version that cannot come into force; the text says why and what would help."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptingWorld:
    """What adopting works with.

    ``prepare`` returns when all is made that the version needs besides what is there, ``go_over`` when this process and
    every worker that lives and answers works by it. Both may be done again.
    """

    ledger: Ledger
    clock: Clock
    prepare: Callable[[str], None]
    go_over: Callable[[Policy], None]


class Adopting:
    """The flow; one version at a time."""

    def __init__(self, world: AdoptingWorld) -> None:
        self._world, self._lock = world, threading.Lock()

    def adopt(self, text: str, after: int) -> int:
        """Let a version come into force after another; returns its number.

        Whoever asks again for the same text gets the same answer. Raises NotAdopted for a version with problems, for
        one that is not higher than the one in force, and where that is not the one that it was compared with.
        """
        world = self._world
        with self._lock:
            last = world.ledger.adoptions()[-1]
            if last.text == text:
                policy = adopted(text)
            elif last.version != after:
                raise NotAdopted(f"version {last.version} was adopted meanwhile, and nothing was changed: ask again")
            else:
                policy = successor(text, last.version)
                world.prepare(text)
                world.ledger.adopt(Adoption(policy.version, text, world.clock.now()))
            world.go_over(policy)
            return policy.version


def settle(ledger: Ledger, settings: Settings, clock: Clock) -> None:
    """Before a house starts: its file says what was adopted, or is adopted now, where that is asked for.

    Nothing has to be made before: every store makes what it lacks when it opens. Raises NotAdopted.
    """
    adoptions, file = ledger.adoptions(), settings.policy
    text = file.read_text(encoding="utf-8") if file is not None else ""
    if file is None or not adoptions or adoptions[-1].text == text:
        return
    version = adoptions[-1].version
    if not settings.adopt:
        raise NotAdopted(_refusal(settings, text, adoptions))
    try:
        policy = successor(text, version)
    except NotAdopted as error:
        raise NotAdopted(f"{file}: {error}") from error
    ledger.adopt(Adoption(policy.version, text, clock.now()))


def _refusal(settings: Settings, text: str, adoptions: Sequence[Adoption]) -> str:
    file, version = settings.policy, adoptions[-1].version
    start = "start with the adopted text, or without --policy"
    for earlier in adoptions:
        if earlier.text == text:
            return f"{file} is version {earlier.version}, and version {version} has been adopted here since: {start}"
    here = shlex.join([str(file), "--data", str(settings.data), "--keys", str(settings.keys)])
    return (
        f"{file} has changed since version {version} was adopted here. See what that changes, and adopt it:\n"
        f"  remit diff adopted {here}\n"
        f"  remit adopt {here}\n"
        f"or {start}. For development, --adopt adopts it at once"
    )


def successor(text: str, version: int) -> Policy:
    """The policy of a text that may follow a version. Raises NotAdopted."""
    policy = compiled(text, "remit.yaml")
    if not isinstance(policy, Policy):
        raise NotAdopted("\n".join(str(problem) for problem in policy))
    if policy.version <= version:
        raise NotAdopted(f"its version is {policy.version}: raise it above {version}, which is in force")
    return policy
