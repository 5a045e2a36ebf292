"""How errors look to a client: a code for programs, a sentence for people, never the words of an exception."""

from collections.abc import Mapping, Sequence
from uuid import uuid4

import structlog
from graphql import FieldNode, GraphQLError, GraphQLSyntaxError
from strawberry.exceptions import StrawberryInputCoercionError
from strawberry.schema.exceptions import CannotGetOperationTypeError
from strawberry.types.execution import ExecutionResult, PreExecutionError

from domain.errors import DomainError, Invalid, TooMany, Unauthenticated
from domain.values import JsonObject, JsonValue

INTERNAL = "INTERNAL_SERVER_ERROR"
UNRESOLVED = "OPERATION_RESOLUTION_FAILURE"
"""No operation of the document is the one that was asked for, or it cannot be told which is."""

_REFUSALS: Mapping[str, str] = {
    "missing": "send an API key as `Authorization: Bearer …` or `X-API-Key: …`",
    "inactive": "this API key is revoked or expired",
}

_log = structlog.get_logger("goalarc.graphql")


def request_id() -> str:
    """That of the request; a new one where none is bound, as on a websocket."""
    bound = structlog.contextvars.get_contextvars().get("request_id")
    return bound if isinstance(bound, str) else str(uuid4())


def shown(result: ExecutionResult) -> list[JsonObject]:
    """The errors of a result as they go out. Unknown ones are logged and masked."""
    fallback = "GRAPHQL_VALIDATION_FAILED" if isinstance(result, PreExecutionError) else Invalid.code
    id = request_id()
    return [_shown(error, fallback, id) for error in result.errors or ()]


def refusal(error: DomainError) -> JsonObject:
    """An error that concerns the whole request."""
    message, extensions = _told(error)
    return {"message": message, "extensions": {**extensions, "requestId": request_id()}}


def unresolved(error: CannotGetOperationTypeError) -> str:
    name = error.operation_name
    return (
        "the document holds no operation" if name is None else f"the document holds no operation named {name[:100]!r}"
    )


def internal(error: Exception) -> JsonObject:
    """An unknown error outside of any field: logged and masked."""
    id = request_id()
    _log.error("unexpected error", request_id=id, exc_info=error)
    return {"message": "Internal error", "extensions": {"code": INTERNAL, "requestId": id}}


def _shown(error: GraphQLError, fallback: str, id: str) -> JsonObject:
    cause = _cause(error)
    if isinstance(cause, DomainError):
        message, extensions = _told(cause)
    elif isinstance(cause, CannotGetOperationTypeError):
        message, extensions = unresolved(cause), {"code": UNRESOLVED}
    elif isinstance(cause, GraphQLError) and _is_clients(error, cause):
        message, extensions = error.message, {"code": _code(cause, fallback)}
    else:
        _log.error("unexpected error", path=error.path, request_id=id, exc_info=cause)
        message, extensions = "Internal error", {"code": INTERNAL}
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


def _code(cause: GraphQLError, fallback: str) -> str:
    if isinstance(cause, GraphQLSyntaxError):
        return "GRAPHQL_PARSE_FAILED"
    code = (cause.extensions or {}).get("code")
    return code if isinstance(code, str) else fallback


def _told(error: DomainError) -> tuple[str, JsonObject]:
    extensions: JsonObject = {"code": error.code}
    message = str(error)
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
