"""What is said about insights: what to look at next, what a result shows, a name for a query."""

from collections.abc import Sequence
from typing import Annotated, NamedTuple

import strawberry

import resolvers.insight_advice
import resolvers.insights
from domain.errors import DomainError, Fault
from domain.insights.errors import InsightFault, InvalidQuery
from domain.insights.suggestions import Suggestion
from domain.values import JsonObject
from schema import nodes
from schema.insight_errors import InsightError, faults_of
from schema.insight_queries import InsightQuery, Shown, shown_document
from schema.insight_query_inputs import InsightQueryInput
from schema.values import Info, plain


@strawberry.type(description="An insight that goes on from another one.")
class InsightSuggestion:
    title: str = strawberry.field(description="What it could be called.")
    description: str = strawberry.field(description="What it would show.")

    @strawberry.field(description="What it asks.", graphql_type=InsightQuery)
    @staticmethod
    def query(parent: strawberry.Parent[Suggestion]) -> Shown:
        return shown_document(parent.target)


@strawberry.input(description="What to find a name for.")
class GenerateInsightMetadataInput:
    id: strawberry.ID | None = strawberry.field(
        default=None, description="An insight: its global id, its number or its short id. Either this or `query`."
    )
    query: InsightQueryInput | None = strawberry.field(default=None, description="What is asked. Either this or `id`.")


class Named(NamedTuple):
    """What a payload shows."""

    name: str | None = None
    description: str | None = None
    user_errors: Sequence[Fault] = ()


@strawberry.type(description="What a query could be called; nothing is kept.")
class GenerateInsightMetadataPayload:
    name: str | None = strawberry.field(description="A name; null: there is none.")
    description: str | None = strawberry.field(description="What is asked, in a sentence; null: there is none.")
    user_errors: list[InsightError] = strawberry.field(description="All that stands against it; empty if it is done.")


async def _document(info: Info, input: GenerateInsightMetadataInput) -> JsonObject:
    if (input.id is None) == (input.query is None):
        raise InvalidQuery("give either an insight or a query", code=InsightFault.INVALID)
    if input.query is not None:
        return input.query.document()
    insight = await resolvers.insights.get_insight(info.context, nodes.insight_key(input.id or ""))
    if insight.query is None:
        raise InvalidQuery("this insight asks nothing yet")
    return insight.query


async def _name(info: Info, input: GenerateInsightMetadataInput) -> Named:
    try:
        found = resolvers.insight_advice.describe_query(info.context, await _document(info, input))
    except DomainError as error:
        return Named(user_errors=faults_of(error, input.query))
    return Named(found.name, found.description)


@strawberry.type
class InsightAdviceMutations:
    @strawberry.mutation(
        description="Finds a name and a description for what an insight or a query asks; always the same words for the"
        " same query.",
        graphql_type=GenerateInsightMetadataPayload | None,
    )
    @staticmethod
    async def generate_insight_metadata(
        info: Info, input: Annotated[GenerateInsightMetadataInput, strawberry.argument(description="For what.")]
    ) -> Named:
        return await _name(info, input)


@strawberry.type
class InsightAdviceQueries:
    @strawberry.field(description="What to look at next after an insight.", graphql_type=list[InsightSuggestion])
    @staticmethod
    async def insight_suggestions(
        info: Info,
        id: nodes.Id,
        context: Annotated[
            str | None, strawberry.argument(description="What one wonders: what fits comes first.")
        ] = None,
    ) -> Sequence[Suggestion]:
        return await resolvers.insight_advice.suggest_insights(info.context, nodes.insight_key(id), plain(context))

    @strawberry.field(
        description="What the kept result of an insight shows, in words; empty where none is kept or nothing can be"
        " said."
    )
    @staticmethod
    async def insight_analysis(info: Info, id: nodes.Id) -> str:
        return await resolvers.insight_advice.analyze_insight(info.context, nodes.insight_key(id))
