"""All that remit says to people in one language: a form that every language fills in.

A phrase is a text with its blanks in braces. mypy sees that no language leaves one out, and a test that its blanks are
those of English. What joins two texts (a list, a number and its unit) is a method.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from remit.policy.words import WHILE_ACCOUNT, Basis, DeviceAccess, Item, Period, Role, Source

Forms = tuple[str, ...]
"""A unit as it is said of one, of several, and so on, as ``plural`` numbers them."""


def one_or_many(number: int) -> int:
    """Which form of a unit a number takes, in languages that have two."""
    return int(number != 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrasebook:
    """One language. ``tag`` is its BCP 47 tag, ``name`` what its speakers call it.

    ``ahead`` are words of its phrases right after which items are listed, where neither colon nor comma stands:
    `remit verify` finds items by them.
    """

    tag: str
    name: str
    countries: Mapping[str, str]
    eea: str
    titles: Mapping[Item, str]
    reductions: Mapping[str, str]

    comma: str
    conjunction: str
    disjunction: str
    ahead: tuple[str, ...]
    plural: Callable[[int], int] = one_or_many
    years: Forms
    days: Forms
    hours: Forms

    headings: Mapping[str, str]
    tellers: Mapping[Source, str]
    grounds: Mapping[Basis, str]
    roles: Mapping[Role, str]
    periods: Mapping[Period, str]
    access: Mapping[DeviceAccess, str]

    whole: str
    choice: str
    nothing: str

    rule: str
    provider: str
    rule_places: str
    rule_age: str
    kept_for: str
    kept_at_most: str
    kept_with_account: str
    gone: str
    free: str
    partly_free: str
    needed: str
    needed_any: str
    fixed: str
    required: str

    apart: str
    fact: str
    count: str
    by: str
    in_all: str
    by_set: str
    by_set_together: str
    put_together: str
    measures: str
    told_apart: str
    told_apart_by_first: str
    column: str
    tally: str

    purpose: str
    limit: str
    no_stay: str
    further: str
    no_service: str
    needs_nothing: str
    depends: str
    unserved: str
    stops: str
    worsens: str
    need: str
    one_of: str
    withdrawal: str
    signals: Mapping[str, str]
    """By the name of the signal."""
    outweighed: str
    holds: str
    unheard: str

    stays: str
    stored: str
    stays_with_account: str
    stays_not: str

    region_told: str
    region_untold: str
    law: str
    law_consent: str
    law_forbid: str
    law_bar: str
    law_longest: str
    law_age: str
    law_final: str

    no_verdict: str
    verdict: str

    nobody: str
    told: str
    transfer: str
    ask: str
    address: str
    officer: str
    representative: str
    complain: str
    any_authority: str

    field_asked: str
    field_why: str
    field_stops: str
    field_worsens: str
    field_instead: str
    field_free: str
    field_fixed: str
    field_more: str

    skip: str
    contents: str
    languages: str
    link_to: str
    edition: str

    def listed(self, parts: Sequence[str]) -> str:
        """All of the parts, as one reads them aloud."""
        return self._joined(parts, self.conjunction)

    def either(self, parts: Sequence[str]) -> str:
        """Any of the parts, as one reads them aloud."""
        return self._joined(parts, self.disjunction)

    def alternatives(self, alternatives: Sequence[Sequence[str]]) -> str:
        """Any of them, each all of its parts."""
        told = [self.listed(one) for one in alternatives]
        if len(told) > 1 and any(len(one) > 1 for one in alternatives):
            return self.one_of.format(others=self.comma.join(told[:-1]), last=told[-1])
        return self.either(told)

    def _joined(self, parts: Sequence[str], word: str) -> str:
        return parts[0] if len(parts) == 1 else f"{self.comma.join(parts[:-1])} {word} {parts[-1]}"

    def duration(self, keep: timedelta) -> str:
        """How long, in the largest unit that holds it."""
        hours = int(keep.total_seconds() // 3600)
        units = ((self.years, 365 * 24), (self.days, 24), (self.hours, 1))
        forms, size = next((forms, size) for forms, size in units if hours % size == 0)
        number = hours // size
        return forms[self.plural(number)].format(n=number)

    def kept(self, keep: timedelta | None) -> str:
        """What becomes of a value in the end, as a sentence."""
        if keep is None:
            return self.gone
        return self.kept_with_account if keep == WHILE_ACCOUNT else self.kept_for.format(duration=self.duration(keep))

    def country(self, code: str) -> str:
        """What a country is called."""
        return self.countries.get(code, code)


def table(page: str) -> dict[str, str]:
    """A page of lines, each a key and its text, two blanks or more apart."""
    lines = (line.partition("  ") for line in page.strip().splitlines())
    return {key: text.strip() for key, _, text in lines}


def country_names(page: str) -> dict[str, str]:
    """A page of codes, each with the country's name, a semicolon apart."""
    pairs = (pair.partition(" ") for pair in " ".join(page.split()).split("; "))
    return {code: name for code, _, name in pairs}
