"""Assessments: made, listed and deleted by whoever reviews candidates."""

from datetime import datetime
from uuid import UUID

import persistence.assessments
import persistence.candidates
from domain.access import KeyKind, Scope
from domain.assessments import Assessment, Task, checked, no_such_assessment
from domain.errors import Forbidden
from domain.values import AssessmentId, OrgId, Page, Window
from persistence.assessments import Place
from persistence.database import Tenant, Writing
from persistence.identifiers import new_id
from resolvers import cursors
from resolvers.context import Context


def reviewing(ctx: Context, scope: Scope) -> Tenant:
    """The whole organisation, for who may read all of it and has `scope`. Raises Forbidden for everybody else."""
    ctx.caller.require(Scope.ORG_READ)
    ctx.caller.require(scope)
    if ctx.caller.kind is KeyKind.CANDIDATE:
        raise Forbidden("a candidate's key is told of its own session only")
    return Tenant(ctx.caller.org_id)


async def create_assessment(ctx: Context, task: Task) -> Assessment:
    """Raises Invalid with a fault for each field that is wrong, Forbidden for who may not review."""
    tenant, kept = reviewing(ctx, Scope.SESSIONS_WRITE), checked(task)
    async with ctx.services.database.write(tenant) as db:
        return await store(db, tenant.org_id, kept, ctx.now())


async def store(db: Writing, org_id: OrgId, task: Task, now: datetime) -> Assessment:
    new = Assessment(AssessmentId(new_id()), org_id, task, now)
    await persistence.assessments.save(db, new)
    return new


async def find_assessment(ctx: Context, id: AssessmentId) -> Assessment | None:
    """None also for one that was deleted. Raises Forbidden for who may not review."""
    async with ctx.services.database.read(reviewing(ctx, Scope.SESSIONS_READ)) as db:
        return await persistence.assessments.find(db, ctx.caller.org_id, id)


async def list_assessments(ctx: Context, window: Window[str]) -> Page[Assessment]:
    """Newest first, without deleted ones. Raises Forbidden for who may not review, Invalid for a forged cursor."""
    tenant, asked = reviewing(ctx, Scope.SESSIONS_READ), window.placed(lambda cursor: place(cursor, _LIST))
    async with ctx.services.database.read(tenant) as db:
        found = await persistence.assessments.page(db, tenant.org_id, asked)
    return cursors.page(found, window, lambda one: cursors.encode(_LIST, one.created_at, str(one.id)))


_LIST = "assessments"


def place(cursor: str, of: str) -> Place:
    """Where a cursor stands in a list by age. Raises Invalid."""
    created_at, id = cursors.decode(cursor, of, 2)
    try:
        return cursors.moment(created_at), UUID(str(id))
    except ValueError:
        raise cursors.forged() from None


async def count_assessments(ctx: Context) -> int:
    """How many `list_assessments` would show in all."""
    async with ctx.services.database.read(reviewing(ctx, Scope.SESSIONS_READ)) as db:
        return await persistence.assessments.count(db, ctx.caller.org_id)


async def delete_assessment(ctx: Context, id: AssessmentId) -> None:
    """Shows it no more and ends its unused keys; what was done for it stays. Raises NotFound, Forbidden as above."""
    tenant = reviewing(ctx, Scope.SESSIONS_WRITE)
    async with ctx.services.database.write(tenant) as db:
        await withdraw(db, tenant.org_id, id, ctx.now())


async def withdraw(db: Writing, org_id: OrgId, id: AssessmentId, now: datetime) -> None:
    if not await persistence.assessments.delete(db, org_id, id, now):
        raise no_such_assessment()
    await persistence.candidates.revoke_unused(db, org_id, id, now)
