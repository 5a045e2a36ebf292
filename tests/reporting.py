"""Reports in tests: their jobs alone are claimed and run, as a worker would."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import sqlalchemy as sa

import persistence.jobs
from domain.jobs import Job, JobKind
from domain.values import OrgId
from persistence.bus import JOBS
from persistence.jobs import jobs
from resolvers.context import Services
from resolvers.report_writing import bury_report, write_report


async def claimed(services: Services, org_id: OrgId | None) -> list[Job]:
    """What the organisation's reports wait for, claimed now; those of all without one."""
    queued = sa.and_(jobs.c.kind == JobKind.WRITE_REPORT, jobs.c.state == "queued")
    claim = sa.update(jobs).where(queued if org_id is None else queued & (jobs.c.org_id == org_id))
    claim = claim.values(state="running", token=jobs.c.token + 1, attempts=jobs.c.attempts + 1, run_after=None)
    async with persistence.jobs.scope(services.database) as db:
        rows = await db.rows(claim.returning(*jobs.c))
    return [
        Job(row["org_id"], JobKind.WRITE_REPORT, row["key"], None, row["revision"], row["token"], row["attempts"])
        for row in rows
    ]


async def write_reports(services: Services, org_id: OrgId | None) -> None:
    """Writes what waits, one after the other; what goes wrong has failed at once. Raises the first error of any."""
    errors = [await _write(services, job) for job in await claimed(services, org_id)]
    for error in errors:
        if error is not None:
            raise error


async def _write(services: Services, job: Job) -> Exception | None:
    try:
        await write_report(services, job)
    except Exception as error:
        await bury_report(services, job)
        return error
    return None


@asynccontextmanager
async def writing(services: Services, org_id: OrgId | None = None) -> AsyncGenerator[None]:
    """Writes whatever is asked for inside the block. What went wrong of one organisation is raised at its end; of all,
    others may have left behind what no writer can write."""
    wrong: list[Exception] = []

    async def work() -> None:
        async with services.bus.listen(JOBS) as wakes:
            while True:
                try:
                    await write_reports(services, org_id)
                except Exception as error:
                    wrong.append(error)
                await wakes.wait(1.0)

    worker = asyncio.create_task(work())
    try:
        yield
    finally:
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)
    if wrong and org_id is not None:
        raise wrong[0]
