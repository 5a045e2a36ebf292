"""Recorded sessions: get, list, register, update."""

from dataclasses import replace
from datetime import datetime

import persistence.candidates
import persistence.cohorts
import persistence.jobs
import persistence.session_figures
import persistence.session_lists
import persistence.session_texts
import persistence.sessions
from domain.access import KeyKind, Scope
from domain.errors import Conflict, Forbidden, Invalid, NotFound
from domain.ingest.clean import storable
from domain.redaction import redact, redact_json
from domain.sessions import Session, SessionFilter, SessionOrder, SessionSort, clean_title
from domain.values import UNSET, JsonObject, JsonValue, Page, SessionId, Unset, Window
from persistence.bus import JOBS
from persistence.database import Writing
from persistence.identifiers import new_id
from resolvers import cursors
from resolvers.context import Context


async def get_session(ctx: Context, id: SessionId) -> Session:
    """The caller's session. Raises NotFound, also for a session of another tenant or not the candidate's own."""
    session = await find_session(ctx, id)
    if session is None:
        raise NotFound("Session not found")
    return session


async def find_session(ctx: Context, id: SessionId) -> Session | None:
    """As `get_session`, None instead of NotFound."""
    ctx.caller.require(Scope.SESSIONS_READ)
    return await ctx.loaders.session.load(id) if within_reach(ctx, id) else None


def within_reach(ctx: Context, id: SessionId) -> bool:
    """A candidate sees the one session tied to its key; ids that no row can have are not looked up."""
    if "\x00" in id or len(id) > 255:
        return False
    return ctx.caller.kind is not KeyKind.CANDIDATE or ctx.caller.session_id == id


def only_session(ctx: Context) -> SessionId | None:
    """The one session that this caller is narrowed to, "" for none yet; None for everybody but candidates."""
    return (ctx.caller.session_id or SessionId("")) if ctx.caller.kind is KeyKind.CANDIDATE else None


def _reachable(ctx: Context, wanted: SessionFilter) -> SessionFilter:
    """A candidate is shown the one session tied to its key; a developer's own are found along an index of theirs."""
    may = ctx.caller.may(Scope.SCORES_READ)
    wanted = replace(wanted, user_id=wanted.user_id or ctx.caller.visible_user, searches_arcs=may)
    only = only_session(ctx)
    return wanted if only is None else replace(wanted, only=only)


async def list_sessions(
    ctx: Context, wanted: SessionFilter, window: Window[str], sort: SessionSort | None = None
) -> Page[Session]:
    """Sorted; unless told the most relevant first if there is a search, else the newest. Those without a value come
    last. Raises Invalid for a forged cursor, that of a list sorted otherwise, and relevance without a search."""
    ctx.caller.require(Scope.SESSIONS_READ)
    sort = sort or SessionSort(SessionOrder.RELEVANCE if wanted.search else SessionOrder.START)
    if sort.by is SessionOrder.RELEVANCE and wanted.search is None:
        raise Invalid("only what meets a search is more or less relevant: give filter.search")
    of = "sessions" if sort.by is SessionOrder.START else f"sessions by {sort.by}"
    placed = window.placed(lambda cursor: _place(cursor, of, sort.by))
    async with ctx.read() as db:
        found = await persistence.session_lists.page(db, ctx.caller.org_id, _reachable(ctx, wanted), sort, placed)
    page = cursors.page(found, window, lambda listed: cursors.encode(of, listed.key, listed.session.id))
    return Page([listed.session for listed in page.items], page.cursors, page.has_next, page.has_previous)


def _place(cursor: str, of: str, by: SessionOrder) -> persistence.session_lists.Place:
    key, id = cursors.decode(cursor, of, 2)
    if not isinstance(id, str) or "\x00" in id:
        raise cursors.forged()
    return None if key is None else _key(key, by), SessionId(id)


_TIMES = (SessionOrder.START, SessionOrder.ACTIVITY)
_FRACTIONS = (SessionOrder.COST, SessionOrder.RELEVANCE)


def _key(key: JsonValue, by: SessionOrder) -> datetime | int | float:
    if by in _TIMES:
        return cursors.moment(key)
    if isinstance(key, bool) or not isinstance(key, int | float) or abs(key) >= 2**63:
        raise cursors.forged()
    if (isinstance(key, float) and by not in _FRACTIONS) or (by is SessionOrder.RELEVANCE and not 0 <= key <= 1):
        raise cursors.forged()
    return key


async def list_sessions_at(ctx: Context, wanted: SessionFilter, limit: int, offset: int) -> tuple[list[Session], int]:
    """As the old system pages: by offset, with the number of all matches."""
    ctx.caller.require(Scope.SESSIONS_READ)
    wanted = _reachable(ctx, wanted)
    async with ctx.read() as db:
        page = await persistence.session_lists.page_at(db, ctx.caller.org_id, wanted, limit, offset)
        return page, await persistence.session_lists.count(db, ctx.caller.org_id, wanted)


async def count_sessions(ctx: Context, wanted: SessionFilter) -> int:
    ctx.caller.require(Scope.SESSIONS_READ)
    async with ctx.read() as db:
        return await persistence.session_lists.count(db, ctx.caller.org_id, _reachable(ctx, wanted))


async def create_session(
    ctx: Context, id: SessionId | None, source_service: str | None, metadata: JsonObject
) -> Session:
    """Registers a session that has no events yet; secrets in `metadata` are redacted like those in events.

    The id stays as it is spelled: events name their session by the same text. Raises Conflict when it is taken, by
    whomever, Forbidden when a candidate key is tied to another session.
    """
    ctx.caller.require(Scope.SESSIONS_WRITE)
    wanted = id or SessionId(str(new_id()))
    caller, kept = ctx.caller, _kept(ctx, metadata)
    service = None if source_service is None else str(storable(source_service))
    async with ctx.write() as db:
        if caller.kind is KeyKind.CANDIDATE:
            kept = {**await _tie(ctx, db, wanted), **kept}
        session = await persistence.sessions.create(db, caller.org_id, caller.user_id, wanted, service, kept)
        if session is None:
            raise Conflict("Session already exists", str(wanted))
        await persistence.session_figures.refresh(db, caller.org_id, [wanted])
    return session


async def _tie(ctx: Context, db: Writing, id: SessionId) -> JsonObject:
    """Ties the caller's key to the session; what the key tells of it. Raises Forbidden."""
    caller = ctx.caller
    tied = await persistence.candidates.tie(db, caller.org_id, caller.key_id, id, ctx.now())
    if tied is None or tied.session_id != id:
        raise Forbidden("this key is tied to another session")
    await persistence.cohorts.settle(db, caller.org_id, [caller.key_id])
    return tied.facts or {}


def _title(ctx: Context, title: str) -> str:
    kept = clean_title(str(storable(title)))
    return redact(kept).text if ctx.caller.settings.redaction else kept


def _kept(ctx: Context, metadata: JsonObject) -> JsonObject:
    """As it is stored."""
    clean = storable(metadata)
    kept, _ = redact_json(clean) if ctx.caller.settings.redaction else (clean, ())
    assert isinstance(kept, dict)
    return kept


async def update_session(
    ctx: Context,
    id: SessionId,
    *,
    ended_at: datetime | Unset | None = UNSET,
    metadata: JsonObject | Unset = UNSET,
    title: str | Unset | None = UNSET,
) -> Session:
    """Sets when a session ended (None: it goes on) and its title (None: as the tool calls it), and replaces its
    metadata; what is left out keeps its value.

    Repeating the call changes nothing more. Another end has the session judged again, and completes the key of its
    candidate; without one the candidate is at work again, unless the time for it is up: then it ended at that moment.
    Raises NotFound as `get_session` does, Invalid for a title that is empty or too long.
    """
    ctx.caller.require(Scope.SESSIONS_WRITE)
    kept = metadata if isinstance(metadata, Unset) else _kept(ctx, metadata)
    called = _title(ctx, title) if isinstance(title, str) else title
    async with ctx.write() as db:
        before = await _locked(ctx, db, id)
        if ended_at is None:
            ended_at = await _end_of_time(ctx, db, id)
        await persistence.sessions.update(db, ctx.caller.org_id, id, ended_at, kept, given_title=called)
        if not isinstance(title, Unset):
            await persistence.session_texts.refresh(db, ctx.caller.org_id, [id])
        await persistence.session_figures.refresh(db, ctx.caller.org_id, [id])
        moved = not isinstance(ended_at, Unset) and ended_at != before.stopped_at
        if moved:
            await persistence.jobs.enqueue(db, ctx.caller.org_id, before.user_id, [id])
        if isinstance(ended_at, datetime):
            await persistence.candidates.complete(db, ctx.caller.org_id, [id], ctx.now())
        elif ended_at is None:
            await persistence.candidates.reopen(db, ctx.caller.org_id, [id])
        session = await _locked(ctx, db, id)
    if moved:
        ctx.services.bus.announce(JOBS)
    ctx.loaders.forget()
    return session


async def _end_of_time(ctx: Context, db: Writing, id: SessionId) -> datetime | None:
    """When the time that the candidate had was up; None as long as it is not, or has no limit."""
    limit = await persistence.candidates.limit(db, ctx.caller.org_id, id)
    return limit if limit is not None and limit <= ctx.now() else None


async def merge_metadata(ctx: Context, id: SessionId, metadata: JsonObject) -> Session:
    """Overwrites the top-level keys that are given, also with null; other keys stay. Raises NotFound."""
    ctx.caller.require(Scope.SESSIONS_WRITE)
    async with ctx.write() as db:
        await _locked(ctx, db, id)
        await persistence.sessions.update(db, ctx.caller.org_id, id, metadata=_kept(ctx, metadata), merge=True)
        await persistence.session_figures.refresh(db, ctx.caller.org_id, [id])
        session = await _locked(ctx, db, id)
    ctx.loaders.forget()
    return session


async def _locked(ctx: Context, db: Writing, id: SessionId) -> Session:
    session = await persistence.sessions.locked(db, ctx.caller.org_id, id) if within_reach(ctx, id) else None
    if session is None:
        raise NotFound("Session not found")
    return session
