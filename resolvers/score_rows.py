"""The rows behind a developer's figures: always the caller's own, newest first, a single statement for each list."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import persistence.flags
import persistence.judging
import persistence.scores
from domain.access import Scope
from domain.errors import Invalid
from domain.judging.filters import FlagFilter, SubSessionFilter
from domain.judging.labels import no_such_arc
from domain.judging.prompts import JudgedPrompt, judged_prompts
from domain.judging.records import SubSession
from domain.scores.trivia import LeftOut
from domain.scores.windows import Window as CalendarWindow
from domain.scores.windows import WindowKind, window_containing, zone_named
from domain.values import Span, SubSessionId, Window
from persistence.flags import Listed
from persistence.stretches import Stretch
from resolvers.context import Context
from resolvers.judging import get_sub_session
from resolvers.scores import developer_and_zone
from resolvers.sessions import only_session

MOST_ROWS = 1_000
"""So many rows are shown of a window, and of an arc's prompts."""


async def list_qualifying(ctx: Context, kind: WindowKind) -> Sequence[SubSession]:
    """The arcs of the current window that its score is made of. Raises Forbidden for a candidate, as do the others."""
    return await _arcs(ctx, SubSessionFilter((await _window(ctx, kind)).span, qualifying=True), MOST_ROWS)


async def list_left_out(ctx: Context, kind: WindowKind) -> Sequence[LeftOut]:
    """The arcs of the current window that were left out of its score."""
    user_id, _ = await developer_and_zone(ctx, None)
    bounds = (await _window(ctx, kind)).bounds
    return await persistence.scores.left_out(ctx.services.database, ctx.tenant, user_id, bounds, MOST_ROWS)


async def list_rubrics(ctx: Context, limit: int, within: Span = Span()) -> Sequence[SubSession]:
    """Closed arcs past the substance floor, graded or not. Raises Invalid unless the span begins before its end."""
    if within.start is not None and within.end is not None and within.start >= within.end:
        raise Invalid("from must lie before to")
    return await _arcs(ctx, SubSessionFilter(within, past_floor=True), limit)


async def list_own_flags(ctx: Context, since: datetime, limit: int) -> Sequence[Listed]:
    """Integrity flags of arcs that started at `since` or later."""
    user_id, _ = await developer_and_zone(ctx, None)
    wanted = FlagFilter(Span(start=since), user_id)
    async with ctx.read() as db:
        return (await persistence.flags.page(db, ctx.caller.org_id, wanted, Window(limit)))[:limit]


async def list_prompts(ctx: Context, id: SubSessionId) -> Sequence[JudgedPrompt]:
    """What the developer wrote between the first and the last event of an arc, in order, as far as it was judged.

    Raises NotFound for an arc of somebody else, whatever the key may read otherwise.
    """
    ctx.caller.require(Scope.SESSIONS_READ)
    arc = await get_sub_session(ctx, id)
    if arc.user_id != ctx.caller.user_id:
        raise no_such_arc()
    wanted = Stretch(arc.id, Window(MOST_ROWS), prompts_only=True, only=only_session(ctx))
    found = await ctx.loaders.events_of_arc.load(wanted)
    return judged_prompts(arc, [stored.event for stored in found[:MOST_ROWS]])


async def _window(ctx: Context, kind: WindowKind) -> CalendarWindow:
    _, zone = await developer_and_zone(ctx, None)
    return window_containing(kind, ctx.now(), zone_named(zone))


async def _arcs(ctx: Context, wanted: SubSessionFilter, limit: int) -> Sequence[SubSession]:
    user_id, _ = await developer_and_zone(ctx, None)
    own = replace(wanted, user_id=user_id)
    async with ctx.read() as db:
        return (await persistence.judging.page(db, ctx.caller.org_id, own, Window(limit)))[:limit]
