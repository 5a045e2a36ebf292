"""What happened in a session, event by event."""

from collections.abc import Sequence
from dataclasses import dataclass

import persistence.timeline
from domain.access import Scope
from domain.errors import Invalid
from domain.judging.prompts import JudgedPrompt
from domain.judging.records import SubSession
from domain.outlines import Landmark, Outline
from domain.session_parts import ToolCount
from domain.sessions import Session
from domain.timeline import Event, Kind, StoredEvent
from domain.values import EventId, Page, SessionId, Span, SubSessionId, Window
from persistence.prompts import Asked
from persistence.stretches import Place, Stretch
from resolvers import cursors
from resolvers.context import Context
from resolvers.sessions import get_session, only_session, within_reach

MOST_EVENTS = 2_000
"""So many events fit on one page of REST."""


async def list_timeline(ctx: Context, session_id: SessionId, limit: int, after: EventId | None) -> Page[StoredEvent]:
    """Events by (ts, insertion order), those that follow the event `after`, as REST pages: ids are its cursors.

    Raises NotFound for a session out of reach, Invalid when `after` is no event of it or `limit` lies outside 1-2000.
    """
    ctx.caller.require(Scope.SESSIONS_READ)
    if not 1 <= limit <= MOST_EVENTS:
        raise Invalid(f"limit must lie between 1 and {MOST_EVENTS}")
    await get_session(ctx, session_id)
    async with ctx.read() as db:
        found = await persistence.timeline.page(db, ctx.caller.org_id, session_id, limit + 1, after)
    if found is None:
        raise Invalid("Invalid cursor")
    shown = found[:limit]
    return Page(shown, [str(stored.event.id) for stored in shown], len(found) > limit)


async def list_decisions(ctx: Context, session_id: SessionId) -> list[StoredEvent]:
    """All decisions of a session by (ts, insertion order). Raises NotFound for a session out of reach."""
    session = await get_session(ctx, session_id)
    if session.decision_count == 0:
        return []
    async with ctx.read() as db:
        return await persistence.timeline.decisions(db, ctx.caller.org_id, session_id)


# What follows is asked for each item of a list at once, so it goes through the loaders. Whoever holds the session or
# the arc has been let in already.


@dataclass(frozen=True, slots=True)
class TimelineFilter:
    """Which events of a session: of these kinds, of all if there are none, and what happened within."""

    kinds: tuple[Kind, ...] = ()
    within: Span = Span()


_EVERYTHING = TimelineFilter()


async def events_of_session(
    ctx: Context, id: SessionId, window: Window[str], wanted: TimelineFilter = _EVERYTHING
) -> Page[StoredEvent]:
    """As `list_timeline`, with cursors that hold the place itself. Raises Invalid for a forged one."""
    placed = _placed(window, f"timeline {id}")
    stretch = Stretch(id, placed, kinds=wanted.kinds, within=wanted.within)
    return _page(await ctx.loaders.events_of_session.load(stretch), window, f"timeline {id}")


async def count_events_of_session(ctx: Context, session: Session, wanted: TimelineFilter = _EVERYTHING) -> int:
    """How many `events_of_session` would show in all."""
    if wanted == _EVERYTHING:
        return session.event_count
    stretch = Stretch(session.id, kinds=wanted.kinds, within=wanted.within)
    return await ctx.loaders.event_count_of_session.load(stretch)


async def prompts_of_session(ctx: Context, id: SessionId, window: Window[str]) -> Page[StoredEvent]:
    """As `events_of_session`, those in which the user wrote."""
    wanted = Stretch(id, _placed(window, f"prompts {id}"), prompts_only=True)
    return _page(await ctx.loaders.events_of_session.load(wanted), window, f"prompts {id}")


async def count_prompts_of_session(ctx: Context, id: SessionId) -> int:
    """How many `prompts_of_session` would show in all."""
    return await ctx.loaders.event_count_of_session.load(Stretch(id, prompts_only=True))


async def outline_of_session(ctx: Context, id: SessionId, kinds: tuple[Kind, ...]) -> Outline:
    """The timeline from afar; only events of those kinds count, all without any."""
    return await ctx.loaders.outline_of_session.load((id, kinds))


def cursor_of(landmark: Landmark) -> str:
    """For `events_of_session`, which goes on after this event."""
    return cursors.encode(f"timeline {landmark.session_id}", landmark.ts, landmark.seq)


async def events_of_arc(ctx: Context, arc: SubSession, window: Window[str]) -> Page[StoredEvent]:
    """What the sessions of an arc hold between its first and its last event, as far as they are within reach.

    Raises Invalid as above.
    """
    wanted = Stretch(arc.id, _placed(window, f"timeline {arc.id}"), only=only_session(ctx))
    return _page(await ctx.loaders.events_of_arc.load(wanted), window, f"timeline {arc.id}")


async def count_events_of_arc(ctx: Context, arc: SubSession) -> int:
    """How many `events_of_arc` would show in all."""
    return await ctx.loaders.event_count_of_arc.load(Stretch(arc.id, only=only_session(ctx)))


async def tools_of_arc(ctx: Context, arc: SubSession) -> list[ToolCount]:
    """The tools called in it, those with the most calls first."""
    ctx.caller.require(Scope.SCORES_READ)
    return await ctx.loaders.tools_of_arc.load(Stretch(arc.id, only=only_session(ctx)))


async def list_events(ctx: Context, session_id: SessionId, ids: Sequence[EventId]) -> list[StoredEvent]:
    """Those events that are stored and within reach; first looked for in that session, then in others of the arc."""
    found = await ctx.loaders.event.load_many([(session_id, id) for id in ids])
    return [stored for stored in found if stored is not None and within_reach(ctx, stored.event.session_id)]


async def find_event(ctx: Context, session_id: SessionId, id: EventId) -> StoredEvent | None:
    """An event of a session within the caller's reach."""
    ctx.caller.require(Scope.SESSIONS_READ)
    stored = await ctx.loaders.event.load((session_id, id)) if within_reach(ctx, session_id) else None
    return stored if stored is not None and stored.event.session_id == session_id else None


async def judged_prompt(ctx: Context, prompt: Event, arc_id: SubSessionId | None) -> JudgedPrompt | None:
    """What was judged of a prompt in the arc that it is shown in, or else in its own; None where it is in none."""
    ctx.caller.require(Scope.SCORES_READ)
    return await ctx.loaders.judged_prompt.load(Asked(prompt.session_id, prompt.id, arc_id))


def _placed(window: Window[str], of: str) -> Window[Place]:
    def place(cursor: str) -> Place:
        ts, seq = cursors.decode(cursor, of, 2)
        if not isinstance(seq, int) or isinstance(seq, bool) or not 0 <= seq < 2**63:
            raise cursors.forged()
        return cursors.moment(ts), seq

    return window.placed(place)


def _page(found: list[StoredEvent], window: Window[str], of: str) -> Page[StoredEvent]:
    return cursors.page(found, window, lambda stored: cursors.encode(of, stored.event.ts, stored.seq))
