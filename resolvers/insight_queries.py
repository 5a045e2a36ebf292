"""Queries of insights that somebody names, be it by what they ask or by the insight that keeps them."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import NamedTuple

import resolvers.insight_runs
from domain.access import Scope
from domain.insights.errors import InsightFault, InvalidQuery
from domain.insights.query import read
from domain.insights.query_models import Query
from domain.insights.runs import Refresh
from domain.insights.saved import InsightId, SavedInsight
from domain.values import JsonObject
from resolvers.context import Context
from resolvers.insight_runs import Outcome
from resolvers.insights import InsightKey, get_insight


class Asked(NamedTuple):
    """What is to be computed, and the insight it is kept in."""

    query: Query
    insight_id: InsightId | None = None


async def asked(ctx: Context, key: InsightKey | None, document: JsonObject | None) -> Asked:
    """That of an insight (needs `insight:read`), or one that is given (needs `query:read`).

    Raises NotFound, InvalidQuery also for queries that are only stored, and unless exactly one of both is given.
    """
    if (key is None) == (document is None):
        raise InvalidQuery("give either an insight or a query", code=InsightFault.INVALID)
    if document is not None:
        ctx.caller.require(Scope.QUERY_READ)
        return Asked(_source(document))
    insight = await get_insight(ctx, "" if key is None else key)
    return Asked(_source_of(insight), insight.id)


def _source_of(insight: SavedInsight) -> Query:
    if insight.query is None:
        raise InvalidQuery("this insight asks nothing yet")
    return _source(insight.query)


def _source(document: JsonObject) -> Query:
    found = read(document).source
    if found is None:
        raise InvalidQuery("this query is only stored, not computed", code=InsightFault.NOT_SUPPORTED)
    return found


async def run_query(
    ctx: Context, key: InsightKey | None, document: JsonObject | None, refresh: Refresh, query_id: str | None
) -> Outcome:
    """As `insight_runs.run`, of what `asked` finds."""
    found = await asked(ctx, key, document)
    return await resolvers.insight_runs.run(ctx, found.query, refresh, query_id, found.insight_id)


async def follow_result(
    ctx: Context, key: InsightKey | None, document: JsonObject | None, after: str | None
) -> AsyncGenerator[list[Outcome]]:
    """As `insight_runs.follow`, of what `asked` finds."""
    found = await asked(ctx, key, document)
    async with aclosing(resolvers.insight_runs.follow(ctx, found.query, after)) as outcomes:
        async for outcome in outcomes:
            yield [outcome]
