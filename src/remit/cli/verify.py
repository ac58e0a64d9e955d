"""The command that compares a system with its policy."""

import secrets
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

import typer

from remit.cli import flags
from remit.cli.policies import WIDTH, loaded, text_of
from remit.cli.show import show_json, show_lines, warn
from remit.cli.waiting import counting, waiting
from remit.policy.phrases import plain
from remit.settings import Settings

if TYPE_CHECKING:
    from remit.policy.model import Policy
    from remit.proof.house import Accounts
    from remit.proof.prover import Proof
    from remit.proof.verdict import Comparison, NotYet

USAGE, DIFFERS = 2, 1
SEED_MAX, PAIRS, PAIRS_MAX = (1 << 31) - 1, 200, 100_000
SHOWN_MAX = 12
"""Of a kind, so that a counterexample fits a page; --json has all."""


def verify(  # noqa: PLR0913 -- one parameter per flag, all by name
    *,
    policy: flags.SomePolicy = None,
    data: flags.SomeData = None,
    keys: flags.SomeKeys = None,
    seed: Annotated[
        int | None,
        typer.Option("--seed", help="Try the traces of this seed; else others each time.", min=1, max=SEED_MAX),
    ] = None,
    pairs: Annotated[
        int, typer.Option("--pairs", help="How many pairs of alike traces to try.", min=1, max=PAIRS_MAX)
    ] = PAIRS,
    as_json: flags.Json = False,
) -> None:
    """Compare a system with its policy: sentences, tables, what is held, and whether the two stores stay apart.

    With --policy alone: whether every sentence of the notice has a rule and every use a sentence, and whether alike
    traces of generated requests leave the same bytes outside the personal side. With --data and --keys, also the house
    that is there, whether it runs or not: its tables, its blocks, and the uses that were made.

    Exit status: 0 when all of it holds; 1 when something does not, or could not be asked; 2 for a flag that does not
    exist, or where there is no house. What cannot be compared yet is listed.
    """
    given = None if policy is None else loaded(policy)
    found = _Found(seed=seed or 1 + secrets.randbelow(SEED_MAX), pairs=pairs)
    if policy is None or data is not None or keys is not None:
        settings = Settings(data=data or flags.DATA, keys=keys or flags.KEYS, policy=policy)
        _ask(found, settings, given, quiet=as_json)
    else:
        found.policy = given
        _without_house(found)
    if found.policy is None:
        found.not_asked, found.wanting = ["the notice; whether the two stores stay apart"], "no policy is known"
    else:
        _prove(found, found.policy, quiet=as_json)
    _show(found, as_json=as_json)
    if not found.holds:
        raise typer.Exit(DIFFERS)


@dataclass
class _Found:
    """What came of everything that was compared."""

    seed: int
    pairs: int
    policy: "Policy | None" = None
    comparisons: "list[Comparison]" = field(default_factory=list)
    not_asked: list[str] = field(default_factory=list)
    wanting: str = ""
    not_yet: "list[NotYet]" = field(default_factory=list)
    proof: "Proof | None" = None

    @property
    def holds(self) -> bool:
        """Whether nothing speaks against any of it."""
        return all(one.holds for one in self.comparisons)


def _prove(found: _Found, policy: "Policy", *, quiet: bool) -> None:
    """What takes a policy and nothing else."""
    from remit.policy.render.notice import blocks
    from remit.proof.apart import comparison, not_yet
    from remit.proof.closed import closed
    from remit.proof.prover import prove
    from remit.proof.sentences import enforced, ruled, told, translated

    notice = list(blocks(policy))
    with counting("trying alike traces", found.pairs, quiet=quiet) as tried:
        found.proof = prove(policy, seed=found.seed, pairs=found.pairs, tried=tried)
    pure = [*(compare(policy, notice) for compare in (enforced, ruled, told)), translated(policy)]
    apart = [closed(policy, found.seed), comparison(found.proof, SHOWN_MAX)]
    found.comparisons = [*pure, *found.comparisons, *apart]
    found.not_yet += not_yet(policy)


def _without_house(found: _Found) -> None:
    from remit.proof.house import questions

    found.not_asked, found.wanting = questions(), "it takes a house, add --data and --keys"


def _ask(found: _Found, settings: Settings, given: "Policy | None", *, quiet: bool) -> None:
    """What takes a house: the one that runs, or one that runs for as long as this takes."""
    from remit.proof.house import Accounts, compared, versions_of

    told = Accounts()
    _gather(told, settings, quiet=quiet)
    found.comparisons += compared(told, text_of(settings.policy) if settings.policy else None)
    versions = versions_of(told)
    found.policy = given or (versions[-1] if versions else None)


def _gather(told: "Accounts", settings: Settings, *, quiet: bool) -> None:
    """Every answer, or why there is none; who stays away once is not asked again."""
    from remit.cli.asking import patiently
    from remit.house import CALLED, DIVIDER, FACTS, VAULT, NotReady
    from remit.processes.supervisor import NoHouse, house
    from remit.stores.link import Declined

    # The versions come last: a house that goes over to another meanwhile has done nothing that they do not know.
    questions = ((DIVIDER, "drain"), (FACTS, "schema"), (FACTS, "tally"), (VAULT, "standing"))
    away: dict[str, str] = {}
    try:
        with waiting(quiet=quiet) as now, house(settings, now):
            for process, method in questions:
                now(f"waiting for the {CALLED[process]}")
                try:
                    if process not in away:
                        told.answers[method] = patiently(settings, process, method)
                except (Declined, NotReady) as error:
                    away[process] = str(error)
                told.missing |= {method: away[process]} if process in away else {}
    except NoHouse as error:
        warn(f"{error}; or compare a policy alone, with --policy FILE")
        raise typer.Exit(USAGE) from error
    except NotReady as error:
        told.missing |= {method: str(error) for _, method in questions if method not in told.answers}


def _show(found: _Found, *, as_json: bool) -> None:
    if as_json:
        show_json(_structured(found))
    else:
        show_lines(_lines(found))


def _structured(found: _Found) -> dict[str, Any]:
    example = found.proof.counterexample if found.proof else None
    return {
        "holds": found.holds,
        "version": found.policy.version if found.policy else None,
        "seed": found.seed,
        "pairs": found.pairs,
        "comparisons": [asdict(one) | {"holds": one.holds} for one in found.comparisons],
        "counterexample": asdict(example) if example else None,
        "not_asked": found.not_asked,
        "not_yet": [asdict(one) for one in found.not_yet],
    }


def _lines(found: _Found) -> Iterator[tuple[str, str]]:
    policy = found.policy
    of = f"Version {policy.version} of the policy of {policy.controller.name}" if policy else "No policy"
    yield from _wrapped("", f"{of}; seed {found.seed}, {found.pairs} pairs.")
    group = ""
    for one in found.comparisons:
        if one.group != group:
            group = one.group
            yield from (("", ""), ("bold", group))
        told = f" ({one.told})" if one.told else ""
        yield from _wrapped("green" if one.holds else "red", f"{one.says}{told}", "  ✓ " if one.holds else "  ✗ ")
        for words in one.found[:SHOWN_MAX]:
            yield from _wrapped("", words, "      ")
        if len(one.found) > SHOWN_MAX:
            yield "", f"      and {len(one.found) - SHOWN_MAX} more: --json has all"
    yield from _missing(f"Not asked: {found.wanting}", found.not_asked)
    yield from _missing("Not yet", [f"{one.what}: {one.why}" for one in found.not_yet])
    wrong = sum(not one.holds for one in found.comparisons)
    yield "", ""
    yield (
        ("bold green", "All that was compared holds.")
        if not wrong
        else (
            "bold red",
            f"{wrong} of {len(found.comparisons)} do not hold.",
        )
    )


def _missing(heading: str, lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    if lines:
        yield from (("", ""), ("bold", heading))
    for line in lines:
        yield from _wrapped("dim", line, "  · ")


def _wrapped(style: str, text: str, mark: str = "") -> Iterator[tuple[str, str]]:
    lines = textwrap.wrap(
        plain(text), WIDTH, initial_indent=mark, subsequent_indent=" " * len(mark), break_on_hyphens=False
    )
    yield from ((style, line) for line in lines)
