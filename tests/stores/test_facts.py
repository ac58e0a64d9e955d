"""The facts: loads are taken once, and figures are the newest."""

from collections import Counter
from pathlib import Path

import pytest

from remit.policy.compile import compiled
from remit.policy.flow import checked
from remit.policy.model import Policy
from remit.policy.split import Cell, CellKey
from remit.policy.words import Period
from remit.ports import Figure
from remit.stores.facts import ChdbFacts

EXAMPLE = Path(__file__).resolve().parents[2] / "examples/device-maker/remit.yaml"
CELLS = {
    CellKey("page_visit", ("/", "shop-web", 3600)): Cell(2, {"seconds": Counter({3: 1})}),
    CellKey("page_visit", ("/cart", "shop-web", 3600)): Cell(1),
}


@pytest.fixture(scope="module")
def policy() -> Policy:
    found = compiled(EXAMPLE.read_text(encoding="utf-8"), EXAMPLE.name)
    assert isinstance(found, Policy)
    return found


def ask(facts: ChdbFacts, policy: Policy, sql: str) -> list[tuple[object, ...]]:
    return list(facts.ask(checked(sql, policy).sql).rows)


def test_a_load_is_taken_once_also_after_reopening(policy: Policy, tmp_path: Path) -> None:
    """Cells, figures and tally of a repeated load change nothing; another load adds, and figures replace."""
    facts = ChdbFacts(tmp_path / "facts")
    facts.prepare(policy)
    tally = [(0, "shop-web", "page.url", "learn-usage", "reduced", "", 3)]
    figure = Figure("active_users", Period.DAY, 86_400, ("shop-web",), 4)
    for _ in range(2):
        facts.take(b"1", CELLS, [figure], tally)
    facts.close()
    facts = ChdbFacts(tmp_path / "facts")
    facts.prepare(policy)
    facts.take(b"1", CELLS, [figure], tally)
    facts.take(b"2", CELLS, [Figure("active_users", Period.DAY, 86_400, ("shop-web",), 7)], tally)

    assert [("/", 4, {"3": 2}), ("/cart", 2, {})] == ask(
        facts, policy, "SELECT page, n, seconds FROM page_visit ORDER BY page"
    )
    assert [(7,)] == ask(facts, policy, "SELECT identifiers FROM active_users")
    assert [("shop-web", "page.url", "learn-usage", "reduced", "", 6)] == list(facts.tally().rows)
    with pytest.raises(ValueError, match="cannot answer"):
        facts.ask("SELECT * FROM nowhere")
    facts.close()
