"""How an answer goes out over HTTP, and what each failure is called."""

from collections.abc import AsyncGenerator, Mapping, Sequence

from starlette.responses import Response

from domain.errors import DomainError, TooMany, Unauthenticated, Unavailable
from domain.values import JsonObject
from schema.accept import GRAPHQL_JSON
from schema.documents import RequestError
from schema.errors import internal, refusal, request_id, shown
from schema.persisted import NotPersisted
from schema.requests import Refused
from schema.values import encoded

HEADERS = {"cache-control": "no-store", "x-content-type-options": "nosniff", "vary": "accept"}


def json_response(body: JsonObject, type: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(encoded(body), status, {**HEADERS, **(headers or {})}, media_type=type)


def failure(error: Exception, type: str) -> Response:
    """The answer to a request of which nothing was executed."""
    status, headers = _status(error, type)
    return json_response({"errors": [*told(error)]}, type, status, headers)


def told(error: Exception) -> Sequence[JsonObject]:
    """The errors of an operation that failed as a whole, for every transport. Unknown ones are logged and masked."""
    match error:
        case RequestError():
            return shown(error.errors, error.fallback)
        case Refused() | NotPersisted():
            extensions: JsonObject = {"code": error.code, "requestId": request_id()}
            return [{"message": str(error), "extensions": extensions}]
        case DomainError():
            return [refusal(error)]
        case _:
            return [internal(error)]


def _status(error: Exception, type: str) -> tuple[int, Mapping[str, str]]:
    match error:
        case Refused():
            return error.status, error.headers
        case NotPersisted():
            return max(error.status, _status_of_none(type)), {}
        case RequestError():
            return _status_of_none(type), {}
        case Unauthenticated():
            return 401, {"www-authenticate": "Bearer"}
        case TooMany():
            return 429, {"retry-after": str(error.retry_after_s)}
        case Unavailable():
            return 503, {"retry-after": "1"}
        case _:
            return 500, {}


def _status_of_none(type: str) -> int:
    """Of a well-formed request of which nothing was executed."""
    return 400 if type == GRAPHQL_JSON else 200


async def once(payload: str) -> AsyncGenerator[str]:
    """A single payload for those who write several."""
    yield payload
