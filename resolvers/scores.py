"""Scores of a developer, or of everybody the caller may see, over calendar windows."""

import persistence.scores
from domain.access import KeyKind, Scope
from domain.errors import Forbidden, NotFound
from domain.scores.headline import Headline, headline
from domain.scores.windows import WindowKind, last_windows, zone_named
from domain.values import UserId
from resolvers.context import Context


async def get_score(
    ctx: Context, window: WindowKind, time_zone: str | None = None, user_id: UserId | None = None
) -> Headline:
    """The headline of the current window, cut in `time_zone` or else the developer's own.

    `user_id` None means the caller. Raises NotFound for a developer out of sight, Invalid for an unknown zone,
    Forbidden for a candidate.
    """
    ctx.caller.require(Scope.SCORES_READ)
    if ctx.caller.kind is KeyKind.CANDIDATE:
        raise Forbidden("a candidate key sees one session, and a score is made of many")
    visible = ctx.caller.visible_user
    wanted = user_id or ctx.caller.user_id
    if visible is not None and wanted != visible:
        raise NotFound("no such developer")
    windows = last_windows(window, ctx.now(), zone_named(time_zone or ctx.caller.time_zone))
    async with ctx.read() as db:
        tallies = await persistence.scores.tallies(db, ctx.caller.org_id, wanted, windows)
    return headline(windows[-1], tallies)
