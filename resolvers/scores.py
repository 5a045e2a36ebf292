"""Scores of a developer over calendar windows."""

from collections.abc import Sequence

from domain.access import KeyKind, Scope
from domain.errors import Forbidden, NotFound
from domain.scores.changes import ScoreChange
from domain.scores.headline import Headline, headline
from domain.scores.windows import Window, WindowKind, last_windows, zone_named
from domain.values import UserId
from resolvers.context import Context


async def get_score(
    ctx: Context, window: WindowKind, time_zone: str | None = None, user_id: UserId | None = None
) -> Headline:
    """The headline of the current window, cut in `time_zone` or else the developer's own.

    `user_id` None means the caller. Raises NotFound for a developer out of sight, Invalid for an unknown zone,
    Forbidden for a candidate.
    """
    wanted, own_zone = await developer_and_zone(ctx, user_id)
    windows = last_windows(window, ctx.now(), zone_named(time_zone or own_zone))
    return await _headline(ctx, wanted, windows)


async def get_changed_score(ctx: Context, change: ScoreChange) -> Headline:
    """The headline of the windows that were told of, as it is now."""
    ctx.caller.require(Scope.SCORES_READ)
    return await _headline(ctx, change.user_id, change.windows)


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


async def _headline(ctx: Context, user_id: UserId, windows: Sequence[Window]) -> Headline:
    tallies = await ctx.loaders.tally.load_many([(user_id, window) for window in windows])
    return headline(windows[-1], tallies)
