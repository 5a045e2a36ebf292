"""A worker in a process of its own that is killed amid what is due at a time.

The kernel ends it without a word after it has asked for two reports, and before it commits them.
"""

import asyncio
import os
import signal
from datetime import datetime, timedelta

import persistence.report_schedules
from domain.jobs import JobKind
from domain.report_schedules import ReportSchedule, Step
from domain.reports.records import ReportId
from persistence.bus import open_bus
from persistence.database import Database, Urls, Writing
from resolvers.report_schedules import run_schedules
from resolvers.worker import Worker
from tests.history import judging
from tests.make_context import make_services

LEASE = timedelta(seconds=1)


def die_amid() -> None:
    noted, left = persistence.report_schedules.advance, [2]

    async def advance(db: Writing, schedule: ReportSchedule, step: Step, report_id: ReportId | None) -> None:
        await noted(db, schedule, step, report_id)
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    persistence.report_schedules.advance = advance


def run(url: str, at: datetime) -> None:
    die_amid()
    asyncio.run(_work(url, at))


async def _work(url: str, at: datetime) -> None:
    database = Database(Urls(owner=url, app=url))
    async with open_bus("memory://", database) as bus:
        services = judging(make_services(database, bus), at)
        await Worker(services, 1, LEASE, {JobKind.RUN_SCHEDULES: run_schedules}).run(asyncio.Event())
