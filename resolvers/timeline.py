"""What happened in a session, event by event."""

from collections.abc import Sequence
from datetime import datetime

import persistence.timeline
from domain.access import Scope
from domain.errors import Invalid
from domain.judging.records import SubSession
from domain.timeline import StoredEvent
from domain.values import EventId, Page, SessionId
from persistence.stretches import Stretch
from resolvers import cursors
from resolvers.context import Context
from resolvers.sessions import get_session, only_session, within_reach

MOST_EVENTS = 2_000
"""So many events fit on one page."""


async def list_timeline(ctx: Context, session_id: SessionId, limit: int, after: EventId | None) -> Page[StoredEvent]:
    """Events by (ts, insertion order), those that follow the event `after`.

    Raises NotFound for a session out of reach, Invalid when `after` is no event of it or `limit` lies outside 1-2000.
    """
    ctx.caller.require(Scope.SESSIONS_READ)
    _size(limit)
    await get_session(ctx, session_id)
    async with ctx.read() as db:
        found = await persistence.timeline.page(db, ctx.caller.org_id, session_id, limit + 1, after)
    if found is None:
        raise Invalid("Invalid cursor")
    shown = found[:limit]
    return Page(shown, [str(stored.event.id) for stored in shown], len(found) > limit)


# What follows is asked for each item of a list at once, so it goes through the loaders. Whoever holds the session or
# the arc has been let in already.


async def events_of_session(
    ctx: Context, id: SessionId, first: int, after: str | None, prompts_only: bool = False
) -> Page[StoredEvent]:
    """As `list_timeline`, with cursors that hold the place itself. Raises Invalid for a forged one."""
    limit, place = _size(first), _place(after)
    found = await ctx.loaders.events_of_session.load(Stretch(id, limit + 1, place, prompts_only))
    return _page(found, limit)


async def events_of_arc(ctx: Context, arc: SubSession, first: int, after: str | None) -> Page[StoredEvent]:
    """What the sessions of an arc hold between its first and its last event, as far as they are within reach.

    Raises Invalid as above.
    """
    limit, place = _size(first), _place(after)
    wanted = Stretch(arc.id, limit + 1, place, only=only_session(ctx))
    return _page(await ctx.loaders.events_of_arc.load(wanted), limit)


async def count_events_of_arc(ctx: Context, arc: SubSession) -> int:
    """How many `events_of_arc` would show in all."""
    return await ctx.loaders.event_count_of_arc.load(Stretch(arc.id, only=only_session(ctx)))


async def list_events(ctx: Context, session_id: SessionId, ids: Sequence[EventId]) -> list[StoredEvent]:
    """Those events that are stored and within reach; first looked for in that session, then in others of the arc."""
    found = await ctx.loaders.event.load_many([(session_id, id) for id in ids])
    return [stored for stored in found if stored is not None and within_reach(ctx, stored.event.session_id)]


async def find_event(ctx: Context, session_id: SessionId, id: EventId) -> StoredEvent | None:
    """An event of a session within the caller's reach."""
    ctx.caller.require(Scope.SESSIONS_READ)
    stored = await ctx.loaders.event.load((session_id, id)) if within_reach(ctx, session_id) else None
    return stored if stored is not None and stored.event.session_id == session_id else None


def _size(first: int) -> int:
    if not 1 <= first <= MOST_EVENTS:
        raise Invalid(f"first must lie between 1 and {MOST_EVENTS}")
    return first


def _place(after: str | None) -> tuple[datetime, int] | None:
    if after is None:
        return None
    ts, seq = cursors.decode(after, 2)
    if not isinstance(seq, int) or not 0 <= seq < 2**63:
        raise Invalid("this cursor was not made by this server")
    return cursors.moment(ts), seq


def _page(found: list[StoredEvent], limit: int) -> Page[StoredEvent]:
    shown = found[:limit]
    return Page(shown, [cursors.encode(e.event.ts, e.seq) for e in shown], len(found) > limit)
