"""What remit tells a client of its own protocol that it needs: leaving out the rest changes nothing."""

import json
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from wide import planned, request

from remit.client.needed import NeededItems
from remit.policy.catalogue import CATALOGUE
from remit.policy.columns import Batch
from remit.policy.compile import compiled
from remit.policy.model import Policy
from remit.policy.plan import Plan, plans
from remit.policy.words import INTRINSIC, Item, Kind
from remit.wire.protocol import Decoded
from remit.wire.records import PATH, Records

ROOT = Path(__file__).parents[2]
NARROW = ROOT / "tests/server/narrow.yaml"
RECORDS = Records()


def narrow() -> Plan:
    """Of a policy that needs few items, and not all kinds."""
    policy = compiled(NARROW.read_text(encoding="utf-8"), NARROW.name)
    assert isinstance(policy, Policy)
    return next(iter(plans(policy).values()))


SOME = planned(map(Item, ("account.id", "page.url")))
PLANS = (narrow(), SOME, SOME.without(1))
ITEMS = st.dictionaries(
    st.sampled_from([*(item for item in CATALOGUE if item not in INTRINSIC), "shoe.size"]),
    st.text(max_size=3) | st.integers() | st.booleans(),
    max_size=8,
)
RECORD = st.fixed_dictionaries(
    {"kind": st.sampled_from([kind.value for kind in Kind]), "id": st.text(max_size=2), "items": ITEMS},
    optional={"n": st.integers(1, 3)},
)


def decoded(plan: Plan, records: list[dict[str, Any]], **headers: str) -> Decoded:
    return RECORDS.decoder(plan)(request(PATH, {"key": "k", "records": records}, **headers), 0)


def told(plan: Plan, known: str) -> tuple[str, dict[str, Any]]:
    """The tag and the body of the reply to a client that knows something."""
    reply = RECORDS.stopping(plan)(decoded(plan, [], remit_needed=known).reply)
    return reply.headers["remit-needed"], json.loads(reply.body)


def of_use(plan: Plan, found: Decoded) -> list[Batch]:
    return [batch for batch in found.batches if plan.tables[batch.kind].needed]


@given(st.sampled_from(PLANS), st.lists(RECORD, max_size=6))
def test_a_client_that_leaves_out_what_is_not_needed_changes_nothing(plan: Plan, records: list[dict[str, Any]]) -> None:
    """What is decoded of pared records is what is decoded of whole ones, for all that anything is done with."""
    needed = NeededItems(Path("/nonexistent/needed.json"), "")
    tag, body = told(plan, "?")
    needed.hear(tag, body["needed"])
    pared = [one for record in records if (one := needed.pared(record)) is not None]

    assert of_use(plan, decoded(plan, records)) == of_use(plan, decoded(plan, pared))
    assert all(plan.tables[Kind(one["kind"])].needed for one in pared)
    assert {name for one in pared for name in one["items"]} <= {i for t in plan.tables.values() for i in t.items}


def test_it_is_told_to_who_asks_and_once() -> None:
    """Under its tag a client hears nothing again; another plan has another tag; who asks nothing hears nothing."""
    first, second, _ = PLANS
    tag, body = told(first, "?")

    assert (tag, {"taken": 0, "unread": 0}) == told(first, tag)
    assert {"taken", "unread", "needed"} == set(body) == set(told(second, tag)[1])
    assert tag != told(second, tag)[0]
    silent = decoded(first, []).reply
    assert silent == RECORDS.stopping(first)(silent)
    assert "remit-needed" not in silent.headers


def test_who_refuses_a_purpose_is_not_asked_for_what_it_alone_needs() -> None:
    """Of a plan without what is refused, less is told: the kinds that are left, and their items."""
    assert {kind.value: ["account.id", "page.url"] for kind in Kind} == told(SOME, "?")[1]["needed"]
    assert {} == told(SOME.without(1), "?")[1]["needed"]


def test_it_names_every_item_that_is_needed() -> None:
    """Of each kind of which something is, all of it: a client leaves out what is not named."""
    for plan in PLANS:
        needed = {kind.value: sorted(table.items) for kind, table in plan.tables.items() if table.needed}

        assert needed == told(plan, "?")[1]["needed"]
