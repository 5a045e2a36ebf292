"""Arcs as older rules left them: what there is to backfill."""

import sqlalchemy as sa

import persistence.jobs
from domain.jobs import JobKind
from domain.values import SessionId
from persistence.database import Tenant
from persistence.judging import sub_sessions
from resolvers.context import Context
from tests.history import Recorded, derive, drain, store


async def judged(ctx: Context, *told: Recorded) -> None:
    """Stores sessions and judges them; nothing waits in the queue afterwards."""
    await store(ctx, *told)
    await derive(ctx, *told)
    await settled(ctx)


async def settled(ctx: Context) -> None:
    """Has nothing wait in the queue: what was asked for is done."""
    await sql(ctx, "UPDATE jobs SET state = 'idle', run_after = NULL WHERE kind = 'derive_session'")


async def outdate(ctx: Context, *told: Recorded, **verdict: object) -> None:
    """Has older rules have judged all arcs of the sessions, with these columns of the verdict."""
    mine = sub_sessions.c.session_id.in_([one.id for one in told])
    async with ctx.services.database.write(Tenant(ctx.caller.org_id)) as db:
        await db.execute(sa.update(sub_sessions).where(mine).values(ruleset_version="older", **verdict))


MISSED = {"goal_complete": False, "crushed": False}
"""The verdict of rules that saw no goal reached."""


async def sql(ctx: Context, statement: str, **values: object) -> None:
    async with ctx.services.database.write(Tenant(ctx.caller.org_id)) as db:
        await db.execute(sa.text(statement), values)


async def job_of(ctx: Context, id: SessionId) -> sa.RowMapping:
    """Where a session stands in the queue."""
    jobs = persistence.jobs.jobs
    async with ctx.services.database.read(Tenant(ctx.caller.org_id)) as db:
        row = await db.row(sa.select(jobs).where(jobs.c.kind == JobKind.DERIVE_SESSION, jobs.c.key == id))
    assert row is not None
    return row


async def work_off(ctx: Context) -> None:
    """As a worker does, until nothing waits."""
    await drain(ctx.services)
