"""Goal arcs as judged: get, list, rename."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import persistence.clusters
import persistence.jobs
import persistence.judging
import persistence.labels
from domain.access import Scope
from domain.errors import Invalid, NotFound
from domain.judging.filters import SubSessionFilter
from domain.judging.labels import clean_label, no_such_arc, unchanged
from domain.judging.records import Label, SubSession, TitleSource
from domain.values import UNSET, Page, SessionId, Span, SubSessionId, Unset, Window
from persistence.bus import live_channel
from persistence.database import Reading, Writing
from resolvers import cursors
from resolvers.context import Context
from resolvers.derivation import derive_now
from resolvers.sessions import only_session, within_reach

MOST_RECENT = 500


async def get_sub_session(ctx: Context, id: SubSessionId) -> SubSession:
    """An arc within the caller's reach, a merged fragment too. Raises NotFound for any other."""
    arc = await find_sub_session(ctx, id)
    if arc is None:
        raise NotFound("Sub-session not found")
    return arc


async def find_sub_session(ctx: Context, id: SubSessionId) -> SubSession | None:
    """As `get_sub_session`, None instead of NotFound."""
    ctx.caller.require(Scope.SCORES_READ)
    arc = await ctx.loaders.sub_session.load(id)
    return arc if arc is not None and within_reach(ctx, arc.session_id) else None


async def sub_sessions_of(ctx: Context, id: SessionId) -> list[SubSession]:
    """The arcs that began in a session, oldest first; merged fragments are left out."""
    ctx.caller.require(Scope.SCORES_READ)
    return await ctx.loaders.sub_sessions_by_session.load(id) if within_reach(ctx, id) else []


async def fragments_of(ctx: Context, arc: SubSession) -> list[SubSession]:
    """The fragments joined in an arc, itself included, as far as they are within reach."""
    ctx.caller.require(Scope.SCORES_READ)
    found = await ctx.loaders.sub_session.load_many(list(arc.fragment_ids))
    return [part for part in found if part is not None and within_reach(ctx, part.session_id)]


async def reworked_by(ctx: Context, arc: SubSession) -> list[SubSession]:
    """The arcs that this one undid, newest first, as far as they are within reach."""
    ctx.caller.require(Scope.SCORES_READ)
    found = await ctx.loaders.reworked_by_sub_session.load(arc.id)
    return [earlier for earlier in found if within_reach(ctx, earlier.session_id)]


async def list_sub_sessions(ctx: Context, wanted: SubSessionFilter, window: Window[str]) -> Page[SubSession]:
    """Newest first. Raises Invalid for a forged cursor."""
    found = await _page(ctx, wanted, window.placed(_place))
    return cursors.page(found, window, lambda arc: cursors.encode(_LIST, arc.started_at, str(arc.id)))


async def count_sub_sessions(ctx: Context, wanted: SubSessionFilter) -> int:
    """How many `list_sub_sessions` would show in all."""
    ctx.caller.require(Scope.SCORES_READ)
    async with ctx.read() as db:
        return await persistence.judging.count(db, ctx.caller.org_id, _reachable(ctx, wanted))


async def list_recent_sub_sessions(
    ctx: Context, since: datetime, limit: int, session_id: SessionId | None = None
) -> Sequence[SubSession]:
    """The caller's own arcs that started at `since` or later, newest first. Raises Invalid outside 1-500."""
    if not 1 <= limit <= MOST_RECENT:
        raise Invalid(f"limit must lie between 1 and {MOST_RECENT}")
    wanted = SubSessionFilter(Span(start=since), user_id=ctx.caller.user_id, session_id=session_id)
    return (await _page(ctx, wanted, Window(limit)))[:limit]


async def _page(ctx: Context, wanted: SubSessionFilter, window: Window[persistence.judging.Place]) -> list[SubSession]:
    ctx.caller.require(Scope.SCORES_READ)
    async with ctx.read() as db:
        return await persistence.judging.page(db, ctx.caller.org_id, _reachable(ctx, wanted), window)


def _reachable(ctx: Context, wanted: SubSessionFilter) -> SubSessionFilter:
    """A candidate is shown the one session tied to its key; a developer's own are found along an index of theirs."""
    wanted = replace(wanted, user_id=wanted.user_id or ctx.caller.visible_user)
    only = only_session(ctx)
    if only is None:
        return wanted
    return replace(wanted, session_id=only if wanted.session_id in (None, only) else SessionId(""))


_LIST = "subSessions"


def _place(cursor: str) -> persistence.judging.Place:
    started_at, id = cursors.time_and_id(cursor, _LIST)
    return started_at, SubSessionId(id)


async def rename_sub_session(
    ctx: Context, id: SubSessionId, title: str | None = None, summary: str | Unset | None = UNSET
) -> SubSession:
    """Gives an arc of the caller's own a title, a summary, or both, which no later judging changes.

    What is left out stays as it is; a summary of None is cleared. A merged fragment stands for its arc.
    Raises NotFound for another developer's arc, Invalid for text that is empty or too long.
    """
    ctx.caller.require(Scope.LABELS_WRITE)
    if title is None and summary is UNSET:
        raise unchanged()
    new_title, new_summary = clean_label(title, summary if isinstance(summary, str) else None)
    async with ctx.write() as db:
        arc = await _locked(ctx, db, id)
        kept = arc.label.summary if summary is UNSET else new_summary
        label = Label(new_title or arc.label.title, kept, TitleSource.USER_EDITED)
        renamed = await persistence.labels.relabel(db, ctx.caller.org_id, arc, label)
    ctx.services.bus.announce(live_channel(ctx.caller.org_id))
    ctx.loaders.forget()
    return renamed


async def reset_sub_session_label(ctx: Context, id: SubSessionId) -> SubSession:
    """Takes the caller's edit of a label back: title and summary are again those that follow from the events.

    Raises NotFound for another developer's arc, Unavailable while others change the same work.
    """
    ctx.caller.require(Scope.LABELS_WRITE)
    async with ctx.write() as db:
        arc = await _locked(ctx, db, id)
        await persistence.labels.forget_edits(db, ctx.caller.org_id, arc)
        # So that a worker does it, should this process end before it has.
        await persistence.jobs.enqueue(db, ctx.caller.org_id, arc.user_id, [arc.session_id])
    await derive_now(ctx.services, ctx.caller.org_id, arc.session_id)
    written = await newest(ctx, arc.id)
    if written is None:
        raise no_such_arc()
    return written


async def newest(ctx: Context, id: SubSessionId) -> SubSession | None:
    """An arc as it is stored now; None where new events have meanwhile moved its beginning.

    Not through what a reader may: this key may be one that only writes labels.
    """
    ctx.loaders.forget()
    async with ctx.read() as db:
        return await persistence.judging.find(db, ctx.caller.org_id, id)


async def _locked(ctx: Context, db: Writing, id: SubSessionId) -> SubSession:
    arc = await locked_arc(ctx, db, id)
    if arc is None:
        raise no_such_arc()
    return arc


async def locked_arc(ctx: Context, db: Writing, id: SubSessionId) -> SubSession | None:
    """The caller's own arc, which nobody else changes before this transaction ends; None for any other."""
    await persistence.clusters.lock(db, ctx.caller.org_id, [ctx.caller.user_id])
    return await own_arc(ctx, db, id)


async def own_arc(ctx: Context, db: Reading, id: SubSessionId) -> SubSession | None:
    """The caller's own arc, for a merged fragment the one that it belongs to; None for any other."""
    arc = await persistence.judging.find(db, ctx.caller.org_id, id)
    if arc is not None and arc.merged_into_id is not None:
        arc = await persistence.judging.find(db, ctx.caller.org_id, arc.merged_into_id)
    if arc is None or arc.user_id != ctx.caller.user_id or not within_reach(ctx, arc.session_id):
        return None
    return arc
