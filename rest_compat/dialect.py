"""How one old system speaks: which keys it takes, how it words an error, how a route of it is written."""

from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass, field

import orjson
import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from typing_extensions import TypeForm

import resolvers.rate_limits
import resolvers.scores
from domain.access import KeyKind
from domain.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, TooMany, Unauthenticated, Unavailable
from resolvers.context import Context
from resolvers.rate_limits import Allowance

Handler = Callable[[Request], Awaitable[Response]]

_STATUS: dict[type[Exception], int] = {
    Unauthenticated: 401, Forbidden: 403, NotFound: 404, Invalid: 400, Conflict: 409, TooMany: 429, Unavailable: 503,
}  # fmt: skip
RATE_LIMIT_HEADERS = {
    "x-ratelimit-limit": "Requests a minute.",
    "x-ratelimit-remaining": "How many of them are left in this minute.",
    "x-ratelimit-reset": "The Unix second in which the next minute begins.",
}
_log = structlog.get_logger("goalarc.rest")


class Refused(Exception):
    """An answer decided by the protocol itself rather than by a rule of the domain."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Limit:
    """So many requests a minute for each subject, which `by` finds in the request, and so many an hour."""

    name: str
    per_minute: int
    by: Callable[[Request], str]
    per_hour: int | None = None

    async def spend(self, request: Request) -> Allowance:
        """What is left of whatever ends first. One that the minute refuses does not count for the hour."""
        services, subject = request.state.services, self.by(request)
        minute = await resolvers.rate_limits.spend(services, self.name, subject, self.per_minute)
        if self.per_hour is None or minute.spent > minute.limit:
            return minute
        hour = await resolvers.rate_limits.spend_hourly(services, self.name, subject, self.per_hour)
        return hour if hour.spent > hour.limit or hour.remaining < minute.remaining else minute


def address(request: Request) -> str:
    """Where the connection comes from; a header that claims another address is not believed here."""
    return request.client.host if request.client else ""


def key_or_address(request: Request) -> str:
    """The key that a request came with, or the address of one without a good key."""
    context: Context | None = getattr(request.state, "context", None)
    return address(request) if context is None else str(context.caller.key_id)


@dataclass(frozen=True, slots=True)
class Dialect:
    """One old system: which keys it knows, by kind, header and prefix; `word_error` makes its error body."""

    title: str
    kinds: frozenset[KeyKind]
    word_error: Callable[[int, Exception], Mapping[str, object]]
    error_body: TypeForm[object]
    """What `word_error` makes, as a type that pydantic can describe."""
    refusals: Mapping[str, str]
    """The words of a 401 by reason: `missing`, `prefix`, `unknown`, `inactive`."""
    headers: frozenset[str] = frozenset({"authorization", "x-api-key"})
    key_prefix: str = ""
    limit: Limit | None = None
    statuses: Mapping[type[Exception], int] = field(default_factory=dict[type[Exception], int])
    """Where this system answers errors with other statuses than most."""
    echo: Callable[[Request], Mapping[str, str]] | None = None
    """Headers of every answer that follow from the request, whatever becomes of it."""

    def context(self, request: Request) -> Context:
        """Who asks. Raises Unauthenticated with this system's own words, or what went wrong while looking."""
        credential = request.state.credential
        if credential is None or credential.header not in self.headers:
            raise self._refusal("missing")
        if not credential.secret.startswith(self.key_prefix):
            raise self._refusal("prefix")
        refused: Unauthenticated | None = getattr(request.state, "refused", None)
        if refused is not None:
            raise self._refusal(refused.reason)
        failure: Exception | None = getattr(request.state, "failure", None)
        if failure is not None:
            raise failure
        context: Context = request.state.context
        if context.caller.kind not in self.kinds:
            raise self._refusal("unknown")
        return context

    def _refusal(self, reason: str) -> Unauthenticated:
        return Unauthenticated(self.refusals[reason])

    def answer(self, body: object, status: int = 200) -> Response:
        return self.written(orjson.dumps(body), status)

    def written(self, text: bytes, status: int = 200) -> Response:
        """Of JSON that is written already."""
        return Response(text, status, media_type="application/json")

    async def kept(self, ctx: Context, asked: Hashable | None, make: Callable[[], Awaitable[object]]) -> Response:
        """What `make` finds, or found before; see `resolvers.scores.kept_answer`."""

        async def write() -> bytes:
            return orjson.dumps(await make())

        return self.written(await resolvers.scores.kept_answer(ctx, asked, write))

    def error(self, error: DomainError | Refused) -> Response:
        status = error.status if isinstance(error, Refused) else self._status(type(error))
        response = self.answer(self.word_error(status, error), status)
        if isinstance(error, TooMany):
            response.headers["retry-after"] = str(error.retry_after_s)
        if isinstance(error, Unavailable):
            response.headers["retry-after"] = "1"
        if isinstance(error, Unauthenticated):
            response.headers["www-authenticate"] = "Bearer"
        return response

    def _status(self, kind: type[DomainError]) -> int:
        """That of the nearest kind which has one."""
        statuses = {**_STATUS, **self.statuses}
        return next(statuses[one] for one in kind.__mro__ if one in statuses)

    async def run(self, operation: "Operation", request: Request) -> Response:
        """The answer of a route, within its limit; errors in this system's words, an unknown one logged and masked."""
        allowance: Allowance | None = None
        try:
            if self.limit is not None:
                allowance = await self.limit.spend(request)
                allowance.check()
            response = await operation.handler(request)
        except (DomainError, Refused) as error:
            response = self.error(error)
        except ClientDisconnect:
            response = Response(status_code=400)  # nobody reads it
        except Exception:
            _log.exception("route failed", route=operation.path)
            response = self.error(Refused(500, "Internal server error"))
        if allowance is not None:
            response.headers.update(_rate_limit_headers(allowance))
        return self.sealed(request, response)

    def sealed(self, request: Request, response: Response) -> Response:
        """With the headers that every answer bears."""
        if self.echo is not None:
            response.headers.update(self.echo(request))
        return response


def _rate_limit_headers(allowance: Allowance) -> dict[str, str]:
    values = (allowance.limit, allowance.remaining, int(allowance.resets_at.timestamp()))
    return {name: str(value) for name, value in zip(RATE_LIMIT_HEADERS, values, strict=True)}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of the path, the query or the headers; `schema` is its JSON Schema."""

    name: str
    description: str
    schema: Mapping[str, object]
    required: bool = False
    """Of the query; parts of a path always are."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path, with what its OpenAPI entry needs: `answers` and `body` are types pydantic can describe.

    An answer of None has no body. `errors` are the statuses answered with the error body of the dialect.
    """

    dialect: Dialect
    method: str
    path: str
    handler: Handler
    summary: str
    answers: Mapping[int, TypeForm[object] | None]
    errors: tuple[int, ...]
    body: TypeForm[object] | None = None
    path_parameters: tuple[Parameter, ...] = ()
    query: tuple[Parameter, ...] = ()
    headers: tuple[Parameter, ...] = ()
    streams: bool = False
    """Whether it answers with Server-Sent Events, `data` of which `answers` describe."""
    also: str | None = None
    """The other type of media that bodies and answers may have."""
    told_also: str | None = None
    """The other type of media that answers alone may have."""
    sent: str = "application/json"
    """The type of media that a body has."""
    body_needed: bool = True
    id: str | None = None
    """Its name in the document, where its handler's stands for more than one."""
    aliases: tuple[str, ...] = ()
    """Other paths at which it answers, of which the document does not speak."""
