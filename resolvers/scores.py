"""Scores of a developer over calendar windows."""

from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import TypeVar
from zoneinfo import ZoneInfo

from aiodataloader import DataLoader

from domain.access import KeyKind, Scope
from domain.errors import Forbidden, NotFound
from domain.scores.headline import Headline, Tally, headline, tally
from domain.scores.totals import Totals
from domain.scores.windows import Window, WindowKind, last_windows, window_containing, zone_named
from domain.values import UserId
from persistence.score_days import Wanted
from resolvers.answers import Answer
from resolvers.context import Context
from resolvers.figures import Figures

V = TypeVar("V")


async def get_score(
    ctx: Context, window: WindowKind, time_zone: str | None = None, user_id: UserId | None = None
) -> Headline:
    """The headline of the current window, cut in `time_zone` or else the developer's own.

    `user_id` None means the caller. Raises NotFound for a developer out of sight, Invalid for an unknown zone,
    Forbidden for a candidate.
    """
    wanted, own_zone = await developer_and_zone(ctx, user_id)
    windows = last_windows(window, ctx.now(), zone_named(own_zone if time_zone is None else time_zone))
    return await headline_of(ctx, wanted, zone_named(own_zone), windows)


async def kept_answer(ctx: Context, asked: Hashable | None, make: Callable[[], Awaitable[bytes]]) -> bytes:
    """What was made last time of this question, if nothing that the caller's own scores rest on has changed since.

    `asked` tells it from all others; None for one of this very moment, which is made each time. An answer may rest on
    their arcs, flags and kept days, on their zone and on which day it is there, and on nothing else. The revision was
    read before anything that goes into an answer: what is kept under one that holds is what one would find now. Raises
    Forbidden.
    """
    user_id, zone = await developer_and_zone(ctx, None)
    revision = ctx.loaders.revision
    if revision is None or asked is None:
        return await make()
    key, now = (ctx.caller.org_id, user_id, zone, asked), ctx.now()
    text = ctx.services.answers.get(key, revision, now)
    if text is None:
        today = window_containing(WindowKind.DAILY, now, zone_named(zone))
        text = await make()
        if ctx.now() in today:  # what is made at midnight may be of either day
            ctx.services.answers.put(key, Answer(revision, today.start, today.end, text))
    return text


async def developer_and_zone(ctx: Context, user_id: UserId | None) -> tuple[UserId, str]:
    """The developer whose score is asked for, None meaning the caller, and the zone of their calendar.

    Raises NotFound for one out of sight, Forbidden for a candidate.
    """
    ctx.caller.require(Scope.SCORES_READ)
    if ctx.caller.kind is KeyKind.CANDIDATE:
        raise Forbidden("a candidate key sees one session, and a score is made of many")
    if user_id in (None, ctx.caller.user_id):
        return ctx.caller.user_id, ctx.caller.time_zone
    user = await ctx.loaders.user.load(user_id) if ctx.caller.visible_user is None else None
    if user is None:
        raise NotFound("no such developer")
    return user.id, user.time_zone


async def headline_of(ctx: Context, user_id: UserId, own_zone: ZoneInfo, windows: Sequence[Window]) -> Headline:
    """Of the last of these windows, oldest first, of a developer within reach whose days are kept in `own_zone`."""
    return headline(windows[-1], await _tallies(ctx, user_id, own_zone, windows))


async def _tallies(ctx: Context, user_id: UserId, own_zone: ZoneInfo, windows: Sequence[Window]) -> list[Tally]:
    """Windows of the developer's own zone are added up by the database; those of another one cut through days."""
    wanted = Wanted(user_id, own_zone, tuple(window.bounds for window in windows))
    if all(window.zone == own_zone for window in windows):
        return await _figures(ctx, wanted, ctx.services.tallies, ctx.loaders.tallies)
    return [tally(found) for found in await totals_of(ctx, wanted)]


async def totals_of(ctx: Context, wanted: Wanted) -> list[Totals]:
    """What each of these stretches adds up to, of a developer within reach."""
    return await _figures(ctx, wanted, ctx.services.totals, ctx.loaders.totals)


async def _figures(ctx: Context, wanted: Wanted, figures: Figures[V], loader: DataLoader[Wanted, list[V]]) -> list[V]:
    """As `kept_answer`, of what answers are made of: from one reading, which may be an earlier one."""
    org_id, revision = ctx.caller.org_id, ctx.loaders.revision
    if revision is None or wanted.user_id != ctx.caller.user_id:
        return await loader.load(wanted)
    found = figures.get(org_id, wanted, revision)
    if found is None:
        found = await loader.load(wanted)
        figures.put(org_id, wanted, revision, found)
    return found
