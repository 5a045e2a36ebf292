"""Backfills: start, rehearse, cancel, read; and the job that writes down when one is over."""

import persistence.access
import persistence.backfills
import persistence.job_runs
import persistence.jobs
from domain.access import Scope
from domain.backfills import (
    MOST_REHEARSED,
    Backfill,
    BackfillId,
    Rehearsal,
    Stretch,
    checked,
    flips,
    no_such_backfill,
    over,
    recounted,
    too_many,
    unknown_developer,
)
from domain.jobs import Job
from domain.judging.arcs import RULESET_VERSION
from domain.judging.judge import Judge
from domain.judging.records import SubSession
from domain.values import Page, SessionId, SubSessionId, Window
from persistence.backfills import Versions
from persistence.bus import JOBS
from persistence.database import Reading, Tenant
from resolvers import cursors
from resolvers.context import Context, Services
from resolvers.derivation import rehearse, version


async def start_backfill(ctx: Context, stretch: Stretch) -> Backfill:
    """Has the arcs of a stretch judged again, in the background, as far as older rules or another judge judged them
    or their judge failed.

    Whatever is judged already, or waits for it anyway, is skipped: a repeat asks for nothing new. Raises Forbidden for
    a key that may not administer, Invalid for an empty stretch and for an unknown developer.
    """
    tenant = _administered(ctx)
    checked(stretch)
    async with ctx.services.database.write(tenant) as db:
        await _check_developer(ctx, db, stretch)
        versions = _versions(ctx.services.judge)
        new = await persistence.backfills.save(db, ctx.caller.org_id, stretch, versions, ctx.caller.user_id)
        if new.finished_at is None:
            await persistence.jobs.enqueue_follow_up(db, ctx.caller.org_id)
    ctx.services.bus.announce(JOBS)
    return new


def _administered(ctx: Context) -> Tenant:
    """The whole organisation, for who may administer it."""
    ctx.caller.require(Scope.ADMIN)
    return Tenant(ctx.caller.org_id)


def _versions(judge: Judge) -> Versions:
    return Versions(RULESET_VERSION, judge.version, version(judge))


async def _check_developer(ctx: Context, db: Reading, stretch: Stretch) -> None:
    if stretch.user_id is not None:
        [user] = await persistence.access.users_by_id(db, ctx.caller.org_id, [stretch.user_id])
        if user is None:
            raise unknown_developer()


async def rehearse_backfill(ctx: Context, stretch: Stretch) -> Rehearsal:
    """What a backfill would change, without changing it: arcs are judged in memory, those of 200 sessions at most.

    Sessions that wait to be judged anyway are judged as well. Raises as `start_backfill`, and Invalid for more
    sessions; Forbidden for a key that may not read the arcs of the whole organisation.
    """
    tenant = _administered(ctx)
    ctx.caller.require(Scope.ORG_READ)
    ctx.caller.require(Scope.SCORES_READ)
    checked(stretch)
    async with ctx.services.database.read(tenant) as db:
        await _check_developer(ctx, db, stretch)
        there = await persistence.backfills.extent(db, ctx.caller.org_id, stretch)
        stale = await persistence.backfills.stale(db, ctx.caller.org_id, stretch, _versions(ctx.services.judge))
    if len(stale) > MOST_REHEARSED:
        raise too_many(len(stale))
    old, new = await _rehearsed(ctx, list(stale))
    return Rehearsal(
        stretch=stretch,
        sessions=len(stale),
        total=sum(stale.values()),
        skipped=there.arcs - sum(stale.values()),
        before=there.counts,
        after=recounted(stretch, there.counts, old, new),
        flips=flips(old, new),
    )


Arcs = dict[SubSessionId, SubSession | None]


async def _rehearsed(ctx: Context, ids: list[SessionId]) -> tuple[Arcs, Arcs]:
    """The arcs that deriving these sessions one after the other would change: as they are stored, and as they would
    be. Sessions that are derived together are so here."""
    old: Arcs = {}
    new: Arcs = {}
    done: set[SessionId] = set()
    for id in ids:
        if id not in done:
            found = await rehearse(ctx.services, ctx.caller.org_id, id, new)
            done |= {id, *found.session_ids}
            old = {**found.old, **old}  # the first that was seen is what is stored
            new |= found.new
    return old, new


async def cancel_backfill(ctx: Context, id: BackfillId) -> Backfill:
    """Takes back what of a backfill has not begun; what runs comes to its end.

    Raises Forbidden for a key that may not administer, NotFound, and Invalid for a backfill that is over.
    """
    async with ctx.services.database.write(_administered(ctx)) as db:
        cancelled = await persistence.backfills.cancel(db, ctx.caller.org_id, id)
        if cancelled is None:
            raise no_such_backfill() if await _find(ctx, db, id) is None else over()
    return cancelled


async def _find(ctx: Context, db: Reading, id: BackfillId) -> Backfill | None:
    return await persistence.backfills.find(db, ctx.caller.org_id, id)


async def find_backfill(ctx: Context, id: BackfillId) -> Backfill | None:
    """Raises Forbidden for a key that may not administer."""
    async with ctx.services.database.read(_administered(ctx)) as db:
        return await _find(ctx, db, id)


async def list_backfills(ctx: Context, window: Window[str]) -> Page[Backfill]:
    """Newest first. Raises Forbidden for a key that may not administer, Invalid for a forged cursor."""
    tenant, asked = _administered(ctx), window.placed(_place)
    async with ctx.services.database.read(tenant) as db:
        found = await persistence.backfills.page(db, ctx.caller.org_id, asked)
    return cursors.page(found, window, lambda one: cursors.encode(_LIST, one.created_at, str(one.id)))


async def count_backfills(ctx: Context) -> int:
    """How many `list_backfills` would show in all."""
    async with ctx.services.database.read(_administered(ctx)) as db:
        return await persistence.backfills.count(db, ctx.caller.org_id)


_LIST = "backfills"


def _place(cursor: str) -> persistence.backfills.Place:
    created_at, id = cursors.time_and_id(cursor, _LIST)
    return created_at, BackfillId(id)


async def follow_backfills(services: Services, job: Job) -> None:
    """The job: writes down which of an organisation's backfills are over, and looks again while any goes on.

    Raises LeaseLost.
    """
    async with services.database.write(Tenant(job.org_id)) as db:
        if await persistence.backfills.settle(db, job.org_id):
            await persistence.jobs.enqueue_follow_up(db, job.org_id)
        await persistence.job_runs.finish(db, job)
