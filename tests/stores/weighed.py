"""Run as a program: asks a store one question under narrow limits, and tells what was said and how far memory grew.

Memory that a process has had is never told smaller again, so each question has a process of its own.
"""

import json
import resource
import sys
from collections import Counter
from pathlib import Path

from remit.policy.compile import compiled
from remit.policy.flow import checked
from remit.policy.generations import stored
from remit.policy.model import Policy
from remit.policy.split import Cell, CellKey
from remit.stores.facts import ChdbFacts, Limits

EXAMPLE = Path(__file__).resolve().parents[2] / "examples/device-maker/remit.yaml"
LIMITS = Limits(memory_bytes=192 << 20, answer_bytes=2 << 20)
SPARE_BYTES = 96 << 20
"""What the engine and Python use for questions of any size: threads, buffers, a copy of an answer that is allowed."""
PAGES = 150
SQUARE = "FROM page_visit a CROSS JOIN page_visit b"


def columns(what: str, n: int) -> str:
    """So many output columns."""
    return ", ".join(f"{what} AS c{i}" for i in range(n))


def doubled(times: int, rows: str) -> str:
    """A text that grows twice as long at every level."""
    sql = f"SELECT page AS a FROM page_visit {rows}"
    for i in range(times):
        sql = f"SELECT concat(a, a) AS a FROM ({sql}) AS q{i}"
    return sql


QUESTIONS = {
    "a constant in every row": f"SELECT a.page AS p, '{'x' * 19_000}' AS t {SQUARE} LIMIT 10000",
    "constant lists": f"SELECT {columns('[' + ','.join('1' * 900) + ']', 9)} {SQUARE} LIMIT 10000",
    "small numbers in many columns": f"SELECT {columns('1', 1000)} {SQUARE} LIMIT 1700",
    "long texts": doubled(9, ""),
    "one text": doubled(17, "LIMIT 1"),
    "a text over the memory": doubled(24, "LIMIT 1"),
    "texts that are stored once": f"SELECT {columns('a.page', 60)} {SQUARE} LIMIT 3000",
    "joined texts": f"SELECT {columns('concat(a.page, b.page)', 350)} {SQUARE} LIMIT 10000",
    "histograms": f"SELECT {columns('a.seconds', 900)} {SQUARE} LIMIT 10000",
}


def grown() -> int:
    """The most memory that this process has had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main(folder: Path, question: str) -> None:
    """Ask."""
    policy = compiled(EXAMPLE.read_text(encoding="utf-8"), EXAMPLE.name)
    assert isinstance(policy, Policy)
    facts = ChdbFacts(folder, LIMITS)
    facts.prepare(stored([policy]))
    histogram = {"seconds": Counter(dict.fromkeys(range(40), 1))}
    facts.take(
        b"1",
        {CellKey("page_visit", (f"/{n:0200}", "shop-web", 3600)): Cell(1, histogram) for n in range(PAGES)},
        [],
        [],
    )
    facts.ask(checked(f"SELECT page {SQUARE.replace('page_visit b', '(SELECT 1 AS x) AS b')}", policy).sql)
    before, said = grown(), ""
    try:
        facts.ask(checked(QUESTIONS[question], policy).sql)
    except ValueError as error:
        said = str(error)
    sys.stdout.write(json.dumps({"said": said, "grown": grown() - before}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
