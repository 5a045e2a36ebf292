"""Following what changes as it changes."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from domain.access import Scope
from domain.live import LiveEvent, Resync, read_cursor
from resolvers.context import Context


async def watch_sub_sessions(ctx: Context, after: str | None) -> AsyncGenerator[LiveEvent | Resync]:
    """The events of the caller's goal arcs after the cursor, then as they come; None begins now.

    Each event comes once. A Resync says that events are gone: read anew what you show, then go on.
    Raises Invalid for a cursor that is not the caller's organisation's.
    """
    ctx.caller.require(Scope.SCORES_READ)
    cursor = None if after is None else read_cursor(after, ctx.caller.org_id)
    async with aclosing(ctx.services.live.follow(ctx.tenant, cursor)) as events:
        async for event in events:
            yield event
