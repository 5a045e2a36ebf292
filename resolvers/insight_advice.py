"""What is said about insights: other ones to look at, what a result shows, a name for a query.

The organisation must allow its data to be processed so, although what is here is plain code that sends nothing out.
"""

import domain.insights.analysis
import domain.insights.naming
import domain.insights.suggestions
from domain.access import Scope
from domain.errors import Forbidden
from domain.insights.naming import Metadata
from domain.insights.query import read
from domain.insights.runs import Refresh
from domain.insights.suggestions import Suggestion
from domain.values import JsonObject
from resolvers.context import Context
from resolvers.insight_results import result_of
from resolvers.insights import InsightKey, get_insight

TABLES = frozenset({"ActorsQuery", "EventsQuery", "GroupsQuery"})
"""Queries that are only ever stored inside a table."""


def _require_consent(ctx: Context) -> None:
    if not ctx.caller.settings.ai_processing:
        raise Forbidden("the organisation does not allow AI processing (setting ai_processing)")


async def suggest_insights(ctx: Context, key: InsightKey, context: str | None = None) -> tuple[Suggestion, ...]:
    """Insights that go on from one; with `context`, what one wonders, the fitting ones first. Needs `insight:read`.

    Raises Forbidden without the organisation's consent, NotFound.
    """
    ctx.caller.require(Scope.INSIGHT_READ)
    _require_consent(ctx)
    insight = await get_insight(ctx, key)
    return () if insight.query is None else domain.insights.suggestions.suggestions(read(insight.query), context)


async def analyze_insight(ctx: Context, key: InsightKey) -> str:
    """What the kept result of an insight shows; "" where none is kept or nothing can be said. Needs `insight:read`.

    Raises Forbidden without the organisation's consent, NotFound.
    """
    ctx.caller.require(Scope.INSIGHT_READ)
    _require_consent(ctx)
    insight = await get_insight(ctx, key)
    found = (await result_of(ctx, insight, Refresh.FORCE_CACHE)).outcome.result
    query = None if found is None or insight.query is None else read(insight.query).source
    return "" if found is None or query is None else domain.insights.analysis.analyse(query, found)


def describe_query(ctx: Context, document: JsonObject) -> Metadata:
    """A name and a description for a query, of which nothing is kept. Needs `insight:write`.

    Raises Forbidden without the organisation's consent, InvalidQuery.
    """
    ctx.caller.require(Scope.INSIGHT_WRITE)
    _require_consent(ctx)
    wrapped: JsonObject = {"kind": "DataTableNode", "source": document}
    return domain.insights.naming.metadata(read(wrapped if document.get("kind") in TABLES else document).source)
