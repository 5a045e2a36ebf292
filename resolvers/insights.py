"""Saved insights of the caller's organisation: lists, one, making and changing them, their tags."""

from collections.abc import Sequence

from domain.insights.saved import (
    InsightChange,
    InsightFilter,
    InsightId,
    InsightOrder,
    InsightPage,
    SavedInsight,
    TagAction,
    TagsUpdated,
)
from domain.values import Page, Window
from resolvers.context import Context

InsightKey = InsightId | str
"""An insight's number, or its short id; text of digits alone is tried as the number first."""


async def list_insights(
    ctx: Context, wanted: InsightFilter, order: InsightOrder, limit: int, offset: int
) -> InsightPage:
    """Part of the insights that fit, and how many fit in all. Needs `insight:read`."""
    raise NotImplementedError


async def page_insights(
    ctx: Context, wanted: InsightFilter, order: InsightOrder, window: Window[str]
) -> Page[SavedInsight]:
    """The same list by cursors. Raises Invalid for a forged one."""
    raise NotImplementedError


async def count_insights(ctx: Context, wanted: InsightFilter) -> int:
    """How many fit in all."""
    raise NotImplementedError


async def find_insight(ctx: Context, key: InsightKey) -> SavedInsight | None:
    """One that is not deleted. Needs `insight:read`."""
    raise NotImplementedError


async def get_insight(ctx: Context, key: InsightKey) -> SavedInsight:
    """As `find_insight`. Raises NotFound, also for a deleted one and one of another organisation."""
    raise NotImplementedError


async def view_insight(ctx: Context, key: InsightKey) -> SavedInsight:
    """As `get_insight`, for somebody who looks at it: notes when that was, exact to a minute."""
    raise NotImplementedError


async def create_insight(ctx: Context, new: InsightChange) -> SavedInsight:
    """Each call makes another one. Needs `insight:write`. Raises InvalidQuery, Invalid."""
    raise NotImplementedError


async def update_insight(ctx: Context, key: InsightKey, change: InsightChange) -> SavedInsight:
    """The insight with the fields that are given changed; `deleted` hides it, or brings it back. Needs `insight:write`.

    Raises NotFound (a deleted one is found only to bring it back), InvalidQuery, Invalid.
    """
    raise NotImplementedError


async def bulk_update_tags(
    ctx: Context, ids: Sequence[InsightId], action: TagAction, tags: Sequence[str]
) -> TagsUpdated:
    """Changes the tags of up to 500 insights; those that are not there are passed over. Needs `insight:write`.

    Raises Invalid for none or too many ids, and for no tags where some are to be added or removed.
    """
    raise NotImplementedError


async def list_tags(ctx: Context) -> list[str]:
    """Every tag of an insight that is not deleted, in order. Needs `insight:read`."""
    raise NotImplementedError
