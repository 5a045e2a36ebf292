"""Having insights computed: now, in the background, and whenever there is something newer."""

from collections.abc import AsyncGenerator, Sequence
from typing import Annotated, NamedTuple

import strawberry

import resolvers.insight_queries
import resolvers.insight_runs
from domain.errors import DomainError, Fault
from domain.insights.runs import Refresh
from domain.values import JsonObject
from resolvers.insight_runs import Outcome, Reported
from schema import nodes
from schema.insight_errors import InsightError, faults_of
from schema.insight_outcomes import InsightOutcome, InsightRun
from schema.insight_query_inputs import InsightQueryInput
from schema.values import Info

_ID = "An insight: its global id, its number or its short id. Either this or `query`."


@strawberry.input(description="What to compute, and how much to leave to results that are kept.")
class RunInsightInput:
    id: strawberry.ID | None = strawberry.field(default=None, description=_ID)
    query: InsightQueryInput | None = strawberry.field(default=None, description="What to ask. Either this or `id`.")
    refresh: Refresh = strawberry.field(default=Refresh.BLOCKING, description="How much to leave to kept results.")
    client_query_id: str | None = strawberry.field(
        default=None, description="A name for the run, to ask after it or cancel it by; one is made if left out."
    )


@strawberry.input(description="Which run to take back.")
class CancelInsightRunInput:
    query_id: str = strawberry.field(description="The name it was given, or got.")


class Ran(NamedTuple):
    """What a payload shows."""

    outcome: Outcome | None = None
    user_errors: Sequence[Fault] = ()


class Cancelled(NamedTuple):
    """What a payload shows."""

    query_id: str
    user_errors: Sequence[Fault] = ()


@strawberry.type(description="What became of the run.")
class RunInsightPayload:
    outcome: InsightOutcome | None = strawberry.field(description="What it came to; null: it was not begun.")
    user_errors: list[InsightError] = strawberry.field(description="All that stands against it; empty if it is done.")


@strawberry.type(description="What became of the run.")
class CancelInsightRunPayload:
    query_id: str = strawberry.field(description="Its name.")
    user_errors: list[InsightError] = strawberry.field(description="Always empty: a run that is over is no error.")


@strawberry.type(description="How a run that was asked for stands, and what it came to.")
class InsightRunReport:
    status: InsightRun = strawberry.field(name="run", description="How far it is.")
    outcome: InsightOutcome = strawberry.field(description="What is kept of it, once it is completed.")


def _key(id: str | None) -> str | None:
    return None if id is None else nodes.insight_key(id)


def _document(query: InsightQueryInput | None) -> JsonObject | None:
    return None if query is None else query.document()


async def _run(info: Info, input: RunInsightInput) -> Ran:
    try:
        return Ran(
            await resolvers.insight_queries.run_query(
                info.context, _key(input.id), _document(input.query), input.refresh, input.client_query_id
            )
        )
    except DomainError as error:
        return Ran(user_errors=faults_of(error, input.query))


@strawberry.type
class InsightRunMutations:
    @strawberry.mutation(
        description="Computes an insight or a query over the events that this key counts; equal ones are computed once"
        " for all who ask at the same time.",
        graphql_type=RunInsightPayload | None,
    )
    @staticmethod
    async def run_insight(
        info: Info, input: Annotated[RunInsightInput, strawberry.argument(description="What, and how.")]
    ) -> Ran:
        return await _run(info, input)

    @strawberry.mutation(
        description="Takes back one's own run; who else waits for the same result still gets it.",
        graphql_type=CancelInsightRunPayload | None,
    )
    @staticmethod
    async def cancel_insight_run(
        info: Info, input: Annotated[CancelInsightRunInput, strawberry.argument(description="Which one.")]
    ) -> Cancelled:
        await resolvers.insight_runs.cancel(info.context, input.query_id)
        return Cancelled(input.query_id)


@strawberry.type
class InsightRunQueries:
    @strawberry.field(
        description="How one's own run stands, by its name. NOT_FOUND for one that is forgotten.",
        graphql_type=InsightRunReport,
    )
    @staticmethod
    async def insight_run(
        info: Info, query_id: Annotated[str, strawberry.argument(description="The name it was given, or got.")]
    ) -> Reported:
        return await resolvers.insight_runs.status(info.context, query_id)


@strawberry.type
class InsightSubscriptions:
    @strawberry.subscription(
        description="What an insight or a query comes to: the result after the one that the cursor names, then each"
        " newer one. It is computed anew in the background whenever it has become stale.",
        graphql_type=InsightOutcome,
    )
    @staticmethod
    def insight_result(
        info: Info,
        id: Annotated[strawberry.ID | None, strawberry.argument(description=_ID)] = None,
        query: Annotated[
            InsightQueryInput | None, strawberry.argument(description="What to ask. Either this or `id`.")
        ] = None,
        after: Annotated[
            str | None, strawberry.argument(description="Cursor of the last result seen; none if left out or null.")
        ] = None,
    ) -> AsyncGenerator[Sequence[Outcome]]:
        return resolvers.insight_queries.follow_result(info.context, _key(id), _document(query), after)
