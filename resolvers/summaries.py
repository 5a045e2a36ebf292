"""Sessions summed up: one by one, by type, those that stand out, a day.

REST's older score shows what the whole organisation did to each of its developers; GraphQL what a key may read.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import persistence.judging
import persistence.session_parts
import persistence.sessions
import persistence.summaries
import persistence.summaries_of_many
import resolvers.judging
from domain.access import KeyKind, Scope
from domain.errors import Forbidden, Invalid, NotFound
from domain.languages import Language, Phrases, phrases
from domain.scores.days import date_of
from domain.scores.session import SessionScores, session_scores
from domain.scores.totals import totals
from domain.scores.windows import Bounds, WindowKind, window_containing, zone_named
from domain.session_parts import ToolUsed
from domain.session_turns import TurnTaken
from domain.sessions import Session
from domain.summaries import SessionSummary
from domain.summaries_of_many import DailySummary, Highlights, TypeStat
from domain.values import Page, SessionId, Span, UserId, Window
from persistence.database import Tenant
from persistence.summaries_of_many import Wanted
from resolvers import cursors
from resolvers.context import Context, Services
from resolvers.scores import developer_and_zone
from resolvers.session_parts import first_of

USUAL_STRETCH = timedelta(days=30)
MOST_OF_A_DAY = 200
"""So many sessions of a day are shown."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Whose sessions are summed up: of what `tenant` sees those of one developer, or all; days are cut in `zone`."""

    tenant: Tenant
    user_id: UserId | None
    zone: ZoneInfo

    def narrowed(self, user_id: UserId | None) -> "Reach":
        """To one developer, if one is named."""
        return self if user_id is None else replace(self, user_id=user_id)


def everybody(ctx: Context) -> Reach:
    """The whole organisation, whichever of its developers asks. Raises Forbidden without the scopes to read."""
    _check(ctx)
    return Reach(Tenant(ctx.caller.org_id), None, zone_named(ctx.caller.time_zone))


async def within_sight(ctx: Context, developer: UserId | None = None, time_zone: str | None = None) -> Reach:
    """What the caller may read, or of it what one developer did; in their zone unless told.

    Raises Forbidden, NotFound for a developer out of sight, Invalid for a zone that is none.
    """
    _check(ctx)
    if developer is None:
        user_id, zone = ctx.caller.visible_user, ctx.caller.time_zone
    else:
        user_id, zone = await developer_and_zone(ctx, developer)
    return Reach(ctx.tenant, user_id, zone_named(zone if time_zone is None else time_zone))


def _check(ctx: Context) -> None:
    ctx.caller.require(Scope.SESSIONS_READ)
    ctx.caller.require(Scope.SCORES_READ)
    if ctx.caller.kind is KeyKind.CANDIDATE:
        raise Forbidden("a candidate key sees one session, and this is made of many")


def stretch(now: datetime, start: datetime | None, end: datetime | None) -> Bounds:
    """[start, end): until now, and the thirty days before its end, unless told. Raises Invalid where it is empty."""
    until = end or now
    try:
        since = start or until - USUAL_STRETCH
    except OverflowError:
        raise Invalid("to lies too early") from None
    if since >= until:
        raise Invalid("from must lie before to")
    return Bounds(since, until)


def words(ctx: Context, language: Language | None, zone: ZoneInfo | None = None) -> Phrases:
    """What a caller reads is written in the language they ask for, else in that of the organisation."""
    return phrases(language or ctx.caller.settings.language, zone or zone_named(ctx.caller.time_zone))


async def session_stats(services: Services, reach: Reach, within: Bounds) -> list[TypeStat]:
    """Sessions that started then by type, the most frequent first."""
    async with services.database.read(reach.tenant) as db:
        return await persistence.summaries_of_many.stats(db, reach.tenant.org_id, Wanted(within, reach.user_id))


async def highlights(services: Services, reach: Reach, within: Bounds) -> Highlights:
    """What stands out of the sessions and goal arcs that started then."""
    async with services.database.read(reach.tenant) as db:
        return await persistence.summaries_of_many.highlights(db, reach.tenant.org_id, Wanted(within, reach.user_id))


async def find_summary(services: Services, reach: Reach, id: SessionId) -> SessionSummary | None:
    """None for a session that runs, is not there, or is out of reach."""
    if not _is_id(id):
        return None
    async with services.database.read(reach.tenant) as db:
        [found] = await persistence.summaries.summaries_by_session(db, reach.tenant.org_id, [id])
    return found


def _is_id(id: SessionId) -> bool:
    """Whether a session can have this id at all."""
    return "\x00" not in id and len(id) <= 255


async def list_summaries_at(
    services: Services, reach: Reach, within: Bounds, limit: int, offset: int
) -> list[SessionSummary]:
    """Of sessions that started then, newest first, as the old system pages."""
    span = Span(within.start, within.end)
    async with services.database.read(reach.tenant) as db:
        return await persistence.summaries.page_at(db, reach.tenant.org_id, span, reach.user_id, limit, offset)


async def list_summaries(services: Services, reach: Reach, within: Span, window: Window[str]) -> Page[SessionSummary]:
    """Of sessions that started then, newest first. Raises Invalid for a forged cursor."""
    asked = window.placed(_place)
    async with services.database.read(reach.tenant) as db:
        found = await persistence.summaries.page(db, reach.tenant.org_id, within, reach.user_id, asked)
    return cursors.page(found, window, lambda one: cursors.encode(_LIST, one.course.started_at, one.session_id))


async def count_summaries(services: Services, reach: Reach, within: Span) -> int:
    """How many `list_summaries` would show in all."""
    async with services.database.read(reach.tenant) as db:
        return await persistence.summaries.count(db, reach.tenant.org_id, within, reach.user_id)


_LIST = "summaries"


def _place(cursor: str) -> persistence.summaries.Place:
    at, id = cursors.decode(cursor, _LIST, 2)
    if not isinstance(id, str) or not _is_id(SessionId(id)):
        raise cursors.forged()
    return cursors.moment(at), SessionId(id)


@dataclass(frozen=True, slots=True)
class SessionDetails:
    """A session turn by turn, what its tools did, and what its arcs come to."""

    session: Session
    turns: Sequence[TurnTaken]
    tools: Sequence[ToolUsed]
    scores: SessionScores


async def get_details(services: Services, reach: Reach, id: SessionId) -> SessionDetails:
    """Raises NotFound for a session out of reach."""
    org_id = reach.tenant.org_id
    if not _is_id(id):
        raise NotFound("Session not found")
    async with services.database.read(reach.tenant) as db:
        [session] = await persistence.sessions.sessions_by_id(db, org_id, [id])
        if session is None:
            raise NotFound("Session not found")
        [turns] = await persistence.session_parts.turns_by_session(db, org_id, [id])
        [tools] = await persistence.session_parts.tools_by_session(db, org_id, [id])
        [arcs] = await persistence.judging.sub_sessions_by_session(db, org_id, [id])
    return SessionDetails(session, turns, tools, session_scores(totals(arcs)))


async def get_daily_summary(services: Services, reach: Reach, day: date | None) -> DailySummary:
    """A calendar day of the zone, today unless told. Raises Invalid for one at the edge of the calendar."""
    now = services.now()
    day = day or date_of(now, reach.zone)
    bounds = _bounds(day, reach.zone)
    wanted, org_id = Wanted(bounds, reach.user_id), reach.tenant.org_id
    async with services.database.read(reach.tenant) as db:
        return DailySummary(
            day=day,
            start=bounds.start,
            end=bounds.end,
            totals=await persistence.summaries_of_many.day_totals(db, org_id, wanted),
            sessions=tuple(await persistence.summaries_of_many.day_sessions(db, org_id, wanted, MOST_OF_A_DAY)),
            highlights=await persistence.summaries_of_many.highlights(db, org_id, wanted),
            generated_at=now,
        )


def _bounds(day: date, zone: ZoneInfo) -> Bounds:
    """Those of a date; nothing lies in one that the zone skipped."""
    try:
        window = window_containing(WindowKind.DAILY, datetime.combine(day, time(12), zone), zone)
        return window.bounds if date_of(window.start, zone) == day else Bounds(window.start, window.start)
    except OverflowError:
        raise Invalid("Invalid date") from None


# What follows is asked for each session of a list, so it goes through the loaders. Whoever holds the session has been
# let in already.


async def summary_of_session(ctx: Context, id: SessionId) -> SessionSummary | None:
    """None while it runs."""
    ctx.caller.require(Scope.SCORES_READ)
    return await ctx.loaders.summary_of_session.load(id)


async def turns_of_session(ctx: Context, id: SessionId, first: int) -> Sequence[TurnTaken]:
    """The turns of a session, as far as it was judged. Raises Invalid for a number outside 1-1000."""
    return first_of(await ctx.loaders.turns_of_session.load(id), first)


async def scores_of_session(ctx: Context, id: SessionId) -> SessionScores:
    """What the goal arcs that began in a session come to."""
    return session_scores(totals(await resolvers.judging.sub_sessions_of(ctx, id)))
