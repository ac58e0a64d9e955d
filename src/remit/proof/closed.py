"""Columns of statistics tell only what was declared: words that nobody declared look the same in each of them."""

import random
from collections.abc import Iterator, Mapping, Sequence
from string import ascii_lowercase

from remit.policy.model import App, Dimension, Policy
from remit.policy.reduce import REDUCTIONS
from remit.policy.words import Value
from remit.proof.verdict import Comparison, some

WORDS: Mapping[str, Sequence[str]] = {
    "url": ("/{}", "/{}/7", "https://shop.example/{}?{}#{}", "https://{}.example/"),
    "text": ("{}", "v1.2+{}", "pkg.{}", "Linux {}"),
    "symbol": ("{}", "v1.2+{}", "pkg.{}", "KeyError <- {}"),
    "locale": ("en-{:.8}", "de_{:.8}"),
}
"""Where such a word stands in values of each type that can hold one; in a locale, only eight characters of it."""
LETTERS = 9
Pair = tuple[str, str]


def closed(policy: Policy, seed: int) -> Comparison:
    """What each reduced column of the policy gives for pairs of words that nobody declared."""
    owners = [(one.name, one.dimensions) for one in policy.facts.values()]
    owners += [(one.name, one.dimensions) for one in policy.counts.values()]
    columns = [(f"{owner}.{one.name}", one) for owner, columns in owners for one in columns if one.reduction]
    pairs = _undeclared(seed)
    found = [
        says
        for name, column in columns
        for app in policy.apps.values()
        for says in _tells(policy, (name, column), app, pairs=pairs)
    ]
    return Comparison(
        name="closed",
        group="Two stores, used apart",
        says="no column of a statistic tells a word that nobody declared from another",
        told=some(len(columns), "column"),
        found=tuple(dict.fromkeys(found)),
    )


def _undeclared(seed: int) -> Sequence[Pair]:
    """Two keys, two plain words, and two words as people are called: the last may be names in a program, too."""
    dice = random.Random(seed)  # noqa: S311 -- words that can be made again

    def plain() -> str:
        return "".join(dice.choices(ascii_lowercase, k=LETTERS))

    return (
        (dice.randbytes(8).hex(), dice.randbytes(8).hex()),
        (plain(), plain()),
        (plain().capitalize(), plain().capitalize()),
    )


def _tells(policy: Policy, column: tuple[str, Dimension], app: App, *, pairs: Sequence[Pair]) -> Iterator[str]:
    name, dimension = column
    entry, reduction = policy.catalogue[dimension.item], REDUCTIONS[str(dimension.reduction)]
    # Programs call their pieces by plain words, which is what a column of them tells; keys are no such words.
    for pair in pairs[:1] if entry.type.name == "symbol" else pairs:
        for way in WORDS.get(entry.type.name, ()):
            values: list[Value] = [way.format(*[word] * way.count("{")) for word in pair]
            if all(map(entry.fits, values)):
                one, other = (str(reduction.of(value, app)) for value in values)
                if one != other:
                    what = f"'{one}' of '{values[0]}' and '{other}' of '{values[1]}'"
                    yield f"{name}: {dimension.item} | {reduction.name} makes {what}, sent to {app.name}"
