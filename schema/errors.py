"""How errors look to a client: a code for programs, a sentence for people, never the words of an exception."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from uuid import uuid4

import structlog
from graphql import FieldNode, GraphQLError, GraphQLSyntaxError
from strawberry.exceptions import StrawberryInputCoercionError

from domain.errors import DomainError, Invalid, TooMany, Unauthenticated
from domain.redaction import redact
from domain.values import JsonObject, JsonValue


class Code(StrEnum):
    """Every `extensions.code` there is; docs/graphql.md says what each means."""

    UNAUTHENTICATED = "UNAUTHENTICATED"
    BAD_REQUEST = "BAD_REQUEST"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    NOT_ACCEPTABLE = "NOT_ACCEPTABLE"
    PAYLOAD_TOO_LARGE = "PAYLOAD_TOO_LARGE"
    UNSUPPORTED_MEDIA_TYPE = "UNSUPPORTED_MEDIA_TYPE"
    OPERATION_RESOLUTION_FAILURE = "OPERATION_RESOLUTION_FAILURE"
    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    QUERY_TOO_COMPLEX = "QUERY_TOO_COMPLEX"
    PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
    PERSISTED_QUERY_NOT_SUPPORTED = "PERSISTED_QUERY_NOT_SUPPORTED"
    PERSISTED_QUERY_HASH_MISMATCH = "PERSISTED_QUERY_HASH_MISMATCH"
    DOCUMENT_NOT_TRUSTED = "DOCUMENT_NOT_TRUSTED"
    BAD_USER_INPUT = "BAD_USER_INPUT"
    NOT_FOUND = "NOT_FOUND"
    FORBIDDEN = "FORBIDDEN"
    CONFLICT = "CONFLICT"
    TOO_MANY_REQUESTS = "TOO_MANY_REQUESTS"
    UNAVAILABLE = "UNAVAILABLE"
    INTERNAL_SERVER_ERROR = "INTERNAL_SERVER_ERROR"


UNRESOLVED = Code.OPERATION_RESOLUTION_FAILURE.value
"""No operation of the document is the one that was asked for, or it cannot be told which is."""

MESSAGE_CHARS = 500
"""Some messages repeat the value that does not fit; they are for people."""
_MOST_READ = 8 * MESSAGE_CHARS

_REFUSALS: Mapping[str, str] = {
    "missing": "send an API key as `Authorization: Bearer …` or `X-API-Key: …`",
    "inactive": "this API key is revoked or expired",
}

_log = structlog.get_logger("goalarc.graphql")


def request_id() -> str:
    """That of the request; a new one where none is bound, as on a websocket."""
    bound = structlog.contextvars.get_contextvars().get("request_id")
    return bound if isinstance(bound, str) else str(uuid4())


def shown(errors: Sequence[GraphQLError], fallback: str) -> list[JsonObject]:
    """Errors of the library as they go out, all under one request id. Unknown ones are logged and masked.

    `fallback` is the code of those that carry none: GRAPHQL_VALIDATION_FAILED before execution, BAD_USER_INPUT within.
    """
    id = request_id()
    return [_shown(error, fallback, id) for error in errors]


def refusal(error: DomainError) -> JsonObject:
    """An error that concerns the whole request."""
    message, extensions = _told(error)
    return {"message": message, "extensions": {**extensions, "requestId": request_id()}}


def unresolved(name: str | None) -> GraphQLError:
    """The document holds no operation of that name, or none at all."""
    named = "" if name is None else f" named {name[:100]!r}"
    return GraphQLError(f"the document holds no operation{named}", extensions={"code": UNRESOLVED})


def internal(error: Exception) -> JsonObject:
    """An unknown error outside of any field: logged and masked."""
    id = request_id()
    _log.error("unexpected error", request_id=id, exc_info=error)
    return {"message": "Internal error", "extensions": {"code": Code.INTERNAL_SERVER_ERROR, "requestId": id}}


def _shown(error: GraphQLError, fallback: str, id: str) -> JsonObject:
    cause = _cause(error)
    if isinstance(cause, DomainError):
        message, extensions = _told(cause)
    elif isinstance(cause, GraphQLError) and _is_clients(error, cause):
        message, extensions = _brief(error.message), {"code": _code(cause, fallback)}
    else:
        _log.error("unexpected error", path=error.path, request_id=id, exc_info=cause)
        message, extensions = "Internal error", {"code": Code.INTERNAL_SERVER_ERROR}
    return {"message": message, **_place(error), "extensions": {**extensions, "requestId": id}}


def _cause(error: GraphQLError) -> Exception:
    cause: Exception = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    return cause


def _is_clients(error: GraphQLError, cause: GraphQLError) -> bool:
    """Whether the library blames the request. With a path it may also mean an answer that does not fit its type:
    then it points at the field, not at an argument."""
    if error.path is None or isinstance(cause, StrawberryInputCoercionError):
        return True
    return any(not isinstance(node, FieldNode) for node in cause.nodes or ())


def _brief(message: str) -> str:
    """A message that may repeat what was sent: without secrets, and of bounded length."""
    clean = redact(message[:_MOST_READ]).text
    return clean if len(clean) <= MESSAGE_CHARS else clean[: MESSAGE_CHARS - 1] + "…"


def _code(cause: GraphQLError, fallback: str) -> str:
    if isinstance(cause, GraphQLSyntaxError):
        return Code.GRAPHQL_PARSE_FAILED
    code = (cause.extensions or {}).get("code")
    return code if isinstance(code, str) else fallback


def _told(error: DomainError) -> tuple[str, JsonObject]:
    extensions: JsonObject = {"code": error.code}
    message = _brief(str(error))
    if isinstance(error, Invalid) and error.details:
        extensions["details"] = list(error.details)
    if isinstance(error, TooMany):
        extensions["retryAfter"] = error.retry_after_s
    if isinstance(error, Unauthenticated):
        message = _REFUSALS.get(error.reason, "this API key is not known here")
    return message, extensions


def _place(error: GraphQLError) -> JsonObject:
    place: JsonObject = {}
    if error.locations:
        place["locations"] = [{"line": at.line, "column": at.column} for at in error.locations]
    if error.path is not None:
        path: Sequence[JsonValue] = error.path
        place["path"] = [*path]
    return place
