"""How a session compares with the others of its assessment."""

import asyncio
from collections.abc import Iterable, Sequence

import persistence.candidates
import persistence.cohorts
import persistence.jobs
from domain.access import KeyKind, Scope
from domain.cohorts import CohortInputs, CohortStats, CohortSums, cohort_stats
from domain.errors import NotFound
from domain.judging.cohort_inputs import cohort_inputs
from domain.values import OrgId, SessionId
from persistence.cohorts import Asked
from persistence.database import Writing
from resolvers.clusters import Member
from resolvers.context import Context
from resolvers.sessions import get_session, within_reach


async def get_cohort_stats(ctx: Context, id: SessionId) -> CohortStats | None:
    """None for a session without an assessment, for an empty cohort, and for a candidate while it is one other session.
    Raises NotFound for one out of reach."""
    await get_session(ctx, id)
    return await cohort_stats_of(ctx, id)


async def cohort_stats_of(ctx: Context, id: SessionId) -> CohortStats | None:
    """The same of a session that the caller holds already."""
    ctx.caller.require(Scope.SESSIONS_READ)
    if not within_reach(ctx, id):
        raise NotFound("Session not found")
    sums = await ctx.loaders.cohort_sums.load(Asked(id, ctx.now()))
    return None if sums is None or _is_somebody_else(ctx, sums) else cohort_stats(sums)


def _is_somebody_else(ctx: Context, sums: CohortSums) -> bool:
    """Of a single session the means are its own figures, which no other candidate is told."""
    return ctx.caller.kind is KeyKind.CANDIDATE and sums.session_count == 1 and not sums.is_member


async def refresh(db: Writing, org_id: OrgId, members: Sequence[Member]) -> None:
    """Stores what the sessions of candidates among these are compared by, as part of deriving them; has those whose
    time is limited ended when it is up."""
    of_candidates = await persistence.cohorts.candidates_among(db, org_id, [member.head.id for member in members])
    if of_candidates:
        theirs = [member for member in members if member.head.id in of_candidates]
        await persistence.cohorts.save(db, org_id, await asyncio.to_thread(_inputs, theirs))
        limited = await persistence.candidates.timed(db, org_id, sorted(of_candidates))
        if limited:
            await persistence.jobs.enqueue_deadline(db, org_id, min(one.ends_at for one in limited))


def _inputs(members: Iterable[Member]) -> dict[SessionId, CohortInputs]:
    return {
        member.head.id: cohort_inputs(
            member.log.events, member.head.started_at, member.head.ended_at or member.head.last_activity_at
        )
        for member in members
    }
