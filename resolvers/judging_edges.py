"""Goal arcs as edges of other objects: asked for each item of a list at once, so they go through the loaders."""

from domain.access import Scope
from domain.judging.records import SubSession
from domain.values import SessionId
from resolvers.context import Context
from resolvers.sessions import within_reach


async def sub_sessions_of(ctx: Context, id: SessionId) -> list[SubSession]:
    """The arcs that began in a session, oldest first; merged fragments are left out."""
    ctx.caller.require(Scope.SCORES_READ)
    return await ctx.loaders.sub_sessions_by_session.load(id) if within_reach(ctx, id) else []


async def fragments_of(ctx: Context, arc: SubSession) -> list[SubSession]:
    """The fragments joined in an arc, itself included, as far as they are within reach."""
    ctx.caller.require(Scope.SCORES_READ)
    found = await ctx.loaders.sub_session.load_many(list(arc.fragment_ids))
    return [part for part in found if part is not None and within_reach(ctx, part.session_id)]
