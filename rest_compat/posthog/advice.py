"""PostHog's words about insights: suggestions, what a result shows, names for queries."""

from typing import Annotated, cast

from pydantic import BeforeValidator, TypeAdapter, WithJsonSchema
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

import resolvers.insight_advice
from domain.access import Scope
from domain.insights.query_models import Query
from domain.insights.query_wrappers import Wrapper
from domain.insights.suggestions import Suggestion
from domain.values import JsonObject
from resolvers.insight_advice import TABLES
from rest_compat.dialect import Parameter
from rest_compat.posthog import asked, csv
from rest_compat.posthog.asked import FORMAT, insight_id, optional_body
from rest_compat.posthog.bodies import Json, as_it_is
from rest_compat.posthog.dialect import context, operation
from rest_compat.wire import read_body

_KINDS = {"type": "object", "properties": {"kind": {"type": "string", "enum": sorted(TABLES)}}, "required": ["kind"]}
ForeignQuery = Annotated[dict[str, Json], WithJsonSchema(_KINDS)]
NameableQuery = Annotated[
    dict[str, Json], BeforeValidator(as_it_is, json_schema_input_type=Wrapper | Query | ForeignQuery)
]
"""Read by its own rules, as any query."""
_ID = Parameter("id", "An insight's number.", {"type": "integer", "minimum": 1})


class SuggestionBody(TypedDict):
    """`targetQuery` is an InsightVizNode."""

    title: str
    description: str | None
    targetQuery: dict[str, Json]


class WonderBody(TypedDict, total=False):
    """What one would like to know; other members are passed over."""

    context: str | None


class AnalysisBody(TypedDict):
    result: str


class NamelessBody(TypedDict):
    """Members other than `query` are passed over."""

    query: NameableQuery


class NameBody(TypedDict):
    name: str
    description: str


_WONDER, _QUERY = TypeAdapter(WonderBody), TypeAdapter(NamelessBody)


async def get_suggestions(request: Request) -> Response:
    return await _suggest(request, None)


async def post_suggestions(request: Request) -> Response:
    body = await optional_body(request, _WONDER, WonderBody())
    return await _suggest(request, body.get("context"))


async def _suggest(request: Request, wonder: str | None) -> Response:
    ctx, as_csv = context(request, Scope.INSIGHT_READ), asked.wants_csv(request)
    found = await resolvers.insight_advice.suggest_insights(ctx, insight_id(request, "id"), wonder)
    bodies = [_suggestion(one) for one in found]
    return asked.answer(as_csv, bodies, lambda: csv.rows([dict(body) for body in bodies]))


def _suggestion(found: Suggestion) -> SuggestionBody:
    return {"title": found.title, "description": found.description, "targetQuery": dict[str, Json](found.target)}


async def analyze_insight(request: Request) -> Response:
    ctx, as_csv = context(request, Scope.INSIGHT_READ), asked.wants_csv(request)
    body: AnalysisBody = {"result": await resolvers.insight_advice.analyze_insight(ctx, insight_id(request, "id"))}
    return asked.answer(as_csv, body, lambda: csv.rows([dict(body)]))


async def generate_metadata(request: Request) -> Response:
    ctx, as_csv = context(request, Scope.INSIGHT_WRITE), asked.wants_csv(request)
    given = await read_body(request, _QUERY)
    found = resolvers.insight_advice.describe_query(ctx, cast("JsonObject", given["query"]))
    body: NameBody = {"name": found.name, "description": found.description}
    return asked.answer(as_csv, body, lambda: csv.rows([dict(body)]))


GENERATE = operation("POST", "/insights/generate_metadata", generate_metadata, "Find a name for a query",
                     {200: NameBody}, body=NamelessBody, query=(FORMAT,), also=asked.CSV)  # fmt: skip
OF_ONE = (
    operation("GET", "/insights/{id}/analyze", analyze_insight, "What a kept result shows", {200: AnalysisBody},
              errors=(400,), path_parameters=(_ID,), query=(FORMAT,), also=asked.CSV),
    operation("GET", "/insights/{id}/suggestions", get_suggestions, "Insights that go on from one",
              {200: list[SuggestionBody]}, errors=(400,), path_parameters=(_ID,), query=(FORMAT,), also=asked.CSV),
    operation("POST", "/insights/{id}/suggestions", post_suggestions, "Insights that answer what one wonders",
              {200: list[SuggestionBody]}, body=WonderBody, body_needed=False, path_parameters=(_ID,),
              query=(FORMAT,), also=asked.CSV),
)  # fmt: skip
