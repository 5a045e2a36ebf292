"""The work of erasing, in the background: one short transaction after the other, each noting how far it came.

Whoever is killed in between leaves nothing half done but the erasure itself, which the next worker goes on with. No run
is long: between two of them the queue gives way to what people wait for.
"""

import asyncio
from datetime import datetime, timedelta
from typing import NamedTuple, assert_never
from uuid import UUID

import structlog

import persistence.access
import persistence.erasure
import persistence.erasure_batches
import persistence.erasures
import persistence.insights.clickhouse.copy
import persistence.job_runs
import persistence.jobs
import persistence.uploads
from domain.erasure import AT_ONCE, NO_ORG, AskedBy, Batch, Erasure, ErasureKind, kept_since
from domain.jobs import Job
from domain.values import OrgId, SessionId, UserId
from persistence.bus import JOBS, live_channel, session_channel
from persistence.database import Tenant, Writing
from persistence.erasure import Remainder
from resolvers.context import Services

_SLICE_S = 5.0
_REST = 0.25
"""After a transaction so much of its time is left to others: to readers, to checkpoints, to vacuum."""
_DAY = timedelta(days=1)

_log = structlog.get_logger("goalarc.erasure")


async def run_erasures(services: Services, job: Job) -> None:
    """The job: goes on with the erasures of an organisation, the oldest first. Raises LeaseLost."""
    clock = asyncio.get_running_loop().time
    until = clock() + _SLICE_S
    while (erasure := await _next(services, job.org_id)) is not None:
        began = clock()
        if await advance(services, erasure) and erasure.kind is ErasureKind.ORGANISATION:
            return  # the job is gone with it
        if clock() >= until:
            async with persistence.jobs.scope(services.database) as db:
                await persistence.job_runs.release(db, job)
            return
        await asyncio.sleep(_REST * (clock() - began))
    async with services.database.write(Tenant(job.org_id)) as db:
        await persistence.job_runs.finish(db, job)


async def _next(services: Services, org_id: OrgId) -> Erasure | None:
    async with services.database.read(Tenant(org_id)) as db:
        return await persistence.erasures.next_unfinished(db, org_id)


async def advance(services: Services, erasure: Erasure) -> bool:
    """Does the next piece of an erasure, in one transaction; True when it was the last one."""
    async with services.database.write(Tenant(erasure.org_id)) as db:
        piece = await _piece(db, services, erasure)
        await persistence.erasures.advance(db, erasure, piece.gone.sessions, piece.gone.events)
        await ask_for(db, erasure.org_id, piece.gone)
        if piece.is_last:
            await _finish(db, erasure)
    if piece.is_last and erasure.kind is ErasureKind.ORGANISATION:
        await _end_org(services, erasure)
    announce(services, erasure.org_id, piece)
    return piece.is_last


class Piece(NamedTuple):
    """What one transaction erased."""

    gone: Remainder = Remainder()
    is_last: bool = False
    session_id: SessionId | None = None


_SOME = Piece()
_LAST = Piece(is_last=True)


async def _piece(db: Writing, services: Services, erasure: Erasure) -> Piece:
    match erasure.kind:
        case ErasureKind.SESSION:
            assert erasure.target is not None
            return await _of_session(db, erasure.org_id, SessionId(erasure.target))
        case ErasureKind.RETENTION:
            return await _of_age(db, erasure.org_id, services.now())
        case ErasureKind.DEVELOPER:
            return await _of_developer(db, erasure.org_id, UserId(UUID(erasure.target)))
        case ErasureKind.ORGANISATION:
            return await _of_org(db, erasure.org_id)
        case _:
            assert_never(erasure.kind)


async def _of_session(db: Writing, org_id: OrgId, id: SessionId) -> Piece:
    batch = await persistence.erasure_batches.next_of_session(db, org_id, id)
    if batch is None:
        return _LAST
    return Piece(await _erase(db, org_id, batch), batch.part_of is None, id)


async def _of_age(db: Writing, org_id: OrgId, now: datetime) -> Piece:
    """Whatever is too old, as long as the organisation wants it so."""
    org = await persistence.access.find_org_by_id(db, org_id)
    if org is None or org.settings.retention_days is None:
        return _LAST
    batch = await persistence.erasure_batches.next_old(db, org_id, kept_since(now, org.settings.retention_days))
    return _LAST if batch is None else Piece(await _erase(db, org_id, batch))


async def _of_developer(db: Writing, org_id: OrgId, user_id: UserId) -> Piece:
    if await persistence.erasure_batches.sweep_early(db, org_id, user_id):
        return _SOME
    if (batch := await persistence.erasure_batches.next_of_developer(db, org_id, user_id)) is not None:
        return Piece(await _erase(db, org_id, batch, whole=True))
    if await persistence.erasure_batches.sweep(db, org_id, user_id):
        return _SOME
    return Piece(is_last=await persistence.erasure_batches.end_developer(db, org_id, user_id))


async def _of_org(db: Writing, org_id: OrgId) -> Piece:
    if await persistence.erasure_batches.sweep_early(db, org_id, None):
        return _SOME
    if (batch := await persistence.erasure_batches.next_of_org(db, org_id)) is not None:
        return Piece(await _erase(db, org_id, batch, whole=True))
    return Piece(is_last=not await persistence.erasure_batches.sweep(db, org_id, None))


async def _erase(db: Writing, org_id: OrgId, batch: Batch, whole: bool = False) -> Remainder:
    if batch.part_of is not None:
        return await persistence.erasure.erase_part(db, org_id, batch.part_of, AT_ONCE)
    return await persistence.erasure.erase_sessions(db, org_id, batch.sessions, whole)


async def _finish(db: Writing, erasure: Erasure) -> None:
    """An organisation's is over only when it is gone."""
    if erasure.kind is not ErasureKind.ORGANISATION:
        await persistence.erasures.finish(db, erasure)
    _log.info("erased", erasure=str(erasure.id), kind=erasure.kind)


async def _end_org(services: Services, erasure: Erasure) -> None:
    """The trace first: who is killed in between comes here again. Raises Unavailable while the copy cannot be reached:
    an organisation is not gone before it is gone there."""
    async with services.database.write(Tenant(NO_ORG)) as db:
        await persistence.erasures.trace(db, erasure)
    if services.clickhouse is not None:
        await persistence.insights.clickhouse.copy.purge(services.clickhouse, erasure.org_id)
    async with services.database.write(Tenant(erasure.org_id)) as db:
        await persistence.erasure_batches.end_org(db, erasure.org_id)


async def ask_for(db: Writing, org_id: OrgId, gone: Remainder) -> None:
    """Has what rested on it derived anew."""
    for id, user_id in gone.related:
        await persistence.jobs.enqueue(db, org_id, user_id, [id])
    if gone.scored:
        await persistence.jobs.enqueue_outliers(db, org_id)


def announce(services: Services, org_id: OrgId, piece: Piece) -> None:
    services.bus.announce(live_channel(org_id))
    if piece.session_id is not None:
        services.bus.announce(session_channel(org_id, piece.session_id))
    if piece.gone.related or piece.gone.scored:
        services.bus.announce(JOBS)


async def expire_sessions(services: Services, job: Job) -> None:
    """The job, once a day as long as an organisation keeps sessions for so many days only: has older ones erased.

    Raises LeaseLost.
    """
    now, org_id = services.now(), job.org_id
    async with services.database.write(Tenant(org_id)) as db:
        org = await persistence.access.find_org_by_id(db, org_id)
        if org is not None and (days := org.settings.retention_days) is not None:
            await persistence.uploads.forget_old(db, org_id, kept_since(now, days))
            if await persistence.erasure_batches.next_old(db, org_id, kept_since(now, days)) is not None:
                await persistence.erasures.save(db, org_id, ErasureKind.RETENTION, None, AskedBy.RETENTION)
                await persistence.jobs.enqueue_erasures(db, org_id)
            await persistence.jobs.enqueue_expiry(db, org_id, _DAY)
        await persistence.job_runs.finish(db, job)
    services.bus.announce(JOBS)
