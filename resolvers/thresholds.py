"""Thresholds of an insight as pages, with the alerts that watch over them."""

import persistence.insights.alerts
import persistence.insights.saved
from domain.access import Scope
from domain.errors import NotFound
from domain.insights.alerts import Guarded, ThresholdId
from domain.insights.saved import InsightId
from persistence.database import Reading
from resolvers.alerts import sees
from resolvers.context import Context
from resolvers.insights import no_insight


async def list_thresholds(ctx: Context, insight_id: InsightId, limit: int, offset: int) -> tuple[list[Guarded], int]:
    """Some of them, oldest first, and how many there are in all. Needs `alert:read`. Raises NotFound for no insight."""
    ctx.caller.require(Scope.ALERT_READ)
    async with ctx.read() as db:
        await _insight(ctx, db, insight_id)
        found, total = await persistence.insights.alerts.thresholds_page(
            db, ctx.caller.org_id, insight_id, limit, offset
        )
    return [_seen(ctx, one) for one in found], total


async def get_threshold(ctx: Context, insight_id: InsightId, id: ThresholdId) -> Guarded:
    """One of an insight. Needs `alert:read`. Raises NotFound for no insight, or one that is not its."""
    ctx.caller.require(Scope.ALERT_READ)
    async with ctx.read() as db:
        await _insight(ctx, db, insight_id)
        found = await persistence.insights.alerts.threshold(db, ctx.caller.org_id, insight_id, id)
    if found is None:
        raise NotFound("no such threshold")
    return _seen(ctx, found)


async def _insight(ctx: Context, db: Reading, id: InsightId) -> None:
    if await persistence.insights.saved.find(db, ctx.caller.org_id, id) is None:
        raise no_insight()


def _seen(ctx: Context, found: Guarded) -> Guarded:
    return found._replace(alerts=tuple(one for one in found.alerts if sees(ctx, one)))
