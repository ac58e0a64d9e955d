"""The command by which a version comes into force in a house."""

import sys
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from remit.cli import flags
from remit.cli.diff import CHANGES, PROBLEMS, RENEWAL, structured, told
from remit.cli.policies import compiled_or_told, text_of
from remit.cli.show import show_json, show_lines, warn
from remit.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from remit.policy.change import Difference
    from remit.policy.model import Policy

Yes = Annotated[bool, typer.Option("--yes", help="Adopt it without asking, as scripts have to.")]


def adopt(
    file: flags.PolicyFile,
    *,
    data: flags.Data = flags.DATA,
    keys: flags.Keys = flags.KEYS,
    yes: Yes = False,
    as_json: flags.Json = False,
) -> None:
    """Let a version of the policy come into force, also while remit runs: no request is refused meanwhile.

    First it tells what changes, as `remit diff adopted FILE` does. It asks where something changes for people, where
    consents no longer cover it, or where numbers of a statistic that is no more would be dropped for good. What was
    collected before keeps the purposes of its own version. Killed at any moment, the version is in force or it is not:
    run it again.

    Exit status: 0 when the version is in force; 1 when the policy has problems or is not of a higher version, when the
    answer was no, or when the house is not there; 2 and 3 when nobody could be asked and --yes is missing, so that
    nothing was changed: 2 where people have to be asked for their consent again, 3 where it is for other reasons.
    """
    from remit.cli.asking import asked
    from remit.house import LEDGER

    text = text_of(file)
    ledger = partial(asked, Settings(data=data, keys=keys), LEDGER, drained=False, quiet=as_json)
    step = _step(ledger("adopted", 0)[-1], text, str(file))
    if not as_json:
        show_lines(_lines(step))
    if step.refusal and not yes:
        # Between two visits: whoever thinks about the answer keeps nobody out of a house that is stopped.
        _confirm(step, anybody=not as_json and sys.stdin.isatty())
    version = ledger("adopt", text, step.old.version)
    if as_json:
        show_json(_structured(step, version))
    else:
        sys.stdout.write(f"version {version} is in force\n")


@dataclass(frozen=True, slots=True)
class _Step:
    """From the version in force to another."""

    old: "Policy"
    new: "Policy"
    found: "Difference"

    @property
    def dropped(self) -> list[str]:
        """Statistics of which the other has none by that name."""
        facts = [f"fact {name}" for name in self.old.facts if name not in self.new.facts]
        return facts + [f"count {name}" for name in self.old.counts if name not in self.new.counts]

    @property
    def refusal(self) -> int:
        """How the command ends where nobody says yes; 0 where nobody has to, or the house itself will say no."""
        if self.new.version <= self.old.version:
            return 0
        if self.found.renewals:
            return RENEWAL
        return CHANGES if self.found.concerns_people() or self.dropped else 0


def _step(in_force: str, text: str, file: str) -> _Step:
    from remit.policy.compare import difference
    from remit.policy.compile import adopted

    old = adopted(in_force)
    # What is in force is not checked again: a stricter check holds for the next version.
    new = old if text == in_force else compiled_or_told(text, file, instead="; nothing was changed")
    if new is None:
        raise typer.Exit(PROBLEMS)
    return _Step(old, new, difference(old, new))


def _lines(step: _Step) -> "Iterator[tuple[str, str]]":
    if step.new is not step.old:
        yield from told(step.found)
    if step.dropped:
        yield "bold yellow", "Numbers that are dropped for good"
        yield from (("yellow", f"  {one}") for one in step.dropped)


def _confirm(step: _Step, *, anybody: bool) -> None:
    if not anybody:
        warn("nothing was changed: add --yes to adopt it")
        raise typer.Exit(step.refusal)
    if not typer.confirm(f"Adopt version {step.new.version} in the place of {step.old.version}"):
        warn("nothing was changed")
        raise typer.Exit(PROBLEMS)


def _structured(step: _Step, version: int) -> dict[str, Any]:
    return {
        "version": version,
        "before": step.old.version,
        "dropped": step.dropped,
        "difference": structured(step.found),
    }
