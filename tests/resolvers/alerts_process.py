"""A worker in a process of its own that is killed amid a check.

The kernel ends it without a word after it has noted what the first check came to, and before it commits that.
"""

import asyncio
import os
import signal
from datetime import datetime, timedelta

import persistence.insights.alert_changes
from domain.insights.alerts import Alert, AlertState, ChangeKind
from domain.jobs import JobKind
from persistence.bus import open_bus
from persistence.database import Database, Urls, Writing
from resolvers.alert_checks import check_alerts
from resolvers.worker import Worker
from tests.make_context import make_services

LEASE = timedelta(seconds=1)


def die_amid() -> None:
    noted = persistence.insights.alert_changes.append

    async def append(db: Writing, alert: Alert, before: AlertState, kind: ChangeKind) -> None:
        await noted(db, alert, before, kind)
        os.kill(os.getpid(), signal.SIGKILL)

    persistence.insights.alert_changes.append = append


def run(url: str, at: datetime) -> None:
    die_amid()
    asyncio.run(_work(url, at))


async def _work(url: str, at: datetime) -> None:
    database = Database(Urls(owner=url, app=url))
    async with open_bus("memory://", database) as bus:
        services = make_services(database, bus, now=at)
        await Worker(services, 1, LEASE, {JobKind.CHECK_ALERTS: check_alerts}).run(asyncio.Event())
