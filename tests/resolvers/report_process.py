"""A worker in a process of its own that is killed at a stage of a report."""

import asyncio
import os
import signal
from datetime import timedelta

import resolvers.report_writing
from domain.reports.records import Report, Stage, Written
from persistence.bus import open_bus
from persistence.database import Database, Urls
from resolvers.context import Services
from resolvers.report_facts import Progress
from resolvers.worker import Worker
from tests.history import judging
from tests.make_context import make_services

LEASE = timedelta(seconds=1)
_write = resolvers.report_writing.write_prism


def run(url: str, fatal: Stage) -> None:
    async def write(services: Services, report: Report, told: Progress) -> Written:
        async def tell(stage: Stage, progress: float) -> None:
            await told(stage, progress)
            if stage is fatal:
                os.kill(os.getpid(), signal.SIGKILL)

        return await _write(services, report, tell)

    resolvers.report_writing.write_prism = write
    asyncio.run(_work(url))


async def _work(url: str) -> None:
    database = Database(Urls(owner=url, app=url))
    async with open_bus("memory://", database) as bus:
        await Worker(judging(make_services(database, bus)), 1, LEASE).run(asyncio.Event())
