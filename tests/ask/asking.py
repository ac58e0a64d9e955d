"""docs/asking.md: what comes from the code, and what its questions are answered over a small store.

``python tests/ask/asking.py`` writes it anew; what changed is then read in the commit.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from remit.cli.questions import readable
from remit.cli.show import show
from remit.policy.compile import compiled
from remit.policy.flow import COLUMNS_MAX, SQL_CHARACTERS_MAX, Question, checked
from remit.policy.functions import GROUPS
from remit.policy.generations import stored
from remit.policy.grouping import sets
from remit.policy.model import Count, Fact, Policy
from remit.policy.reduce import BUCKET_MAX, BUCKET_MIN, BUCKETS_PER_DOUBLING
from remit.policy.split import Cell, CellKey
from remit.policy.words import ALL, RECEIVED, Period
from remit.ports import Figure
from remit.stores.facts import VALUE_BYTES, ChdbFacts, Limits

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples/device-maker/remit.yaml"
PAGE = ROOT / "docs/asking.md"
_MADE = re.compile(r"(<!-- made: (\w+) -->\n).*?(<!-- end -->\n)", re.DOTALL)
_ASKED = re.compile(r"(```sql\n(.*?)```\n\n```text\n).*?(```\n)", re.DOTALL)

SHOWN = (BUCKET_MIN, -8, -4, -1, 0, 1, 2, 3, 7, 9, 20, BUCKET_MAX)
JANUARY, TENTH, ELEVENTH = 1_767_225_600, 1_768_003_200, 1_768_089_600
"""The beginning of a month, and of two of its days."""


def policy() -> Policy:
    """The example."""
    found = compiled(EXAMPLE.read_text(encoding="utf-8"), EXAMPLE.name)
    assert isinstance(found, Policy)
    return found


def _visit(page: str, app: str, at: int, seconds: Mapping[int, int], n: int) -> tuple[CellKey, Cell]:
    return CellKey("page_visit", (page, app, at)), Cell(n, {"seconds": Counter(seconds)})


def _session(status: str, release: str, n: int) -> tuple[CellKey, Cell]:
    return CellKey("session", (status, release, "shop-android", TENTH)), Cell(n)


def _crash(kind: str, function: str, n: int) -> tuple[CellKey, Cell]:
    where = (kind, "shop.cart", function, "no", "4.2", "Android", "shop-android", TENTH)
    return CellKey("crash", where), Cell(n)


CELLS = dict(
    (
        _visit("/", "shop-web", TENTH, {3: 70, 9: 12}, 90),
        _visit("/", "shop-web", ELEVENTH + 3600, {3: 20, 11: 40}, 66),
        _visit("/cart", "shop-web", TENTH + 7200, {7: 18, 8: 9, 20: 2}, 29),
        _visit("/product/*", "shop-android", TENTH, {9: 30, 10: 31, 14: 8}, 71),
        _visit("(other)", "shop-web", ELEVENTH, {0: 3}, 4),
        _session("exited", "4.1", 480),
        _session("crashed", "4.1", 20),
        _session("exited", "4.2", 290),
        _session("crashed", "4.2", 3),
        _crash("IllegalStateException", "addItem", 17),
        _crash("NullPointerException", "total", 6),
        _crash("OutOfMemoryError", "(none)", 1),
    )
)
FIGURES = [
    Figure("active_users", period, start, (app,), identifiers)
    for period, start, app, identifiers in (
        (Period.DAY, TENTH, ALL, 74),
        (Period.DAY, TENTH, "shop-android", 23),
        (Period.DAY, TENTH, "shop-web", 57),
        (Period.DAY, ELEVENTH, ALL, 0),
        (Period.MONTH, JANUARY, ALL, 183),
        (Period.MONTH, JANUARY, "shop-android", 61),
        (Period.MONTH, JANUARY, "shop-web", 140),
    )
]


def filled(folder: Path) -> ChdbFacts:
    """A store that holds some cells and figures of the example."""
    facts = ChdbFacts(folder / "facts")
    facts.prepare(stored([policy()]))
    facts.take(b"1", CELLS, FIGURES, [])
    return facts


def questions(text: str) -> list[str]:
    """The questions of the page."""
    return [question for _, question, _ in _ASKED.findall(text)]


def written(text: str) -> str:
    """The page, with what the code says now, and what the store answers."""
    made = {"tables": _tables, "buckets": _buckets, "limits": _limits, "functions": _functions}
    text = _MADE.sub(lambda block: block[1] + "\n".join(made[block[2]]()) + "\n" + block[3], text)
    with TemporaryDirectory() as folder:
        facts, example = filled(Path(folder)), policy()
        try:
            return _ASKED.sub(lambda block: block[1] + _answer(facts, checked(block[2], example)) + block[3], text)
        finally:
            facts.close()


def _answer(facts: ChdbFacts, question: Question) -> str:
    answer = {"columns": question.columns, "rows": facts.ask(question.sql).rows, "small": question.small}
    with redirect_stdout(StringIO()) as said:
        show(list(question.columns), readable(answer | {"k": policy().k}), as_json=False)
    return "\n".join(line.rstrip() for line in said.getvalue().splitlines()) + "\n"


def _tables() -> Iterator[str]:
    example = policy()
    yield from _rows("fact", "columns", "histograms", of=(_of_fact(one) for one in example.facts.values()))
    yield ""
    yield from _rows(
        "count", "columns", "periods", of=(row for one in example.counts.values() for row in _of_count(one))
    )


def _of_fact(fact: Fact) -> list[str]:
    columns = [f"`{one.name}`" + " (its beginning)" * (one.item == RECEIVED) for one in fact.dimensions]
    histograms = ", ".join(f"`{one.name}`" for one in fact.measures)
    return [f"`{fact.name}`", ", ".join([*columns, "`n`"]), histograms or "none"]


def _of_count(count: Count) -> Iterator[list[str]]:
    for one in sets(count):
        columns = ["period", "start", *(column.name for column in one.columns), "identifiers"]
        yield [f"`{one.table}`", ", ".join(f"`{name}`" for name in columns), ", ".join(count.every)]


def _buckets() -> Iterator[str]:
    yield from _rows("bucket", "more than", "at most", of=([str(one), *_bounds(one)] for one in SHOWN))


def _bounds(bucket: int) -> tuple[str, str]:
    low, high = (f"{2 ** (edge / BUCKETS_PER_DOUBLING):,.4g}" for edge in (bucket, bucket + 1))
    if bucket == BUCKET_MIN:
        return "nothing below: zero is here, too", high
    return low, "nothing above" if bucket == BUCKET_MAX else high


def _limits() -> Iterator[str]:
    limits = Limits()
    answer = f"{limits.rows:,} rows, and {limits.answer_bytes >> 20} MiB: a value counts {VALUE_BYTES} bytes, and"
    bounds = {
        "time": f"{limits.seconds} s",
        "memory at work": f"{limits.memory_bytes >> 20} MiB",
        "the answer": f"{answer} a text its characters besides",
        "the question": f"{SQL_CHARACTERS_MAX:,} characters, {COLUMNS_MAX:,} columns of a SELECT, 400 terms of a sum",
    }
    yield from _rows("of", "at most", of=bounds.items())


def _functions() -> Iterator[str]:
    for heading, functions in GROUPS.items():
        yield f"**{heading}**\n"
        yield from _rows("call", "gives", of=((f"`{one.example}`", one.says) for one in functions))
        yield ""


def _rows(*heads: str, of: Iterable[Iterable[str]]) -> Iterator[str]:
    for cells in (heads, ["---"] * len(heads), *of):
        yield f"| {' | '.join(cells)} |"


def main() -> None:
    """Write it anew."""
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
