"""Columns of statistics tell only what was declared: a word that nobody declared comes out of none of them."""

import random
from collections.abc import Iterator, Mapping, Sequence

from remit.policy.model import App, Dimension, Policy
from remit.policy.reduce import REDUCTIONS
from remit.policy.words import Value
from remit.proof.verdict import Comparison, some

WORDS: Mapping[str, Sequence[str]] = {
    "url": ("/{}", "/{}/7", "https://shop.example/{}?{}#{}", "https://{}.example/"),
    "text": ("{}", "v1.2+{}", "pkg.{}", "Linux {}"),
    "locale": ("en-{:.8}", "de_{:.8}"),
}
"""Where such a word stands in values of each type that can hold one; in a locale, only eight characters of it."""


def closed(policy: Policy, seed: int) -> Comparison:
    """What each reduced column of the policy gives for words that nobody declared."""
    owners = [(one.name, one.dimensions) for one in policy.facts.values()]
    owners += [(one.name, one.dimensions) for one in policy.counts.values()]
    columns = [(f"{owner}.{one.name}", one) for owner, columns in owners for one in columns if one.reduction]
    word = random.Random(seed).randbytes(8).hex()  # noqa: S311 -- a word that can be made again
    found = [
        says
        for name, column in columns
        for app in policy.apps.values()
        for says in _repeats(policy, (name, column), app, word=word)
    ]
    return Comparison(
        name="closed",
        group="Two stores, used apart",
        says="no column of a statistic repeats a word that nobody declared",
        told=some(len(columns), "column"),
        found=tuple(dict.fromkeys(found)),
    )


def _repeats(policy: Policy, column: tuple[str, Dimension], app: App, *, word: str) -> Iterator[str]:
    name, dimension = column
    entry, reduction = policy.catalogue[dimension.item], REDUCTIONS[str(dimension.reduction)]
    values: list[Value] = [one.format(*[word] * one.count("{")) for one in WORDS.get(entry.type.name, ())]
    for value in filter(entry.fits, values):
        given = str(reduction.of(value, app))
        if word[:8] in given:
            yield f"{name}: {dimension.item} | {reduction.name} makes '{given}' of '{value}', sent to {app.name}"
