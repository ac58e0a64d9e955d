"""Bodies as SDKs send them, and all that is read of each: a case is a file that anybody can add.

``REMIT_GOLDEN=write`` writes what is told now into the files, to be read as a change.
"""

import base64
import json
import os
from pathlib import Path
from typing import Any

import pytest
from wide import EVERY, PEER, planned, spoken, undeclared

from remit.policy.protocols import CARRIED, SENT
from remit.policy.words import Kind
from remit.wire.request import Request

RECEIVED = 1_795_489_205_000
"""2026-11-24T03:00:05Z: five seconds after most of the bodies say that they were sent."""
FILES = sorted((Path(__file__).parent / "golden").glob("*.json"))


def told(request: Request) -> dict[str, Any]:
    """Everything that a protocol says of a request, as plain JSON."""
    protocol, plan = spoken(request.path), planned()
    key = protocol.key(request)
    decoded = protocol.decoder(plan)(request, RECEIVED)
    return {
        "protocol": protocol.name,
        "key": key
        and {"key": key.key, "number": key.number, "domain": key.domain}
        | ({"website": key.website} if key.website else {}),
        "status": decoded.reply.status,
        "reply": decoded.reply.body.decode("latin-1"),
        "dropped": "x-plausible-dropped" in decoded.reply.headers,
        "batches": [
            {
                "kind": batch.kind.value,
                "columns": {item: list(column) for item, column in sorted(batch.columns.items())},
                "messages": batch.messages and list(batch.messages),
                "weights": batch.weights and list(batch.weights),
            }
            for batch in decoded.batches
        ],
        "undeclared": sorted(set(undeclared(request, plan))),
        "unpublished": sorted(set(undeclared(request, plan)) - protocol.PUBLISHED),
    }


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_body_is_read_as_its_file_says(file: Path) -> None:
    """Every column, id, weight and reply, and every path that nothing needs, of a body as an SDK sends it.

    What is no text stands there in base64.
    """
    case = json.loads(file.read_text(encoding="utf-8"))
    sent = case["request"]
    request = Request(
        method="POST",
        path=sent["path"],
        query=sent["query"],
        headers=sent["headers"],
        peer=PEER,
        body=base64.b64decode(sent["base64"]) if "base64" in sent else sent["body"].encode(),
    )
    if os.environ.get("REMIT_GOLDEN") == "write":
        file.write_text(json.dumps(case | {"told": told(request)}, indent=1, ensure_ascii=False) + "\n", "utf-8")
    assert case["told"] == told(request)


def test_every_protocol_and_every_item_has_a_golden_body() -> None:
    """No protocol lives on faith, and whatever a policy can collect, something brings."""
    cases = [json.loads(file.read_text(encoding="utf-8"))["told"] for file in FILES]
    items = {item for case in cases for batch in case["batches"] for item in batch["columns"]}

    assert set(CARRIED) == {case["protocol"] for case in cases}
    assert items == set(EVERY)


@pytest.mark.parametrize("name", CARRIED)
def test_a_policy_knows_what_a_protocol_brings(name: str) -> None:
    """What a policy is checked by is what the golden bodies of the protocol bring: each item, each kind of record."""
    cases = [json.loads(file.read_text(encoding="utf-8"))["told"] for file in FILES]
    brought = {
        item for case in cases if case["protocol"] == name for batch in case["batches"] for item in batch["columns"]
    }

    kinds = {batch["kind"] for case in cases if case["protocol"] == name for batch in case["batches"]}

    assert CARRIED[name] == brought
    # remit's own reads any kind that there is, by its name.
    assert SENT[name] == ({*Kind} if name == "remit" else {Kind(kind) for kind in kinds})
