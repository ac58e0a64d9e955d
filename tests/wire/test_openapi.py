"""The OpenAPI document is what its specification asks for, and tells of every kind, item, status and header."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from referencing import Registry
from referencing.jsonschema import DRAFT202012
from test_values import FITTING
from typer.testing import CliRunner
from wide import planned, request

from remit.cli.main import app
from remit.gateway.connection import BUSY, MALFORMED, TOO_LARGE, TOO_SLOW
from remit.policy.catalogue import CATALOGUE
from remit.policy.values import TYPES
from remit.policy.words import INTRINSIC, Kind, Value
from remit.wire.openapi import DOCUMENT_PATH, EXAMPLES, document
from remit.wire.protocol import Rejection
from remit.wire.records import PATH, Records
from remit.wire.routes import elsewhere

DOCUMENT: dict[str, Any] = json.loads(json.dumps(document()))
SCHEMAS = DOCUMENT["components"]["schemas"]
RESPONSES = DOCUMENT["paths"][PATH]["post"]["responses"]
_REGISTRY = Registry[Any]().with_resource("urn:document", DRAFT202012.create_resource(DOCUMENT))


def accepts(name: str, value: object) -> bool:
    """Whether a value is of a schema of the document."""
    whole = {"$ref": f"urn:document#/components/schemas/{name}"}
    return Draft202012Validator(whole, registry=_REGISTRY).is_valid(value)


def test_it_is_a_document_of_openapi() -> None:
    """The schema of OpenAPI 3.1 takes it, with every reference and every example."""
    OpenAPIV31SpecValidator(DOCUMENT).validate()


def test_it_is_printed() -> None:
    """`remit schema --openapi` prints what the gateway serves."""
    done = CliRunner().invoke(app, ["schema", "--openapi"])

    assert (0, DOCUMENT) == (done.exit_code, json.loads(done.output))


def test_every_kind_and_every_item_is_described() -> None:
    """What the catalogue has, and nothing that remit knows by itself."""
    items = SCHEMAS["Items"]["properties"]

    assert list(Kind) == SCHEMAS["Record"]["properties"]["kind"]["enum"]
    assert [item for item in CATALOGUE if item not in INTRINSIC] == list(items)
    assert {item: entry.title for item, entry in CATALOGUE.items() if item in items} == {
        item: told["description"] for item, told in items.items()
    }


def test_every_type_has_an_example_of_it() -> None:
    """An example is of its type, to remit and to who reads the document."""
    used = {entry.type.name for item, entry in CATALOGUE.items() if item not in INTRINSIC}

    assert used == set(EXAMPLES) == set(SCHEMAS) - {"Records", "Record", "Items", "Taken", "Problem"}
    assert [] == [name for name, value in EXAMPLES.items() if not (TYPES[name].fits(value) and accepts(name, value))]


@pytest.mark.parametrize(("name", "value"), [one for one in FITTING if one[0] in EXAMPLES])
def test_what_is_of_a_type_is_of_its_schema(name: str, value: Value) -> None:
    """The document keeps nobody from sending what remit would take: it may be wider, and is not narrower."""
    assert accepts(name, value)


def test_every_reply_is_described() -> None:
    """Each refusal with its status and shape, what a connection may be told before it, and the two ways to be taken."""
    for refusal in Rejection:
        reply = Records().refusal(refusal)
        told = RESPONSES[str(reply.status)]
        assert accepts("Problem", json.loads(reply.body))
        assert "application/json" in told["content"]
        assert refusal in told["description"]
        assert ("retry-after" in reply.headers) == ("Retry-After" in told.get("headers", {}))
    for dismissal in (MALFORMED, TOO_SLOW, TOO_LARGE, BUSY):
        assert "text/plain" in RESPONSES[str(dismissal.status)]["content"]
    plan = planned()
    for asked in ({}, {"remit_needed": "?"}):
        body: dict[str, Any] = {"records": [{"kind": "event"}, {"kind": "strange"}]}
        reply = Records().stopping(plan)(Records().decoder(plan)(request(PATH, body, **asked), 0).reply)
        assert accepts("Taken", json.loads(reply.body))
        assert ("needed" in json.loads(reply.body)) == bool(asked)


@pytest.mark.parametrize(
    ("path", "status", "allow"),
    [
        (PATH, 405, "POST, OPTIONS"),
        (DOCUMENT_PATH, 405, "GET, OPTIONS"),
        ("/v1/batch", 405, "POST, OPTIONS"),
        ("/nowhere", 404, None),
    ],
)
def test_who_asks_by_another_method_is_told_which_there_are(path: str, status: int, allow: str | None) -> None:
    """405 with ``Allow`` where something reads the path, else 404."""
    reply = elsewhere(path)

    assert (status, allow) == (reply.status, reply.headers.get("allow"))
