"""What happened to insights: newest first, of one or of all."""

from typing import NamedTuple

import persistence.activity
import persistence.insights.saved
from domain.access import Scope
from domain.activity import Activity, ActivityId
from domain.insights.saved import InsightId
from domain.values import Page, Window
from persistence.database import Reading
from resolvers import cursors
from resolvers.context import Context
from resolvers.insights import no_insight

_LIST = "activity"


class ActivityPage(NamedTuple):
    items: list[Activity]
    total: int


async def list_activity(ctx: Context, insight_id: InsightId | None, limit: int, page: int) -> ActivityPage:
    """Page `page` (from 1) of `limit` entries. Needs `activity_log:read`. Raises NotFound for an insight that is not
    there, or is deleted; its entries still stand in the list of all."""
    async with ctx.read() as db:
        await _allow(ctx, db, insight_id)
        total = await persistence.activity.count(db, ctx.caller.org_id, insight_id)
        offset = min((page - 1) * limit, total)
        found = await persistence.activity.page(db, ctx.caller.org_id, insight_id, limit, offset)
    return ActivityPage(found, total)


async def _allow(ctx: Context, db: Reading, insight_id: InsightId | None) -> None:
    ctx.caller.require(Scope.ACTIVITY_READ)
    if insight_id is not None and await persistence.insights.saved.find(db, ctx.caller.org_id, insight_id) is None:
        raise no_insight()


async def page_activity(ctx: Context, insight_id: InsightId | None, window: Window[str]) -> Page[Activity]:
    """The same list by cursors. Raises Invalid for a forged one."""
    asked = window.placed(_place)
    async with ctx.read() as db:
        await _allow(ctx, db, insight_id)
        found = await persistence.activity.window(db, ctx.caller.org_id, insight_id, asked)
    return cursors.page(found, window, lambda one: cursors.encode(_LIST, one.created_at, str(one.id)))


def _place(cursor: str) -> persistence.activity.Place:
    created_at, id = cursors.time_and_id(cursor, _LIST)
    return created_at, ActivityId(id)


async def count_activity(ctx: Context, insight_id: InsightId | None) -> int:
    """How many entries `page_activity` shows in all."""
    async with ctx.read() as db:
        await _allow(ctx, db, insight_id)
        return await persistence.activity.count(db, ctx.caller.org_id, insight_id)
