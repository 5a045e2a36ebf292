"""Which version of the score the caller likes to be shown. It changes no number."""

import persistence.access
from domain.access import Scope
from domain.score_versions import ScoreVersion, ScoreVersionChoice
from resolvers.access import get_viewer
from resolvers.context import Context


async def get_score_version(ctx: Context) -> ScoreVersionChoice:
    """What the developer behind the key prefers, and what their organisation shows unless told."""
    user = await get_viewer(ctx)
    return ScoreVersionChoice(user.score_version, ctx.caller.settings.score_default)


async def set_score_version(ctx: Context, version: ScoreVersion | None) -> ScoreVersionChoice:
    """Keeps what the developer behind the key prefers; None goes back to the organisation's default."""
    ctx.caller.require(Scope.LABELS_WRITE)
    async with ctx.write() as db:
        await persistence.access.save_score_version(db, ctx.caller.org_id, ctx.caller.user_id, version)
    ctx.loaders.forget()
    return ScoreVersionChoice(version, ctx.caller.settings.score_default)
