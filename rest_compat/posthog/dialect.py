"""The PostHog dialect: snake_case, `{type, code, detail, attr}`, personal keys with scopes, a project in each path.

The same routes are there below /api/environments and /api/projects, with and without a slash at their end.
"""

from collections.abc import Mapping
from typing import Literal

from starlette.requests import Request
from typing_extensions import TypedDict, TypeForm

from domain.access import KeyKind, Scope
from domain.errors import Invalid, NotFound
from domain.insights.errors import InvalidQuery
from resolvers.context import Context
from rest_compat.dialect import Dialect, Handler, Limit, Operation, Parameter, key_or_address

ErrorType = Literal[
    "validation_error", "authentication_error", "invalid_request", "throttled_error", "server_error", "quota_limited"
]


class PosthogErrorBody(TypedDict):
    """`code` and `attr` are for programs: `attr` names the member or parameter that is wrong."""

    type: ErrorType
    code: str
    detail: str
    attr: str | None


_KINDS: Mapping[int, tuple[ErrorType, str]] = {
    400: ("validation_error", "invalid_input"),
    401: ("authentication_error", "not_authenticated"),
    403: ("authentication_error", "permission_denied"),
    404: ("invalid_request", "not_found"),
    409: ("invalid_request", "conflict"),
    413: ("invalid_request", "payload_too_large"),
    415: ("invalid_request", "unsupported_media_type"),
    429: ("throttled_error", "throttled"),
    500: ("server_error", "error"),
    503: ("server_error", "unavailable"),
}


def word_error(status: int, error: Exception) -> PosthogErrorBody:
    kind, code = _KINDS[status]
    return {"type": kind, "code": code, "detail": _detail(status, error), "attr": _attr(error)}


def _detail(status: int, error: Exception) -> str:
    if status == 404:
        return "Not found."
    if isinstance(error, Invalid) and error.details:
        return "; ".join(error.details)
    return str(error) or "Invalid input."


_LAID_OVER = ("filters_override", "variables_override")


def _attr(error: Exception) -> str | None:
    """The part of the request that is wrong; of what is inside a query it is the query, of what is laid over it that.
    None where it is the whole body."""
    if isinstance(error, InvalidQuery):
        [place] = (error.faults[0].field or ("query",))[:1]
        return place if place in _LAID_OVER else "query"
    if isinstance(error, Invalid) and error.faults:
        return (error.faults[0].field or (None,))[0]
    if isinstance(error, Invalid) and error.details:
        name, colon, _ = error.details[0].partition(":")
        return name.partition(".")[0] if colon and name != "body" else None
    return None


_UNKNOWN = "Personal API key found in request Authorization header is invalid."

DIALECT = Dialect(
    title="PostHog insights",
    kinds=frozenset({KeyKind.PERSONAL}),
    headers=frozenset({"authorization"}),
    word_error=word_error,
    error_body=PosthogErrorBody,
    refusals={
        "missing": "Authentication credentials were not provided.",
        "prefix": _UNKNOWN,
        "unknown": _UNKNOWN,
        "inactive": _UNKNOWN,
    },
    limit=Limit("posthog", 240, key_or_address, per_hour=1200),
)

BASE = "/api/environments/{environment_id}"
_ALIAS = "/api/projects/{environment_id}"
ENVIRONMENT = Parameter(
    "environment_id", "The organisation's number, or `@current` for the key's own.", {"type": ["integer", "string"]}
)
_ERRORS = (401, 403, 404, 429)
_BODY_ERRORS = (400, 413, 415)


def context(request: Request, *scopes: Scope) -> Context:
    """Who asks, for the project of the path. Raises Unauthenticated, Forbidden without one of `scopes`, NotFound for
    another project than the key's."""
    ctx = DIALECT.context(request)
    for scope in scopes:
        ctx.caller.require(scope)
    if request.path_params["environment_id"] not in ("@current", str(ctx.caller.environment_id)):
        raise NotFound("no such environment")
    return ctx


def operation(
    method: str,
    path: str,
    handler: Handler,
    summary: str,
    answers: Mapping[int, TypeForm[object] | None],
    *,
    errors: tuple[int, ...] = (),
    body: TypeForm[object] | None = None,
    body_needed: bool = True,
    path_parameters: tuple[Parameter, ...] = (),
    query: tuple[Parameter, ...] = (),
    also: str | None = None,
) -> Operation:
    """A route below the project, at each of its four paths."""
    known = {*_ERRORS, *errors, *(_BODY_ERRORS if body is not None else ())}
    return Operation(
        DIALECT,
        method,
        BASE + path,
        handler,
        summary,
        answers,
        tuple(sorted(known)),
        body=body,
        body_needed=body_needed,
        path_parameters=(ENVIRONMENT, *path_parameters),
        query=query,
        told_also=also,
        aliases=(f"{BASE}{path}/", f"{_ALIAS}{path}", f"{_ALIAS}{path}/"),
    )


def wrong(attr: str, message: str) -> Invalid:
    """What a request says and may not, by the name of its part."""
    return Invalid(message, (f"{attr}: {message}",))
