"""Following what changes as it changes."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from domain.access import KeyKind, Scope
from domain.errors import NotFound
from domain.live import LiveEvent, Resync, read_cursor
from resolvers.context import Context
from resolvers.sessions import within_reach


async def watch_sub_sessions(ctx: Context, after: str | None) -> AsyncGenerator[list[LiveEvent | Resync]]:
    """The events of the caller's goal arcs after the cursor, then as they come, each once; a page at a time.

    A Resync says: read anew what you show, then go on. It comes when events are gone, and first of all where there is
    no cursor, so that nothing is missed between reading and following.
    Raises Invalid for a cursor that is not the caller's organisation's, NotFound for a candidate without a session.
    """
    ctx.caller.require(Scope.SCORES_READ)
    if ctx.caller.kind is KeyKind.CANDIDATE and ctx.caller.session_id is None:
        raise NotFound("this key is tied to no session yet: send an event first")
    if after is None:
        cursor = await ctx.services.live.now(ctx.tenant)
        yield [Resync(cursor)]
    else:
        cursor = read_cursor(after, ctx.caller.org_id)
    async with aclosing(ctx.services.live.follow(ctx.tenant, cursor)) as pages:
        async for page in pages:
            if mine := [told for told in page if isinstance(told, Resync) or within_reach(ctx, told.session_id)]:
                yield mine
