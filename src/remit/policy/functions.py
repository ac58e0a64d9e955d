"""The functions that a question may call, and the words of a question that is refused.

The list is what `docs/asking.md` shows: a test calls each as its example does, and sees that the statement that is
written anew answers as what was typed.
"""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import NamedTuple

from sqlglot import exp

PAGE = "docs/asking.md"


class Function(NamedTuple):
    """One function as the engine spells it, a call on a fact, and what it gives."""

    name: str
    example: str
    says: str


def _listed(text: str) -> tuple[Function, ...]:
    rows = ([part.strip() for part in line.split("|")] for line in text.strip().splitlines())
    return tuple(Function(example.partition("(")[0].strip(), example, says) for example, says in rows)


GROUPS: Mapping[str, tuple[Function, ...]] = {
    "Over rows": _listed(
        """
        count() | how many rows there are; a row is a cell, so the happenings are sum(n)
        countIf(n > 1) | how many rows there are of which it holds
        sum(n) | the sum
        sumIf(n, page = '/cart') | the sum of the rows of which it holds
        sumMap(seconds) | histograms added up, bucket by bucket
        avg(n) | the mean
        avgIf(n, page = '/cart') | the mean of the rows of which it holds
        min(n) | the smallest
        minIf(n, n > 1) | the smallest of the rows of which it holds
        max(n) | the largest
        maxIf(n, n > 1) | the largest of the rows of which it holds
        any(app) | a value of some row
        median(n) | the middle one, of rows: the median of a measure is another matter, above
        quantile(0.9)(n) | the one below which nine of ten are, of rows
        uniq(page) | how many different values there are, about
        uniqExact(page) | how many different values there are
        row_number() OVER (ORDER BY n, page) | the number of a row in an order
        rank() OVER (ORDER BY n) | the same, equal ones sharing a number, with gaps
        dense_rank() OVER (ORDER BY n) | the same, without gaps
        """
    ),
    "Of histograms": _listed(
        """
        mapKeys(seconds) | the buckets of a histogram
        mapValues(seconds) | how many there are in each bucket, in the same order
        arraySum(mapValues(seconds)) | the sum of an array
        arrayJoin(mapKeys(seconds)) | a row for each element
        """
    ),
    "Of time": _listed(
        """
        now() | this moment
        current_timestamp() | the same
        today() | this day
        current_date() | the same
        toDate(hour) | the day of a time
        toDateTime('2026-01-31 12:00:00') | a time
        toStartOfHour(hour) | the beginning of the hour
        toStartOfDay(hour) | the beginning of the day
        toStartOfWeek(hour) | the Sunday before
        toMonday(hour) | the Monday before
        toStartOfMonth(hour) | the first of the month
        toStartOfYear(hour) | the first of January
        toStartOfInterval(hour, INTERVAL 6 HOUR) | the beginning of a span of so many hours, days, weeks ...
        dateTrunc('month', hour) | the beginning of an hour, day, week, month, quarter or year
        toYear(hour) | the year
        toQuarter(hour) | the quarter, 1 to 4
        toMonth(hour) | the month, 1 to 12
        year(hour) | the year
        quarter(hour) | the quarter, 1 to 4
        month(hour) | the month, 1 to 12
        day(hour) | the day, 1 to 31
        dayOfMonth(hour) | the same
        dayOfWeek(hour) | the day of the week, Monday being 1
        hour(hour) | the hour, 0 to 23
        minute(hour) | the minute
        toYYYYMM(hour) | year and month as one number
        toYYYYMMDD(hour) | year, month and day as one number
        toDayOfMonth(hour) | the day, 1 to 31
        toDayOfWeek(hour) | the day of the week, Monday being 1
        toHour(hour) | the hour, 0 to 23
        toMinute(hour) | the minute
        dateDiff('day', hour, now()) | how many borders of a day, hour, month ... lie between
        dateAdd(DAY, 1, hour) | so much later
        dateSub(DAY, 1, hour) | so much earlier
        formatDateTime(hour, '%Y-%m') | as text: %Y, %m, %d, %H, %i for minutes, %S
        """
    ),
    "Of numbers": _listed(
        """
        round(n / 3, 2) | rounded to so many places
        floor(n / 3) | the whole number below
        ceil(n / 3) | the whole number above
        abs(n - 10) | without its sign
        sqrt(n) | the square root
        pow(2, n / 4) | a power
        exp2(n / 4) | a power of two
        intDiv(n, 2) | divided, without the rest
        modulo(n, 2) | the rest
        greatest(n, 3) | the larger one
        least(n, 3) | the smaller one
        toUInt64('7') | as a whole number from zero up
        toInt64('-7') | as a whole number
        toFloat64('0.5') | as a number with a fraction
        """
    ),
    "Of text": _listed(
        """
        lower(app) | in small letters
        upper(app) | in capitals
        length(page) | how many bytes it has
        concat(app, page) | one after the other
        substring(page, 1, 3) | a part: from which character on, how many
        trim(page) | without blanks around it
        position(page, 'cart') | where a text stands in another; 0 where it does not
        startsWith(page, '/product') | whether it begins so
        endsWith(page, '*') | whether it ends so
        toString(n) | as text
        """
    ),
    "Of whether": _listed(
        """
        if(n > 1, 'often', 'once') | one of two
        multiIf(n > 9, 'often', n > 1, 'some', 'once') | the first of which it holds, else the last
        ifNull(n, 0) | another value where there is none
        coalesce(NULL, n) | the first that is there
        nullIf(n, 0) | nothing in the place of a value
        """
    ),
}
"""By what they are about, as the docs show them. The names beyond the parser's own are the allow-list."""

FUNCTIONS: Mapping[str, Function] = {one.name.lower(): one for group in GROUPS.values() for one in group}
"""By name in small letters: the engine spells some in capitals, and people spell as they like."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_FORMS: Mapping[type[exp.Expr], str] = {
    exp.RawString: "a text between $$",
    exp.HexString: "a number in hexadecimal",
    exp.Lambda: "a function of one's own (->)",
    exp.Dot: "a part of a column (column.part)",
    exp.VarMap: "a map ({...})",
    exp.RegexpLike: "a regular expression",
}
"""Forms that no word of the question names, or only what may be a value of somebody."""


def word_of(node: exp.Expr, typed: str) -> str:
    """What the question itself calls a node, in quotes; else in words. Never the parser's own name for it."""
    if type(node) in _FORMS:
        return _FORMS[type(node)]
    for word in _candidates(node, typed):
        if _NAME.fullmatch(word) and re.search(rf"\b{word}\b", typed, re.IGNORECASE):
            return f"'{word}'"
    return "a form of SQL"


def nearest(word: str) -> str:
    """The way out, for who called a function that there is not."""
    close = get_close_matches(word.strip("'").lower(), FUNCTIONS, n=1, cutoff=0.7)
    meant = f"did you mean {FUNCTIONS[close[0]].name}? " if close else ""
    return f"{meant}{PAGE} lists the functions"


def _candidates(node: exp.Expr, typed: str) -> tuple[str, ...]:
    called = node.name if isinstance(node, exp.Anonymous | exp.AnonymousAggFunc | exp.CombinedAggFunc) else ""
    place = slice(node.meta.get("start", 0), node.meta.get("end", -1) + 1)
    begins = re.match(r"\w*", node.sql(dialect="clickhouse"))
    return called, typed[place], type(node).__name__.upper(), begins[0] if begins else ""
