"""Insights for a team that starts today, saved once."""

import persistence.insights.seen
from domain.insights.ready_made import TAG, ReadyMade, ready_made
from domain.insights.saved import InsightChange, InsightFilter, InsightOrder, SavedInsight
from persistence.database import Tenant
from resolvers.context import Context
from resolvers.event_definitions import LATELY
from resolvers.insights import create_insight, list_insights

_MOST = 100


async def create_ready_made(ctx: Context, folder: str | None = None) -> list[SavedInsight]:
    """Those that are not there yet, by name and tag; with more than one agent at work there is one for each.

    Needs `insight:read` and `insight:write`. Of two calls at the same time both may make them.
    """
    there = await list_insights(ctx, InsightFilter(tags=(TAG,)), InsightOrder(), _MOST, 0)
    names = {one.name for one in there.items}
    wanted = [one for one in ready_made(await _agents(ctx)) if one.name not in names]
    return [await create_insight(ctx, _as_saved(one, folder)) for one in wanted]


def _as_saved(one: ReadyMade, folder: str | None) -> InsightChange:
    return InsightChange(
        name=one.name, description=one.description, query=one.query, tags=(TAG,), saved=True, folder=folder
    )


async def _agents(ctx: Context) -> list[str]:
    tenant, now = Tenant(ctx.caller.org_id, ctx.caller.insights_of), ctx.now()
    async with ctx.services.database.read(tenant) as db:
        seen = await persistence.insights.seen.values(db, tenant, now - LATELY, now)
    return sorted(seen.get("agent", ()))
