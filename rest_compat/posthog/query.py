"""PostHog queries: running one that is not saved, asking after a run, and cancelling one."""

from typing import Annotated, Literal, Required, cast

from pydantic import Field, TypeAdapter
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

import resolvers.insight_runs
from domain.access import Scope
from domain.insights.errors import InsightFault, InvalidQuery
from domain.insights.query import override, read
from domain.insights.query_models import Query
from domain.insights.runs import Refresh
from domain.values import JsonObject
from resolvers.context import Context
from resolvers.insight_runs import Outcome
from rest_compat.dialect import Parameter
from rest_compat.posthog import asked
from rest_compat.posthog.asked import FORMAT
from rest_compat.posthog.bodies import AskedQuery, Json, QueryStatusBody, maybe, query_status
from rest_compat.posthog.dialect import DIALECT, context, operation
from rest_compat.posthog.results import RangeBody, told
from rest_compat.wire import Time, read_body

Mode = Literal[
    "async",
    "async_except_on_cache_miss",
    "blocking",
    "force_async",
    "force_blocking",
    "force_cache",
    "lazy_async",
]


class QueryWishBody(TypedDict, total=False):
    """`refresh` is `blocking` unless it is said; other members are passed over.

    The overrides are laid over the query as they are over that of a saved insight.
    """

    query: Required[AskedQuery]
    refresh: Mode | None
    client_query_id: str | None
    filters_override: dict[str, Json] | None
    variables_override: dict[str, Json] | None


class QueryAnswerBody(TypedDict):
    """`results` are null while there are none; `query_status` then says that they are being computed."""

    results: Json
    columns: list[Json] | None
    types: list[Json] | None
    hasMore: bool | None
    hogql: str | None
    is_cached: bool
    last_refresh: Time | None
    cache_target_age: Time | None
    next_allowed_client_refresh: Time | None
    timezone: str
    resolved_date_range: RangeBody | None
    query_status: QueryStatusBody | None
    error: str | None


class RunBody(TypedDict):
    query_status: QueryStatusBody


class CancelBody(TypedDict):
    """Other members are passed over."""

    client_query_id: Annotated[str, Field(min_length=1)]


_ID = Parameter("query_id", "The `id` of a `query_status`.", {"type": "string", "minLength": 1})
_WISH, _CANCEL = TypeAdapter(QueryWishBody), TypeAdapter(CancelBody)


async def run_query(request: Request) -> Response:
    ctx = context(request, Scope.QUERY_READ)
    wish = await read_body(request, _WISH)
    refresh = Refresh(wish.get("refresh") or Refresh.BLOCKING)
    outcome = await resolvers.insight_runs.run(ctx, _query(wish), refresh, wish.get("client_query_id"))
    return DIALECT.answer(_answer(ctx, outcome))


def _query(wish: QueryWishBody) -> Query:
    stored = read(cast("JsonObject", wish["query"]))
    filters = cast("JsonObject | None", wish.get("filters_override"))
    source = override(stored, filters, cast("JsonObject | None", wish.get("variables_override"))).source
    if source is None:
        message = "A query of this kind can be stored, and is nothing to compute."
        raise InvalidQuery(message, ("kind",), InsightFault.NOT_SUPPORTED)
    return source


def _answer(ctx: Context, outcome: Outcome) -> QueryAnswerBody:
    found = None if outcome.result is None else told(outcome.result)
    status = outcome.status
    return {
        "results": None if found is None else found.result,
        "columns": None if found is None or found.columns is None else list(found.columns),
        "types": None if found is None or found.types is None else list(found.types),
        "hasMore": None if found is None else found.has_more,
        "hogql": None if found is None else found.hogql,
        "is_cached": outcome.is_cached,
        "last_refresh": maybe(outcome.last_refresh),
        "cache_target_age": maybe(outcome.cache_target_age),
        "next_allowed_client_refresh": maybe(outcome.next_allowed_client_refresh),
        "timezone": ctx.caller.time_zone,
        "resolved_date_range": None if found is None else found.resolved,
        "query_status": None if status is None else query_status(status, ctx.caller.environment_id),
        "error": None,
    }


async def get_query(request: Request) -> Response:
    ctx = context(request, Scope.QUERY_READ)
    found = await resolvers.insight_runs.status(ctx, request.path_params["query_id"])
    results = None if found.outcome.result is None else _answer(ctx, found.outcome)
    return DIALECT.answer({"query_status": query_status(found.status, ctx.caller.environment_id, results)})


async def cancel_query(request: Request) -> Response:
    ctx = context(request, Scope.INSIGHT_WRITE)
    asked.wants_csv(request)
    wish = await read_body(request, _CANCEL)
    await resolvers.insight_runs.cancel(ctx, wish["client_query_id"])
    return Response(status_code=200)


RUN = operation("POST", "/query", run_query, "Compute a query that is not saved", {200: QueryAnswerBody},
                body=QueryWishBody)  # fmt: skip
STATUS = operation("GET", "/query/{query_id}", get_query, "How a run stands, and what it came to", {200: RunBody},
                   path_parameters=(_ID,))  # fmt: skip
CANCEL = operation("POST", "/insights/cancel", cancel_query, "Want the result of a run no longer", {200: None},
                   body=CancelBody, query=(FORMAT,))  # fmt: skip
