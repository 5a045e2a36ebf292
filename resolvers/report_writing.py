"""The job that has a report written, and the ends it may come to.

Whatever ends a report does so in one transaction with the word to who wants to be told, and with the end of its job.
Somebody else may have ended it first: then nothing is stored and nobody is told twice.
"""

import asyncio
from collections.abc import Iterable
from uuid import UUID

import structlog

import persistence.job_runs
import persistence.jobs
import persistence.reports
import persistence.sessions
import persistence.webhooks
from domain.jobs import Job
from domain.reports.records import (
    Cancelled,
    Failure,
    Report,
    ReportFailed,
    ReportId,
    ReportKind,
    ReportStatus,
    Stage,
    Written,
    job_name,
    report_name,
)
from domain.values import JsonObject, OrgId
from persistence.bus import JOBS, report_channel
from persistence.database import Tenant, Writing
from persistence.reports import Ended
from resolvers.context import Services
from resolvers.media_reports import write_media
from resolvers.report_content import write_prism

TIMED_OUT = Failure("timed_out", "It took too long and was given up.", retryable=True)
DIED = Failure("internal", "Writing it went wrong several times.", retryable=True)

_log = structlog.get_logger("goalarc.reports")


class Outdated(Exception):
    """What was written names what is erased: it is written anew, as often as whatever goes wrong is tried."""


async def write_report(services: Services, job: Job) -> None:
    """The job. Raises LeaseLost, Outdated, and whatever a writer raises that says nothing of the report itself."""
    id = ReportId(UUID(job.key))
    report = await _begin(services, job.org_id, id)
    if report is None:
        await _leave(services, job)
        return
    try:
        written = await _unless_cancelled(services, report)
    except Cancelled:
        await _leave(services, job)
    except ReportFailed as failed:
        await _end(services, job, id, failed.failure)
    else:
        await _end(services, job, id, written)


async def _begin(services: Services, org_id: OrgId, id: ReportId) -> Report | None:
    """None for one that is over or gone. Those whose time is up end here, too: who is to be told of it may be waiting
    where nobody reads reports. One that came back having waited for its medium only leaves no line again."""
    async with services.database.read(Tenant(org_id)) as db:
        late = await persistence.reports.any_overdue(db, org_id)
        report = await persistence.reports.find(db, org_id, id)
    if late:
        await give_up_overdue(services, org_id)
    elif report is not None and (report.status, report.stage) == (ReportStatus.RUNNING, Stage.EXTRACTING):
        return report
    return await _advance(services, org_id, id, Stage.EXTRACTING, 0.0)


async def _advance(services: Services, org_id: OrgId, id: ReportId, stage: Stage, progress: float) -> Report | None:
    async with services.database.write(Tenant(org_id)) as db:
        report = await persistence.reports.advance(db, org_id, id, stage, progress)
    services.bus.announce(report_channel(org_id, id))
    return report


async def _leave(services: Services, job: Job) -> None:
    async with services.database.write(Tenant(job.org_id)) as db:
        await persistence.job_runs.end(db, job)


async def _unless_cancelled(services: Services, report: Report) -> Written:
    """What is written. Raises Cancelled as soon as the report is over or gone, also in the middle of a stage."""
    writing = asyncio.create_task(_write(services, report))
    watching = asyncio.create_task(_until_over(services, report))
    try:
        await asyncio.wait((writing, watching), return_when=asyncio.FIRST_COMPLETED)
        if not writing.done():
            watching.result()  # raises if it could not look
            raise Cancelled
        return writing.result()
    finally:
        writing.cancel()
        watching.cancel()
        await asyncio.gather(writing, watching, return_exceptions=True)


async def _write(services: Services, report: Report) -> Written:
    async def told(stage: Stage, progress: float) -> None:
        if await _advance(services, report.org_id, report.id, stage, progress) is None:
            raise Cancelled

    if report.kind is ReportKind.MEDIA:
        return await write_media(services, report, told)
    return await write_prism(services, report, told)


async def _until_over(services: Services, report: Report) -> None:
    """Looks whenever the report was changed, and once a second. A moment ago it was not over."""
    async with services.bus.listen(report_channel(report.org_id, report.id)) as wakes:
        while True:
            await wakes.wait(1.0)
            async with services.database.read(Tenant(report.org_id)) as db:
                found = await persistence.reports.find(db, report.org_id, report.id)
            if found is None or found.status.over:
                return


async def _end(services: Services, job: Job, id: ReportId, result: Written | Failure) -> None:
    async with services.database.write(Tenant(job.org_id)) as db:
        if isinstance(result, Failure):
            ended = await persistence.reports.fail(db, job.org_id, id, result)
        else:
            ended = await _complete(db, job.org_id, id, result)
        await tell(services, db, [ended] if ended else [])
        await persistence.job_runs.end(db, job)
    announce(services, job.org_id, id)


async def _complete(db: Writing, org_id: OrgId, id: ReportId, written: Written) -> Ended | None:
    """Raises Outdated where a session that it names was erased after it was read."""
    if not await persistence.sessions.hold(db, org_id, written.sessions):
        raise Outdated
    return await persistence.reports.complete(db, org_id, id, written)


async def tell(services: Services, db: Writing, ended: Iterable[Ended]) -> None:
    """Leaves word for who wants to be told of these reports; what was cancelled says nothing."""
    now = services.now()
    for report, hook in ended:
        if hook is None:
            continue
        if report.status is not ReportStatus.CANCELLED:
            name = "report.completed" if report.status is ReportStatus.COMPLETED else "report.failed"
            await persistence.webhooks.save(db, report.org_id, hook, name, _news(report), now, report.user_id)
        await persistence.reports.forget_hook(db, report.org_id, report.id)


def _news(report: Report) -> JsonObject:
    if report.failure is not None:
        error: JsonObject = {"code": report.failure.code, "message": report.failure.message}
        return {"jobId": job_name(report.id), "status": "failed", "error": error}
    return {"jobId": job_name(report.id), "reportId": report_name(report.id), "status": "succeeded"}


def announce(services: Services, org_id: OrgId, id: ReportId) -> None:
    """Wakes who follows a report, and who delivers what is told of it."""
    services.bus.announce(report_channel(org_id, id))
    services.bus.announce(JOBS)


async def give_up_overdue(services: Services, org_id: OrgId) -> None:
    """Fails the reports of an organisation whose time is up."""
    async with services.database.write(Tenant(org_id)) as db:
        ended = await persistence.reports.fail_overdue(db, org_id, TIMED_OUT)
        await tell(services, db, ended)
        for one in ended:
            await persistence.jobs.forget_report(db, org_id, one.report.id)
    for one in ended:
        announce(services, org_id, one.report.id)


async def bury_report(services: Services, job: Job) -> None:
    """The last try to write a report went wrong, or killed its worker: it has failed."""
    id = ReportId(UUID(job.key))
    async with services.database.write(Tenant(job.org_id)) as db:
        ended = await persistence.reports.fail(db, job.org_id, id, DIED)
        await tell(services, db, [ended] if ended else [])
        await persistence.jobs.forget_report(db, job.org_id, id)
    announce(services, job.org_id, id)
    _log.error("a report was given up", report=str(id))
