"""What one process holds open: the database (its own or another's), the bus, the background worker."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime

from domain.judging.rule_judge import RuleJudge
from persistence.bus import open_bus
from persistence.database import Database, Urls
from persistence.embedded import Cluster, ensure_running, keep_running
from persistence.migrate import SchemaStatus, migrate, status
from resolvers.context import Services
from resolvers.worker import run_worker
from server.settings import Settings

APP_ROLE = "goalarc_app"


class NotMigrated(Exception):
    """An external database has another schema than this version; it migrates only when told."""

    def __init__(self, found: SchemaStatus) -> None:
        super().__init__(
            f"the database has schema {found.current or 'none'}, this version needs {found.newest}:"
            " run `goalarc db migrate`"
        )


@asynccontextmanager
async def open_urls(settings: Settings, migrated: bool = True) -> AsyncGenerator[Urls]:
    """Where PostgreSQL is, for as long as the block runs; starts the embedded one and keeps it running.

    With `migrated` the schema is the newest: the embedded database is brought there, an external one checked.
    """
    async with AsyncExitStack() as stack:
        if settings.database_url is not None:
            urls = Urls(settings.database_url, settings.database_url, APP_ROLE)
            if migrated and not (found := await status(urls)).up_to_date:
                raise NotMigrated(found)
        else:
            cluster = await asyncio.to_thread(ensure_running, settings.data_dir)
            stack.push_async_callback(asyncio.to_thread, cluster.close)
            await stack.enter_async_context(_watched(cluster))
            urls = Urls(cluster.url("goalarc_owner"), cluster.url(APP_ROLE))
            if migrated:
                await migrate(urls)
        yield urls


@asynccontextmanager
async def _watched(cluster: Cluster) -> AsyncGenerator[None]:
    watch = asyncio.create_task(keep_running(cluster))
    try:
        yield
    finally:
        watch.cancel()
        with suppress(asyncio.CancelledError):
            await watch


@asynccontextmanager
async def open_services(settings: Settings, urls: Urls) -> AsyncGenerator[Services]:
    """The services of a process that serves or works; `settings.bus_url` decides who hears its wake-ups."""
    async with AsyncExitStack() as stack:
        database = Database(urls)
        stack.push_async_callback(database.close)
        bus = await stack.enter_async_context(open_bus(settings.bus_url, database))
        yield Services(database, bus, RuleJudge(), lambda: datetime.now(UTC))


@asynccontextmanager
async def working(services: Services, concurrency: int) -> AsyncGenerator[None]:
    """Runs background jobs beside the block; leaving it lets running jobs finish or hands them back."""
    stop = asyncio.Event()
    worker = asyncio.create_task(run_worker(services, concurrency, stop))
    try:
        yield
    finally:
        stop.set()
        await worker
