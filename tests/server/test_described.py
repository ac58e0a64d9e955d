"""The OpenAPI document, tried against a running house by what reads it: everything said there is so."""

import json
from typing import Any

import httpx
import pytest
import schemathesis
from running import House
from schemathesis.config import SchemathesisConfig

from remit.wire.openapi import document

EXAMPLES, EXAMPLES_LONG = 40, 500
AS_THE_APP = {"Authorization": "Bearer demo-android"}
NOT_TRIED = {
    "negative_data_rejection": "remit takes what it can read, and counts the rest as malformed or unread",
}


@schemathesis.serializer("application/x-ndjson")
def lines(context: schemathesis.SerializationContext, value: Any) -> bytes:
    """One record a line; what is no list is sent as it is."""
    del context
    rows = value if isinstance(value, list) else [value]
    return "\n".join(json.dumps(row) for row in rows).encode("utf-8", "surrogatepass")


def config(examples: int) -> SchemathesisConfig:
    """So many examples of each operation, the same at each run."""
    return SchemathesisConfig.from_dict(
        {
            "phases": {"coverage": {"enabled": examples == EXAMPLES_LONG}},
            "generation": {"max-examples": examples, "deterministic": True, "database": "none"},
            "checks": {name: {"enabled": False} for name in NOT_TRIED},
        }
    )


DOCUMENT = json.loads(json.dumps(document()))
few = schemathesis.openapi.from_dict(DOCUMENT, config=config(EXAMPLES))
many = schemathesis.openapi.from_dict(DOCUMENT, config=config(EXAMPLES_LONG))


def test_the_house_serves_it(house: House) -> None:
    """Anybody gets it, and it is the one that is tried below."""
    answer = httpx.get(f"{house.sdk}/remit/v1/openapi.json")

    assert (200, "application/json", "*") == (
        answer.status_code,
        answer.headers["content-type"],
        answer.headers["access-control-allow-origin"],
    )
    assert DOCUMENT == answer.json()


@few.parametrize()
def test_a_house_keeps_what_its_document_says(case: schemathesis.Case[Any], house: House) -> None:
    """Whatever is sent, the status, its headers, content type and body are among those that are described."""
    case.call_and_validate(base_url=house.sdk, headers=AS_THE_APP)


@pytest.mark.soak
@many.parametrize()
def test_a_house_keeps_it_for_long(case: schemathesis.Case[Any], house: House) -> None:
    """The same, with many more examples."""
    case.call_and_validate(base_url=house.sdk, headers=AS_THE_APP)
