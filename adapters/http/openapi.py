"""The OpenAPI 3.1 document, written from the operations that serve the requests."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from adapters.http import examples
from adapters.http.operation import Operation
from adapters.http.problems import ROWS, VALIDATION, Problem

SCHEMAS: Final = "#/components/schemas/{name}"
OF_ALL: Final = ("overloaded", "internal_error")
OF_KEYED: Final = ("idempotency_key_missing", "idempotency_in_progress", "idempotency_key_reused")
OF_CALLERS: Final = ("unauthorized", "forbidden", "rate_limited")
OF_STORED: Final = ("unavailable",)
OF_BODIES: Final = (
    "invalid_json",
    "request_timeout",
    "payload_too_large",
    "unsupported_media_type",
    VALIDATION,
)
INTRODUCTION: Final = """\
One API in front of many payment providers.

- Amounts are decimal strings in the currency's major unit: `"1500.00"` PHP, `"5000"` UGX.
- Errors are RFC 9457 problem documents with a stable `code`, a `correlationId`, and for 422
  the wrong fields in `errors`; each says what to do next.
- POSTs that move money take an `Idempotency-Key`: the same request again gets the first answer
  again, byte for byte.
- `X-Correlation-ID` (or W3C `traceparent`) is echoed and stands in every log line.
"""

NO_WORDS: Final[Mapping[str, str]] = {}

Json = dict[str, Any]


def document(
    operations: Sequence[Operation[Any]], version: str, words: Mapping[str, str] = NO_WORDS
) -> Json:
    """The whole document; its order is stable. `words`: an operation's name -> its description."""
    kinds: set[type[msgspec.Struct]] = {Problem}
    for one in operations:
        kinds |= {kind for kind in (one.reads.body, one.replies) if kind is not None}
    ordered = sorted(kinds, key=lambda kind: kind.__name__)
    _, schemas = msgspec.json.schema_components(ordered, ref_template=SCHEMAS)
    paths: dict[str, Json] = {}
    for one in sorted(operations, key=lambda one: (one.path, one.method)):
        described = _operation(one, words.get(one.name, ""))
        paths.setdefault(_path(one.path), {})[one.method.lower()] = described
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Cauri",
            "version": version,
            "summary": "Self-hosted payment orchestration",
            "description": INTRODUCTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in dict.fromkeys(one.tag for one in operations)],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": _SCHEMES},
    }


_SCHEMES: Final[Json] = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "An API key."},
    "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}


def _path(path: str) -> str:
    return re.sub(r"\{(\w+):\w+\}", r"{\1}", path)


def _operation(one: Operation[Any], words: str) -> Json:
    scope = f"Needs the scope `{one.scope}`." if one.scope is not None else ""
    described: Json = {
        "operationId": _name(one),
        "summary": one.summary,
        "description": " ".join(f"{words} {scope}".split()),
        "tags": [one.tag],
        "parameters": _parameters(one),
        "responses": _responses(one),
        "security": [{"bearer": []}, {"apiKey": []}] if one.scope is not None else [],
    }
    if (body := one.reads.body) is not None:
        described["requestBody"] = {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"$ref": SCHEMAS.format(name=body.__name__)},
                    "example": examples.BODIES[body.__name__],
                }
            },
        }
    elif one.method == "POST" and one.scope is None:
        described["requestBody"] = {
            "description": "As the provider sends it.",
            "content": {"*/*": {"schema": {}}},
        }
    return described


def _name(one: Operation[Any]) -> str:
    path = one.path.removeprefix("/api") if one.path.startswith("/api/") else f"/site{one.path}"
    words = re.findall(r"[a-zA-Z0-9]+", path.replace(":str", ""))
    return one.method.lower() + "".join(word.title() for word in words)


def _parameters(one: Operation[Any]) -> list[Json]:
    found: list[Json] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"\{(\w+):", one.path)
    ]
    if one.keyed or one.may_be_keyed:
        words = "1 to 255 visible ASCII characters."
        found.append(_header("Idempotency-Key", words, needed=one.keyed))
    for query in (one.reads.query, one.query):
        if query is not None:
            found += _query(query)
    found.append(_header("X-Correlation-ID", "Echoed, and in every trace of this request."))
    return found


def _header(name: str, description: str, *, needed: bool = False) -> Json:
    shaped = name == "Idempotency-Key"
    schema: Json = {"type": "string", "pattern": "^[!-~]{1,255}$"} if shaped else {"type": "string"}
    return {
        "name": name,
        "in": "header",
        "required": needed,
        "description": description,
        "schema": schema,
    }


def _query(kind: type[msgspec.Struct]) -> list[Json]:
    _, components = msgspec.json.schema_components([kind], ref_template=SCHEMAS)
    schema = components[kind.__name__]
    return [
        {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", ()),
            "schema": _inlined(_not_null(described), components),
        }
        for name, described in schema["properties"].items()
    ]


def _not_null(schema: Json) -> Json:
    """An optional parameter is left out; there is no null in an address."""
    if "anyOf" not in schema:
        return schema
    kinds = [one for one in schema["anyOf"] if one != {"type": "null"}]
    return kinds[0] if len(kinds) == 1 else {"anyOf": kinds}


def _inlined(schema: Json, components: Json) -> Json:
    if "$ref" in schema:
        found: Json = components[schema["$ref"].rpartition("/")[2]]
        return found
    return schema


def _responses(one: Operation[Any]) -> Json:
    content: Json = {"schema": {"type": "string"}}
    if one.replies is not None:
        content = {"schema": {"$ref": SCHEMAS.format(name=one.replies.__name__)}}
    if one.example is not None:
        content["example"] = one.example
    answers: Json = {
        str(one.status): {
            "description": "Done.",
            "content": {one.media: content},
            "headers": _HEADERS,
        }
    }
    by_status: dict[int, list[str]] = {}
    for code in dict.fromkeys(codes(one)):
        by_status.setdefault(ROWS[code].status, []).append(code)
    for status, found in sorted(by_status.items()):
        answers[str(status)] = _refusal(one, found)
    return answers


_HEADERS: Final[Json] = {
    "X-Correlation-ID": {
        "description": "What this request is called.",
        "schema": {"type": "string"},
    }
}


def codes(one: Operation[Any]) -> tuple[str, ...]:
    """Every problem code an operation may answer with."""
    found = one.errors + OF_ALL
    if one.scope is not None:
        found += OF_CALLERS + OF_STORED
    if one.keyed or one.may_be_keyed:
        found += (*OF_KEYED, "commit_unknown")
    if one.method in ("PUT", "PATCH", "DELETE"):
        found += ("commit_unknown",)
    if one.reads.body is not None:
        found += OF_BODIES
    elif one.method == "POST":
        found += ("request_timeout", "payload_too_large", *OF_STORED, "commit_unknown")
    else:
        found += ("body_not_allowed",)
    if one.reads.query is not None or one.query is not None:
        found += (VALIDATION,)
    return found


def _refusal(one: Operation[Any], found: Sequence[str]) -> Json:
    return {
        "description": " ".join(f"`{code}`: {ROWS[code].title}." for code in found),
        "headers": _HEADERS,
        "content": {
            "application/problem+json": {
                "schema": {"$ref": SCHEMAS.format(name="Problem")},
                "examples": {code: {"value": _problem(one, code)} for code in found},
            }
        },
    }


def _problem(one: Operation[Any], code: str) -> Json:
    row = ROWS[code]
    shown: Json = {
        "type": f"/problems/{code}",
        "title": row.title,
        "status": row.status,
        "detail": row.detail,
        "instance": _path(one.path),
        "code": code,
        "correlationId": "req_01KGVSQV4G7Q0W3E8R5T2Y6U1I",
    }
    if code == VALIDATION:
        shown["errors"] = [{"field": "amount", "message": "must be more than zero"}]
    return shown
