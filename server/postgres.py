"""Where PostgreSQL is: the embedded one of the data directory, or another's."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

from persistence.database import Urls
from persistence.embedded import Cluster, ensure_running, keep_running
from persistence.migrate import SchemaStatus, migrate, status
from persistence.postgres_server import ADMIN
from persistence.sql_walls import put_up
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
            cluster = await join(settings.data_dir)
            stack.push_async_callback(asyncio.to_thread, cluster.close)
            await stack.enter_async_context(_watched(cluster))
            await put_up(cluster.url(ADMIN))
            urls = Urls(cluster.url("goalarc_owner"), cluster.url(APP_ROLE))
            if migrated:
                await migrate(urls)
        yield urls


async def join(data_dir: Path) -> Cluster:
    """A share in the embedded database, to be closed; a cancelled start (ctrl-C) still gives it back.

    Raises EmbeddedError.
    """
    # No task: asyncio.run cancels every one when it is interrupted.
    start = asyncio.get_running_loop().run_in_executor(None, ensure_running, data_dir)
    try:
        return await asyncio.shield(start)
    except asyncio.CancelledError:
        await asyncio.to_thread((await start).close)
        raise


@asynccontextmanager
async def _watched(cluster: Cluster) -> AsyncGenerator[None]:
    watch = asyncio.create_task(keep_running(cluster))
    try:
        yield
    finally:
        watch.cancel()
        with suppress(asyncio.CancelledError):
            await watch
