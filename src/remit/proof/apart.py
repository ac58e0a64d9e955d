"""Non-interference as a comparison in words, and what nothing compares yet."""

from collections.abc import Iterator, Sequence

from remit.policy.model import Policy
from remit.policy.phrases import listed
from remit.policy.words import SDK_SOURCES
from remit.proof.prover import Counterexample, Proof
from remit.proof.verdict import Comparison, NotYet


def comparison(proof: Proof, most: int) -> Comparison:
    """Law L5, with at most so many fields and differences of a counterexample."""
    least = min(proof.varied.values(), default=0)
    every = f"{proof.pairs} pairs; each of {len(proof.varied)} fields differed in at least {least}"
    return Comparison(
        name="apart",
        group="Two stores, used apart",
        says="requests that are alike but for whom they are about leave the same bytes outside the personal side",
        told=f"pair {proof.pairs}" if proof.counterexample else every,
        found=tuple(_against(proof, most)),
    )


def _against(proof: Proof, most: int) -> Iterator[str]:
    if proof.unlike:
        yield f"the generated traces are not alike, which is a fault of remit: {'; '.join(proof.unlike)}"
    if proof.counterexample:
        yield from _shown(proof.counterexample, most)
    if proof.untried:
        names = listed([*proof.untried[:most]])
        more = f", and {len(proof.untried) - most} more" if len(proof.untried) > most else ""
        yield f"never tried, so that nothing is known of it: {names}{more}; try more with --pairs"


def _shown(example: Counterexample, most: int) -> Iterator[str]:
    leaves = [" ".join(leaf) for leaf in example.leaves[:most]]
    why = f"by itself leaks {listed(leaves)}" if leaves else "no field leaks by itself"
    yield f"two alike traces, of seed {example.seed}, differ outside; {why}"
    yield from _some([f"sent, step {f.step} {f.of} {f.path}: {f.left!r} | {f.right!r}" for f in example.fields], most)
    yield from _some([f"outside, {one.where}: {one.left} | {one.right}" for one in example.differences], most)


def _some(lines: Sequence[str], most: int) -> Iterator[str]:
    yield from lines[:most]
    if len(lines) > most:
        yield f"and {len(lines) - most} more: --json has all"


NOT_YET = (
    NotYet("combinations of the two stores under a lease", "nothing can combine them"),
    NotYet("released numbers", "the guard that waits for enough people before a cell is released is not built"),
    NotYet("open counts and journal segments past their time", "the divider tells only what it divided"),
    NotYet("columns of vault, ledger, directory and desk", "they are remit's own, and no policy generates them"),
    NotYet("values in the vault", "blocks are compared by their rules and numbers, and stay sealed"),
    NotYet("backups and exports", "remit makes none, and cannot see those that others made"),
    NotYet("receipts of erasure", "they are not signed, and state no moments"),
)
"""What no comparison is about, whatever the policy says."""


def not_yet(policy: Policy) -> list[NotYet]:
    """What is not compared of this policy, and why."""
    found = list(NOT_YET)
    others = [f"line {rule.line}" for rule in policy.collect if rule.source not in SDK_SOURCES]
    if others:
        found.append(NotYet(f"what others tell us ({listed(others)})", "it has no way in, so nothing of it is taken"))
    if policy.recipients:
        found.append(NotYet(f"what recipients are told ({listed(list(policy.recipients))})", "remit passes nothing on"))
    return found
