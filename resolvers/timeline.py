"""What happened in a session, event by event."""

import persistence.timeline
from domain.access import Scope
from domain.errors import Invalid
from domain.timeline import StoredEvent
from domain.values import EventId, Page, SessionId
from resolvers.context import Context
from resolvers.sessions import get_session

MOST_EVENTS = 2_000
"""So many events fit on one page."""


async def list_timeline(ctx: Context, session_id: SessionId, limit: int, after: EventId | None) -> Page[StoredEvent]:
    """Events by (ts, insertion order), those that follow the event `after`.

    Raises NotFound for a session out of reach, Invalid when `after` is no event of it or `limit` lies outside 1-2000.
    """
    ctx.caller.require(Scope.SESSIONS_READ)
    if not 1 <= limit <= MOST_EVENTS:
        raise Invalid(f"first must lie between 1 and {MOST_EVENTS}")
    await get_session(ctx, session_id)
    async with ctx.read() as db:
        found = await persistence.timeline.page(db, ctx.caller.org_id, session_id, limit + 1, after)
    if found is None:
        raise Invalid("Invalid cursor")
    shown = found[:limit]
    return Page(shown, [str(stored.event.id) for stored in shown], len(found) > limit)
