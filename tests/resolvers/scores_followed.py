"""Builders for those who follow scores."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime

import persistence.live
from domain.access import Org, Scope
from domain.live import BEGINNING, Cursor, LiveEvent
from domain.scores.changes import SCORE_CHANGED, ScoreChange, score_news
from domain.scores.windows import WindowKind
from domain.values import UserId
from persistence.bus import live_channel
from persistence.database import Tenant
from resolvers.context import Context, Services
from resolvers.score_changes import watch_score
from tests.make import sub_session
from tests.make_context import DEVELOPER, make_context, make_user
from tests.make_live import one_by_one, settled, take

Changes = AsyncGenerator[ScoreChange]


async def colleague_of(org: Org, services: Services, *more: Scope, time_zone: str = "UTC") -> Context:
    user = await make_user(services.database.urls, org, time_zone=time_zone)
    return await make_context(services, org=org, user=user, scopes=DEVELOPER | {*more})


def follow(
    ctx: Context,
    after: Cursor | str | None,
    kind: WindowKind = WindowKind.DAILY,
    user_id: UserId | None = None,
) -> Changes:
    return one_by_one(watch_score(ctx, kind, user_id, None if after is None else str(after)))


async def begun(ctx: Context, kind: WindowKind = WindowKind.DAILY, user_id: UserId | None = None) -> Cursor:
    """The cursor of the first word of a stream."""
    async with aclosing(follow(ctx, None, kind, user_id)) as changes:
        [first] = await take(changes, 1)
    return first.cursor


async def tell_of(ctx: Context, *starts: datetime, settle: bool = True) -> None:
    """One transaction in which an arc of the caller becomes scored for each of these starts."""
    caller = ctx.caller
    async with ctx.services.database.write(Tenant(caller.org_id)) as db:
        for start in starts:
            arc = sub_session(started_at=start, user_id=caller.user_id)
            await persistence.live.append(db, caller.org_id, score_news(None, arc))
    if settle:
        await settled(ctx.services.database)
    ctx.services.bus.announce(live_channel(caller.org_id))


async def log_of(ctx: Context) -> list[LiveEvent]:
    async with ctx.services.database.read(Tenant(ctx.caller.org_id)) as db:
        log = await persistence.live.after(db, ctx.caller.org_id, BEGINNING, 1_000_000)
    return [event for event in log if event.name == SCORE_CHANGED]
