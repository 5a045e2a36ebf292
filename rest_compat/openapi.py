"""The OpenAPI 3.1 document of the REST face, made from its routes, and the page that shows it."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

import orjson
from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from typing_extensions import TypeForm

from rest_compat.dialect import RATE_LIMIT_HEADERS, Operation, Parameter
from rest_compat.docs_page import PAGE
from rest_compat.routes import OPERATIONS

_REASONS = {
    200: "Done", 201: "Created", 202: "Begun", 204: "Done; nothing to say", 400: "The input breaks a rule",
    401: "No valid key", 403: "Not allowed with this key", 404: "Not found", 405: "Never done this way",
    409: "In conflict with what is there",
    413: "The body is too large", 415: "Not JSON", 422: "The input does not fit", 429: "Over the rate limit",
    500: "Unexpected failure", 503: "The database does not answer: try again",
}  # fmt: skip
_SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "mappaKey": {"type": "apiKey", "in": "header", "name": "Mappa-Api-Key"},
}
_USUAL = ("bearer", "apiKey")
_HEADERS = {**RATE_LIMIT_HEADERS, "retry-after": "Seconds until the next minute begins."}

Mode = Literal["validation", "serialization"]
Shape = tuple[TypeForm[object], Mode]
Schemas = dict[Shape, object]


def document() -> str:
    """The document as indented JSON; equal routes give equal text."""
    return orjson.dumps(_document(OPERATIONS), option=orjson.OPT_INDENT_2).decode()


def _document(operations: Sequence[Operation]) -> dict[str, object]:
    schemas, definitions = _schemas(operations)
    paths: dict[str, dict[str, object]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Goalarc REST",
            "version": "1",
            "description": "The documented routes of older systems, each with their words and shapes.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{name: []} for name in _USUAL],
        "paths": paths,
        "components": {
            "schemas": definitions,
            "headers": {name: {"description": text, "schema": {"type": "integer"}} for name, text in _HEADERS.items()},
            "securitySchemes": _SECURITY,
        },
    }


def _schemas(operations: Sequence[Operation]) -> tuple[Schemas, object]:
    """The schema of each body of each route, and the definitions that they refer to."""
    shapes: list[Shape] = list(dict.fromkeys(shape for operation in operations for shape in _shapes(operation)))
    adapters: list[tuple[int, Mode, TypeAdapter[object]]] = [
        (index, mode, TypeAdapter(type_)) for index, (type_, mode) in enumerate(shapes)
    ]
    described, rest = TypeAdapter.json_schemas(
        adapters, ref_template="#/components/schemas/{model}", schema_generator=_Untitled
    )
    return {shape: described[index, shape[1]] for index, shape in enumerate(shapes)}, rest.get("$defs", {})


class _Untitled(GenerateJsonSchema):
    """Names of members are said once."""

    def field_title_should_be_set(self, schema: object) -> bool:
        return False


def _shapes(operation: Operation) -> Iterable[Shape]:
    if operation.body is not None:
        yield operation.body, "validation"
    for answer in (*operation.answers.values(), operation.dialect.error_body):
        if answer is not None:
            yield answer, "serialization"


def _operation(operation: Operation, schemas: Schemas) -> dict[str, object]:
    errors = dict.fromkeys((*operation.errors, 500, 503), operation.dialect.error_body)
    answers = sorted({**operation.answers, **errors}.items())
    entry: dict[str, object] = {
        "operationId": operation.id or operation.handler.__name__,
        "tags": [operation.dialect.title],
        "summary": operation.summary,
        "parameters": [
            *(_parameter(one, "path") for one in operation.path_parameters),
            *(_parameter(one, "query") for one in operation.query),
            *(_parameter(one, "header") for one in operation.headers),
        ],
        "responses": {
            str(status): _answer(operation, status, None if body is None else schemas[body, "serialization"])
            for status, body in answers
        },
    }
    if operation.dialect.headers == frozenset({"mappa-api-key"}):
        entry["security"] = [{"mappaKey": []}]
    if operation.body is not None:
        content = _content(operation, schemas[operation.body, "validation"], operation.sent)
        entry["requestBody"] = {"required": operation.body_needed, "content": content}
    return entry


def _parameter(parameter: Parameter, place: Literal["path", "query", "header"]) -> dict[str, object]:
    return {
        "name": parameter.name,
        "in": place,
        "required": place == "path" or parameter.required,
        "description": parameter.description,
        "schema": dict(parameter.schema),
    }


def _answer(operation: Operation, status: int, schema: object) -> dict[str, object]:
    streams = operation.streams and status in operation.answers
    answer: dict[str, object] = {"description": _REASONS[status]}
    if schema is not None:
        answer["content"] = {"text/event-stream": {"schema": schema}} if streams else _content(operation, schema)
        if operation.told_also is not None and status in operation.answers:
            answer["content"] = {**_content(operation, schema), operation.told_also: {}}
    if operation.dialect.limit is not None:
        names = _HEADERS if status == 429 else RATE_LIMIT_HEADERS
        answer["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
    return answer


def _content(operation: Operation, schema: object, kind: str = "application/json") -> dict[str, object]:
    other: dict[str, object] = {} if operation.also is None else {operation.also: {}}
    return {kind: {"schema": schema}, **other}


_DOCUMENT = (Path(__file__).parent / "openapi.json").read_bytes()
"""As it is kept beside: making it takes as long as importing the routes."""
_PAGE_HEADERS = {
    "content-security-policy": "default-src 'none'; connect-src 'self'; "
    "script-src 'unsafe-inline'; style-src 'unsafe-inline'",
    "x-content-type-options": "nosniff",
}


async def openapi(request: Request) -> Response:
    return Response(_DOCUMENT, media_type="application/json")


async def docs(request: Request) -> Response:
    return HTMLResponse(PAGE, headers=_PAGE_HEADERS)


DOCS = [Route("/openapi.json", openapi), Route("/docs", docs)]
