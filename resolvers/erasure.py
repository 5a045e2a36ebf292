"""Erasing what was recorded, for good."""

import persistence.erasure
import persistence.jobs
import persistence.sessions
from domain.access import Scope
from domain.errors import NotFound
from domain.values import OrgId, SessionId
from persistence.bus import JOBS, live_channel, session_channel
from persistence.database import Tenant, Writing
from persistence.erasure import Remainder
from resolvers.context import Context
from resolvers.sessions import within_reach


async def delete_session(ctx: Context, id: SessionId) -> None:
    """Erases a session and everything that was made of it; whatever rested on it is derived anew in the background.

    The key of a candidate stays without its session. The id is free again: events that still come for it begin a new
    session. Raises Forbidden without the scope, NotFound for a session of another tenant and for one that is gone.
    """
    ctx.caller.require(Scope.SESSIONS_DELETE)
    async with ctx.read() as db:
        found = await persistence.sessions.find(db, ctx.caller.org_id, id) if within_reach(ctx, id) else None
    if found is None:
        raise NotFound("Session not found")
    org_id = ctx.caller.org_id
    async with ctx.services.database.write(Tenant(org_id)) as db:
        remainder = await persistence.erasure.erase_sessions(db, org_id, [id])
        await _ask_for(db, org_id, remainder)
    ctx.loaders.forget()
    for channel in (session_channel(org_id, id), live_channel(org_id), JOBS):
        ctx.services.bus.announce(channel)


async def _ask_for(db: Writing, org_id: OrgId, remainder: Remainder) -> None:
    for id, user_id in sorted((id, user_id) for user_id, id in remainder.sessions):  # in the order that all keep
        await persistence.jobs.enqueue(db, org_id, user_id, [id])
    if remainder.scored:
        await persistence.jobs.enqueue_outliers(db, org_id)
