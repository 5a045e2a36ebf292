"""What happened to insights: newest first, of one or of all."""

from typing import NamedTuple

from domain.activity import Activity
from domain.insights.saved import InsightId
from domain.values import Page, Window
from resolvers.context import Context


class ActivityPage(NamedTuple):
    items: list[Activity]
    total: int


async def list_activity(ctx: Context, insight_id: InsightId | None, limit: int, page: int) -> ActivityPage:
    """Page `page` (from 1) of `limit` entries. Needs `activity_log:read`. Raises NotFound for an insight that is not
    there, or is deleted; its entries still stand in the list of all."""
    raise NotImplementedError


async def page_activity(ctx: Context, insight_id: InsightId | None, window: Window[str]) -> Page[Activity]:
    """The same list by cursors. Raises Invalid for a forged one."""
    raise NotImplementedError


async def count_activity(ctx: Context, insight_id: InsightId | None) -> int:
    raise NotImplementedError
