"""Insights for a team that starts today."""

from collections.abc import Sequence
from typing import Annotated, NamedTuple

import strawberry

import resolvers.ready_made
from domain.errors import DomainError, Fault
from domain.insights.saved import SavedInsight
from schema.insight_errors import InsightError, faults_of
from schema.insights import Insight
from schema.values import Info


@strawberry.input(description="Where to put insights that are ready made.")
class CreateReadyMadeInsightsInput:
    folder: str | None = strawberry.field(default=None, description="The folder to put them in.")


@strawberry.type(description="What became of them.")
class CreateReadyMadeInsightsPayload:
    insights: list[Insight] = strawberry.field(description="Those that were not there yet.")
    user_errors: list[InsightError] = strawberry.field(description="All that stands against it; empty if it is done.")


class Made(NamedTuple):
    """What the payload shows."""

    insights: Sequence[SavedInsight] = ()
    user_errors: Sequence[Fault] = ()


@strawberry.type
class ReadyMadeMutations:
    @strawberry.mutation(
        description="Keeps insights for a team that starts today, unless they are there already.",
        graphql_type=CreateReadyMadeInsightsPayload | None,
    )
    @staticmethod
    async def create_ready_made_insights(
        info: Info,
        input: Annotated[CreateReadyMadeInsightsInput, strawberry.argument(description="Where to put them.")],
    ) -> Made:
        try:
            return Made(await resolvers.ready_made.create_ready_made(info.context, input.folder))
        except DomainError as error:
            return Made(user_errors=faults_of(error))
