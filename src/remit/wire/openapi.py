"""remit's own protocol as an OpenAPI 3.1 document, made from the tables that the gateway itself goes by.

It describes what everybody has: the kinds, and the items of the catalogue. A policy's own items go by their own names,
as values of any type: which there are is the policy's to publish, not the gateway's.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import msgspec

from remit.policy.catalogue import CATALOGUE
from remit.policy.choice_tokens import TOKEN_CHARACTERS_MAX
from remit.policy.values import IDENTIFIER_CHARACTERS_MAX, LINE_MAX, MEASURE_MAX, TEXT_CHARACTERS_MAX, TYPES
from remit.policy.words import INTRINSIC, Kind, Value
from remit.wire.decoder import INTEGER_MAX, INTEGER_MIN
from remit.wire.protocol import JSON, OPEN, Rejection
from remit.wire.records import NEEDED, PATH, RECORDS_MAX, WEIGHT_MAX, Records
from remit.wire.request import Reply

DOCUMENT_PATH = "/remit/v1/openapi.json"

Schema = dict[str, Any]

EXAMPLES: Mapping[str, Value] = {
    "identifier": "ada",
    "assigned": "id.example.org|24601",
    "line": 42,
    "email": "ada@example.org",
    "phone": "+12025550123",
    "ip": "192.0.2.7",
    "imei": "490154203237518",
    "imsi": "001010123456789",
    "mac": "00:00:5e:00:53:01",
    "uuid": "6b0d7c1e-4a52-4f0e-9c5d-2f8a1b3c4d5e",
    "oaid": "6b0d7c1e-4a52-4f0e-9c5d-2f8a1b3c4d5e",
    "android_id": "9e107d9d372bb682",
    "url": "/cart",
    "country": "NL",
    "locale": "nl-NL",
    "timezone": "Europe/Amsterdam",
    "time": "2026-11-03T09:30:00Z",
    "day": "2026-11-03",
    "text": "Example One",
    "symbol": "KeyError",
    "code": "4G",
    "http_method": "GET",
    "http_status": 200,
    "measure": 12.5,
    "flag": True,
}
"""A value of each type that items have."""

_WORD: Schema = {"type": ["string", "integer"], "maxLength": IDENTIFIER_CHARACTERS_MAX}
_TOKEN: Schema = {
    "type": "string",
    "maxLength": TOKEN_CHARACTERS_MAX,
    "examples": ["remit-1:1:2026-11-27:shop-web:measure-ads:learn-usage:0123456789abcdef0123456789abcdef"],
}
_TEXT: Schema = {"type": "string", "maxLength": TEXT_CHARACTERS_MAX}
_SHAPES: Mapping[str, Schema] = {
    "measure": {"type": "number", "minimum": 0, "maximum": MEASURE_MAX},
    "line": {"type": "integer", "minimum": 1, "maximum": LINE_MAX},
    "flag": {"type": "boolean"},
    "http_status": {"type": ["integer", "string"], "minimum": 100, "maximum": 599},
    "email": {"type": "string", "format": "email"},
    "uuid": {"type": "string", "format": "uuid"},
    "url": {**_TEXT, "format": "uri-reference"},
    "day": {"type": "string", "format": "date"},
    **dict.fromkeys(("identifier", "imei", "imsi", "android_id", "time", "code"), _WORD),
}
"""What JSON Schema can say of a type; of the others, that they are texts."""

_STATUSES: Mapping[int, str] = {
    400: "`malformed`: the body is not of this protocol, or not what its `Content-Encoding` says.",
    401: "`unknown_key`: no app of the policy has this key, or it does not take this protocol.",
    413: "`too_large`: send less at once.",
    429: "`too_many`: wait, and send again.",
    503: "`no_room` or `busy`: nothing was taken; send again later.",
}
_WITHOUT_PROTOCOL: Mapping[int, str] = {
    400: "What came was not HTTP.",
    405: "Another method.",
    408: "The request did not come in time.",
    431: "The head of the request is too large.",
    503: "There are too many connections.",
}
"""What is said before anybody knows whose request it is, in plain words."""


_TOLD = {"Remit-Needed": "Needed", "Remit-Dropped": "Dropped"}


def document() -> Schema:
    """The document, as JSON has it."""
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "remit's own protocol",
            "version": "1",
            "description": (
                "Records whose values bear the names of the catalogue. What the policy does not need is not read. "
                "Bodies may be compressed (`Content-Encoding`: gzip, deflate, br or zstd)."
            ),
            "license": {"name": "Apache 2.0", "identifier": "Apache-2.0"},
        },
        "paths": {PATH: {"post": _sending()}, DOCUMENT_PATH: {"get": _describing()}},
        "components": {
            "schemas": {**_sent(), **_answered(), **dict(_types())},
            "headers": _headers(),
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The app's key in the policy; it is public.",
                },
                "keyInQuery": {"type": "apiKey", "in": "query", "name": "key", "description": "The same."},
            },
        },
    }


@cache
def published() -> Reply:
    """The document, as the gateway gives it to anybody."""
    return Reply(200, msgspec.json.encode(document()), JSON | OPEN)


def _sending() -> Schema:
    return {
        "operationId": "sendRecords",
        "summary": "Send records",
        "description": (
            f"At most {RECORDS_MAX:,} records in 1 MiB. The reply comes when they are on disk. `net.ip` and "
            "`net.user_agent` are the connection's, unless a record says otherwise. Without its key in head or query, "
            "a JSON body may have it."
        ),
        "security": [{"key": []}, {"keyInQuery": []}],
        "parameters": [_asking(), _choosing()],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"anyOf": [_ref("Records"), _ref("Record")]},
                    "examples": {"several": {"value": {"records": [_example()]}}, "one": {"value": _example()}},
                },
                "application/x-ndjson": {
                    "schema": {
                        "type": "array",
                        "items": _ref("Record"),
                        "minItems": 1,
                        "description": "One record a line.",
                    },
                },
            },
        },
        "responses": {"200": _taken(), **{str(status): _refusal(status) for status in sorted(_told())}},
    }


def _describing() -> Schema:
    return {
        "operationId": "describe",
        "summary": "This document",
        "security": [],
        "responses": {
            "200": {"description": "OpenAPI 3.1.", "content": {"application/json": {"schema": {"type": "object"}}}},
            **{str(status): _refusal(status) for status in sorted(_WITHOUT_PROTOCOL)},
        },
    }


def _asking() -> Schema:
    return {
        "name": "Remit-Needed",
        "in": "header",
        "description": "Asks what is needed: `?`, or the tag of what is known already.",
        "schema": {"type": "string", "pattern": r"^(\?|[0-9a-f]{16})$"},
    }


def _choosing() -> Schema:
    return {
        "name": "Remit-Choice",
        "in": "header",
        "description": "The choice token of whom all the records are about.",
        "schema": _TOKEN,
    }


def _example() -> Schema:
    items = ("account.id", "page.url", "locale")
    return {
        "kind": Kind.PAGE_VISIT,
        "id": "m-1",
        "items": {item: EXAMPLES[entry.type.name] for item, entry in CATALOGUE.items() if item in items},
    }


def _taken() -> Schema:
    return {
        "description": "They are on disk, and will be used as the policy says.",
        "headers": {name: {"$ref": f"#/components/headers/{of}"} for name, of in _TOLD.items()},
        "content": {"application/json": {"schema": _ref("Taken")}},
    }


def _told() -> set[int]:
    """Every status that a request may be refused with."""
    return {Records().refusal(one).status for one in Rejection} | set(_WITHOUT_PROTOCOL)


def _refusal(status: int) -> Schema:
    protocol = [one for one in map(Records().refusal, Rejection) if one.status == status]
    content: Schema = {"application/json": {"schema": _ref("Problem")}} if protocol else {}
    if status in _WITHOUT_PROTOCOL:
        content["text/plain"] = {"schema": {"type": "string"}}
    said = [table[status] for table in (_STATUSES, _WITHOUT_PROTOCOL) if status in table]
    made: Schema = {"description": " ".join(said), "content": content}
    if status == 405:
        made["headers"] = {"Allow": {"$ref": "#/components/headers/Allow"}}
    elif any("retry-after" in one.headers for one in protocol):
        made["headers"] = {"Retry-After": {"$ref": "#/components/headers/RetryAfter"}}
    return made


def _headers() -> Schema:
    return {
        "RetryAfter": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 0}},
        "Allow": {"description": "The methods that there are.", "schema": {"type": "string"}},
        "Dropped": {
            "description": "How many uses of values ended at once, by reason: `no_consent=12, refused=3`, or `none`.",
            "schema": {"type": "string"},
        },
        "Needed": {
            "description": "The tag of what is needed, for whoever asked.",
            "schema": {"type": "string", "pattern": "^[0-9a-f]{16}$"},
        },
    }


def _sent() -> Schema:
    return {
        "Records": {
            "type": "object",
            "required": ["records"],
            "properties": {
                "key": {"type": "string", "description": "The app's key, where neither head nor query has it."},
                "records": {"type": "array", "items": _ref("Record"), "maxItems": RECORDS_MAX},
            },
        },
        "Record": {
            "type": "object",
            "required": ["kind"],
            "properties": {
                "kind": {"type": "string", "enum": list(Kind), "description": "What the record tells of."},
                "id": {**_TEXT, "description": "Tells it from its repeats: under one id it counts once."},
                "n": {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": WEIGHT_MAX,
                    "default": 1,
                    "description": "For how many happenings it stands.",
                },
                "choice": {**_TOKEN, "description": "The choice token of whose it is, for this record alone."},
                "items": _ref("Items"),
            },
        },
        "Items": {
            "type": "object",
            "description": "Values by the names of the catalogue, or of the policy's own items.",
            "properties": {
                item: {"$ref": f"#/components/schemas/{entry.type.name}", "description": entry.title}
                for item, entry in CATALOGUE.items()
                if item not in INTRINSIC
            },
            "additionalProperties": {
                "type": ["string", "number", "boolean", "null"],
                "maxLength": TEXT_CHARACTERS_MAX,
                "minimum": INTEGER_MIN,
                "maximum": INTEGER_MAX,
            },
        },
    }


def _answered() -> Schema:
    return {
        "Taken": {
            "type": "object",
            "required": ["taken", "unread"],
            "properties": {
                "taken": {"type": "integer", "minimum": 0, "description": "How many records were taken."},
                "unread": {"type": "integer", "minimum": 0, "description": "How many were of no kind that is known."},
                "needed": {
                    "type": "object",
                    "description": f"Items that something needs, by kind, for whoever asked by `{NEEDED}`.",
                    "propertyNames": {"enum": list(Kind)},
                    "additionalProperties": {"type": "array", "items": {"type": "string"}},
                },
            },
        },
        "Problem": {
            "type": "object",
            "required": ["problem", "message"],
            "properties": {
                "problem": {"type": "string", "enum": list(Rejection)},
                "message": {"type": "string"},
            },
        },
    }


def _types() -> Iterator[tuple[str, Schema]]:
    """The types that items of the catalogue have."""
    used = {entry.type.name for item, entry in CATALOGUE.items() if item not in INTRINSIC}
    for name, kind in TYPES.items():
        if name in used:
            yield name, {**_SHAPES.get(name, _TEXT), "description": kind.says, "examples": [EXAMPLES[name]]}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}
