"""Computing a run that is ours: under a lease, for as long as somebody wants it, and kept for all who ask.

However a run ends, it ends once: whoever lost the lease meanwhile stores nothing. Who is stopped in the midst leaves it
to whoever wants it next.
"""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog

import persistence.insights.cache
import persistence.insights.runs
import persistence.job_runs
import persistence.jobs
import resolvers.insight_computing
from domain.errors import DomainError, TooMany, Unavailable
from domain.insights.errors import InsightFault, InvalidQuery, TooCostly
from domain.insights.query_models import Query
from domain.insights.results import RESULT
from domain.insights.runs import WENT_WRONG, RunFailure, RunId, RunState
from domain.jobs import Job, LeaseLost, Overtaken
from persistence.bus import insight_channel
from persistence.database import Tenant
from persistence.insights.cache import Computed, Kept
from persistence.insights.runs import LEASE, Lead
from resolvers.context import Services

_TRIES = 3
"""So often a result is computed anew because something was erased meanwhile."""

_log = structlog.get_logger("goalarc.insights")


class Withdrawn(Exception):
    """Everybody who asked for the run by name wants it no longer."""


@dataclass(frozen=True, slots=True)
class Work:
    """`stoppable`: whoever computes it does so only for those who asked for it by name."""

    lead: Lead
    query: Query
    stoppable: bool


async def compute_run(services: Services, work: Work) -> Kept:
    """What is kept of a run when it has ended well.

    Raises InvalidQuery and TooCostly, with which it has ended, and Withdrawn likewise; LeaseLost where somebody else
    has taken it over; and whatever says nothing of the query, with which it is left to others.
    """
    try:
        return await _while_wanted(services, work)
    except InvalidQuery as error:
        await _end(services, work.lead, RunState.FAILED, failure_of(error))
        raise
    except Withdrawn:
        await _end(services, work.lead, RunState.CANCELLED, None)
        raise
    except (DomainError, LeaseLost, asyncio.CancelledError):
        await asyncio.shield(_let_go(services, work.lead))
        raise
    except Exception:
        await _end(services, work.lead, RunState.FAILED, WENT_WRONG)
        raise


def failure_of(error: InvalidQuery) -> RunFailure:
    code = error.faults[0].code if error.faults else InsightFault.INVALID_QUERY
    return RunFailure(InsightFault(code), str(error))


async def _end(services: Services, lead: Lead, state: RunState, failure: RunFailure | None) -> None:
    async with services.database.write(_org(lead)) as db:
        await persistence.insights.runs.end(db, lead, state, failure)
    announce(services, lead.wanted.tenant, lead.wanted.key)


async def _let_go(services: Services, lead: Lead) -> None:
    """Where this fails too, the lease ends by itself."""
    with suppress(Unavailable):
        async with services.database.write(_org(lead)) as db:
            await persistence.insights.runs.let_go(db, lead)
    announce(services, lead.wanted.tenant, lead.wanted.key)


def announce(services: Services, tenant: Tenant, key: bytes) -> None:
    """Wakes who waits for a result, computes it, or follows it."""
    services.bus.announce(insight_channel(tenant.org_id, key))


def _org(lead: Lead) -> Tenant:
    return Tenant(lead.wanted.tenant.org_id)


async def _while_wanted(services: Services, work: Work) -> Kept:
    computing = asyncio.create_task(_computed(services, work))
    watching = asyncio.create_task(_until_unwanted(services, work))
    try:
        await asyncio.wait((computing, watching), return_when=asyncio.FIRST_COMPLETED)
        if not computing.done():
            watching.result()
        return await computing
    finally:
        # Cancelled, the driver asks PostgreSQL to stop and waits until it has.
        computing.cancel()
        watching.cancel()
        await asyncio.gather(computing, watching, return_exceptions=True)


async def _until_unwanted(services: Services, work: Work) -> None:
    """Keeps the lease; raises LeaseLost or Withdrawn."""
    wanted = work.lead.wanted
    async with services.bus.listen(insight_channel(wanted.tenant.org_id, wanted.key)) as wakes:
        while True:
            with suppress(Unavailable):  # the lease outlasts a few lost beats
                async with services.database.write(_org(work.lead)) as db:
                    cancelled = await persistence.insights.runs.beat(db, work.lead)
                if cancelled is None:
                    raise LeaseLost(str(work.lead.id))
                if cancelled and work.stoppable:
                    raise Withdrawn
            await wakes.wait(LEASE.total_seconds() / 4)


async def _computed(services: Services, work: Work) -> Kept:
    async with services.insight_slots.take(work.lead.wanted.tenant.org_id):
        for _ in range(_TRIES):
            kept = await _try(services, work)
            if kept is not None:
                return kept
    raise Unavailable("sessions are being erased: try again in a moment")


async def _try(services: Services, work: Work) -> Kept | None:
    """None where something that it rests on was erased meanwhile."""
    wanted = work.lead.wanted
    async with services.database.read(_org(work.lead)) as db:
        epoch = await persistence.insights.cache.epoch(db, wanted.tenant.org_id)
    computed_at, began = services.now(), time.monotonic()
    zone = ZoneInfo(wanted.time_zone)
    result = await resolvers.insight_computing.compute(services, wanted.tenant, work.query, zone)
    payload = RESULT.dump_json(result)
    if len(payload) > persistence.insights.cache.MOST_BYTES:
        raise TooCostly(_TOO_LARGE)
    cost_ms = round((time.monotonic() - began) * 1000)
    return await _keep(services, work.lead, Computed(wanted.key, work.lead.id, computed_at, cost_ms, payload), epoch)


_TOO_LARGE = (
    f"The result is larger than {persistence.insights.cache.MOST_BYTES // 2**20} MiB:"
    " ask for a shorter range, a longer interval, fewer values of a breakdown, or fewer rows."
)


async def _keep(services: Services, lead: Lead, computed: Computed, epoch: int) -> Kept | None:
    """Stores the result and ends the run in one transaction. Raises LeaseLost."""
    async with services.database.write(_org(lead)) as db:
        wanted = lead.wanted
        most = services.insight_cache_bytes
        if not await persistence.insights.cache.save(db, wanted.tenant, computed, epoch, most):
            return None
        if not await persistence.insights.runs.end(db, lead, RunState.COMPLETED):
            raise LeaseLost(str(lead.id))
    announce(services, wanted.tenant, wanted.key)
    return Kept(lead.id, computed.computed_at, computed.payload)


async def run_insight(services: Services, job: Job) -> None:
    """The job of a run in the background. Raises LeaseLost, Overtaken where others are in the way, and what a bug
    raises."""
    work = await _take(services, job)
    if work is not None:
        try:
            await compute_run(services, work)
        except (InvalidQuery, Withdrawn):
            pass  # the run says so
        except (LeaseLost, TooMany):
            raise Overtaken from None
    async with services.database.write(Tenant(job.org_id)) as db:
        await persistence.job_runs.end(db, job)


async def _take(services: Services, job: Job) -> Work | None:
    """None for a run that is over or gone. Raises Overtaken while another one of the same key is computed."""
    async with services.database.write(Tenant(job.org_id)) as db:
        found = await persistence.insights.runs.find(db, job.org_id, RunId(UUID(job.key)))
        if found is None or found.state.over:
            return None
        await persistence.insights.runs.lock(db, job.org_id, found.wanted.key)
        going, _ = await persistence.insights.runs.going(db, found.wanted)
        lead = None if going else await persistence.insights.runs.take(db, found.wanted, found.id)
    if lead is None:
        raise Overtaken
    return Work(lead, resolvers.insight_computing.read_again(found.wanted.query), stoppable=True)


async def bury_run(services: Services, job: Job) -> None:
    """The last try to compute a run went wrong, or killed its worker: it has failed."""
    id = RunId(UUID(job.key))
    async with services.database.write(Tenant(job.org_id)) as db:
        await persistence.insights.runs.fail_overdue(db, job.org_id, id, whatever=True)
        await persistence.jobs.forget_run(db, job.org_id, id)
        found = await persistence.insights.runs.find(db, job.org_id, id)
    if found is not None:
        announce(services, found.wanted.tenant, found.wanted.key)
    _log.error("a query was given up", run=str(id))
