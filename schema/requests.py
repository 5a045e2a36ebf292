"""GraphQL over HTTP: from a request to an operation, from a result to a response."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import orjson
from starlette.requests import Request
from starlette.responses import Response
from strawberry.schema.exceptions import CannotGetOperationTypeError
from strawberry.types.execution import ExecutionResult, PreExecutionError

from domain.values import JsonObject, JsonValue
from schema.errors import Code, request_id, shown, unresolved

JSON = "application/json"
GRAPHQL_JSON = "application/graphql-response+json"

_HEADERS = {"cache-control": "no-store", "x-content-type-options": "nosniff"}


@dataclass(frozen=True, slots=True)
class Operation:
    """What a client asks to be executed."""

    query: str
    variables: dict[str, JsonValue] | None = None
    name: str | None = None


class Refused(Exception):
    """The request cannot be executed at all."""

    def __init__(
        self, status: int, message: str, headers: Mapping[str, str] | None = None, code: str | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}
        self.code = code or _CODES.get(status, "BAD_REQUEST")


async def read_operation(request: Request, body_limit: int) -> Operation:
    """The operation of a GET or POST. Raises Refused."""
    if request.method == "GET":
        return _from_url(request)
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != JSON:  # what a form of another site may send is not taken, so no cookie could be misused
        raise Refused(415, f"send {JSON}")
    return operation_from(_parsed(await _body(request, body_limit), "the body"))


def _from_url(request: Request) -> Operation:
    given: dict[str, JsonValue] = {}
    for name, text in request.query_params.items():
        given[name] = _parsed(text, name) if name in ("variables", "extensions") and text else text or None
    return operation_from(given)


async def _body(request: Request, limit: int) -> bytes:
    """What arrives counts, not what a header announces."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise Refused(413, f"a body has at most {limit} bytes")
        chunks.append(chunk)
    return b"".join(chunks)


def _parsed(text: str | bytes, what: str) -> JsonValue:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Refused(400, f"{what} is not JSON") from None


def operation_from(given: JsonValue) -> Operation:
    """From the members of a request. Raises Refused."""
    if not isinstance(given, dict):
        raise Refused(400, "send one JSON object with a query")
    query, name = given.get("query"), given.get("operationName")
    variables, extensions = given.get("variables"), given.get("extensions")
    if not isinstance(query, str) or not query:
        raise Refused(400, "query must be a string with a GraphQL document")
    if not isinstance(name, str | None):
        raise Refused(400, "operationName must be a string or null")
    if not isinstance(variables, dict | None) or not isinstance(extensions, dict | None):
        raise Refused(400, "variables and extensions must be objects or null")
    return Operation(query, variables, name)


def media_type(request: Request) -> str:
    """The newer type is answered with where it is asked for, because its statuses differ."""
    return GRAPHQL_JSON if GRAPHQL_JSON in request.headers.get("accept", "").lower() else JSON


def payload(result: ExecutionResult) -> JsonObject:
    """As it goes over the wire; without `data` where execution did not begin."""
    body: JsonObject = {}
    if result.errors:
        body["errors"] = [*errors_of(result)]
    if not not_executed(result):
        body["data"] = result.data
    if result.extensions:
        body["extensions"] = result.extensions
    return body


def errors_of(result: ExecutionResult) -> list[JsonObject]:
    """Of a result of the library; on a socket it hides in them that an operation is not there."""
    errors = [
        unresolved(cause.operation_name)
        if isinstance(cause := error.original_error, CannotGetOperationTypeError)
        else error
        for error in result.errors or ()
    ]
    before = isinstance(result, PreExecutionError)
    return shown(errors, Code.GRAPHQL_VALIDATION_FAILED if before else Code.BAD_USER_INPUT)


def not_executed(result: ExecutionResult) -> bool:
    return result.data is None and all(error.path is None for error in result.errors or ())


def encoded(value: JsonValue) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError:  # an integer of more than 64 bits in a stored payload
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def respond(result: ExecutionResult, type: str) -> Response:
    status = 400 if type == GRAPHQL_JSON and not_executed(result) else 200
    return Response(encoded(payload(result)), status, _HEADERS, media_type=type)


def refuse(refused: Refused, type: str) -> Response:
    error: JsonObject = {
        "message": str(refused),
        "extensions": {"code": refused.code, "requestId": request_id()},
    }
    return error_response(refused.status, error, type, refused.headers)


_CODES = {405: "METHOD_NOT_ALLOWED", 413: "PAYLOAD_TOO_LARGE", 415: "UNSUPPORTED_MEDIA_TYPE"}


def error_response(status: int, error: JsonObject, type: str, headers: Mapping[str, str]) -> Response:
    return Response(encoded({"errors": [error]}), status, {**_HEADERS, **headers}, media_type=type)
