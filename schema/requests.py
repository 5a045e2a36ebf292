"""From an HTTP request, or the payload of a message, to an operation."""

from collections.abc import Mapping

import orjson
from starlette.requests import Request

from domain.values import JsonValue
from schema.accept import JSON
from schema.errors import Code
from schema.execution import Operation

READING = ("GET", "HEAD")
"""Methods that ask by the URL. The answer to the second has no body, which the server leaves out."""


class Refused(Exception):
    """The request is none that holds an operation."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}
        self.code = _CODES.get(status, Code.BAD_REQUEST)


_CODES = {
    405: Code.METHOD_NOT_ALLOWED,
    406: Code.NOT_ACCEPTABLE,
    413: Code.PAYLOAD_TOO_LARGE,
    415: Code.UNSUPPORTED_MEDIA_TYPE,
}


async def read_operation(request: Request, body_limit: int) -> Operation:
    """The operation of a GET, HEAD or POST. Raises Refused."""
    if request.method in READING:
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
    query, name, id = given.get("query"), given.get("operationName"), given.get("documentId")
    variables, extensions = given.get("variables"), given.get("extensions")
    if not isinstance(query, str | None):
        raise Refused(400, "query must be a string with a GraphQL document")
    if not isinstance(name, str | None) or not isinstance(id, str | None):
        raise Refused(400, "operationName and documentId must be strings or null")
    if not isinstance(variables, dict | None) or not isinstance(extensions, dict | None):
        raise Refused(400, "variables and extensions must be objects or null")
    if not query and id is None and "persistedQuery" not in (extensions or {}):
        raise Refused(400, "query must be a string with a GraphQL document")
    return Operation(query, variables or {}, name, extensions, id)
