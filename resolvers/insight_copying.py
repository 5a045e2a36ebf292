"""Copying what insights count into ClickHouse: never waited for by who records, and done again until it is there.

A job takes sessions out of the outbox, makes the copy of each what PostgreSQL has, and only then says that they are
done. Whoever is killed in between does the same once more, which changes nothing.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid4

import structlog

import persistence.access
import persistence.insights.cache
import persistence.insights.clickhouse.copy
import persistence.insights.clickhouse.table
import persistence.insights.outbox
import persistence.job_runs
import persistence.jobs
from domain.errors import Unavailable
from domain.jobs import Job, LeaseLost
from domain.values import OrgId, SessionId
from persistence.database import Owning, Tenant, Urls, owner_scope
from persistence.insights.clickhouse.client import Client
from persistence.insights.outbox import Taken
from resolvers.context import Services

_SESSIONS, _ROWS = 500, 50_000
"""So much is copied at once; a session of more rows goes alone."""
_SLICE_S = 5.0
_LEASE = timedelta(seconds=20)
_LOOK_S = 2.0
_AWAY, _ELSEWHERE, _UNSETTLED = timedelta(seconds=30), timedelta(seconds=5), timedelta(seconds=2)

_log = structlog.get_logger("goalarc.copying")


async def watch_outbox(services: Services) -> None:
    """Has whatever waits be copied, for as long as the process works; first it sees to it that a copying goes on."""
    has_begun = services.clickhouse is None
    while services.clickhouse is not None:
        try:
            if not has_begun:
                await begin_copying(services.database.urls, services.clickhouse)
                has_begun = True
            async with persistence.jobs.scope(services.database) as db:
                await persistence.jobs.enqueue_waiting_copies(db)
        except Exception as error:  # one of the two is away: look again
            _log.warning("insights cannot be copied", error=type(error).__name__)
        await asyncio.sleep(_LOOK_S)


async def begin_copying(urls: Urls, client: Client) -> None:
    """Copies everything once and whatever changes from then on; goes on where the copy is the one that is known.

    A copy that is not (another server's, of another release, one that was switched off meanwhile) begins empty: who
    knows what was erased since. Until an organisation's is whole, PostgreSQL answers. Raises Unavailable.
    """
    async with owner_scope(urls) as lock:
        await persistence.insights.outbox.one_at_a_time(lock)
        known = await persistence.insights.outbox.copying(lock)
        if known is not None and str(known) == await persistence.insights.clickhouse.table.copy_id(client):
            await _purge_strangers(lock, client)
            return
        await _turn(urls, None)  # from here on nobody reads the copy, and no crash leaves one that only seems whole
        id = uuid4()
        await persistence.insights.clickhouse.table.begin(client, str(id))
        await _turn(urls, id)
    _log.info("insights are copied from the beginning")


async def end_copying(urls: Urls) -> None:
    """Nothing is copied any more, and nothing waits for it."""
    async with owner_scope(urls) as lock:
        await persistence.insights.outbox.one_at_a_time(lock)
        await _turn(urls, None)


async def _turn(urls: Urls, id: UUID | None) -> None:
    async with owner_scope(urls) as db:
        await persistence.insights.outbox.begin(db, id)
        for org in await persistence.access.list_orgs(db):
            await db.bind(Tenant(org.id))
            await persistence.insights.outbox.forget(db, org.id)
            await persistence.jobs.forget_copying(db, org.id)
            if id is not None:
                await persistence.jobs.enqueue_copying(db, org.id, persistence.jobs.EVERYTHING)


async def _purge_strangers(db: Owning, client: Client) -> None:
    """Organisations that went while their copy could not be reached."""
    known = {str(org.id) for org in await persistence.access.list_orgs(db)}
    for id in await persistence.insights.clickhouse.copy.organisations(client) - known:
        await persistence.insights.clickhouse.copy.purge(client, OrgId(UUID(id)))


async def copy_insights(services: Services, job: Job) -> None:
    """The job: copies what waits of an organisation, or puts all that it has among it. Raises LeaseLost."""
    client = services.clickhouse
    if client is None:  # another process knows where to
        await _later(services, job, _ELSEWHERE)
        return
    try:
        if job.key == persistence.jobs.EVERYTHING:
            await _put_everything(services, job)
        else:
            await _copy_waiting(services, client, job)
    except Unavailable:
        _log.warning("insights wait to be copied: one of the databases does not answer")
        await _later(services, job, _AWAY)


async def _put_everything(services: Services, job: Job) -> None:
    """Once whoever did not see the copying begin is done: what they write, they put nowhere."""
    async with services.database.read(Tenant(job.org_id)) as db:
        moment = await persistence.insights.outbox.moment(db)
    async with services.database.read(Tenant(job.org_id)) as db:
        settled = await persistence.insights.outbox.has_settled(db, moment)
    if not settled:
        await _later(services, job, _UNSETTLED)
        return
    async with services.database.write(Tenant(job.org_id)) as db:
        if await persistence.insights.outbox.copying(db) is not None:
            await persistence.insights.outbox.put_all(db, job.org_id)
        await persistence.job_runs.finish(db, job)


async def _copy_waiting(services: Services, client: Client, job: Job) -> None:
    clock = asyncio.get_running_loop().time
    until = clock() + _SLICE_S
    while await copy_some(services, client, job):
        if clock() >= until:
            await _later(services, job, timedelta())
            return
    async with services.database.write(Tenant(job.org_id)) as db:
        await persistence.insights.outbox.call_whole(db, job.org_id)
        await persistence.job_runs.finish(db, job)


async def copy_some(services: Services, client: Client, job: Job) -> bool:
    """Copies those that wait longest; False when nothing waits. Raises LeaseLost, having put them back."""
    tenant = Tenant(job.org_id)
    async with services.database.read(tenant) as db:
        taken = await persistence.insights.outbox.take(db, job.org_id, _SESSIONS, _ROWS)
        lines = await persistence.insights.outbox.lines(db, job.org_id, taken) if taken else []
    if not taken:
        return False
    await persistence.insights.clickhouse.copy.write(client, job.org_id, taken, lines)
    kept = {line.session_id for line in lines}
    if gone := [one.session_id for one in taken if one.session_id not in kept]:
        await persistence.insights.clickhouse.copy.purge(client, job.org_id, gone)
    await _settle(services, job, taken)
    return True


async def _settle(services: Services, job: Job, taken: Sequence[Taken]) -> None:
    """Results that rest on what was erased may have been computed until now, so they are forgotten once more."""
    try:
        async with services.database.write(Tenant(job.org_id)) as db:
            settled = await persistence.insights.outbox.settle(db, job.org_id, taken)
            if any(settled.values()):
                await persistence.insights.cache.forget(db, job.org_id)
            if not await persistence.job_runs.beat(db, job, _LEASE):
                raise LeaseLost(job.key)
    except LeaseLost:
        # Somebody else may have copied something newer before our older rows arrived.
        await _put_back(services, job.org_id, [one.session_id for one in taken])
        raise


async def _put_back(services: Services, org_id: OrgId, ids: Sequence[SessionId]) -> None:
    async with services.database.write(Tenant(org_id)) as db:
        await persistence.insights.outbox.put(db, org_id, ids)


async def _later(services: Services, job: Job, pause: timedelta) -> None:
    async with persistence.jobs.scope(services.database) as db:
        await persistence.job_runs.release(db, job, pause)
