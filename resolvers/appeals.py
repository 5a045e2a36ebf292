"""The developer's word against a verdict: appeal, withdraw."""

import persistence.appeals
import persistence.jobs
from domain.access import Scope
from domain.judging.appeals import clean_reason, not_judged, nothing_to_appeal
from domain.judging.records import SubSession
from domain.values import SubSessionId
from persistence.database import Writing
from resolvers.context import Context
from resolvers.derivation import derive_now
from resolvers.judging import locked_arc, newest


async def appeal_verdict(ctx: Context, id: SubSessionId, goal_complete: bool, reason: str) -> SubSession:
    """Puts the caller's word beside the judge's on an arc of their own; it counts until they withdraw it.

    A second appeal takes the place of the first. A merged fragment stands for its arc. Raises NotFound for another
    developer's arc, Invalid for a reason that is empty or too long, and for an arc without a verdict.
    """
    ctx.caller.require(Scope.LABELS_WRITE)
    reason = clean_reason(reason)
    async with ctx.write() as db:
        arc = await _own(ctx, db, id)
        if not arc.qualifying:
            raise not_judged()
        await persistence.appeals.save(db, ctx.caller.org_id, arc, goal_complete, reason)
        await _ask_again(ctx, db, arc)
    return await _derived(ctx, arc)


async def withdraw_appeal(ctx: Context, id: SubSessionId) -> SubSession:
    """Takes the caller's word back: the judge's counts again. Without an appeal nothing changes.

    Raises NotFound for another developer's arc.
    """
    ctx.caller.require(Scope.LABELS_WRITE)
    async with ctx.write() as db:
        arc = await _own(ctx, db, id)
        await persistence.appeals.forget(db, ctx.caller.org_id, arc)
        await _ask_again(ctx, db, arc)
    return await _derived(ctx, arc)


async def _own(ctx: Context, db: Writing, id: SubSessionId) -> SubSession:
    arc = await locked_arc(ctx, db, id)
    if arc is None:
        raise nothing_to_appeal()
    return arc


async def _ask_again(ctx: Context, db: Writing, arc: SubSession) -> None:
    """So that a worker does it, should this process end before it has."""
    await persistence.jobs.enqueue(db, ctx.caller.org_id, arc.user_id, [arc.session_id])


async def _derived(ctx: Context, arc: SubSession) -> SubSession:
    await derive_now(ctx.services, ctx.caller.org_id, arc.session_id)
    found = await newest(ctx, arc.id)
    if found is None:
        raise nothing_to_appeal()
    return found
